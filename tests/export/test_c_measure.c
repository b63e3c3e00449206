/* The steps of a plan in single precision say what the network says, and the ranges hold what they wrote. */
#include <math.h>

#include "arena_fixture.h"
#include "c_measure.h"
#include "check.h"
#include "snas/learn/child_file.h"
#include "snas/learn/run_network.h"

enum { SIDE = 16, PIXELS = SIDE * SIDE * 3, CLASSES = 5 };

typedef struct {
    snas_team team;
    snas_genotype genotype;
    export_subject subject;
    export_layers layers;
    c_plan plan;
    float picture[PIXELS];
} fixture;

static void make(const char *architecture, c_numbers numbers, fixture *f)
{
    *f = (fixture){.team = snas_team_make(1)};
    assert_ok(snas_genotype_load(mem, architecture, &f->genotype));
    const snas_child child = {.channels = 4, .cells = 5, .classes = CLASSES, .side = SIDE};
    const snas_child_weights weights = {.child = &child, .genotype = &f->genotype};
    const snas_network_spec spec = snas_child_spec(&weights);
    const snas_network_options how = snas_run_network_options(1, 0, false, "plain");
    assert_ok(snas_network_create(mem, &f->team, &spec, &how, &f->subject.network));
    snas_network_init(f->subject.network, 1);
    assert_ok(export_layers_make(mem, &f->subject, EXPORT_NORMS_INTO_POOLS_TOO, &f->layers));
    assert_ok(c_plan_make(mem, &f->layers, numbers, &f->plan));
    for (int i = 0; i < PIXELS; i++) {
        f->picture[i] = (float)sin(0.1 * i);
    }
}

/* The largest difference of the logits, relative to the largest. */
static double distance(const fixture *f, const float *found)
{
    const int label = 0;
    snas_outcome outcome;
    const snas_batch batch = {.count = 1, .images = f->picture, .labels = &label};
    snas_network_forward(f->subject.network, &batch, SNAS_MODE_EVALUATE, &outcome);
    const float *wanted = snas_network_logits(f->subject.network);
    double off = 0.0, largest = 0.0;
    for (int k = 0; k < CLASSES; k++) {
        off = fmax(off, fabs((double)found[k] - (double)wanted[k]));
        largest = fmax(largest, fabs((double)wanted[k]));
    }
    return off / largest;
}

static void the_steps_say_what_the_network_says(void **state)
{
    (void)state;
    static const char *const ARCHITECTURES[] = {"DARTS_V2", "SNAS_aggressive",
                                                "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+"
                                                "|none~0|nor_conv_3x3~1|avg_pool_3x3~2|"};
    for (size_t a = 0; a < sizeof ARCHITECTURES / sizeof ARCHITECTURES[0]; a++) {
        for (c_numbers numbers = C_FLOAT; numbers <= C_INT8; numbers++) {
            fixture f;
            c_measured net;
            c_bench bench;
            make(ARCHITECTURES[a], numbers, &f);
            assert_ok(c_measured_make(mem, &f.plan, &net));
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
    make("DARTS_V2", C_INT8, &f);
    int sums = 0;
    for (int i = 0; i < f.plan.step_count; i++) {
        const c_step *step = &f.plan.steps[i];
        assert_false(step->add);
        if (step->kind == C_SUM) {
            assert_int_equal(c_step_reads(step), 2);
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
    make("DARTS_V2", C_INT8, &f);
    assert_ok(c_measured_make(mem, &f.plan, &net));
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
    const c_range *logits = &bench.ranges[f.layers.logits];
    assert_true(logits->least == least && logits->most == most && most > least && !logits->infinite);
    f.picture[0] = INFINITY;
    c_measure(&net, f.picture, &bench);
    assert_true(bench.ranges[c_plan_root(&f.plan, f.plan.steps[0].y)].infinite);
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
