/* budget_terms.c -- what budgets bound: costs of the child that `snas train` builds, as terms of the solver's. */
#include "budget_terms.h"

#include <inttypes.h>

#include "snas/base/text.h"
#include "snas/learn/run_network.h"
#include "snas/learn/streams.h"

#define NAME(constant, name) [SNAS_DERIVE_##constant] = #name,
const char *const snas_derive_budget_names[SNAS_DERIVE_BUDGETS] = {SNAS_DERIVE_BUDGET_ROWS(NAME)};
#undef NAME

snas_network_spec search_trained_child(const snas_config *config, const snas_dataset *dataset)
{
    const snas_genotype any = {.space = config->search.space};
    const int side = snas_streams_side(dataset, config->train.side);
    snas_network_spec child = snas_trained_spec(&config->train, &any, dataset->classes, side);
    child.genotype = NULL;
    child.auxiliary = 0.0; /* in training only */
    return child;
}

static int64_t value_of(const snas_count *count, int which)
{
    return which == SNAS_DERIVE_PARAMETERS ? count->parameters : count->macs;
}

snas_status search_term_make(snas_arena *mem, const snas_child_costs *costs, int which, int64_t most,
                             snas_budget_term *out)
{
    const snas_space *space = costs->space;
    const int count = space->cell_types * snas_space_edge_count(space) * space->candidate_count;
    int64_t *cost;
    SNAS_NEW(mem, cost, count);
    for (int i = 0; i < count; i++) {
        cost[i] = value_of(&costs->candidate[i], which);
    }
    *out = (snas_budget_term){
        .name = snas_derive_budget_names[which], .fixed = value_of(&costs->fixed, which), .cost = cost, .most = most};
    return SNAS_OK;
}

void search_config_budgets(const snas_search_config *settings, int64_t most[SNAS_DERIVE_BUDGETS])
{
    const double bounds[SNAS_DERIVE_BUDGETS] = {
        [SNAS_DERIVE_PARAMETERS] = settings->budget_parameters, [SNAS_DERIVE_MACS] = settings->budget_macs};
    for (int i = 0; i < SNAS_DERIVE_BUDGETS; i++) {
        most[i] = bounds[i] > 0.0 ? (int64_t)bounds[i] : 0; /* null is NaN */
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
            snas_text_add(&text, ", budget %s=%" PRId64, snas_derive_budget_names[i], request->most[i]);
        }
    }
    if (request->peak_most > 0) {
        snas_text_add(&text, ", limit peak_bytes=%" PRId64, request->peak_most);
    }
    return text.failed ? NULL : text.data;
}
