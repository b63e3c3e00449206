/* metrics_row.c -- filling a row of figures, finding one, and the row as a line of JSON, written and read. */
#include "snas/learn/metrics_row.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "snas/format/json.h"

static void add(snas_metrics_row *row, const char *name, double value, bool whole)
{
    assert(row->count < SNAS_METRICS_MAX);
    row->figures[row->count].name = name;
    row->figures[row->count].value = value;
    row->figures[row->count].whole = whole;
    row->count++;
}

void snas_metrics_row_add(snas_metrics_row *row, const char *name, double value)
{
    add(row, name, value, false);
}

void snas_metrics_row_add_whole(snas_metrics_row *row, const char *name, int64_t value)
{
    add(row, name, (double)value, true);
}

const snas_metrics_figure *snas_metrics_row_find(const snas_metrics_row *row, const char *name)
{
    for (int i = 0; i < row->count; i++) {
        if (strcmp(row->figures[i].name, name) == 0) {
            return &row->figures[i];
        }
    }
    return NULL;
}

void snas_metrics_figure_write(snas_text *text, const snas_metrics_figure *figure)
{
    if (figure->whole) {
        snas_text_add(text, "%.0f", figure->value);
    } else {
        snas_text_add_real(text, figure->value);
    }
}

void snas_metrics_row_json(snas_text *text, const snas_metrics_row *row)
{
    snas_text_add(text, "{");
    for (int i = 0; i < row->count; i++) {
        snas_text_next(text, ", ");
        snas_text_add_json(text, row->figures[i].name);
        snas_text_add(text, ": ");
        snas_metrics_figure_write(text, &row->figures[i]);
    }
    if (row->genotype != NULL) {
        snas_text_add(text, ", \"genotype\": ");
        /* A JSON text has raw newlines between tokens only: without them it is one line. */
        for (const char *c = row->genotype; *c != '\0'; c++) {
            if (*c == '\n') {
                c += strspn(c + 1, " ");
            } else {
                snas_text_add_bytes(text, c, 1);
            }
        }
    }
    snas_text_add(text, "}");
}

/* The genotype is the last member, so its text ends where the line does. */
static snas_status parse_genotype(snas_arena *mem, const char *line, const char **out)
{
    static const char KEY[] = "\"genotype\": ";
    const char *from = strstr(line, KEY);
    if (from == NULL) {
        return snas_fail(SNAS_E_IO, "a row of figures holds an object that is no genotype");
    }
    from += strlen(KEY);
    *out = snas_format(mem, "%.*s", (int)(strlen(from) - 1), from);
    return snas_taken(*out);
}

snas_status snas_metrics_row_parse(snas_arena *mem, const char *source, const char *line, size_t size,
                                   snas_metrics_row *out)
{
    const char *text = snas_format(mem, "%.*s", (int)size, line);
    const snas_json *root;
    SNAS_TRY(snas_taken(text));
    SNAS_TRY(snas_json_parse(mem, source, (snas_bytes){.data = text, .size = size}, &root));
    if (root->kind != SNAS_JSON_OBJECT || root->count > SNAS_METRICS_MAX) {
        return snas_fail(SNAS_E_IO, "'%s' has a line that is no row of figures", source);
    }
    *out = (snas_metrics_row){0};
    for (const snas_json *m = root->first; m != NULL; m = m->next) {
        if (m->kind == SNAS_JSON_OBJECT) {
            SNAS_TRY(parse_genotype(mem, text, &out->genotype));
        } else {
            add(out, m->key, m->kind == SNAS_JSON_NUMBER ? m->number : (double)NAN,
                m->kind == SNAS_JSON_NUMBER && m->is_integer);
        }
    }
    return SNAS_OK;
}
