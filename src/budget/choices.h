/* choices.h -- a rule's choices as a knapsack: its groups, their options, and the genotype of a solution. */
#ifndef SNAS_BUDGET_CHOICES_H
#define SNAS_BUDGET_CHOICES_H

#include "knapsack.h"

/** What an option keeps: two edges of a node, or one. */
typedef struct {
    int count;
    snas_gene genes[2];
} choices_option;

typedef struct {
    int type, node;
    choices_option *options; /* as in the knapsack's group */
} choices_group;

typedef struct {
    const snas_budget *budget;
    choices_group groups[KNAPSACK_GROUPS];
    knapsack knapsack; /* its bounds are those of the budget less the fixed parts */
} choices;

/** ln p in whole units of 2^-36 nats. */
int64_t choices_units(double p);

/** The choices of a budget's rule. `mem` holds the options. */
SNAS_MUST_CHECK snas_status choices_make(snas_arena *mem, const snas_budget *budget, choices *out);

snas_genotype choices_genotype(const choices *c, const int *choice);

#endif
