/* reward.c -- the logits by what a drawn path is worth on held-out pictures, the weights held (REINFORCE).
 *
 *      Z' ~ p(Z | log_alpha)                                               one path
 *      R  = accuracy of Z' on the logits' batch, or minus its loss         batch statistics, no drop path, no way back
 *      d_log_alpha = lambda dR/d log_alpha of the resource term  +  what the estimator makes of the reward (observe)
 *      log_alpha   <- Adam(clip(d_log_alpha))
 *
 * The moving baseline is the estimator's state, and stands in the checkpoint. The weights' half is bilevel.c's. Running
 * statistics stay: they belong to what the weights are trained on. Source: Williams, REINFORCE (1992).
 */
#include "levels.h"
#include "pass.h"

snas_status search_reward(snas_searcher *searcher, const snas_search_input *input, search_half *out)
{
    const snas_search_config *settings = searcher->settings;
    const search_pass pass = {.input = &input->logits, .mode = SNAS_MODE_BATCH, .masks = SEARCH_MASKS_LOGITS};
    snas_distribution *d = &searcher->distribution;
    snas_outcome outcome;
    search_draw(searcher, &input->logits, SNAS_STREAM_GUMBEL_LOGITS, input->logit_gumbel);
    search_pass_forward(searcher, &pass, &outcome);
    SNAS_TRY(snas_step_check_finite(&input->logits, outcome.loss, 0.0));
    out->reward =
        settings->reward == SNAS_REWARD_ACCURACY ? (double)outcome.correct / input->logits.count : -outcome.loss;
    const snas_reward reward = {
        .value = out->reward, .decay = settings->reward_decay, .entropy = settings->reward_entropy};
    out->penalty = search_price_gradient(searcher);
    settings->estimator->observe(&d->logits, &d->draw, &reward, d->state, d->d_log_alpha);
    out->norm = search_logit_norm(searcher);
    SNAS_TRY(snas_step_check_finite(&input->logits, outcome.loss, out->norm));
    search_move_logits(searcher, out->norm);
    return SNAS_OK;
}
