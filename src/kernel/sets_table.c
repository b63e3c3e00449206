/* sets_table.c -- the rows of fused kernels, best first, and what each asks of the processor. */
#include "snas/kernel/sets.h"

static bool has_baseline(void)
{
    return true;
}

/* name, floats a vector, what it asks of the processor; built as src/kernel/kernels.cmake says */
#if defined(__x86_64__)

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma");
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

#define SETS(ROW)                                                                                                      \
    ROW(avx512, 16, has_avx512)                                                                                        \
    ROW(avx512, 8, has_avx512)                                                                                         \
    ROW(avx2, 8, has_avx2)                                                                                             \
    ROW(baseline, 4, has_baseline)

#elif defined(__aarch64__)

static bool has_neon(void)
{
    return true; /* of every processor of 64-bit Arm */
}

#define SETS(ROW)                                                                                                      \
    ROW(neon, 4, has_neon)                                                                                             \
    ROW(baseline, 4, has_baseline)

#else
#define SETS(ROW) ROW(baseline, 4, has_baseline)
#endif

#define DECLARE(name_, width_, runs_)                                                                                  \
    extern const snas_operation *const kernel_set_##name_##_##width_[SNAS_OP_COUNT];                                   \
    extern int64_t kernel_peak_##name_##_##width_(int64_t rounds, float *keep);
#define ENTRY(name_, width_, runs_)                                                                                    \
    {.name = #name_,                                                                                                   \
     .width = width_,                                                                                                  \
     .runs = runs_,                                                                                                    \
     .operations = kernel_set_##name_##_##width_,                                                                      \
     .peak = kernel_peak_##name_##_##width_},

SETS(DECLARE)

const snas_kernel_set snas_kernel_sets[] = {SETS(ENTRY){.name = NULL}};
