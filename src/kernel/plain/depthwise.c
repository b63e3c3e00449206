/* depthwise.c -- convolution with one filter a channel.
 *
 *     y[i,j,c]  = sum_{a,b} w[c,a,b] x[i s - p + a d, j s - p + b d, c]        w: [C,1,k,k], no bias
 *     dx and dw by the transposed sums; pixels outside the picture count as 0
 */
#include "plain.h"

static snas_status infer(const snas_window *w, const snas_shape *x, int inputs, snas_shape *y)
{
    (void)inputs;
    return kernel_infer_window("a depthwise convolution", w, x, x->c, y);
}

static int parameters(const snas_window *w, const snas_shape *x, const snas_shape *y, snas_parameter_shape *to)
{
    (void)x;
    *to = kernel_filter_shape(w, y->c, 1);
    return 1;
}

static int64_t macs(const snas_window *w, const snas_shape *x, const snas_shape *y)
{
    (void)x;
    return (int64_t)y->h * y->w * y->c * w->kernel * w->kernel;
}

/** What one tap of one output pixel touches. */
typedef struct {
    const snas_real *x, *dy;
    snas_real *y, *dx;
    int c, k2, tap;
} tap_place;

static void tap_forward(const tap_place *a, const snas_real *w)
{
    for (int c = 0; c < a->c; c++) {
        a->y[c] += w[c * a->k2 + a->tap] * a->x[c];
    }
}

static void tap_backward(const tap_place *a, const snas_real *w, snas_real *dw)
{
    for (int c = 0; c < a->c; c++) {
        dw[c * a->k2 + a->tap] += a->dy[c] * a->x[c];
        if (a->dx != NULL) {
            a->dx[c] += a->dy[c] * w[c * a->k2 + a->tap];
        }
    }
}

/** Walk the taps of output pixel (i, j); dw NULL: forward. */
static void pixel(const snas_task *t, const snas_context *p, int i, int j, snas_real *dw)
{
    const snas_window *w = &t->window;
    const snas_view *vx = &t->x[0], *vdx = &t->dx[0];
    int a0, a1, b0, b1;
    window_taps(w, i, vx->h, &a0, &a1);
    window_taps(w, j, vx->w, &b0, &b1);
    tap_place at = {.c = t->y.c, .k2 = w->kernel * w->kernel};
    if (dw == NULL) {
        at.y = view_pixel(&t->y, view_picture(&t->y, p->slot), i, j);
        for (int c = 0; c < at.c; c++) {
            at.y[c] = 0;
        }
    } else {
        at.dy = view_pixel(&t->dy, view_picture(&t->dy, p->slot), i, j);
    }
    for (int a = a0; a < a1; a++) {
        for (int b = b0; b < b1; b++) {
            const int y = i * w->stride - w->pad + a * w->dilation;
            const int x = j * w->stride - w->pad + b * w->dilation;
            at.tap = a * w->kernel + b;
            at.x = view_pixel(vx, view_picture(vx, p->slot), y, x);
            if (dw == NULL) {
                tap_forward(&at, t->weight[0]);
            } else {
                at.dx = vdx->data == NULL ? NULL : view_pixel(vdx, view_picture(vdx, p->slot), y, x);
                tap_backward(&at, t->weight[0], dw);
            }
        }
    }
}

static void forward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    for (int i = 0; i < t->y.h; i++) {
        for (int j = 0; j < t->y.w; j++) {
            pixel(t, p, i, j, NULL);
        }
    }
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    snas_real *dw = snas_sharded_at(&t->partial, p->shard);
    for (int i = 0; i < t->y.h; i++) {
        for (int j = 0; j < t->y.w; j++) {
            pixel(t, p, i, j, dw);
        }
    }
}

const snas_operation SNAS_BUILT(snas_op_depthwise) = {.name = "depthwise",
                                                      .brief = "convolution with one filter a channel",
                                                      .backward_reads_x = true,
                                                      .infer = infer,
                                                      .parameters = parameters,
                                                      .macs = macs,
                                                      .kernel = {.forward = forward, .backward = backward}};
