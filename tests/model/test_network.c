/* test_network.c -- whole networks: slopes against central differences, sparse against dense, threads, plans. */
#include <string.h>

#include "check.h"
#include "faults.h"
#include "model.h"
#include "snas/base/rng.h"
#include "snas/kernel/sets.h"
#include "snas/model/network.h"

enum { SIDE = 8, BATCH = 4, CELLS = 3, CLASSES = 3, EDGES = 14, CANDIDATES = 8 };
enum { PIXELS = BATCH * SIDE * SIDE * 3, ROW = EDGES * CANDIDATES, ROWS = 2 };

static const double STEP = 1e-8;      /* of central differences: a larger one meets kinks of relus */
static const double TOLERANCE = 1e-6; /* relative; a wrong term is off by 1e-2 and more */

typedef struct {
    snas_arena *mem;
    snas_team team;
    snas_network *network;
    double *images;
    float *images_f32;
    double z[ROWS * ROW], dz[ROWS * ROW];
    int labels[BATCH], row_of_cell[CELLS];
    snas_batch batch;
    snas_outcome outcome;
} fixture;

typedef struct {
    const snas_genotype *genotype;
    const char *space;   /* NULL: darts */
    const char *kernels; /* NULL: plain */
    int threads;
    bool training, f64, affine;
} choice;

static void make(fixture *f, const choice *c)
{
    *f = (fixture){.team = {.threads = c->threads}};
    assert_ok(snas_arena_create("test", 0, &f->mem));
    const char *space = c->space == NULL ? "darts" : c->space;
    const snas_network_spec spec = {.space = snas_space_find(space),
                                    .genotype = c->genotype,
                                    .channels = 4,
                                    .cells = CELLS,
                                    .classes = CLASSES,
                                    .side = SIDE,
                                    .affine = c->affine};
    const snas_network_options options = {.batch = BATCH + 1,
                                          .training = c->training,
                                          .dtype = c->f64 ? SNAS_F64 : SNAS_F32,
                                          .kernels = c->kernels == NULL ? "plain" : c->kernels,
                                          .norm_momentum = 0.1,
                                          .norm_eps = 1e-5};
    assert_ok(snas_network_create(f->mem, &f->team, &spec, &options, &f->network));
    snas_network_init(f->network, 3);
    f->images = snas_arena_take(f->mem, PIXELS, sizeof(double));
    f->images_f32 = snas_arena_take(f->mem, PIXELS, sizeof(float));
    snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < PIXELS; i++) {
        f->images[i] = snas_rng_normal(&rng);
        f->images_f32[i] = (float)f->images[i];
    }
    for (int i = 0; i < ROWS * ROW; i++) {
        f->z[i] = snas_rng_uniform(&rng) / 4;
    }
    for (int i = 0; i < BATCH; i++) {
        f->labels[i] = i % CLASSES;
    }
    for (int i = 0; i < CELLS; i++) {
        f->row_of_cell[i] = snas_space_place(spec.space, i, CELLS, 4).type;
    }
    f->batch = (snas_batch){.count = BATCH,
                            .images = c->f64 ? (const void *)f->images : f->images_f32,
                            .labels = f->labels,
                            .label_smoothing = 0.1,
                            .z = f->z,
                            .row_of_cell = f->row_of_cell,
                            .seed = 11,
                            .step = 2};
}

static void unmake(fixture *f)
{
    snas_arena_destroy(f->mem);
}

static double loss(fixture *f, snas_mode mode)
{
    snas_network_forward(f->network, &f->batch, mode, &f->outcome);
    return f->outcome.loss;
}

static void step(fixture *f)
{
    loss(f, SNAS_MODE_TRAIN);
    snas_network_backward(f->network, &f->batch, f->dz);
}

static size_t weight_bytes(const fixture *f, bool f64)
{
    return (size_t)snas_network_weight_count(f->network) * (f64 ? sizeof(double) : sizeof(float));
}

/* --- slopes ------------------------------------------------------------------------------------------------------- */

/* The gradient g of `count` numbers `at` against the central difference in a random direction. */
static void assert_slope(fixture *f, const char *what, double *at, const double *g, int64_t count)
{
    double *d = snas_arena_take(f->mem, (size_t)count, sizeof *d), slope = 0.0;
    double *kept = snas_arena_take(f->mem, (size_t)count, sizeof *kept), sides[2];
    snas_rng rng = snas_rng_at(2, SNAS_STREAM_TEST, (uint64_t)count);
    for (int64_t i = 0; i < count; i++) {
        d[i] = snas_rng_normal(&rng);
        kept[i] = at[i];
        slope += d[i] * g[i];
    }
    for (int s = 0; s < 2; s++) {
        for (int64_t i = 0; i < count; i++) {
            at[i] = kept[i] + (s == 0 ? STEP : -STEP) * d[i];
        }
        sides[s] = loss(f, SNAS_MODE_TRAIN);
    }
    memcpy(at, kept, (size_t)count * sizeof *kept);
    const double wanted = (sides[0] - sides[1]) / (2 * STEP);
    if (!(fabs(slope - wanted) <= TOLERANCE * fabs(wanted)) || fabs(wanted) < 1e-3) {
        fail_msg("%s: slope %.12g, central difference %.12g", what, slope, wanted);
    }
}

static void assert_slopes(const choice *c, double drop_path)
{
    fixture f;
    make(&f, c);
    f.batch.drop_path = drop_path;
    step(&f);
    const int64_t count = snas_network_weight_count(f.network);
    double *g = snas_arena_take(f.mem, (size_t)count, sizeof *g);
    memcpy(g, snas_network_gradients(f.network), weight_bytes(&f, true));
    assert_slope(&f, "weights", snas_network_weights(f.network), g, count);
    if (c->genotype == NULL) {
        assert_slope(&f, "z", f.z, f.dz, ROWS * ROW);
    }
    unmake(&f);
}

static void gradients_of_a_supernet_match_central_differences(void **state)
{
    (void)state;
    const choice c = {.threads = 1, .training = true, .f64 = true};
    assert_slopes(&c, 0.0);
}

static void gradients_of_an_affine_supernet_match_central_differences(void **state)
{
    (void)state;
    const choice c = {.threads = 2, .training = true, .f64 = true, .affine = true};
    assert_slopes(&c, 0.0);
}

static void gradients_around_residual_blocks_match_central_differences(void **state)
{
    (void)state;
    const choice c = {.space = "nas-bench-201", .threads = 1, .training = true, .f64 = true};
    assert_slopes(&c, 0.0);
    assert_slopes(&c, 0.3);
}

static void gradients_under_drop_path_match_central_differences(void **state)
{
    (void)state;
    const choice c = {.threads = 1, .training = true, .f64 = true};
    assert_slopes(&c, 0.4);
}

static void gradients_of_a_child_match_central_differences(void **state)
{
    (void)state;
    snas_arena *mem;
    snas_genotype genotype;
    assert_ok(snas_arena_create("genotype", 0, &mem));
    assert_ok(snas_genotype_load(mem, "DARTS_V2", &genotype));
    for (int pool_bn = 0; pool_bn < 2; pool_bn++) {
        genotype.pool_bn = pool_bn;
        const choice c = {.genotype = &genotype, .threads = 1, .training = true, .f64 = true};
        assert_slopes(&c, 0.0);
        assert_slopes(&c, 0.3);
    }
    snas_arena_destroy(mem);
}

static void drop_path_changes_the_loss_and_repeats_by_seed_and_step(void **state)
{
    (void)state;
    fixture f;
    make(&f, &(choice){.threads = 1, .training = true, .f64 = true});
    const double dense = loss(&f, SNAS_MODE_TRAIN);
    f.batch.drop_path = 0.4;
    const double dropped = loss(&f, SNAS_MODE_TRAIN);
    assert_true(dropped != dense);
    assert_true(loss(&f, SNAS_MODE_TRAIN) == dropped);
    f.batch.step++;
    assert_true(loss(&f, SNAS_MODE_TRAIN) != dropped);
    const double evaluated = loss(&f, SNAS_MODE_EVALUATE);
    f.batch.drop_path = 0.0;
    assert_true(loss(&f, SNAS_MODE_EVALUATE) == evaluated);
    unmake(&f);
}

static void drop_path_keeps_a_share_and_makes_up_for_the_rest(void **state)
{
    (void)state;
    const double keep = 0.75;
    fixture f;
    int kept = 0, count = 0;
    make(&f, &(choice){.threads = 1, .training = true, .f64 = true});
    f.batch.drop_path = 1.0 - keep;
    for (f.batch.step = 0; f.batch.step < 20; f.batch.step++) {
        loss(&f, SNAS_MODE_TRAIN);
        for (int slot = 0; slot < f.network->program->mask_slots; slot++) {
            for (int i = 0; i < BATCH; i++, count++) {
                const double mask = ((const double *)f.network->masks)[slot * (BATCH + 1) + i];
                assert_true(mask == 0.0 || mask == 1.0 / keep);
                kept += mask > 0.0;
            }
        }
    }
    assert_int_equal(f.network->program->mask_slots, CELLS * EDGES); /* one a mixed edge */
    assert_true(fabs((double)kept / count - keep) < 5 * sqrt(keep * (1 - keep) / count));
    unmake(&f);
}

/* --- ways to the same numbers ------------------------------------------------------------------------------------- */

/* One candidate an edge, `none` among them. */
static void one_hot(fixture *f)
{
    memset(f->z, 0, sizeof f->z);
    for (int e = 0; e < ROWS * EDGES; e++) {
        f->z[e * CANDIDATES + (5 * e + e / 8) % CANDIDATES] = 1.0;
    }
}

/* Of the fixture's next evaluation; `same`: it is promised that the weights have not moved. */
static double evaluated(fixture *f, bool same)
{
    f->batch.same_weights = same;
    return loss(f, SNAS_MODE_EVALUATE);
}

/* Candidate (e + by) mod 8 of edge e. */
static void choose(fixture *f, int by)
{
    memset(f->z, 0, sizeof f->z);
    for (int e = 0; e < ROWS * EDGES; e++) {
        f->z[e * CANDIDATES + (e + by) % CANDIDATES] = 1.0;
    }
}

static void evaluations_with_the_same_weights_prepare_them_once(void **state)
{
    (void)state;
    fixture f;
    const choice c = {.threads = 2, .training = true, .kernels = snas_kernel_set_name()};
    make(&f, &c);
    f.batch.sparse = true;
    float *weights = snas_network_weights(f.network);
    const int64_t count = snas_network_weight_count(f.network);
    double fresh[CANDIDATES];
    for (int by = 0; by < CANDIDATES; by++) {
        choose(&f, by);
        fresh[by] = evaluated(&f, false);
    }
    evaluated(&f, false);
    for (int by = 0; by < CANDIDATES; by++) { /* each draw runs operations that the one before left out */
        choose(&f, by);
        assert_true(evaluated(&f, true) == fresh[by]);
    }
    for (int64_t i = 0; i < count; i++) {
        weights[i] *= 1.5F;
    }
    const double kept = evaluated(&f, true), moved = evaluated(&f, false);
    assert_true(kept != moved); /* a promise that is broken shows that the first ones are used */
    loss(&f, SNAS_MODE_BATCH);
    for (int64_t i = 0; i < count; i++) {
        weights[i] /= 1.5F;
    }
    assert_true(evaluated(&f, true) == evaluated(&f, false)); /* any other pass ends what was prepared */
    unmake(&f);
}

static void a_sparse_step_equals_a_dense_one(void **state)
{
    (void)state;
    for (int f64 = 0; f64 < 2; f64++) {
        fixture dense, sparse;
        const choice c = {.threads = 1, .training = true, .f64 = f64};
        make(&dense, &c);
        make(&sparse, &c);
        one_hot(&dense);
        one_hot(&sparse);
        loss(&sparse, SNAS_MODE_EVALUATE); /* what a full pass leaves in memory must not be read */
        sparse.batch.sparse = true;
        step(&dense);
        step(&sparse);
        assert_true(dense.outcome.loss == sparse.outcome.loss);
        const size_t bytes = weight_bytes(&dense, f64);
        const char *a = snas_network_gradients(dense.network);
        const char *b = snas_network_gradients(sparse.network);
        for (size_t i = 0; i < bytes; i += f64 ? 8 : 4) {
            const double x = f64 ? *(const double *)(a + i) : (double)*(const float *)(a + i);
            const double y = f64 ? *(const double *)(b + i) : (double)*(const float *)(b + i);
            assert_true(x == y); /* -0 and 0 are the same here */
        }
        for (int i = 0; i < ROWS * ROW; i++) {
            assert_true(sparse.dz[i] == (sparse.z[i] == 0.0 ? 0.0 : dense.dz[i]));
            assert_true((dense.dz[i] == 0.0) == (i % CANDIDATES == 0)); /* `none` alone */
        }
        unmake(&dense);
        unmake(&sparse);
    }
}

static void any_number_of_threads_gives_the_same_bytes(void **state)
{
    (void)state;
    for (int f64 = 0; f64 < 2; f64++) {
        fixture f[3];
        for (int i = 0; i < 3; i++) {
            make(&f[i], &(choice){.threads = i + 1, .training = true, .f64 = f64});
            f[i].batch.drop_path = 0.2;
            step(&f[i]);
            assert_true(f[i].outcome.loss == f[0].outcome.loss);
            assert_memory_equal(f[i].dz, f[0].dz, sizeof f[0].dz);
            assert_memory_equal(snas_network_gradients(f[i].network), snas_network_gradients(f[0].network),
                                weight_bytes(&f[0], f64));
            assert_memory_equal(snas_network_buffers(f[i].network), snas_network_buffers(f[0].network),
                                (size_t)snas_network_buffer_values(f[0].network) * sizeof(float));
        }
        for (int i = 0; i < 3; i++) {
            unmake(&f[i]);
        }
    }
}

static void evaluation_does_not_depend_on_the_plan(void **state)
{
    (void)state;
    fixture f[3];
    const choice choices[3] = {
        {.threads = 1, .training = true}, {.threads = 1, .training = false}, {.threads = 3, .training = false}};
    for (int i = 0; i < 3; i++) {
        make(&f[i], &choices[i]);
        loss(&f[i], SNAS_MODE_EVALUATE);
        assert_true(f[i].outcome.loss == f[0].outcome.loss);
        assert_memory_equal(snas_network_logits(f[i].network), snas_network_logits(f[0].network),
                            BATCH * CLASSES * sizeof(float));
    }
    for (int i = 0; i < 3; i++) {
        unmake(&f[i]);
    }
}

static void single_precision_follows_double_precision(void **state)
{
    (void)state;
    fixture single, sharp;
    make(&single, &(choice){.threads = 1, .training = true});
    make(&sharp, &(choice){.threads = 1, .training = true, .f64 = true});
    double *w = snas_network_weights(sharp.network); /* the very same weights */
    for (int64_t i = 0; i < snas_network_weight_count(sharp.network); i++) {
        w[i] = (double)((const float *)snas_network_weights(single.network))[i];
    }
    assert_near(loss(&single, SNAS_MODE_TRAIN), loss(&sharp, SNAS_MODE_TRAIN), 1e-4);
    unmake(&single);
    unmake(&sharp);
}

static void a_smaller_batch_than_planned_leaves_no_trace(void **state)
{
    (void)state;
    fixture a, b;
    const choice c = {.threads = 1, .training = true, .f64 = true};
    make(&a, &c);
    make(&b, &c);
    b.batch.count = 2;
    step(&b);
    memcpy(snas_network_buffers(b.network), snas_network_buffers(a.network),
           (size_t)snas_network_buffer_values(a.network) * sizeof(double));
    b.batch.count = BATCH;
    step(&a);
    step(&b);
    assert_memory_equal(snas_network_gradients(a.network), snas_network_gradients(b.network), weight_bytes(&a, true));
    unmake(&a);
    unmake(&b);
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

/* At every allocation: the sentence names memory, and after the plan what the network takes. */
static void a_network_without_memory_is_refused_with_a_sentence(void **state)
{
    (void)state;
    const snas_network_spec spec = {
        .space = snas_space_find("darts"), .channels = 4, .cells = CELLS, .classes = CLASSES, .side = SIDE};
    const snas_network_options options = {.batch = 64, .training = true, .dtype = SNAS_F32};
    const snas_team team = snas_team_make(2);
    int n = 0, told = 0;
    for (;; n++) {
        snas_arena *mem;
        snas_network *network;
        assert_ok(snas_arena_create("the run", 0, &mem));
        faults_in_heap(n, true);
        snas_error_clear();
        const snas_status status = snas_network_create(mem, &team, &spec, &options, &network);
        faults_clear();
        snas_arena_destroy(mem);
        if (status == SNAS_OK) {
            break;
        }
        assert_int_equal(status, SNAS_E_MEMORY);
        assert_int_equal(strncmp(snas_error(), "out of memory: ", 15), 0);
        assert_null(strstr(snas_error(), "arena"));
        told += strstr(snas_error(), "for a batch of 64 pictures") != NULL;
    }
    assert_true(n > 3 && told > 0);
}

static void networks_that_cannot_be_built_are_refused_with_a_sentence(void **state)
{
    (void)state;
    const snas_network_spec good = {
        .space = snas_space_find("darts"), .channels = 4, .cells = 3, .classes = 2, .side = 8};
    const struct {
        int channels, cells, classes, side;
        const char *part;
    } rows[] = {{5, 3, 2, 8, "channels"}, {4, 2, 2, 8, "cells"}, {4, 3, 1, 8, "classes"}, {4, 3, 2, 10, "halved"}};
    snas_arena *mem;
    snas_count fixed;
    assert_ok(snas_arena_create("test", 0, &mem));
    assert_ok(snas_network_count(mem, &good, &fixed, NULL));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snas_network_spec bad = good;
        bad.channels = rows[i].channels;
        bad.cells = rows[i].cells;
        bad.classes = rows[i].classes;
        bad.side = rows[i].side;
        assert_fails(snas_network_count(mem, &bad, &fixed, NULL), SNAS_E_USAGE, rows[i].part);
    }
    snas_arena_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_a_supernet_match_central_differences),
        cmocka_unit_test(gradients_of_an_affine_supernet_match_central_differences),
        cmocka_unit_test(gradients_around_residual_blocks_match_central_differences),
        cmocka_unit_test(gradients_under_drop_path_match_central_differences),
        cmocka_unit_test(gradients_of_a_child_match_central_differences),
        cmocka_unit_test(drop_path_changes_the_loss_and_repeats_by_seed_and_step),
        cmocka_unit_test(drop_path_keeps_a_share_and_makes_up_for_the_rest),
        cmocka_unit_test(evaluations_with_the_same_weights_prepare_them_once),
        cmocka_unit_test(a_sparse_step_equals_a_dense_one),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(evaluation_does_not_depend_on_the_plan),
        cmocka_unit_test(single_precision_follows_double_precision),
        cmocka_unit_test(a_smaller_batch_than_planned_leaves_no_trace),
        cmocka_unit_test(a_network_without_memory_is_refused_with_a_sentence),
        cmocka_unit_test(networks_that_cannot_be_built_are_refused_with_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
