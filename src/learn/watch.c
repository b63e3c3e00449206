/* watch.c -- what the outside sees of a loop and how it stops one: progress lines and the stop flag. */
#include "snas/learn/watch.h"

#include "snas/base/clock.h"

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

bool snas_watch_stopped(const snas_watch *watch)
{
    const snas_run_options *options = watch->options;
    return (options->stop != NULL && *options->stop != 0) ||
           (options->stop_after_steps > 0 && watch->steps_taken >= options->stop_after_steps);
}
