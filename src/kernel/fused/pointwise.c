/* pointwise.c -- [relu] convolution with a window of one pixel, statistics: pixels gathered chunk by chunk, one small
 * matrix product each.
 *
 *     a[q, c] = relu(x)(pixel of q)                         [chunk, C]
 *     u = a W,   W: [C, M]                                  written; sums of u, u^2 kept
 *     dW += a^T du,   da = du W^T,   dx += da where x > 0 (everywhere without the relu)
 */
#include "micro.h"
#include "rows.h"

typedef struct {
    int c, m;  /* channels in and out, padded */
    int chunk; /* output rows a chunk */
    int64_t a, du, weights;
} sizes;

static sizes sizes_of(const snas_task *t)
{
    sizes s = {.c = vec_padded(t->x[0].c), .m = vec_padded(t->y.c), .chunk = rows_per_chunk(t->y.w)};
    s.a = (int64_t)s.chunk * t->y.w * s.c;
    s.du = (int64_t)s.chunk * t->y.w * s.m;
    s.weights = (int64_t)t->x[0].c * s.m;
    return s;
}

static size_t scratch_bytes(const snas_task *t)
{
    const sizes s = sizes_of(t);
    return sizeof(float) * (size_t)(2 * s.a + s.du);
}

/** Packed: [C][M] and transposed [M][C]. */
static size_t packed_bytes(const snas_task *t)
{
    const sizes s = sizes_of(t);
    return sizeof(float) * (size_t)(s.weights + (int64_t)t->y.c * s.c);
}

static void prepare(const snas_task *t, bool backward)
{
    const sizes s = sizes_of(t);
    const int c = t->x[0].c;
    const float *w = t->weight[0];
    float *columns = t->packed, *rows = columns + s.weights;
    (void)backward;
    for (int j = 0; j < t->y.c; j++) {
        for (int i = 0; i < c; i++) {
            columns[(int64_t)i * s.m + j] = rows[(int64_t)j * s.c + i] = w[(int64_t)j * c + i];
        }
    }
}

static int64_t partial_count(const snas_task *t)
{
    return sizes_of(t).weights;
}

static void collect(const snas_task *t)
{
    const sizes s = sizes_of(t);
    const int c = t->x[0].c;
    const float *sum = snas_sharded_at(&t->partial, 0);
    float *dw = t->dweight[0];
    for (int j = 0; j < t->y.c; j++) {
        for (int i = 0; i < c; i++) {
            dw[(int64_t)j * c + i] = sum[(int64_t)i * s.m + j];
        }
    }
}

/** One block of channels of `count` pixels, [count][step] -> [count][to_step], relu'd when asked. */
static void copy_block(const snas_task *t, const float *from, int64_t step, int count, float *to, int to_step)
{
    const int c = t->x[0].block;
    for (int i = 0; i < count; i++) {
        for (int c0 = 0; c0 < c; c0 += WIDTH) {
            const vec x = vec_load_channels(from + i * step, c0, c);
            vec_store_channels(to + i * to_step, c0, c, t->window.relu ? vec_relu(x) : x);
        }
    }
}

/** Floats from a picture's first to its pixel under the first output of row y. */
static int64_t pixel_under(const snas_task *t, const snas_view *v, int y)
{
    const snas_window *w = &t->window;
    return ((int64_t)(y * w->stride + w->offset) * v->w + w->offset) * v->ld;
}

/** a of output rows y.. */
static void gather(const snas_task *t, const sizes *s, const snas_context *context, int y, int rows, float *a)
{
    const snas_view *x = &t->x[0];
    for (int r = y; r < y + rows; r++, a += (int64_t)t->y.w * s->c) {
        for (int c0 = 0; c0 < x->c; c0 += x->block) {
            copy_block(t, view_block(x, context->slot, c0) + pixel_under(t, x, r), (int64_t)t->window.stride * x->ld,
                       t->y.w, a + c0, s->c);
        }
    }
}

/** [count][cp] of da, where a > 0 when relu'd, added to [count][step] of dx: one block of channels. */
static void add_block(const snas_task *t, const float *a, const float *da, int cp, int count, float *dx, int64_t step)
{
    const int c = t->dx[0].block;
    for (int i = 0; i < count; i++) {
        for (int c0 = 0; c0 < c; c0 += WIDTH) {
            float *to = dx + i * step;
            vec part = vec_load_channels(da + i * cp, c0, c);
            if (t->window.relu) {
                part = vec_where(vec_load_channels(a + i * cp, c0, c) > (vec){0}, part);
            }
            vec_store_channels(to, c0, c, vec_load_channels(to, c0, c) + part);
        }
    }
}

/** dx += da of output rows y.. */
static void scatter(const snas_task *t, const sizes *s, const snas_context *context, int y, int rows, const float *a,
                    const float *da)
{
    const snas_view *dx = &t->dx[0];
    for (int r = y; r < y + rows; r++, a += (int64_t)t->y.w * s->c, da += (int64_t)t->y.w * s->c) {
        for (int c0 = 0; c0 < dx->c; c0 += dx->block) {
            add_block(t, a + c0, da + c0, s->c, t->y.w, view_block(dx, context->slot, c0) + pixel_under(t, dx, r),
                      (int64_t)t->window.stride * dx->ld);
        }
    }
}

static void forward(const snas_task *t, const snas_feed *feed, const snas_context *context)
{
    const sizes s = sizes_of(t);
    float *a = context->scratch;
    for (int y = 0; y < t->y.h; y += s.chunk) {
        const int rows = least(s.chunk, t->y.h - y), pixels = rows * t->y.w;
        float *u = view_row(&t->y, context->slot, y);
        const micro_runs product = {.rows = 1,
                                    .columns = 1,
                                    .length = t->x[0].c,
                                    .lines = 1,
                                    .pixels = pixels,
                                    .step = s.c,
                                    .out_step = t->y.ld,
                                    .n = s.m,
                                    .c = t->y.c};
        prefetch_rows(context, y / s.chunk, (t->y.h + s.chunk - 1) / s.chunk);
        gather(t, &s, context, y, rows, a);
        SNAS_SET(micro_convolve)(&product, a, t->packed, u);
        if (t->norm != NULL && feed->mode != SNAS_PASS_EVALUATE) {
            SNAS_SET(rows_sum_moments)(t, context, y, u, t->y.ld, pixels);
        }
    }
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_context *context)
{
    const sizes s = sizes_of(t);
    float *a = context->scratch, *da = a + s.a, *du = da + s.a;
    micro_runs outer = {
        .rows = 1, .columns = 1, .length = t->x[0].c, .lines = 1, .step = s.c, .out_step = s.m, .n = s.m, .c = s.m};
    micro_runs back = {
        .rows = 1, .columns = 1, .length = t->y.c, .lines = 1, .step = s.m, .out_step = s.c, .n = s.c, .c = s.c};
    for (int y = 0; y < t->y.h; y += s.chunk) {
        const int rows = least(s.chunk, t->y.h - y);
        outer.pixels = back.pixels = rows * t->y.w;
        prefetch_rows(context, y / s.chunk, (t->y.h + s.chunk - 1) / s.chunk);
        gather(t, &s, context, y, rows, a);
        SNAS_SET(rows_output_gradient)(t, feed, context, y, outer.pixels, du);
        SNAS_SET(micro_convolve_weights)(&outer, a, du, snas_sharded_at(&t->partial, context->shard));
        if (t->dx[0].data != NULL) {
            SNAS_SET(micro_convolve)(&back, du, (const float *)t->packed + s.weights, da);
            scatter(t, &s, context, y, rows, a, da);
        }
    }
}

static bool matches(const snas_window *windows, int count, snas_window *fused)
{
    *fused = windows[count - 1];
    fused->relu = count == 2;
    return fused->kernel == 1 && fused->pad == 0;
}

const snas_operation SNAS_SET(snas_op_pointwise) = {.name = "pointwise",
                                                    .brief = "relu, 1x1 convolution and statistics in one walk",
                                                    .lowered = true,
                                                    .backward_reads_x = true,
                                                    .backward_reads_y = true,
                                                    .sums = true,
                                                    .reads_blocks = true,
                                                    .chains = {{2, {SNAS_OP_RELU, SNAS_OP_CONV}}, {1, {SNAS_OP_CONV}}},
                                                    .matches = matches,
                                                    .kernel = {.forward = forward,
                                                               .backward = backward,
                                                               .scratch = scratch_bytes,
                                                               .packed = packed_bytes,
                                                               .prepare = prepare,
                                                               .partial = partial_count,
                                                               .collect = collect}};
