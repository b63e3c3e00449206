/* bench_cores.c -- what one thread alone does of a step, and a model of a step on more cores.
 *
 *      t(P) = A + sum over the loops of a step of m(P)         Amdahl: at most t(1) / (A + (t(1) - A) / P)
 *
 *      A      seconds outside of all parallel loops: draw, resource term, logits, what lies between the loops
 *      m(P)   a loop's units, of the seconds that each has taken, given in order to whichever of P cores is free first
 *
 * So m(P) is no less than the loop's longest unit, and a loop of one unit is as serial as what is outside. Measured on
 * one thread, and of several steps the quickest time of everything, since one interruption makes a unit the longest.
 * The model knows nothing of what cores share, bandwidth and a cache, nor of what it costs to begin a loop.
 */
#include "bench_cores.h"

enum { UNITS_MOST = 1 << 18, LOOPS_MOST = 1 << 13 }; /* of a step */

static double lesser(double a, double b)
{
    return a < b ? a : b;
}

/* When the last of the units is over, on so many cores. */
static double end_of_loop(const double *seconds, int units, int cores)
{
    double busy[1 << (SNAS_BENCH_CORES - 1)] = {0}, end = 0.0;
    for (int unit = 0; unit < units; unit++) {
        int first = 0; /* to be free */
        for (int core = 1; core < cores; core++) {
            first = busy[core] < busy[first] ? core : first;
        }
        busy[first] += seconds[unit];
        end = busy[first] > end ? busy[first] : end;
    }
    return end;
}

/* The loop that ends stands where that of the steps before stands. */
static bool has_place(const bench_cores *cores, int units)
{
    if (cores->steps > 0) {
        return cores->loop < cores->loop_count && cores->units[cores->loop] == units;
    }
    return cores->loop < LOOPS_MOST && cores->unit + units <= UNITS_MOST;
}

static void add_loop(void *context, int units, double all)
{
    bench_cores *cores = context;
    cores->fits = cores->fits && has_place(cores, units);
    cores->in_loops += all;
    if (!cores->fits) {
        return;
    }
    double *seconds = cores->seconds + cores->unit;
    for (int i = 0; i < units; i++) {
        const double now = cores->watcher.seconds[i];
        seconds[i] = cores->steps == 0 ? now : lesser(now, seconds[i]);
    }
    cores->units[cores->loop++] = units;
    cores->unit += units;
}

snas_status bench_cores_begin(snas_arena *mem, bench_cores *cores)
{
    *cores = (bench_cores){.watcher = {.room = UNITS_MOST, .ended = add_loop, .context = cores}, .fits = true};
    SNAS_NEW(mem, cores->watcher.seconds, UNITS_MOST);
    SNAS_NEW(mem, cores->seconds, UNITS_MOST);
    SNAS_NEW(mem, cores->units, LOOPS_MOST);
    snas_team_watch(&cores->watcher);
    return SNAS_OK;
}

void bench_cores_step(bench_cores *cores, double seconds)
{
    const double alone = seconds - cores->in_loops;
    cores->alone_s = cores->steps == 0 ? alone : lesser(alone, cores->alone_s);
    cores->loop_count = cores->loop;
    cores->loop = cores->unit = 0;
    cores->in_loops = 0.0;
    cores->steps++;
}

void bench_cores_end(const bench_cores *cores, snas_bench_cores *out)
{
    snas_team_watch(NULL);
    *out = (snas_bench_cores){.known = cores->fits, .alone_s = cores->alone_s, .loops = cores->loop_count};
    for (int k = 0; k < SNAS_BENCH_CORES; k++) {
        const double *seconds = cores->seconds;
        out->step_s[k] = cores->alone_s;
        for (int loop = 0; loop < cores->loop_count; loop++) {
            out->step_s[k] += end_of_loop(seconds, cores->units[loop], 1 << k);
            seconds += cores->units[loop];
        }
        out->most[k] = out->step_s[0] / (cores->alone_s + (out->step_s[0] - cores->alone_s) / (1 << k));
    }
}
