/* test_latency.c -- times by regions, and the fit of a node's time to its edges. */
#include <math.h>

#include "arena_fixture.h"
#include "check.h"
#include "latency_fit.h"
#include "snas/judge/latency.h"

enum { ROWS = 60, COLUMNS = 5 };

static void a_fit_finds_the_parts_of_exact_sums(void **state)
{
    (void)state;
    const double parts[COLUMNS] = {5.0, 0.0, 2.0, 7.0, 0.5};
    double X[ROWS * COLUMNS], y[ROWS] = {0}, b[COLUMNS];
    for (int r = 0; r < ROWS; r++) {
        for (int j = 0; j < COLUMNS; j++) {
            X[r * COLUMNS + j] = j == 0 ? 1.0 : ((unsigned)r * 2654435761u >> (8 + j) & 1);
            y[r] += X[r * COLUMNS + j] * parts[j];
        }
    }
    assert_ok(judge_latency_fit(mem, X, y, ROWS, COLUMNS, b));
    for (int j = 0; j < COLUMNS; j++) {
        assert_true(fabs(b[j] - parts[j]) < 1e-6);
    }
}

static void a_fit_has_no_negative_part(void **state)
{
    (void)state;
    const double X[] = {1, 0, 1, 1}, y[] = {3, 1};
    double b[2];
    assert_ok(judge_latency_fit(mem, X, y, 2, 2, b));
    assert_true(fabs(b[0] - 2.0) < 1e-9); /* with b[1] = 0 the mean */
    assert_true(fabs(b[1]) < 1e-12);
}

/* Not how long: only what holds on any machine at any load. */
static void assert_sensible(const char *space)
{
    const snas_network_spec child = {
        .space = snas_space_find(space), .channels = 8, .cells = 3, .classes = 10, .side = 16, .affine = true};
    const snas_latency_options options = {.team = {.threads = 1}, .batch = 1, .rounds = 1, .seed = 1};
    const snas_space *s = child.space;
    const int E = snas_space_edge_count(s), K = s->candidate_count;
    snas_latency t;
    snas_latency_trial *trials;
    int64_t large = 0, small = 0;
    assert_ok(snas_latency_measure(mem, &child, &options, &t));
    assert_true(t.stem > 0 && t.classifier > 0);
    const int most = snas_space_candidate(s, s->preprocess ? "sep_conv_5x5" : "nor_conv_3x3");
    const int least = snas_space_candidate(s, "skip_connect");
    for (int i = 0; i < 3 * E; i++) {
        assert_int_equal(t.cost[i * K + snas_space_candidate(s, "none")], 0);
        large += t.cost[i * K + most];
        small += t.cost[i * K + least];
    }
    assert_true(large > small);
    for (int cell = 0; cell < 3; cell++) {
        assert_true(t.cell_fixed[cell] > 0 || !s->preprocess);
    }
    assert_ok(snas_latency_try(mem, &child, &options, 2, &trials));
    assert_true(trials[0].seconds > 0.0 && trials[1].seconds > 0.0);
}

static void a_table_gives_every_place_its_time(void **state)
{
    (void)state;
    assert_sensible("darts");
    assert_sensible("nas-bench-201");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fit_finds_the_parts_of_exact_sums),
        cmocka_unit_test(a_fit_has_no_negative_part),
        cmocka_unit_test(a_table_gives_every_place_its_time),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
