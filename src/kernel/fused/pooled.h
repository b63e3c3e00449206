/* pooled.h -- what all walks of a pool down a picture share: windows, the rings of rows under them. */
#ifndef SNAS_KERNEL_POOLED_H
#define SNAS_KERNEL_POOLED_H

#include <assert.h>

#include "rows.h"

#define INLINE static inline __attribute__((always_inline))

enum {
    COMMON = 3,   /* side of the window for which loops are unrolled */
    ROWS_MAX = 16 /* of a window */
};

/** A walk down the output rows of a picture. */
typedef struct {
    const snas_task *task;
    const float *picture;
    float *h, *dh; /* rings, [places][width] */
    int places;
    int width;      /* floats a row: pixels of an output row, padded channels */
    int next, done; /* rows of the picture: the first not in the ring yet, the first whose gradient waits */
} descent;

/** Part of a window that lies in a picture `side` wide: taps first..last - 1 of a window at `start`. */
typedef struct {
    int first, last;
} taps;

static inline taps taps_inside(int start, int kernel, int side)
{
    return (taps){.first = start < 0 ? -start : 0, .last = start + kernel > side ? side - start : kernel};
}

static inline int window_start(const snas_task *t, int at)
{
    return at * t->window.stride - t->window.pad;
}

/** Columns whose windows lie inside the picture. */
static taps inner_columns(const snas_task *t)
{
    const snas_window *w = &t->window;
    const int first = least((w->pad + w->stride - 1) / w->stride, t->y.w);
    const int last = (t->x[0].w - w->kernel + w->pad) / w->stride + 1;
    return (taps){first, last < first ? first : least(last, t->y.w)};
}

static inline float *ring_row(const descent *d, float *ring, int r)
{
    return ring + (int64_t)(r & (d->places - 1)) * d->width;
}

/** Place of padded vectors of an output row's pixel. */
static inline int pixel_floats(const snas_task *t)
{
    return vec_padded(t->y.c);
}

static int ring_places(const snas_task *t)
{
    int places = 1;
    while (places < t->window.kernel) {
        places *= 2;
    }
    return places;
}

static int64_t ring_floats(const snas_task *t)
{
    return (int64_t)ring_places(t) * t->y.w * pixel_floats(t);
}

static descent descent_from(const snas_task *t, int slot, int y, float *rings)
{
    assert(t->window.kernel <= ROWS_MAX);
    const int start = window_start(t, y), first = start < 0 ? 0 : start;
    return (descent){.task = t,
                     .picture = view_at(&t->x[0], slot),
                     .h = rings,
                     .dh = rings + ring_floats(t),
                     .places = ring_places(t),
                     .width = t->y.w * pixel_floats(t),
                     .next = first,
                     .done = first};
}

/** Windows of 3 with stride 1 and padding 1: the usual ones. */
static inline bool is_common(const snas_task *t)
{
    return t->window.kernel == COMMON && t->window.stride == 1 && t->window.pad == 1 && t->y.w > 1;
}

INLINE vec joined(vec next, vec v, const bool largest)
{
    return largest ? vec_larger_or_nan(next, v) : v + next;
}

#endif
