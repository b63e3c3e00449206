/* sets.h -- the fused kernels, once an instruction set and vector length, and which of them this processor runs. */
#ifndef SNAS_KERNEL_SETS_H
#define SNAS_KERNEL_SETS_H

#include "snas/kernel/operation.h"

/** One row: the fused operations (NULL elsewhere), built for one instruction set and vector length. */
typedef struct {
    const char *name;                        /* "baseline", "avx2", "avx512" */
    int width;                               /* floats a vector */
    bool (*runs)(void);                      /* does this processor have it */
    const snas_operation *const *operations; /* [SNAS_OP_COUNT] */
    /** `rounds` of multiply-adds that touch registers only: the upper bound of this set's speed. Returns the
     *  floating-point operations done; *keep receives their sum, so that the compiler cannot remove them. */
    int64_t (*peak)(int64_t rounds, float *keep);
} snas_kernel_set;

/** All rows, best first; ends with name NULL. Rows of one name differ in width. */
extern const snas_kernel_set snas_kernel_sets[];

/** The name to use: `wanted`, or the best that runs when `wanted` is NULL or empty. "plain" is allowed: no fused
 *  kernels. SNAS_E_USAGE with what there is when the name is unknown or this processor lacks it. */
SNAS_MUST_CHECK snas_status snas_kernel_set_choose(const char *wanted, const char **name);

/** The kernel of `kind` for vectors of `channels` in the sets of that name: the width that takes the fewest
 *  vectors, the smaller of equals. NULL when the name is "plain". */
const snas_kernel *snas_kernel_find(const char *name, snas_op_kind kind, int channels);

/** The row of that name with the longest vectors; for "plain" of the best set that runs here. */
const snas_kernel_set *snas_kernel_set_widest(const char *name);

/** The best set of this processor: "avx512". */
const char *snas_kernel_set_name(void);

#endif
