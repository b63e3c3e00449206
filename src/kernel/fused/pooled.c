/* pooled.c -- pools with statistics: across every row of the picture first, then down the rows.
 *
 *     max: h[r, x] = max_b v[r, x stride - pad + b],   u[y, x] = max_a h[y stride - pad + a, x]
 *     avg: the same with sums, u divided by the number of the window's pixels that lie in the picture
 *
 * Backward, max: du goes to the first row with h = u and there to the first pixel with v = h, which is the first
 * largest of the window in row order. avg: du / count goes to every row and pixel. u is made again from v and so is
 * never read.
 *
 * The rows h under a window lie in a ring, row r in place r mod the places, a power of two, and so do their gradients
 * dh.
 */
#include <string.h>

#include "pooled_usual.h"

/* --- up to u ------------------------------------------------------------------------------------------------------ */

/** max or sum of `count` vectors, `step` floats apart. */
INLINE vec gathered(const float *from, int64_t step, int c0, int c, const bool largest, const int count)
{
    vec v = vec_load_channels(from, c0, c);
    for (int i = 1; i < count; i++) {
        const vec next = vec_load_channels(from + i * step, c0, c);
        v = largest ? vec_larger_or_nan(next, v) : v + next;
    }
    return v;
}

/** h of the windows of columns from..to - 1; `count`: their pixels, 0: those that lie in the picture. */
INLINE void across_columns(const descent *d, const float *row, float *h, int from, int to, int c0, const bool largest,
                           const int count)
{
    const snas_view *x = &d->task->x[0];
    const int cp = pixel_floats(d->task);
    for (int i = from; i < to; i++) {
        const int start = window_start(d->task, i);
        const taps b = count > 0 ? (taps){0, count} : taps_inside(start, d->task->window.kernel, x->w);
        vec_store(h + i * cp + c0,
                  gathered(row + (int64_t)(start + b.first) * x->ld, x->ld, c0, x->c, largest, b.last - b.first));
    }
}

/** h of picture row r. */
INLINE void across(const descent *d, int r, const bool largest)
{
    const snas_task *t = d->task;
    const snas_view *x = &t->x[0];
    const float *row = d->picture + (int64_t)r * x->w * x->ld;
    float *h = ring_row(d, d->h, r);
    const taps inner = inner_columns(t);
    for (int c0 = 0; c0 < x->c; c0 += WIDTH) {
        across_columns(d, row, h, 0, inner.first, c0, largest, 0);
        if (t->window.kernel == COMMON) {
            across_columns(d, row, h, inner.first, inner.last, c0, largest, COMMON);
        } else {
            across_columns(d, row, h, inner.first, inner.last, c0, largest, 0);
        }
        across_columns(d, row, h, inner.last, t->y.w, c0, largest, 0);
    }
}

/** The ring's rows under an output row. */
typedef struct {
    int count;
    const float *h[ROWS_MAX];
    float *dh[ROWS_MAX];
} under;

static under rows_under(const descent *d, int y)
{
    const int start = window_start(d->task, y);
    const taps a = taps_inside(start, d->task->window.kernel, d->task->x[0].h);
    under rows;
    rows.count = a.last - a.first;
    for (int r = 0; r < rows.count; r++) {
        rows.h[r] = ring_row(d, d->h, start + a.first + r);
        rows.dh[r] = ring_row(d, d->dh, start + a.first + r);
    }
    return rows;
}

/** 1 / pixels under the window over `rows` rows in column i. */
static inline vec share(const snas_task *t, int rows, int i)
{
    const taps b = taps_inside(window_start(t, i), t->window.kernel, t->x[0].w);
    return vec_all(1.0f / (float)(rows * (b.last - b.first)));
}

/** u of the columns from..to - 1, of which each is worth `weight` of the sum; the largest as it is. */
INLINE void down_columns(const under *rows, float *u, int ld, int c0, int c, int from, int to, vec weight,
                         const bool largest, const int count)
{
    const int cp = vec_padded(c);
    for (int i = from; i < to; i++) {
        vec v = vec_load(rows->h[0] + i * cp + c0);
        for (int r = 1; r < count; r++) {
            const vec next = vec_load(rows->h[r] + i * cp + c0);
            v = largest ? vec_larger_or_nan(next, v) : v + next;
        }
        vec_store_channels(u + (int64_t)i * ld, c0, c, largest ? v : v * weight);
    }
}

/** Means of columns whose windows hang over the picture's side. */
INLINE void down_edge(const snas_task *t, const under *rows, float *u, int ld, int from, int to, const int count)
{
    for (int i = from; i < to; i++) {
        const vec weight = share(t, count, i);
        for (int c0 = 0; c0 < t->y.c; c0 += WIDTH) {
            down_columns(rows, u, ld, c0, t->y.c, i, i + 1, weight, false, count);
        }
    }
}

INLINE void down_rows(const descent *d, const under *rows, float *u, int ld, const bool largest, const int count)
{
    const snas_task *t = d->task;
    const int c = t->y.c, w = t->y.w;
    const taps inner = largest ? (taps){0, w} : inner_columns(t);
    const vec usual = share(t, count, inner.first);
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        down_columns(rows, u, ld, c0, c, inner.first, inner.last, usual, largest, count);
    }
    down_edge(t, rows, u, ld, 0, inner.first, count);
    down_edge(t, rows, u, ld, inner.last, w, count);
}

/** u of output row y, pixels `ld` floats apart, from the ring's rows. */
INLINE void down(const descent *d, int y, float *u, int ld, const bool largest)
{
    const under rows = rows_under(d, y);
    if (rows.count == COMMON) {
        down_rows(d, &rows, u, ld, largest, COMMON);
    } else {
        down_rows(d, &rows, u, ld, largest, rows.count);
    }
}

/** One past the last picture row under output row y. */
static inline int end_under(const snas_task *t, int y)
{
    const int start = window_start(t, y);
    return start + taps_inside(start, t->window.kernel, t->x[0].h).last;
}

/** Bring the rows under output row y into the ring. */
INLINE void descend(descent *d, int y, const bool largest)
{
    const snas_task *t = d->task;
    const int start = window_start(t, y), last = end_under(t, y);
    d->next = d->next < start ? start : d->next;
    for (; d->next < last; d->next++) {
        across(d, d->next, largest);
    }
}

/** u of output row y, pixels `ld` floats apart; the rows before it have been made. */
INLINE void make_row(descent *d, int y, float *u, int ld, const bool largest)
{
    if (is_common(d->task) && d->next == y + 1 && y > 0 && y + 1 < d->task->x[0].h) {
        fall_through(d, y, u, ld, largest);
        d->next++;
        return;
    }
    descend(d, y, largest);
    down(d, y, u, ld, largest);
}

INLINE void make_rows(const snas_task *t, int slot, int y0, int rows, float *u, int ld, float *rings,
                      const bool largest)
{
    descent d = descent_from(t, slot, y0, rings);
    for (int y = y0; y < y0 + rows; y++, u += (int64_t)t->y.w * ld) {
        make_row(&d, y, u, ld, largest);
    }
}

/** Scratch: rings h and dh, a row of u, a row of du. */
static size_t scratch_bytes(const snas_task *t)
{
    return sizeof(float) * (size_t)(2 * ring_floats(t) + 2 * t->y.w * pixel_floats(t));
}

INLINE void walk_forward(const snas_task *t, const snas_feed *feed, const snas_context *context, const bool largest)
{
    float *rings = context->scratch, *spare = rings + 2 * ring_floats(t);
    const bool stored = t->y.data != NULL;
    const bool sums = t->norm != NULL && feed->mode != SNAS_PASS_EVALUATE;
    const int ld = stored ? t->y.ld : pixel_floats(t);
    descent d = descent_from(t, context->slot, 0, rings);
    for (int y = 0; (stored || sums) && y < t->y.h; y++) {
        float *u = stored ? view_row(&t->y, context->slot, y) : spare;
        prefetch_rows(context, y, t->y.h);
        make_row(&d, y, u, ld, largest);
        if (sums) {
            SNAS_SET(rows_sum_moments)(t, context, y, u, ld, t->y.w);
        }
    }
}

static void max_forward(const snas_task *t, const snas_feed *feed, const snas_context *context)
{
    walk_forward(t, feed, context, true);
}

static void avg_forward(const snas_task *t, const snas_feed *feed, const snas_context *context)
{
    walk_forward(t, feed, context, false);
}

static void max_recompute(const snas_task *t, int slot, int y, int rows, float *out, float *scratch)
{
    make_rows(t, slot, y, rows, out, pixel_floats(t), scratch, true);
}

static void avg_recompute(const snas_task *t, int slot, int y, int rows, float *out, float *scratch)
{
    make_rows(t, slot, y, rows, out, pixel_floats(t), scratch, false);
}

static size_t recompute_scratch(const snas_task *t, int rows)
{
    (void)rows;
    return sizeof(float) * (size_t)ring_floats(t);
}

/* --- back down ---------------------------------------------------------------------------------------------------- */

INLINE void down_gradient_rows(const descent *d, const under *rows, const float *u, const float *du, const bool largest,
                               const int count)
{
    const snas_task *t = d->task;
    const int cp = pixel_floats(t);
    const taps inner = inner_columns(t);
    const vec usual = share(t, count, inner.first);
    for (int i = 0; i < t->y.w; i++) {
        const vec weight = i >= inner.first && i < inner.last ? usual : share(t, count, i);
        for (int at = i * cp; at < (i + 1) * cp; at += WIDTH) {
            const vec best = vec_load(u + at), given = vec_load(du + at);
            vec_mask open = ~(vec_mask){0};
            for (int r = 0; r < count; r++) {
                float *dh = rows->dh[r] + at;
                if (largest) {
                    const vec_mask hit = (vec_load(rows->h[r] + at) == best) & open;
                    vec_store(dh, vec_load(dh) + vec_where(hit, given));
                    open &= ~hit;
                } else {
                    vec_store(dh, vec_load(dh) + given * weight);
                }
            }
        }
    }
}

/** dh of the rows under output row y: du to the first row with h = u, or shared by all. */
INLINE void down_gradient(const descent *d, int y, const float *u, const float *du, const bool largest)
{
    const under rows = rows_under(d, y);
    if (rows.count == COMMON) {
        down_gradient_rows(d, &rows, u, du, largest, COMMON);
    } else {
        down_gradient_rows(d, &rows, u, du, largest, rows.count);
    }
}

/** dx += dh of picture row r, each to the first pixel with v = h, or to all. */
INLINE void across_gradient(const descent *d, int slot, int r, const bool largest)
{
    const snas_task *t = d->task;
    const snas_view *x = &t->x[0], *dx = &t->dx[0];
    const int cp = pixel_floats(t), c = x->c;
    const float *row = d->picture + (int64_t)r * x->w * x->ld;
    const float *h = ring_row(d, d->h, r), *dh = ring_row(d, d->dh, r);
    float *to = view_row(dx, slot, r);
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        for (int i = 0; i < t->y.w; i++) {
            const int start = window_start(t, i);
            const taps b = taps_inside(start, t->window.kernel, x->w);
            const vec best = vec_load(h + i * cp + c0), given = vec_load(dh + i * cp + c0);
            vec_mask open = ~(vec_mask){0};
            for (int p = start + b.first; p < start + b.last; p++) {
                float *at = to + (int64_t)p * dx->ld;
                const vec v = vec_load_channels(row + (int64_t)p * x->ld, c0, c);
                const vec_mask hit = (v == best) & open;
                vec_store_channels(at, c0, c, vec_load_channels(at, c0, c) + (largest ? vec_where(hit, given) : given));
                open &= ~hit;
            }
        }
    }
}

/** Hand on the gradients of rows that no window from `before` on meets; their places in the ring are clear again. */
INLINE void finish_rows(descent *d, int slot, int before, const bool largest)
{
    const bool common = is_common(d->task);
    for (; d->done < before && d->done < d->next; d->done++) {
        (common ? across_gradient_common : across_gradient)(d, slot, d->done, largest);
        memset(ring_row(d, d->dh, d->done), 0, (size_t)d->width * sizeof *d->dh);
    }
    d->done = d->done < before ? before : d->done;
}

INLINE void walk_backward(const snas_task *t, const snas_feed *feed, const snas_context *context, const bool largest)
{
    float *rings = context->scratch, *u = rings + 2 * ring_floats(t);
    descent d = descent_from(t, context->slot, 0, rings);
    float *du = u + d.width;
    memset(d.dh, 0, (size_t)ring_floats(t) * sizeof *d.dh);
    memset(u, 0, (size_t)d.width * sizeof *u); /* padded channels are compared too */
    for (int y = 0; y < t->y.h; y++) {
        prefetch_rows(context, y, t->y.h);
        if (largest || t->norm != NULL) {
            make_row(&d, y, u, pixel_floats(t), largest);
        } else { /* a mean's gradient needs no pixel of x or u */
            d.next = end_under(t, y);
        }
        SNAS_SET(rows_gradient)(t, feed, context, y, t->y.w, u, pixel_floats(t), du);
        if (is_common(t) && y > 0 && y + 1 < t->y.h) {
            rise_through(&d, context->slot, y, u, du, largest);
            d.done = y;
            continue;
        }
        down_gradient(&d, y, u, du, largest);
        finish_rows(&d, context->slot, window_start(t, y + 1), largest);
    }
    finish_rows(&d, context->slot, t->x[0].h, largest);
}

static void max_backward(const snas_task *t, const snas_feed *feed, const snas_context *context)
{
    walk_backward(t, feed, context, true);
}

static void avg_backward(const snas_task *t, const snas_feed *feed, const snas_context *context)
{
    walk_backward(t, feed, context, false);
}

/** Windows without holes, of which each meets the picture. */
static bool matches(const snas_window *windows, int count, snas_window *fused)
{
    (void)count;
    *fused = windows[0];
    return fused->kernel <= ROWS_MAX && fused->pad < fused->kernel && fused->dilation == 1 && fused->offset == 0;
}

const snas_operation SNAS_SET(snas_op_max_pooled) = {.name = "max-pooled",
                                                     .brief = "max pool and statistics in one walk",
                                                     .lowered = true,
                                                     .backward_reads_x = true,
                                                     .sums = true,
                                                     .storage = SNAS_RECOMPUTED,
                                                     .chains = {{1, {SNAS_OP_MAX_POOL}}},
                                                     .matches = matches,
                                                     .kernel = {.forward = max_forward,
                                                                .backward = max_backward,
                                                                .scratch = scratch_bytes,
                                                                .recompute = max_recompute,
                                                                .recompute_scratch = recompute_scratch}};

const snas_operation SNAS_SET(snas_op_avg_pooled) = {.name = "avg-pooled",
                                                     .brief = "average pool and statistics in one walk",
                                                     .lowered = true,
                                                     .backward_reads_x = true,
                                                     .sums = true,
                                                     .storage = SNAS_RECOMPUTED,
                                                     .chains = {{1, {SNAS_OP_AVG_POOL}}},
                                                     .matches = matches,
                                                     .kernel = {.forward = avg_forward,
                                                                .backward = avg_backward,
                                                                .scratch = scratch_bytes,
                                                                .recompute = avg_recompute,
                                                                .recompute_scratch = recompute_scratch}};
