/* test_not_finite.c -- a pixel that is no number reaches the logits through every operation that could swallow it, in
 * every kernel set of this processor; and a picture with such a logit has no rank.
 *
 *     picture -> conv 1x1 -> (what is tested) -> mean, linear, loss
 */
#include "check.h"

#include <string.h>

#include "snas/base/arena.h"
#include "snas/base/rng.h"
#include "snas/graph/executor.h"
#include "snas/kernel/sets.h"

enum { SIDE = 6, PIXELS = SIDE * SIDE, CLASSES = 3 };

static const snas_window POINT = {.kernel = 1, .stride = 1, .dilation = 1, .channels = 5};

static int relu(snas_program *p, int x)
{
    return snas_program_op(p, SNAS_OP_RELU, x, (snas_window){0});
}

static int relu_convolution(snas_program *p, int x)
{
    return snas_program_conv(p, "conv", relu(p, x), POINT);
}

static int separable(snas_program *p, int x)
{
    const snas_window w = {.kernel = 3, .stride = 1, .pad = 1, .dilation = 1};
    return snas_program_conv(p, "pointwise", snas_program_depthwise(p, "depthwise", relu(p, x), w), POINT);
}

static int max_pool(snas_program *p, int x)
{
    return snas_program_op(p, SNAS_OP_MAX_POOL, x, (snas_window){.kernel = 3, .stride = 1, .pad = 1, .dilation = 1});
}

static int max_pool_of_two(snas_program *p, int x)
{
    return snas_program_op(p, SNAS_OP_MAX_POOL, x, (snas_window){.kernel = 2, .stride = 2, .dilation = 1});
}

static int avg_pool(snas_program *p, int x)
{
    return snas_program_op(p, SNAS_OP_AVG_POOL, x, (snas_window){.kernel = 3, .stride = 2, .pad = 1, .dilation = 1});
}

static const struct {
    const char *name;
    int (*build)(snas_program *p, int x);
} ROWS[] = {{"relu", relu},         {"relu, convolution", relu_convolution},     {"separable", separable},
            {"max pool", max_pool}, {"max pool of two pixels", max_pool_of_two}, {"average pool", avg_pool}};

static snas_program *program_of(snas_arena *mem, int row, int channels)
{
    snas_program *p;
    assert_ok(snas_program_create(mem, &p));
    snas_window first = POINT;
    first.channels = channels;
    int x = snas_program_conv(p, "first", snas_program_input(p, (snas_shape){SIDE, SIDE, 3}), first);
    x = snas_program_op(p, SNAS_OP_GLOBAL_POOL, ROWS[row].build(p, x), (snas_window){0});
    snas_program_op(p, SNAS_OP_LOSS, snas_program_linear(p, "classifier", x, CLASSES), (snas_window){0});
    assert_int_equal(p->failed, SNAS_OK);
    return p;
}

static snas_executor *executor_of(snas_arena *mem, const snas_program *p, const char *kernels)
{
    static const snas_team ONE = {.threads = 1};
    const snas_executor_options options = {.batch = 1, .kernels = kernels};
    snas_executor *ex;
    snas_rng rng = snas_rng_at(3, SNAS_STREAM_TEST, 0);
    assert_ok(snas_executor_create(mem, &ONE, p, &options, &ex));
    float *weights = snas_executor_weights(ex);
    for (int64_t i = 0; i < p->weight_count; i++) {
        weights[i] = (float)snas_rng_normal(&rng);
    }
    return ex;
}

/* The rank of the label of a picture whose red of pixel `bad` is NaN; -1: of none. */
static int rank_with(snas_executor *ex, int bad, float *logits)
{
    float images[PIXELS * 3];
    const int label = 1;
    int rank = -1;
    double loss;
    for (int i = 0; i < PIXELS * 3; i++) {
        images[i] = 0.1f * (float)(i % 7) - 0.3f;
    }
    if (bad >= 0) {
        images[bad * 3] = (float)NAN;
    }
    snas_feed feed = {.count = 1,
                      .mode = SNAS_PASS_EVALUATE,
                      .images = images,
                      .labels = &label,
                      .losses = &loss,
                      .ranks = &rank,
                      .logits = logits};
    snas_executor_forward(ex, &feed);
    return rank;
}

static void check(int row, int channels, const char *kernels)
{
    float logits[CLASSES];
    snas_arena *mem;
    assert_ok(snas_arena_create("test", 0, &mem));
    snas_executor *ex = executor_of(mem, program_of(mem, row, channels), kernels);
    assert_in_range(rank_with(ex, -1, logits), 0, CLASSES - 1);
    for (int bad = 0; bad < PIXELS; bad++) {
        const int rank = rank_with(ex, bad, logits);
        for (int k = 0; k < CLASSES; k++) {
            if (!isnan(logits[k]) || rank != SNAS_RANK_NONE) {
                fail_msg("%s, %d channels, %s, pixel %d: logit %d is %g, rank %d", ROWS[row].name, channels, kernels,
                         bad, k, (double)logits[k], rank);
            }
        }
    }
    snas_arena_destroy(mem);
}

static void a_pixel_that_is_no_number_reaches_the_logits(void **state)
{
    (void)state;
    static const int CHANNELS[] = {1, 3, 8, 17};
    for (size_t row = 0; row < sizeof ROWS / sizeof ROWS[0]; row++) {
        for (int c = 0; c < 4; c++) {
            check((int)row, CHANNELS[c], "plain");
            for (const snas_kernel_set *set = snas_kernel_sets; set->name != NULL; set++) {
                if (set->runs()) {
                    check((int)row, CHANNELS[c], set->name);
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_pixel_that_is_no_number_reaches_the_logits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
