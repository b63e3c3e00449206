/* The steps of a plan in single precision say what the network says, and the ranges hold what they wrote. */
#include "plan_fixture.h"

static void the_steps_say_what_the_network_says(void **state)
{
    (void)state;
    for (size_t a = 0; a < sizeof ARCHITECTURES / sizeof ARCHITECTURES[0]; a++) {
        for (snas_c_numbers numbers = SNAS_C_FLOAT; numbers <= SNAS_C_INT8; numbers++) {
            fixture f;
            c_measured net;
            c_bench bench;
            make(ARCHITECTURES[a], numbers, &f);
            assert_ok(c_measured_make(mem, &f.layers, &f.plan, &net));
            assert_ok(c_bench_make(mem, &f.plan, &bench));
            c_measure(&net, f.picture, &bench);
            assert_near(distance(&f, bench.logits), 0.0, 1e-5);
        }
    }
}

static void a_plan_of_8_bits_adds_each_node_in_one_step(void **state)
{
    (void)state;
    fixture f;
    make("DARTS_V2", SNAS_C_INT8, &f);
    int sums = 0;
    for (int i = 0; i < f.plan.step_count; i++) {
        const snas_c_step *step = &f.plan.steps[i];
        assert_false(step->add);
        if (step->kind == SNAS_C_SUM) {
            assert_int_equal(snas_c_step_reads(&f.plan, step), 2);
            sums++;
        }
    }
    assert_int_equal(sums, 5 * 4); /* cells, nodes */
    assert_int_equal(f.plan.bytes, f.plan.held);
}

static void ranges_hold_zero_and_all_that_was_written(void **state)
{
    (void)state;
    fixture f;
    c_measured net;
    c_bench bench;
    make("DARTS_V2", SNAS_C_INT8, &f);
    assert_ok(c_measured_make(mem, &f.layers, &f.plan, &net));
    assert_ok(c_bench_make(mem, &f.plan, &bench));
    float least = 0.0f, most = 0.0f;
    for (int picture = 0; picture < 2; picture++) {
        f.picture[5] += (float)picture;
        c_measure(&net, f.picture, &bench);
        for (int k = 0; k < CLASSES; k++) {
            least = fminf(least, bench.logits[k]);
            most = fmaxf(most, bench.logits[k]);
        }
    }
    const c_range *logits = &bench.ranges[f.layers.outline.logits];
    assert_true(logits->least == least && logits->most == most && most > least && !logits->infinite);
    f.picture[0] = INFINITY;
    c_measure(&net, f.picture, &bench);
    assert_true(bench.ranges[snas_c_plan_root(&f.plan, f.plan.steps[0].y)].infinite);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_steps_say_what_the_network_says, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(a_plan_of_8_bits_adds_each_node_in_one_step, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(ranges_hold_zero_and_all_that_was_written, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
