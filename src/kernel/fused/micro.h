/* micro.h -- the innermost loops: each keeps its sums in registers and knows nothing of networks.
 *
 * Row-major matrices, ld* in floats; column counts are whole vectors.
 */
#ifndef SNAS_KERNEL_MICRO_H
#define SNAS_KERNEL_MICRO_H

#include "vec.h"

/** C[rows, n] = A[rows, k] B[k, n],  ldb = n. */
typedef struct {
    int rows, k, n, lda, ldc;
} micro_product;
void SNAS_SET(micro_multiply)(const micro_product *p, const float *a, const float *b, float *c);

/** C[k, n] += A[rows, k]^T B[rows, n],  lda >= k, ldb = ldc = n; k a multiple of 4. */
void SNAS_SET(micro_outer)(const micro_product *p, const float *a, const float *b, float *c);

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

#endif
