/* run_options.h -- what a caller tells a run beside its config: folder, threads, how to stop it, who hears of progress.
 */
#ifndef SNAS_LEARN_RUN_OPTIONS_H
#define SNAS_LEARN_RUN_OPTIONS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "snas/learn/metrics_row.h"
#include "snas/tensor/team.h"

/** Where a loop stands, for a progress line. Called after every step and evaluation batch; cheap. */
typedef struct {
    const char *phase;     /* "search", "validate", "child", "train", "test", "average", "recalibrate" */
    int epoch, epochs;     /* from 0 */
    int64_t step, steps;   /* of this phase's epoch, from 1 */
    int64_t done, all;     /* training steps of the whole run: for the ETA */
    double loss, accuracy; /* running means of the epoch; accuracy in 0..1 */
    double step_loss;      /* of the last training step alone */
    double seconds;        /* since this process started the loop */
    int64_t done_at_start; /* `done` when this process started */
} snas_progress;

typedef struct {
    const char *folder; /* the run's */
    snas_team team;
    const char *kernels;            /* NULL: best; see network.h */
    volatile sig_atomic_t *stop;    /* non-zero: save at the next step boundary and return SNAS_E_INTERRUPTED */
    volatile sig_atomic_t *save;    /* non-zero: write a checkpoint at the next step boundary and go on; reset to 0 */
    volatile sig_atomic_t *listens; /* the loop sets it to 1 when it looks at `stop` from now on: until then nothing can
                                       be saved, and who wants to stop may leave at once; may be NULL */
    void (*progress)(void *context, const snas_progress *progress); /* may be NULL */
    void (*epoch)(void *context, const snas_metrics_row *row);      /* the figures of a finished epoch; may be NULL */
    void *context;
    int64_t stop_after_steps; /* tests: behave as if interrupted after so many steps of this process; 0 never */
} snas_run_options;

#endif
