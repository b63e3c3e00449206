/* levels.c -- a searcher, and its step by its level. */
#include "levels.h"

snas_status snas_searcher_create(snas_arena *mem, const snas_searcher_spec *spec, snas_searcher *out)
{
    const snas_search_config *settings = spec->settings;
    *out = (snas_searcher){.settings = settings, .team = spec->team, .network = spec->network};
    snas_distribution *d = &out->distribution;
    SNAS_TRY(snas_descent_create(mem, &settings->weights, spec->network, settings->epochs, spec->steps_per_epoch,
                                 &out->descent));
    SNAS_TRY(snas_distribution_create(mem, settings, spec->seed, spec->steps_per_epoch, d));
    return snas_price_create(mem, settings, spec->cell_side, d->draw.rows, d->row_of_cell, &out->price);
}

bool snas_search_wants_logit_pictures(const snas_search_config *settings, int64_t epoch)
{
    return snas_search_levels[settings->level].logit_pictures && epoch >= settings->logit_warmup;
}

snas_status snas_search_step(snas_searcher *searcher, const snas_search_input *input, snas_searched *out)
{
    static search_level_step *const steps[SNAS_LEVEL_COUNT] = {
        [SNAS_LEVEL_SINGLE] = search_single_level,
        [SNAS_LEVEL_BILEVEL] = search_bilevel,
    };
    return steps[searcher->settings->level](searcher, input, out);
}
