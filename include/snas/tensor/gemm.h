/* gemm.h -- dense matrix products, by BLAS; nothing else calls it.
 *
 *     C[m,n] = op(A)[m,k] op(B)[k,n] + beta * C           row-major, ld* = elements between rows
 *
 * Called from inside our own parallel loops: a product uses its caller's thread alone, and products may run side by
 * side. OpenBLAS is loaded when it is first needed.
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

/** After snas_blas_start. Never fails, does not allocate. A product with m, n or k 0 is the empty sum. */
void snas_gemm_f32(const snas_gemm_shape *shape, const float *a, const float *b, float *c);
void snas_gemm_f64(const snas_gemm_shape *shape, const double *a, const double *b, double *c);

/** Load BLAS, prepare it for products by `threads` threads at once, and compare a few products with plain loops (a
 *  millisecond). SNAS_E_MEMORY when its memory cannot be allocated; SNAS_E_FAILED when it cannot be loaded, or, with
 *  the core's name, when a product is wrong. May be called again, for more threads too, but not while products run. */
SNAS_MUST_CHECK snas_status snas_blas_start(int threads);

/** Load BLAS, for its description. */
SNAS_MUST_CHECK snas_status snas_blas_load(void);

/** "OpenBLAS 0.3.21, pthread, Cooperlake"; "not used" until it is loaded. Borrowed, lives for ever. */
const char *snas_blas_description(void);

#endif
