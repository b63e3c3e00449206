/* bench_kernels.c -- every fused kernel alone, near and far.
 *
 *      pictures -> convolution to C channels -> (what is measured) -> norm -> node -> mean, linear, loss
 *
 * One step of that program runs the measured kernel once a picture each way; the profile has its time by kind, and no
 * other operation is of its kind. One picture's values stay in the second-level cache from step to step; of many
 * pictures every pass brings the next one from beyond it.
 */
#include "snas/judge/bench_kernels.h"

#include <string.h>

#include "bench_peak.h"
#include "snas/base/order.h"
#include "snas/base/rng.h"
#include "snas/graph/executor.h"
#include "snas/kernel/sets.h"

static const double giga = 1e9, first_scale = 0.1;
enum { CLASSES = 10 };

/* --- what is measured --------------------------------------------------------------------------------------------- */

/* What is lowered to the measured kernel. */
typedef int (*maker)(snas_program *p, int x, snas_window w);

static int convolution(snas_program *p, int x, snas_window w)
{
    return snas_program_conv(p, "conv", snas_program_op(p, SNAS_OP_RELU, x, (snas_window){0}), w);
}

static int separable(snas_program *p, int x, snas_window w)
{
    const snas_window point = {.kernel = 1, .stride = 1, .dilation = 1, .channels = w.channels};
    x = snas_program_op(p, SNAS_OP_RELU, x, (snas_window){0});
    return snas_program_conv(p, "point", snas_program_depthwise(p, "depth", x, w), point);
}

static int max_pool(snas_program *p, int x, snas_window w)
{
    return snas_program_op(p, SNAS_OP_MAX_POOL, x, w);
}

static int avg_pool(snas_program *p, int x, snas_window w)
{
    return snas_program_op(p, SNAS_OP_AVG_POOL, x, w);
}

/* Nothing but the node that follows everywhere. */
static int nothing(snas_program *p, int x, snas_window w)
{
    (void)p, (void)w;
    return x;
}

typedef struct {
    snas_op_kind kind;
    const char *window;
    maker make;
    int kernel, stride, dilation;
} measured;

static const measured MEASURED[] = {
    {SNAS_OP_SEPARABLE, "3x3", separable, 3, 1, 1},     {SNAS_OP_SEPARABLE, "5x5", separable, 5, 1, 1},
    {SNAS_OP_SEPARABLE, "3x3 dil", separable, 3, 1, 2}, {SNAS_OP_SEPARABLE, "5x5 dil", separable, 5, 1, 2},
    {SNAS_OP_SEPARABLE, "3x3 / 2", separable, 3, 2, 1}, {SNAS_OP_POINTWISE, "1x1", convolution, 1, 1, 1},
    {SNAS_OP_DENSE, "3x3", convolution, 3, 1, 1},       {SNAS_OP_MAX_POOLED, "3x3", max_pool, 3, 1, 1},
    {SNAS_OP_AVG_POOLED, "3x3", avg_pool, 3, 1, 1},     {SNAS_OP_NODE, "", nothing, 1, 1, 1},
};

static const struct {
    int channels, side;
} SIZES[] = {{8, 32}, {16, 32}, {32, 16}, {64, 8}};

enum { KINDS = sizeof MEASURED / sizeof MEASURED[0], SIZE_COUNT = sizeof SIZES / sizeof SIZES[0] };

static snas_window window(int kernel, int stride, int dilation, int channels)
{
    return (snas_window){.kernel = kernel,
                         .stride = stride,
                         .pad = dilation * (kernel - 1) / 2,
                         .dilation = dilation,
                         .channels = channels};
}

/* Sets row->macs too: those of the plain operations that the kernel does. */
static snas_status make_program(snas_arena *mem, const measured *what, snas_kernel_row *row, snas_program **out)
{
    static const int all[] = {SNAS_NONE};
    SNAS_TRY(snas_program_create(mem, out));
    snas_program *p = *out;
    const int first = what->kind == SNAS_OP_POINTWISE ? 3 : 1; /* of another kind than what is measured */
    int x = snas_program_input(p, (snas_shape){row->side, row->side, 3});
    x = snas_program_conv(p, "first", x, window(first, 1, 1, row->channels));
    const int before = p->op_count;
    x = what->make(p, x, window(what->kernel, what->stride, what->dilation, row->channels));
    row->macs = 0;
    for (int i = before; i < p->op_count; i++) {
        row->macs += snas_program_macs(p, &p->ops[i]);
    }
    x = snas_program_norm(p, "norm", x, true);
    x = snas_program_mix(p, &x, all, all, 1, (snas_shape){0});
    x = snas_program_op(p, SNAS_OP_GLOBAL_POOL, x, (snas_window){0});
    snas_program_op(p, SNAS_OP_LOSS, snas_program_linear(p, "classifier", x, CLASSES), (snas_window){0});
    return p->failed;
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

/* Numbers of either sign: no time depends on which. */
static void fill(float *to, int64_t count, uint64_t seed, double scale)
{
    snas_rng rng = snas_rng_at(seed, SNAS_STREAM_SYNTHETIC, 0);
    for (int64_t i = 0; i < count; i++) {
        to[i] = (float)(scale * (2.0 * snas_rng_uniform(&rng) - 1.0));
    }
}

static snas_status make_feed(snas_arena *mem, int pictures, int side, snas_feed *out)
{
    float *images, *logits;
    int *labels, *ranks;
    double *losses;
    SNAS_NEW(mem, images, (int64_t)pictures * side * side * 3);
    SNAS_NEW(mem, logits, (int64_t)pictures * CLASSES);
    SNAS_NEW(mem, labels, pictures);
    SNAS_NEW(mem, ranks, pictures);
    SNAS_NEW(mem, losses, pictures);
    fill(images, (int64_t)pictures * side * side * 3, 1, 1.0);
    *out = (snas_feed){.count = pictures,
                       .mode = SNAS_PASS_TRAIN,
                       .images = images,
                       .labels = labels,
                       .losses = losses,
                       .ranks = ranks,
                       .logits = logits};
    return SNAS_OK;
}

/* Seconds of the kind both ways, of one step. */
static void take_step(snas_executor *ex, snas_feed *feed, const snas_profile *profile, snas_op_kind kind, double *ways)
{
    for (int phase = 0; phase < SNAS_PHASE_COUNT; phase++) {
        *snas_profile_at(profile, 0, kind, (snas_phase)phase) = (snas_timing){0};
    }
    snas_executor_forward(ex, feed);
    snas_executor_backward(ex, feed);
    ways[0] = snas_profile_sum(profile, kind, SNAS_PHASE_STATISTICS).seconds +
              snas_profile_sum(profile, kind, SNAS_PHASE_FORWARD).seconds;
    ways[1] = snas_profile_sum(profile, kind, SNAS_PHASE_BACKWARD_STATISTICS).seconds +
              snas_profile_sum(profile, kind, SNAS_PHASE_BACKWARD).seconds;
}

/* One kernel at one size and distance. */
static snas_status measure(snas_arena *mem, const snas_bench_kernels_options *options, const measured *what,
                           int distance, snas_kernel_row *row)
{
    static const snas_team one = {.threads = 1};
    const int pictures = distance == SNAS_NEAR ? 1 : options->pictures;
    const snas_executor_options how = {.batch = pictures, .training = true, .kernels = options->kernels};
    snas_program *program;
    snas_executor *ex;
    snas_feed feed;
    snas_profile profile;
    double *forward, *backward;
    SNAS_TRY(make_program(mem, what, row, &program));
    SNAS_TRY(snas_executor_create(mem, &one, program, &how, &ex));
    SNAS_TRY(make_feed(mem, pictures, row->side, &feed));
    SNAS_TRY(snas_profile_create(mem, 1, &profile));
    SNAS_NEW(mem, forward, options->rounds);
    SNAS_NEW(mem, backward, options->rounds);
    fill(snas_executor_weights(ex), program->weight_count, 2, first_scale);
    snas_executor_profile(ex, &profile);
    for (int i = -1; i < options->rounds; i++) { /* the first one touches the memory */
        double ways[2];
        take_step(ex, &feed, &profile, what->kind, ways);
        if (i >= 0) {
            forward[i] = ways[0] / pictures;
            backward[i] = ways[1] / pictures;
        }
    }
    snas_sort(forward, options->rounds);
    snas_sort(backward, options->rounds);
    row->at[distance].forward_s = snas_median(forward, options->rounds);
    row->at[distance].backward_s = snas_median(backward, options->rounds);
    return SNAS_OK;
}

static void add_shares(snas_kernel_row *row, double peak_gflops)
{
    const double least_s = 2.0 * (double)row->macs / (peak_gflops * giga);
    for (int distance = 0; distance < SNAS_DISTANCES; distance++) {
        row->at[distance].forward_share = least_s / row->at[distance].forward_s;
        row->at[distance].backward_share = 2.0 * least_s / row->at[distance].backward_s;
    }
}

snas_status snas_bench_kernels(snas_arena *mem, const snas_bench_kernels_options *options, snas_kernels_benched *out)
{
    static const snas_team one = {.threads = 1};
    snas_bench_kernels_options how = *options;
    snas_kernel_row *rows;
    SNAS_TRY(snas_kernel_set_choose(options->kernels, &how.kernels));
    if (strcmp(how.kernels, "plain") == 0) {
        return snas_fail(SNAS_E_USAGE, "there are no fused kernels in the kernel set 'plain'");
    }
    SNAS_NEW(mem, rows, KINDS * SIZE_COUNT);
    *out = (snas_kernels_benched){.pictures = options->pictures, .rows = rows, .kernel_set = how.kernels};
    out->peak_gflops = judge_peak_gflops(&one, how.kernels);
    for (int i = 0; i < KINDS * SIZE_COUNT; i++) {
        const measured *what = &MEASURED[i / SIZE_COUNT];
        snas_kernel_row *row = &rows[i];
        *row = (snas_kernel_row){.kernel = snas_operations_f32[what->kind]->name,
                                 .window = what->window,
                                 .channels = SIZES[i % SIZE_COUNT].channels,
                                 .side = SIZES[i % SIZE_COUNT].side};
        for (int distance = 0; distance < SNAS_DISTANCES; distance++) {
            const snas_mark mark = snas_arena_mark(mem);
            const snas_status status = measure(mem, &how, what, distance, row);
            snas_arena_release(mem, mark);
            SNAS_TRY(status);
        }
    }
    const double after = judge_peak_gflops(&one, how.kernels);
    out->peak_gflops = after > out->peak_gflops ? after : out->peak_gflops;
    for (int i = 0; i < KINDS * SIZE_COUNT; i++) {
        add_shares(&rows[i], out->peak_gflops);
    }
    out->row_count = KINDS * SIZE_COUNT;
    return SNAS_OK;
}
