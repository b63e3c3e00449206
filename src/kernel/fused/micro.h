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

/** A window moving over a plane of pixels with `c` channels (whole vectors). */
typedef struct {
    int rows, columns; /* of taps */
    int c;
    int pixels;       /* output pixels of a row */
    int step;         /* floats between the plane's pixels of neighbouring outputs */
    int tap, tap_row; /* floats between neighbouring taps, and between rows of taps */
} micro_window;

/** out[i, c] = sum_taps w[tap, c] plane[i * step + tap, c]   for one row of outputs. */
void SNAS_SET(micro_depthwise)(const micro_window *w, const float *plane, const float *weights,
                               float *out);

/** dw[tap, c] += sum_i d[i, c] plane[i * step + tap, c]      for one row of outputs. */
void SNAS_SET(micro_depthwise_weights)(const micro_window *w, const float *plane, const float *d,
                                       float *dw);

#endif
