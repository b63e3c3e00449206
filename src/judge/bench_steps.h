/* bench_steps.h -- the kinds of step that can be measured: a task of the loop, and what network it runs. */
#ifndef SNAS_JUDGE_BENCH_STEPS_H
#define SNAS_JUDGE_BENCH_STEPS_H

#include "snas/judge/bench.h"
#include "snas/loop/loop.h"

typedef struct {
    const char *name;           /* "search", "train", "evaluate" */
    const snas_loop_task *task; /* prepare takes the options' genotype as its request */
    bool trains;
} bench_kind;

/** The kind that the options ask for. */
const bench_kind *bench_kind_of(const snas_bench_options *options);

/** Forward passes that a step is worth, a way back counted twice. */
int bench_passes(const snas_config *config, const snas_bench_options *options);

/** Multiply-adds a picture of a forward pass: of a supernet that runs one path those of the mean path, else of all that
 *  `needs` has counted. `mem` is scratch. */
SNAS_MUST_CHECK snas_status bench_macs(snas_arena *mem, const snas_config *config, const snas_network_spec *spec,
                                       int64_t needs, int64_t *out);

/** What network a kind runs, and how. */
snas_network_spec bench_spec(const snas_config *config, const snas_genotype *genotype, const snas_dataset *dataset);
snas_network_options bench_network_options(const snas_config *config, const snas_genotype *genotype,
                                           const snas_run_options *options, bool trains);

#endif
