/* latency_trials.h -- children with drawn genotypes, evaluated in turn, round after round. */
#ifndef SNAS_JUDGE_LATENCY_TRIALS_H
#define SNAS_JUDGE_LATENCY_TRIALS_H

#include "snas/judge/latency.h"

/** What is measured of a child. */
typedef struct {
    snas_genotype genotype;
    double *whole;   /* [rounds]: seconds of an evaluation */
    double *regions; /* [rounds][regions]; NULL: not wanted */
} latency_child;

/** Children without times, [count] in `mem`; `regions` 0: whole evaluations only. */
SNAS_MUST_CHECK snas_status judge_latency_children(snas_arena *mem, int count, int rounds, int regions,
                                                   latency_child **out);

/** Evaluate each in every round. */
SNAS_MUST_CHECK snas_status judge_latency_run(const snas_network_spec *spec, const snas_latency_options *options,
                                              latency_child *children, int count);

/** Interquartile range of numbers in order. */
double judge_latency_range(const double *sorted, int count);

#endif
