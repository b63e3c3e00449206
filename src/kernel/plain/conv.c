/* conv.c -- dense convolution: gather the windows of a picture as rows, then one matrix product.
 *
 *     col[q, (c,a,b)] = x[i s - p + a d + o, j s - p + b d + o, c]      q = i * W' + j;  0 outside the picture
 *     y[q, m] = sum_r col[q, r] w[m, r]                                 w: [M, C, k, k], r = (c,a,b)
 *     dw += dy^T col,   dcol = dy w,   dx += scatter(dcol)
 */
#include <string.h>

#include "plain.h"
#include "snas/tensor/gemm.h"

static snas_status infer(const snas_window *w, const snas_shape *x, int inputs, snas_shape *y)
{
    (void)inputs;
    return kernel_infer_window("a convolution", w, x, w->channels, y);
}

static int parameters(const snas_window *w, const snas_shape *x, const snas_shape *y, snas_parameter_shape *to)
{
    *to = kernel_filter_shape(w, y->c, x->c);
    return 1;
}

static int64_t macs(const snas_window *w, const snas_shape *x, const snas_shape *y)
{
    return (int64_t)y->h * y->w * y->c * x->c * w->kernel * w->kernel;
}

static int row_length(const snas_task *t)
{
    return t->x[0].c * t->window.kernel * t->window.kernel;
}

static void product(const snas_gemm_shape *shape, const snas_real *a, const snas_real *b, snas_real *c)
{
#ifdef SNAS_BUILD_F64
    snas_gemm_f64(shape, a, b, c);
#else
    snas_gemm_f32(shape, a, b, c);
#endif
}

/** Two matrices of [h' w'][row] a thread: the rows and their gradient. */
static size_t scratch(const snas_task *t)
{
    return (size_t)(2 * t->y.h * t->y.w) * (size_t)row_length(t) * sizeof(snas_real);
}

/** Move pixels between a picture and the rows: gather into `col`, or scatter-add from it. */
static void walk_windows(const snas_task *t, const snas_view *v, snas_real *picture, snas_real *col, bool gather)
{
    const snas_window *w = &t->window;
    const int k2 = w->kernel * w->kernel, row = row_length(t);
    for (int q = 0; q < t->y.h * t->y.w; q++) {
        for (int tap = 0; tap < k2; tap++) {
            const int y = q / t->y.w * w->stride - w->pad + tap / w->kernel * w->dilation + w->offset;
            const int x = q % t->y.w * w->stride - w->pad + tap % w->kernel * w->dilation + w->offset;
            const bool inside = y >= 0 && y < v->h && x >= 0 && x < v->w;
            snas_real *at = inside ? view_pixel(v, picture, y, x) : NULL;
            snas_real *r = col + (int64_t)q * row + tap;
            for (int c = 0; c < v->c; c++) {
                if (gather) {
                    r[c * k2] = inside ? at[c] : 0;
                } else if (inside) {
                    at[c] += r[c * k2];
                }
            }
        }
    }
}

static void forward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    const int pixels = t->y.h * t->y.w, row = row_length(t);
    walk_windows(t, &t->x[0], view_picture(&t->x[0], p->slot), p->scratch, true);
    const snas_gemm_shape shape = {
        .transpose_b = true, .m = pixels, .n = t->y.c, .k = row, .lda = row, .ldb = row, .ldc = t->y.ld};
    product(&shape, p->scratch, t->weight[0], view_picture(&t->y, p->slot));
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    const int pixels = t->y.h * t->y.w, row = row_length(t);
    snas_real *col = p->scratch, *dcol = col + (int64_t)pixels * row;
    const snas_real *dy = view_picture(&t->dy, p->slot);
    walk_windows(t, &t->x[0], view_picture(&t->x[0], p->slot), col, true);
    const snas_gemm_shape weights = {
        .transpose_a = true, .m = t->y.c, .n = row, .k = pixels, .lda = t->dy.ld, .ldb = row, .ldc = row, .add = true};
    product(&weights, dy, col, snas_sharded_at(&t->partial, p->shard));
    if (t->dx[0].data == NULL) {
        return;
    }
    const snas_gemm_shape inputs = {.m = pixels, .n = row, .k = t->y.c, .lda = t->dy.ld, .ldb = row, .ldc = row};
    product(&inputs, dy, t->weight[0], dcol);
    walk_windows(t, &t->dx[0], view_picture(&t->dx[0], p->slot), dcol, false);
}

const snas_operation SNAS_BUILT(snas_op_conv) = {
    .name = "conv",
    .brief = "dense convolution",
    .backward_reads_x = true,
    .infer = infer,
    .parameters = parameters,
    .macs = macs,
    .kernel = {.forward = forward, .backward = backward, .scratch = scratch, .multiplies = true}};
