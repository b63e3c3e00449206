/* second_order.c -- the logits by what the weights will be: DARTS of second order, by a finite difference.
 *
 *      W'   = W - xi (mu m + dL/dW + decay W)             the weights' step, unclipped; xi its rate, m momentum
 *      v    = dL'(W')/dW'                                 L on the training batch, L' on the logits' batch
 *      g    = d (L'(W') + lambda R)/d log_alpha - xi (dL(W + eps v) - dL(W - eps v))/d log_alpha / (2 eps)
 *      eps  = 0.01 / |v|
 *      log_alpha <- Adam(clip(g))
 *
 * Four passes. Those on the training batch share their masks: they are of one loss. They move the running statistics of
 * the batch norms and the one at W' does not, as in the published code, which makes that one in a copy of the network.
 * There is one draw for all: the level goes with estimators that have no noise. Source: Liu et al., DARTS (ICLR 2019).
 */
#include <string.h>

#include "levels.h"
#include "pass.h"

static const double EPS_TIMES_NORM = 0.01;

static void copy(const snas_searcher *s, void *to, const void *from)
{
    memcpy(to, from, (size_t)s->descent.count * snas_dtype_size(snas_network_dtype(s->network)));
}

/* W = the weights that were kept + eps v. */
static void place_weights(const snas_searcher *s, double eps)
{
    void *W = snas_network_weights(s->network);
    copy(s, W, s->ahead.weights);
    if (snas_network_dtype(s->network) == SNAS_F64) {
        snas_blend_f64(s->team, s->descent.count, 1.0, W, eps, s->ahead.direction);
    } else {
        snas_blend_f32(s->team, s->descent.count, 1.0, W, eps, s->ahead.direction);
    }
}

/* dL/d log_alpha at W + eps v, the resource term apart. */
static void slope(snas_searcher *s, const search_pass *pass, double eps, double *out)
{
    const snas_distribution *d = &s->distribution;
    snas_outcome outcome;
    place_weights(s, eps);
    search_pass_run(s, pass, &outcome);
    memset(out, 0, (size_t)search_logit_count(d) * sizeof *out);
    s->settings->estimator->grad(&d->logits, &d->draw, d->dz, out);
}

/* From W, whose loss on the training batch has a gradient now, to W'; W is kept. */
static void step_ahead(const snas_searcher *s, double rate)
{
    snas_descent ahead = s->descent;
    copy(s, s->ahead.weights, snas_network_weights(s->network));
    copy(s, s->ahead.direction, s->descent.momentum);
    ahead.momentum = s->ahead.direction;
    snas_descent_step(&ahead, s->team, rate, 0.0); /* a norm of 0 is not clipped */
}

/* Less xi times the mixed second derivative along v. */
static void look_back(snas_searcher *s, const search_pass *train, double rate, double norm)
{
    const double eps = EPS_TIMES_NORM / norm;
    slope(s, train, eps, s->ahead.plus);
    slope(s, train, -eps, s->ahead.minus);
    for (int64_t i = 0; i < search_logit_count(&s->distribution); i++) {
        s->distribution.d_log_alpha[i] -= rate * (s->ahead.plus[i] - s->ahead.minus[i]) / (2.0 * eps);
    }
}

snas_status search_second_order(snas_searcher *s, const snas_search_input *input, search_half *out)
{
    const search_pass train = {.input = &input->train, .mode = SNAS_MODE_TRAIN, .masks = SEARCH_MASKS_AHEAD};
    const search_pass judge = {.input = &input->logits, .mode = SNAS_MODE_BATCH, .masks = SEARCH_MASKS_LOGITS};
    const double rate = snas_descent_rate(&s->descent, input->train.epoch, input->train.step);
    snas_outcome outcome;
    search_draw(s, &input->logits, SNAS_STREAM_GUMBEL_LOGITS, input->logit_gumbel);
    search_pass_run(s, &train, &outcome);
    SNAS_TRY(snas_step_check_finite(&input->train, outcome.loss, snas_descent_norm(&s->descent, s->team)));
    step_ahead(s, rate);
    search_pass_run(s, &judge, &outcome);
    out->penalty = search_logit_gradient(s);
    const double norm = snas_descent_norm(&s->descent, s->team);
    copy(s, s->ahead.direction, snas_network_gradients(s->network));
    if (norm > 0.0) {
        look_back(s, &train, rate, norm);
    }
    copy(s, snas_network_weights(s->network), s->ahead.weights);
    out->norm = search_logit_norm(s);
    SNAS_TRY(snas_step_check_finite(&input->logits, outcome.loss, out->norm));
    search_move_logits(s, out->norm);
    return SNAS_OK;
}

snas_status search_ahead_create(snas_arena *mem, snas_searcher *s)
{
    const size_t bytes = (size_t)s->descent.count * snas_dtype_size(snas_network_dtype(s->network));
    const int64_t logits = search_logit_count(&s->distribution);
    char *weights, *direction;
    SNAS_NEW(mem, weights, bytes);
    SNAS_NEW(mem, direction, bytes);
    SNAS_NEW(mem, s->ahead.plus, logits);
    SNAS_NEW(mem, s->ahead.minus, logits);
    s->ahead.weights = weights;
    s->ahead.direction = direction;
    return SNAS_OK;
}
