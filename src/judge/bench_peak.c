/* bench_peak.c -- how many multiply-adds a second the processor can do: the best of several tries of milliseconds. */
#include "bench_peak.h"

#include <math.h>

#include "snas/base/clock.h"
#include "snas/kernel/sets.h"

enum { TRIES = 30, FIRST_ROUNDS = 64 };
static const double try_s = 0.003, giga = 1e9;

typedef struct {
    const snas_kernel_set *set;
    int64_t rounds;
} peak_try;

static void run_peak(void *context, int unit, int thread)
{
    (void)thread;
    const peak_try *each = context;
    float keep = (float)unit;
    (void)each->set->peak(each->rounds, &keep);
}

/* The shortest of a few times of `rounds` on one thread: a machine with other work does not make it too short. */
static double time_rounds(const snas_kernel_set *set, int64_t rounds, int64_t *operations)
{
    double best = HUGE_VAL;
    for (int i = 0; i < TRIES; i++) {
        float keep = 0.0f;
        const double started = snas_clock_seconds();
        *operations = set->peak(rounds, &keep);
        best = fmin(best, snas_clock_seconds() - started);
    }
    return best;
}

double judge_peak_gflops(const snas_team *team, const char *kernels)
{
    peak_try each = {.set = snas_kernel_set_widest(kernels), .rounds = FIRST_ROUNDS};
    int64_t operations;
    double best = 0.0;
    const double first = time_rounds(each.set, each.rounds, &operations);
    each.rounds = 1 + (int64_t)(FIRST_ROUNDS * try_s / first);
    const double all = (double)operations * (double)each.rounds / FIRST_ROUNDS * team->threads;
    for (int i = 0; i < TRIES; i++) {
        const double started = snas_clock_seconds();
        snas_team_run(team, team->threads, run_peak, &each);
        best = fmax(best, all / (snas_clock_seconds() - started) / giga);
    }
    return best;
}
