/* watch.h -- how a loop reports its progress and is stopped from outside. */
#ifndef SNAS_LEARN_WATCH_H
#define SNAS_LEARN_WATCH_H

#include "snas/learn/run_options.h"

typedef struct {
    const snas_run_options *options;
    snas_progress at;    /* what the next line will say; seconds are filled by snas_watch_tell */
    double started;      /* clock when this process started */
    int64_t steps_taken; /* training steps of this process */
    bool saves;          /* a process of several was asked for a checkpoint */
} snas_watch;

snas_watch snas_watch_make(const snas_run_options *options);

/** Send `watch->at` to options->progress, when there is one. */
void snas_watch_tell(snas_watch *watch);

/** Begin another phase of `steps` steps: its name, and empty running means. */
void snas_watch_phase(snas_watch *watch, const char *phase, int64_t steps);

/** True when the run has to stop: options->stop is set, or options->stop_after_steps are taken. Of several processes
 *  all ask at the same place, and stop together. */
bool snas_watch_stopped(snas_watch *watch);

/** True once after options->save was set; of several processes when all have asked whether to stop. */
bool snas_watch_saves(snas_watch *watch);

#endif
