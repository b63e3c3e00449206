/* levels.h -- what a step of each level does: a function a level, in a file of its own. */
#ifndef SNAS_SEARCH_LEVELS_H
#define SNAS_SEARCH_LEVELS_H

#include "snas/search/search_step.h"

/** Weights and logits by one batch. As snas_search_step promises it. */
snas_status search_single_level(snas_searcher *searcher, const snas_search_input *input, snas_searched *out);

/** What the half of a step that moves the logits has computed. */
typedef struct {
    double penalty; /* R of its draw */
    double norm;    /* L2, of the logits' gradient */
    double reward;  /* 0 where there is none */
} search_half;

/** Move the logits by their own pictures; d_log_alpha stays. The weights stay as they are. */
typedef snas_status search_logit_half(snas_searcher *searcher, const snas_search_input *input, search_half *out);
search_logit_half search_first_order, search_second_order, search_reward;

/** The half of the logits (NULL: they never move), then the weights by the training batch. */
snas_status search_by_halves(snas_searcher *searcher, const snas_search_input *input, search_logit_half *half,
                             snas_searched *out);

/** Room for search_second_order. */
SNAS_MUST_CHECK snas_status search_ahead_create(snas_arena *mem, snas_searcher *searcher);

#endif
