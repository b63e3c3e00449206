/* sinks.c -- the table of the files that figures go to: metrics.jsonl and metrics.csv. */
#include "sinks.h"

#include <math.h>
#include <stddef.h>

static void add_json(snas_text *text, const snas_metrics_row *row)
{
    snas_metrics_row_json(text, row);
    snas_text_add(text, "\n");
}

static void add_csv_header(snas_text *text, const snas_metrics_row *row)
{
    for (int i = 0; i < row->count; i++) {
        snas_text_add(text, "%s%s", i == 0 ? "" : ",", row->figures[i].name);
    }
    snas_text_add(text, "\n");
}

static void add_csv(snas_text *text, const snas_metrics_row *row)
{
    for (int i = 0; i < row->count; i++) {
        snas_text_add(text, "%s", i == 0 ? "" : ",");
        if (isfinite(row->figures[i].value)) {
            snas_metrics_figure_write(text, &row->figures[i]);
        }
    }
    snas_text_add(text, "\n");
}

const loop_sink loop_sinks[SNAS_METRICS_FILES] = {
    {.file = "metrics.jsonl", .add_row = add_json},
    {.file = "metrics.csv", .add_header = add_csv_header, .add_row = add_csv},
};
