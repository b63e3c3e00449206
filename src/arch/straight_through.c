/* straight_through.c -- one-hot forward, relaxed backward: every candidate runs, one of them counts.
 *
 *   z            = one-hot(argmax h),     h_k = softmax_k((log a_k + G_k) / tau)
 *   d log a_k   += h_k / tau * (g_k - sum_l h_l g_l),      g = dL/dz at the one-hot z, for every k
 *
 * Biased: g is taken at z, and the Jacobian at h. Source: Bengio et al. (2013) for the estimator, Jang et al., Gumbel
 * softmax (ICLR 2017) for this form.
 */
#include "estimators.h"

static void draw(const snas_logits *logits, snas_draw *to)
{
    arch_one_hot_draw(logits, to);
    to->sparse = to->skipped_as_ones = false;
}

const snas_estimator arch_straight_through = {.name = "straight-through",
                                              .brief =
                                                  "one-hot samples, all candidates run, gradient of the relaxed sample",
                                              .draw = draw,
                                              .grad = arch_relaxed_grad,
                                              .score = arch_one_hot_score,
                                              .log_density = arch_one_hot_log_density,
                                              .tempered = true};
