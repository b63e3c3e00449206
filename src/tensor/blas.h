/* blas.h -- OpenBLAS as it was loaded: its functions by their names without prefix. */
#ifndef SNAS_TENSOR_BLAS_H
#define SNAS_TENSOR_BLAS_H

#include <cblas.h>
#include <stdbool.h>

#include "snas/base/status.h"

typedef struct {
    __typeof__(cblas_sgemm) *sgemm;
    __typeof__(cblas_dgemm) *dgemm;
    __typeof__(openblas_get_parallel) *get_parallel;
    __typeof__(openblas_get_config) *get_config;
    __typeof__(openblas_get_corename) *get_corename;
    /* Not in its header: the buffer that a product takes, and giving it back. NULL where they are missing. */
    void *(*memory_alloc)(int processor);
    void (*memory_free)(void *buffer);
} tensor_blas_functions;

/** Filled by snas_blas_load. */
extern tensor_blas_functions tensor_blas;

/** Is it the flavour that is not built for calls side by side? */
bool tensor_blas_is_serial(void);

/** Load it, and have a buffer for each of `threads` products side by side. SNAS_E_MEMORY when there is no room. */
SNAS_MUST_CHECK snas_status tensor_blas_prepare(int threads);

#endif
