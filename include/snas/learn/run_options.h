/* run_options.h -- what a caller passes to a run beside its config: folder, threads, how to stop it, progress
 * callbacks. */
#ifndef SNAS_LEARN_RUN_OPTIONS_H
#define SNAS_LEARN_RUN_OPTIONS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "snas/learn/metrics_row.h"
#include "snas/tensor/team.h"

/** The state of a loop, for a progress line. Reported after every step and evaluation batch. */
typedef struct {
    const char *phase;     /* "search", "validate", "child", "rank", "train", "test", "average", "recalibrate" */
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
    const char *kernels;         /* NULL: best; see network.h */
    volatile sig_atomic_t *stop; /* non-zero: save at the next step boundary and return SNAS_E_INTERRUPTED */
    volatile sig_atomic_t *save; /* non-zero: write a checkpoint at the next step boundary and go on; reset to 0 */
    /** The loop sets it to 1 once it checks `stop`: until then nothing can be saved, and the process may be ended at
     *  once; may be NULL. */
    volatile sig_atomic_t *listens;
    void (*progress)(void *context, const snas_progress *progress); /* may be NULL */
    void (*epoch)(void *context, const snas_metrics_row *row);      /* the figures of a finished epoch; may be NULL */
    void *context;
    int64_t stop_after_steps; /* tests: behave as if interrupted after so many steps of this process; 0 never */
} snas_run_options;

#endif
