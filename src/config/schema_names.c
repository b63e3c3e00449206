/* schema_names.c -- a config key by its path, and the names that it may take, from the tables of the rooms below. */
#include "fields.h"

#include <string.h>

const char *const snas_broken_names[SNAS_BROKEN_COUNT] = {"stop", "skip"};
const char *const snas_reward_names[SNAS_REWARD_COUNT] = {"accuracy", "loss"};
const char *const snas_on_skips_names[SNAS_SKIPS_COUNT] = {"warn", "stop"};
const char *const snas_validate_names[SNAS_VALIDATE_COUNT] = {"held-out", "test"};
const char *const snas_logit_optimizer_names[SNAS_LOGITS_COUNT] = {"adam", "sgd"};
const char *const snas_resource_gradient_names[SNAS_RESOURCE_GRADIENT_COUNT] = {
    [SNAS_RESOURCE_REPARAMETRIZATION] = "reparametrization",
    [SNAS_RESOURCE_DISCRETE] = "discrete",
    [SNAS_RESOURCE_POLICY_GRADIENT] = "policy_gradient",
};

int snas_config_key_find(const char *path)
{
    for (int i = 0; i < snas_config_key_count; i++) {
        if (strcmp(snas_config_keys[i].path, path) == 0) {
            return i;
        }
    }
    return -1;
}

int config_names_count(const snas_config_names *names)
{
    int count = 0;
    while (names->at(count) != NULL) {
        count++;
    }
    return count;
}

int config_names_find(const snas_config_names *names, const char *name)
{
    for (int i = 0; names->at(i) != NULL; i++) {
        if (strcmp(names->at(i), name) == 0) {
            return i;
        }
    }
    return -1;
}

const char *snas_config_word(const snas_config_key *key, int i, const char **about)
{
    static const char *const BOOLS[] = {"false", "true", NULL};
    *about = NULL;
    if (key->kind == SNAS_KEY_BOOL) {
        return BOOLS[i];
    }
    const char *name = key->kind == SNAS_KEY_NAME ? key->names->at(i) : NULL;
    if (name != NULL && key->names->brief != NULL) {
        *about = key->names->brief(i);
    }
    return name;
}

/* Fields that point to a row of a table: of pointers to rows ... */
#define ROW_POINTERS(label, type, table, what)                                                                         \
    static const char *label##_at(int i)                                                                               \
    {                                                                                                                  \
        return table[i] == NULL ? NULL : table[i]->name;                                                               \
    }                                                                                                                  \
    static const char *label##_brief(int i)                                                                            \
    {                                                                                                                  \
        return table[i]->brief;                                                                                        \
    }                                                                                                                  \
    static void label##_store(void *field, int i)                                                                      \
    {                                                                                                                  \
        *(const type **)field = i < 0 ? NULL : table[i];                                                               \
    }                                                                                                                  \
    static const char *label##_name(const void *field)                                                                 \
    {                                                                                                                  \
        const type *row = *(const type *const *)field;                                                                 \
        return row == NULL ? NULL : row->name;                                                                         \
    }                                                                                                                  \
    const snas_config_names config_names_##label = {what, label##_at, label##_brief, label##_store, label##_name}

/* ... or of the rows themselves. */
#define ROWS(label, type, table, what)                                                                                 \
    static const char *label##_at(int i)                                                                               \
    {                                                                                                                  \
        return table[i].name;                                                                                          \
    }                                                                                                                  \
    static const char *label##_brief(int i)                                                                            \
    {                                                                                                                  \
        return table[i].brief;                                                                                         \
    }                                                                                                                  \
    static void label##_store(void *field, int i)                                                                      \
    {                                                                                                                  \
        *(const type **)field = &table[i];                                                                             \
    }                                                                                                                  \
    static const char *label##_name(const void *field)                                                                 \
    {                                                                                                                  \
        const type *row = *(const type *const *)field;                                                                 \
        return row == NULL ? NULL : row->name;                                                                         \
    }                                                                                                                  \
    const snas_config_names config_names_##label = {what, label##_at, label##_brief, label##_store, label##_name}

/* Fields that are an enumeration (or a bool) counting through `table`. */
#define ENUMERATION(label, type, table, count, what)                                                                   \
    static const char *label##_at(int i)                                                                               \
    {                                                                                                                  \
        return i < (int)(count) ? table[i] : NULL;                                                                     \
    }                                                                                                                  \
    static void label##_store(void *field, int i)                                                                      \
    {                                                                                                                  \
        *(type *)field = (type)i;                                                                                      \
    }                                                                                                                  \
    static const char *label##_name(const void *field)                                                                 \
    {                                                                                                                  \
        return table[*(const type *)field];                                                                            \
    }                                                                                                                  \
    const snas_config_names config_names_##label = {what, label##_at, NULL, label##_store, label##_name}

static const char *const forms[] = {"linear", "log"}; /* by snas_penalty.logarithmic */

ROW_POINTERS(spaces, snas_space, snas_spaces, "a search space");
ROW_POINTERS(estimators, snas_estimator, snas_estimators, "an estimator");
ROWS(datasets, snas_dataset_row, snas_datasets, "a data set");
ROWS(methods, snas_search_method, snas_search_methods, "a method");
ROWS(rates, snas_rate_schedule, snas_rate_schedules, "a schedule");
ROWS(temperatures, snas_temperature, snas_temperatures, "a schedule");
ENUMERATION(labels, snas_labels, snas_labels_names, SNAS_LABELS_COUNT, "a kind of labels");
ENUMERATION(stems, snas_stem, snas_stem_names, SNAS_STEM_COUNT, "a stem");
ENUMERATION(layouts, snas_layout, snas_layout_names, SNAS_LAYOUT_COUNT, "a layout");
ENUMERATION(broken, snas_broken, snas_broken_names, SNAS_BROKEN_COUNT, "a way");
ENUMERATION(validate, snas_validate, snas_validate_names, SNAS_VALIDATE_COUNT, "a set of pictures");
ENUMERATION(rewards, snas_reward_measure, snas_reward_names, SNAS_REWARD_COUNT, "a reward");
ENUMERATION(on_skips, snas_on_skips, snas_on_skips_names, SNAS_SKIPS_COUNT, "a way");
ENUMERATION(optimizers, snas_logit_optimizer, snas_logit_optimizer_names, SNAS_LOGITS_COUNT, "an optimiser");
ENUMERATION(resource_gradients, snas_resource_gradient, snas_resource_gradient_names, SNAS_RESOURCE_GRADIENT_COUNT,
            "a method");
ENUMERATION(forms, bool, forms, 2, "a form");

/* The levels of a search; index -1 is none of them. */
static const char *levels_at(int i)
{
    return i < SNAS_LEVEL_COUNT ? snas_search_levels[i].name : NULL;
}

static const char *levels_brief(int i)
{
    return snas_search_levels[i].brief;
}

static void levels_store(void *field, int i)
{
    *(snas_search_level *)field = (snas_search_level)i;
}

static const char *levels_name(const void *field)
{
    const snas_search_level level = *(const snas_search_level *)field;
    return level == SNAS_LEVEL_UNSET ? NULL : snas_search_levels[level].name;
}

const snas_config_names config_names_levels = {"a level", levels_at, levels_brief, levels_store, levels_name};

/* The terms of a penalty: all of them, or one column of the costs. */
static const char *terms_at(int i)
{
    return i == 0 ? "all" : i <= SNAS_COSTS ? snas_cost_columns[i - 1].name : NULL;
}

static void terms_store(void *field, int i)
{
    *(const snas_cost_column **)field = i == 0 ? NULL : &snas_cost_columns[i - 1];
}

static const char *terms_name(const void *field)
{
    const snas_cost_column *only = *(const snas_cost_column *const *)field;
    return only == NULL ? terms_at(0) : only->name;
}

const snas_config_names config_names_terms = {"terms", terms_at, NULL, terms_store, terms_name};

/* Our strengths of the resource term, for the logarithmic form by reparametrization; the paper's were not published. */
static const struct {
    const char *name;
    double lambda;
} presets[] = {{"none", 0}, {"mild", 5e-4}, {"moderate", 1.5e-3}, {"aggressive", 5e-3}};
enum { PRESETS = sizeof presets / sizeof presets[0] };

double config_preset_lambda(int i)
{
    return presets[i].lambda;
}

static const char *presets_at(int i)
{
    return i < PRESETS ? presets[i].name : NULL;
}

static void presets_store(void *field, int i)
{
    *(int *)field = i;
}

static const char *presets_name(const void *field)
{
    const int i = *(const int *)field;
    return i < 0 ? NULL : presets[i].name;
}

const snas_config_names config_names_presets = {"a preset", presets_at, NULL, presets_store, presets_name};
