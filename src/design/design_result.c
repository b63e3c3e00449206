/* design_result.c -- what has come of a design, read from its folder: the network, what it costs, how good it is. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "design_parts.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/base/version.h"
#include "snas/loop/checkpoint.h"
#include "snas/loop/run_read.h"
#include "snas/search/derive.h"

static const double HOUR = 3600.0;

/* --- reading ------------------------------------------------------------------------------------------------------ */

static snas_status read_costs(snas_arena *mem, const snas_config *config, snas_design_result *out)
{
    snas_network_spec child;
    snas_derived_child costs;
    SNAS_TRY(design_child(config, &child));
    SNAS_TRY(snas_derive_child_cost(mem, &child, config->search.table, &out->genotype, &costs));
    out->parameters = costs.cost[SNAS_DERIVE_PARAMETERS];
    out->macs = costs.cost[SNAS_DERIVE_MACS];
    out->flash_bytes = costs.cost[SNAS_DERIVE_FLASH];
    memcpy(out->holds, costs.holds, sizeof out->holds);
    out->latency_ms = config->search.table == NULL
                          ? (double)NAN
                          : (double)costs.cost[SNAS_DERIVE_LATENCY] / snas_derive_budget_units[SNAS_DERIVE_LATENCY];
    return SNAS_OK;
}

static snas_status read_test(snas_arena *mem, const snas_design *design, snas_design_result *out)
{
    const char *path;
    const snas_json *root;
    SNAS_TRY(design_path(mem, design, "test.json", &path));
    SNAS_TRY(snas_saved_fault(snas_json_load(mem, path, &root)));
    const snas_json *accuracy = snas_json_find(root, "accuracy"), *images = snas_json_find(root, "images");
    const snas_json *weights = snas_json_find(root, "weights");
    if (accuracy == NULL || images == NULL || weights == NULL || weights->kind != SNAS_JSON_STRING) {
        return snas_fail(SNAS_E_IO, "'%s' is not what 'snas eval --json' prints", path);
    }
    out->accuracy = accuracy->number;
    out->images = (int64_t)images->number;
    out->weights = weights->string;
    return SNAS_OK;
}

/* Hours of a run, over all processes that worked on it. */
static snas_status read_hours(snas_arena *mem, const snas_design *design, const char *name, double *out)
{
    const char *path;
    snas_run_record record;
    SNAS_TRY(design_path(mem, design, name, &path));
    SNAS_TRY(snas_run_read(mem, path, &record));
    *out = record.usage.seconds / HOUR;
    return SNAS_OK;
}

snas_status snas_design_read(snas_arena *mem, const snas_design *design, snas_design_result *out)
{
    snas_config config;
    const char *path;
    *out = (snas_design_result){0};
    SNAS_TRY(design_chosen(mem, design, &config, &out->size));
    SNAS_TRY(design_path(mem, design, "genotype.json", &path));
    SNAS_TRY(snas_genotype_load(mem, path, &out->genotype));
    SNAS_TRY(read_costs(mem, &config, out));
    SNAS_TRY(read_test(mem, design, out));
    SNAS_TRY(read_hours(mem, design, "search", &out->search_hours));
    SNAS_TRY(read_hours(mem, design, "train", &out->train_hours));
    return snas_design_commands(mem, design, &out->size, out->commands, &out->command_count);
}

/* --- as JSON ------------------------------------------------------------------------------------------------------ */

static void add_real(snas_text *text, const char *key, double value)
{
    snas_text_add(text, ",\n  \"%s\": ", key);
    snas_text_add_real(text, value);
}

static void add_text(snas_text *text, const char *key, const char *value)
{
    snas_text_add(text, ",\n  \"%s\": ", key);
    snas_text_add_json(text, value);
}

static void add_bounds(snas_text *text, const snas_design_size *size)
{
    snas_text_add(text, ",\n  \"budget\": {");
    for (int i = 0; i < size->bound_count; i++) {
        const snas_design_bound *b = &size->bounds[i];
        const double unit = b->term.unit > 0.0 ? b->term.unit : 1.0;
        snas_text_next(text, ", ");
        snas_text_add(text, "\"%s\": {\"most\": ", b->term.name);
        snas_text_add_real(text, (double)b->term.most / unit);
        snas_text_add(text, ", \"least\": ");
        snas_text_add_real(text, b->least / unit);
        snas_text_add(text, ", \"largest\": ");
        snas_text_add_real(text, b->largest / unit);
        snas_text_add(text, "}");
    }
    snas_text_add(text, "}");
}

static void add_commands(snas_text *text, const snas_design_result *result)
{
    snas_text_add(text, ",\n  \"commands\": [");
    for (int i = 0; i < result->command_count; i++) {
        const char *line = snas_design_line(text->mem, &result->commands[i]);
        snas_text_next(text, ", ");
        snas_text_add_json(text, line == NULL ? "" : line);
    }
    snas_text_add(text, "]");
}

snas_status snas_design_json(snas_arena *mem, const snas_design_result *r, const char **out)
{
    snas_text text = snas_text_make(mem);
    const char *genotype;
    SNAS_TRY(snas_genotype_write(mem, &r->genotype, SNAS_GENOTYPE_JSON, &genotype));
    snas_text_add(&text, "{\n  \"snas\": \"%s\",\n  \"channels\": %d,\n  \"cells\": %d", SNAS_VERSION, r->size.channels,
                  r->size.cells);
    add_text(&text, "reason", r->size.reason);
    add_bounds(&text, &r->size);
    snas_text_add(&text, ",\n  \"parameters\": %" PRId64 ",\n  \"multiply_adds\": %" PRId64, r->parameters, r->macs);
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        snas_text_add(&text, ",\n  \"%s\": %" PRId64, snas_derive_limit_names[i], r->holds[i]);
    }
    snas_text_add(&text, ",\n  \"flash_bytes\": %" PRId64, r->flash_bytes);
    add_real(&text, "latency_ms", r->latency_ms);
    add_real(&text, "test_accuracy", r->accuracy);
    snas_text_add(&text, ",\n  \"test_images\": %" PRId64, r->images);
    add_real(&text, "search_hours", r->search_hours);
    add_real(&text, "train_hours", r->train_hours);
    add_text(&text, "weights", r->weights);
    add_commands(&text, r);
    snas_text_add(&text, ",\n  \"genotype\": %s}\n", genotype);
    *out = text.data;
    return snas_text_done(&text);
}

snas_status snas_design_save(snas_arena *mem, const snas_design *design, const snas_design_result *result)
{
    const char *path, *text;
    SNAS_TRY(design_path(mem, design, "design.json", &path));
    SNAS_TRY(snas_design_json(mem, result, &text));
    return snas_file_replace_text(path, text);
}
