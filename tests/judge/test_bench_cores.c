/* test_bench_cores.c -- the model of a step on more cores, of loops whose units have known times. */
#include "arena_fixture.h"
#include "bench_cores.h"
#include "check.h"

static const double tolerance = 1e-12;

/* A loop of the step that is watched. */
static void add(bench_cores *cores, const double *seconds, int units, double all)
{
    for (int unit = 0; unit < units; unit++) {
        cores->watcher.seconds[unit] = seconds[unit];
    }
    cores->watcher.ended(cores->watcher.context, units, all);
}

static void a_step_is_what_is_alone_and_the_longest_thread_of_each_loop(void **state)
{
    (void)state;
    static const double even[] = {1.0, 1.0, 1.0, 1.0}, uneven[] = {1.0, 3.0, 1.0, 1.0}, slow[] = {9.0, 9.0, 9.0, 9.0};
    bench_cores cores;
    snas_bench_cores out;
    assert_ok(bench_cores_begin(mem, &cores));
    add(&cores, slow, 4, 36.0); /* a step that was held up */
    add(&cores, uneven, 4, 6.0);
    bench_cores_step(&cores, 50.0);
    add(&cores, even, 4, 4.0);
    add(&cores, uneven, 4, 6.0);
    bench_cores_step(&cores, 10.5);
    bench_cores_end(&cores, &out);
    assert_true(out.known);
    assert_int_equal(out.loops, 2);
    assert_near(out.alone_s, 0.5, tolerance);
    static const double steps[] = {10.5, 0.5 + 2.0 + 3.0, 0.5 + 1.0 + 3.0, 0.5 + 1.0 + 3.0};
    for (int k = 0; k < 4; k++) {
        assert_near(out.step_s[k], steps[k], tolerance);
        assert_near(out.most[k], 10.5 / (0.5 + 10.0 / (1 << k)), tolerance);
    }
}

static void steps_with_other_loops_give_no_model(void **state)
{
    (void)state;
    static const double seconds[] = {1.0, 1.0};
    bench_cores cores;
    snas_bench_cores out;
    assert_ok(bench_cores_begin(mem, &cores));
    add(&cores, seconds, 2, 2.0);
    bench_cores_step(&cores, 2.0);
    add(&cores, seconds, 1, 1.0);
    bench_cores_step(&cores, 1.0);
    bench_cores_end(&cores, &out);
    assert_false(out.known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_step_is_what_is_alone_and_the_longest_thread_of_each_loop, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(steps_with_other_loops_give_no_model, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
