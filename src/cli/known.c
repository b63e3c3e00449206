/* known.c -- accuracies that are known of a cell or of a space's cells: lines for people, or JSON. */
#include "known.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "snas/base/text.h"

/* What is told of all cells of a column. */
static const struct {
    const char *key, *label;
    double q;
} QUANTILES[] = {{"min", "min", 0},     {"q05", "5 %", 0.05},  {"q25", "25 %", 0.25}, {"q50", "50 %", 0.5},
                 {"q75", "75 %", 0.75}, {"q95", "95 %", 0.95}, {"q99", "99 %", 0.99}, {"max", "max", 1}};
enum { QUANTILE_COUNT = sizeof QUANTILES / sizeof QUANTILES[0] };

/* The table, or NULL without the program's own one. */
static snas_status open_table(cli_session *session, const snas_space *space, const char *path,
                              const snas_benchmark **out)
{
    snas_benchmark *benchmark;
    *out = NULL;
    if (space->benchmark == NULL && path == NULL) {
        return SNAS_OK;
    }
    SNAS_NEW(session->mem, benchmark, 1);
    const snas_status status = snas_benchmark_load(session->mem, space, path, benchmark);
    if (status == SNAS_OK) {
        *out = benchmark;
        return SNAS_OK;
    }
    if (path != NULL || status == SNAS_E_MEMORY) {
        return status;
    }
    cli_say(session, "known accuracies are left out: %s", snas_error());
    snas_error_clear();
    return SNAS_OK;
}

/* --- a cell ------------------------------------------------------------------------------------------------------- */

snas_status cli_known_open(cli_session *session, const snas_genotype *genotype, const char *path, cli_known *out)
{
    out->genotype = genotype;
    return open_table(session, genotype->space, path, &out->benchmark);
}

void cli_known_add_lines(snas_text *text, const cli_known *known)
{
    const snas_benchmark *benchmark = known->benchmark;
    if (benchmark == NULL) {
        return;
    }
    snas_text_add(text, "known of this cell, by '%s':\n", benchmark->path);
    for (int c = 0; c < benchmark->column_count; c++) {
        const snas_known found = snas_benchmark_look_up(benchmark, c, known->genotype);
        if (found.rank == 0) {
            snas_text_add(text, "  %-20s nothing: it is not in the table\n", benchmark->columns[c].title);
        } else {
            snas_text_add(text, "  %-20s %6.2f %%  rank %s of %s\n", benchmark->columns[c].title, 100 * found.accuracy,
                          cli_grouped(text->mem, found.rank), cli_grouped(text->mem, benchmark->rows));
        }
    }
}

snas_status cli_known_say(cli_session *session, const cli_known *known)
{
    snas_text text = snas_text_make(session->mem);
    cli_known_add_lines(&text, known);
    SNAS_TRY(snas_text_done(&text));
    if (text.size > 0) {
        cli_say(session, "%.*s", (int)text.size - 1, text.data);
    }
    return SNAS_OK;
}

static void add_real(snas_text *text, const char *key, double value)
{
    snas_text_next(text, ", ");
    snas_text_add(text, "\"%s\": ", key);
    snas_text_add_real(text, value);
}

void cli_known_add_json(snas_text *text, const cli_known *known)
{
    const snas_benchmark *benchmark = known->benchmark;
    if (benchmark == NULL) {
        snas_text_add(text, "null");
        return;
    }
    snas_text_add(text, "{\"table\": ");
    snas_text_add_json(text, benchmark->path);
    snas_text_add(text, ", \"cells\": %d, \"columns\": {", benchmark->rows);
    for (int c = 0; c < benchmark->column_count; c++) {
        const snas_known found = snas_benchmark_look_up(benchmark, c, known->genotype);
        snas_text_next(text, ", ");
        snas_text_add_json(text, benchmark->columns[c].name);
        if (found.rank == 0) {
            snas_text_add(text, ": null");
            continue;
        }
        snas_text_add(text, ": {");
        add_real(text, "accuracy", found.accuracy);
        snas_text_add(text, ", \"rank\": %d}", found.rank);
    }
    snas_text_add(text, "}}");
}

/* --- a space ------------------------------------------------------------------------------------------------------ */

/* The line of a best cell of a column, without its newline, and how many are as good. */
static snas_status best_line(snas_arena *mem, const snas_benchmark *benchmark, int column, const char **out, int *alike)
{
    const snas_genotype best = snas_benchmark_best(benchmark, column, alike);
    SNAS_TRY(snas_genotype_write(mem, &best, SNAS_GENOTYPE_NAS_BENCH_201, out));
    *out = snas_format(mem, "%.*s", (int)strcspn(*out, "\n"), *out);
    return snas_taken(*out);
}

static void add_table(snas_text *text, const snas_benchmark *benchmark)
{
    snas_text_add(text, "  accuracies of %s cells, in %%, by '%s':\n  %-20s", cli_grouped(text->mem, benchmark->rows),
                  benchmark->path, "");
    for (int q = 0; q < QUANTILE_COUNT; q++) {
        snas_text_add(text, " %6s", QUANTILES[q].label);
    }
    snas_text_add(text, "   mean\n");
    for (int c = 0; c < benchmark->column_count; c++) {
        snas_text_add(text, "  %-20s", benchmark->columns[c].title);
        for (int q = 0; q < QUANTILE_COUNT; q++) {
            snas_text_add(text, " %6.2f", 100 * snas_benchmark_quantile(benchmark, c, QUANTILES[q].q));
        }
        snas_text_add(text, " %6.2f\n", 100 * benchmark->columns[c].mean);
    }
    snas_text_add(text, "  95 %%: 95 of 100 cells have no more than that; mean: what a random cell is worth\n");
}

static snas_status add_best(snas_text *text, const snas_benchmark *benchmark)
{
    for (int c = 0; c < benchmark->column_count; c++) {
        const char *line;
        int alike;
        SNAS_TRY(best_line(text->mem, benchmark, c, &line, &alike));
        snas_text_add(text, "  best by %s", benchmark->columns[c].title);
        if (alike > 1) {
            snas_text_add(text, " (one of %d)", alike);
        }
        snas_text_add(text, ":\n    %s\n", line);
    }
    return SNAS_OK;
}

static snas_status add_json(snas_text *text, const snas_benchmark *benchmark)
{
    snas_text_add(text, "{\"space\": \"%s\", \"table\": ", benchmark->space->name);
    snas_text_add_json(text, benchmark->path);
    snas_text_add(text, ", \"cells\": %d, \"columns\": {", benchmark->rows);
    for (int c = 0; c < benchmark->column_count; c++) {
        const char *line;
        int alike;
        SNAS_TRY(best_line(text->mem, benchmark, c, &line, &alike));
        snas_text_next(text, ", ");
        snas_text_add_json(text, benchmark->columns[c].name);
        snas_text_add(text, ": {");
        for (int q = 0; q < QUANTILE_COUNT; q++) {
            add_real(text, QUANTILES[q].key, snas_benchmark_quantile(benchmark, c, QUANTILES[q].q));
        }
        add_real(text, "mean", benchmark->columns[c].mean);
        snas_text_add(text, ", \"best\": ");
        snas_text_add_json(text, line);
        snas_text_add(text, ", \"best_alike\": %d}", alike);
    }
    snas_text_add(text, "}}\n");
    return SNAS_OK;
}

snas_status cli_known_space(cli_session *session, const snas_space *space, const char *path, bool json)
{
    const snas_benchmark *benchmark;
    snas_text text = snas_text_make(session->mem);
    SNAS_TRY(open_table(session, space, path, &benchmark));
    if (benchmark == NULL) {
        snas_text_add(&text, "%s", json ? "null\n" : "");
    } else if (json) {
        SNAS_TRY(add_json(&text, benchmark));
    } else {
        add_table(&text, benchmark);
        SNAS_TRY(add_best(&text, benchmark));
    }
    return cli_print_text(session, &text);
}
