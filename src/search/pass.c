/* pass.c -- what the steps of all levels are made of: a draw, a pass through the supernet, moving weights and logits.
 *
 *      Z ~ p(Z | log_alpha, tau)
 *      L = cross entropy of the supernet under Z          forward, backward: dL/dW and dL/dZ
 *      dL/dZ        += lambda * dR/dZ                     or the other methods of price.h
 *      d_log_alpha   = (dZ/d log_alpha)^T dL/dZ           the estimator's gradient
 *      W            <- SGD(clip(dL/dW))
 *      log_alpha    <- Adam(clip(d_log_alpha))            or plain SGD
 *
 * Everything random is named by (seed, stream, global step); nothing is allocated.
 */
#include "pass.h"

#include "budget_control.h"

#include <stddef.h>
#include <string.h>

enum { MASKS_STEP_LOG2 = 56 }; /* of stream DROP_PATH: step = masks * 2^56 + global step */

int64_t search_logit_count(const snas_distribution *d)
{
    return (int64_t)d->logits.types * d->logits.edges * d->logits.candidates;
}

void search_draw(snas_searcher *searcher, const snas_step_input *input, snas_stream stream, const double *gumbel)
{
    snas_distribution *d = &searcher->distribution;
    if (gumbel == NULL) {
        snas_distribution_noise(d, input->seed, stream, (uint64_t)input->global_step);
    } else {
        memcpy(d->draw.gumbel, gumbel,
               (size_t)d->draw.rows * (size_t)(d->logits.edges * d->logits.candidates) * sizeof *gumbel);
    }
    snas_distribution_draw(d, snas_distribution_temperature(d, input->global_step));
}

/* The minibatch, with the draw's weights on the candidates. */
static snas_batch make_batch(const snas_searcher *searcher, const search_pass *pass)
{
    const snas_search_config *settings = searcher->settings;
    const snas_distribution *distribution = &searcher->distribution;
    const snas_step_input *input = pass->input;
    return (snas_batch){
        .count = input->count,
        .images = input->images,
        .labels = input->labels,
        .z = distribution->weights,
        .row_of_cell = distribution->row_of_cell,
        .sparse = distribution->sparse,
        .skipped_as_ones = distribution->draw.skipped_as_ones,
        .drop_path = snas_drop_path(settings->drop_path, settings->drop_path_ramp, input->epoch, settings->epochs),
        .seed = input->seed,
        .step = ((uint64_t)pass->masks << MASKS_STEP_LOG2) + (uint64_t)input->global_step,
    };
}

void search_pass_run(snas_searcher *searcher, const search_pass *pass, snas_outcome *out)
{
    const snas_batch batch = make_batch(searcher, pass);
    snas_network_forward(searcher->network, &batch, pass->mode, out);
    snas_network_backward(searcher->network, &batch, searcher->distribution.dz);
}

void search_pass_forward(snas_searcher *searcher, const search_pass *pass, snas_outcome *out)
{
    snas_batch batch = make_batch(searcher, pass);
    batch.drop_path = 0.0;
    snas_network_forward(searcher->network, &batch, pass->mode, out);
}

static double add_price(snas_searcher *searcher, double lambda)
{
    snas_distribution *d = &searcher->distribution;
    return snas_price_add(&searcher->price, &d->logits, &d->draw, lambda, d->dz, d->d_log_alpha);
}

double search_price_gradient(snas_searcher *searcher)
{
    const snas_search_config *settings = searcher->settings;
    snas_distribution *d = &searcher->distribution;
    memset(d->d_log_alpha, 0, (size_t)search_logit_count(d) * sizeof d->d_log_alpha[0]);
    if (searcher->budget.count > 0) {
        snas_logits_probabilities(&d->logits, searcher->price.p);
        search_budget_gradient(&searcher->budget, searcher->price.p, d->d_log_alpha);
    }
    return add_price(searcher, settings->resource ? settings->lambda : 0.0);
}

double search_logit_gradient(snas_searcher *searcher)
{
    snas_distribution *d = &searcher->distribution;
    const snas_estimator *estimator = searcher->settings->estimator;
    const double R = search_price_gradient(searcher);
    if (estimator->grad != NULL) {
        estimator->grad(&d->logits, &d->draw, d->dz, d->d_log_alpha);
    }
    return R;
}

double search_price_value(snas_searcher *searcher)
{
    return add_price(searcher, 0.0);
}

double search_logit_norm(const snas_searcher *searcher)
{
    const snas_distribution *d = &searcher->distribution;
    return snas_norm_f64(searcher->team, search_logit_count(d), d->d_log_alpha);
}

static void optimise_logits(snas_searcher *searcher, double norm)
{
    const snas_search_config *settings = searcher->settings;
    snas_distribution *d = &searcher->distribution;
    const double scale = snas_clip_factor(norm, settings->logit_clip);
    if (settings->logit_optimizer == SNAS_LOGITS_SGD) {
        const snas_sgd sgd = {.rate = searcher->adam.rate, .decay = searcher->adam.decay};
        const snas_sgd_vectors_f64 vectors = {search_logit_count(d), d->logits.log_alpha, d->m, d->d_log_alpha};
        snas_sgd_step_f64(searcher->team, &sgd, &vectors, scale);
        return;
    }
    d->adam_step++;
    const snas_adam_vectors vectors = {search_logit_count(d), d->logits.log_alpha, d->m, d->v, d->d_log_alpha};
    snas_adam_step(&searcher->adam, d->adam_step, &vectors, scale);
}

void search_move_logits(snas_searcher *searcher, double norm)
{
    search_budget_move(&searcher->budget, searcher->adam.rate);
    optimise_logits(searcher, norm);
    if (searcher->budget.count > 0) { /* price.p: the probabilities before the step */
        search_budget_pull(&searcher->budget, searcher->price.p, searcher->adam.rate,
                           searcher->distribution.logits.log_alpha);
    }
}

void search_move_weights(snas_searcher *searcher, const snas_step_input *input, double norm)
{
    const double rate = snas_descent_rate(&searcher->descent, input->epoch, input->step);
    snas_descent_step(&searcher->descent, searcher->team, rate, norm);
}
