/* linear.c -- fully connected layer on a picture of one pixel.
 *
 *     y[m] = b[m] + sum_c w[m,c] x[c]              w: [M,C], b: [M]
 *     dw[m,c] += dy[m] x[c],  db[m] += dy[m],  dx[c] += sum_m dy[m] w[m,c]
 */
#include "plain.h"

static snas_status infer(const snas_window *w, const snas_shape *x, int inputs, snas_shape *y)
{
    (void)inputs;
    if (x->h != 1 || x->w != 1) {
        return snas_fail(SNAS_E_USAGE, "a linear layer takes one pixel, not %d x %d", x->h, x->w);
    }
    *y = (snas_shape){1, 1, w->channels};
    return SNAS_OK;
}

static int parameters(const snas_window *w, const snas_shape *x, const snas_shape *y, snas_parameter_shape *to)
{
    (void)w;
    to[0] = (snas_parameter_shape){.ending = "weight", .dims = 2, .shape = {y->c, x->c}, .fan_in = x->c};
    to[1] = (snas_parameter_shape){.ending = "bias", .dims = 1, .shape = {y->c}, .fan_in = x->c};
    return 2;
}

static int64_t macs(const snas_window *w, const snas_shape *x, const snas_shape *y)
{
    (void)w;
    return (int64_t)x->c * y->c;
}

static void forward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    const snas_real *x = view_picture(&t->x[0], p->slot), *w = t->weight[0], *b = t->weight[1];
    snas_real *y = view_picture(&t->y, p->slot);
    for (int m = 0; m < t->y.c; m++, w += t->x[0].c) {
        snas_real sum = 0;
        for (int c = 0; c < t->x[0].c; c++) {
            sum += w[c] * x[c];
        }
        y[m] = sum + b[m];
    }
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    const int channels = t->x[0].c;
    const snas_real *x = view_picture(&t->x[0], p->slot), *w = t->weight[0];
    const snas_real *dy = view_picture(&t->dy, p->slot);
    snas_real *dw = snas_sharded_at(&t->partial, p->shard), *db = dw + t->weight_count[0];
    snas_real *dx = view_picture(&t->dx[0], p->slot);
    for (int m = 0; m < t->y.c; m++, w += channels, dw += channels) {
        db[m] += dy[m];
        for (int c = 0; c < channels; c++) {
            dw[c] += dy[m] * x[c];
            dx[c] += dy[m] * w[c];
        }
    }
}

const snas_operation SNAS_BUILT(snas_op_linear) = {.name = "linear",
                                                   .brief = "fully connected layer",
                                                   .backward_reads_x = true,
                                                   .infer = infer,
                                                   .parameters = parameters,
                                                   .macs = macs,
                                                   .kernel = {.forward = forward, .backward = backward}};
