/* search_step.h -- one step of a search, without a loop, a folder or a loader around it.
 *
 * The loop of `snas search`, `snas bench` and `snas verify` all drive this function: what is measured and what is
 * compared with PyTorch is what the search runs. search.level decides what a step does: single_level.c, bilevel.c ...
 */
#ifndef SNAS_SEARCH_SEARCH_STEP_H
#define SNAS_SEARCH_SEARCH_STEP_H

#include "snas/budget/budget.h"
#include "snas/learn/descent.h"
#include "snas/learn/step.h"
#include "snas/search/distribution.h"
#include "snas/search/price.h"

/** What the second order works in; NULL for other levels. */
typedef struct {
    void *weights, *direction; /* [weights] in the network's number type: the weights that are kept, and v */
    double *plus, *minus;      /* [T][E][K] */
} snas_look_ahead;

/** A cost that search.budget bounds. */
typedef struct {
    snas_budget_term term; /* of the child that train will build */
    double least, largest; /* that the space's cells cost */
    double expected;       /* under the probabilities of the last step */
} snas_controlled;

/** search.budget: what holds the costs within their bounds (src/search/budget_control.c). count 0: no budgets. */
typedef struct {
    const snas_space *space;
    snas_controlled budgets[SNAS_BUDGETS_MAX];
    int count;
    double *state;  /* [count]: logarithms of the multipliers, their integral part */
    double *target; /* [T][E][K]: the pull at the candidates of the cell to settle on, else 0 */
} snas_budget_control;

/** The budgets of the settings, in `mem`, with what the space's cells cost; `child` is the network that will be
 *  trained, without a genotype. SNAS_E_USAGE with the least possible value when nothing in the space is within them;
 *  what the cells cost is in `out` then too. */
SNAS_MUST_CHECK snas_status snas_budget_control_create(snas_arena *mem, const snas_search_config *settings,
                                                       const snas_network_spec *child, snas_budget_control *out);

/** What a step works on and moves. Everything that it points to is the caller's. */
typedef struct {
    const snas_search_config *settings;
    const snas_team *team;
    snas_network *network;          /* the supernet; float or double */
    snas_descent descent;           /* the update of its weights */
    snas_distribution distribution; /* the logits, their draw, their optimiser's state */
    snas_price price;               /* the resource term */
    snas_budget_control budget;     /* bounds of the child's costs */
    snas_adam adam;                 /* how the logits move: the settings', with the rate that counts */
    snas_look_ahead ahead;
} snas_searcher;

/** The input of a step. */
typedef struct {
    snas_step_input train;      /* the place in the run, and the batch that trains the weights */
    snas_step_input logits;     /* the same place, and a batch of the logits' pictures; count 0: none */
    const double *gumbel;       /* [rows][E][K]: noise of the draw that the weights are trained under; NULL: drawn from
                                   (seed, GUMBEL, global step) */
    const double *logit_gumbel; /* that of the logits' own draw; NULL: (seed, GUMBEL_LOGITS, global step) */
} snas_search_input;

/** The results of a step. */
typedef struct {
    double loss;    /* mean cross entropy of the training batch under its draw, without the resource term */
    double penalty; /* R of the draw that moved the logits; of the weights' draw when they did not move */
    double norm;    /* L2, of the weights' gradient and of the logits' as one vector */
    double reward;  /* of the logits' draw; 0 for a level without rewards and while the logits rest */
    int correct;    /* pictures of the training batch whose largest logit is the label */
} snas_searched;

/** The arguments of create; all pointers are borrowed. */
typedef struct {
    const snas_search_config *settings;
    const snas_team *team;
    snas_network *network;   /* a supernet */
    int cell_side;           /* of the pictures that its first cell sees */
    snas_network_spec child; /* of the child whose costs search.budget bounds; without genotype */
    uint64_t seed;           /* of the logits */
    int64_t steps_per_epoch;
} snas_searcher_spec;

/** Optimisers in their initial state, logits drawn from the seed. */
SNAS_MUST_CHECK snas_status snas_searcher_create(snas_arena *mem, const snas_searcher_spec *spec, snas_searcher *out);

/** Does the step at that epoch take a batch of the logits' pictures? */
bool snas_search_wants_logit_pictures(const snas_search_config *settings, int64_t epoch);

/** One step of the level: draws, passes, resource term, then the weights and the logits move. The gradients stay in the
 *  network and in distribution.d_log_alpha. SNAS_E_NUMERIC when a loss or a gradient is not finite: `out` is filled and
 *  what that gradient moves has not moved; with two passes the logits may have moved before. Allocates nothing. */
SNAS_MUST_CHECK snas_status snas_search_step(snas_searcher *searcher, const snas_search_input *input,
                                             snas_searched *out);

#endif
