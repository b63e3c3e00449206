/* norm.c -- batch norm over pictures and pixels, one channel at a time.
 *
 *     mean = S(u)/n,  var = S((u - mean)^2)/n,  sigma = sqrt(var + eps)        n = count * h * w
 *     y = scale (u - centre) + shift,  scale = gamma / sigma,  shift = beta + (centre - mean) scale
 *     running <- (1 - momentum) running + momentum batch, the variance unbiased (n / (n - 1)), as PyTorch
 *     du = A dy + B (u - centre) + D, the vectors in operation.h
 */
#include <math.h>
#include <string.h>

#include "../norm.h"
#include "plain.h"

static int parameters(const snas_window *w, const snas_shape *x, const snas_shape *y, snas_parameter_shape *to)
{
    (void)w;
    (void)y;
    to[0] = (snas_parameter_shape){.ending = "weight", .dims = 1, .shape = {x->c}, .is_norm = true};
    to[1] = (snas_parameter_shape){.ending = "bias", .dims = 1, .shape = {x->c}, .is_norm = true};
    return 2;
}

static void statistics(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    const snas_norm *norm = t->norm;
    double *s0 = snas_sharded_at(&norm->moments, p->shard), *s1 = s0 + norm->c;
    const snas_real *u = view_picture(&t->x[0], p->slot);
    snas_real *pivot = snas_sharded_at(&norm->pivots, p->shard);
    if (p->opens) {
        memcpy(pivot, u, (size_t)norm->c * sizeof *pivot);
    }
    for (int i = 0; i < t->y.h * t->y.w; i++, u += t->x[0].ld) {
        for (int c = 0; c < norm->c; c++) {
            const double v = (double)u[c] - (double)pivot[c];
            s0[c] += v;
            s1[c] += v * v;
        }
    }
}

static void forward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    const snas_real *u = view_picture(&t->x[0], p->slot);
    const snas_real *scale = t->norm->scale, *shift = t->norm->shift, *centre = t->norm->centre;
    snas_real *y = view_picture(&t->y, p->slot);
    for (int i = 0; i < t->y.h * t->y.w; i++, u += t->x[0].ld, y += t->y.ld) {
        for (int c = 0; c < t->y.c; c++) {
            y[c] = scale[c] * (u[c] - centre[c]) + shift[c];
        }
    }
}

static void backward_statistics(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    const snas_norm *norm = t->norm;
    double *s0 = snas_sharded_at(&norm->gradients, p->shard), *s1 = s0 + norm->c;
    const snas_real *u = view_picture(&t->x[0], p->slot), *dy = view_picture(&t->dy, p->slot);
    const snas_real *centre = norm->centre;
    for (int i = 0; i < t->y.h * t->y.w; i++, u += t->x[0].ld, dy += t->dy.ld) {
        for (int c = 0; c < norm->c; c++) {
            s0[c] += (double)dy[c];
            s1[c] += (double)dy[c] * ((double)u[c] - (double)centre[c]);
        }
    }
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    if (t->dx[0].data == NULL) {
        return;
    }
    const snas_real *u = view_picture(&t->x[0], p->slot), *dy = view_picture(&t->dy, p->slot);
    const snas_real *a = t->norm->a, *b = t->norm->b, *d = t->norm->d, *centre = t->norm->centre;
    snas_real *du = view_picture(&t->dx[0], p->slot);
    for (int i = 0; i < t->y.h * t->y.w; i++) {
        for (int c = 0; c < t->y.c; c++) {
            du[c] += a[c] * dy[c] + b[c] * (u[c] - centre[c]) + d[c];
        }
        u += t->x[0].ld, dy += t->dy.ld, du += t->dx[0].ld;
    }
}

const snas_operation SNAS_BUILT(snas_op_norm) = {
    .name = "norm",
    .brief = "batch norm",
    .backward_reads_x = true,
    .infer = kernel_infer_same,
    .parameters = parameters,
    .kernel = {.statistics = statistics,
               .close_shard = SNAS_BUILT(kernel_norm_close_shard),
               .finalize = SNAS_BUILT(kernel_norm_finalize),
               .evaluate = SNAS_BUILT(kernel_norm_evaluate),
               .forward = forward,
               .backward_statistics = backward_statistics,
               .backward_finalize = SNAS_BUILT(kernel_norm_backward_finalize),
               .backward = backward}};

/* Folded: no pass of its own. Whoever writes u sums it, whoever reads u applies scale and shift. */
const snas_operation SNAS_BUILT(snas_op_norm_folded) = {
    .name = "norm-folded",
    .brief = "batch norm applied by whoever reads it",
    .lowered = true,
    .infer = kernel_infer_same,
    .kernel = {.close_shard = SNAS_BUILT(kernel_norm_close_shard),
               .finalize = SNAS_BUILT(kernel_norm_finalize),
               .evaluate = SNAS_BUILT(kernel_norm_evaluate),
               .backward_finalize = SNAS_BUILT(kernel_norm_backward_finalize)}};
