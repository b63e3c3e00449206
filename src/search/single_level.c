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

#include "snas/search/search_step.h"

static int64_t logit_count(const snas_distribution *d)
{
    return (int64_t)d->logits.types * d->logits.edges * d->logits.candidates;
}

/* The minibatch, with the draw's weights on the candidates. */
static snas_batch make_batch(const snas_searcher *searcher, const snas_step_input *input)
{
    const snas_search_config *settings = searcher->settings;
    const snas_distribution *distribution = &searcher->distribution;
    return (snas_batch){
        .count = input->count,
        .images = input->images,
        .labels = input->labels,
        .z = distribution->draw.z,
        .row_of_cell = distribution->row_of_cell,
        .sparse = distribution->draw.sparse,
        .drop_path = snas_drop_path(settings->drop_path, settings->drop_path_ramp, input->epoch, settings->epochs),
        .seed = input->seed,
        .step = (uint64_t)input->global_step,
    };
}

/* d_log_alpha of the loss and the resource term, from dL/dZ. Returns R. */
static double logit_gradient(snas_searcher *searcher)
{
    const snas_search_config *settings = searcher->settings;
    snas_distribution *d = &searcher->distribution;
    memset(d->d_log_alpha, 0, (size_t)logit_count(d) * sizeof d->d_log_alpha[0]);
    const double lambda = settings->resource ? settings->lambda : 0.0;
    const double R = snas_price_add(&searcher->price, &d->logits, &d->draw, lambda, d->dz, d->d_log_alpha);
    if (settings->estimator->grad != NULL) {
        settings->estimator->grad(&d->logits, &d->draw, d->dz, d->d_log_alpha);
    }
    return R;
}

static void move_logits(snas_searcher *searcher, double norm)
{
    const snas_search_config *settings = searcher->settings;
    snas_distribution *d = &searcher->distribution;
    const double scale = snas_clip_factor(norm, settings->logit_clip);
    if (settings->logit_optimizer == SNAS_LOGITS_SGD) {
        const snas_sgd sgd = {.rate = settings->adam.rate, .decay = settings->adam.decay};
        const snas_sgd_vectors_f64 vectors = {logit_count(d), d->logits.log_alpha, d->m, d->d_log_alpha};
        snas_sgd_step_f64(searcher->team, &sgd, &vectors, scale);
        return;
    }
    d->adam_step++;
    const snas_adam_vectors vectors = {logit_count(d), d->logits.log_alpha, d->m, d->v, d->d_log_alpha};
    snas_adam_step(&settings->adam, d->adam_step, &vectors, scale);
}

snas_status snas_searcher_create(snas_arena *mem, const snas_searcher_spec *spec, snas_searcher *out)
{
    const snas_search_config *settings = spec->settings;
    *out = (snas_searcher){.settings = settings, .team = spec->team, .network = spec->network};
    snas_distribution *d = &out->distribution;
    SNAS_TRY(snas_descent_create(mem, &settings->weights, spec->network, settings->epochs, spec->steps_per_epoch,
                                 &out->descent));
    SNAS_TRY(snas_distribution_create(mem, settings, spec->seed, spec->steps_per_epoch, d));
    return snas_price_create(mem, settings, spec->cell_side, d->draw.rows, d->row_of_cell, &out->price);
}

snas_status snas_search_step(snas_searcher *searcher, const snas_step_input *input, const double *gumbel,
                             snas_searched *out)
{
    const snas_team *team = searcher->team;
    snas_distribution *d = &searcher->distribution;
    if (gumbel == NULL) {
        snas_distribution_noise(d, input->seed, SNAS_STREAM_GUMBEL, (uint64_t)input->global_step);
    } else {
        memcpy(d->draw.gumbel, gumbel,
               (size_t)d->draw.rows * (size_t)(d->logits.edges * d->logits.candidates) * sizeof *gumbel);
    }
    snas_distribution_draw(d, snas_distribution_temperature(d, input->global_step));
    const snas_batch batch = make_batch(searcher, input);
    snas_outcome outcome;
    snas_network_forward(searcher->network, &batch, SNAS_MODE_TRAIN, &outcome);
    snas_network_backward(searcher->network, &batch, d->dz);
    const double R = logit_gradient(searcher);

    const double norm = snas_descent_norm(&searcher->descent, team);
    const double logit_norm = snas_norm_f64(team, logit_count(d), d->d_log_alpha);
    *out = (snas_searched){
        .loss = outcome.loss, .penalty = R, .norm = hypot(norm, logit_norm), .correct = outcome.correct};
    SNAS_TRY(snas_step_check_finite(input, out->loss, out->norm));

    const double rate = snas_descent_rate(&searcher->descent, input->epoch, input->step);
    snas_descent_step(&searcher->descent, team, rate, norm);
    if (input->epoch >= searcher->settings->logit_warmup) {
        move_logits(searcher, logit_norm);
    }
    return SNAS_OK;
}
