/* shapes.c -- what the shape rules of several operations share. Built with the float kernels only. */
#include "plain.h"

#ifndef SNAS_BUILD_F64
int snas_window_side(const snas_window *w, int side)
{
    const int reach = w->dilation * (w->kernel - 1) + 1;
    const int room = side - w->offset + 2 * w->pad - reach;
    return room < 0 ? 0 : room / w->stride + 1;
}

snas_status kernel_infer_window(const char *name, const snas_window *w, const snas_shape *x, int channels,
                                snas_shape *y)
{
    *y = (snas_shape){snas_window_side(w, x->h), snas_window_side(w, x->w), channels};
    if (y->h < 1 || y->w < 1) {
        return snas_fail(SNAS_E_USAGE,
                         "a picture of %d x %d is too small for %s with a window of %d, stride %d, "
                         "padding %d, dilation %d",
                         x->h, x->w, name, w->kernel, w->stride, w->pad, w->dilation);
    }
    return SNAS_OK;
}

snas_parameter_shape kernel_filter_shape(const snas_window *w, int out, int in)
{
    const int k = w->kernel;
    return (snas_parameter_shape){.ending = "weight", .dims = 4, .shape = {out, in, k, k}, .fan_in = in * k * k};
}

snas_status kernel_infer_same(const snas_window *w, const snas_shape *x, int inputs, snas_shape *y)
{
    (void)w;
    (void)inputs;
    *y = x[0];
    return SNAS_OK;
}
#endif
