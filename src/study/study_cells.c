/* study_cells.c -- the cells of a study: those that it names, and places for those that are drawn. */
#include <string.h>

#include "snas/base/file.h"
#include "study_reader.h"

enum { RANDOM_MAX = 100 };
static const double WITHIN = 0.1;
static const char CELL_KEYS[] = "name, genotype", RANDOM_KEYS[] = "count, like, within, seed";
static const char CELL_FORM[] = "a genotype's name or file, or {\"name\": a string, \"genotype\": one of these}";

/* --- named cells -------------------------------------------------------------------------------------------------- */

/* A file beside the study, else whatever a genotype may be named by. False with a line in the report. */
static snas_status load_genotype(study_reader *r, const snas_json *value, const char *key, snas_genotype *out,
                                 bool *good)
{
    const char *path = study_path(r, value->string);
    const snas_status status = snas_genotype_load(r->mem, snas_file_is(path) ? path : value->string, out);
    *good = status == SNAS_OK;
    if (status == SNAS_E_MEMORY) {
        return status;
    }
    if (!*good) {
        study_fault(r, value, key, "%s", snas_error());
        snas_error_clear();
    }
    return SNAS_OK;
}

/* "cells/mine.json" is called mine. */
static const char *stem(snas_arena *mem, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(base, '.');
    return snas_format(mem, "%.*s", dot == NULL || dot == base ? (int)strlen(base) : (int)(dot - base), base);
}

static snas_status read_cell(study_reader *r, const snas_config *config, const snas_json *item)
{
    const bool named = item->kind == SNAS_JSON_OBJECT;
    const snas_json *genotype = named ? snas_json_find(item, "genotype") : item;
    const snas_json *name = named ? snas_json_find(item, "name") : item;
    if (genotype == NULL || genotype->kind != SNAS_JSON_STRING || name == NULL || name->kind != SNAS_JSON_STRING) {
        study_fault_value(r, item, "cells", CELL_FORM);
        return SNAS_OK;
    }
    if (named) {
        study_check_keys(r, item, CELL_KEYS);
    }
    bool good;
    snas_variant cell = {.kind = SNAS_VARIANT_CELL, .trains = r->trains, .config = *config};
    SNAS_TRY(load_genotype(r, genotype, "cells", &cell.genotype, &good));
    cell.name = named ? name->string : stem(r->mem, name->string);
    SNAS_TRY(snas_taken(cell.name));
    return good ? study_add(r, name, "cells", &cell) : SNAS_OK;
}

/* --- random cells ------------------------------------------------------------------------------------------------- */

static bool take_number(const snas_json *value, double low, double high, double *out)
{
    const bool good = value->kind == SNAS_JSON_NUMBER && value->number >= low && value->number <= high;
    if (good) {
        *out = value->number;
    }
    return good;
}

static snas_status read_random(study_reader *r, const snas_json *value)
{
    snas_random_cells *out = &r->study->random;
    const snas_json *count = snas_json_find(value, "count"), *like = snas_json_find(value, "like");
    const snas_json *within = snas_json_find(value, "within"), *seed = snas_json_find(value, "seed");
    double number = 0, start = 1;
    *out = (snas_random_cells){.within = WITHIN, .seed = 1};
    out->where = snas_format(r->mem, "%s:%d:%d", r->study->path, value->line, value->column);
    SNAS_TRY(snas_taken(out->where));
    if (value->kind != SNAS_JSON_OBJECT || count == NULL) {
        study_fault_value(r, value, "random_cells", "an object with the count of the cells");
        return SNAS_OK;
    }
    study_check_keys(r, value, RANDOM_KEYS);
    if (!take_number(count, 1, RANDOM_MAX, &number) || !count->is_integer) {
        study_fault_value(r, count, "random_cells.count", "a whole number, 1 to 100");
        number = 0;
    }
    if (within != NULL && !take_number(within, 0, 1, &out->within)) {
        study_fault_value(r, within, "random_cells.within", "a number, 0 to 1");
    }
    if (seed != NULL && (!take_number(seed, 0, (double)SNAS_WHOLE_MAX, &start) || !seed->is_integer)) {
        study_fault_value(r, seed, "random_cells.seed", "a whole number from 0");
    }
    out->count = (int)number;
    out->seed = (uint64_t)start;
    if (like != NULL && like->kind != SNAS_JSON_STRING) {
        study_fault_value(r, like, "random_cells.like", "a genotype's name or file");
        like = NULL;
    }
    return like == NULL ? SNAS_OK : load_genotype(r, like, "random_cells.like", &out->like, &out->like_given);
}

static snas_status add_random(study_reader *r, const snas_config *config, const snas_json *value)
{
    SNAS_TRY(read_random(r, value));
    for (int i = 0; i < r->study->random.count; i++) {
        const snas_variant cell = {.kind = SNAS_VARIANT_RANDOM,
                                   .name = snas_format(r->mem, "random-%d", i + 1),
                                   .trains = r->trains,
                                   .config = *config};
        SNAS_TRY(snas_taken(cell.name));
        SNAS_TRY(study_add(r, value, "random_cells", &cell));
    }
    return SNAS_OK;
}

snas_status study_read_cells(study_reader *r, const snas_json *cells, const snas_json *random)
{
    snas_config config = {0};
    if (r->has_config && (cells != NULL || random != NULL)) {
        const snas_status status = snas_config_load_layers(r->mem, &r->config, 1, &config);
        if (status != SNAS_OK && status != SNAS_E_USAGE) {
            return status;
        }
        if (status == SNAS_E_USAGE) {
            study_fault_config(r);
        }
    }
    if (cells != NULL && (cells->kind != SNAS_JSON_ARRAY || cells->count == 0)) {
        study_fault_value(r, cells, "cells", "an array of cells");
        cells = NULL;
    }
    const snas_json *item = cells == NULL ? NULL : cells->first;
    for (; item != NULL; item = item->next) {
        SNAS_TRY(read_cell(r, &config, item));
    }
    return random == NULL ? SNAS_OK : add_random(r, &config, random);
}
