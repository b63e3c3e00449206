/* single_level.c -- one minibatch and one backward pass move weights and logits together (equations: pass.c).
 *
 * During the warm-up the logits rest. Source: Xie et al., SNAS (ICLR 2019), single level.
 */
#include <math.h>

#include "levels.h"
#include "pass.h"

snas_status search_single_level(snas_searcher *searcher, const snas_search_input *input, snas_searched *out)
{
    const snas_step_input *train = &input->train;
    const search_pass pass = {.input = train, .mode = SNAS_MODE_TRAIN, .masks = SEARCH_MASKS_WEIGHTS};
    snas_outcome outcome;
    search_draw(searcher, train, SNAS_STREAM_GUMBEL, input->gumbel);
    search_pass_run(searcher, &pass, &outcome);
    const double R = search_logit_gradient(searcher);

    const double norm = snas_descent_norm(&searcher->descent, searcher->team);
    const double logit_norm = search_logit_norm(searcher);
    *out = (snas_searched){
        .loss = outcome.loss, .penalty = R, .norm = hypot(norm, logit_norm), .correct = outcome.correct};
    SNAS_TRY(snas_step_check_finite(train, out->loss, out->norm));
    search_move_weights(searcher, train, norm);
    if (train->epoch >= searcher->settings->logit_warmup) {
        search_move_logits(searcher, logit_norm);
    }
    return SNAS_OK;
}
