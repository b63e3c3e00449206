/* pass.h -- what the steps of all levels are made of: draws, passes through the supernet, moves of weights, logits. */
#ifndef SNAS_SEARCH_PASS_H
#define SNAS_SEARCH_PASS_H

#include "snas/search/search_step.h"

/** Whose masks of drop path a pass draws. */
typedef enum { SEARCH_MASKS_WEIGHTS, SEARCH_MASKS_LOGITS, SEARCH_MASKS_AHEAD } search_masks;

/** A forward pass, or one with its way back, under the draw that is there. */
typedef struct {
    const snas_step_input *input;
    snas_mode mode;
    search_masks masks;
} search_pass;

/** Fill the draw's noise (`gumbel`, or where that is NULL drawn from the stream at the step), and draw at the step's
 *  temperature. */
void search_draw(snas_searcher *searcher, const snas_step_input *input, snas_stream stream, const double *gumbel);

/** Forward and back: gradients in the network, d loss / dZ in distribution.dz. */
void search_pass_run(snas_searcher *searcher, const search_pass *pass, snas_outcome *out);

/** Forward alone, without drop path. */
void search_pass_forward(snas_searcher *searcher, const search_pass *pass, snas_outcome *out);

int64_t search_logit_count(const snas_distribution *distribution);

/** d_log_alpha = that of the resource term and, by distribution.dz, of the loss. Returns R. */
double search_logit_gradient(snas_searcher *searcher);

/** The resource term alone: d_log_alpha = its part. Returns R. */
double search_price_gradient(snas_searcher *searcher);

/** R of the draw that is there; moves nothing. */
double search_price_value(snas_searcher *searcher);

/** L2 norm of d_log_alpha. */
double search_logit_norm(const snas_searcher *searcher);

/** One step of the logits' optimiser along d_log_alpha, whose norm is `norm`. */
void search_move_logits(snas_searcher *searcher, double norm);

/** One step of the weights' SGD along the network's gradient, whose norm is `norm`. */
void search_move_weights(snas_searcher *searcher, const snas_step_input *input, double norm);

#endif
