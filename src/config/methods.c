/* methods.c -- which method, estimator and level of a search go together: a row a method, the first of a list its own.
 *
 * The levels say what pictures move what; src/search has a file each. What an estimator is: snas/arch/estimator.h.
 */
#include <string.h>

#include "snas/config/config.h"

const snas_search_level_row snas_search_levels[SNAS_LEVEL_COUNT] = {
    [SNAS_LEVEL_SINGLE] = {.name = "single",
                           .brief = "one batch and one backward pass move weights and logits",
                           .passes = 3},
    [SNAS_LEVEL_BILEVEL] = {.name = "bilevel",
                            .brief = "a batch of the logits' pictures moves the logits, then a training batch the "
                                     "weights",
                            .logit_pictures = true,
                            .augments = true,
                            .passes = 6},
    [SNAS_LEVEL_BILEVEL_SECOND_ORDER] = {.name = "bilevel-second-order",
                                         .brief = "the same, the logits by the loss at the weights that the step would "
                                                  "make: five passes a step instead of two",
                                         .logit_pictures = true,
                                         .augments = true,
                                         .passes = 15},
    [SNAS_LEVEL_REWARD] = {.name = "reward",
                           .brief = "a reward on a batch of the logits' pictures, the weights held, moves the logits, "
                                    "then a training batch the weights",
                           .logit_pictures = true,
                           .passes = 4},
    [SNAS_LEVEL_WEIGHTS] = {.name = "weights",
                            .brief = "training batches move the weights; at the end the logits' pictures rank cells",
                            .logit_pictures = true,
                            .passes = 3},
};

const snas_search_method snas_search_methods[] = {
    {.name = "snas",
     .brief = "relaxed one-hot draws, gradient through the draw",
     .estimators = {"concrete"},
     .levels = {"single", "bilevel"}},
    {.name = "straight-through",
     .brief = "one-hot draws, gradient of the relaxed draw",
     .estimators = {"straight-through", "gdas"},
     .levels = {"single", "bilevel"}},
    {.name = "dsnas",
     .brief = "one-hot draws of which only the drawn candidates run; their score times dL/dZ. No temperature",
     .estimators = {"single-path"},
     .levels = {"single", "bilevel"}},
    {.name = "darts",
     .brief = "no draws: the softmax of the logits. No temperature",
     .estimators = {"attention"},
     .levels = {"bilevel", "single", "bilevel-second-order"}},
    {.name = "reinforce",
     .brief = "one-hot draws of which only the drawn candidates run; score times reward. No temperature",
     .estimators = {"categorical"},
     .levels = {"reward"}},
    {.name = "random",
     .brief = "uniform one-hot draws train the weights, then random cells are ranked. No temperature",
     .estimators = {"uniform"},
     .levels = {"weights"}},
    {.name = NULL},
};

const snas_search_method *snas_search_method_find(const char *name)
{
    for (const snas_search_method *row = snas_search_methods; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

snas_search_level snas_search_level_find(const char *name)
{
    for (int i = 0; i < SNAS_LEVEL_COUNT; i++) {
        if (strcmp(snas_search_levels[i].name, name) == 0) {
            return (snas_search_level)i;
        }
    }
    return SNAS_LEVEL_UNSET;
}

bool snas_search_method_takes(const char *const *names, const char *name)
{
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

bool snas_resource_gradient_works(snas_resource_gradient way, const snas_estimator *estimator)
{
    return way == SNAS_RESOURCE_REPARAMETRIZATION ? estimator->grad != NULL
           : way == SNAS_RESOURCE_POLICY_GRADIENT ? estimator->score != NULL
                                                  : true;
}
