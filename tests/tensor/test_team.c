/* test_team.c -- every unit is run once, by a thread of the team, whatever their numbers. */
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "processors.h"
#include "snas/base/rng.h"
#include "snas/base/thread.h"
#include "snas/tensor/team.h"

enum { UNITS_MAX = 1000, THREADS_MAX = 8 };

typedef struct {
    atomic_int runs[UNITS_MAX];
    atomic_int inside[THREADS_MAX]; /* bodies running now under this thread's number */
    int threads;
    atomic_int faults;
    double results[UNITS_MAX];
} work;

static void body(void *context, int unit, int thread)
{
    work *w = context;
    if (thread < 0 || thread >= w->threads || atomic_fetch_add(&w->inside[thread], 1) != 0) {
        atomic_fetch_add(&w->faults, 1);
    }
    atomic_fetch_add(&w->runs[unit], 1);
    snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, (uint64_t)unit);
    for (int i = 0; i < 100; i++) {
        w->results[unit] += snas_rng_normal(&rng);
    }
    atomic_fetch_sub(&w->inside[thread], 1);
}

/* The same without work. */
static void short_body(void *context, int unit, int thread)
{
    work *w = context;
    if (thread < 0 || thread >= w->threads || atomic_fetch_add(&w->inside[thread], 1) != 0) {
        atomic_fetch_add(&w->faults, 1);
    }
    atomic_fetch_add(&w->runs[unit], 1);
    atomic_fetch_sub(&w->inside[thread], 1);
}

static void every_unit_is_run_exactly_once(void **state)
{
    (void)state;
    static const int UNITS[] = {0, 1, 2, 7, UNITS_MAX};
    for (int threads = 1; threads <= THREADS_MAX; threads++) {
        const snas_team team = snas_team_make(threads);
        assert_int_equal(team.threads, threads);
        for (size_t u = 0; u < sizeof UNITS / sizeof UNITS[0]; u++) {
            static work w;
            memset(&w, 0, sizeof w);
            w.threads = threads;
            snas_team_run(&team, UNITS[u], body, &w);
            assert_int_equal(w.faults, 0);
            for (int i = 0; i < UNITS_MAX; i++) {
                assert_int_equal(w.runs[i], i < UNITS[u] ? 1 : 0);
            }
        }
    }
}

static void results_do_not_depend_on_the_number_of_threads(void **state)
{
    (void)state;
    static work one, many;
    for (int threads = 1; threads <= THREADS_MAX; threads++) {
        memset(&many, 0, sizeof many);
        many.threads = threads;
        const snas_team team = snas_team_make(threads);
        snas_team_run(&team, UNITS_MAX, body, &many);
        if (threads == 1) {
            memcpy(one.results, many.results, sizeof one.results);
        }
        assert_memory_equal(one.results, many.results, sizeof one.results);
    }
}

static void seen_threads(void *context, int unit, int thread)
{
    atomic_int *meeting = context;
    (void)unit;
    (void)thread;
    atomic_fetch_add(meeting, 1);
    while (atomic_load(meeting) < 2) { /* ends only when two units run at once */
    }
}

static void two_threads_really_run_at_once(void **state)
{
    (void)state;
    atomic_int meeting = 0;
    const snas_team team = snas_team_make(2);
    snas_team_run(&team, 2, seen_threads, &meeting);
    assert_int_equal(meeting, 2);
}

typedef struct {
    atomic_int arrived;
    int threads;
    int thread_of[THREADS_MAX];
} meeting_of_all;

static void meet_all(void *context, int unit, int thread)
{
    meeting_of_all *m = context;
    m->thread_of[unit] = thread;
    atomic_fetch_add(&m->arrived, 1);
    while (atomic_load(&m->arrived) < m->threads) { /* nobody has time for a second unit */
        sched_yield();
    }
}

/* So that what a unit works on stays near the thread that touched it first. */
static void a_unit_is_always_run_by_the_same_thread(void **state)
{
    (void)state;
    for (int threads = 2; threads <= THREADS_MAX; threads += 3) {
        const snas_team team = snas_team_make(threads);
        for (int loop = 0; loop < 20; loop++) {
            meeting_of_all m = {.threads = threads};
            snas_team_run(&team, threads, meet_all, &m);
            for (int unit = 0; unit < threads; unit++) {
                assert_int_equal(m.thread_of[unit], unit);
            }
        }
    }
}

typedef struct {
    int loops, units;
    double seconds, all;
    snas_team_watcher watcher;
} loops_seen;

static void see_loop(void *context, int units, double seconds)
{
    loops_seen *seen = context;
    seen->loops++;
    seen->units = units;
    seen->all = seconds;
    seen->seconds = 0.0;
    for (int unit = 0; unit < units; unit++) {
        seen->seconds += seen->watcher.seconds[unit];
    }
}

static void a_watcher_is_told_of_every_loop_and_unit(void **state)
{
    (void)state;
    static work w;
    double seconds[UNITS_MAX];
    const snas_team team = {.threads = 1};
    memset(&w, 0, sizeof w);
    w.threads = 1;
    loops_seen seen = {.watcher = {.seconds = seconds, .room = 7, .ended = see_loop, .context = &seen}};
    snas_team_watch(&seen.watcher);
    snas_team_run(&team, 7, body, &w);
    assert_int_equal(seen.loops, 1);
    assert_int_equal(seen.units, 7);
    assert_true(0.0 < seen.seconds && seen.seconds <= seen.all);
    snas_team_run(&team, 8, body, &w); /* beyond its room */
    assert_int_equal(seen.loops, 1);
    snas_team_watch(NULL);
    snas_team_run(&team, 7, body, &w);
    assert_int_equal(seen.loops, 1);
    assert_int_equal(w.runs[6], 3);
}

/* Loops of a few units each, one after the other: each helper is late for some of them. */
static void many_short_loops_run_every_unit_once(void **state)
{
    (void)state;
    enum { LOOPS = 3000 };
    for (int threads = 1; threads <= THREADS_MAX; threads++) {
        const snas_team team = snas_team_make(threads);
        static work w;
        memset(&w, 0, sizeof w);
        w.threads = threads;
        for (int loop = 0; loop < LOOPS; loop++) {
            snas_team_run(&team, 2 + loop % 3, short_body, &w);
        }
        assert_int_equal(w.faults, 0);
        for (int i = 0; i < 4; i++) {
            assert_int_equal(w.runs[i], i < 2 ? LOOPS : LOOPS / 3 * (4 - i));
        }
    }
}

typedef struct {
    const snas_team *team;
    work inner[4];
} nest;

static void run_inner(void *context, int unit, int thread)
{
    nest *n = context;
    (void)thread;
    n->inner[unit].threads = 1; /* the thread that runs this unit, and no other */
    snas_team_run(n->team, 50, short_body, &n->inner[unit]);
}

static void loops_within_a_loop_have_one_thread(void **state)
{
    (void)state;
    for (int threads = 1; threads <= THREADS_MAX; threads++) {
        const snas_team team = snas_team_make(threads);
        static nest n;
        memset(&n, 0, sizeof n);
        n.team = &team;
        snas_team_run(&team, 4, run_inner, &n);
        for (int unit = 0; unit < 4; unit++) {
            assert_int_equal(n.inner[unit].faults, 0);
            for (int i = 0; i < UNITS_MAX; i++) {
                assert_int_equal(n.inner[unit].runs[i], i < 50 ? 1 : 0);
            }
        }
    }
}

static void *run_loops(void *context)
{
    const snas_team team = snas_team_make(4);
    for (int loop = 0; loop < 500; loop++) {
        snas_team_run(&team, 4, short_body, context);
    }
    return NULL;
}

static void loops_of_two_callers_do_not_meet(void **state)
{
    (void)state;
    static work mine, other;
    pthread_t thread;
    memset(&mine, 0, sizeof mine);
    memset(&other, 0, sizeof other);
    mine.threads = other.threads = 4;
    assert_true(snas_thread_start(run_loops, &other, &thread));
    run_loops(&mine);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(mine.faults + other.faults, 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(mine.runs[i], 500);
        assert_int_equal(other.runs[i], 500);
    }
}

/* What a child of this process finds when it runs loops: its exit code, 0 when every unit was run once. */
static int in_a_child(bool (*prepared)(void))
{
    const pid_t child = fork();
    if (child == 0) {
        static work w;
        memset(&w, 0, sizeof w);
        w.threads = 4;
        (void)alarm(60); /* a child that waits for ever ends by a signal */
        if (!prepared()) {
            _exit(2);
        }
        run_loops(&w);
        _exit(w.faults != 0 || w.runs[0] != 500 || w.runs[3] != 500);
    }
    int status = -1;
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool as_it_is(void)
{
    return true;
}

static void a_child_of_the_process_has_threads_of_its_own(void **state)
{
    (void)state;
    if (SANITIZED) {
        skip();
    }
    static work w;
    memset(&w, 0, sizeof w);
    w.threads = 4;
    run_loops(&w); /* now there are helpers, which the child has not */
    assert_int_equal(in_a_child(as_it_is), 0);
}

/* No memory for the stack of another thread. */
static bool without_room(void)
{
    return setrlimit(RLIMIT_AS, &(struct rlimit){.rlim_cur = 4096, .rlim_max = 4096}) == 0;
}

/* The first test: while there was no thread, there is no old stack that a new one could take. */
static void a_thread_that_is_not_given_is_done_without(void **state)
{
    (void)state;
    if (SANITIZED) {
        skip();
    }
    assert_int_equal(in_a_child(without_room), 0);
}

static void zero_asks_for_the_processors_of_this_process(void **state)
{
    (void)state;
    assert_true(snas_processor_count() >= 1);
    assert_int_equal(snas_team_make(0).threads, snas_processor_count());
}

static void quotas_are_read_as_the_kernel_writes_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int count;
    } CASES[] = {{"max 100000\n", 0},    {"200000 100000\n", 2},
                 {"150000 100000\n", 2}, {"50000 100000\n", 1},
                 {"1000 100000\n", 1},   {"", 0},
                 {"200000", 0},          {"200000 0", 0},
                 {"-200000 100000", 0},  {"junk", 0}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        assert_int_equal(tensor_quota_parse(CASES[i].text), CASES[i].count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_that_is_not_given_is_done_without),
        cmocka_unit_test(every_unit_is_run_exactly_once),
        cmocka_unit_test(results_do_not_depend_on_the_number_of_threads),
        cmocka_unit_test(two_threads_really_run_at_once),
        cmocka_unit_test(a_unit_is_always_run_by_the_same_thread),
        cmocka_unit_test(a_watcher_is_told_of_every_loop_and_unit),
        cmocka_unit_test(many_short_loops_run_every_unit_once),
        cmocka_unit_test(loops_within_a_loop_have_one_thread),
        cmocka_unit_test(loops_of_two_callers_do_not_meet),
        cmocka_unit_test(a_child_of_the_process_has_threads_of_its_own),
        cmocka_unit_test(zero_asks_for_the_processors_of_this_process),
        cmocka_unit_test(quotas_are_read_as_the_kernel_writes_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
