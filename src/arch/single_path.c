/* single_path.c -- one candidate an edge runs, and its reward alone moves the edge's logits (DSNAS).
 *
 *   Z           ~ Categorical(p),     p = softmax(log a)                            no temperature
 *   d log a_k  += (Z_k - p_k) r,      r = dL/dZ_s of the drawn candidate s          r held constant
 *
 * The score of the draw times its first-order credit. Unbiased for a loss that is multilinear in the edges' Z: dL/dZ_s
 * is then the loss but for a constant, and the score's mean is 0. Source: Hu et al., DSNAS (CVPR 2020).
 */
#include "estimators.h"

static void draw(const snas_logits *logits, snas_draw *to)
{
    arch_one_hot_draw(logits, to);
    to->sparse = true;
    to->skipped_as_ones = false;
}

static void grad(const snas_logits *logits, const snas_draw *from, const double *dz, double *d_log_alpha)
{
    const int K = logits->candidates;
    for (int row = 0; row < from->rows; row++) {
        for (int e = 0; e < logits->edges; e++) {
            const size_t at = arch_logits_at(logits, from, row, e), of_draw = arch_draw_at(logits, row, e);
            const double *z = from->z + of_draw;
            double r = 0;
            for (int k = 0; k < K; k++) {
                r += z[k] * dz[of_draw + (size_t)k];
            }
            arch_one_hot_edge_score(K, logits->log_alpha + at, z, r, d_log_alpha + at);
        }
    }
}

const snas_estimator arch_single_path = {.name = "single-path",
                                         .brief =
                                             "one-hot samples, the drawn candidate runs, score times its dL/dZ (DSNAS)",
                                         .draw = draw,
                                         .grad = grad,
                                         .score = arch_one_hot_score,
                                         .log_density = arch_one_hot_log_density,
                                         .one_path = true};
