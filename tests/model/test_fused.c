/* test_fused.c -- the fused kernels against the plain ones: whole networks, one step, every kernel set of this
 * processor.
 *
 * The judge is the plain network in double; the plain float network says how far float alone moves the numbers.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "snas/base/arena.h"
#include "snas/base/rng.h"
#include "snas/kernel/sets.h"
#include "snas/model/network.h"

typedef struct {
    const char *name;
    int channels, cells, side, batch;
    double drop_path;
    bool affine;
    const char *genotype; /* NULL: supernet */
    const char *space;    /* NULL: darts */
} network_case;

static const network_case CASES[] = {
    {"supernet of 16 channels", 16, 5, 16, 4, 0.0, false, NULL, NULL},
    {"supernet with drop path", 8, 3, 16, 5, 0.3, false, NULL, NULL},
    {"supernet with affine norms", 4, 3, 8, 3, 0.0, true, NULL, NULL},
    {"supernet of 12 channels", 12, 4, 12, 2, 0.0, false, NULL, NULL},
    {"supernet on large pictures", 6, 3, 36, 2, 0.2, false, NULL, NULL},
    {"child with batch norm after pools", 10, 6, 16, 4, 0.2, true, "SNAS_mild", NULL},
    {"child without", 36, 3, 8, 2, 0.0, true, "DARTS_V2", NULL},
    {"child with empty nodes", 16, 6, 20, 3, 0.1, true, "SNAS_aggressive", NULL},
    {"supernet with residual blocks", 8, 5, 16, 4, 0.2, false, NULL, "nas-bench-201"},
};

/** What a step leaves behind, as doubles. */
typedef struct {
    double loss, dz[2][SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX];
    double *gradient, *buffers, *logits;
    int64_t weights, values, logit_count;
} step_result;

enum { CLASSES = 7 };

static double *as_double(snas_arena *mem, const void *from, int64_t count, bool f64)
{
    double *to = snas_arena_take(mem, (size_t)count, sizeof *to);
    assert_non_null(to);
    for (int64_t i = 0; i < count; i++) {
        to[i] = f64 ? ((const double *)from)[i] : (double)((const float *)from)[i];
    }
    return to;
}

/** How a case is run. */
typedef struct {
    const char *kernels;
    int threads, shards; /* 0: the default */
    uint64_t seed;       /* of the weights */
    bool f64, recompute;
} how_run;

/** One step of a network; every run draws the same numbers but the weights. */
static step_result run_case(snas_arena *mem, const network_case *c, const how_run *how)
{
    const bool f64 = how->f64;
    const snas_space *space = snas_space_find(c->space == NULL ? "darts" : c->space);
    snas_genotype genotype;
    if (c->genotype != NULL) {
        assert_ok(snas_genotype_load(mem, c->genotype, &genotype));
    }
    const snas_network_spec spec = {.space = space,
                                    .genotype = c->genotype == NULL ? NULL : &genotype,
                                    .channels = c->channels,
                                    .cells = c->cells,
                                    .classes = CLASSES,
                                    .side = c->side,
                                    .affine = c->affine};
    const snas_network_options options = {.batch = c->batch + 1,
                                          .training = true,
                                          .dtype = f64 ? SNAS_F64 : SNAS_F32,
                                          .kernels = how->kernels,
                                          .recompute = how->recompute,
                                          .shards = how->shards,
                                          .norm_momentum = 0.1,
                                          .norm_eps = 1e-5};
    snas_team *team = snas_arena_take(mem, 1, sizeof *team);
    assert_non_null(team);
    *team = snas_team_make(how->threads);
    snas_network *network;
    assert_ok(snas_network_create(mem, team, &spec, &options, &network));
    assert_string_equal(snas_network_kernels(network), how->kernels);
    snas_network_init(network, how->seed);
    const int64_t size = (int64_t)c->batch * c->side * c->side * 3;
    snas_rng rng = snas_rng_at(5, SNAS_STREAM_TEST, 0);
    float *images = snas_arena_take(mem, (size_t)size, sizeof *images);
    int labels[16], row_of_cell[32];
    double z[2 * 14 * 8];
    for (int64_t i = 0; i < size; i++) {
        images[i] = (float)snas_rng_normal(&rng);
    }
    for (int i = 0; i < c->batch; i++) {
        labels[i] = (int)snas_rng_below(&rng, CLASSES);
    }
    for (int i = 0; i < c->cells; i++) {
        row_of_cell[i] = snas_space_place(space, i, c->cells, c->channels).type;
    }
    for (int e = 0; e < 2 * 14; e++) {
        double sum = 0.0;
        for (int k = 0; k < 8; k++) {
            sum += z[e * 8 + k] = snas_rng_uniform(&rng);
        }
        for (int k = 0; k < 8; k++) {
            z[e * 8 + k] /= sum;
        }
    }
    const snas_batch batch = {.count = c->batch,
                              .images = f64 ? (void *)as_double(mem, images, size, false) : images,
                              .labels = labels,
                              .z = c->genotype == NULL ? z : NULL,
                              .row_of_cell = row_of_cell,
                              .drop_path = c->drop_path,
                              .seed = 1,
                              .step = 2};
    snas_outcome outcome;
    step_result r = {.weights = snas_network_weight_count(network),
                     .values = snas_network_buffer_values(network),
                     .logit_count = c->batch * CLASSES};
    snas_network_forward(network, &batch, SNAS_MODE_TRAIN, &outcome);
    snas_network_backward(network, &batch, c->genotype == NULL ? r.dz[0] : NULL);
    r.loss = outcome.loss;
    r.gradient = as_double(mem, snas_network_gradients(network), r.weights, f64);
    r.buffers = as_double(mem, snas_network_buffers(network), r.values, f64);
    r.logits = as_double(mem, snas_network_logits(network), r.logit_count, f64);
    return r;
}

static double distance(const double *a, const double *b, int64_t count)
{
    double difference = 0.0, size = 0.0;
    for (int64_t i = 0; i < count; i++) {
        difference += (a[i] - b[i]) * (a[i] - b[i]);
        size += b[i] * b[i];
    }
    return sqrt(difference / (size + 1e-30));
}

/* A relu's kink or a tie of a pool moves a float gradient by 1e-3 and more in any program, but not for every draw of
 * the weights: a wrong formula is wrong in all of them. So the best of a few draws is judged, and sharply. */
enum { DRAWS = 3 };
static const double FLOOR = 1e-5, STATISTICS_FLOOR = 2e-6;

enum { LOGITS, GRADIENT, DZ, STATISTICS, MEASURES };
static const char *const MEASURE_NAMES[MEASURES] = {"logits", "gradient", "dz", "statistics"};

/** Lower each best[measure] to this draw's distance from the truth. */
static void measure(const step_result *got, const step_result *truth, double *best)
{
    const double now[MEASURES] = {
        [LOGITS] = distance(got->logits, truth->logits, truth->logit_count),
        [GRADIENT] = distance(got->gradient, truth->gradient, truth->weights),
        [DZ] = distance(got->dz[0], truth->dz[0], 2 * 14 * 8),
        [STATISTICS] = distance(got->buffers, truth->buffers, truth->values),
    };
    for (int i = 0; i < MEASURES; i++) {
        best[i] = fmin(best[i], now[i]);
    }
}

static bool runs_here(const snas_kernel_set *set)
{
    /* rows of one name differ in width: the name is tried once */
    return set->runs() && (set == snas_kernel_sets || strcmp(set->name, set[-1].name) != 0);
}

static void check_case(const network_case *c)
{
    enum { SETS_MAX = 8 };
    double best[SETS_MAX][MEASURES];
    for (int i = 0; i < SETS_MAX * MEASURES; i++) {
        best[i / MEASURES][i % MEASURES] = 1.0;
    }
    for (uint64_t seed = 3; seed < 3 + DRAWS; seed++) {
        snas_arena *mem;
        assert_ok(snas_arena_create("test", 0, &mem));
        const how_run judge = {.kernels = "plain", .threads = 2, .seed = seed, .f64 = true};
        const step_result truth = run_case(mem, c, &judge);
        for (int i = 0; snas_kernel_sets[i].name != NULL; i++) {
            if (runs_here(&snas_kernel_sets[i])) {
                const how_run how = {.kernels = snas_kernel_sets[i].name, .threads = 2, .seed = seed};
                const step_result got = run_case(mem, c, &how);
                measure(&got, &truth, best[i]);
            }
        }
        snas_arena_destroy(mem);
    }
    for (int i = 0; snas_kernel_sets[i].name != NULL; i++) {
        for (int m = 0; m < MEASURES && runs_here(&snas_kernel_sets[i]); m++) {
            print_message("%-36s %-9s %-10s %.2e\n", c->name, snas_kernel_sets[i].name, MEASURE_NAMES[m], best[i][m]);
            assert_true(best[i][m] <= (m == STATISTICS ? STATISTICS_FLOOR : FLOOR));
        }
    }
}

static void fused_networks_equal_the_plain_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        check_case(&CASES[i]);
    }
}

static void assert_same_bytes(const step_result *a, const step_result *b)
{
    assert_memory_equal(a->gradient, b->gradient, (size_t)a->weights * sizeof(double));
    assert_memory_equal(a->buffers, b->buffers, (size_t)a->values * sizeof(double));
    assert_memory_equal(a->dz, b->dz, sizeof a->dz);
    assert_true(a->loss == b->loss);
}

/* Also more threads than processors, and more shards than a thread takes at a time. */
static void a_step_has_the_same_bytes_for_any_number_of_threads(void **state)
{
    (void)state;
    static const int SHARDS[] = {0, 64};
    for (size_t i = 0; i < 3; i++) {
        snas_arena *mem;
        assert_ok(snas_arena_create("test", 0, &mem));
        how_run how = {.kernels = snas_kernel_set_name(), .threads = 1, .shards = SHARDS[i / 2], .seed = 3};
        const step_result one = run_case(mem, &CASES[i % 2], &how);
        for (how.threads = 2; how.threads <= 8; how.threads += how.threads < 4 ? 1 : 4) {
            how.recompute = how.threads == 8;
            const step_result many = run_case(mem, &CASES[i % 2], &how);
            assert_same_bytes(&one, &many);
        }
        snas_arena_destroy(mem);
    }
}

/* Bytes of this process's memory that are there. */
static double resident(void)
{
    long all, here;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &all, &here), 2);
    fclose(file);
    return (double)here * (double)sysconf(_SC_PAGESIZE);
}

/* So that a page lies where the thread runs that works on it. */
static void pictures_memory_is_first_touched_by_a_step(void **state)
{
    (void)state;
    snas_arena *mem;
    snas_network *network;
    size_t parameters, activations;
    const snas_team team = {.threads = 1};
    const snas_network_spec spec = {
        .space = snas_space_find("darts"), .channels = 8, .cells = 3, .classes = CLASSES, .side = 32};
    const snas_network_options options = {.batch = 32, .training = true, .norm_momentum = 0.1, .norm_eps = 1e-5};
    assert_ok(snas_arena_create("test", 0, &mem));
    const double before = resident();
    assert_ok(snas_network_create(mem, &team, &spec, &options, &network));
    snas_network_init(network, 1);
    const double made = resident() - before;
    assert_ok(snas_network_plan(mem, &team, &spec, &options, &parameters, &activations));
    assert_true(activations > 64 << 20);
    assert_true(made < 0.25 * (double)activations);
    snas_arena_destroy(mem);
}

/* Made again in another order of the pixels: each pixel's own sums keep theirs. */
static void a_step_has_the_same_bytes_when_it_recomputes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        for (int set = 0; snas_kernel_sets[set].name != NULL; set++) {
            if (!runs_here(&snas_kernel_sets[set])) {
                continue;
            }
            snas_arena *mem;
            assert_ok(snas_arena_create("test", 0, &mem));
            how_run how = {.kernels = snas_kernel_sets[set].name, .threads = 2, .seed = 3};
            const step_result stored = run_case(mem, &CASES[i], &how);
            how.recompute = true;
            const step_result made = run_case(mem, &CASES[i], &how);
            assert_same_bytes(&stored, &made);
            snas_arena_destroy(mem);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fused_networks_equal_the_plain_ones),
        cmocka_unit_test(a_step_has_the_same_bytes_for_any_number_of_threads),
        cmocka_unit_test(pictures_memory_is_first_touched_by_a_step),
        cmocka_unit_test(a_step_has_the_same_bytes_when_it_recomputes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
