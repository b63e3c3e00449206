/* budget_terms.h -- what budgets bound: costs of the child that `snas train` builds, as terms of the solver's. */
#ifndef SNAS_SEARCH_BUDGET_TERMS_H
#define SNAS_SEARCH_BUDGET_TERMS_H

#include "snas/budget/budget.h"
#include "snas/config/config.h"
#include "snas/model/child_costs.h"
#include "snas/search/derive.h"
#include "snas/space/latency_table.h"

/** What a child's choices cost: counts, and times where there is a table of them. */
typedef struct {
    const snas_child_costs *counts;
    const snas_latency *latency; /* NULL: none */
} search_costs;

/** A cost (SNAS_DERIVE_PARAMETERS ...) as a term with the bound `most`, in `mem`. SNAS_E_USAGE for a time without a
 *  table. */
SNAS_MUST_CHECK snas_status search_term_make(snas_arena *mem, const search_costs *costs, int which, int64_t most,
                                             snas_budget_term *out);

/** The bounds of search.budget, by cost; 0: none. */
void search_config_budgets(const snas_search_config *settings, int64_t most[SNAS_DERIVE_BUDGETS]);

/** Where a genotype came from: the run, its step, the rule and what bounds it; NULL without memory. */
const char *search_origin(snas_arena *mem, uint64_t seed, int64_t step, const snas_derive_request *request);

#endif
