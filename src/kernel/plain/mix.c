/* mix.c -- a node: the weighted sum of its inputs.
 *
 *     y = sum_k z_k m_k[n] x_k            x_k, y: [h,w,c];  z_k one number a step, m_k[n] one a picture (drop path)
 *     dx_k += z_k m_k[n] dy               dL/dz_k = sum over pictures and pixels of m_k[n] dy x_k
 *
 * Without inputs y is zero. In a sparse step inputs whose z is exactly 0 were not run: their dL/dz reads 0. Where asked
 * for, the sum of m[n] dy over pictures, pixels and channels, a mask: dL/dz of an input that is 1 everywhere.
 */
#include "plain.h"

static snas_status infer(const snas_window *w, const snas_shape *x, int inputs, snas_shape *y)
{
    (void)w;
    *y = x[0];
    for (int k = 1; k < inputs; k++) {
        if (x[k].h != y->h || x[k].w != y->w || x[k].c != y->c) {
            return snas_fail(SNAS_E_USAGE, "a node cannot add pictures of %d x %d x %d and %d x %d x %d", y->h, y->w,
                             y->c, x[k].h, x[k].w, x[k].c);
        }
    }
    return SNAS_OK;
}

static void forward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    const int pixels = t->y.h * t->y.w;
    snas_real *y = view_picture(&t->y, p->slot);
    for (int i = 0; i < pixels; i++) {
        for (int c = 0; c < t->y.c; c++) {
            y[(int64_t)i * t->y.ld + c] = 0;
        }
    }
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        const snas_real weight = (snas_real)step_z(feed, term->z_slot) * step_mask(feed, term->mask_slot, p->image);
        const snas_real *x = view_picture(&t->x[k], p->slot);
        if (weight == 0) {
            continue;
        }
        for (int i = 0; i < pixels; i++, x += t->x[k].ld) {
            for (int c = 0; c < t->y.c; c++) {
                y[(int64_t)i * t->y.ld + c] += weight * x[c];
            }
        }
    }
}

/** Returns sum of dy * x over the picture; dx += weight * dy where wanted. */
static double term_backward(const snas_task *t, int k, snas_real weight, const snas_context *p)
{
    const snas_real *dy = view_picture(&t->dy, p->slot), *x = view_picture(&t->x[k], p->slot);
    snas_real *dx = t->dx[k].data == NULL ? NULL : view_picture(&t->dx[k], p->slot);
    double sum = 0.0;
    for (int i = 0; i < t->y.h * t->y.w; i++, dy += t->dy.ld, x += t->x[k].ld) {
        for (int c = 0; c < t->y.c; c++) {
            sum += (double)dy[c] * (double)x[c];
        }
        if (dx != NULL) {
            for (int c = 0; c < t->y.c; c++) {
                dx[c] += weight * dy[c];
            }
            dx += t->dx[k].ld;
        }
    }
    return sum;
}

static void sum_by_mask(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    const snas_real *dy = view_picture(&t->dy, p->slot);
    double total = 0.0;
    for (int i = 0; i < t->y.h * t->y.w; i++, dy += t->dy.ld) {
        for (int c = 0; c < t->y.c; c++) {
            total += (double)dy[c];
        }
    }
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        if (term->mask_sum.first != NULL) {
            const snas_real mask = step_mask(feed, term->mask_slot, p->image);
            *(double *)snas_sharded_at(&term->mask_sum, p->shard) += (double)mask * total;
        }
    }
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    if (feed->mask_sums != NULL) {
        sum_by_mask(t, feed, p);
    }
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        const snas_real mask = step_mask(feed, term->mask_slot, p->image);
        const snas_real weight = (snas_real)step_z(feed, term->z_slot) * mask;
        if (feed->sparse && step_z(feed, term->z_slot) == 0.0) {
            continue;
        }
        const double sum = term_backward(t, k, weight, p);
        if (term->dz.first != NULL) {
            *(double *)snas_sharded_at(&term->dz, p->shard) += (double)mask * sum;
        }
    }
}

static void backward_finalize(const snas_task *t, const snas_feed *feed)
{
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        if (term->dz.first != NULL) {
            feed->dz[term->z_slot] = *(double *)snas_sharded_at(&term->dz, 0);
        }
        if (feed->mask_sums != NULL && term->mask_sum.first != NULL) {
            feed->mask_sums[term->mask_slot] = *(double *)snas_sharded_at(&term->mask_sum, 0);
        }
    }
}

const snas_operation SNAS_BUILT(snas_op_mix) = {
    .name = "mix",
    .brief = "weighted sum of the inputs of a node",
    .backward_reads_x = true,
    .infer = infer,
    .kernel = {.forward = forward, .backward = backward, .backward_finalize = backward_finalize}};
