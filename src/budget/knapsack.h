/* knapsack.h -- a multiple-choice knapsack: one option of every group, least loss, several costs within their bounds.
 *
 *   minimise  sum_g loss[g][j_g]   subject to   sum_g cost_i[g][j_g] <= most_i  for every cost i,
 *   and no forbidden set met: a set is met when the option of every group meets it.
 *
 * All of it is whole numbers, so sums are exact. Among choices of equal loss the one of least cost 0 is taken, then of
 * least cost 1 and so on, then the one whose first option that differs, in the order of the groups, comes first.
 */
#ifndef SNAS_BUDGET_KNAPSACK_H
#define SNAS_BUDGET_KNAPSACK_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/base/arena.h"
#include "snas/budget/budget.h"

enum {
    KNAPSACK_GROUPS = SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX,
    KNAPSACK_WORDS = 1,
    KNAPSACK_SETS = 64 * KNAPSACK_WORDS
};

typedef struct {
    int64_t loss; /* at least 0, the sum over all groups below 2^53 */
    int64_t cost[SNAS_BUDGETS_MAX];
    uint64_t meets[KNAPSACK_WORDS]; /* bit s: the option leaves the forbidden set s to be met by the others */
} knapsack_option;

typedef struct {
    knapsack_option *options; /* the order decides between what is equal otherwise */
    int count;                /* at least 1, at most 65535 */
} knapsack_group;

typedef struct {
    knapsack_group groups[KNAPSACK_GROUPS];
    int group_count, cost_count, set_count;
    int64_t most[SNAS_BUDGETS_MAX]; /* of the sums of costs; may be below 0 */
    int64_t most_states;            /* that are looked at before the solver gives up; 0: never */
} knapsack;

typedef struct {
    bool found; /* false: nothing is within the bounds, proven */
    int64_t loss, cost[SNAS_BUDGETS_MAX];
    int choice[KNAPSACK_GROUPS]; /* option of every group */
    bool gave_up;                /* nothing is proven */
    int64_t states;              /* looked at */
} knapsack_answer;

/** Solve to proven optimality. SNAS_E_MEMORY is the only fault. */
SNAS_MUST_CHECK snas_status knapsack_solve(const knapsack *k, knapsack_answer *out);

#endif
