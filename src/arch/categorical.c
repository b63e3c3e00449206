/* categorical.c -- one-hot draws that learn from a reward alone (REINFORCE).
 *
 *   Z           ~ Categorical(p),     p = softmax(log a)
 *   d log a_k  -= (R - b) (Z_k - p_k)  +  w dH/d log a_k                               downhill: R and H shall grow
 *   H           = sum over types and edges of -sum_k p_k ln p_k,    dH/d log a_k = -p_k (ln p_k + H_e)
 *   b           = m / n,     afterwards  m <- d m + (1 - d) R,   n <- d n + (1 - d)     state: m, n
 *
 * b is the moving mean of the rewards before this one, corrected for its start from nothing, so it does not depend on
 * the draw and leaves the mean of the gradient as it is. The first reward has no baseline: it only starts one.
 * Source: Williams, REINFORCE (1992).
 */
#include <assert.h>
#include <math.h>

#include "estimators.h"

enum { REWARDS, WEIGHTS, STATE_COUNT };

static void draw(const snas_logits *logits, snas_draw *to)
{
    arch_one_hot_draw(logits, to);
    to->sparse = true;
    to->skipped_as_ones = false;
}

/* d_log_alpha -= weight dH / d log_alpha of one edge. */
static void add_bonus(int K, const double *log_a, double weight, double *d_log_alpha)
{
    double p[ARCH_CANDIDATES_MAX], H = 0;
    assert(K <= ARCH_CANDIDATES_MAX);
    const double log_sum = arch_softmax(K, log_a, p);
    for (int k = 0; k < K; k++) {
        H -= p[k] * (log_a[k] - log_sum);
    }
    for (int k = 0; k < K; k++) {
        d_log_alpha[k] += weight * p[k] * (log_a[k] - log_sum + H);
    }
}

static void observe(const snas_logits *logits, const snas_draw *of, const snas_reward *reward, double *state,
                    double *d_log_alpha)
{
    assert(reward->decay >= 0 && reward->decay < 1);
    const int K = logits->candidates;
    const double baseline = state[WEIGHTS] > 0 ? state[REWARDS] / state[WEIGHTS] : reward->value;
    for (int row = 0; row < of->rows; row++) {
        for (int e = 0; e < logits->edges; e++) {
            const size_t at = arch_logits_at(logits, of, row, e);
            arch_one_hot_edge_score(K, logits->log_alpha + at, of->z + arch_draw_at(logits, row, e),
                                    baseline - reward->value, d_log_alpha + at);
        }
    }
    for (int edge = 0; reward->entropy != 0 && edge < logits->types * logits->edges; edge++) {
        const size_t at = (size_t)edge * (size_t)K;
        add_bonus(K, logits->log_alpha + at, reward->entropy, d_log_alpha + at);
    }
    state[REWARDS] = reward->decay * state[REWARDS] + (1 - reward->decay) * reward->value;
    state[WEIGHTS] = reward->decay * state[WEIGHTS] + (1 - reward->decay);
}

const snas_estimator arch_categorical = {
    .name = "categorical",
    .brief = "one-hot samples, the drawn candidate runs, score times reward (REINFORCE)",
    .draw = draw,
    .score = arch_one_hot_score,
    .log_density = arch_one_hot_log_density,
    .observe = observe,
    .state_count = STATE_COUNT,
    .one_path = true};
