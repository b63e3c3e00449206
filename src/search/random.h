/* random.h -- what a search of random cells ends with: N cells ranked, the best of them its result. */
#ifndef SNAS_SEARCH_RANDOM_H
#define SNAS_SEARCH_RANDOM_H

#include "search_state.h"

/** Room for the ranking and its rows of the checkpoint; nothing for a search whose logits move. */
SNAS_MUST_CHECK snas_status search_random_create(snas_loop *loop);

/** Rank the cells, and let the logits say the best one. The same again whenever the weights are the same.
 *  SNAS_E_INTERRUPTED when the run is to stop: nothing has changed then. */
SNAS_MUST_CHECK snas_status search_random_rank(snas_loop *loop);

/** Is there a ranking? Its best cell's accuracy, NaN without one. */
double search_random_best(const search_state *search);

/** Write ranking.jsonl into the run's folder, when there is a ranking. */
SNAS_MUST_CHECK snas_status search_random_save(snas_loop *loop);

#endif
