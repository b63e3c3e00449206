/* bilevel.c -- the logits by pictures of their own, then the weights by a training batch.
 *
 *      Z' ~ p(Z | log_alpha, tau),     L' = cross entropy of the logits' batch under Z'
 *      log_alpha <- Adam(clip(d (L' + lambda R) / d log_alpha))            not during the warm-up
 *      Z ~ p(Z | log_alpha, tau),      L  = cross entropy of the training batch under Z
 *      W         <- SGD(clip(dL/dW))
 *
 * Each half has noise and masks of its own; both passes move the running statistics of the batch norms, as in the
 * published code. Other levels have another first half: second_order.c, reward.c.
 * Source: Liu et al., DARTS (ICLR 2019), first order.
 */
#include <math.h>

#include "levels.h"
#include "pass.h"

snas_status search_first_order(snas_searcher *searcher, const snas_search_input *input, search_half *out)
{
    const search_pass pass = {.input = &input->logits, .mode = SNAS_MODE_TRAIN, .masks = SEARCH_MASKS_LOGITS};
    snas_outcome outcome;
    search_draw(searcher, &input->logits, SNAS_STREAM_GUMBEL_LOGITS, input->logit_gumbel);
    search_pass_run(searcher, &pass, &outcome);
    out->penalty = search_logit_gradient(searcher);
    out->norm = search_logit_norm(searcher);
    SNAS_TRY(snas_step_check_finite(&input->logits, outcome.loss, out->norm));
    search_move_logits(searcher, out->norm);
    return SNAS_OK;
}

snas_status search_by_halves(snas_searcher *searcher, const snas_search_input *input, search_logit_half *half,
                             snas_searched *out)
{
    const snas_step_input *train = &input->train;
    const search_pass pass = {.input = train, .mode = SNAS_MODE_TRAIN, .masks = SEARCH_MASKS_WEIGHTS};
    const bool moves_logits = snas_search_wants_logit_pictures(searcher->settings, train->epoch);
    search_half first = {0};
    snas_outcome outcome;
    *out = (snas_searched){.loss = (double)NAN};
    if (moves_logits) {
        SNAS_TRY(half(searcher, input, &first));
    }
    search_draw(searcher, train, SNAS_STREAM_GUMBEL, input->gumbel);
    search_pass_run(searcher, &pass, &outcome);
    const double norm = snas_descent_norm(&searcher->descent, searcher->team);
    *out = (snas_searched){.loss = outcome.loss,
                           .penalty = moves_logits ? first.penalty : search_price_value(searcher),
                           .reward = first.reward,
                           .norm = hypot(norm, first.norm),
                           .correct = outcome.correct};
    SNAS_TRY(snas_step_check_finite(train, out->loss, out->norm));
    search_move_weights(searcher, train, norm);
    return SNAS_OK;
}
