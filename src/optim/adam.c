/* adam.c -- Adam on a small vector of doubles (the architecture's logits), as torch.optim.Adam.
 *
 *     d = scale*g + decay*w
 *     m <- beta1*m + (1 - beta1)*d            m' = m / (1 - beta1^step)
 *     v <- beta2*v + (1 - beta2)*d^2          v' = v / (1 - beta2^step)
 *     w <- w - rate * m' / (sqrt(v') + eps)
 *
 * w, m, v, g [count]; m and v start at 0, step at 1. Source: Kingma and Ba, Adam (ICLR 2015).
 */
#include <assert.h>
#include <math.h>

#include "snas/optim/optim.h"

void snas_adam_step(const snas_adam *adam, int64_t step, const snas_adam_vectors *vectors, double scale)
{
    assert(step >= 1 && vectors->count >= 0);
    double *w = vectors->w, *m = vectors->m, *v = vectors->v;
    const double *g = vectors->g;
    const double beta1 = adam->beta1, beta2 = adam->beta2;
    const double size = adam->rate / (1.0 - pow(beta1, (double)step));
    const double root = sqrt(1.0 - pow(beta2, (double)step));
    for (int64_t i = 0; i < vectors->count; i++) {
        const double d = scale * g[i] + adam->decay * w[i];
        m[i] = beta1 * m[i] + (1.0 - beta1) * d;
        v[i] = beta2 * v[i] + (1.0 - beta2) * d * d;
        w[i] -= size * m[i] / (sqrt(v[i]) / root + adam->eps);
    }
}
