/* set.c -- the fused kernels of this build as one row. */
#include "snas/kernel/sets.h"
#include "vec.h"

extern const snas_kernel SNAS_SET(kernel_separable), SNAS_SET(kernel_dense), SNAS_SET(kernel_node),
    SNAS_SET(kernel_max_pooled), SNAS_SET(kernel_avg_pooled);
extern const snas_kernel *const SNAS_SET(kernel_set)[SNAS_OP_COUNT];

const snas_kernel *const SNAS_SET(kernel_set)[SNAS_OP_COUNT] = {
    [SNAS_OP_SEPARABLE] = &SNAS_SET(kernel_separable),
    [SNAS_OP_DENSE] = &SNAS_SET(kernel_dense),
    [SNAS_OP_NODE] = &SNAS_SET(kernel_node),
    [SNAS_OP_MAX_POOLED] = &SNAS_SET(kernel_max_pooled),
    [SNAS_OP_AVG_POOLED] = &SNAS_SET(kernel_avg_pooled),
};
