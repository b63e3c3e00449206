/* watch.h -- what the outside sees of a loop and how it stops one: progress lines and the stop flag. */
#ifndef SNAS_RUN_WATCH_H
#define SNAS_RUN_WATCH_H

#include "snas/run/run.h"

typedef struct {
    const snas_run_options *options;
    snas_progress at;    /* what the next line will say; seconds are filled by run_watch_tell */
    double started;      /* clock when this process started */
    int64_t steps_taken; /* training steps of this process */
} run_watch;

run_watch run_watch_make(const snas_run_options *options);

/** Send `watch->at` to options->progress, when there is one. */
void run_watch_tell(run_watch *watch);

/** Begin another phase of `steps` steps: names it, and starts its running means at nothing. */
void run_watch_phase(run_watch *watch, const char *phase, int64_t steps);

/** True when the run has to stop: options->stop is set, or options->stop_after_steps are taken. */
bool run_watch_stopped(const run_watch *watch);

#endif
