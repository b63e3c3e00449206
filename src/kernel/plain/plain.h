/* plain.h -- what the plain kernels share: addresses of pixels, and shape rules. */
#ifndef SNAS_KERNEL_PLAIN_H
#define SNAS_KERNEL_PLAIN_H

#include "../real.h"
#include "snas/kernel/operation.h"

/** First pixel of the picture in `slot`. */
static inline snas_real *view_picture(const snas_view *v, int slot)
{
    return (snas_real *)v->data + (int64_t)slot * v->stride;
}

/** First pixel of the block of channels that begins with c0. */
static inline snas_real *view_block(const snas_view *v, int slot, int c0)
{
    return view_picture(v, slot) + c0 / v->block * v->block_step;
}

static inline snas_real *view_pixel(const snas_view *v, snas_real *picture, int y, int x)
{
    return picture + ((int64_t)y * v->w + x) * v->ld;
}

/** The taps k of a window at output position `at` that fall inside 0..side-1: first and one past the last. */
static inline void window_taps(const snas_window *w, int at, int side, int *first, int *last)
{
    *first = 0;
    *last = w->kernel;
    const int start = at * w->stride - w->pad;
    while (*first < w->kernel && start + *first * w->dilation < 0) {
        (*first)++;
    }
    while (*last > *first && start + (*last - 1) * w->dilation >= side) {
        (*last)--;
    }
}

/** Drop-path mask of a picture: 1 without one. */
static inline snas_real step_mask(const snas_feed *s, int slot, int image)
{
    return slot < 0 || s->masks == NULL ? (snas_real)1 : ((const snas_real *)s->masks)[slot * s->batch + image];
}

static inline double step_z(const snas_feed *s, int slot)
{
    return slot < 0 ? 1.0 : s->z[slot];
}

/** Shape of a window over x with `channels` channels out. */
snas_status kernel_infer_window(const char *name, const snas_window *w, const snas_shape *x, int channels,
                                snas_shape *y);
/** A convolution's weight: [out, in, k, k]. */
snas_parameter_shape kernel_filter_shape(const snas_window *w, int out, int in);
/** Output like the first input. */
snas_status kernel_infer_same(const snas_window *w, const snas_shape *x, int inputs, snas_shape *y);

#endif
