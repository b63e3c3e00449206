/* study_execute.c -- the runs of a study, so many processes at a time, until none is left or a stop is asked for.
 *
 *      waiting -> in a slot, step by step -> done | failed
 *
 * A slot works on one run until it has ended. Nothing here decides a byte of a run: each depends on its own config, so
 * the order and the number of slots do not matter. A process is looked at every few milliseconds; it costs nothing
 * beside what it does.
 */
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "snas/base/clock.h"
#include "snas/base/file.h"
#include "snas/base/process.h"
#include "snas/base/text.h"
#include "snas/study/results.h"
#include "study_failure.h"
#include "study_steps.h"

enum { SLOTS_MAX = 256, LOOK_NANOSECONDS = 20 * 1000 * 1000 };

typedef enum { WAITING, BUSY, DONE, FAILED } run_state;

typedef struct {
    int run; /* index; -1: free */
    study_step step;
    int threads, epochs_before; /* epochs of the step that others have done */
    long pid;
    double started;      /* the run, by this call */
    double step_started; /* the step */
} slot;

/* What steps of a kind have taken so far: for the estimate. */
typedef struct {
    double seconds;
    int64_t epochs;
} pace;

typedef struct {
    snas_arena *mem;
    const snas_study *study;
    const snas_study_folder *folder;
    const snas_study_options *options;
    const snas_study_run *runs;
    run_state *states;
    int count;
    slot slots[SLOTS_MAX];
    int slot_count;
    pace paces[STUDY_STEPS];
    bool stopping;
    double told;         /* when progress was told last */
    snas_status refused; /* a fault of the study's own, which ends it when the processes have ended */
    snas_fault fault;
} execution;

/* --- how long it will take ---------------------------------------------------------------------------------------- */

/* Seconds that an epoch of the step takes, NaN when nothing is known. */
static double pace_of(const pace paces[STUDY_STEPS], study_step step)
{
    const study_step other = step == STUDY_SEARCH ? STUDY_TRAIN : STUDY_SEARCH;
    const pace *found = paces[step].epochs > 0 ? &paces[step] : &paces[other];
    return found->epochs > 0 ? found->seconds / (double)found->epochs : (double)NAN;
}

/* Epochs of the step that are not done, those of a run in a slot as far as it has come. */
static int epochs_left(execution *x, int run, study_step step)
{
    const snas_study_run *r = &x->runs[run];
    if (step == STUDY_DERIVE || x->states[run] == DONE || x->states[run] == FAILED ||
        !study_has_step(r->variant, step)) {
        return 0;
    }
    const int left = study_step_epochs(r, step) - study_step_epochs_done(x->mem, x->folder, r, step);
    return left > 0 ? left : 0;
}

static double seconds_left(execution *x)
{
    pace paces[STUDY_STEPS];
    const double now = snas_clock_seconds();
    int runs = 0;
    double sum = 0;
    memcpy(paces, x->paces, sizeof paces);
    for (int s = 0; s < x->slot_count; s++) { /* what goes on counts as far as it has come */
        const slot *at = &x->slots[s];
        if (at->run >= 0 && at->step != STUDY_DERIVE) {
            const int done = study_step_epochs_done(x->mem, x->folder, &x->runs[at->run], at->step);
            paces[at->step].epochs += done - at->epochs_before;
            paces[at->step].seconds += done > at->epochs_before ? now - at->step_started : 0;
        }
    }
    for (int i = 0; i < x->count; i++) {
        runs += x->states[i] == WAITING || x->states[i] == BUSY;
        for (int step = 0; step < STUDY_STEPS; step++) {
            const int left = epochs_left(x, i, (study_step)step);
            sum += left > 0 ? left * pace_of(paces, (study_step)step) : 0;
        }
    }
    const int together = runs < x->slot_count ? runs : x->slot_count;
    return together > 0 ? sum / together : 0;
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

static snas_study_event event_of(execution *x, int run, double seconds, const char *fault)
{
    snas_study_event event = {.run = x->runs[run].name, .fault = fault, .seconds = seconds, .all = x->count};
    for (int i = 0; i < x->count; i++) {
        event.done += x->states[i] == DONE;
        event.failed += x->states[i] == FAILED;
    }
    event.left = seconds_left(x);
    return event;
}

/* A fault of the study itself: let what goes on be saved, and end. */
static void refuse(execution *x, snas_status status)
{
    if (status != SNAS_OK && x->refused == SNAS_OK) {
        x->refused = status;
        snas_fault_keep(&x->fault, status);
    }
}

static void save_results(execution *x)
{
    const snas_mark mark = snas_arena_mark(x->mem);
    snas_results results;
    snas_status status = snas_results_gather(x->mem, x->study, x->folder, &results);
    if (status == SNAS_OK) {
        status = snas_results_save(x->mem, &results, x->folder->path);
    }
    snas_arena_release(x->mem, mark);
    refuse(x, status);
}

static void tell_end(execution *x, const slot *at, const char *fault)
{
    const snas_mark mark = snas_arena_mark(x->mem);
    const snas_study_event event = event_of(x, at->run, snas_clock_seconds() - at->started, fault);
    if (x->options->ended != NULL) {
        x->options->ended(x->options->context, &event);
    }
    snas_arena_release(x->mem, mark);
    save_results(x);
}

/* --- slots -------------------------------------------------------------------------------------------------------- */

static void begin_step(execution *x, slot *at, study_step step)
{
    const snas_mark mark = snas_arena_mark(x->mem);
    at->step = step;
    at->step_started = snas_clock_seconds();
    at->epochs_before = step == STUDY_DERIVE ? 0 : study_step_epochs_done(x->mem, x->folder, &x->runs[at->run], step);
    const study_task task = {&x->runs[at->run], step, at->threads};
    const snas_status status = study_start_step(x->mem, x->study, x->folder, &task, &at->pid);
    snas_arena_release(x->mem, mark);
    if (status != SNAS_OK) {
        refuse(x, status);
        x->states[at->run] = WAITING;
        at->run = -1;
    }
}

static void free_slot(execution *x, slot *at, run_state state)
{
    x->states[at->run] = state;
    at->run = -1;
}

static void fail_run(execution *x, slot *at, const snas_process_state *how)
{
    char fault[STUDY_FAILURE_BYTES];
    const slot was = *at;
    study_failure(x->mem, x->folder, &x->runs[at->run], how, fault);
    free_slot(x, at, FAILED);
    tell_end(x, &was, fault);
}

/* The process of the slot has ended. */
static void end_step(execution *x, slot *at, const snas_process_state *how)
{
    const snas_study_run *run = &x->runs[at->run];
    if (how->code != 0 || how->signal != 0) {
        if (x->stopping) {
            free_slot(x, at, WAITING);
        } else {
            fail_run(x, at, how);
        }
        return;
    }
    const snas_mark mark = snas_arena_mark(x->mem);
    x->paces[at->step].seconds += snas_clock_seconds() - at->step_started;
    x->paces[at->step].epochs += study_step_epochs(run, at->step) - at->epochs_before;
    refuse(x, study_end_step(x->mem, x->folder, run, at->step));
    const study_step next = study_next_step(x->mem, x->folder, run);
    snas_arena_release(x->mem, mark);
    study_failure_forget(x->mem, x->folder, run);
    if (next == STUDY_STEPS) {
        const slot was = *at;
        free_slot(x, at, DONE);
        tell_end(x, &was, NULL);
    } else if (x->stopping || x->refused != SNAS_OK) {
        free_slot(x, at, WAITING);
    } else {
        begin_step(x, at, next);
    }
}

static void look(execution *x, slot *at)
{
    snas_process_state how;
    const snas_status status = snas_process_look((pid_t)at->pid, &how);
    if (status != SNAS_OK) {
        refuse(x, status);
        free_slot(x, at, WAITING);
    } else if (how.ended) {
        end_step(x, at, &how);
    }
}

static int next_waiting(const execution *x)
{
    int i = 0;
    while (i < x->count && x->states[i] != WAITING) {
        i++;
    }
    return i < x->count ? i : -1;
}

static void fill_slot(execution *x, slot *at)
{
    const int run = x->stopping || x->refused != SNAS_OK ? -1 : next_waiting(x);
    if (run < 0) {
        return;
    }
    at->run = run;
    at->started = snas_clock_seconds();
    x->states[run] = BUSY;
    begin_step(x, at, study_next_step(x->mem, x->folder, &x->runs[run]));
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static void stop_all(execution *x)
{
    x->stopping = true;
    for (int s = 0; s < x->slot_count; s++) {
        if (x->slots[s].run >= 0) {
            snas_process_stop((pid_t)x->slots[s].pid);
        }
    }
}

static bool is_asked_to_stop(const execution *x)
{
    return (x->options->stop != NULL && *x->options->stop != 0) || x->refused != SNAS_OK;
}

/* A run that goes on, for the line of progress; -1: none does. */
static int busy_run(const execution *x)
{
    for (int s = 0; s < x->slot_count; s++) {
        if (x->slots[s].run >= 0) {
            return x->slots[s].run;
        }
    }
    return -1;
}

static void tell_progress(execution *x)
{
    static const double every = 1.0;
    const int run = busy_run(x);
    const double now = snas_clock_seconds();
    if (run < 0 || x->options->progress == NULL || now - x->told < every) {
        return;
    }
    x->told = now;
    const snas_mark mark = snas_arena_mark(x->mem);
    const snas_study_event event = event_of(x, run, 0, NULL);
    x->options->progress(x->options->context, &event);
    snas_arena_release(x->mem, mark);
}

static void walk(execution *x)
{
    const struct timespec pause = {.tv_nsec = LOOK_NANOSECONDS};
    bool busy = true;
    while (busy) {
        if (!x->stopping && is_asked_to_stop(x)) {
            stop_all(x);
        }
        busy = false;
        for (int s = 0; s < x->slot_count; s++) {
            slot *at = &x->slots[s];
            if (at->run >= 0) {
                look(x, at);
            }
            if (at->run < 0) {
                fill_slot(x, at);
            }
            busy |= at->run >= 0;
        }
        if (busy) {
            tell_progress(x);
            (void)nanosleep(&pause, NULL);
        }
    }
}

/* Threads are divided; the first slots get one more where they do not come out even. */
static void make_slots(execution *x)
{
    const snas_study_options *o = x->options;
    x->slot_count = o->jobs < SLOTS_MAX ? o->jobs : SLOTS_MAX;
    for (int s = 0; s < x->slot_count; s++) {
        const int threads = o->threads / x->slot_count + (s < o->threads % x->slot_count);
        x->slots[s] = (slot){.run = -1, .threads = threads > 0 ? threads : 1};
    }
}

static snas_status conclude(execution *x, snas_study_outcome *out)
{
    snas_text names = snas_text_make(x->mem);
    *out = (snas_study_outcome){.all = x->count, .failures = ""};
    for (int i = 0; i < x->count; i++) {
        out->done += x->states[i] == DONE;
        if (x->states[i] == FAILED) {
            out->failed++;
            snas_text_next(&names, ", ");
            snas_text_add(&names, "%s", x->runs[i].name);
        }
    }
    SNAS_TRY(snas_text_done(&names));
    out->failures = names.size > 0 ? names.data : "";
    if (x->refused != SNAS_OK) {
        return snas_fault_again(&x->fault);
    }
    return x->stopping ? snas_fail(SNAS_E_INTERRUPTED, "stopped, %d of %d runs are done", out->done, out->all)
                       : SNAS_OK;
}

snas_status snas_study_execute(snas_arena *mem, const snas_study *study, const snas_study_folder *folder,
                               const snas_study_options *options, snas_study_outcome *out)
{
    execution *x;
    snas_study_run *runs;
    *out = (snas_study_outcome){.failures = ""};
    SNAS_NEW(mem, x, 1);
    *x = (execution){.mem = mem, .study = study, .folder = folder, .options = options};
    SNAS_TRY(snas_study_runs(mem, study, &runs, &x->count));
    SNAS_NEW(mem, x->states, x->count);
    x->runs = runs;
    for (int i = 0; i < x->count; i++) {
        x->states[i] = study_next_step(mem, folder, &runs[i]) == STUDY_STEPS ? DONE : WAITING;
    }
    make_slots(x);
    if (options->listens != NULL) {
        *options->listens = 1;
    }
    walk(x);
    if (x->stopping && x->refused == SNAS_OK) {
        save_results(x);
    }
    return conclude(x, out);
}
