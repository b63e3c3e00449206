/* bench_cores.h -- what one thread alone does of a step, and how long a step would take on more cores. */
#ifndef SNAS_JUDGE_BENCH_CORES_H
#define SNAS_JUDGE_BENCH_CORES_H

#include "snas/base/arena.h"
#include "snas/judge/bench.h"
#include "snas/tensor/team.h"

/** Keeps the loops of a step while it watches the team; of several steps the quickest time of each unit. */
typedef struct {
    snas_team_watcher watcher;
    double *seconds; /* of all units, loop after loop */
    int *units;      /* of each loop */
    int loop_count;
    int unit, loop; /* where the present step has come to */
    int steps;
    bool fits; /* the steps have the same loops, and there was room */
    double in_loops, alone_s;
} bench_cores;

/** Watch the team's loops from now on. `cores` stays where it is until bench_cores_end. Memory from `mem`. */
SNAS_MUST_CHECK snas_status bench_cores_begin(snas_arena *mem, bench_cores *cores);

/** A step is over that took so long. */
void bench_cores_step(bench_cores *cores, double seconds);

/** Watch no longer. */
void bench_cores_end(const bench_cores *cores, snas_bench_cores *out);

#endif
