/* multipliers.h -- Lagrange's multipliers of a knapsack: what a unit of each cost is worth in loss. */
#ifndef SNAS_BUDGET_MULTIPLIERS_H
#define SNAS_BUDGET_MULTIPLIERS_H

#include "knapsack.h"

typedef struct {
    double lambda[SNAS_BUDGETS_MAX]; /* at least 0 */
    double bound;                    /* no choice within the bounds has less loss, but for `slack` */
    double slack;                    /* more than the rounding errors of a bound by these multipliers */
    int64_t reached;                 /* least loss of the choices within the bounds that were met; -1: none was */
} multipliers;

/** loss + lambda cost of an option. */
double multipliers_priced(const multipliers *m, const knapsack *k, const knapsack_option *option);

/** Those that make the bound largest, nearly: any give a valid one. */
multipliers multipliers_find(const knapsack *k);

#endif
