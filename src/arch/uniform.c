/* uniform.c -- one-hot draws that know no logits: every candidate of an edge is as likely as any other.
 *
 *   z = one-hot(argmax_k G_k)                     nothing to learn: no gradient, no score
 */
#include "estimators.h"

static void draw(const snas_logits *logits, snas_draw *to)
{
    const int K = logits->candidates;
    for (int i = 0; i < to->rows * logits->edges; i++) {
        const double *G = to->gumbel + (size_t)i * (size_t)K;
        double *z = to->z + (size_t)i * (size_t)K;
        int best = 0;
        for (int k = 0; k < K; k++) {
            best = G[k] > G[best] ? k : best;
            z[k] = 0;
        }
        z[best] = 1;
    }
    to->sparse = true;
    to->skipped_as_ones = false;
}

const snas_estimator arch_uniform = {.name = "uniform",
                                     .brief = "one-hot samples, all candidates alike, the drawn one runs",
                                     .draw = draw,
                                     .one_path = true};
