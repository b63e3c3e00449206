/* gdas.c -- straight-through at the price of one path, as the published code of GDAS has it.
 *
 *   z            = one-hot(argmax h),     h_k = softmax_k((log p_k + G_k) / tau)      the drawn candidate s alone runs
 *   d log a_k   += h_k / tau * (g_k - sum_l h_l g_l),      g_s = dL/dz_s,     g_k = sum of dL/dy for k != s
 *
 * y is the edge's output. The published forward pass adds to z_s O_s the bare weight z_k = 0 of every other candidate,
 * so its gradient is that of a candidate whose output is 1 everywhere (skipped_as_ones). Where `none` is drawn, g_s = 0
 * and all others have that sum. That h is made of log p, p = softmax(log a), changes nothing: log p_k - log a_k is the
 * same for all k of an edge. Source: Dong and Yang, GDAS (CVPR 2019), and its published code.
 */
#include "estimators.h"

static void draw(const snas_logits *logits, snas_draw *to)
{
    arch_one_hot_draw(logits, to);
    to->sparse = to->skipped_as_ones = true;
}

const snas_estimator arch_gdas = {
    .name = "gdas",
    .brief = "one-hot samples, the drawn candidate runs, gradient of the relaxed sample (GDAS)",
    .draw = draw,
    .grad = arch_relaxed_grad,
    .score = arch_one_hot_score,
    .log_density = arch_one_hot_log_density,
    .one_path = true,
    .tempered = true};
