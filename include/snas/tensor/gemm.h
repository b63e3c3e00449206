/* gemm.h -- dense matrix products: the only door to BLAS.
 *
 *     C[m,n] = op(A)[m,k] op(B)[k,n] + beta * C           row-major, ld* = elements between rows
 *
 * Called with one thread from inside our own parallel loops. Debian has three flavours of OpenBLAS and the machine
 * decides at run time: snas_blas_start sets each one so that a call uses one thread and calls may run side by side.
 */
#ifndef SNAS_TENSOR_GEMM_H
#define SNAS_TENSOR_GEMM_H

#include <stdbool.h>

#include "snas/base/status.h"

typedef struct {
    bool transpose_a, transpose_b;
    int m, n, k;
    int lda, ldb, ldc;
    bool add; /* beta: true 1, false 0 (C is not read) */
} snas_gemm_shape;

/** Never fails, does not allocate. A product with m, n or k 0 is the empty sum. */
void snas_gemm_f32(const snas_gemm_shape *shape, const float *a, const float *b, float *c);
void snas_gemm_f64(const snas_gemm_shape *shape, const double *a, const double *b, double *c);

/** Prepare BLAS for calls from our own threads and hold a handful of products against plain loops (a millisecond).
 *  SNAS_E_FAILED with the core's name when a product is wrong. Safe to call again. */
SNAS_MUST_CHECK snas_status snas_blas_start(void);

/** "OpenBLAS 0.3.21, pthread, Cooperlake". Borrowed, lives for ever. */
const char *snas_blas_description(void);

#endif
