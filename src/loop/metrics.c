/* metrics.c -- one row of figures an epoch, as metrics.jsonl and metrics.csv. */
#include "snas/loop/metrics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "snas/base/file.h"

static const size_t metrics_bytes_max = (size_t)1 << 28;

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

/* Where line `lines` of the text ends (behind its newline); NULL when the text has fewer. */
static const char *end_of_lines(const char *text, size_t size, int64_t lines)
{
    const char *at = text, *const end = text + size;
    for (int64_t i = 0; i < lines; i++) {
        const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        if (newline == NULL) {
            return NULL;
        }
        at = newline + 1;
    }
    return at;
}

/* The first `lines` lines of a file. */
static snas_status read_lines(snas_arena *mem, const char *path, int64_t lines, snas_text *out)
{
    *out = snas_text_make(mem);
    if (lines == 0) {
        return SNAS_OK;
    }
    snas_bytes all;
    SNAS_TRY(snas_file_read(mem, path, metrics_bytes_max, &all));
    const char *end = end_of_lines(all.data, all.size, lines);
    if (end == NULL) {
        return snas_fail(SNAS_E_IO,
                         "the file '%s' has fewer than the %lld lines that the checkpoint counts: it was "
                         "changed behind the run's back",
                         path, (long long)lines);
    }
    snas_text_add_bytes(out, all.data, (size_t)(end - (const char *)all.data));
    return snas_text_done(out);
}

snas_status snas_metrics_open(snas_arena *mem, const char *folder, int64_t rows, snas_metrics *out)
{
    *out = (snas_metrics){.rows = rows};
    out->jsonl_path = snas_format(mem, "%s/metrics.jsonl", folder);
    out->csv_path = snas_format(mem, "%s/metrics.csv", folder);
    if (out->jsonl_path == NULL || out->csv_path == NULL) {
        return SNAS_E_MEMORY;
    }
    const int64_t header = rows > 0 ? 1 : 0;
    SNAS_TRY(read_lines(mem, out->jsonl_path, rows, &out->jsonl));
    return read_lines(mem, out->csv_path, rows + header, &out->csv);
}

static void add_figure(snas_text *text, double value, bool whole)
{
    if (whole) {
        snas_text_add(text, "%.0f", value);
    } else {
        snas_text_add_real(text, value);
    }
}

static void add_json(snas_text *text, const snas_metrics_row *row)
{
    for (int i = 0; i < row->count; i++) {
        snas_text_add(text, "%s", i == 0 ? "{" : ", ");
        snas_text_add_json(text, row->figures[i].name);
        snas_text_add(text, ": ");
        add_figure(text, row->figures[i].value, row->figures[i].whole);
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
            add_figure(text, row->figures[i].value, row->figures[i].whole);
        }
    }
    snas_text_add(text, "\n");
}

snas_status snas_metrics_add(snas_arena *mem, snas_metrics *metrics, const snas_metrics_row *row, const char **json)
{
    snas_text line = snas_text_make(mem);
    add_json(&line, row);
    SNAS_TRY(snas_text_done(&line));
    *json = line.data;
    snas_text_add(&metrics->jsonl, "%s\n", line.data);
    if (metrics->rows == 0) {
        add_csv_header(&metrics->csv, row);
    }
    add_csv(&metrics->csv, row);
    SNAS_TRY(snas_text_done(&metrics->jsonl));
    SNAS_TRY(snas_text_done(&metrics->csv));
    metrics->rows++;
    return SNAS_OK;
}

static snas_status save_text(const char *path, const snas_text *text)
{
    const snas_bytes part = {.data = text->data, .size = text->size};
    return snas_file_replace(path, &part, text->size > 0 ? 1 : 0);
}

snas_status snas_metrics_save(const snas_metrics *metrics)
{
    SNAS_TRY(save_text(metrics->jsonl_path, &metrics->jsonl));
    return save_text(metrics->csv_path, &metrics->csv);
}
