/* levels.c -- a searcher, and its step by its level. */
#include "levels.h"
#include "budget_control.h"
#include "rate_rule.h"
#include "snas/model/regions.h"

snas_status snas_searcher_create(snas_arena *mem, const snas_searcher_spec *spec, snas_searcher *out)
{
    const snas_search_config *settings = spec->settings;
    *out = (snas_searcher){.settings = settings, .team = spec->team, .network = spec->network};
    snas_distribution *d = &out->distribution;
    SNAS_TRY(snas_descent_create(mem, &settings->weights, spec->network, settings->epochs, spec->steps_per_epoch,
                                 &out->descent));
    SNAS_TRY(snas_distribution_create(mem, settings, spec->seed, spec->steps_per_epoch, d));
    SNAS_TRY(snas_price_create(mem, settings, spec->cell_side, d->draw.rows, d->row_of_cell, &out->price));
    if (settings->penalty.only == &snas_cost_columns[SNAS_COST_LATENCY]) {
        const snas_latency *times;
        SNAS_TRY(snas_region_table_open(mem, settings->table, &spec->child, &times));
        SNAS_TRY(snas_price_take_latency(mem, times, &out->price));
    }
    SNAS_TRY(snas_budget_control_create(mem, settings, &spec->child, &out->budget));
    out->adam = settings->adam;
    out->adam.rate = search_logit_rate(settings, spec->steps_per_epoch);
    return settings->level == SNAS_LEVEL_BILEVEL_SECOND_ORDER ? search_ahead_create(mem, out) : SNAS_OK;
}

/* What moves the logits ahead of the weights; NULL: nothing does. */
static search_logit_half *half_of(snas_search_level level)
{
    static search_logit_half *const halves[SNAS_LEVEL_COUNT] = {
        [SNAS_LEVEL_BILEVEL] = search_first_order,
        [SNAS_LEVEL_BILEVEL_SECOND_ORDER] = search_second_order,
        [SNAS_LEVEL_REWARD] = search_reward,
    };
    return halves[level];
}

bool snas_search_wants_logit_pictures(const snas_search_config *settings, int64_t epoch)
{
    return half_of(settings->level) != NULL && epoch >= settings->logit_warmup;
}

snas_status snas_search_step(snas_searcher *searcher, const snas_search_input *input, snas_searched *out)
{
    const snas_search_level level = searcher->settings->level;
    return level == SNAS_LEVEL_SINGLE ? search_single_level(searcher, input, out)
                                      : search_by_halves(searcher, input, half_of(level), out);
}
