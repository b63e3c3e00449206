/* test_shards.c -- whole networks: the number of threads changes no byte, the number of shards nothing but rounding.
 *
 * One step forth and back, for batches smaller than, equal to and larger than the shards, with the kernels that ship
 * and with the plain ones in both number types. A network takes all batches in turn, so what a larger one left behind
 * is there when the next one runs.
 */
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/base/rng.h"
#include "snas/kernel/sets.h"
#include "snas/model/network.h"

enum { CELLS = 3, CHANNELS = 2, SIDE = 8, CLASSES = 7, BATCH_MAX = 64, BATCHES = 4, PIXELS = SIDE * SIDE * 3 };
static const int BATCH_SIZES[BATCHES] = {64, 17, 1, 16};

/** What network, and how it is run. */
typedef struct {
    const char *space, *genotype; /* the second NULL: the supernet */
    const char *kernels;          /* NULL: the best */
    bool f64;
    int shards, threads;
} setting;

/** What the steps leave behind: of every batch its loss, dz, gradients and running statistics. */
typedef struct {
    double loss[BATCHES], dz[BATCHES][2 * 14 * 8];
    char *numbers[BATCHES]; /* gradients, then statistics */
    int64_t count, weights; /* of all of them, of gradients */
    bool f64;
} outcome;

static void *taken(size_t count, size_t size)
{
    void *bytes = snas_arena_take(mem, count, size);
    assert_non_null(bytes);
    return bytes;
}

static snas_network *network_of(const setting *s)
{
    snas_team *team = taken(1, sizeof *team);
    snas_genotype genotype;
    snas_network *network;
    if (s->genotype != NULL) {
        assert_ok(snas_genotype_load(mem, s->genotype, &genotype));
    }
    const snas_network_spec spec = {.space = snas_space_find(s->space),
                                    .genotype = s->genotype == NULL ? NULL : &genotype,
                                    .channels = CHANNELS,
                                    .cells = CELLS,
                                    .classes = CLASSES,
                                    .side = SIDE,
                                    .affine = true};
    const snas_network_options options = {.batch = BATCH_MAX,
                                          .shards = s->shards,
                                          .training = true,
                                          .dtype = s->f64 ? SNAS_F64 : SNAS_F32,
                                          .kernels = s->kernels,
                                          .norm_momentum = 0.1,
                                          .norm_eps = 1e-5};
    *team = snas_team_make(s->threads);
    assert_ok(snas_network_create(mem, team, &spec, &options, &network));
    snas_network_init(network, 3);
    return network;
}

/* The same pictures, labels and weights for every setting. */
typedef struct {
    float images[BATCH_MAX * PIXELS];
    double images64[BATCH_MAX * PIXELS], z[2 * 14 * 8];
    int labels[BATCH_MAX];
} inputs;

static const inputs *inputs_of(void)
{
    inputs *in = taken(1, sizeof *in);
    snas_rng rng = snas_rng_at(5, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < BATCH_MAX * PIXELS; i++) {
        in->images[i] = (float)snas_rng_normal(&rng);
        in->images64[i] = (double)in->images[i];
    }
    for (int i = 0; i < BATCH_MAX; i++) {
        in->labels[i] = (int)snas_rng_below(&rng, CLASSES);
    }
    for (int i = 0; i < 2 * 14 * 8; i++) {
        in->z[i] = snas_rng_uniform(&rng) / 4.0;
    }
    return in;
}

static outcome run(const setting *s, const inputs *in)
{
    snas_network *network = network_of(s);
    const size_t size = s->f64 ? sizeof(double) : sizeof(float);
    const int64_t weights = snas_network_weight_count(network), values = snas_network_buffer_values(network);
    outcome out = {.count = weights + values, .weights = weights, .f64 = s->f64};
    int row_of_cell[CELLS];
    for (int i = 0; i < CELLS; i++) {
        row_of_cell[i] = snas_space_place(snas_space_find(s->space), i, CELLS, CHANNELS).type;
    }
    for (int b = 0; b < BATCHES; b++) {
        snas_outcome step;
        const snas_batch batch = {.count = BATCH_SIZES[b],
                                  .images = s->f64 ? (const void *)in->images64 : in->images,
                                  .labels = in->labels,
                                  .z = s->genotype == NULL ? in->z : NULL,
                                  .row_of_cell = row_of_cell,
                                  .drop_path = 0.2,
                                  .seed = 1,
                                  .step = (uint64_t)b};
        snas_network_forward(network, &batch, SNAS_MODE_TRAIN, &step);
        snas_network_backward(network, &batch, s->genotype == NULL ? out.dz[b] : NULL);
        out.loss[b] = step.loss;
        out.numbers[b] = taken((size_t)out.count, size);
        memcpy(out.numbers[b], snas_network_gradients(network), (size_t)weights * size);
        memcpy(out.numbers[b] + (size_t)weights * size, snas_network_buffers(network), (size_t)values * size);
    }
    return out;
}

static bool same_bytes(const outcome *a, const outcome *b, int batch)
{
    const size_t bytes = (size_t)a->count * (a->f64 ? sizeof(double) : sizeof(float));
    const void *dz_a = a->dz[batch], *dz_b = b->dz[batch];
    return a->loss[batch] == b->loss[batch] && memcmp(dz_a, dz_b, sizeof a->dz[batch]) == 0 &&
           memcmp(a->numbers[batch], b->numbers[batch], bytes) == 0;
}

/* How far one is from the other, relative to it. */
static double distance(const outcome *a, const outcome *b, int batch)
{
    double gap = 0.0, norm = 0.0;
    for (int64_t i = 0; i < a->count; i++) {
        const double x = a->f64 ? ((double *)a->numbers[batch])[i] : (double)((float *)a->numbers[batch])[i];
        const double y = b->f64 ? ((double *)b->numbers[batch])[i] : (double)((float *)b->numbers[batch])[i];
        gap += (x - y) * (x - y);
        norm += y * y;
    }
    for (int i = 0; i < 2 * 14 * 8; i++) {
        gap += (a->dz[batch][i] - b->dz[batch][i]) * (a->dz[batch][i] - b->dz[batch][i]);
        norm += b->dz[batch][i] * b->dz[batch][i];
    }
    return sqrt(gap / norm);
}

/* The settings that differ in anything but shards and threads. */
static const setting SETTINGS[] = {
    {.space = "darts"},
    {.space = "nas-bench-201"},
    {.space = "darts", .genotype = "SNAS_mild"},
    {.space = "darts", .genotype = "SNAS_mild", .kernels = "plain"},
    {.space = "nas-bench-201", .kernels = "plain", .f64 = true},
};
enum { SETTING_COUNT = sizeof SETTINGS / sizeof SETTINGS[0], SHARD_COUNTS = 3, THREAD_COUNTS = 4 };
static const int SHARDS[SHARD_COUNTS] = {16, 32, 64}, THREADS[THREAD_COUNTS] = {2, 3, 4, 8};

static void assert_same_with_threads(const setting *base, const inputs *in)
{
    setting s = *base;
    s.threads = 1;
    const outcome one = run(&s, in);
    for (int i = 0; i < THREAD_COUNTS; i++) {
        s.threads = THREADS[i];
        const outcome many = run(&s, in);
        for (int b = 0; b < BATCHES; b++) {
            if (!same_bytes(&one, &many, b)) {
                fail_msg("%s %s, %s kernels, %d shards, %d threads: another batch of %d than with one thread", s.space,
                         s.genotype == NULL ? "supernet" : s.genotype, s.kernels == NULL ? "fused" : s.kernels,
                         s.shards, s.threads, BATCH_SIZES[b]);
            }
        }
    }
}

static void every_number_of_threads_gives_the_same_bytes(void **state)
{
    (void)state;
    const inputs *in = inputs_of();
    for (int i = 0; i < SETTING_COUNT * SHARD_COUNTS; i++) {
        const snas_mark mark = snas_arena_mark(mem);
        setting s = SETTINGS[i / SHARD_COUNTS];
        s.shards = SHARDS[i % SHARD_COUNTS];
        assert_same_with_threads(&s, in);
        snas_arena_release(mem, mark);
    }
}

/* Returns the largest distance from the one shard's numbers. */
static double assert_near_one(const outcome *one, const setting *s, const inputs *in)
{
    const double allowed = s->f64 ? 1e-12 : 1e-4; /* rounding, and what relus and ties of pools make of it */
    const outcome many = run(s, in);
    double largest = 0.0;
    for (int b = 0; b < BATCHES; b++) {
        const double gap = distance(&many, one, b);
        if (!(gap <= allowed)) {
            fail_msg("%s, %d shards, batch of %d: %.2e off (allowed %.0e)", s->space, s->shards, BATCH_SIZES[b], gap,
                     allowed);
        }
        largest = fmax(largest, gap);
    }
    return largest;
}

static void the_number_of_shards_changes_nothing_but_rounding(void **state)
{
    (void)state;
    const inputs *in = inputs_of();
    for (int i = 0; i < SETTING_COUNT; i++) {
        setting s = SETTINGS[i];
        s.threads = 2;
        s.shards = 1;
        const outcome one = run(&s, in);
        double largest = 0.0;
        for (int j = 0; j < SHARD_COUNTS; j++) {
            s.shards = SHARDS[j];
            largest = fmax(largest, assert_near_one(&one, &s, in));
        }
        assert_true(largest > 0.0);
    }
}

/* A batch that leaves some shards empty is cut as if there were fewer: a picture a shard, and the same tree. */
static void empty_shards_change_no_byte(void **state)
{
    (void)state;
    const inputs *in = inputs_of();
    for (int i = 0; i < SETTING_COUNT; i++) {
        setting s = SETTINGS[i];
        s.threads = 2;
        s.shards = 16;
        const outcome few = run(&s, in);
        s.shards = 64;
        const outcome many = run(&s, in);
        for (int b = 2; b < BATCHES; b++) { /* 1 and 16 pictures; the running statistics before them are others */
            assert_true(few.loss[b] == many.loss[b]);
            assert_memory_equal(few.numbers[b], many.numbers[b],
                                (size_t)few.weights * (few.f64 ? sizeof(double) : sizeof(float)));
            assert_memory_equal(few.dz[b], many.dz[b], sizeof few.dz[b]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_number_of_threads_gives_the_same_bytes, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(the_number_of_shards_changes_nothing_but_rounding, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(empty_shards_change_no_byte, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
