/* study_searches.c -- the searches of a study: every combination of its grid, and those that it names.
 *
 * A combination becomes an object of keys and values, as if it stood in the study's file, that is laid over the config:
 * so a wrong value is told with its place there.
 */
#include <string.h>

#include "study_reader.h"

static const char VARIANT_KEYS[] = "name, set";

/* --- one search --------------------------------------------------------------------------------------------------- */

/* The config of a variant, `set` (NULL: nothing) over the base. False with lines in the report when it has faults. */
static snas_status load_config(study_reader *r, const snas_json *set, snas_config *out, bool *good)
{
    const snas_config_layer layers[] = {r->config, {.object = set, .source = r->study->path}};
    const snas_status status = snas_config_load_layers(r->mem, layers, set == NULL ? 1 : 2, out);
    *good = status == SNAS_OK;
    if (status != SNAS_E_USAGE) {
        return status;
    }
    study_fault_config(r);
    return SNAS_OK;
}

static snas_status add_search(study_reader *r, const snas_json *at, const char *key, const char *name,
                              const snas_json *set)
{
    bool good = true;
    snas_variant variant = {.name = name, .kind = SNAS_VARIANT_SEARCH, .trains = r->trains};
    SNAS_TRY(snas_taken(name));
    if (r->has_config) {
        SNAS_TRY(load_config(r, set, &variant.config, &good));
    }
    return study_add(r, at, key, &variant);
}

snas_status study_add_lone_search(study_reader *r, const snas_json *root)
{
    return add_search(r, root, "config", "search", NULL);
}

/* Seeds are the study's. */
static void refuse_seed(study_reader *r, const snas_json *set, const char *key)
{
    const snas_json *seed = snas_json_find(set, "seed");
    if (seed != NULL) {
        study_fault(r, seed, key, "found 'seed', allowed every other key of a config: seeds stand in 'seeds'");
    }
}

/* --- the grid ----------------------------------------------------------------------------------------------------- */

/* What a value adds to a name: itself when it is a word, else the last part of its key with it. */
static void add_to_name(snas_text *name, const char *key, const snas_json *value)
{
    const char *dot = strrchr(key, '.');
    snas_text_next(name, ",");
    if (value->kind == SNAS_JSON_STRING) {
        snas_text_add(name, "%s", value->string);
        return;
    }
    snas_text_add(name, "%s=", dot == NULL ? key : dot + 1);
    if (value->kind == SNAS_JSON_NUMBER) {
        snas_text_add_real(name, value->number);
    } else if (value->kind == SNAS_JSON_BOOL) {
        snas_text_add(name, "%s", value->number != 0 ? "true" : "false");
    } else {
        snas_text_add(name, "%s", value->kind == SNAS_JSON_NULL ? "null" : "other");
    }
}

/* The values of combination number `i`, the last key's the fastest, as an object; *name is formed from them. */
static snas_status combine(study_reader *r, const snas_json *grid, int i, const snas_json **out, const char **name)
{
    snas_json *object, *members;
    snas_text text = snas_text_make(r->mem);
    SNAS_NEW(r->mem, object, 1);
    SNAS_NEW(r->mem, members, grid->count);
    int period = 1, n = 0;
    for (const snas_json *axis = grid->first; axis != NULL; axis = axis->next) {
        period *= axis->count;
    }
    for (const snas_json *axis = grid->first; axis != NULL; axis = axis->next, n++) {
        period /= axis->count;
        const snas_json *value = axis->first;
        for (int skip = i / period % axis->count; skip > 0; skip--) {
            value = value->next;
        }
        members[n] = *value;
        members[n].key = axis->key;
        members[n].key_line = axis->key_line;
        members[n].key_column = axis->key_column;
        members[n].next = n + 1 < grid->count ? &members[n + 1] : NULL;
        add_to_name(&text, axis->key, value);
    }
    *object = (snas_json){.kind = SNAS_JSON_OBJECT, .count = n, .first = members, .line = grid->line};
    *out = object;
    *name = text.data;
    return snas_text_done(&text);
}

/* How many combinations there are; 0 with lines in the report when the grid is no good one. */
static int count_combinations(study_reader *r, const snas_json *grid)
{
    int count = 1;
    if (grid->kind != SNAS_JSON_OBJECT || grid->count == 0) {
        study_fault_value(r, grid, "grid", "an object of config keys, each with an array of its values");
        return 0;
    }
    refuse_seed(r, grid, "grid");
    for (const snas_json *axis = grid->first; axis != NULL; axis = axis->next) {
        if (axis->kind != SNAS_JSON_ARRAY || axis->count == 0) {
            study_fault_value(r, axis, "grid", "an array of the key's values");
            count = 0;
        } else if (count > STUDY_VARIANTS_MAX / axis->count) {
            study_fault(r, axis, "grid", "found more than %d combinations, allowed at most so many",
                        STUDY_VARIANTS_MAX);
            return 0;
        }
        count *= axis->count;
    }
    return count;
}

static snas_status read_grid(study_reader *r, const snas_json *grid)
{
    const int count = count_combinations(r, grid);
    for (int i = 0; i < count; i++) {
        const snas_json *set;
        const char *name;
        SNAS_TRY(combine(r, grid, i, &set, &name));
        SNAS_TRY(add_search(r, grid, "grid", name, set));
    }
    return SNAS_OK;
}

/* --- named searches ----------------------------------------------------------------------------------------------- */

static snas_status read_variant(study_reader *r, const snas_json *item)
{
    const snas_json *name = snas_json_find(item, "name"), *set = snas_json_find(item, "set");
    if (item->kind != SNAS_JSON_OBJECT || name == NULL || name->kind != SNAS_JSON_STRING) {
        study_fault_value(r, name == NULL ? item : name, "variants", "{\"name\": a string, \"set\": {config keys}}");
        return SNAS_OK;
    }
    study_check_keys(r, item, VARIANT_KEYS);
    if (set != NULL && set->kind != SNAS_JSON_OBJECT) {
        study_fault_value(r, set, "variants", "an object of config keys with their values");
        set = NULL;
    }
    refuse_seed(r, set, "variants");
    return add_search(r, name, "variants", name->string, set);
}

snas_status study_read_searches(study_reader *r, const snas_json *grid, const snas_json *variants)
{
    if (grid != NULL) {
        SNAS_TRY(read_grid(r, grid));
    }
    if (variants != NULL && (variants->kind != SNAS_JSON_ARRAY || variants->count == 0)) {
        study_fault_value(r, variants, "variants", "an array of {\"name\": a string, \"set\": {config keys}}");
        return SNAS_OK;
    }
    const snas_json *item = variants == NULL ? NULL : variants->first;
    for (; item != NULL; item = item->next) {
        SNAS_TRY(read_variant(r, item));
    }
    return SNAS_OK;
}
