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

static void forward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    const snas_view *x = &t->x[0];
    const int pixels = x->h * x->w;
    snas_real *y = view_picture(&t->y, p->slot);
    for (int c = 0; c < x->c; c++) {
        y[c] = 0;
    }
    for (int c0 = 0; c0 < x->c; c0 += x->block) {
        const snas_real *from = view_block(x, p->slot, c0);
        for (int i = 0; i < pixels; i++, from += x->ld) {
            for (int c = 0; c < x->block; c++) {
                y[c0 + c] += from[c];
            }
        }
    }
    for (int c = 0; c < x->c; c++) {
        y[c] /= (snas_real)pixels;
    }
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    const snas_view *dx = &t->dx[0];
    const int pixels = dx->h * dx->w;
    const snas_real *dy = view_picture(&t->dy, p->slot);
    for (int c0 = 0; c0 < dx->c; c0 += dx->block) {
        snas_real *to = view_block(dx, p->slot, c0);
        for (int i = 0; i < pixels; i++, to += dx->ld) {
            for (int c = 0; c < dx->block; c++) {
                to[c] += dy[c0 + c] / (snas_real)pixels;
            }
        }
    }
}

const snas_operation SNAS_BUILT(snas_op_global_pool) = {.name = "global-pool",
                                                        .brief = "mean over the picture",
                                                        .reads_blocks = true,
                                                        .infer = infer,
                                                        .kernel = {.forward = forward, .backward = backward}};
