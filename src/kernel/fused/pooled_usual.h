/* pooled_usual.h -- pools with windows of 3, stride 1 and padding 1, which need one new row an output row.
 *
 * Forward, the new row h and the output u above it are made in one pass: pixels beside each other stay in registers.
 * Backward, du goes up to the three rows under its window, and the first of them, which no later output meets, has then
 * got all and goes on across to dx in the same pass. The first and the last output row are left to pooled.c.
 */
#ifndef SNAS_KERNEL_POOLED_USUAL_H
#define SNAS_KERNEL_POOLED_USUAL_H

#include <math.h>

#include "pooled.h"

/** Pixels of one vector of channels as h of a new row is made and goes down at once: h of the two rows above it in the
 *  ring, the new one, and u between them. */
typedef struct {
    const float *above, *middle;
    float *h, *u;
} falling;

INLINE void fall(const falling *at, int64_t h_step, int64_t u_step, vec h, int c0, int c, float weight,
                 const bool largest)
{
    const vec v = joined(h, joined(vec_load(at->middle + h_step), vec_load(at->above + h_step), largest), largest);
    vec_store(at->h + h_step, h);
    vec_store_channels(at->u + u_step, c0, c, largest ? v : v * vec_all(weight));
}

/** A common window's h of row y + 1 and u of row y in one pass; h of rows y - 1 and y are in the ring. */
INLINE void fall_through(const descent *d, int y, float *u, int ld, const bool largest)
{
    const snas_view *x = &d->task->x[0];
    const int c = x->c, w = x->w, cp = vec_padded(c);
    const int64_t x_ld = x->ld;
    const float inner = 1.0f / (float)(COMMON * COMMON), edge = 1.0f / (float)(COMMON * (COMMON - 1));
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        const float *row = d->picture + (int64_t)(y + 1) * w * x_ld;
        const falling at = {ring_row(d, d->h, y - 1) + c0, ring_row(d, d->h, y) + c0, ring_row(d, d->h, y + 1) + c0, u};
        vec before = vec_load_channels(row, c0, c), here = vec_load_channels(row += x_ld, c0, c);
        int64_t i = 1;
        fall(&at, 0, 0, joined(here, before, largest), c0, c, edge, largest);
        for (; i + 1 < w; i++) {
            const vec next = vec_load_channels(row += x_ld, c0, c);
            fall(&at, i * cp, i * ld, joined(next, joined(here, before, largest), largest), c0, c, inner, largest);
            before = here, here = next;
        }
        fall(&at, i * cp, i * ld, joined(here, before, largest), c0, c, edge, largest);
    }
}

/** A walk along a row of dx under common windows: what pixels i - 1, i and i + 1 have got so far stays in registers. */
typedef struct {
    const float *row; /* pixel i + 1 of x */
    float *to;        /* pixel i - 1 of dx */
    int x_ld, dx_ld;
    int c0, c;
    vec before, here, to_before, to_here;
} spread;

INLINE spread spread_from(const descent *d, int slot, int r, int c0)
{
    const snas_view *x = &d->task->x[0], *dx = &d->task->dx[0];
    const float *row = d->picture + (int64_t)r * x->w * x->ld;
    return (spread){.row = row + x->ld,
                    .to = view_row(dx, slot, r) - dx->ld,
                    .x_ld = x->ld,
                    .dx_ld = dx->ld,
                    .c0 = c0,
                    .c = x->c,
                    .before = vec_all(NAN), /* beside the picture: equals nothing */
                    .here = vec_load_channels(row, c0, x->c)};
}

INLINE void spread_give(spread *s)
{
    vec_store_channels(s->to, s->c0, s->c, vec_load_channels(s->to, s->c0, s->c) + s->to_before);
}

/** The next window: `given` to the first of its pixels that equals `best`, or to all. Its left pixel is then done;
 *  `first`, `last`: there is none to its left, to its right. */
INLINE void spread_window(spread *s, vec best, vec given, const bool largest, const bool first, const bool last)
{
    vec to_next = given;
    const vec next = last || !largest ? vec_all(NAN) : vec_load_channels(s->row, s->c0, s->c);
    if (largest) {
        const vec_mask left = s->before == best, middle = (s->here == best) & ~left;
        s->to_before += vec_where(left, given);
        s->to_here += vec_where(middle, given);
        to_next = vec_where((next == best) & ~left & ~middle, given);
    } else {
        s->to_before += given;
        s->to_here += given;
    }
    if (!first) {
        spread_give(s);
    }
    s->row += s->x_ld, s->to += s->dx_ld;
    s->before = s->here, s->here = next;
    s->to_before = s->to_here, s->to_here = to_next;
}

/** The same as across_gradient for common windows. */
INLINE void across_gradient_common(const descent *d, int slot, int r, const bool largest)
{
    const snas_task *t = d->task;
    const int cp = pixel_floats(t), w = t->y.w;
    for (int c0 = 0; c0 < t->y.c; c0 += WIDTH) {
        const float *h = ring_row(d, d->h, r) + c0, *dh = ring_row(d, d->dh, r) + c0;
        spread s = spread_from(d, slot, r, c0);
        spread_window(&s, vec_load(h), vec_load(dh), largest, true, false);
        for (int i = 1; i + 1 < w; i++) {
            spread_window(&s, vec_load(h + i * cp), vec_load(dh + i * cp), largest, false, false);
        }
        spread_window(&s, vec_load(h + (w - 1) * cp), vec_load(dh + (w - 1) * cp), largest, false, true);
        spread_give(&s);
    }
}

/** Rows above, at and below an output row, at one vector of channels. */
typedef struct {
    const float *u, *du, *h[COMMON];
    float *dh[COMMON];
} rising;

/** du of one pixel goes up to its three rows; returns what the first of them has then got in all. The last one gets its
 *  first part. */
INLINE vec rise(const rising *at, int64_t i, float weight, const bool largest)
{
    const vec given = vec_load(at->du + i);
    vec parts[COMMON];
    if (largest) {
        const vec best = vec_load(at->u + i);
        const vec_mask first = vec_load(at->h[0] + i) == best, second = (vec_load(at->h[1] + i) == best) & ~first;
        parts[0] = vec_where(first, given);
        parts[1] = vec_where(second, given);
        parts[2] = vec_where((vec_load(at->h[2] + i) == best) & ~first & ~second, given);
    } else {
        parts[0] = parts[1] = parts[2] = given * vec_all(weight);
    }
    vec_store(at->dh[1] + i, vec_load(at->dh[1] + i) + parts[1]);
    vec_store(at->dh[2] + i, parts[2]);
    return vec_load(at->dh[0] + i) + parts[0];
}

/** down_gradient of row y under common windows and, in the same pass, across_gradient of row y - 1, which no later
 *  output meets. */
INLINE void rise_through(const descent *d, int slot, int y, const float *u, const float *du, const bool largest)
{
    const int cp = pixel_floats(d->task), w = d->task->y.w;
    const float inner = 1.0f / (float)(COMMON * COMMON), edge = 1.0f / (float)(COMMON * (COMMON - 1));
    for (int c0 = 0; c0 < d->task->y.c; c0 += WIDTH) {
        rising at = {.u = u + c0, .du = du + c0};
        for (int r = 0; r < COMMON; r++) {
            at.h[r] = ring_row(d, d->h, y - 1 + r) + c0;
            at.dh[r] = ring_row(d, d->dh, y - 1 + r) + c0;
        }
        const float *h = at.h[0];
        spread s = spread_from(d, slot, y - 1, c0);
        spread_window(&s, vec_load(h), rise(&at, 0, edge, largest), largest, true, false);
        int64_t i = cp;
        for (; i < (int64_t)(w - 1) * cp; i += cp) {
            spread_window(&s, vec_load(h + i), rise(&at, i, inner, largest), largest, false, false);
        }
        spread_window(&s, vec_load(h + i), rise(&at, i, edge, largest), largest, false, true);
        spread_give(&s);
    }
}

#endif
