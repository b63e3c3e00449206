/* budget_control.h -- search.budget: multipliers that hold the child's expected costs within their budgets. */
#ifndef SNAS_SEARCH_BUDGET_CONTROL_H
#define SNAS_SEARCH_BUDGET_CONTROL_H

#include "snas/search/search_step.h"

/** d_log_alpha [T][E][K] += sum over the budgets of multiplier * d (expected cost / budget) / d log_alpha, p the
 *  probabilities of the logits. Fills control->expected. */
void search_budget_gradient(snas_budget_control *control, const double *p, double *d_log_alpha);

/** The logits have moved by a step of rate `rate`: so do the multipliers, by the costs that search_budget_gradient has
 *  found. */
void search_budget_move(snas_budget_control *control, double rate);

/** The expected cost of a budget under p, the fixed part included. */
double search_budget_expected(const snas_budget_control *control, int budget, const double *p);

/** The multiplier of a budget that the next step would have, under p. */
double search_budget_multiplier(const snas_budget_control *control, int budget, const double *p);

/** budget_target.c: how strongly the logits are pulled towards one cell in `epoch` (from 0) of `epochs`: 0 before the
 *  last third. */
double search_budget_strength(int64_t epoch, int64_t epochs);

/** The cell within the budgets that uses at least 0.85 of one of them, where the space has such, at the least cost in
 *  ln p by a price of what is not used; else the likeliest. `mem` is scratch. */
SNAS_MUST_CHECK snas_status search_budget_fill(snas_arena *mem, const snas_budget_control *control, const double *p,
                                               snas_genotype *out);

/** That cell becomes control->target, with that pull; 0: none. */
SNAS_MUST_CHECK snas_status search_budget_aim(snas_arena *mem, snas_budget_control *control, const double *p,
                                              double pull);

/** Move log_alpha [T][E][K] towards the target, if there is one; p: the probabilities. */
void search_budget_pull(const snas_budget_control *control, const double *p, double rate, double *log_alpha);

/** What the solver is asked for the likeliest cell of the rule within the budgets. terms [SNAS_BUDGETS_MAX]: memory. */
snas_budget search_budget_problem(const snas_budget_control *control, const double *p, snas_rule rule,
                                  snas_budget_term *terms);

/** The likeliest cell of the rule within the budgets. */
SNAS_MUST_CHECK snas_status search_budget_derive(snas_arena *mem, const snas_budget_control *control, const double *p,
                                                 snas_rule rule, snas_genotype *out);

#endif
