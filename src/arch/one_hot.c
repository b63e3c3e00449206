/* one_hot.c -- one-hot draws, which several estimators share: one candidate an edge, and no other.
 *
 *   z = one-hot(argmax_k log a_k + G_k),  G Gumbel noise; ties: lower k       z ~ Categorical(p), p = softmax(log a)
 *   log p(z) = sum_k z_k log p_k,        d log p(z) / d log a_k = z_k - p_k
 *
 * And the gradient of the sample that the concrete relaxation would have drawn with the same noise:
 *
 *   h_k = softmax_k((log a_k + G_k) / tau),        d log a_k += h_k / tau * (g_k - sum_l h_l g_l),      g = dL/dz
 *
 * argmax h = argmax z for every tau. Source of the draw: Gumbel-max, as in Maddison et al. (ICLR 2017).
 */
#include <assert.h>

#include "estimators.h"

static int drawn(int K, const double *z)
{
    int k = 0;
    while (k < K - 1 && z[k] != 1) {
        k++;
    }
    return k;
}

void arch_one_hot_draw(const snas_logits *logits, snas_draw *to)
{
    const int K = logits->candidates;
    for (int row = 0; row < to->rows; row++) {
        for (int e = 0; e < logits->edges; e++) {
            const double *log_a = logits->log_alpha + arch_logits_at(logits, to, row, e);
            const double *G = to->gumbel + arch_draw_at(logits, row, e);
            double *z = to->z + arch_draw_at(logits, row, e);
            int best = 0;
            for (int k = 0; k < K; k++) {
                best = log_a[k] + G[k] > log_a[best] + G[best] ? k : best;
                z[k] = 0;
            }
            z[best] = 1;
        }
    }
}

void arch_one_hot_edge_score(int K, const double *log_a, const double *z, double weight, double *to)
{
    double p[ARCH_CANDIDATES_MAX];
    assert(K <= ARCH_CANDIDATES_MAX);
    arch_softmax(K, log_a, p);
    for (int k = 0; k < K; k++) {
        to[k] += weight * (z[k] - p[k]);
    }
}

void arch_one_hot_score(const snas_logits *logits, const snas_draw *of, const double *weight, double *to)
{
    for (int row = 0; row < of->rows; row++) {
        for (int e = 0; e < logits->edges; e++) {
            const size_t at = arch_logits_at(logits, of, row, e);
            arch_one_hot_edge_score(logits->candidates, logits->log_alpha + at, of->z + arch_draw_at(logits, row, e),
                                    weight == NULL ? 1 : weight[row * logits->edges + e], to + at);
        }
    }
}

double arch_one_hot_log_density(const snas_logits *logits, const snas_draw *of)
{
    const int K = logits->candidates;
    double p[ARCH_CANDIDATES_MAX], sum = 0;
    assert(K <= ARCH_CANDIDATES_MAX);
    for (int row = 0; row < of->rows; row++) {
        for (int e = 0; e < logits->edges; e++) {
            const double *log_a = logits->log_alpha + arch_logits_at(logits, of, row, e);
            const int k = drawn(K, of->z + arch_draw_at(logits, row, e));
            sum += log_a[k] - arch_softmax(K, log_a, p);
        }
    }
    return sum;
}

void arch_relaxed_grad(const snas_logits *logits, const snas_draw *from, const double *dz, double *d_log_alpha)
{
    const int K = logits->candidates;
    double h[ARCH_CANDIDATES_MAX];
    assert(K <= ARCH_CANDIDATES_MAX && from->temperature > 0);
    for (int row = 0; row < from->rows; row++) {
        for (int e = 0; e < logits->edges; e++) {
            const size_t at = arch_logits_at(logits, from, row, e), of_draw = arch_draw_at(logits, row, e);
            for (int k = 0; k < K; k++) {
                h[k] = (logits->log_alpha[at + (size_t)k] + from->gumbel[of_draw + (size_t)k]) / from->temperature;
            }
            arch_softmax(K, h, h);
            arch_softmax_grad(K, h, dz + of_draw, 1 / from->temperature, d_log_alpha + at);
        }
    }
}
