/* watch.c -- what the outside sees of a loop and how it stops one: progress lines and the stop flag. */
#include "snas/learn/watch.h"

#include "snas/base/clock.h"
#include "snas/comm/comm.h"

snas_watch snas_watch_make(const snas_run_options *options)
{
    return (snas_watch){.options = options, .started = snas_clock_seconds()};
}

void snas_watch_tell(snas_watch *watch)
{
    if (watch->options->progress == NULL) {
        return;
    }
    watch->at.seconds = snas_clock_seconds() - watch->started;
    watch->options->progress(watch->options->context, &watch->at);
}

void snas_watch_phase(snas_watch *watch, const char *phase, int64_t steps)
{
    watch->at.phase = phase;
    watch->at.step = 0;
    watch->at.steps = steps;
    watch->at.loss = 0.0;
    watch->at.accuracy = 0.0;
}

/* Asked for, and not any more. */
static bool take_save(const snas_run_options *options)
{
    if (options->save == NULL || *options->save == 0) {
        return false;
    }
    *options->save = 0;
    return true;
}

bool snas_watch_stopped(snas_watch *watch)
{
    const snas_run_options *options = watch->options;
    const bool enough = options->stop_after_steps > 0 && watch->steps_taken >= options->stop_after_steps;
    if (snas_comm_ranks() == 1) {
        return (options->stop != NULL && *options->stop != 0) || enough;
    }
    int wishes[] = {options->stop != NULL ? (int)*options->stop : 0, take_save(options)};
    snas_comm_most(wishes, 2);
    watch->saves |= wishes[1] != 0;
    if (options->stop != NULL && wishes[0] != 0) {
        *options->stop = wishes[0]; /* one signal for all: the exit code names it */
    }
    return wishes[0] != 0 || enough;
}

bool snas_watch_saves(snas_watch *watch)
{
    if (snas_comm_ranks() == 1) {
        return take_save(watch->options);
    }
    const bool saves = watch->saves;
    watch->saves = false;
    return saves;
}
