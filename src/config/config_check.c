/* config_check.c -- what keys allow each other, after every key's own range. */
#include <math.h>
#include <string.h>

#include "reader.h"

/* --- over two keys ------------------------------------------------------------------------------------------------ */

static bool tau_rises(const snas_config *c)
{
    return c->search.tau_last > c->search.tau_first;
}
static bool warmup_never_ends(const snas_config *c)
{
    return c->search.logit_warmup >= c->search.epochs;
}
static bool search_never_warm(const snas_config *c)
{
    return c->search.weights.warmup >= c->search.epochs;
}
static bool train_never_warm(const snas_config *c)
{
    return c->train.weights.warmup >= c->train.epochs;
}
static bool lone_picture(const snas_config *c)
{
    return c->train.micro_batch == 1;
}
static bool nesterov_stands(const snas_config *c)
{
    return (c->search.weights.nesterov && c->search.weights.momentum <= 0) ||
           (c->train.weights.nesterov && c->train.weights.momentum <= 0);
}
static bool exponential_to_zero(const snas_weights_config *w)
{
    return strcmp(w->schedule->name, "exponential") == 0 && w->rate_last <= 0;
}
static bool search_decays_to_zero(const snas_config *c)
{
    return exponential_to_zero(&c->search.weights);
}
static bool train_decays_to_zero(const snas_config *c)
{
    return exponential_to_zero(&c->train.weights);
}

static bool table_of_nothing(const snas_config *c)
{
    return c->search.benchmark != NULL && c->search.space->benchmark == NULL;
}

static bool skips_what_runs_alone(const snas_config *c)
{
    return c->search.skip_below > 0 && !c->search.estimator->soft;
}
static bool open_rate_of_sgd(const snas_config *c)
{
    return isnan(c->search.adam.rate) && c->search.logit_optimizer == SNAS_LOGITS_SGD;
}
static bool rests(const snas_config *c)
{
    return c->search.level == SNAS_LEVEL_WEIGHTS;
}
static bool parameters_of_none(const snas_config *c)
{
    return rests(c) && c->search.budget_parameters > 0;
}
static bool macs_of_none(const snas_config *c)
{
    return rests(c) && c->search.budget_macs > 0;
}
static bool latency_of_none(const snas_config *c)
{
    return rests(c) && c->search.budget_latency_ms > 0;
}
static bool flash_of_none(const snas_config *c)
{
    return rests(c) && c->search.budget_flash_bytes > 0;
}
static bool budget_without_table(const snas_config *c)
{
    return c->search.budget_latency_ms > 0 && c->search.table == NULL;
}
static bool term_without_table(const snas_config *c)
{
    return c->search.penalty.only == &snas_cost_columns[SNAS_COST_LATENCY] && c->search.table == NULL;
}
static bool low_entropy_of_none(const snas_config *c)
{
    return rests(c) && c->search.stop_entropy > 0;
}
static bool unchanged_of_none(const snas_config *c)
{
    return rests(c) && c->search.stop_unchanged > 0;
}
static bool skips_of_none(const snas_config *c)
{
    return rests(c) && c->search.stop_skips > 0;
}

static const struct {
    const char *key;
    bool (*broken)(const snas_config *config);
    const char *allowed;
} CHECKS[] = {
    {"search.temperature.last", tau_rises, "no more than search.temperature.first"},
    {"search.logits.warmup", warmup_never_ends, "less than search.epochs"},
    {"search.weights.warmup", search_never_warm, "less than search.epochs"},
    {"train.weights.warmup", train_never_warm, "less than train.epochs"},
    {"train.micro_batch", lone_picture, "0, or 2 and more: norms need company"},
    {"search.weights.nesterov", nesterov_stands, "true only with a momentum above 0"},
    {"search.weights.rate_last", search_decays_to_zero, "above 0 with search.weights.schedule 'exponential'"},
    {"search.benchmark", table_of_nothing, "null: no accuracies are known of the cells of this search.space"},
    {"search.skip_below", skips_what_runs_alone, "0 where a draw is one-hot: only the methods 'snas' and 'darts' mix"},
    {"search.logits.rate", open_rate_of_sgd, "a number with search.logits.optimizer 'sgd': the rule is Adam's"},
    {"search.budget.parameters", parameters_of_none, "null where the logits rest (search.level 'weights')"},
    {"search.budget.macs", macs_of_none, "null where the logits rest (search.level 'weights')"},
    {"search.budget.latency_ms", latency_of_none, "null where the logits rest (search.level 'weights')"},
    {"search.budget.flash_bytes", flash_of_none, "null where the logits rest (search.level 'weights')"},
    {"search.budget.latency_ms", budget_without_table, "null without search.resource.table, a file of 'snas latency'"},
    {"search.resource.terms", term_without_table,
     "another one without search.resource.table, a file of 'snas latency'"},
    {"search.stop.entropy", low_entropy_of_none, "0 where the logits rest (search.level 'weights')"},
    {"search.stop.unchanged", unchanged_of_none, "0 where the logits rest (search.level 'weights')"},
    {"search.stop.skips", skips_of_none, "0 where the logits rest (search.level 'weights')"},
    {"train.weights.rate_last", train_decays_to_zero, "above 0 with train.weights.schedule 'exponential'"},
};

void config_check(config_reader *r)
{
    for (size_t n = 0; n < sizeof CHECKS / sizeof CHECKS[0]; n++) {
        const int i = snas_config_key_find(CHECKS[n].key);
        if (!CHECKS[n].broken(r->config)) {
            continue;
        }
        if (config_fault_begins(r, r->where[i], CHECKS[n].key)) {
            snas_text_add(&r->faults, "found ");
            config_value_write(&r->faults, &snas_config_keys[i], r->config);
            snas_text_add(&r->faults, ", allowed %s", CHECKS[n].allowed);
        }
    }
}
