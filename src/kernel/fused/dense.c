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
    SNAS_SET(rows_reduce_partials)(t);
    const float *sum = partial_of(t, 0);
    float *dw = t->dweight[0];
    for (int j = 0; j < t->y.c; j++) {
        for (int i = 0; i < c; i++) {
            for (int tap = 0; tap < taps; tap++) {
                dw[((int64_t)j * c + i) * taps + tap] = sum[(int64_t)(tap * c + i) * s.m + j];
            }
        }
    }
}

/** Pixel of the picture under tap `tap` of output (y, x), NULL outside. */
static float *pixel_under(const snas_task *t, const snas_view *v, float *picture, int y, int x,
                          int tap)
{
    const snas_window *w = &t->window;
    const int py = y * w->stride - w->pad + tap / w->kernel * w->dilation + w->offset;
    const int px = x * w->stride - w->pad + tap % w->kernel * w->dilation + w->offset;
    const bool inside = py >= 0 && py < v->h && px >= 0 && px < v->w;
    return inside ? picture + ((int64_t)py * v->w + px) * v->ld : NULL;
}

static void gather_pixel(const snas_task *t, const float *from, float *to)
{
    const int c = t->x[0].c;
    if (from == NULL) {
        memset(to, 0, (size_t)c * sizeof *to);
        return;
    }
    if (!t->window.relu) {
        memcpy(to, from, (size_t)c * sizeof *to);
        return;
    }
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        vec_store_channels(to, c0, c, vec_relu(vec_load_channels(from, c0, c)));
    }
}

/** dx += da of one pixel, where the relu let x through. */
static void scatter_pixel(const snas_task *t, const float *x, const float *da, float *dx)
{
    const int c = t->x[0].c;
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        vec part = vec_load_channels(da, c0, c);
        if (t->window.relu) {
            part = vec_where(vec_load_channels(x, c0, c) > (vec){0}, part);
        }
        vec_store_channels(dx, c0, c, vec_load_channels(dx, c0, c) + part);
    }
}

/** Rows of a for output rows y.. */
static void gather(const snas_task *t, const sizes *s, const snas_place *place, int y, int rows,
                   float *a)
{
    const int taps = t->window.kernel * t->window.kernel, c = t->x[0].c;
    float *picture = view_at(&t->x[0], place->slot);
    for (int q = 0; q < rows * t->y.w; q++, a += s->kp) {
        for (int tap = 0; tap < taps; tap++) {
            gather_pixel(t, pixel_under(t, &t->x[0], picture, y + q / t->y.w, q % t->y.w, tap),
                         a + tap * c);
        }
        memset(a + s->k, 0, (size_t)(s->kp - s->k) * sizeof *a);
    }
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static void forward(const snas_task *t, const snas_feed *feed, const snas_place *place)
{
    const sizes s = sizes_of(t);
    float *a = place->scratch, *chunk = a + 2 * s.a;
    const bool whole = s.m == t->y.c;
    for (int y = 0; y < t->y.h; y += s.chunk) {
        const int rows = least(s.chunk, t->y.h - y), pixels = rows * t->y.w;
        float *u = view_row(&t->y, place->slot, y);
        gather(t, &s, place, y, rows, a);
        const micro_product product = {
            .rows = pixels, .k = s.k, .n = s.m, .lda = s.kp, .ldc = whole ? t->y.ld : s.m};
        SNAS_SET(micro_multiply)(&product, a, t->packed, whole ? u : chunk);
        for (int i = 0; !whole && i < pixels; i++) {
            memcpy(u + (int64_t)i * t->y.ld, chunk + (int64_t)i * s.m, (size_t)t->y.c * sizeof *u);
        }
        if (t->norm != NULL && feed->mode != SNAS_PASS_EVALUATE) {
            SNAS_SET(rows_sum_squares)
            (t->norm, t->norm_first, place->shard, u, pixels, t->y.ld, t->y.c);
        }
    }
}

/** dx += da of output rows y.., where the relu let x through. */
static void scatter(const snas_task *t, const sizes *s, const snas_place *place, int y, int rows,
                    const float *da)
{
    const int taps = t->window.kernel * t->window.kernel, c = t->x[0].c;
    float *x = view_at(&t->x[0], place->slot), *dx = view_at(&t->dx[0], place->slot);
    for (int q = 0; q < rows * t->y.w; q++, da += s->kp) {
        for (int tap = 0; tap < taps; tap++) {
            const int row = y + q / t->y.w, column = q % t->y.w;
            const float *from = pixel_under(t, &t->x[0], x, row, column, tap);
            float *to = pixel_under(t, &t->dx[0], dx, row, column, tap);
            if (to != NULL) {
                scatter_pixel(t, from, da + tap * c, to);
            }
        }
    }
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_place *place)
{
    const sizes s = sizes_of(t);
    float *a = place->scratch, *da = a + s.a, *du = da + s.a;
    for (int y = 0; y < t->y.h; y += s.chunk) {
        const int rows = least(s.chunk, t->y.h - y), pixels = rows * t->y.w;
        const micro_product outer = {.rows = pixels, .k = s.kp, .n = s.m, .lda = s.kp};
        const micro_product back = {
            .rows = pixels, .k = t->y.c, .n = s.kp, .lda = s.m, .ldc = s.kp};
        gather(t, &s, place, y, rows, a);
        SNAS_SET(rows_output_gradient)(t, feed, place, y, pixels, du);
        SNAS_SET(micro_outer)(&outer, a, du, partial_of(t, place->shard));
        if (t->dx[0].data != NULL) {
            SNAS_SET(micro_multiply)(&back, du, (const float *)t->packed + s.weights, da);
            scatter(t, &s, place, y, rows, da);
        }
    }
}

const snas_kernel SNAS_SET(kernel_dense) = {.forward = forward,
                                            .backward = backward,
                                            .scratch = scratch_bytes,
                                            .packed = packed_bytes,
                                            .prepare = prepare,
                                            .partial = partial_count,
                                            .collect = collect};
