/* A network of 8-bit numbers: near to the one of single precision, its scales as documented. */
#include <string.h>

#include "c_int8.h"
#include "plan_fixture.h"

/* The network, calibrated on its own picture, which is of bytes here. */
static void quantise(const char *architecture, fixture *f, uint8_t *pixels, c_bench *bench, c_int8 *net)
{
    c_measured measured;
    make(architecture, SNAS_C_INT8, f);
    f->subject.child =
        (snas_child){.classes = CLASSES, .side = SIDE, .mean = {0.5f, 0.4f, 0.3f}, .deviation = {0.25f, 0.2f, 0.3f}};
    for (int i = 0; i < PIXELS; i++) {
        pixels[i] = (uint8_t)(128 + 127 * sin(0.1 * i));
        f->picture[i] = ((float)pixels[i] / 255.0f - f->subject.child.mean[i % 3]) / f->subject.child.deviation[i % 3];
    }
    assert_ok(c_measured_make(mem, &f->layers, &f->plan, &measured));
    assert_ok(c_bench_make(mem, &f->plan, bench));
    c_measure(&measured, f->picture, bench);
    assert_ok(c_int8_make(mem, &f->subject, &f->layers, &f->plan, bench->ranges, net));
}

static void logits_are_near_to_those_of_single_precision(void **state)
{
    (void)state;
    for (size_t a = 0; a < sizeof ARCHITECTURES / sizeof ARCHITECTURES[0]; a++) {
        fixture f;
        c_bench bench;
        c_int8 net;
        uint8_t pixels[PIXELS];
        int8_t logits[CLASSES];
        float found[CLASSES];
        quantise(ARCHITECTURES[a], &f, pixels, &bench, &net);
        assert_ok(c_int8_run(mem, &net, pixels, logits));
        const export_scale scale = c_int8_scale(&net, f.layers.outline.logits);
        for (int k = 0; k < CLASSES; k++) {
            found[k] = scale.scale * (float)(logits[k] - scale.zero);
        }
        assert_near(distance(&f, found), 0.0, 0.02); /* 0.005 at most as this is written */
    }
}

static void what_all_readers_rectify_spends_nothing_below_zero(void **state)
{
    (void)state;
    fixture f;
    c_bench bench;
    c_int8 net;
    uint8_t pixels[PIXELS];
    quantise("DARTS_V2", &f, pixels, &bench, &net);
    int rectified = 0, others = 0;
    for (int i = 0; i < f.plan.step_count; i++) {
        const snas_c_step *step = &f.plan.steps[i];
        const int root = snas_c_plan_root(&f.plan, step->y);
        if (net.scales[root].zero == -128 && bench.ranges[root].least < 0.0f) {
            rectified++;
        }
        others += net.scales[root].zero > -128;
    }
    assert_true(rectified > 5 && others > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(logits_are_near_to_those_of_single_precision, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(what_all_readers_rectify_spends_nothing_below_zero, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
