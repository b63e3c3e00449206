/* bench_peak.h -- how many multiply-adds a second the processor can do. */
#ifndef SNAS_JUDGE_BENCH_PEAK_H
#define SNAS_JUDGE_BENCH_PEAK_H

#include "snas/tensor/team.h"

/** GFLOP/s of multiply-adds in registers, on all threads at once, by the widest vectors of a kernel set. */
double judge_peak_gflops(const snas_team *team, const char *kernels);

#endif
