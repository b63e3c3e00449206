/* single_level.c -- one step of the method: one minibatch and one backward pass move weights and architecture together.
 *
 *      Z ~ p(Z | log_alpha, tau)                          one draw for the minibatch
 *      L = cross entropy of the supernet under Z          forward, backward: dL/dW and dL/dZ
 *      dL/dZ        += lambda * dR/dZ                     or the other methods of price.h
 *      d_log_alpha   = (dZ/d log_alpha)^T dL/dZ           the estimator's gradient
 *      W            <- SGD(clip(dL/dW))
 *      log_alpha    <- Adam(clip(d_log_alpha))            or plain SGD; not during the warm-up
 *
 * Everything random is named by (seed, stream, global step); nothing is allocated.
 * Source: Xie et al., SNAS (ICLR 2019), single level.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "search_state.h"

#include "snas/search/distribution.h"

/* The minibatch of these pictures, with the draw's weights on the candidates. */
static snas_batch make_batch(const snas_loop *loop, const snas_loaded *loaded)
{
    const search_state *search = loop->context;
    const snas_search_config *settings = &loop->config->search;
    const snas_distribution *distribution = &search->distribution;
    const snas_loop_state *at = &loop->state;
    return (snas_batch){
        .count = loaded->count,
        .images = loaded->images,
        .labels = loaded->labels,
        .z = distribution->draw.z,
        .row_of_cell = distribution->row_of_cell,
        .sparse = distribution->draw.sparse,
        .drop_path = snas_drop_path(settings->drop_path, settings->drop_path_ramp, at->epoch, settings->epochs),
        .seed = loop->config->seed,
        .step = (uint64_t)at->global_step,
    };
}

/* d_log_alpha of the loss and the resource term, from dL/dZ. Returns R. */
static double logit_gradient(const snas_search_config *settings, search_state *search)
{
    snas_distribution *d = &search->distribution;
    const size_t count = (size_t)d->logits.types * (size_t)d->logits.edges * (size_t)d->logits.candidates;
    memset(d->d_log_alpha, 0, count * sizeof d->d_log_alpha[0]);
    const double lambda = settings->resource ? settings->lambda : 0.0;
    const double R = search_price_add(&search->resource, &d->logits, &d->draw, lambda, d->dz, d->d_log_alpha);
    settings->estimator->grad(&d->logits, &d->draw, d->dz, d->d_log_alpha);
    return R;
}

static void move_logits(const snas_search_config *settings, const snas_team *team, snas_distribution *d, double norm)
{
    const int64_t count = (int64_t)d->logits.types * d->logits.edges * d->logits.candidates;
    const double scale = snas_clip_factor(norm, settings->logit_clip);
    if (settings->logit_optimizer == SNAS_LOGITS_SGD) {
        const snas_sgd sgd = {.rate = settings->adam.rate, .decay = settings->adam.decay};
        snas_sgd_step_f64(team, &sgd, count, d->logits.log_alpha, d->m, d->d_log_alpha, scale, NULL, 0);
        return;
    }
    d->adam_step++;
    snas_adam_step(&settings->adam, d->adam_step, count, d->logits.log_alpha, d->m, d->v, d->d_log_alpha, scale);
}

snas_status search_step(snas_loop *loop, snas_loop_step *out)
{
    search_state *search = loop->context;
    const snas_search_config *settings = &loop->config->search;
    const snas_team *team = &loop->options->team;
    snas_distribution *d = &search->distribution;
    const snas_loop_state *at = &loop->state;

    snas_distribution_draw(d, snas_distribution_temperature(d, at->global_step), loop->config->seed, SNAS_STREAM_GUMBEL,
                           (uint64_t)at->global_step);
    snas_loaded loaded;
    SNAS_TRY(snas_loop_pictures(loop, loop->train, &loaded));
    const snas_batch batch = make_batch(loop, &loaded);
    snas_outcome outcome;
    snas_network_forward(loop->network, &batch, SNAS_MODE_TRAIN, &outcome);
    snas_network_backward(loop->network, &batch, d->dz);
    const double R = logit_gradient(settings, search);

    const int64_t logits = (int64_t)d->logits.types * d->logits.edges * d->logits.candidates;
    const double norm = snas_descent_norm(&search->descent, team);
    const double logit_norm = snas_norm_f64(team, logits, d->d_log_alpha);
    SNAS_TRY(snas_loop_check_finite(loop, outcome.loss, hypot(norm, logit_norm)));

    snas_descent_step(&search->descent, team, snas_descent_rate(&search->descent, at->epoch, at->step), norm);
    if (at->epoch >= settings->logit_warmup) {
        move_logits(settings, team, d, logit_norm);
    }
    *out = (snas_loop_step){.images = batch.count, .correct = outcome.correct, .loss = outcome.loss, .penalty = R};
    return SNAS_OK;
}
