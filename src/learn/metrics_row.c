/* metrics_row.c -- filling a row of figures, finding one, and writing the row as JSON. */
#include "snas/learn/metrics_row.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

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
