/* test_team.c -- every unit is run once, by a thread of the team, whatever their numbers. */
#include <stdatomic.h>
#include <string.h>

#include "check.h"
#include "snas/base/rng.h"
#include "snas/tensor/team.h"
#include "team_quota.h"

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
        cmocka_unit_test(every_unit_is_run_exactly_once),
        cmocka_unit_test(results_do_not_depend_on_the_number_of_threads),
        cmocka_unit_test(two_threads_really_run_at_once),
        cmocka_unit_test(zero_asks_for_the_processors_of_this_process),
        cmocka_unit_test(quotas_are_read_as_the_kernel_writes_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
