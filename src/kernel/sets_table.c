/* sets_table.c -- the rows of fused kernels, best first, and what each asks of the processor. */
#include "snas/kernel/sets.h"

extern const snas_kernel *const kernel_set_avx512_16[SNAS_OP_COUNT];
extern const snas_kernel *const kernel_set_avx512_8[SNAS_OP_COUNT];
extern const snas_kernel *const kernel_set_avx2_8[SNAS_OP_COUNT];
extern const snas_kernel *const kernel_set_baseline_4[SNAS_OP_COUNT];

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("fma");
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_baseline(void)
{
    return true;
}

const snas_kernel_set snas_kernel_sets[] = {
    {.name = "avx512",                .width = 16, .runs = has_avx512, .kernels = kernel_set_avx512_16},
    {.name = "avx512",             .width = 8, .runs = has_avx512, .kernels = kernel_set_avx512_8},
    {.name = "avx2",                               .width = 8, .runs = has_avx2, .kernels = kernel_set_avx2_8},
    {.name = "baseline",         .width = 4, .runs = has_baseline, .kernels = kernel_set_baseline_4},
    {.name = NULL},
};
