/* metrics.c -- the rows of a run in memory, and the files that hold them. */
#include "snas/loop/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sinks.h"
#include "snas/base/file.h"
#include "snas/format/safetensors.h"

static const size_t metrics_bytes_max = (size_t)1 << 28;

/* Row number `rows` (from 0), with the header before the first. */
static void add_row(snas_text *text, const loop_sink *sink, int64_t rows, const snas_metrics_row *row)
{
    if (rows == 0 && sink->add_header != NULL) {
        sink->add_header(text, row);
    }
    sink->add_row(text, row);
}

/* Where line `lines` of the text ends (after its newline); NULL when the text has fewer. */
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

static int64_t count_lines(const snas_bytes *all)
{
    int64_t lines = 0;
    for (size_t i = 0; i < all->size; i++) {
        lines += ((const char *)all->data)[i] == '\n';
    }
    return lines;
}

static snas_metrics_sum sum_of(const void *rows, size_t bytes)
{
    snas_metrics_sum sum;
    snprintf(sum.text, sizeof sum.text, "%08" PRIx32, snas_crc32c(0, rows, bytes));
    return sum;
}

snas_metrics_sum snas_metrics_sum_of(const snas_metrics *metrics)
{
    const snas_text *rows = &metrics->files[0].text;
    return sum_of(rows->data, rows->size);
}

/* What is wrong with the rows is recorded: say what can be done. */
static snas_status offer(snas_arena *scratch, const char *folder)
{
    const char *reason = snas_format(scratch, "%s", snas_error());
    SNAS_TRY(snas_taken(reason));
    return snas_fail(
        SNAS_E_IO,
        "%s; to go on put it back as it was, or move '%s' and '%s' out of '%s': the figures then begin anew "
        "with the next epoch",
        reason, loop_sinks[0].file, loop_sinks[1].file, folder);
}

/* The rows that the mark counts, as they stand in the first file. */
static snas_status read_rows(snas_arena *scratch, const snas_metrics_mark *mark, snas_metrics *out)
{
    const char *path = out->files[0].path;
    snas_bytes all;
    SNAS_TRY(snas_file_read(scratch, path, metrics_bytes_max, &all));
    const char *end = end_of_lines(all.data, all.size, mark->rows);
    if (end == NULL) {
        return snas_fail(SNAS_E_IO, "'%s' has %" PRId64 " rows, where the checkpoint counts %" PRId64, path,
                         count_lines(&all), mark->rows);
    }
    const size_t bytes = (size_t)(end - (const char *)all.data);
    const snas_metrics_sum sum = sum_of(all.data, bytes);
    if (mark->sum.text[0] != '\0' && strcmp(sum.text, mark->sum.text) != 0) {
        return snas_fail(SNAS_E_IO,
                         "'%s' is not as the run has written it: the checksum of its first %" PRId64
                         " row%s is %s, where the checkpoint says %s",
                         path, mark->rows, mark->rows == 1 ? "" : "s", sum.text, mark->sum.text);
    }
    snas_text_add_bytes(&out->files[0].text, all.data, bytes);
    out->rows = mark->rows;
    return snas_text_done(&out->files[0].text);
}

/* Make the other files of the rows in the first. */
static snas_status make_others(snas_arena *scratch, snas_metrics *out)
{
    const char *at = out->files[0].text.data;
    for (int64_t row = 0; row < out->rows; row++) {
        snas_metrics_row figures;
        const size_t size = strcspn(at, "\n");
        SNAS_TRY(snas_metrics_row_parse(scratch, out->files[0].path, at, size, &figures));
        for (int i = 1; i < SNAS_METRICS_FILES; i++) {
            add_row(&out->files[i].text, &loop_sinks[i], row, &figures);
        }
        at += size + 1;
    }
    for (int i = 1; i < SNAS_METRICS_FILES; i++) {
        SNAS_TRY(snas_text_done(&out->files[i].text));
    }
    return SNAS_OK;
}

/* Does the file begin with what it should hold? */
static bool is_same(snas_arena *scratch, const char *path, const snas_text *text)
{
    snas_bytes all;
    return snas_file_is(path) && snas_file_read(scratch, path, metrics_bytes_max, &all) == SNAS_OK &&
           all.size >= text->size && memcmp(all.data, text->data, text->size) == 0;
}

static bool has_files(const snas_metrics *metrics)
{
    bool found = false;
    for (int i = 0; i < SNAS_METRICS_FILES; i++) {
        found |= snas_file_kind(metrics->files[i].path) != NULL;
    }
    return found;
}

static snas_status take_rows(snas_arena *scratch, const snas_metrics_mark *mark, snas_metrics *out)
{
    if (!has_files(out)) {
        out->mended = "the files of its figures are gone: they begin anew with the next epoch";
        return SNAS_OK;
    }
    SNAS_TRY(read_rows(scratch, mark, out));
    SNAS_TRY(make_others(scratch, out));
    for (int i = 1; i < SNAS_METRICS_FILES; i++) {
        if (!is_same(scratch, out->files[i].path, &out->files[i].text)) {
            out->mended = "metrics.csv was not as the run has written it: it is made anew from metrics.jsonl";
        }
    }
    return SNAS_OK;
}

snas_status snas_metrics_open(snas_arena *mem, snas_arena *scratch, const char *folder, const snas_metrics_mark *mark,
                              snas_metrics *out)
{
    *out = (snas_metrics){0};
    for (int i = 0; i < SNAS_METRICS_FILES; i++) {
        out->files[i].path = snas_format(mem, "%s/%s", folder, loop_sinks[i].file);
        SNAS_TRY(snas_taken(out->files[i].path));
        out->files[i].text = snas_text_make(mem);
    }
    const snas_status status = mark->rows > 0 ? take_rows(scratch, mark, out) : SNAS_OK;
    return status == SNAS_OK || status == SNAS_E_MEMORY ? status : offer(scratch, folder);
}

snas_status snas_metrics_add(snas_metrics *metrics, const snas_metrics_row *row)
{
    for (int i = 0; i < SNAS_METRICS_FILES; i++) {
        add_row(&metrics->files[i].text, &loop_sinks[i], metrics->rows, row);
        SNAS_TRY(snas_text_done(&metrics->files[i].text));
    }
    metrics->rows++;
    return SNAS_OK;
}

snas_status snas_metrics_save(const snas_metrics *metrics)
{
    snas_fault first = {0};
    for (int i = 0; i < SNAS_METRICS_FILES; i++) {
        const snas_text *text = &metrics->files[i].text;
        const snas_bytes part = {.data = text->data, .size = text->size};
        snas_fault_first(&first, snas_file_replace_nofollow(metrics->files[i].path, &part, text->size > 0 ? 1 : 0));
    }
    return snas_fault_again(&first);
}
