/* logits.c -- the logits of an architecture distribution and what does not depend on the estimator.
 *
 *   p[t,e,:] = softmax(log_alpha[t,e,:]),     H(t) = 1/E sum_e -sum_k p ln max(p, 1e-4)      [T, E, K]
 *
 * The floor keeps the logarithm finite. The published code of SNAS has it in both factors, and sums over the edges.
 */
#include <assert.h>
#include <math.h>

#include "estimators.h"

static const double ENTROPY_FLOOR = 1e-4;

static size_t entries(const snas_logits *logits, int rows)
{
    return (size_t)rows * (size_t)logits->edges * (size_t)logits->candidates;
}

snas_status snas_logits_create(snas_arena *mem, int types, int edges, int candidates, snas_logits *out)
{
    assert(types > 0 && edges > 0 && candidates > 0 && candidates <= ARCH_CANDIDATES_MAX);
    *out = (snas_logits){.types = types, .edges = edges, .candidates = candidates};
    SNAS_NEW(mem, out->log_alpha, entries(out, types));
    return SNAS_OK;
}

void snas_logits_init(snas_logits *logits, uint64_t seed, double mean, double std)
{
    snas_rng rng = snas_rng_at(seed, SNAS_STREAM_LOGITS, 0);
    const size_t count = entries(logits, logits->types);
    for (size_t i = 0; i < count; i++) {
        logits->log_alpha[i] = mean + std * snas_rng_normal(&rng);
    }
}

snas_status snas_draw_create(snas_arena *mem, const snas_logits *logits, int rows, const int *type_of_row,
                             snas_draw *out)
{
    int *types;
    SNAS_NEW(mem, types, rows);
    for (int row = 0; row < rows; row++) {
        assert(type_of_row[row] >= 0 && type_of_row[row] < logits->types);
        types[row] = type_of_row[row];
    }
    *out = (snas_draw){.rows = rows, .type_of_row = types, .temperature = 1};
    SNAS_NEW(mem, out->gumbel, entries(logits, rows));
    SNAS_NEW(mem, out->z, entries(logits, rows));
    return SNAS_OK;
}

void snas_draw_noise(const snas_logits *logits, snas_draw *draw, snas_rng *rng)
{
    const size_t count = entries(logits, draw->rows);
    for (size_t i = 0; i < count; i++) {
        draw->gumbel[i] = snas_rng_gumbel(rng);
    }
}

void snas_logits_probabilities(const snas_logits *logits, double *p)
{
    const size_t count = entries(logits, logits->types), K = (size_t)logits->candidates;
    for (size_t i = 0; i < count; i += K) {
        arch_softmax(logits->candidates, logits->log_alpha + i, p + i);
    }
}

void snas_logits_probabilities_grad(const snas_logits *logits, const double *dp, double *d_log_alpha)
{
    const size_t count = entries(logits, logits->types), K = (size_t)logits->candidates;
    double p[ARCH_CANDIDATES_MAX];
    for (size_t i = 0; i < count; i += K) {
        arch_softmax(logits->candidates, logits->log_alpha + i, p);
        arch_softmax_grad(logits->candidates, p, dp + i, 1, d_log_alpha + i);
    }
}

double snas_logits_entropy(const snas_logits *logits, int type)
{
    const size_t K = (size_t)logits->candidates;
    double p[ARCH_CANDIDATES_MAX], sum = 0;
    for (int e = 0; e < logits->edges; e++) {
        const size_t at = ((size_t)type * (size_t)logits->edges + (size_t)e) * K;
        arch_softmax(logits->candidates, logits->log_alpha + at, p);
        for (size_t k = 0; k < K; k++) {
            sum -= p[k] * log(fmax(p[k], ENTROPY_FLOOR));
        }
    }
    return sum / logits->edges;
}
