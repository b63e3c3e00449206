/* within.c -- the likeliest genotype within budgets and limits: budgets by the solver, limits by looking.
 *
 * The solver's answer is looked at: where its child keeps to the limits it is the likeliest that does, since all
 * likelier ones have been looked at or share the fault of one that was. Else that fault is forbidden (limit.c), and the
 * solver asked again. So what is found is exact; after SNAS_FORBIDDEN_MAX faults, or when the solver gives up, it is a
 * failure that says so.
 */
#include "within.h"

#include <inttypes.h>

#include "budget_terms.h"
#include "snas/base/text.h"
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

/* What the child costs and holds. In C a budget and a limit count what the exported file may leave out: here is what
 * the file has. */
static snas_status count_all(snas_arena *mem, const search_within *w, const snas_genotype *genotype,
                             snas_derived_child *out)
{
    const search_costs costs = {&w->costs, w->latency};
    snas_network_spec spec = w->child;
    snas_child_in_c in_c;
    for (int i = 0; i < SNAS_DERIVE_BUDGETS; i++) {
        snas_budget_term term;
        if (i == SNAS_DERIVE_LATENCY && w->latency == NULL) {
            out->cost[i] = -1;
            continue;
        }
        SNAS_TRY(search_term_make(mem, &costs, i, 0, &term));
        out->cost[i] = snas_budget_cost(genotype, &term);
    }
    spec.genotype = genotype;
    SNAS_TRY(snas_child_c_costs(mem, &spec, &in_c));
    SNAS_TRY(snas_derive_held(mem, &spec, SNAS_DERIVE_LIMIT_PEAK, &out->holds[SNAS_DERIVE_LIMIT_PEAK]));
    out->cost[SNAS_DERIVE_FLASH] = in_c.flash;
    out->holds[SNAS_DERIVE_LIMIT_RAM] = in_c.ram;
    return SNAS_OK;
}

snas_status search_within_cost(snas_arena *mem, const search_within *w, const snas_genotype *genotype,
                               snas_derived_child *out)
{
    *out = (snas_derived_child){.channels = w->child.channels, .cells = w->child.cells};
    SNAS_TRY(count_all(mem, w, genotype, out));
    out->log_p = w->p == NULL ? 0.0 : snas_budget_log_p(genotype, w->p);
    out->known = true;
    return SNAS_OK;
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

/* What has been looked at. */
typedef struct {
    snas_forbidden faults[SNAS_FORBIDDEN_MAX];
    int count;
    int64_t least[SNAS_DERIVE_LIMITS]; /* bytes that were met */
} looked_at;

/* "peak_bytes=64 and ram_bytes=32", or what was met in their places. */
static const char *limits_text(snas_arena *mem, const snas_derive_request *request, const looked_at *met)
{
    snas_text text = snas_text_make(mem);
    const char *between = "";
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        if (request->limit[i] <= 0) {
            continue;
        }
        snas_text_add(&text, "%s", between);
        between = " and ";
        if (met == NULL) {
            snas_text_add(&text, "%s=%" PRId64, snas_derive_limit_names[i], request->limit[i]);
        } else {
            snas_text_add(&text, "%" PRId64, met->least[i]);
        }
    }
    return text.failed ? "" : text.data;
}

static snas_status none_keeps(snas_arena *mem, const snas_derive_request *request, const looked_at *seen)
{
    return snas_fail(SNAS_E_USAGE,
                     "no architecture of the rule '%s' within the bounds keeps to the limit %s: the least that was met "
                     "is %s, in %d architectures that stand for all",
                     snas_rule_names[request->rule], limits_text(mem, request, NULL), limits_text(mem, request, seen),
                     seen->count);
}

static snas_status gave_up(snas_arena *mem, const snas_derive_request *request, const looked_at *seen)
{
    return snas_fail(
        SNAS_E_FAILED,
        "none of the %d likeliest architectures that were looked at keeps to the limit %s, the least takes "
        "%s: there may be one, but the search for it ends here",
        seen->count, limits_text(mem, request, NULL), limits_text(mem, request, seen));
}

/* Does the genotype keep to all limits? Else what it shares with others by the first that it breaks is a fault. */
static snas_status look(snas_arena *mem, const search_within *w, const snas_derive_request *request,
                        const snas_genotype *genotype, looked_at *seen, bool *keeps)
{
    int broken = SNAS_DERIVE_LIMITS;
    for (int i = SNAS_DERIVE_LIMITS - 1; i >= 0; i--) {
        snas_peak peak;
        if (request->limit[i] > 0) {
            SNAS_TRY(search_limit_measure(mem, w, genotype, i, &peak));
            seen->least[i] = seen->count == 0 || peak.planned < seen->least[i] ? peak.planned : seen->least[i];
            broken = peak.planned > request->limit[i] ? i : broken;
        }
    }
    *keeps = broken == SNAS_DERIVE_LIMITS;
    return *keeps ? SNAS_OK
                  : search_limit_forbid(mem, w, genotype, (search_limit){broken, request->limit[broken]},
                                        &seen->faults[seen->count++]);
}

static snas_status keep_to_limits(snas_arena *mem, const search_within *w, const snas_derive_request *request,
                                  snas_budget *budget, snas_genotype *out, int *looked)
{
    looked_at *seen;
    SNAS_NEW(mem, seen, 1);
    budget->forbidden = seen->faults;
    budget->may_give_up = true;
    for (bool keeps = false; !keeps;) {
        snas_budget_answer answer;
        if (seen->count == SNAS_FORBIDDEN_MAX) {
            return gave_up(mem, request, seen);
        }
        budget->forbidden_count = seen->count;
        SNAS_TRY(snas_budget_solve(mem, budget, &answer));
        if (answer.gave_up) {
            return gave_up(mem, request, seen);
        }
        if (!answer.found) {
            return none_keeps(mem, request, seen);
        }
        *out = answer.genotype;
        SNAS_TRY(look(mem, w, request, &answer.genotype, seen, &keeps));
    }
    *looked = seen->count + 1;
    return SNAS_OK;
}

static bool is_limited(const snas_derive_request *request)
{
    bool limited = false;
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        limited = limited || request->limit[i] > 0;
    }
    return limited;
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
    if (is_limited(request)) {
        return keep_to_limits(mem, w, request, &budget, out, looked);
    }
    SNAS_TRY(snas_budget_solve(mem, &budget, &answer));
    *out = answer.genotype;
    return SNAS_OK;
}
