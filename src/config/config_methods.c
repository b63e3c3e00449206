/* config_methods.c -- the method's own estimator and level where the config says null, and what does not go with it. */
#include <string.h>

#include "reader.h"

/* "found X, allowed with search.method 'snas': 'a', 'b'" */
static void refuse(config_reader *r, const char *path, const char *const *allowed)
{
    const int i = snas_config_key_find(path);
    if (!config_fault_begins(r, r->where[i], path)) {
        return;
    }
    snas_text_add(&r->faults, "found ");
    config_value_write(&r->faults, &snas_config_keys[i], r->config);
    snas_text_add(&r->faults, ", allowed with search.method '%s': ", r->config->search.method->name);
    for (int k = 0; allowed[k] != NULL; k++) {
        snas_text_add(&r->faults, "%s'%s'", k == 0 ? "" : ", ", allowed[k]);
    }
}

/* Where nothing has said how the resource term reaches the logits, and the usual way does not exist: by the
 * probabilities, which every estimator has. */
static void settle_resource(config_reader *r)
{
    static const char path[] = "search.resource.method";
    snas_search_config *s = &r->config->search;
    const int i = snas_config_key_find(path);
    if (snas_resource_gradient_works(s->resource_gradient, s->estimator)) {
        return;
    }
    if (r->ranks[i] == 0) {
        s->resource_gradient = SNAS_RESOURCE_DISCRETE;
        return;
    }
    if (!config_fault_begins(r, r->where[i], path)) {
        return;
    }
    snas_text_add(&r->faults, "found ");
    config_value_write(&r->faults, &snas_config_keys[i], r->config);
    snas_text_add(&r->faults, ", allowed with search.estimator '%s':", s->estimator->name);
    int count = 0;
    for (int way = 0; way < SNAS_RESOURCE_GRADIENT_COUNT; way++) {
        if (snas_resource_gradient_works((snas_resource_gradient)way, s->estimator)) {
            snas_text_add(&r->faults, "%s '%s'", count++ == 0 ? "" : ",", snas_resource_gradient_names[way]);
        }
    }
}

int snas_config_budgets(const snas_search_config *search)
{
    const double budgets[] = {search->budget_parameters, search->budget_macs, search->budget_latency_ms,
                              search->budget_flash_bytes};
    int count = 0;
    for (size_t i = 0; i < sizeof budgets / sizeof budgets[0]; i++) {
        count += budgets[i] > 0.0; /* null is NaN */
    }
    return count;
}

/* A budget takes lambda's place unless the config says that both are wanted. */
static void settle_budget(config_reader *r)
{
    snas_search_config *s = &r->config->search;
    if (snas_config_budgets(s) > 0 && r->ranks[snas_config_key_find("search.resource.enabled")] == 0) {
        s->resource = false;
    }
}

void config_settle_method(config_reader *r)
{
    settle_budget(r);
    snas_search_config *s = &r->config->search;
    const snas_search_method *method = s->method;
    if (s->estimator == NULL) {
        s->estimator = snas_estimator_find(method->estimators[0]);
    }
    if (s->level == SNAS_LEVEL_UNSET) {
        s->level = snas_search_level_find(method->levels[0]);
    }
    if (!snas_search_method_takes(method->estimators, s->estimator->name)) {
        refuse(r, "search.estimator", method->estimators);
    } else {
        settle_resource(r);
    }
    if (!snas_search_method_takes(method->levels, snas_search_levels[s->level].name)) {
        refuse(r, "search.level", method->levels);
    }
}
