/* fields.h -- how the rows of the table meet the fields of snas_config: names, values taken and written. */
#ifndef SNAS_CONFIG_FIELDS_H
#define SNAS_CONFIG_FIELDS_H

#include "snas/config/config.h"
#include "snas/config/schema.h"
#include "snas/format/json.h"

/** A set of names that a key may take, and how a name stands in a field. */
struct snas_config_names {
    const char *title;                      /* for documents: "a search space" */
    const char *(*at)(int i);               /* the i-th name, NULL after the last */
    const char *(*brief)(int i);            /* its help; NULL: no help of its own */
    void (*store)(void *field, int i);      /* put the i-th into the field; -1, where the key may be null: nothing */
    const char *(*name)(const void *field); /* name of what stands in the field, NULL for nothing */
};

extern const snas_config_names config_names_datasets, config_names_methods, config_names_levels, config_names_rewards,
    config_names_on_skips, config_names_spaces, config_names_estimators, config_names_rates, config_names_temperatures,
    config_names_validate, config_names_optimizers, config_names_resource_gradients, config_names_terms,
    config_names_forms, config_names_presets, config_names_labels, config_names_stems, config_names_broken,
    config_names_layouts;

int config_names_count(const snas_config_names *names);
/** Index of the exact name, -1 when there is none. */
int config_names_find(const snas_config_names *names, const char *name);

/** lambda of preset i. */
double config_preset_lambda(int i);

/** Put a JSON value into the key's field; false when it is not allowed. */
bool config_value_take(const snas_config_key *key, snas_config *config, const snas_json *value);

/** One value of a key as JSON. */
void config_value_write(snas_text *text, const snas_config_key *key, const snas_config *config);

/** The resolved config as JSON, two spaces an indent, keys in the order of the table. */
SNAS_MUST_CHECK snas_status config_write(snas_arena *mem, const snas_config *config, const char **out);

#endif
