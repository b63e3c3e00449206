/* test_numbers.c -- numbers that a network must not hold: found by name, refused in a file, never a right answer. */
#include "check.h"

#include <string.h>

#include "snas/base/rng.h"
#include "snas/kernel/sets.h"
#include "snas/model/network.h"

enum { SIDE = 8, BATCH = 4, CLASSES = 3, PIXELS = BATCH * SIDE * SIDE * 3 };

typedef struct {
    snas_arena *mem;
    snas_genotype genotype;
    snas_network *network;
} fixture;

/* A child of DARTS_V2 with initial weights, whose logits are ordinary. */
static fixture make(const char *kernels)
{
    static const snas_team ONE = {.threads = 1};
    fixture f;
    assert_ok(snas_arena_create("test", 0, &f.mem));
    assert_ok(snas_genotype_load(f.mem, "DARTS_V2", &f.genotype));
    const snas_network_spec spec = {.space = f.genotype.space,
                                    .genotype = &f.genotype,
                                    .channels = 4,
                                    .cells = 3,
                                    .classes = CLASSES,
                                    .side = SIDE,
                                    .affine = true};
    const snas_network_options options = {.batch = BATCH, .kernels = kernels, .norm_momentum = 0.1, .norm_eps = 1e-5};
    assert_ok(snas_network_create(f.mem, &ONE, &spec, &options, &f.network));
    snas_network_init(f.network, 3);
    return f;
}

/* The place of element i of the parameter or running statistic of that name. */
static float *number(const snas_network *n, const char *name, int64_t i)
{
    for (int p = 0; p < snas_network_parameter_count(n); p++) {
        if (strcmp(snas_network_parameter(n, p)->name, name) == 0) {
            return (float *)snas_network_weights(n) + snas_network_parameter(n, p)->first + i;
        }
    }
    for (int p = 0; p < snas_network_buffer_count(n); p++) {
        if (strcmp(snas_network_buffer(n, p)->name, name) == 0) {
            return (float *)snas_network_buffers(n) + snas_network_buffer(n, p)->first + i;
        }
    }
    fail_msg("the network has no '%s'", name);
    return NULL;
}

/* One number, and the sentence that refuses it. */
static const struct {
    const char *name;
    float value;
    const char *part;
} DAMAGES[] = {
    {"stem.0.weight", NAN, "tensor 'stem.0.weight' holds nan in place 1, allowed are finite numbers"},
    {"classifier.bias", -INFINITY, "tensor 'classifier.bias' holds -inf in place 1"},
    {"cells.1.preprocess0.op.2.running_mean", INFINITY, "'cells.1.preprocess0.op.2.running_mean' holds inf"},
    {"stem.1.running_var", NAN, "'stem.1.running_var' holds nan"},
    {"stem.1.running_var", -0.5f, "'stem.1.running_var' holds -0.5 in place 1, allowed are numbers from 0"},
    {"cells.0._ops.0.op.3.running_var", -1e-9f, "running_var' holds -1e-09 in place 1, allowed are numbers from 0"},
};
enum { DAMAGE_COUNT = sizeof DAMAGES / sizeof DAMAGES[0] };

static void a_number_that_it_must_not_hold_is_named(void **state)
{
    (void)state;
    const fixture f = make("plain");
    assert_ok(snas_network_check_numbers(f.network));
    *number(f.network, "stem.1.running_var", 0) = 0.0f;
    assert_ok(snas_network_check_numbers(f.network));
    for (int i = 0; i < DAMAGE_COUNT; i++) {
        float *at = number(f.network, DAMAGES[i].name, 1);
        const float kept = *at;
        *at = DAMAGES[i].value;
        assert_fails(snas_network_check_numbers(f.network), SNAS_E_NUMERIC, DAMAGES[i].part);
        *at = kept;
    }
    snas_arena_destroy(f.mem);
}

static void a_file_of_such_numbers_is_refused(void **state)
{
    (void)state;
    const fixture from = make("plain"), to = make("plain");
    const int count = snas_network_tensor_count(from.network);
    snas_tensor_file file = {.tensors = snas_arena_take(from.mem, (size_t)count, sizeof *file.tensors), .count = count};
    assert_ok(snas_network_tensors(from.mem, from.network, "", file.tensors));
    assert_ok(snas_network_load(to.network, &file, "", true));
    for (int i = 0; i < DAMAGE_COUNT; i++) {
        float *at = number(from.network, DAMAGES[i].name, 1);
        const float kept = *at;
        *at = DAMAGES[i].value;
        assert_fails(snas_network_load(to.network, &file, "", true), SNAS_E_NUMERIC, DAMAGES[i].part);
        *at = kept;
    }
    static double beyond[CLASSES] = {0.0, 1e300, 0.0}; /* finite, but not as a float */
    for (int i = 0; i < count; i++) {
        if (strcmp(file.tensors[i].name, "classifier.bias") == 0) {
            file.tensors[i].dtype = SNAS_F64;
            file.tensors[i].data = beyond;
        }
    }
    assert_fails(snas_network_load(to.network, &file, "", true), SNAS_E_NUMERIC, "'classifier.bias' holds inf");
    snas_arena_destroy(from.mem);
    snas_arena_destroy(to.mem);
}

static snas_outcome answer_looking(const fixture *f, int label, bool looks_inside)
{
    float images[PIXELS];
    int labels[BATCH];
    snas_outcome outcome;
    snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < PIXELS; i++) {
        images[i] = (float)snas_rng_normal(&rng);
    }
    for (int i = 0; i < BATCH; i++) {
        labels[i] = label;
    }
    const snas_batch batch = {.count = BATCH, .images = images, .labels = labels, .looks_inside = looks_inside};
    snas_network_forward(f->network, &batch, SNAS_MODE_EVALUATE, &outcome);
    return outcome;
}

static snas_outcome answer(const fixture *f, int label)
{
    return answer_looking(f, label, false);
}

/* One logit that is none makes all of a picture's worthless; so does a picture that went through such a norm. */
static void check_answers(const char *kernels)
{
    static const struct {
        const char *name;
        float value;
    } causes[] = {{"stem.0.weight", NAN},         {"stem.1.running_var", -0.5f},
                  {"classifier.bias", NAN},       {"classifier.bias", INFINITY},
                  {"classifier.bias", -INFINITY}, {"cells.2.preprocess1.op.2.bias", NAN}};
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        const fixture f = make(kernels);
        assert_int_equal(answer(&f, 0).not_finite, 0);
        *number(f.network, causes[i].name, 1) = causes[i].value;
        for (int label = 0; label < CLASSES; label++) {
            const snas_outcome outcome = answer(&f, label);
            if (outcome.correct != 0 || outcome.correct_top5 != 0 || outcome.not_finite != BATCH) {
                fail_msg("%s, '%s' %g, label %d: %d right, %d among five, %d not finite", kernels, causes[i].name,
                         (double)causes[i].value, label, outcome.correct, outcome.correct_top5, outcome.not_finite);
            }
        }
        snas_arena_destroy(f.mem);
    }
}

/* A parameter or running statistic whose first numbers are too large: minus infinity, of which a rectifier makes 0. */
static void check_overflows(const char *kernels)
{
    static const struct {
        const char *name;
        int count;
        float value;
    } causes[] = {{"cells.0.preprocess0.op.1.weight", 4, -3e38f}, /* a convolution's output */
                  {"stem.1.running_mean", 1, 3e38f},              /* a norm's, which no memory holds */
                  {"cells.0.preprocess1.op.2.running_mean", 1, 3e38f}};
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        const fixture f = make(kernels);
        assert_int_equal(answer_looking(&f, 0, true).overflows, 0);
        *number(f.network, "stem.1.weight", 0) = 2.0f;
        *number(f.network, "cells.0.preprocess1.op.2.weight", 0) = 2.0f;
        assert_int_equal(answer_looking(&f, 0, true).overflows, 0);
        for (int k = 0; k < causes[i].count; k++) {
            *number(f.network, causes[i].name, k) = causes[i].value;
        }
        const snas_outcome seen = answer_looking(&f, 0, true), unseen = answer_looking(&f, 0, false);
        if (seen.not_finite != 0 || seen.overflows != BATCH || unseen.overflows != 0) {
            fail_msg("%s, '%s': of %d pictures %d logits not finite, %d overflow; %d where nobody looks", kernels,
                     causes[i].name, BATCH, seen.not_finite, seen.overflows, unseen.overflows);
        }
        snas_arena_destroy(f.mem);
    }
}

static void an_overflow_that_no_logit_shows_is_seen(void **state)
{
    (void)state;
    check_overflows("plain");
    for (const snas_kernel_set *set = snas_kernel_sets; set->name != NULL; set++) {
        if (set->runs()) {
            check_overflows(set->name);
        }
    }
}

static void an_answer_that_is_no_number_is_never_right(void **state)
{
    (void)state;
    check_answers("plain");
    for (const snas_kernel_set *set = snas_kernel_sets; set->name != NULL; set++) {
        if (set->runs()) {
            check_answers(set->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_that_it_must_not_hold_is_named),
        cmocka_unit_test(a_file_of_such_numbers_is_refused),
        cmocka_unit_test(an_answer_that_is_no_number_is_never_right),
        cmocka_unit_test(an_overflow_that_no_logit_shows_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
