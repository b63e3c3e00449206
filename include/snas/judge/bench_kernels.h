/* bench_kernels.h -- measures every fused kernel alone, on one thread: near, on one picture that stays in the cache,
 * and far, on many pictures that do not.
 */
#ifndef SNAS_JUDGE_BENCH_KERNELS_H
#define SNAS_JUDGE_BENCH_KERNELS_H

#include <stdint.h>

#include "snas/base/arena.h"

enum { SNAS_NEAR, SNAS_FAR, SNAS_DISTANCES };

typedef struct {
    const char *kernels; /* the kernel set; NULL: the best */
    int pictures;        /* far, at least 1 */
    int rounds;          /* at least 1; the median counts */
} snas_bench_kernels_options;

/** A kernel at one size. Shares are of the peak: 2 macs a picture forward, 4 backward; 0 where macs is. */
typedef struct {
    const char *kernel, *window; /* the operation's name; "3x3", "5x5 dil" */
    int channels, side;
    int64_t macs; /* a picture, forward; 0: the kernel has no products */
    struct {
        double forward_s, backward_s; /* a picture */
        double forward_share, backward_share;
    } at[SNAS_DISTANCES];
} snas_kernel_row;

/** Everything in the arena or for ever. */
typedef struct {
    const char *kernel_set;
    int pictures;
    double peak_gflops; /* of one thread */
    const snas_kernel_row *rows;
    int row_count;
} snas_kernels_benched;

SNAS_MUST_CHECK snas_status snas_bench_kernels(snas_arena *mem, const snas_bench_kernels_options *options,
                                               snas_kernels_benched *out);

#endif
