/* dense.c -- [relu] dense convolution, statistics: windows gathered chunk by chunk, one small matrix product each.
 *
 *     a[q, (tap,c)] = relu(x)(pixel of q and tap, c)        [chunk, K], K = k k C, columns padded with zeros
 *     u = a W,   W: [K, M]                                  written; sums of u, u^2 kept
 *     dW += a^T du,   da = du W^T,   dx += da where x > 0 (everywhere without the relu)
 */
#include <string.h>

#include "micro.h"
#include "rows.h"

typedef struct {
    int k, kp, m; /* row length of a, padded; channels out, padded */
    int chunk;    /* output rows a chunk */
    int64_t a, u, weights;
} sizes;

static sizes sizes_of(const snas_task *t)
{
    sizes s = {.k = t->window.kernel * t->window.kernel * t->x[0].c, .m = vec_padded(t->y.c)};
    s.kp = vec_padded(s.k);
    s.chunk = rows_per_chunk(t->y.w);
    s.a = (int64_t)s.chunk * t->y.w * s.kp;
    s.u = (int64_t)s.chunk * t->y.w * s.m;
    s.weights = (int64_t)s.kp * s.m;
    return s;
}

static size_t scratch_bytes(const snas_task *t)
{
    const sizes s = sizes_of(t);
    return sizeof(float) * (size_t)(2 * s.a + s.u);
}

/** Packed: [K][M] and transposed [M][K]. */
static size_t packed_bytes(const snas_task *t)
{
    return sizeof(float) * (size_t)(2 * sizes_of(t).weights);
}

static void prepare(const snas_task *t, bool backward)
{
    const sizes s = sizes_of(t);
    const int taps = t->window.kernel * t->window.kernel, c = t->x[0].c;
    const float *w = t->weight[0];
    float *columns = t->packed, *rows = columns + s.weights;
    (void)backward;
    for (int j = 0; j < t->y.c; j++) {
        for (int i = 0; i < c; i++) {
            for (int tap = 0; tap < taps; tap++) {
                const float weight = w[((int64_t)j * c + i) * taps + tap];
                columns[(int64_t)(tap * c + i) * s.m + j] = weight;
                rows[(int64_t)j * s.kp + tap * c + i] = weight;
            }
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
    const int taps = t->window.kernel * t->window.kernel, c = t->x[0].c;
    const float *sum = snas_sharded_at(&t->partial, 0);
    float *dw = t->dweight[0];
    for (int j = 0; j < t->y.c; j++) {
        for (int i = 0; i < c; i++) {
            for (int tap = 0; tap < taps; tap++) {
                dw[((int64_t)j * c + i) * taps + tap] = sum[(int64_t)(tap * c + i) * s.m + j];
            }
        }
    }
}

/** The pixels of the picture that one tap of one output row meets: outputs first..last - 1 lie inside, and `offset` is
 *  the first one's place in the picture, in pixels. */
typedef struct {
    int first, last;
    int64_t offset;
} tap_row;

static tap_row row_under(const snas_task *t, int y, int tap)
{
    const snas_window *w = &t->window;
    const snas_view *v = &t->x[0];
    const int py = y * w->stride - w->pad + tap / w->kernel * w->dilation + w->offset;
    const int px = -w->pad + tap % w->kernel * w->dilation + w->offset; /* of output 0 */
    tap_row row = {.first = px < 0 ? (-px + w->stride - 1) / w->stride : 0, .last = t->y.w};
    if (px + (row.last - 1) * w->stride >= v->w) {
        row.last = px < v->w ? (v->w - 1 - px) / w->stride + 1 : 0;
    }
    if (py < 0 || py >= v->h || row.last < row.first) {
        row.last = row.first;
    }
    row.offset = (int64_t)py * v->w + px + (int64_t)row.first * w->stride;
    return row;
}

/** One block of channels of `count` pixels, [count][step] -> [count][kp], relu'd when asked. */
static void copy_block(const snas_task *t, const float *from, int64_t step, int count, float *to, int kp)
{
    const int c = t->x[0].block;
    if (c < 4) {
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < c; j++) {
                const float x = from[i * step + j];
                to[i * kp + j] = t->window.relu && x < 0.0f ? 0.0f : x;
            }
        }
        return;
    }
    for (int i = 0; i < count; i++) {
        for (int c0 = 0; c0 < c; c0 += WIDTH) {
            const vec x = vec_load_channels(from + i * step, c0, c);
            vec_store_channels(to + i * kp, c0, c, t->window.relu ? vec_relu(x) : x);
        }
    }
}

/** Rows of a for output rows y.. */
static void gather(const snas_task *t, const sizes *s, const snas_context *context, int y, int rows, float *a)
{
    const snas_view *x = &t->x[0];
    const int taps = t->window.kernel * t->window.kernel;
    const bool padded = t->window.pad > 0 || s->k < s->kp;
    for (int r = y; r < y + rows; r++, a += (int64_t)t->y.w * s->kp) {
        if (padded) {
            memset(a, 0, (size_t)t->y.w * (size_t)s->kp * sizeof *a);
        }
        for (int tap = 0; tap < taps; tap++) {
            const tap_row row = row_under(t, r, tap);
            float *to = a + (int64_t)row.first * s->kp + tap * x->c;
            for (int c0 = 0; c0 < x->c; c0 += x->block) {
                copy_block(t, view_block(x, context->slot, c0) + row.offset * x->ld, (int64_t)t->window.stride * x->ld,
                           row.last - row.first, to + c0, s->kp);
            }
        }
    }
}

/** dx += da of one block of channels of `count` pixels, where the relu let x through: there a > 0. */
static void add_block(const snas_task *t, const float *a, const float *da, int kp, int count, float *dx, int64_t step)
{
    const int c = t->dx[0].block;
    for (int i = 0; i < count; i++) {
        for (int c0 = 0; c0 < c; c0 += WIDTH) {
            float *to = dx + i * step;
            vec part = vec_load_channels(da + i * kp, c0, c);
            if (t->window.relu) {
                part = vec_where(vec_load_channels(a + i * kp, c0, c) > (vec){0}, part);
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
    const int taps = t->window.kernel * t->window.kernel;
    for (int r = y; r < y + rows; r++) {
        for (int tap = 0; tap < taps; tap++) {
            const tap_row row = row_under(t, r, tap);
            const int64_t at = ((int64_t)(r - y) * t->y.w + row.first) * s->kp + tap * dx->c;
            for (int c0 = 0; c0 < dx->c; c0 += dx->block) {
                add_block(t, a + at + c0, da + at + c0, s->kp, row.last - row.first,
                          view_block(dx, context->slot, c0) + row.offset * dx->ld, (int64_t)t->window.stride * dx->ld);
            }
        }
    }
}

static void forward(const snas_task *t, const snas_feed *feed, const snas_context *context)
{
    const sizes s = sizes_of(t);
    float *a = context->scratch, *chunk = a + 2 * s.a;
    const bool whole = s.m == t->y.c;
    for (int y = 0; y < t->y.h; y += s.chunk) {
        const int rows = least(s.chunk, t->y.h - y), pixels = rows * t->y.w;
        float *u = view_row(&t->y, context->slot, y);
        prefetch_rows(context, y / s.chunk, (t->y.h + s.chunk - 1) / s.chunk);
        gather(t, &s, context, y, rows, a);
        const micro_product product = {.rows = pixels, .k = s.k, .n = s.m, .lda = s.kp, .ldc = whole ? t->y.ld : s.m};
        SNAS_SET(micro_multiply)(&product, a, t->packed, whole ? u : chunk);
        for (int i = 0; !whole && i < pixels; i++) {
            memcpy(u + (int64_t)i * t->y.ld, chunk + (int64_t)i * s.m, (size_t)t->y.c * sizeof *u);
        }
        if (t->norm != NULL && feed->mode != SNAS_PASS_EVALUATE) {
            SNAS_SET(rows_sum_moments)(t, context, y, u, t->y.ld, pixels);
        }
    }
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_context *context)
{
    const sizes s = sizes_of(t);
    float *a = context->scratch, *da = a + s.a, *du = da + s.a;
    for (int y = 0; y < t->y.h; y += s.chunk) {
        const int rows = least(s.chunk, t->y.h - y), pixels = rows * t->y.w;
        const micro_product outer = {.rows = pixels, .k = s.kp, .n = s.m, .lda = s.kp};
        const micro_product back = {.rows = pixels, .k = t->y.c, .n = s.kp, .lda = s.m, .ldc = s.kp};
        prefetch_rows(context, y / s.chunk, (t->y.h + s.chunk - 1) / s.chunk);
        gather(t, &s, context, y, rows, a);
        SNAS_SET(rows_output_gradient)(t, feed, context, y, pixels, du);
        SNAS_SET(micro_outer)(&outer, a, du, snas_sharded_at(&t->partial, context->shard));
        if (t->dx[0].data != NULL) {
            SNAS_SET(micro_multiply)(&back, du, (const float *)t->packed + s.weights, da);
            scatter(t, &s, context, y, rows, a, da);
        }
    }
}

static bool matches(const snas_window *windows, int count, snas_window *fused)
{
    *fused = windows[count - 1];
    fused->relu = count == 2;
    return true;
}

const snas_operation SNAS_SET(snas_op_dense) = {.name = "dense",
                                                .brief = "relu, dense convolution and statistics in one walk",
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
