/* pool.c -- pooling over windows; pixels outside the picture do not count.
 *
 *     max: y = max over the window; the gradient goes to the first largest in row order, as PyTorch;
 *          a NaN in the window is its largest
 *     avg: y = mean over the window's pixels inside the picture (count_include_pad=False); the gradient is shared alike
 */
#include <math.h>

#include "plain.h"

static snas_status infer(const snas_window *w, const snas_shape *x, int inputs, snas_shape *y)
{
    (void)inputs;
    return kernel_infer_window("a pool", w, x, x->c, y);
}

/** The pixels of one window: rows a0..a1-1, columns b0..b1-1 of the picture. */
typedef struct {
    int a0, a1, b0, b1;
} window_box;

static window_box box_at(const snas_task *t, int i, int j)
{
    window_box box;
    window_taps(&t->window, i, t->x[0].h, &box.a0, &box.a1);
    window_taps(&t->window, j, t->x[0].w, &box.b0, &box.b1);
    const int y = i * t->window.stride - t->window.pad, x = j * t->window.stride - t->window.pad;
    return (window_box){box.a0 + y, box.a1 + y, box.b0 + x, box.b1 + x};
}

static int64_t largest(const snas_view *v, const snas_real *picture, const window_box *box, int c)
{
    int64_t best = ((int64_t)box->a0 * v->w + box->b0) * v->ld + c;
    for (int a = box->a0; a < box->a1; a++) {
        for (int b = box->b0; b < box->b1; b++) {
            const int64_t at = ((int64_t)a * v->w + b) * v->ld + c;
            best = picture[at] > picture[best] || isnan(picture[at]) ? at : best;
        }
    }
    return best;
}

static void max_forward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    const snas_real *x = view_picture(&t->x[0], p->slot);
    snas_real *y = view_picture(&t->y, p->slot);
    for (int q = 0; q < t->y.h * t->y.w; q++, y += t->y.ld) {
        const window_box box = box_at(t, q / t->y.w, q % t->y.w);
        for (int c = 0; c < t->y.c; c++) {
            y[c] = x[largest(&t->x[0], x, &box, c)];
        }
    }
}

static void max_backward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    const snas_real *x = view_picture(&t->x[0], p->slot), *dy = view_picture(&t->dy, p->slot);
    const snas_view as_dx = {.w = t->x[0].w, .ld = t->dx[0].ld};
    snas_real *dx = view_picture(&t->dx[0], p->slot);
    for (int q = 0; q < t->y.h * t->y.w; q++, dy += t->dy.ld) {
        const window_box box = box_at(t, q / t->y.w, q % t->y.w);
        for (int c = 0; c < t->y.c; c++) {
            const int64_t pixel = (largest(&t->x[0], x, &box, c) - c) / t->x[0].ld;
            dx[pixel * as_dx.ld + c] += dy[c];
        }
    }
}

/** y += the mean of the window's pixels. */
static void take_mean(const snas_view *v, snas_real *picture, const window_box *box, snas_real *y)
{
    const snas_real count = (snas_real)((box->a1 - box->a0) * (box->b1 - box->b0));
    for (int a = box->a0; a < box->a1; a++) {
        for (int b = box->b0; b < box->b1; b++) {
            const snas_real *at = view_pixel(v, picture, a, b);
            for (int c = 0; c < v->c; c++) {
                y[c] += at[c] / count;
            }
        }
    }
}

/** The window's pixels += dy / count. */
static void share_out(const snas_view *v, snas_real *picture, const window_box *box, const snas_real *dy)
{
    const snas_real count = (snas_real)((box->a1 - box->a0) * (box->b1 - box->b0));
    for (int a = box->a0; a < box->a1; a++) {
        for (int b = box->b0; b < box->b1; b++) {
            snas_real *at = view_pixel(v, picture, a, b);
            for (int c = 0; c < v->c; c++) {
                at[c] += dy[c] / count;
            }
        }
    }
}

static void avg_forward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    snas_real *y = view_picture(&t->y, p->slot);
    for (int q = 0; q < t->y.h * t->y.w; q++, y += t->y.ld) {
        const window_box box = box_at(t, q / t->y.w, q % t->y.w);
        for (int c = 0; c < t->y.c; c++) {
            y[c] = 0;
        }
        take_mean(&t->x[0], view_picture(&t->x[0], p->slot), &box, y);
    }
}

static void avg_backward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    (void)feed;
    const snas_real *dy = view_picture(&t->dy, p->slot);
    for (int q = 0; q < t->y.h * t->y.w; q++, dy += t->dy.ld) {
        const window_box box = box_at(t, q / t->y.w, q % t->y.w);
        share_out(&t->dx[0], view_picture(&t->dx[0], p->slot), &box, dy);
    }
}

const snas_operation SNAS_BUILT(snas_op_max_pool) = {.name = "max-pool",
                                                     .brief = "largest value of a window",
                                                     .backward_reads_x = true,
                                                     .infer = infer,
                                                     .kernel = {.forward = max_forward, .backward = max_backward}};

const snas_operation SNAS_BUILT(snas_op_avg_pool) = {.name = "avg-pool",
                                                     .brief = "mean of a window's pixels inside the picture",
                                                     .infer = infer,
                                                     .kernel = {.forward = avg_forward, .backward = avg_backward}};
