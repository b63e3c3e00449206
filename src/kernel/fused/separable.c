/* separable.c -- [affine] relu, depthwise, pointwise, statistics, in one walk over a picture.
 *
 *     v = relu(s (x - centre) + t)  (of the folded norm in front, or v = relu(x))      [h,w,C]   in a zero-padded plane
 *     d = depthwise(v)                                                         [h',w',C]   one chunk of rows at a time
 *     u = d W^T                                                                [h',w',M]   written; sums of u, u^2 kept
 *
 * Backward, d recomputed, with du = m A g + B (u - centre) + D (operation.h):
 *     dW += d^T du,   dd = du W,   dw_tap += sum dd v(. + tap),   dv = depthwise of dd with the taps turned round
 *     dx += dv where v > 0;   after a folded norm g1 = dv where v > 0 is written, with its sums of g1 and g1 (x -
 *     centre)
 *
 * A thread keeps plane v between the candidates of an edge, which read the same x, and plane dd; d and du live a chunk.
 * With stride 2 a pixel of dv meets only the taps of its own parity: each of the four kinds of pixels has a small
 * window over dd of its own (dilated windows meet none but the even pixels).
 */
#include <string.h>

#include "micro.h"
#include "rows.h"

/* Requests for what the next pass reads are spread over all of a chunk, since a burst of them holds up the loads of
 * this one: so many parts a chunk. */
enum { FORWARD_PARTS = 2, BACKWARD_PARTS = 5 };

enum {
    PAD = 4, /* at least: so all candidates of an edge share planes, and their borders stay zero */
    PAGE_FLOATS = 1024
};

/** What of a thread's scratch is still good. */
typedef struct {
    uint64_t walk; /* of the numbers in plane v; 0: nothing is good */
    int image, id;
    int h, w, c, pad; /* of the planes' zero borders */
    int stride;       /* of the border of plane dd */
} plane_state;

/** Sizes of one task, in floats. */
typedef struct {
    int c, m;  /* channels in and out, padded */
    int pad;   /* of planes v and dd */
    int w;     /* pixels a row of plane v */
    int dd_w;  /* pixels a row of plane dd */
    int reach; /* padding of the window */
    int chunk; /* output rows a chunk */
    int64_t plane, d, du;
    int64_t depthwise, pointwise; /* packed weights */
} sizes;

/** Pixels a row of a plane: one more where rows would lie whole pages apart, since pixels below each other would then
 *  all compete for the same few places of the first-level cache. */
static int plane_width(int w, int pad, int c)
{
    const int width = w + 2 * pad;
    return width * c % PAGE_FLOATS == 0 ? width + 1 : width;
}

static sizes sizes_of(const snas_task *t)
{
    const snas_window *k = &t->window;
    sizes s = {.c = vec_padded(t->x[0].c), .m = vec_padded(t->y.c), .reach = k->pad};
    s.pad = k->pad > PAD ? k->pad : PAD;
    s.w = plane_width(t->x[0].w, s.pad, s.c);
    s.dd_w = plane_width(t->y.w, s.pad, s.c);
    s.plane = (int64_t)s.w * (t->x[0].h + 2 * s.pad) * s.c;
    s.chunk = rows_per_chunk(t->x[0].w);
    s.d = (int64_t)s.chunk * t->x[0].w * s.c;
    s.du = (int64_t)s.chunk * t->x[0].w * s.m;
    s.depthwise = (int64_t)k->kernel * k->kernel * s.c;
    s.pointwise = (int64_t)s.c * s.m;
    return s;
}

enum { STATE_FLOATS = 16 };

/** Kept: the state, plane v, plane dd. */
static size_t cache_bytes(const snas_task *t)
{
    return sizeof(float) * (size_t)(STATE_FLOATS + 2 * sizes_of(t).plane);
}

/** Not kept: chunks of d, du and, when u is not stored, u. */
static size_t scratch_bytes(const snas_task *t)
{
    const sizes s = sizes_of(t);
    return sizeof(float) * (size_t)(s.d + 2 * s.du);
}

/* --- weights ------------------------------------------------------------------------------------------------------ */

/** The taps that pixels of one parity meet along one axis: first, first + step, ... (count of them), and where in dd,
 *  relative to half the pixel's place, the last of them lies. */
typedef struct {
    int first, step, count, start;
} parity_taps;

static parity_taps taps_of(const snas_window *k, int parity)
{
    const int reach = parity + k->pad; /* tap a lies at (reach - a dilation) / stride of dd */
    if (k->stride == 1) {
        return (parity_taps){0, 1, k->kernel, reach - k->dilation * (k->kernel - 1)};
    }
    if (k->dilation % 2 == 0) {
        const int count = reach % 2 == 0 ? k->kernel : 0;
        return (parity_taps){0, 1, count, (reach - k->dilation * (k->kernel - 1)) / 2};
    }
    const int first = reach % 2, count = (k->kernel - first + 1) / 2;
    return (parity_taps){first, 2, count, (reach - k->dilation * (first + 2 * (count - 1))) / 2};
}

/** Packed: depthwise [tap][C]; the same turned round, window by window of the parities; pointwise [C][M], and
 *  transposed [M][C]. */
static size_t packed_bytes(const snas_task *t)
{
    const sizes s = sizes_of(t);
    return sizeof(float) * (size_t)(2 * (s.depthwise + s.pointwise));
}

/** Weights of one parity's window, turned round; returns the place after them. */
static float *pack_turned(const snas_task *t, int cp, const parity_taps *a, const parity_taps *b, float *to)
{
    const int k = t->window.kernel;
    const float *w = t->weight[0];
    for (int i = a->count - 1; i >= 0; i--) {
        for (int j = b->count - 1; j >= 0; j--, to += cp) {
            const int tap = (a->first + i * a->step) * k + b->first + j * b->step;
            for (int c = 0; c < t->x[0].c; c++) {
                to[c] = w[c * k * k + tap];
            }
        }
    }
    return to;
}

static void prepare(const snas_task *t, bool backward)
{
    const sizes s = sizes_of(t);
    const int taps = t->window.kernel * t->window.kernel, c = t->x[0].c, m = t->y.c;
    const float *depthwise = t->weight[0], *pointwise = t->weight[1];
    float *direct = t->packed, *turned = direct + s.depthwise, *columns = turned + s.depthwise;
    float *rows = columns + s.pointwise;
    (void)backward;
    for (int tap = 0; tap < taps; tap++) {
        for (int i = 0; i < c; i++) {
            direct[tap * s.c + i] = depthwise[i * taps + tap];
        }
    }
    for (int kind = 0; kind < t->window.stride * t->window.stride; kind++) {
        const parity_taps a = taps_of(&t->window, kind / t->window.stride);
        const parity_taps b = taps_of(&t->window, kind % t->window.stride);
        turned = pack_turned(t, s.c, &a, &b, turned);
    }
    for (int j = 0; j < m; j++) {
        for (int i = 0; i < c; i++) {
            columns[(int64_t)i * s.m + j] = pointwise[(int64_t)j * c + i];
            rows[(int64_t)j * s.c + i] = pointwise[(int64_t)j * c + i];
        }
    }
}

static int64_t partial_count(const snas_task *t)
{
    const sizes s = sizes_of(t);
    return s.depthwise + s.pointwise;
}

static void collect(const snas_task *t)
{
    const sizes s = sizes_of(t);
    const int taps = t->window.kernel * t->window.kernel, c = t->x[0].c;
    const float *depthwise = snas_sharded_at(&t->partial, 0), *pointwise = depthwise + s.depthwise;
    float *to_depthwise = t->dweight[0], *to_pointwise = t->dweight[1];
    for (int i = 0; i < c; i++) {
        for (int tap = 0; tap < taps; tap++) {
            to_depthwise[i * taps + tap] = depthwise[tap * s.c + i];
        }
        for (int j = 0; j < t->y.c; j++) {
            to_pointwise[(int64_t)j * c + i] = pointwise[(int64_t)i * s.m + j];
        }
    }
}

/* --- the plane ---------------------------------------------------------------------------------------------------- */

static void fill_row(const snas_task *t, const sizes *s, const float *x, float *to)
{
    const snas_norm *norm = t->norm_in;
    const int c = t->x[0].c, ld = t->x[0].ld, w = t->x[0].w, cp = s->c;
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        const float *from = x;
        float *plane = to + c0;
        const vec scale = norm == NULL ? vec_all(1.0f) : vec_load_channels(norm->scale, c0, c);
        const vec shift = norm == NULL ? vec_all(0.0f) : vec_load_channels(norm->shift, c0, c);
        const vec centre = norm == NULL ? vec_all(0.0f) : vec_load_channels(norm->centre, c0, c);
        for (int i = 0; i < w; i++, from += ld, plane += cp) {
            vec_store(plane, vec_relu((vec_load_channels(from, c0, c) - centre) * scale + shift));
        }
    }
}

/** Make the plane of this picture, unless the task before has left it. */
static float *plane_of(const snas_task *t, const sizes *s, const snas_context *context)
{
    plane_state *state = context->cache;
    float *plane = (float *)context->cache + STATE_FLOATS;
    const snas_view *x = &t->x[0];
    const bool borders =
        state->walk != 0 && state->h == x->h && state->w == x->w && state->c == s->c && state->pad == s->pad;
    if (!borders) {
        memset(plane, 0, (size_t)(2 * s->plane) * sizeof *plane);
        *state = (plane_state){.h = x->h, .w = x->w, .c = s->c, .pad = s->pad};
    }
    if (state->walk == context->walk && state->image == context->image && state->id == x->id) {
        return plane;
    }
    for (int y = 0; y < x->h; y++) {
        fill_row(t, s, view_row(x, context->slot, y), plane + ((int64_t)(y + s->pad) * s->w + s->pad) * s->c);
    }
    state->walk = context->walk;
    state->image = context->image;
    state->id = x->id;
    return plane;
}

/** Plane dd, its border zero. */
static float *dd_plane_of(const snas_task *t, const sizes *s, const snas_context *context)
{
    plane_state *state = context->cache;
    float *plane = (float *)context->cache + STATE_FLOATS + s->plane;
    if (state->stride != t->window.stride) {
        memset(plane, 0, (size_t)s->plane * sizeof *plane);
        state->stride = t->window.stride;
    }
    return plane;
}

/** The window over plane v, of some output rows; d and dd have pixels rows of `out_line` floats. */
static micro_window window_of(const snas_task *t, const sizes *s, int rows, int out_line)
{
    return (micro_window){.rows = t->window.kernel,
                          .columns = t->window.kernel,
                          .c = s->c,
                          .lines = rows,
                          .pixels = t->y.w,
                          .step = t->window.stride,
                          .tap = t->window.dilation,
                          .line = t->window.stride * s->w * s->c,
                          .tap_row = t->window.dilation * s->w * s->c,
                          .out_line = out_line};
}

/** First tap of output row y, column 0, in plane v. */
static const float *window_start(const snas_task *t, const sizes *s, const float *plane, int y)
{
    const int row = y * t->window.stride + s->pad - s->reach, column = s->pad - s->reach;
    return plane + ((int64_t)row * s->w + column) * s->c;
}

static void depthwise_rows(const snas_task *t, const sizes *s, const float *plane, int y, int rows, float *d)
{
    const micro_window window = window_of(t, s, rows, t->y.w * s->c);
    SNAS_SET(micro_depthwise)(&window, window_start(t, s, plane, y), t->packed, d);
}

/* --- forward ------------------------------------------------------------------------------------------------------ */

/** u of some pixels, `c` channels of each, `ld` floats apart. */
static void multiply_pixels(const snas_task *t, const sizes *s, const float *d, int pixels, float *u, int ld, int c)
{
    const float *columns = (const float *)t->packed + 2 * s->depthwise;
    const micro_runs product = {.rows = 1,
                                .columns = 1,
                                .length = t->x[0].c,
                                .lines = 1,
                                .pixels = pixels,
                                .step = s->c,
                                .out_step = ld,
                                .n = s->m,
                                .c = c};
    SNAS_SET(micro_convolve)(&product, d, columns, u);
}

static void forward(const snas_task *t, const snas_feed *feed, const snas_context *context)
{
    const sizes s = sizes_of(t);
    const bool sums = t->norm != NULL && feed->mode != SNAS_PASS_EVALUATE;
    if (t->y.data == NULL && !sums) {
        return; /* who reads u makes it */
    }
    const float *plane = plane_of(t, &s, context);
    float *d = context->scratch, *chunk = d + s.d;
    const int parts = FORWARD_PARTS * ((t->y.h + s.chunk - 1) / s.chunk);
    for (int y = 0; y < t->y.h; y += s.chunk) {
        const int rows = least(s.chunk, t->y.h - y);
        float *u = t->y.data == NULL ? chunk : view_row(&t->y, context->slot, y);
        const int ld = t->y.data == NULL ? s.m : t->y.ld;
        prefetch_rows(context, y / s.chunk * FORWARD_PARTS, parts);
        depthwise_rows(t, &s, plane, y, rows, d);
        prefetch_rows(context, y / s.chunk * FORWARD_PARTS + 1, parts);
        multiply_pixels(t, &s, d, rows * t->y.w, u, ld, t->y.c);
        if (sums) {
            SNAS_SET(rows_sum_moments)(t, context, y, u, ld, rows * t->y.w);
        }
    }
}

/* --- made again --------------------------------------------------------------------------------------------------- */

/** Rows of the plane under some output rows. */
static int rows_under(const snas_task *t, int rows)
{
    const snas_window *k = &t->window;
    return (rows - 1) * k->stride + (k->kernel - 1) * k->dilation + 1;
}

static size_t recompute_scratch(const snas_task *t, int rows)
{
    const sizes s = sizes_of(t);
    return sizeof(float) * (size_t)(rows_under(t, rows) * s.w * s.c + rows * t->y.w * s.c);
}

static void recompute(const snas_task *t, int slot, int y, int rows, float *out, float *scratch)
{
    const sizes s = sizes_of(t);
    const int first = y * t->window.stride - s.reach, count = rows_under(t, rows);
    float *plane = scratch, *d = plane + count * s.w * s.c;
    const micro_window window = window_of(t, &s, rows, t->y.w * s.c);
    memset(plane, 0, (size_t)(count * s.w * s.c) * sizeof *plane);
    for (int r = 0; r < count; r++) {
        if (first + r >= 0 && first + r < t->x[0].h) {
            fill_row(t, &s, view_row(&t->x[0], slot, first + r), plane + (r * s.w + s.pad) * s.c);
        }
    }
    SNAS_SET(micro_depthwise)(&window, plane + (s.pad - s.reach) * s.c, t->packed, d);
    multiply_pixels(t, &s, d, rows * t->y.w, out, s.m, s.m);
}

/* --- backward ----------------------------------------------------------------------------------------------------- */

/** In how many parts the backward pass asks for what the next one reads. */
static int prefetch_parts(const snas_task *t, const sizes *s)
{
    const int chunks = (t->y.h + s->chunk - 1) / s->chunk, stride = t->window.stride;
    return chunks * BACKWARD_PARTS + (t->dx[0].data == NULL ? 0 : stride * stride * t->x[0].h);
}

/** dW, dw and plane dd, from the output's gradient. */
static void backward_weights(const snas_task *t, const snas_feed *feed, const snas_context *context, const sizes *s,
                             const float *plane)
{
    float *dd_plane = dd_plane_of(t, s, context);
    float *d = context->scratch, *du = d + s->d, *u = du + s->du;
    float *dw = snas_sharded_at(&t->partial, context->shard);
    const float *rows_of_w = (const float *)t->packed + 2 * s->depthwise + s->pointwise;
    const int dd_line = s->dd_w * s->c, parts = prefetch_parts(t, s);
    for (int y = 0; y < t->y.h; y += s->chunk) {
        const int rows = least(s->chunk, t->y.h - y), pixels = rows * t->y.w;
        const micro_runs outer = {.rows = 1,
                                  .columns = 1,
                                  .length = t->x[0].c,
                                  .lines = 1,
                                  .pixels = pixels,
                                  .step = s->c,
                                  .out_step = s->m,
                                  .n = s->m,
                                  .c = s->m};
        const micro_runs back = {.rows = 1,
                                 .columns = 1,
                                 .length = t->y.c,
                                 .lines = rows,
                                 .line = t->y.w * s->m,
                                 .pixels = t->y.w,
                                 .step = s->m,
                                 .out_line = dd_line,
                                 .out_step = s->c,
                                 .n = s->c,
                                 .c = s->c};
        const micro_window window = window_of(t, s, rows, dd_line);
        float *dd = dd_plane + (int64_t)(y + s->pad) * dd_line + (int64_t)s->pad * s->c;
        int part = y / s->chunk * BACKWARD_PARTS;
        prefetch_rows(context, part, parts);
        depthwise_rows(t, s, plane, y, rows, d);
        prefetch_rows(context, ++part, parts);
        if (t->y.data == NULL) {
            multiply_pixels(t, s, d, pixels, u, s->m, s->m);
            SNAS_SET(rows_gradient)(t, feed, context, y, pixels, u, s->m, du);
        } else {
            SNAS_SET(rows_output_gradient)(t, feed, context, y, pixels, du);
        }
        prefetch_rows(context, ++part, parts);
        SNAS_SET(micro_convolve_weights)(&outer, d, du, dw + s->depthwise);
        prefetch_rows(context, ++part, parts);
        SNAS_SET(micro_convolve)(&back, du, rows_of_w, dd);
        prefetch_rows(context, ++part, parts);
        SNAS_SET(micro_depthwise_weights)(&window, window_start(t, s, plane, y), dd, dw);
    }
}

/** Pixels first, first + step, ... of picture row y: dv through the relu, added to dx, or written as the folded norm's
 *  gradient with its sums. */
typedef struct {
    int y, first, step, count;
} pixel_row;

static void finish_pixels(const snas_task *t, const sizes *s, const snas_context *context, const pixel_row *row,
                          const float *plane, const float *dv)
{
    const int c = t->x[0].c, cp = s->c, count = row->count;
    const int v_step = row->step * cp, dx_step = row->step * t->dx[0].ld, x_step = row->step * t->x[0].ld;
    const snas_norm *norm = t->norm_in;
    const float *v = plane + ((int64_t)(row->y + s->pad) * s->w + s->pad + row->first) * cp;
    float *dx = view_row(&t->dx[0], context->slot, row->y) + (int64_t)row->first * t->dx[0].ld;
    const float *x = view_row(&t->x[0], context->slot, row->y) + (int64_t)row->first * t->x[0].ld;
    for (int c0 = 0; c0 < c; c0 += WIDTH, v += WIDTH, dv += WIDTH) {
        const float *open = v, *from = dv, *at = x;
        float *to = dx;
        if (norm == NULL) {
            for (int i = 0; i < count; i++, open += v_step, from += cp, to += dx_step) {
                const vec through = vec_where(vec_load(open) > (vec){0}, vec_load(from));
                vec_store_channels(to, c0, c, vec_load_channels(to, c0, c) + through);
            }
            continue;
        }
        const vec centre = vec_load_channels(norm->centre, c0, c);
        vec sum = {0}, product = {0};
        for (int i = 0; i < count; i++, open += v_step, from += cp, to += dx_step, at += x_step) {
            const vec through = vec_where(vec_load(open) > (vec){0}, vec_load(from));
            vec_store_channels(to, c0, c, through);
            sum += through;
            product += through * (vec_load_channels(at, c0, c) - centre);
        }
        double *s0 = snas_sharded_at(&norm->gradients, context->shard);
        sums_add(s0 + c0, sum, c - c0);
        sums_add(s0 + norm->c + c0, product, c - c0);
    }
}

/** dv of the pixels of one parity: rows a, a + stride, ..., columns b, b + stride, ... */
static void backward_parity(const snas_task *t, const snas_context *context, const sizes *s, const float *plane,
                            const float *turned, int kind)
{
    const int stride = t->window.stride;
    const parity_taps a = taps_of(&t->window, kind / stride), b = taps_of(&t->window, kind % stride);
    const float *dd_plane = (const float *)context->cache + STATE_FLOATS + s->plane;
    float *dv = context->scratch;
    const int between = stride == 1 ? t->window.dilation : t->window.dilation * a.step / 2;
    pixel_row row = {.first = kind % stride, .step = stride};
    row.count = (t->x[0].w - row.first + stride - 1) / stride;
    const int parts = prefetch_parts(t, s), first_part = parts - stride * stride * t->x[0].h;
    const micro_window window = {.rows = a.count,
                                 .columns = b.count,
                                 .c = s->c,
                                 .lines = 1,
                                 .pixels = row.count,
                                 .step = 1,
                                 .tap = between,
                                 .tap_row = between * s->dd_w * s->c};
    for (row.y = kind / stride; row.y < t->x[0].h; row.y += stride) {
        const float *start =
            dd_plane + ((int64_t)(row.y / stride + s->pad + a.start) * s->dd_w + s->pad + b.start) * s->c;
        prefetch_rows(context, first_part + kind * t->x[0].h + row.y, parts);
        SNAS_SET(micro_depthwise)(&window, start, turned, dv);
        finish_pixels(t, s, context, &row, plane, dv);
    }
}

/** Pixels that no tap meets (dilated, stride 2): where gradients are written, not added, theirs is written as 0. */
static void clear_parity(const snas_task *t, const snas_context *context, int kind)
{
    const int stride = t->window.stride;
    for (int y = kind / stride; y < t->x[0].h; y += stride) {
        float *dx = view_row(&t->dx[0], context->slot, y);
        for (int x = kind % stride; x < t->x[0].w; x += stride) {
            memset(dx + (int64_t)x * t->dx[0].ld, 0, (size_t)t->x[0].c * sizeof *dx);
        }
    }
}

static void backward_input(const snas_task *t, const snas_context *context, const sizes *s, const float *plane)
{
    const float *turned = (const float *)t->packed + s->depthwise;
    for (int kind = 0; kind < t->window.stride * t->window.stride; kind++) {
        const parity_taps a = taps_of(&t->window, kind / t->window.stride);
        const parity_taps b = taps_of(&t->window, kind % t->window.stride);
        if (a.count > 0 && b.count > 0) {
            backward_parity(t, context, s, plane, turned, kind);
            turned += (int64_t)a.count * b.count * s->c;
        } else if (t->norm_in != NULL) {
            clear_parity(t, context, kind);
        }
    }
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_context *context)
{
    const sizes s = sizes_of(t);
    const float *plane = plane_of(t, &s, context);
    backward_weights(t, feed, context, &s, plane);
    if (t->dx[0].data != NULL) {
        backward_input(t, context, &s, plane);
    }
}

/** Same padding and odd sides, as the planes have it; parities of strides up to 2. */
static bool matches(const snas_window *windows, int count, snas_window *fused)
{
    const snas_window *depthwise = &windows[1], *pointwise = &windows[2];
    (void)count;
    *fused = *depthwise;
    fused->channels = pointwise->channels;
    fused->relu = true;
    return depthwise->kernel % 2 == 1 && depthwise->pad == depthwise->dilation * (depthwise->kernel - 1) / 2 &&
           depthwise->stride <= 2 && depthwise->offset == 0 && pointwise->kernel == 1 && pointwise->stride == 1 &&
           pointwise->pad == 0 && pointwise->offset == 0;
}

const snas_operation SNAS_SET(snas_op_separable) = {.name = "separable",
                                                    .brief = "relu, depthwise, pointwise and statistics in one walk",
                                                    .lowered = true,
                                                    .backward_reads_x = true,
                                                    .backward_reads_y = true,
                                                    .folds_norm = true,
                                                    .sums = true,
                                                    .storage = SNAS_RECOMPUTED_ON_REQUEST,
                                                    .chains = {{3, {SNAS_OP_RELU, SNAS_OP_DEPTHWISE, SNAS_OP_CONV}}},
                                                    .matches = matches,
                                                    .kernel = {.forward = forward,
                                                               .backward = backward,
                                                               .scratch = scratch_bytes,
                                                               .cache = cache_bytes,
                                                               .packed = packed_bytes,
                                                               .prepare = prepare,
                                                               .partial = partial_count,
                                                               .collect = collect,
                                                               .recompute = recompute,
                                                               .recompute_scratch = recompute_scratch}};
