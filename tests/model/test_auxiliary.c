/* test_auxiliary.c -- the auxiliary classifier and the ImageNet stem: slopes, fused kernels, evaluation without the
 * head.
 *
 * The judge of gradients is the central difference of loss + weight * auxiliary loss in double precision.
 */
#include <string.h>

#include "check.h"
#include "snas/base/arena.h"
#include "snas/base/rng.h"
#include "snas/kernel/sets.h"
#include "snas/model/network.h"

enum { BATCH = 3, CELLS = 3, CLASSES = 5 };
static const double WEIGHT = 0.4;
static const double STEP = 1e-8;            /* of central differences: a larger one meets kinks of relus */
static const double TOLERANCE = 1e-6;       /* relative; a wrong term is off by 1e-2 and more */
static const double FLOAT_TOLERANCE = 2e-5; /* of all numbers as one; a wrong term: 1e-2 */

/** What network: side fits the stem's head. */
typedef struct {
    const char *name, *genotype;
    snas_stem stem;
    int side, channels;
    double auxiliary;
} choice;

static const choice CIFAR = {"child with auxiliary classifier", "SNAS_mild", SNAS_STEM_CIFAR, 32, 4, WEIGHT};
static const choice IMAGENET = {"child after the ImageNet stem", "DARTS_V2", SNAS_STEM_IMAGENET, 64, 6, 0.0};
static const choice IMAGENET_HEAD = {
    "ImageNet child with auxiliary classifier", "DARTS_V1", SNAS_STEM_IMAGENET, 224, 4, WEIGHT};

typedef struct {
    snas_arena *mem;
    snas_team team;
    snas_network *network;
    snas_batch batch;
    snas_outcome outcome;
    int labels[BATCH];
    bool f64;
} fixture;

static snas_network_spec spec_of(const choice *c, snas_genotype *genotype)
{
    return (snas_network_spec){.space = snas_space_find("darts"),
                               .genotype = genotype,
                               .channels = c->channels,
                               .cells = CELLS,
                               .classes = CLASSES,
                               .side = c->side,
                               .stem = c->stem,
                               .auxiliary = c->auxiliary};
}

static snas_network_options options_of(bool training, bool f64, const char *kernels)
{
    return (snas_network_options){.batch = BATCH,
                                  .training = training,
                                  .dtype = f64 ? SNAS_F64 : SNAS_F32,
                                  .kernels = kernels,
                                  .norm_momentum = 0.1,
                                  .norm_eps = 1e-5};
}

static void make(fixture *f, const choice *c, bool training, const char *kernels, uint64_t seed)
{
    snas_genotype genotype;
    const bool f64 = kernels == NULL;
    *f = (fixture){.team = snas_team_make(1), .f64 = f64};
    assert_ok(snas_arena_create("test", 0, &f->mem));
    assert_ok(snas_genotype_load(f->mem, c->genotype, &genotype));
    const snas_network_spec spec = spec_of(c, &genotype);
    const snas_network_options options = options_of(training, f64, f64 ? "plain" : kernels);
    assert_ok(snas_network_create(f->mem, &f->team, &spec, &options, &f->network));
    snas_network_init(f->network, seed);
    const int64_t size = (int64_t)BATCH * c->side * c->side * 3;
    double *images = snas_arena_take(f->mem, (size_t)size, sizeof *images);
    float *images_f32 = snas_arena_take(f->mem, (size_t)size, sizeof *images_f32);
    assert_non_null(images);
    assert_non_null(images_f32);
    snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, 0);
    for (int64_t i = 0; i < size; i++) {
        images_f32[i] = (float)snas_rng_normal(&rng);
        images[i] = (double)images_f32[i];
    }
    for (int i = 0; i < BATCH; i++) {
        f->labels[i] = i % CLASSES;
    }
    f->batch = (snas_batch){
        .count = BATCH, .images = f64 ? (const void *)images : images_f32, .labels = f->labels, .label_smoothing = 0.1};
}

static void unmake(fixture *f)
{
    snas_arena_destroy(f->mem);
}

/** loss + weight * auxiliary loss. */
static double total(fixture *f, double weight)
{
    snas_network_forward(f->network, &f->batch, SNAS_MODE_TRAIN, &f->outcome);
    return f->outcome.loss + weight * f->outcome.auxiliary_loss;
}

static double *doubles(fixture *f, const void *from, int64_t count)
{
    double *to = snas_arena_take(f->mem, (size_t)count, sizeof *to);
    assert_non_null(to);
    for (int64_t i = 0; i < count; i++) {
        to[i] = f->f64 ? ((const double *)from)[i] : (double)((const float *)from)[i];
    }
    return to;
}

/* --- slopes ------------------------------------------------------------------------------------------------------- */

static void assert_slope(const choice *c)
{
    fixture f;
    make(&f, c, true, NULL, 3);
    const int64_t count = snas_network_weight_count(f.network);
    double *at = snas_network_weights(f.network), slope = 0.0, sides[2];
    total(&f, c->auxiliary);
    snas_network_backward(f.network, &f.batch, NULL);
    const double *g = snas_network_gradients(f.network);
    const double *kept = doubles(&f, at, count);
    double *d = snas_arena_take(f.mem, (size_t)count, sizeof *d);
    assert_non_null(d);
    snas_rng rng = snas_rng_at(2, SNAS_STREAM_TEST, 0);
    for (int64_t i = 0; i < count; i++) {
        d[i] = snas_rng_normal(&rng);
        slope += d[i] * g[i];
    }
    for (int s = 0; s < 2; s++) {
        for (int64_t i = 0; i < count; i++) {
            at[i] = kept[i] + (s == 0 ? STEP : -STEP) * d[i];
        }
        sides[s] = total(&f, c->auxiliary);
    }
    const double wanted = (sides[0] - sides[1]) / (2 * STEP);
    if (!(fabs(slope - wanted) <= TOLERANCE * fabs(wanted)) || fabs(wanted) < 1e-3) {
        fail_msg("%s: slope %.12g, central difference %.12g", c->name, slope, wanted);
    }
    unmake(&f);
}

static void gradients_with_the_auxiliary_classifier_match_central_differences(void **state)
{
    (void)state;
    assert_slope(&CIFAR);
}

static void gradients_behind_the_imagenet_stem_match_central_differences(void **state)
{
    (void)state;
    assert_slope(&IMAGENET);
}

/* --- fused kernels ------------------------------------------------------------------------------------------------ */

static double distance(const double *a, const double *b, int64_t count)
{
    double difference = 0.0, size = 0.0;
    for (int64_t i = 0; i < count; i++) {
        difference += (a[i] - b[i]) * (a[i] - b[i]);
        size += b[i] * b[i];
    }
    return sqrt(difference / (size + 1e-30));
}

/** How far one training step in float lies from the one in double: the largest of its measures. */
static double step_distance(const choice *c, const char *kernels, uint64_t seed)
{
    fixture got, truth;
    make(&truth, c, true, NULL, seed);
    make(&got, c, true, kernels, seed);
    fixture *both[2] = {&got, &truth};
    double *gradient[2], *logits[2], *buffers[2], losses[2];
    const int64_t weights = snas_network_weight_count(truth.network);
    const int64_t values = snas_network_buffer_values(truth.network);
    for (int i = 0; i < 2; i++) {
        fixture *f = both[i];
        losses[i] = total(f, c->auxiliary);
        snas_network_backward(f->network, &f->batch, NULL);
        gradient[i] = doubles(f, snas_network_gradients(f->network), weights);
        logits[i] = doubles(f, snas_network_logits(f->network), (int64_t)BATCH * CLASSES);
        buffers[i] = doubles(f, snas_network_buffers(f->network), values);
    }
    const double measures[] = {fabs(losses[0] - losses[1]), distance(gradient[0], gradient[1], weights),
                               distance(logits[0], logits[1], (int64_t)BATCH * CLASSES),
                               distance(buffers[0], buffers[1], values)};
    double worst = 0.0;
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++) {
        worst = fmax(worst, measures[i]);
    }
    unmake(&got);
    unmake(&truth);
    return worst;
}

/** The best of a few draws of the weights: a kink moves one draw, a wrong formula all of them. */
static void assert_fused(const choice *c, uint64_t draws)
{
    for (int i = 0; snas_kernel_sets[i].name != NULL; i++) {
        const snas_kernel_set *set = &snas_kernel_sets[i];
        if (!set->runs() || (i > 0 && strcmp(set->name, set[-1].name) == 0)) {
            continue;
        }
        double best = 1.0;
        for (uint64_t seed = 0; seed < draws && best > FLOAT_TOLERANCE; seed++) {
            best = fmin(best, step_distance(c, set->name, seed));
        }
        if (!(best <= FLOAT_TOLERANCE)) {
            fail_msg("%s, %s: off by %g", c->name, set->name, best);
        }
    }
}

static void fused_kernels_agree_with_the_plain_ones(void **state)
{
    (void)state;
    assert_fused(&CIFAR, 4);
    assert_fused(&IMAGENET, 4);
}

/* --- what the head leaves alone ----------------------------------------------------------------------------------- */

/* Tensors of the training network, loaded into one for evaluation, which has no head. */
static void evaluation_runs_without_the_auxiliary_classifier(void **state)
{
    (void)state;
    fixture training, plain;
    make(&training, &CIFAR, true, "baseline", 3);
    make(&plain, &CIFAR, false, "baseline", 4);
    total(&training, WEIGHT);
    assert_true(training.outcome.auxiliary_loss > 0.0);
    snas_named_tensor *tensors =
        snas_arena_take(training.mem, (size_t)snas_network_tensor_count(training.network), sizeof *tensors);
    assert_non_null(tensors);
    assert_ok(snas_network_tensors(training.mem, training.network, "", tensors));
    const snas_tensor_file file = {.tensors = tensors, .count = snas_network_tensor_count(training.network)};
    const char *first;
    int heads = 0;
    for (int i = 0; i < file.count; i++) {
        heads += strncmp(tensors[i].name, "auxiliary_head.", 15) == 0;
    }
    assert_int_equal(heads, 2 + 2 * 5 + 2);
    assert_ok(snas_network_load(plain.network, &file, "", true));
    assert_int_equal(snas_network_unexpected(plain.network, &file, "", &first), 0);
    assert_null(first);
    snas_outcome outcome;
    snas_network_forward(training.network, &training.batch, SNAS_MODE_EVALUATE, &training.outcome);
    snas_network_forward(plain.network, &plain.batch, SNAS_MODE_EVALUATE, &outcome);
    assert_true(training.outcome.auxiliary_loss == 0.0);
    assert_true(outcome.loss == training.outcome.loss);
    assert_memory_equal(snas_network_logits(training.network), snas_network_logits(plain.network),
                        (size_t)BATCH * CLASSES * sizeof(float));
    unmake(&training);
    unmake(&plain);
}

/* The head adds to gradients, nothing to what a step reports of the network. */
static void the_reported_loss_and_logits_are_those_of_the_network_alone(void **state)
{
    (void)state;
    fixture with, without;
    choice bare = CIFAR;
    bare.auxiliary = 0.0;
    make(&with, &CIFAR, true, NULL, 3);
    make(&without, &bare, true, NULL, 4);
    const int count = snas_network_tensor_count(with.network);
    snas_named_tensor *tensors = snas_arena_take(with.mem, (size_t)count, sizeof *tensors);
    assert_non_null(tensors);
    assert_ok(snas_network_tensors(with.mem, with.network, "", tensors));
    const snas_tensor_file file = {.tensors = tensors, .count = count};
    assert_ok(snas_network_load(without.network, &file, "", true));
    total(&with, WEIGHT);
    total(&without, 0.0);
    assert_true(with.outcome.loss == without.outcome.loss);
    assert_int_equal(with.outcome.correct, without.outcome.correct);
    assert_true(without.outcome.auxiliary_loss == 0.0);
    assert_memory_equal(snas_network_logits(with.network), snas_network_logits(without.network),
                        (size_t)BATCH * CLASSES * sizeof(double));
    unmake(&with);
    unmake(&without);
}

/* --- refused ------------------------------------------------------------------------------------------------------ */

static void networks_whose_ends_do_not_fit_are_refused_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        snas_stem stem;
        int side;
        double auxiliary;
        const char *part;
    } rows[] = {
        {SNAS_STEM_CIFAR, 16, 0.4, "needs features of 8 x 8, those of pictures of 16 x 16 are 4"},
        {SNAS_STEM_CIFAR, 30, 0.0, "cannot be halved twice"},
        {SNAS_STEM_CIFAR, 32, -1.0, "weight of the auxiliary classifier"},
        {SNAS_STEM_IMAGENET, 192, 0.4, "needs features of 7 x 7, those of pictures of 192 x 192"},
        {SNAS_STEM_IMAGENET, 112, 0.0, "cannot be halved five times: the side must be a multiple of"},
        {SNAS_STEM_IMAGENET, 16, 0.0, "at least 32"},
    };
    snas_arena *mem;
    snas_genotype genotype;
    snas_count count;
    assert_ok(snas_arena_create("test", 0, &mem));
    assert_ok(snas_genotype_load(mem, "DARTS_V2", &genotype));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        choice c = CIFAR;
        c.stem = rows[i].stem;
        c.side = rows[i].side;
        c.auxiliary = rows[i].auxiliary;
        const snas_network_spec spec = spec_of(&c, &genotype);
        assert_fails(snas_network_count(mem, &spec, &count, NULL), SNAS_E_USAGE, rows[i].part);
    }
    snas_arena_destroy(mem);
}

static void every_parameter_behind_the_imagenet_ends_has_its_published_name(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "stem0.0.weight",
        "stem0.1.weight",
        "stem0.1.bias",
        "stem0.3.weight",
        "stem0.4.weight",
        "stem0.4.bias",
        "stem1.1.weight",
        "stem1.2.weight",
        "stem1.2.bias",
        "cells.0.preprocess0.conv_1.weight",
        "auxiliary_head.features.2.weight",
        "auxiliary_head.features.3.weight",
        "auxiliary_head.features.3.bias",
        "auxiliary_head.features.5.weight",
        "auxiliary_head.classifier.weight",
        "auxiliary_head.classifier.bias",
        "classifier.weight",
        "classifier.bias",
    };
    fixture f;
    make(&f, &IMAGENET_HEAD, true, "baseline", 3);
    size_t found = 0;
    for (int i = 0; i < snas_network_parameter_count(f.network); i++) {
        const char *name = snas_network_parameter(f.network, i)->name;
        if (found < sizeof wanted / sizeof wanted[0] && strcmp(name, wanted[found]) == 0) {
            found++;
        } else if (strncmp(name, "cells.", 6) != 0) {
            fail_msg("'%s' stands where '%s' should", name, wanted[found]);
        }
    }
    assert_int_equal(found, sizeof wanted / sizeof wanted[0]);
    total(&f, WEIGHT);
    assert_true(f.outcome.auxiliary_loss > 0.0);
    snas_network_backward(f.network, &f.batch, NULL);
    unmake(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_with_the_auxiliary_classifier_match_central_differences),
        cmocka_unit_test(gradients_behind_the_imagenet_stem_match_central_differences),
        cmocka_unit_test(fused_kernels_agree_with_the_plain_ones),
        cmocka_unit_test(evaluation_runs_without_the_auxiliary_classifier),
        cmocka_unit_test(the_reported_loss_and_logits_are_those_of_the_network_alone),
        cmocka_unit_test(networks_whose_ends_do_not_fit_are_refused_with_a_sentence),
        cmocka_unit_test(every_parameter_behind_the_imagenet_ends_has_its_published_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
