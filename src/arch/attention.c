/* attention.c -- no draw at all: every candidate weighs what its logit says (DARTS).
 *
 *   z_k         = softmax_k(log a_k)                                no noise, no temperature
 *   d log a_k  += z_k (g_k - sum_l z_l g_l),      g = dL/dz         exact
 *
 * Source: Liu et al., DARTS (ICLR 2019).
 */
#include "estimators.h"

static void draw(const snas_logits *logits, snas_draw *to)
{
    for (int row = 0; row < to->rows; row++) {
        for (int e = 0; e < logits->edges; e++) {
            arch_softmax(logits->candidates, logits->log_alpha + arch_logits_at(logits, to, row, e),
                         to->z + arch_draw_at(logits, row, e));
        }
    }
    to->sparse = to->skipped_as_ones = false;
}

static void grad(const snas_logits *logits, const snas_draw *from, const double *dz, double *d_log_alpha)
{
    for (int row = 0; row < from->rows; row++) {
        for (int e = 0; e < logits->edges; e++) {
            const size_t of_draw = arch_draw_at(logits, row, e);
            arch_softmax_grad(logits->candidates, from->z + of_draw, dz + of_draw, 1,
                              d_log_alpha + arch_logits_at(logits, from, row, e));
        }
    }
}

const snas_estimator arch_attention = {.name = "attention",
                                       .brief = "the softmax of the logits, without noise (DARTS)",
                                       .draw = draw,
                                       .grad = grad,
                                       .soft = true};
