/* bench_many.h -- what several processes exchange in a step, and how long a step would take with other numbers of them.
 */
#ifndef SNAS_JUDGE_BENCH_MANY_H
#define SNAS_JUDGE_BENCH_MANY_H

#include "snas/comm/comm.h"
#include "snas/judge/bench.h"

/** Of `steps` steps that took `seconds` in all, since the traffic was `before`. */
void bench_traffic_measure(const snas_comm_traffic *before, int steps, double seconds, snas_bench_traffic *out);

/** Measure the network between this process and a neighbour, and fill the model from the finished figures and the table
 *  of kernels. Nothing to do for one process. */
void bench_model_make(snas_benched *out);

#endif
