/* within.h -- the likeliest genotype whose child is within budgets and limits. */
#ifndef SNAS_SEARCH_WITHIN_H
#define SNAS_SEARCH_WITHIN_H

#include "snas/budget/budget.h"
#include "snas/model/child_costs.h"
#include "snas/search/derive.h"
#include "snas/space/latency_table.h"

/** Whose choices they are, and of which child. */
typedef struct {
    const double *p;             /* [types][E][K]; NULL: none, log_p is 0 */
    snas_network_spec child;     /* without a genotype */
    snas_child_costs costs;      /* of it */
    const snas_latency *latency; /* of it; NULL: no table */
} search_within;

/** The child of the config's train section on the pictures of a set that is open with any side; `table`: file of its
 *  times, NULL: none. SNAS_E_USAGE with a sentence when it gives no network, or the table is of another. */
SNAS_MUST_CHECK snas_status search_within_open(snas_arena *mem, const snas_config *config, const snas_dataset *dataset,
                                               const double *p, const char *table, search_within *out);

/** What a genotype's child costs. */
SNAS_MUST_CHECK snas_status search_within_cost(snas_arena *mem, const search_within *w, const snas_genotype *genotype,
                                               snas_derived_child *out);

/** The likeliest genotype of the request's rule within its budgets and its limits. SNAS_E_USAGE with a sentence when
 *  there is none; *looked: genotypes whose bytes were looked at. */
SNAS_MUST_CHECK snas_status search_within_solve(snas_arena *mem, const search_within *w,
                                                const snas_derive_request *request, snas_genotype *out, int *looked);

/* --- limit.c ------------------------------------------------------------------------------------------------------ */

/** SNAS_DERIVE_LIMIT_PEAK ... and the bytes that it allows. */
typedef struct {
    int which;
    int64_t most;
} search_limit;

/** What a genotype's child holds of that; `mem` is scratch. */
SNAS_MUST_CHECK snas_status search_limit_measure(snas_arena *mem, const search_within *w, const snas_genotype *genotype,
                                                 int which, snas_peak *out);

/** A set of genotypes, this one among them, all of which hold more than the limit allows. */
SNAS_MUST_CHECK snas_status search_limit_forbid(snas_arena *mem, const search_within *w, const snas_genotype *genotype,
                                                search_limit limit, snas_forbidden *out);

#endif
