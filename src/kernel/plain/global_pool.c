/* global_pool.c -- mean over the picture.
 *
 *     y[c] = sum_{h,w} x[h,w,c] / (H W)            dx[h,w,c] += dy[c] / (H W)
 */
#include "plain.h"

static snas_status infer(const snas_window *w, const snas_shape *x, int inputs, snas_shape *y)
{
    (void)w;
    (void)inputs;
    *y = (snas_shape){1, 1, x->c};
    return SNAS_OK;
}

static void forward(const snas_task *t, const snas_feed *s, const snas_place *p)
{
    (void)s;
    const int pixels = t->x[0].h * t->x[0].w;
    const snas_real *x = view_picture(&t->x[0], p->slot);
    snas_real *y = view_picture(&t->y, p->slot);
    for (int c = 0; c < t->y.c; c++) {
        y[c] = 0;
    }
    for (int i = 0; i < pixels; i++, x += t->x[0].ld) {
        for (int c = 0; c < t->y.c; c++) {
            y[c] += x[c];
        }
    }
    for (int c = 0; c < t->y.c; c++) {
        y[c] /= (snas_real)pixels;
    }
}

static void backward(const snas_task *t, const snas_feed *s, const snas_place *p)
{
    (void)s;
    const int pixels = t->x[0].h * t->x[0].w;
    const snas_real *dy = view_picture(&t->dy, p->slot);
    snas_real *dx = view_picture(&t->dx[0], p->slot);
    for (int i = 0; i < pixels; i++, dx += t->dx[0].ld) {
        for (int c = 0; c < t->y.c; c++) {
            dx[c] += dy[c] / (snas_real)pixels;
        }
    }
}

const snas_operation SNAS_BUILT(snas_op_global_pool) = {
    .name = "global-pool",
    .brief = "mean over the picture",
    .onnx = "GlobalAveragePool",
    .infer = infer,
    .kernel = {.forward = forward, .backward = backward}
};
