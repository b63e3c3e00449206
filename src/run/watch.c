/* watch.c -- what the outside sees of a loop and how it stops one: progress lines and the stop flag. */
#include "watch.h"

#include "snas/base/clock.h"

run_watch run_watch_make(const snas_run_options *options)
{
    return (run_watch){.options = options, .started = snas_clock_seconds()};
}

void run_watch_tell(run_watch *watch)
{
    if (watch->options->progress == NULL) {
        return;
    }
    watch->at.seconds = snas_clock_seconds() - watch->started;
    watch->options->progress(watch->options->context, &watch->at);
}

void run_watch_phase(run_watch *watch, const char *phase, int64_t steps)
{
    watch->at.phase = phase;
    watch->at.step = 0;
    watch->at.steps = steps;
    watch->at.loss = 0.0;
    watch->at.accuracy = 0.0;
}

bool run_watch_stopped(const run_watch *watch)
{
    const snas_run_options *options = watch->options;
    return (options->stop != NULL && *options->stop != 0) ||
           (options->stop_after_steps > 0 && watch->steps_taken >= options->stop_after_steps);
}
