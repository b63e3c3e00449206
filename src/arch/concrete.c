/* concrete.c -- the concrete relaxation of a categorical distribution (Gumbel softmax), SNAS's own estimator.
 *
 *   z_k         = softmax_k((log a_k + G_k) / tau)                                      one edge, K candidates
 *   d log a_k  += z_k / tau * (g_k - sum_l z_l g_l),      g = dL/dz                     its Jacobian's product
 *   log p(z)    = ln (K-1)! + (K-1) ln tau + sum_k log a_k - (tau+1) sum_k ln z_k - K ln sum_k a_k z_k^-tau
 *   d log p / d log a_k = 1 - K q_k,      q = softmax(log a - tau ln z)                 z held constant
 *
 * Everything is worked out in logarithms: a_k z_k^-tau alone overflows at small tau. A z that has underflowed to zero
 * counts as the smallest double. Sources: Xie et al., SNAS (ICLR 2019); Maddison et al., the concrete distribution
 * (ICLR 2017).
 */
#include <assert.h>
#include <float.h>
#include <math.h>

#include "estimators.h"

static void draw(const snas_logits *logits, snas_draw *to)
{
    assert(to->temperature > 0);
    const int K = logits->candidates;
    for (int row = 0; row < to->rows; row++) {
        for (int e = 0; e < logits->edges; e++) {
            const double *log_a = logits->log_alpha + arch_logits_at(logits, to, row, e);
            const double *G = to->gumbel + arch_draw_at(logits, row, e);
            double *z = to->z + arch_draw_at(logits, row, e);
            for (int k = 0; k < K; k++) {
                z[k] = (log_a[k] + G[k]) / to->temperature;
            }
            arch_softmax(K, z, z);
        }
    }
    to->sparse = false;
}

static void grad(const snas_logits *logits, const snas_draw *from, const double *dz, double *d_log_alpha)
{
    for (int row = 0; row < from->rows; row++) {
        for (int e = 0; e < logits->edges; e++) {
            const size_t at = arch_draw_at(logits, row, e);
            arch_softmax_grad(logits->candidates, from->z + at, dz + at, 1 / from->temperature,
                              d_log_alpha + arch_logits_at(logits, from, row, e));
        }
    }
}

/* x_k = log a_k - tau ln z_k of one edge, [K]; returns sum_k ln z_k. */
static double exponents(int K, const double *log_a, const double *z, double tau, double *x)
{
    double sum = 0;
    for (int k = 0; k < K; k++) {
        const double log_z = log(fmax(z[k], DBL_MIN));
        x[k] = log_a[k] - tau * log_z;
        sum += log_z;
    }
    return sum;
}

static void score(const snas_logits *logits, const snas_draw *of, const double *weight, double *to)
{
    const int K = logits->candidates;
    double q[ARCH_CANDIDATES_MAX];
    assert(K <= ARCH_CANDIDATES_MAX);
    for (int row = 0; row < of->rows; row++) {
        for (int e = 0; e < logits->edges; e++) {
            const size_t at = arch_logits_at(logits, of, row, e);
            const double w = weight == NULL ? 1 : weight[row * logits->edges + e];
            exponents(K, logits->log_alpha + at, of->z + arch_draw_at(logits, row, e), of->temperature, q);
            arch_softmax(K, q, q);
            for (int k = 0; k < K; k++) {
                to[at + (size_t)k] += w * (1 - K * q[k]);
            }
        }
    }
}

static double log_density(const snas_logits *logits, const snas_draw *of)
{
    const int K = logits->candidates;
    const double tau = of->temperature;
    double x[ARCH_CANDIDATES_MAX], sum = 0;
    assert(K <= ARCH_CANDIDATES_MAX);
    for (int row = 0; row < of->rows; row++) {
        for (int e = 0; e < logits->edges; e++) {
            const double *log_a = logits->log_alpha + arch_logits_at(logits, of, row, e);
            const double sum_log_z = exponents(K, log_a, of->z + arch_draw_at(logits, row, e), tau, x);
            for (int k = 0; k < K; k++) {
                sum += log_a[k];
            }
            sum += lgamma(K) + (K - 1) * log(tau) - (tau + 1) * sum_log_z - K * arch_softmax(K, x, x);
        }
    }
    return sum;
}

const snas_estimator arch_concrete = {.name = "concrete",
                                      .brief = "relaxed one-hot samples, gradient through the sample (SNAS)",
                                      .draw = draw,
                                      .grad = grad,
                                      .score = score,
                                      .log_density = log_density,
                                      .tempered = true,
                                      .soft = true};
