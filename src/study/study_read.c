/* study_read.c -- the file of a study: its keys, the config that it is based on, its seeds. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "study_reader.h"

const char *const snas_variant_kind_names[SNAS_VARIANT_KINDS] = {
    [SNAS_VARIANT_SEARCH] = "search", [SNAS_VARIANT_CELL] = "cell", [SNAS_VARIANT_RANDOM] = "random"};

static const char KEYS[] = "config, seeds, grid, variants, cells, random_cells, train, rule";

/* --- paths and names ---------------------------------------------------------------------------------------------- */

const char *study_path(study_reader *r, const char *path)
{
    const char *found = path[0] == '/' || r->folder[0] == 0 ? path : snas_format(r->mem, "%s/%s", r->folder, path);
    return found == NULL ? path : found;
}

/* The file's folder and its name without ".json". */
static snas_status take_path(study_reader *r, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash == NULL ? path : slash + 1;
    const int size = (int)strlen(base) - (snas_ends(base, ".json") ? 5 : 0);
    r->study->path = path;
    r->study->name = snas_format(r->mem, "%.*s", size, base);
    r->folder = slash == NULL ? "" : slash == path ? "/" : snas_format(r->mem, "%.*s", (int)(slash - path), path);
    SNAS_TRY(snas_taken(r->folder));
    return snas_taken(r->study->name);
}

/* What a variant may be called: it stands in the names of folders. */
static bool is_good_name(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+=,-";
    const size_t size = strlen(name);
    return size > 0 && size <= STUDY_NAME_MAX && name[0] != '.' && name[0] != '-' && strspn(name, allowed) == size;
}

snas_status study_add(study_reader *r, const snas_json *at, const char *key, const snas_variant *variant)
{
    snas_study *study = r->study;
    if (!is_good_name(variant->name)) {
        study_fault(r, at, key,
                    "the name '%s' is not allowed: 1 to %d letters, digits and . _ + = , - with no dot or hyphen first",
                    variant->name, STUDY_NAME_MAX);
        return SNAS_OK;
    }
    for (int i = 0; i < study->variant_count; i++) {
        if (strcmp(study->variants[i].name, variant->name) == 0) {
            study_fault(r, at, key, "a second one with the name '%s', allowed once", variant->name);
            return SNAS_OK;
        }
    }
    if (study->variant_count == STUDY_VARIANTS_MAX) {
        study_fault(r, at, key, "found more than %d variants and cells, allowed at most so many", STUDY_VARIANTS_MAX);
        return SNAS_OK;
    }
    SNAS_GROW(r->mem, study->variants, study->variant_count, r->room);
    study->variants[study->variant_count++] = *variant;
    return SNAS_OK;
}

/* --- the keys ----------------------------------------------------------------------------------------------------- */

static snas_status read_config(study_reader *r, const snas_json *root, const snas_json *value)
{
    static const char allowed[] = "the path of a config, or a config itself";
    r->has_config = value != NULL && (value->kind == SNAS_JSON_STRING || value->kind == SNAS_JSON_OBJECT);
    if (value == NULL) {
        study_fault(r, root, "config", "not found, wanted %s", allowed);
    } else if (value->kind == SNAS_JSON_STRING) {
        r->config = (snas_config_layer){.source = study_path(r, value->string)};
    } else if (value->kind == SNAS_JSON_OBJECT) {
        r->config = (snas_config_layer){.object = value, .source = r->study->path};
    } else {
        study_fault_value(r, value, "config", allowed);
    }
    return SNAS_OK;
}

static bool seed_of(const snas_json *value, uint64_t *out)
{
    if (value->kind == SNAS_JSON_NUMBER && value->is_integer && value->number >= 0) {
        *out = (uint64_t)value->number;
        return true;
    }
    const char *digits = value->kind == SNAS_JSON_STRING ? value->string : "";
    errno = 0;
    *out = strtoull(digits, NULL, 10);
    return digits[0] != 0 && digits[strspn(digits, "0123456789")] == 0 && errno == 0;
}

static bool is_seed_taken(const uint64_t *seeds, int count, uint64_t seed)
{
    for (int i = 0; i < count; i++) {
        if (seeds[i] == seed) {
            return true;
        }
    }
    return false;
}

static snas_status read_seeds(study_reader *r, const snas_json *value)
{
    static const uint64_t one[] = {1};
    uint64_t *seeds;
    int count = 0;
    r->study->seeds = one;
    r->study->seed_count = 1;
    if (value == NULL) {
        return SNAS_OK;
    }
    if (value->kind != SNAS_JSON_ARRAY || value->count == 0 || value->count > STUDY_SEEDS_MAX) {
        study_fault_value(r, value, "seeds", "an array of 1 to 1000 seeds");
        return SNAS_OK;
    }
    SNAS_NEW(r->mem, seeds, value->count);
    for (const snas_json *item = value->first; item != NULL; item = item->next) {
        uint64_t seed;
        if (!seed_of(item, &seed)) {
            study_fault_value(r, item, "seeds", "a whole number from 0, up to 2^53 or as a string of digits");
        } else if (is_seed_taken(seeds, count, seed)) {
            study_fault(r, item, "seeds", "found %llu a second time, allowed once", (unsigned long long)seed);
        } else {
            seeds[count++] = seed;
        }
    }
    r->study->seeds = seeds;
    r->study->seed_count = count;
    return SNAS_OK;
}

static void read_rule(study_reader *r, const snas_json *value)
{
    r->study->rule = SNAS_RULE_EDGE;
    for (int i = 0; value != NULL && i < SNAS_RULE_COUNT; i++) {
        if (value->kind == SNAS_JSON_STRING && strcmp(value->string, snas_rule_names[i]) == 0) {
            r->study->rule = (snas_rule)i;
            return;
        }
    }
    if (value != NULL) {
        study_fault_value(r, value, "rule", "'edge', 'top2', 'darts'");
    }
}

static void read_train(study_reader *r, const snas_json *value)
{
    if (value != NULL && value->kind != SNAS_JSON_BOOL) {
        study_fault_value(r, value, "train", "true or false");
        return;
    }
    r->trains_given = value != NULL;
    r->trains = value != NULL && value->number != 0;
}

/* Cells alone are trained unless the study says otherwise: there is nothing else to do. */
static snas_status read_variants(study_reader *r, const snas_json *root)
{
    const snas_json *grid = snas_json_find(root, "grid"), *named = snas_json_find(root, "variants");
    const snas_json *cells = snas_json_find(root, "cells"), *random = snas_json_find(root, "random_cells");
    const bool searches = grid != NULL || named != NULL || (cells == NULL && random == NULL);
    r->trains = r->trains_given ? r->trains : !searches;
    SNAS_TRY(study_read_searches(r, grid, named));
    if (searches && grid == NULL && named == NULL) {
        SNAS_TRY(study_add_lone_search(r, root));
    }
    return study_read_cells(r, cells, random);
}

static snas_status read_root(study_reader *r, const snas_json *root)
{
    if (root->kind != SNAS_JSON_OBJECT) {
        return snas_fail(SNAS_E_USAGE, "%s:%d:%d: found %s, allowed an object: a study", r->study->path, root->line,
                         root->column, snas_json_kind_name(root->kind));
    }
    study_check_keys(r, root, KEYS);
    SNAS_TRY(read_config(r, root, snas_json_find(root, "config")));
    SNAS_TRY(read_seeds(r, snas_json_find(root, "seeds")));
    read_rule(r, snas_json_find(root, "rule"));
    read_train(r, snas_json_find(root, "train"));
    SNAS_TRY(read_variants(r, root));
    return study_fault_report(r);
}

snas_status snas_study_read(snas_arena *mem, const char *path, snas_study *out)
{
    const snas_json *root;
    *out = (snas_study){0};
    study_reader r = {.mem = mem, .study = out, .faults = snas_text_make(mem)};
    SNAS_TRY(take_path(&r, path));
    const snas_status status = snas_json_load(mem, path, &root);
    if (status == SNAS_E_DATA) { /* a text that is no JSON is a fault of the study like others */
        return snas_fail(SNAS_E_USAGE, "%s", snas_error());
    }
    SNAS_TRY(status);
    return read_root(&r, root);
}
