/* search_step.h -- one step of a search, without a loop, a folder or a loader around it.
 *
 * The loop of `snas search`, `snas bench` and `snas verify` all drive this function: what is measured and what is held
 * against PyTorch is what the search runs.
 */
#ifndef SNAS_SEARCH_SEARCH_STEP_H
#define SNAS_SEARCH_SEARCH_STEP_H

#include "snas/learn/descent.h"
#include "snas/learn/step.h"
#include "snas/search/distribution.h"
#include "snas/search/price.h"

/** What a step works on and moves. Everything that it points to is the caller's. */
typedef struct {
    const snas_search_config *settings;
    const snas_team *team;
    snas_network *network;          /* the supernet; float or double */
    snas_descent descent;           /* how its weights move */
    snas_distribution distribution; /* the logits, their draw, their optimiser's state */
    snas_price price;               /* the resource term */
} snas_searcher;

/** What a step has computed, before anything moved. */
typedef struct {
    double loss;    /* mean cross entropy of the supernet under the draw, without the resource term */
    double penalty; /* R */
    double norm;    /* L2, of the weights' gradient and of the logits' as one vector */
    int correct;    /* pictures whose largest logit is the label */
} snas_searched;

/** What a searcher is made for; all pointers are borrowed. */
typedef struct {
    const snas_search_config *settings;
    const snas_team *team;
    snas_network *network; /* a supernet */
    int cell_side;         /* of the pictures that its first cell sees */
    uint64_t seed;         /* of the logits */
    int64_t steps_per_epoch;
} snas_searcher_spec;

/** Optimisers at rest and logits drawn from the seed. */
SNAS_MUST_CHECK snas_status snas_searcher_create(snas_arena *mem, const snas_searcher_spec *spec, snas_searcher *out);

/** One step: draw, forward, backward, resource term, then the weights and the logits move. `gumbel` [rows][E][K] is the
 *  noise of the draw; NULL: drawn from (seed, GUMBEL, global step). The gradients stay in the network and in
 *  distribution.d_log_alpha. SNAS_E_NUMERIC when loss or gradient is not finite: `out` is filled, nothing has moved but
 *  running statistics. Allocates nothing. */
SNAS_MUST_CHECK snas_status snas_search_step(snas_searcher *searcher, const snas_step_input *input,
                                             const double *gumbel, snas_searched *out);

#endif
