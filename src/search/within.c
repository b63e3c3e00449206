/* within.c -- the likeliest genotype within budgets and a limit: budgets by the solver, the limit by looking.
 *
 * The solver's answer is looked at: where its child keeps to the limit it is the likeliest that does, since all
 * likelier ones have been looked at or share the fault of one that was. Else that fault is forbidden (limit.c), and the
 * solver asked again. So what is found is exact; after SNAS_FORBIDDEN_MAX faults, or when the solver gives up, it is a
 * failure that says so.
 */
#include "within.h"

#include <inttypes.h>

#include "budget_terms.h"
#include "snas/learn/run_network.h"
#include "snas/model/regions.h"

/* The costs of the child, by counting and by the table. */
static snas_status open_costs(snas_arena *mem, const char *table, search_within *w)
{
    SNAS_TRY(snas_child_costs_count(mem, &w->child, &w->costs));
    return table == NULL ? SNAS_OK : snas_region_table_open(mem, table, &w->child, &w->latency);
}

snas_status search_within_open(snas_arena *mem, const snas_config *config, const snas_dataset *dataset, const double *p,
                               const char *table, search_within *out)
{
    *out = (search_within){.p = p, .child = snas_trained_child(config, dataset)};
    return open_costs(mem, table, out);
}

snas_status snas_derive_child_cost(snas_arena *mem, const snas_network_spec *child, const char *table,
                                   const snas_genotype *genotype, snas_derived_child *out)
{
    search_within w = {.child = *child};
    SNAS_TRY(open_costs(mem, table, &w));
    return search_within_cost(mem, &w, genotype, out);
}

snas_status search_within_cost(snas_arena *mem, const search_within *w, const snas_genotype *genotype,
                               snas_derived_child *out)
{
    snas_network_spec spec = w->child;
    snas_peak peak;
    spec.genotype = genotype;
    SNAS_TRY(snas_child_peak(mem, &spec, &peak));
    *out = (snas_derived_child){.channels = spec.channels, .cells = spec.cells, .peak_bytes = peak.planned};
    const search_costs costs = {&w->costs, w->latency};
    for (int i = 0; i < SNAS_DERIVE_BUDGETS; i++) {
        snas_budget_term term;
        if (i == SNAS_DERIVE_LATENCY && w->latency == NULL) {
            out->cost[i] = -1;
            continue;
        }
        SNAS_TRY(search_term_make(mem, &costs, i, 0, &term));
        out->cost[i] = snas_budget_cost(genotype, &term);
    }
    out->log_p = w->p == NULL ? 0.0 : snas_budget_log_p(genotype, w->p);
    out->known = true;
    return SNAS_OK;
}

/* --- the limit ---------------------------------------------------------------------------------------------------- */

/* What has been looked at. */
typedef struct {
    snas_forbidden faults[SNAS_FORBIDDEN_MAX];
    int count;
    int64_t least; /* peak that was met */
} looked_at;

static snas_status none_keeps(const snas_derive_request *request, const looked_at *seen)
{
    return snas_fail(SNAS_E_USAGE,
                     "no architecture of the rule '%s' within the bounds keeps to the limit peak_bytes=%" PRId64
                     ": the least that was met is %" PRId64 ", in %d architectures that stand for all",
                     snas_rule_names[request->rule], request->peak_most, seen->least, seen->count);
}

static snas_status gave_up(const snas_derive_request *request, const looked_at *seen)
{
    return snas_fail(SNAS_E_FAILED,
                     "none of the %d likeliest architectures that were looked at keeps to the limit peak_bytes=%" PRId64
                     ", the least takes %" PRId64 ": there may be one, but the search for it ends here",
                     seen->count, request->peak_most, seen->least);
}

static snas_status look(snas_arena *mem, const search_within *w, const snas_derive_request *request,
                        const snas_genotype *genotype, looked_at *seen, bool *keeps)
{
    snas_network_spec spec = w->child;
    snas_peak peak;
    spec.genotype = genotype;
    SNAS_TRY(snas_child_peak(mem, &spec, &peak));
    seen->least = seen->count == 0 || peak.planned < seen->least ? peak.planned : seen->least;
    *keeps = peak.planned <= request->peak_most;
    if (*keeps) {
        return SNAS_OK;
    }
    return search_limit_forbid(mem, w, genotype, request->peak_most, &seen->faults[seen->count++]);
}

static snas_status keep_to_limit(snas_arena *mem, const search_within *w, const snas_derive_request *request,
                                 snas_budget *budget, snas_genotype *out, int *looked)
{
    looked_at *seen;
    SNAS_NEW(mem, seen, 1);
    budget->forbidden = seen->faults;
    budget->may_give_up = true;
    for (bool keeps = false; !keeps;) {
        snas_budget_answer answer;
        if (seen->count == SNAS_FORBIDDEN_MAX) {
            return gave_up(request, seen);
        }
        budget->forbidden_count = seen->count;
        SNAS_TRY(snas_budget_solve(mem, budget, &answer));
        if (answer.gave_up) {
            return gave_up(request, seen);
        }
        if (!answer.found) {
            return none_keeps(request, seen);
        }
        *out = answer.genotype;
        SNAS_TRY(look(mem, w, request, &answer.genotype, seen, &keeps));
    }
    *looked = seen->count + 1;
    return SNAS_OK;
}

snas_status search_within_solve(snas_arena *mem, const search_within *w, const snas_derive_request *request,
                                snas_genotype *out, int *looked)
{
    snas_budget_term terms[SNAS_DERIVE_BUDGETS];
    snas_budget budget = {.space = w->child.space, .p = w->p, .rule = request->rule, .terms = terms};
    snas_budget_answer answer;
    const search_costs costs = {&w->costs, w->latency};
    for (int i = 0; i < SNAS_DERIVE_BUDGETS; i++) {
        if (request->most[i] > 0) {
            SNAS_TRY(search_term_make(mem, &costs, i, request->most[i], &terms[budget.term_count++]));
        }
    }
    *looked = 0;
    if (request->peak_most > 0) {
        return keep_to_limit(mem, w, request, &budget, out, looked);
    }
    SNAS_TRY(snas_budget_solve(mem, &budget, &answer));
    *out = answer.genotype;
    return SNAS_OK;
}
