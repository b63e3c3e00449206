/* budget_terms.c -- what budgets bound: costs of the child that `snas train` builds, as terms of the solver's. */
#include "budget_terms.h"

#include <inttypes.h>
#include <math.h>

#include "snas/base/text.h"

#define NAME(constant, name, unit) [SNAS_DERIVE_##constant] = #name,
#define UNIT(constant, name, unit) [SNAS_DERIVE_##constant] = unit,
const char *const snas_derive_budget_names[SNAS_DERIVE_BUDGETS] = {SNAS_DERIVE_BUDGET_ROWS(NAME)};
const double snas_derive_budget_units[SNAS_DERIVE_BUDGETS] = {SNAS_DERIVE_BUDGET_ROWS(UNIT)};
#undef NAME
#undef UNIT

#define NAME(constant, name) [SNAS_DERIVE_LIMIT_##constant] = #name,
const char *const snas_derive_limit_names[SNAS_DERIVE_LIMITS] = {SNAS_DERIVE_LIMIT_ROWS(NAME)};
#undef NAME

/* What a child has at any rate, or of choice `i`. */
static int64_t fixed_of(const snas_child_costs *costs, int which)
{
    return which == SNAS_DERIVE_PARAMETERS ? costs->fixed.parameters
           : which == SNAS_DERIVE_MACS     ? costs->fixed.macs
                                           : costs->flash_fixed;
}

static int64_t value_of(const snas_child_costs *costs, int i, int which)
{
    return which == SNAS_DERIVE_PARAMETERS ? costs->candidate[i].parameters
           : which == SNAS_DERIVE_MACS     ? costs->candidate[i].macs
                                           : costs->flash[i];
}

/* The time of a table as a term. */
static snas_status make_latency(snas_arena *mem, const snas_latency *table, int64_t most, snas_budget_term *out)
{
    int64_t *cost;
    if (table == NULL) {
        return snas_fail(SNAS_E_USAGE, "a budget of latency_ms needs a table of times: search.resource.table, or "
                                       "'derive --latency FILE'; 'snas latency' measures one");
    }
    SNAS_TRY(snas_latency_by_type(mem, table, &cost));
    *out = (snas_budget_term){.name = snas_derive_budget_names[SNAS_DERIVE_LATENCY],
                              .unit = snas_derive_budget_units[SNAS_DERIVE_LATENCY],
                              .fixed = snas_latency_fixed(table),
                              .cost = cost,
                              .most = most};
    return SNAS_OK;
}

snas_status search_term_make(snas_arena *mem, const search_costs *all, int which, int64_t most, snas_budget_term *out)
{
    const snas_child_costs *costs = all->counts;
    if (which == SNAS_DERIVE_LATENCY) {
        return make_latency(mem, all->latency, most, out);
    }
    const snas_space *space = costs->space;
    const int count = space->cell_types * snas_space_edge_count(space) * space->candidate_count;
    int64_t *cost;
    SNAS_NEW(mem, cost, count);
    for (int i = 0; i < count; i++) {
        cost[i] = value_of(costs, i, which);
    }
    *out = (snas_budget_term){
        .name = snas_derive_budget_names[which], .fixed = fixed_of(costs, which), .cost = cost, .most = most};
    return SNAS_OK;
}

void search_config_budgets(const snas_search_config *settings, int64_t most[SNAS_DERIVE_BUDGETS])
{
    const double bounds[SNAS_DERIVE_BUDGETS] = {[SNAS_DERIVE_PARAMETERS] = settings->budget_parameters,
                                                [SNAS_DERIVE_MACS] = settings->budget_macs,
                                                [SNAS_DERIVE_LATENCY] = settings->budget_latency_ms,
                                                [SNAS_DERIVE_FLASH] = settings->budget_flash_bytes};
    for (int i = 0; i < SNAS_DERIVE_BUDGETS; i++) {
        const double unit = snas_derive_budget_units[i];
        const double value = unit > 1.0 ? fmax(1.0, round(bounds[i] * unit)) : bounds[i];
        most[i] = bounds[i] > 0.0 ? (int64_t)value : 0; /* null is NaN */
    }
}

void snas_derive_take_budgets(const snas_search_config *settings, snas_derive_request *request)
{
    for (int i = 0; i < SNAS_DERIVE_BUDGETS; i++) {
        if (request->most[i] > 0) {
            return;
        }
    }
    search_config_budgets(settings, request->most);
}

const char *search_origin(snas_arena *mem, uint64_t seed, int64_t step, const snas_derive_request *request)
{
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "snas search, seed %" PRIu64 ", step %" PRId64 ", rule %s", seed, step,
                  snas_rule_names[request->rule]);
    for (int i = 0; i < SNAS_DERIVE_BUDGETS; i++) {
        if (request->most[i] > 0) {
            snas_text_add(&text, ", budget %s=", snas_derive_budget_names[i]);
            snas_text_add_real(&text, (double)request->most[i] / snas_derive_budget_units[i]);
        }
    }
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        if (request->limit[i] > 0) {
            snas_text_add(&text, ", limit %s=%" PRId64, snas_derive_limit_names[i], request->limit[i]);
        }
    }
    return text.failed ? NULL : text.data;
}
