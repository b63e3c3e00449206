/* relu.c -- rectifier.
 *
 *     y = max(x, 0)          dx += dy where x > 0            x, y: [h,w,c];  of NaN y is NaN
 */
#include "plain.h"

static void forward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    const snas_real *x = view_picture(&t->x[0], p->slot);
    snas_real *y = view_picture(&t->y, p->slot);
    for (int i = 0; i < t->y.h * t->y.w; i++, x += t->x[0].ld, y += t->y.ld) {
        for (int c = 0; c < t->y.c; c++) {
            y[c] = x[c] <= 0 ? 0 : x[c];
        }
    }
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    const snas_real *x = view_picture(&t->x[0], p->slot), *dy = view_picture(&t->dy, p->slot);
    snas_real *dx = view_picture(&t->dx[0], p->slot);
    for (int i = 0; i < t->y.h * t->y.w; i++) {
        for (int c = 0; c < t->y.c; c++) {
            dx[c] += x[c] > 0 ? dy[c] : 0;
        }
        x += t->x[0].ld, dy += t->dy.ld, dx += t->dx[0].ld;
    }
}

const snas_operation SNAS_BUILT(snas_op_relu) = {.name = "relu",
                                                 .brief = "rectifier",
                                                 .backward_reads_x = true,
                                                 .repeatable = true,
                                                 .infer = kernel_infer_same,
                                                 .kernel = {.forward = forward, .backward = backward}};
