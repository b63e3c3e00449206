/* dense.c -- [relu] dense convolution of a window, statistics: read from a zero-padded plane, written nowhere else.
 *
 *     v = relu(x)                                              [lines, columns, C]   in a zero-padded plane
 *     u[q, m] = sum_tap,c v[pixel of q and tap, c] w[tap, c, m]                      written; sums of u, u^2 kept
 *
 * Backward, with du = m A g + B (u - centre) + D (operation.h) in a zero-padded plane of its own:
 *     dw[tap, c, m] += sum_q v[pixel of q and tap, c] du[q, m]
 *     dv[p, c] = sum_tap,m du[output that meets p with tap, m] w[tap, c, m],   dx += dv where x > 0 (everywhere
 *                                                                                       without the relu)
 *
 * The channels of taps that lie side by side are one run of floats of the plane (micro_runs.c), so windows are never
 * gathered. With stride s a pixel p meets only the taps of its own phase, p modulo s along both axes: each of the s s
 * phases has a small window over du, and weights, of its own.
 */
#include <string.h>

#include "micro.h"
#include "rows.h"

/** The plane of x: pixel (line, column) is the picture's (line - before, column - before). */
typedef struct {
    int lines, columns;
    int before; /* pad - offset; negative: so many of the picture's first are left out */
} plane;

/** Sizes of one task, in floats. */
typedef struct {
    int c, m; /* channels in and out, padded */
    plane x, du;
    int64_t x_plane, du_plane, dv, weights;
} sizes;

static int most(int a, int b)
{
    return a > b ? a : b;
}

/** a / b, rounded down; b above 0. */
static int floor_divide(int a, int b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static int x_side(const snas_window *w, int outputs)
{
    return (outputs - 1) * w->stride + (w->kernel - 1) * w->dilation + 1;
}

/** Outputs, real and beyond the border, from the first to the last that a pixel of the side meets. */
static int du_side(const snas_window *w, int side, int outputs, int before)
{
    return before + most(outputs, floor_divide(side - 1 + w->pad - w->offset, w->stride) + 1);
}

static sizes sizes_of(const snas_task *t)
{
    const snas_window *w = &t->window;
    const int reach = w->pad - w->offset, first = floor_divide(reach - (w->kernel - 1) * w->dilation, w->stride);
    sizes s = {.c = vec_padded(t->x[0].c), .m = vec_padded(t->y.c)};
    s.x = (plane){.lines = x_side(w, t->y.h), .columns = x_side(w, t->y.w), .before = reach};
    s.du.before = most(-first, 0);
    s.du.lines = du_side(w, t->x[0].h, t->y.h, s.du.before);
    s.du.columns = du_side(w, t->x[0].w, t->y.w, s.du.before);
    s.x_plane = vec_padded(s.x.lines * s.x.columns * t->x[0].c);
    s.du_plane = (int64_t)s.du.lines * s.du.columns * s.m;
    s.dv = (int64_t)t->x[0].w * s.c;
    s.weights = (int64_t)w->kernel * w->kernel * t->x[0].c * s.m;
    return s;
}

static size_t scratch_bytes(const snas_task *t)
{
    const sizes s = sizes_of(t);
    return sizeof(float) * (size_t)(s.x_plane + s.du_plane + s.dv);
}

/* --- weights ------------------------------------------------------------------------------------------------------ */

/** The taps that pixels of one phase meet along one axis: first, first + step, ... (count of them). The last of them
 *  meets output `start`, seen from the pixel's own number within its phase; the one before, output start + between. */
typedef struct {
    int first, step, count, start, between;
} phase_taps;

static phase_taps taps_of(const snas_window *w, int phase)
{
    const int reach = phase + w->pad - w->offset; /* tap a meets output (reach - a dilation) / stride */
    phase_taps taps = {.step = 1};
    while (taps.step * w->dilation % w->stride != 0) {
        taps.step++;
    }
    while (taps.first < taps.step && (reach - taps.first * w->dilation) % w->stride != 0) {
        taps.first++;
    }
    if (taps.first < least(taps.step, w->kernel)) {
        taps.count = (w->kernel - taps.first + taps.step - 1) / taps.step;
        taps.start = (reach - (taps.first + (taps.count - 1) * taps.step) * w->dilation) / w->stride;
        taps.between = taps.step * w->dilation / w->stride;
    }
    return taps;
}

/** Packed: [tap][c][M]; then, phase by phase, its taps in the order of the outputs that they meet: [tap][m][C]. */
static size_t packed_bytes(const snas_task *t)
{
    const sizes s = sizes_of(t);
    const int64_t turned = (int64_t)t->window.kernel * t->window.kernel * t->y.c * s.c;
    return sizeof(float) * (size_t)(s.weights + turned);
}

/** Weights of one phase; returns the place after them. */
static float *pack_phase(const snas_task *t, int cp, const phase_taps *a, const phase_taps *b, float *to)
{
    const int k = t->window.kernel, c = t->x[0].c;
    const float *w = t->weight[0];
    for (int i = a->count - 1; i >= 0; i--) {
        for (int j = b->count - 1; j >= 0; j--) {
            const int tap = (a->first + i * a->step) * k + b->first + j * b->step;
            for (int m = 0; m < t->y.c; m++, to += cp) {
                for (int n = 0; n < c; n++) {
                    to[n] = w[((int64_t)m * c + n) * k * k + tap];
                }
            }
        }
    }
    return to;
}

static void prepare(const snas_task *t, bool backward)
{
    const sizes s = sizes_of(t);
    const int taps = t->window.kernel * t->window.kernel, c = t->x[0].c, stride = t->window.stride;
    const float *w = t->weight[0];
    float *direct = t->packed, *turned = direct + s.weights;
    for (int m = 0; m < t->y.c; m++) {
        for (int i = 0; i < c * taps; i++) {
            direct[(int64_t)(i % taps * c + i / taps) * s.m + m] = w[(int64_t)m * c * taps + i];
        }
    }
    for (int phase = 0; backward && phase < stride * stride; phase++) {
        const phase_taps a = taps_of(&t->window, phase / stride), b = taps_of(&t->window, phase % stride);
        turned = pack_phase(t, s.c, &a, &b, turned);
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
    for (int m = 0; m < t->y.c; m++) {
        for (int i = 0; i < c * taps; i++) {
            dw[(int64_t)m * c * taps + i] = sum[(int64_t)(i % taps * c + i / taps) * s.m + m];
        }
    }
}

/* --- the plane of x ----------------------------------------------------------------------------------------------- */

/** `count` floats, relu'd when asked. */
static void copy_floats(const float *from, int64_t count, bool relu, float *to)
{
    int64_t i = 0;
    for (; i + WIDTH <= count; i += WIDTH) {
        const vec x = vec_load(from + i);
        vec_store(to + i, relu ? vec_relu(x) : x);
    }
    if (i < count) {
        const vec x = vec_load_part(from + i, (int)(count - i));
        vec_store_part(to + i, relu ? vec_relu(x) : x, (int)(count - i));
    }
}

/** Picture row r to the plane's columns, zeros beside it and outside the picture. */
static void fill_line(const snas_task *t, const plane *p, const snas_context *context, int r, float *to)
{
    const snas_view *x = &t->x[0];
    const int from = most(p->before, 0), end = least(x->w + p->before, p->columns);
    if (r < 0 || r >= x->h || end <= from) {
        memset(to, 0, (size_t)(p->columns * x->c) * sizeof *to);
        return;
    }
    memset(to, 0, (size_t)(from * x->c) * sizeof *to);
    memset(to + end * x->c, 0, (size_t)((p->columns - end) * x->c) * sizeof *to);
    const int64_t at = ((int64_t)r * x->w + from - p->before) * x->ld;
    if (x->ld == x->c) {
        copy_floats(view_at(x, context->slot) + at, (int64_t)(end - from) * x->c, t->window.relu, to + from * x->c);
        return;
    }
    for (int c0 = 0; c0 < x->c; c0 += x->block) {
        const float *block = view_block(x, context->slot, c0) + at;
        for (int i = from; i < end; i++, block += x->ld) {
            copy_floats(block, x->block, t->window.relu, to + i * x->c + c0);
        }
    }
}

/** Lines of the plane up to those under output row y; `filled` of them are there. */
static void fill_to(const snas_task *t, const plane *p, const snas_context *context, int y, int *filled, float *v)
{
    const int end = x_side(&t->window, y + 1);
    for (; *filled < end; (*filled)++) {
        fill_line(t, p, context, *filled - p->before, v + (int64_t)*filled * p->columns * t->x[0].c);
    }
}

/** What some output rows read of the plane; out: `out_line` and `out_step` floats between their lines and pixels. */
static micro_runs runs_of(const snas_task *t, const sizes *s, int rows, int out_line, int out_step)
{
    const snas_window *w = &t->window;
    const int c = t->x[0].c, line = s->x.columns * c;
    const bool together = w->dilation == 1;
    return (micro_runs){.rows = w->kernel,
                        .columns = together ? 1 : w->kernel,
                        .length = together ? w->kernel * c : c,
                        .tap_row = w->dilation * line,
                        .tap = w->dilation * c,
                        .lines = rows,
                        .pixels = t->y.w,
                        .line = w->stride * line,
                        .step = w->stride * c,
                        .out_line = out_line,
                        .out_step = out_step,
                        .n = s->m,
                        .c = t->y.c};
}

static void forward(const snas_task *t, const snas_feed *feed, const snas_context *context)
{
    const sizes s = sizes_of(t);
    const int chunk = rows_per_chunk(t->y.w), row = t->window.stride * s.x.columns * t->x[0].c;
    float *v = context->scratch;
    int filled = 0;
    for (int y = 0; y < t->y.h; y += chunk) {
        const int rows = least(chunk, t->y.h - y);
        float *u = view_row(&t->y, context->slot, y);
        const micro_runs runs = runs_of(t, &s, rows, t->y.w * t->y.ld, t->y.ld);
        prefetch_rows(context, y / chunk, (t->y.h + chunk - 1) / chunk);
        fill_to(t, &s.x, context, y + rows - 1, &filled, v);
        SNAS_SET(micro_convolve)(&runs, v + (int64_t)y * row, t->packed, u);
        if (t->norm != NULL && feed->mode != SNAS_PASS_EVALUATE) {
            SNAS_SET(rows_sum_moments)(t, context, y, u, t->y.ld, rows * t->y.w);
        }
    }
}

/* --- backward ----------------------------------------------------------------------------------------------------- */

/** du of output row y into its line of the plane, zeros beside it. */
static void fill_gradient(const snas_task *t, const snas_feed *feed, const snas_context *context, const sizes *s, int y,
                          float *line)
{
    const int before = s->du.before * s->m, after = (s->du.columns - s->du.before - t->y.w) * s->m;
    memset(line, 0, (size_t)before * sizeof *line);
    memset(line + before + t->y.w * s->m, 0, (size_t)after * sizeof *line);
    SNAS_SET(rows_output_gradient)(t, feed, context, y, t->y.w, line + before);
}

/** dw, and the plane of du when it is wanted: else each chunk takes its first lines. */
static void backward_weights(const snas_task *t, const snas_feed *feed, const snas_context *context, const sizes *s,
                             float *v, float *du)
{
    const int chunk = rows_per_chunk(t->y.w), row = t->window.stride * s->x.columns * t->x[0].c;
    const int du_line = s->du.columns * s->m;
    const bool wanted = t->dx[0].data != NULL;
    float *dw = snas_sharded_at(&t->partial, context->shard);
    int filled = 0;
    if (wanted) {
        memset(du, 0, (size_t)(s->du.before * du_line) * sizeof *du);
        memset(du + (int64_t)(s->du.before + t->y.h) * du_line, 0,
               (size_t)((s->du.lines - s->du.before - t->y.h) * du_line) * sizeof *du);
    }
    for (int y = 0; y < t->y.h; y += chunk) {
        const int rows = least(chunk, t->y.h - y);
        float *lines = du + (int64_t)(s->du.before + (wanted ? y : 0)) * du_line;
        const micro_runs runs = runs_of(t, s, rows, du_line, s->m);
        fill_to(t, &s->x, context, y + rows - 1, &filled, v);
        for (int r = 0; r < rows; r++) {
            fill_gradient(t, feed, context, s, y + r, lines + (int64_t)r * du_line);
        }
        SNAS_SET(micro_convolve_weights)(&runs, v + (int64_t)y * row, lines + s->du.before * s->m, dw);
    }
}

/** Every stride-th pixel of picture row y from `first` on, `count` of them: dx += dv through the relu. */
static void add_pixels(const snas_task *t, const snas_context *context, int y, int first, int count, const float *dv,
                       int cp)
{
    const snas_view *x = &t->x[0], *dx = &t->dx[0];
    const int64_t at = ((int64_t)y * x->w + first) * x->ld, to = ((int64_t)y * dx->w + first) * dx->ld;
    for (int b = 0; b < dx->c; b += dx->block) {
        const float *pixel = view_block(x, context->slot, b) + at;
        float *sum = view_block(dx, context->slot, b) + to;
        for (int i = 0; i < count; i++) {
            for (int c0 = 0; c0 < dx->block; c0 += WIDTH) {
                vec part = vec_load_channels(dv + i * cp + b, c0, dx->block);
                if (t->window.relu) {
                    part = vec_where(vec_load_channels(pixel, c0, dx->block) > (vec){0}, part);
                }
                vec_store_channels(sum, c0, dx->block, vec_load_channels(sum, c0, dx->block) + part);
            }
            pixel += (int64_t)t->window.stride * x->ld;
            sum += (int64_t)t->window.stride * dx->ld;
        }
    }
}

/** dv of the pixels of one phase: rows, columns phase / stride, phase % stride and every stride-th on. */
static void backward_phase(const snas_task *t, const snas_context *context, const sizes *s, const float *du,
                           const float *turned, int phase)
{
    const int stride = t->window.stride, du_line = s->du.columns * s->m, first = phase % stride;
    const phase_taps a = taps_of(&t->window, phase / stride), b = taps_of(&t->window, first);
    const bool together = b.between == 1 && s->m == t->y.c;
    float *dv = (float *)context->scratch + s->x_plane + s->du_plane;
    const micro_runs runs = {.rows = a.count,
                             .columns = together ? 1 : b.count,
                             .length = together ? b.count * s->m : t->y.c,
                             .tap_row = a.between * du_line,
                             .tap = b.between * s->m,
                             .lines = 1,
                             .pixels = (t->x[0].w - first + stride - 1) / stride,
                             .step = s->m,
                             .out_step = s->c,
                             .n = s->c,
                             .c = s->c};
    for (int y = phase / stride; y < t->x[0].h; y += stride) {
        const int line = y / stride + a.start + s->du.before;
        prefetch_rows(context, phase * t->x[0].h + y, stride * stride * t->x[0].h);
        SNAS_SET(micro_convolve)
        (&runs, du + (int64_t)line * du_line + (b.start + s->du.before) * s->m, turned, dv);
        add_pixels(t, context, y, first, runs.pixels, dv, s->c);
    }
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_context *context)
{
    const sizes s = sizes_of(t);
    const int stride = t->window.stride;
    float *v = context->scratch, *du = v + s.x_plane;
    const float *turned = (const float *)t->packed + s.weights;
    backward_weights(t, feed, context, &s, v, du);
    for (int phase = 0; t->dx[0].data != NULL && phase < stride * stride; phase++) {
        const int taps = taps_of(&t->window, phase / stride).count * taps_of(&t->window, phase % stride).count;
        if (taps > 0 && phase % stride < t->x[0].w) {
            backward_phase(t, context, &s, du, turned, phase);
        }
        turned += (int64_t)taps * t->y.c * s.c;
    }
}

static bool matches(const snas_window *windows, int count, snas_window *fused)
{
    *fused = windows[count - 1];
    fused->relu = count == 2;
    return true; /* pointwise stands before it */
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
