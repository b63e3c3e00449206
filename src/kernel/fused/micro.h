/* micro.h -- the innermost loops: each keeps its sums in registers and knows nothing of networks. */
#ifndef SNAS_KERNEL_MICRO_H
#define SNAS_KERNEL_MICRO_H

#include "vec.h"

/** A window moving over some lines of a plane of pixels with `c` channels (whole vectors). */
typedef struct {
    int rows, columns; /* of taps */
    int c;
    int lines, pixels; /* outputs: lines, and pixels a line */
    int step, tap;     /* pixels of the plane between neighbouring outputs of a line, and neighbouring taps */
    int line, tap_row; /* floats of the plane between lines of outputs, and between rows of taps */
    int out_line;      /* floats between lines of out, or of d */
} micro_window;

/** out[y, i, c] = sum_taps w[tap, c] plane[y * line + i * step + tap, c] */
void SNAS_SET(micro_depthwise)(const micro_window *w, const float *plane, const float *weights, float *out);

/** dw[tap, c] += sum_y,i d[y, i, c] plane[y * line + i * step + tap, c] */
void SNAS_SET(micro_depthwise_weights)(const micro_window *w, const float *plane, const float *d, float *dw);

/** What the outputs of a dense convolution read of a plane: `rows` x `columns` runs of consecutive floats each. The
 *  matrix of weights has a row a float of them, in order, of `n` channels (whole vectors). One run and one line: a
 *  plain matrix product. */
typedef struct {
    int rows, columns;      /* of runs */
    int length;             /* floats of a run: the channels of a tap, or of several that lie side by side */
    int tap_row, tap;       /* floats between rows of runs, and between the runs of a row */
    int lines, pixels;      /* outputs: lines, and pixels a line */
    int line, step;         /* floats of the plane between lines of outputs, and between outputs of a line */
    int out_line, out_step; /* the same of out, or of d */
    int n, c;               /* channels of out: padded, and those that are stored */
} micro_runs;

/** out[y, i, j] = sum_a,b,k plane[y line + i step + a tap_row + b tap + k] w[a, b, k, j],  j < c */
void SNAS_SET(micro_convolve)(const micro_runs *w, const float *plane, const float *weights, float *out);

/** dw[a, b, k, j] += sum_y,i plane[y line + i step + a tap_row + b tap + k] d[y, i, j] */
void SNAS_SET(micro_convolve_weights)(const micro_runs *w, const float *plane, const float *d, float *dw);

#endif
