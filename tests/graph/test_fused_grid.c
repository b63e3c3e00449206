/* test_fused_grid.c -- every fused operation alone, over a grid of windows, sides, channels and batches: in every
 * kernel set of this processor, forward and backward, against the plain operations in double.
 *
 *     pictures -> conv 1x1 -> (what is tested) [-> norm -> node] -> conv of the whole height -> mean, linear, loss
 *
 * The convolution in front turns the gradient of the tested operation's input into one of weights; the one after makes
 * its gradient differ from pixel to pixel. Pictures and first weights are multiples of 1/8, so what comes into the
 * tested operation is exact in float: no relu's kink and no tie of a pool falls differently. After a norm a relu's
 * input is not exact: there the better of two draws counts. A fused kind of the table without a row here fails.
 */
#include "check.h"

#include <string.h>

#include "snas/base/arena.h"
#include "snas/base/rng.h"
#include "snas/graph/executor.h"
#include "snas/kernel/sets.h"

enum { CLASSES = 3, SLOTS = 8, BATCH_MAX = 3, DRAWS = 2 };

/** Relative: batch norms over the few pixels of the smallest pictures lose that much; a wrong tap, pixel or channel is
 *  off by 1e-2 and more. */
static const double TOLERANCE = 1e-4;

/** One point of the grid. */
typedef struct {
    int kernel, stride, dilation, channels, out; /* out: channels out of what is tested */
    int h, w, batch;
} point;

typedef int (*builder)(snas_program *p, int x, const point *at);

/* --- what is tested ----------------------------------------------------------------------------------------------- */

static snas_window window_of(const point *at)
{
    return (snas_window){.kernel = at->kernel,
                         .stride = at->stride,
                         .pad = at->dilation * (at->kernel - 1) / 2,
                         .dilation = at->dilation,
                         .channels = at->out};
}

static const snas_window POINTWISE = {.kernel = 1, .stride = 1, .dilation = 1};

static int pointwise(snas_program *p, const char *name, int x, int channels)
{
    snas_window w = POINTWISE;
    w.channels = channels;
    return snas_program_conv(p, name, x, w);
}

static int relu(snas_program *p, int x)
{
    return snas_program_op(p, SNAS_OP_RELU, x, (snas_window){0});
}

/** A node of some values, with weights and masks. */
static int node(snas_program *p, const int *inputs, int count)
{
    static const int Z[] = {0, 1, SNAS_NONE, 2, 3, 4, 5}, MASKS[] = {0, SNAS_NONE, 1, 2, SNAS_NONE, 3, 4};
    return snas_program_mix(p, inputs, Z, MASKS, count, (snas_shape){0});
}

static int normed(snas_program *p, const char *name, int x)
{
    const int y = snas_program_norm(p, name, x, true);
    return node(p, &y, 1);
}

static int separable_from(snas_program *p, int x, const point *at)
{
    x = snas_program_depthwise(p, "depthwise", relu(p, x), window_of(at));
    return pointwise(p, "pointwise", x, at->out);
}

static int separable(snas_program *p, int x, const point *at)
{
    return normed(p, "after", separable_from(p, x, at));
}

static int separable_alone(snas_program *p, int x, const point *at)
{
    return separable_from(p, x, at);
}

static int separable_behind_norm(snas_program *p, int x, const point *at)
{
    return normed(p, "after", separable_from(p, snas_program_norm(p, "front", x, true), at));
}

static int dense(snas_program *p, int x, const point *at)
{
    return normed(p, "after", snas_program_conv(p, "conv", x, window_of(at)));
}

static int dense_alone(snas_program *p, int x, const point *at)
{
    return snas_program_conv(p, "conv", x, window_of(at));
}

static int dense_relu(snas_program *p, int x, const point *at)
{
    return normed(p, "after", snas_program_conv(p, "conv", relu(p, x), window_of(at)));
}

/* Both halves of a factorized reduction, side by side in front of one norm. */
static int dense_halves(snas_program *p, int x, const point *at)
{
    snas_window w = window_of(at);
    const int r = relu(p, x), first = snas_program_conv(p, "conv_1", r, w);
    w.offset = 1;
    const int both[] = {first, snas_program_conv(p, "conv_2", r, w)};
    return normed(p, "after", snas_program_concat(p, both, 2));
}

/* The parts of a concat lie one after the other when those who read the whole can read blocks. */
static int dense_of_blocks(snas_program *p, int x, const point *at)
{
    const int a = pointwise(p, "a", x, at->channels), b = pointwise(p, "b", x, at->channels);
    const int parts[] = {node(p, &a, 1), node(p, &b, 1), node(p, &x, 1)};
    return snas_program_conv(p, "conv", relu(p, snas_program_concat(p, parts, 3)), window_of(at));
}

static int max_pooled(snas_program *p, int x, const point *at)
{
    return normed(p, "after", snas_program_op(p, SNAS_OP_MAX_POOL, x, window_of(at)));
}

static int max_pooled_alone(snas_program *p, int x, const point *at)
{
    return snas_program_op(p, SNAS_OP_MAX_POOL, x, window_of(at));
}

static int avg_pooled(snas_program *p, int x, const point *at)
{
    return normed(p, "after", snas_program_op(p, SNAS_OP_AVG_POOL, x, window_of(at)));
}

static int avg_pooled_alone(snas_program *p, int x, const point *at)
{
    return snas_program_op(p, SNAS_OP_AVG_POOL, x, window_of(at));
}

/* `kernel` inputs in turn: the value itself, a pool before a norm, a convolution before a norm, a pool and a
 * convolution without. */
static int node_of(snas_program *p, int x, const point *at)
{
    static const char *const NAMES[] = {"n0", "n1", "n2", "n3", "n4", "n5", "n6"};
    static const snas_window POOL = {.kernel = 3, .stride = 1, .pad = 1, .dilation = 1};
    int inputs[7];
    for (int k = 0; k < at->kernel; k++) {
        const int y = k % 5 == 1   ? snas_program_op(p, SNAS_OP_MAX_POOL, x, POOL)
                      : k % 5 == 3 ? snas_program_op(p, SNAS_OP_AVG_POOL, x, POOL)
                      : k % 5 > 0  ? pointwise(p, NAMES[k], relu(p, x), at->channels)
                                   : x;
        inputs[k] = k % 5 == 1 || k % 5 == 2 ? snas_program_norm(p, NAMES[k], y, true) : y;
    }
    return node(p, inputs, at->kernel);
}

typedef struct {
    snas_op_kind kind;
    const char *what;
    builder build;
    int kernels[8], strides[4], dilations[4]; /* ended by 0 */
    bool recompute, even;                     /* even: sides that can be halved */
} row;

static const row ROWS[] = {
    {SNAS_OP_SEPARABLE, "", separable, {1, 3, 5, 7}, {1, 2}, {1, 2, 3}, false, false},
    {SNAS_OP_SEPARABLE, "without a norm", separable_alone, {3, 5}, {1, 2}, {1, 2}, false, false},
    {SNAS_OP_SEPARABLE, "made again", separable, {3, 5, 7}, {1, 2}, {1, 2}, true, false},
    {SNAS_OP_SEPARABLE, "after a norm", separable_behind_norm, {3, 5, 7}, {1, 2}, {1, 2}, false, false},
    {SNAS_OP_POINTWISE, "", dense, {1}, {1, 2, 3}, {1}, false, false},
    {SNAS_OP_POINTWISE, "without a norm", dense_alone, {1}, {1, 2, 3}, {1}, false, false},
    {SNAS_OP_POINTWISE, "with a relu", dense_relu, {1}, {1, 2}, {1}, false, false},
    {SNAS_OP_POINTWISE, "in halves", dense_halves, {1}, {2}, {1}, false, true},
    {SNAS_OP_POINTWISE, "of blocks", dense_of_blocks, {1}, {1, 2}, {1}, false, false},
    {SNAS_OP_DENSE, "", dense, {2, 3, 5}, {1, 2, 3}, {1, 2}, false, false},
    {SNAS_OP_DENSE, "without a norm", dense_alone, {3, 4}, {1, 2, 3}, {1, 3}, false, false},
    {SNAS_OP_DENSE, "with a relu", dense_relu, {3, 5}, {1, 2}, {1, 2}, false, false},
    {SNAS_OP_DENSE, "in halves", dense_halves, {3}, {2}, {1}, false, true},
    {SNAS_OP_DENSE, "of blocks", dense_of_blocks, {3}, {1, 2}, {1}, false, false},
    {SNAS_OP_MAX_POOLED, "", max_pooled, {2, 3, 5}, {1, 2}, {1}, false, false},
    {SNAS_OP_MAX_POOLED, "without a norm", max_pooled_alone, {2, 3}, {1, 2, 3}, {1}, false, false},
    {SNAS_OP_AVG_POOLED, "", avg_pooled, {2, 3, 5}, {1, 2}, {1}, false, false},
    {SNAS_OP_AVG_POOLED, "without a norm", avg_pooled_alone, {2, 3}, {1, 2, 3}, {1}, false, false},
    {SNAS_OP_NODE, "of so many inputs", node_of, {1, 2, 3, 4, 5, 6, 7}, {1}, {1}, false, false},
};

/* --- one step ----------------------------------------------------------------------------------------------------- */

static snas_program *program_at(snas_arena *mem, const row *r, const point *at)
{
    snas_program *p;
    assert_ok(snas_program_create(mem, &p));
    int x = snas_program_input(p, (snas_shape){at->h, at->w, 3});
    x = r->build(p, pointwise(p, "first", x, at->channels), at);
    const snas_shape *shape = &p->values[x].shape;
    const int side = shape->h < shape->w ? shape->h : shape->w;
    x = snas_program_conv(p, "last", x, (snas_window){.kernel = side, .stride = 1, .dilation = 1, .channels = 4});
    x = snas_program_op(p, SNAS_OP_GLOBAL_POOL, x, (snas_window){0});
    snas_program_op(p, SNAS_OP_LOSS, snas_program_linear(p, "classifier", x, CLASSES), (snas_window){0});
    p->z_slots = p->mask_slots = SLOTS;
    assert_int_equal(p->failed, SNAS_OK);
    return p;
}

/** What a step leaves, in double. */
typedef struct {
    double *gradient, *buffers, dz[SLOTS];
    double trained[BATCH_MAX * CLASSES], evaluated[BATCH_MAX * CLASSES]; /* logits */
} outcome;

static double eighths(snas_rng *rng)
{
    return ((double)snas_rng_below(rng, 17) - 8.0) / 8.0;
}

/** Numbers in either type. */
typedef struct {
    void *data;
    bool f64;
} numbers;

static void put(numbers to, int64_t i, double value)
{
    if (to.f64) {
        ((double *)to.data)[i] = value;
    } else {
        ((float *)to.data)[i] = (float)value;
    }
}

static double get(numbers from, int64_t i)
{
    return from.f64 ? ((const double *)from.data)[i] : (double)((const float *)from.data)[i];
}

static numbers take(snas_arena *mem, int64_t count, bool f64)
{
    const numbers n = {snas_arena_take(mem, (size_t)count, f64 ? sizeof(double) : sizeof(float)), f64};
    assert_non_null(n.data);
    return n;
}

static double *doubles(snas_arena *mem, numbers from, int64_t count)
{
    const numbers to = take(mem, count, true);
    for (int64_t i = 0; i < count; i++) {
        put(to, i, get(from, i));
    }
    return to.data;
}

static void fill_weights(const snas_program *p, numbers weights, snas_rng *rng)
{
    for (int64_t i = 0; i < p->weight_count; i++) {
        const bool first = i < p->parameters[0].count;
        put(weights, i, first ? eighths(rng) : (double)(float)(2.0 * snas_rng_uniform(rng) - 1.0));
    }
}

/** The step with kernel set `kernels`, "plain" in double; every run of a draw sees the same numbers. */
static outcome run(snas_arena *mem, const snas_program *p, const row *r, const point *at, const char *kernels,
                   uint64_t draw)
{
    static const snas_team ONE = {.threads = 1};
    const bool f64 = strcmp(kernels, "plain") == 0;
    const snas_executor_options options = {
        .batch = at->batch, .training = true, .f64 = f64, .recompute = r->recompute, .kernels = kernels};
    snas_executor *ex;
    snas_rng rng = snas_rng_at(7, SNAS_STREAM_TEST, draw);
    assert_ok(snas_executor_create(mem, &ONE, p, &options, &ex));
    fill_weights(p, (numbers){snas_executor_weights(ex), f64}, &rng);
    const numbers buffers = {snas_executor_buffers(ex), f64};
    for (int64_t i = 0; i < p->buffer_values; i++) {
        put(buffers, i, 1.0);
    }
    const int64_t size = (int64_t)at->batch * at->h * at->w * 3;
    const numbers images = take(mem, size, f64), masks = take(mem, SLOTS * at->batch, f64);
    for (int64_t i = 0; i < size; i++) {
        put(images, i, eighths(&rng));
    }
    for (int i = 0; i < SLOTS * at->batch; i++) {
        put(masks, i, i % 5 == 3 ? 0.0 : 1.25);
    }
    const int labels[BATCH_MAX] = {0, 2, 1};
    double z[SLOTS], losses[BATCH_MAX];
    int ranks[BATCH_MAX];
    for (int i = 0; i < SLOTS; i++) {
        z[i] = 0.25 + snas_rng_uniform(&rng);
    }
    outcome out;
    const numbers logits = take(mem, at->batch * CLASSES, f64);
    snas_feed feed = {.count = at->batch,
                      .mode = SNAS_PASS_TRAIN,
                      .images = images.data,
                      .labels = labels,
                      .z = z,
                      .dz = out.dz,
                      .masks = masks.data,
                      .losses = losses,
                      .ranks = ranks,
                      .logits = logits.data};
    snas_executor_forward(ex, &feed);
    memcpy(out.trained, doubles(mem, logits, at->batch * CLASSES), sizeof(double) * (size_t)(at->batch * CLASSES));
    snas_executor_backward(ex, &feed);
    out.gradient = doubles(mem, (numbers){snas_executor_gradients(ex), f64}, p->weight_count);
    out.buffers = doubles(mem, buffers, p->buffer_values);
    feed.mode = SNAS_PASS_EVALUATE;
    snas_executor_forward(ex, &feed);
    memcpy(out.evaluated, doubles(mem, logits, at->batch * CLASSES), sizeof(double) * (size_t)(at->batch * CLASSES));
    return out;
}

/* --- the comparison ----------------------------------------------------------------------------------------------- */

static double size_of(const double *a, int64_t count)
{
    double sum = 0.0;
    for (int64_t i = 0; i < count; i++) {
        sum += a[i] * a[i];
    }
    return sqrt(sum);
}

/** |a - b| / |b|, b at least `least`. */
static double distance(const double *a, const double *b, int64_t count, double least)
{
    double sum = 0.0;
    for (int64_t i = 0; i < count; i++) {
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sqrt(sum) / fmax(size_of(b, count), least);
}

static double worst(double so_far, double next)
{
    return next <= so_far ? so_far : next; /* NaN is worse than anything */
}

/** The largest distance of any parameter's gradient, of dz, of the statistics and of the logits. */
static double compare(const snas_program *p, const point *at, const outcome *got, const outcome *truth)
{
    const double whole = size_of(truth->gradient, p->weight_count);
    double far = distance(got->dz, truth->dz, SLOTS, 1e-2 * whole);
    far = worst(far, distance(got->buffers, truth->buffers, p->buffer_values, 1e-30));
    far = worst(far, distance(got->trained, truth->trained, at->batch * CLASSES, 1e-30));
    far = worst(far, distance(got->evaluated, truth->evaluated, at->batch * CLASSES, 1e-30));
    for (int i = 0; i < p->parameter_count; i++) {
        const snas_program_parameter *w = &p->parameters[i];
        far = worst(far, distance(got->gradient + w->first, truth->gradient + w->first, w->count, 1e-2 * whole));
    }
    return far;
}

static bool is_named_first(const snas_kernel_set *set)
{
    return set == snas_kernel_sets || strcmp(set->name, set[-1].name) != 0;
}

static bool stands_in(const snas_program *p, snas_op_kind kind)
{
    for (int i = 0; i < p->op_count; i++) {
        if (p->ops[i].kind == kind) {
            return true;
        }
    }
    return false;
}

static double best_of_draws(const row *r, const point *at, const char *kernels)
{
    double best = (double)INFINITY;
    for (uint64_t draw = 0; draw < DRAWS && !(best <= TOLERANCE); draw++) {
        snas_arena *mem;
        snas_program *lowered;
        assert_ok(snas_arena_create("test", 0, &mem));
        const snas_program *p = program_at(mem, r, at);
        assert_ok(snas_program_lower(p, &lowered));
        assert_true(stands_in(lowered, r->kind));
        const outcome truth = run(mem, p, r, at, "plain", draw), got = run(mem, p, r, at, kernels, draw);
        best = fmin(best, compare(p, at, &got, &truth));
        snas_arena_destroy(mem);
    }
    return best;
}

static void check_point(const row *r, const point *at)
{
    for (const snas_kernel_set *set = snas_kernel_sets; set->name != NULL; set++) {
        if (!is_named_first(set) || !set->runs()) {
            continue;
        }
        const double far = best_of_draws(r, at, set->name);
        if (!(far <= TOLERANCE)) {
            fail_msg("%s %s, %s, window %d, stride %d, dilation %d, %d x %d x %d -> %d, batch %d: off by %.2e",
                     snas_operations_f32[r->kind]->name, r->what, set->name, at->kernel, at->stride, at->dilation,
                     at->h, at->w, at->channels, at->out, at->batch, far);
        }
    }
}

/** Every channel count and both batches with every window; sides and channels out take turns. */
static int check_row(const row *r)
{
    static const int CHANNELS[] = {1, 3, 8, 16, 17, 36},
                     SIDES[][2] = {{9, 9}, {7, 11}, {12, 8}, {11, 5}, {5, 4}, {3, 2}, {2, 2}};
    int points = 0;
    for (int k = 0; r->kernels[k] != 0; k++) {
        for (int s = 0; r->strides[s] != 0; s++) {
            for (int d = 0; r->dilations[d] != 0; d++) {
                for (int c = 0; c < 12; c++, points++) {
                    const point at = {.kernel = r->kernels[k],
                                      .stride = r->strides[s],
                                      .dilation = r->dilations[d],
                                      .channels = CHANNELS[c % 6],
                                      .out = CHANNELS[(c + points) % 6],
                                      .h = SIDES[points % 7][0] & (r->even ? ~1 : ~0),
                                      .w = SIDES[points % 7][1] & (r->even ? ~1 : ~0),
                                      .batch = c < 6 && points % 7 < 5 ? 1 : BATCH_MAX};
                    check_point(r, &at);
                }
            }
        }
    }
    return points;
}

static void every_fused_operation_equals_the_plain_ones(void **state)
{
    (void)state;
    for (int kind = 0; kind < SNAS_OP_COUNT; kind++) {
        int points = 0;
        if (snas_operations_f32[kind]->chains[0].length == 0) {
            continue;
        }
        for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
            points += (int)ROWS[i].kind == kind ? check_row(&ROWS[i]) : 0;
        }
        if (points == 0) {
            fail_msg("no row for the fused operation '%s'", snas_operations_f32[kind]->name);
        }
        print_message("%-12s %d points\n", snas_operations_f32[kind]->name, points);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fused_operation_equals_the_plain_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
