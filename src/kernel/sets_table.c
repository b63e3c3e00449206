/* sets_table.c -- the rows of fused kernels, best first, and what each asks of the processor. */
#include "snas/kernel/sets.h"

extern const snas_kernel *const kernel_set_avx512_16[SNAS_OP_COUNT];
extern const snas_kernel *const kernel_set_avx512_8[SNAS_OP_COUNT];
extern const snas_kernel *const kernel_set_avx2_8[SNAS_OP_COUNT];
extern const snas_kernel *const kernel_set_baseline_4[SNAS_OP_COUNT];

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma");
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_baseline(void)
{
    return true;
}

#define PEAK(set) extern int64_t kernel_peak_##set(int64_t rounds, float *keep)
PEAK(avx512_16);
PEAK(avx512_8);
PEAK(avx2_8);
PEAK(baseline_4);

#define ROW(name_, width_, runs_)                                                                                      \
    {                                                                                                                  \
        .name = #name_, .width = width_, .runs = runs_, .kernels = kernel_set_##name_##_##width_,                      \
        .peak = kernel_peak_##name_##_##width_                                                                         \
    }

const snas_kernel_set snas_kernel_sets[] = {
    ROW(avx512, 16, has_avx512),
    ROW(avx512, 8, has_avx512),
    ROW(avx2, 8, has_avx2),
    ROW(baseline, 4, has_baseline),
    {.name = NULL},
};
