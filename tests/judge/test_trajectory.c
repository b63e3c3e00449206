/* test_trajectory.c -- a trajectory of its own passes `snas verify`, one that is off or none is named. */
#include "verify_fixture.h"

/* The same network as a trajectory. */
#define TRAJECTORY(steps, schedule, more)                                                                              \
    "{\"channels\": 4, \"cells\": 3, \"classes\": 3, \"image\": 8, \"batch\": 2, "                                     \
    "\"temperature\": 0.7, \"resource_lambda\": 0.01, \"log_penalty\": true, \"no_pool_bn\": "                         \
    "false, \"genotype\": null, \"steps\": " steps                                                                     \
    ", \"weights\": {\"rate\": 0.1, \"rate_last\": 0, \"schedule\": " schedule                                         \
    ", \"momentum\": 0.9, \"decay\": 0, \"clip\": 5, \"nesterov\": false}, \"logits\": "                               \
    "{\"rate\": "                                                                                                      \
    "0.01, \"beta1\": 0.5, \"beta2\": 0.999, \"eps\": 1e-8, \"decay\": 0" more "}}"

/* The fixture's case as a trajectory of one step. */
static void lead(fixture *f)
{
    static const int64_t shape[5] = {1, BATCH, 3, SIDE, SIDE};
    snas_named_tensor *images = tensor(f, "input.images");
    images->dims = 5;
    memcpy(images->shape, shape, sizeof shape);
    f->metadata[0].value = TRAJECTORY("1", "\"cosine\"", ", \"clip\": 10");
    f->file.metadata_count = 1;
    add_vector(f, "expect.losses", &f->loss, 1);
    add_vector(f, "expect.losses_float32", &f->loss, 1);
}

static void a_trajectory_of_its_own_passes_and_names_the_step_that_is_off(void **state)
{
    fixture *f = *state;
    snas_verified verified;
    const double own = f->loss + 1e-3;
    lead(f);
    for (int f64 = 0; f64 < 2; f64++) {
        assert_ok(verify(f, f64, &verified));
        assert_true(verified.pass);
        assert_int_equal(verified.trajectory->steps, 1);
        assert_int_equal(verified.trajectory->offender, -1);
        assert_near(verified.trajectory->allowed, 1e-6, 1e-12);
    }
    tensor(f, "expect.losses_float32")->data = &own;
    assert_ok(verify(f, false, &verified));
    assert_near(verified.trajectory->largest_own, 1e-3, 1e-9);
    assert_near(verified.trajectory->allowed, 3e-3, 1e-9);
    const double beyond = HUGE_VAL; /* allows nothing, rather than everything */
    tensor(f, "expect.losses_float32")->data = &beyond;
    assert_ok(verify(f, false, &verified));
    assert_near(verified.trajectory->allowed, 1e-6, 1e-12);
    const double off[] = {f->loss + 2e-6, (double)NAN};
    for (int i = 0; i < 2; i++) {
        tensor(f, "expect.losses")->data = &off[i];
        assert_ok(verify(f, true, &verified));
        assert_false(verified.pass);
        assert_int_equal(verified.trajectory->offender, 0);
    }
}

static void a_trajectory_that_is_none_is_refused_with_a_sentence(void **state)
{
    fixture *f = *state;
    const struct {
        const char *config, *part;
    } configs[] = {
        {TRAJECTORY("0", "\"cosine\"", ", \"clip\": 10"), "'steps' of its config is 0"},
        {TRAJECTORY("1", "\"cosine\"", ""), "no key 'logits.clip'"},
        {TRAJECTORY("1", "\"zigzag\"", ", \"clip\": 10"), "'weights.schedule'"},
        {TRAJECTORY("1", "7", ", \"clip\": 10"), "'weights.schedule'"},
    };
    snas_verified verified;
    lead(f);
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        f->metadata[0].value = configs[i].config;
        assert_fails(verify(f, true, &verified), SNAS_E_DATA, configs[i].part);
    }
    f->metadata[0].value = TRAJECTORY("2", "\"cosine\"", ", \"clip\": 10");
    assert_fails(verify(f, true, &verified), SNAS_E_DATA, "input.images");
    f->metadata[0].value = TRAJECTORY("1", "\"cosine\"", ", \"clip\": 10");
    tensor(f, "expect.losses")->name = "gone";
    assert_fails(verify(f, true, &verified), SNAS_E_DATA, "expect.losses");
    tensor(f, "gone")->name = "expect.losses";
    tensor(f, "input.images")->dims = 4;
    memmove(tensor(f, "input.images")->shape, tensor(f, "input.images")->shape + 1, 4 * sizeof(int64_t));
    assert_fails(verify(f, true, &verified), SNAS_E_DATA, "shape [steps, 2, 3, 8, 8]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_trajectory_of_its_own_passes_and_names_the_step_that_is_off, make, unmake),
        cmocka_unit_test_setup_teardown(a_trajectory_that_is_none_is_refused_with_a_sentence, make, unmake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
