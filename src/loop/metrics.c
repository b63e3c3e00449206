/* metrics.c -- the rows of a run in memory, and the files that hold them. */
#include "snas/loop/metrics.h"

#include <string.h>

#include "sinks.h"
#include "snas/base/file.h"

static const size_t metrics_bytes_max = (size_t)1 << 28;

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
    for (int i = 0; i < SNAS_METRICS_FILES; i++) {
        const int64_t header = rows > 0 && loop_sinks[i].add_header != NULL ? 1 : 0;
        out->files[i].path = snas_format(mem, "%s/%s", folder, loop_sinks[i].file);
        SNAS_TRY(snas_taken(out->files[i].path));
        SNAS_TRY(read_lines(mem, out->files[i].path, rows + header, &out->files[i].text));
    }
    return SNAS_OK;
}

snas_status snas_metrics_add(snas_metrics *metrics, const snas_metrics_row *row)
{
    for (int i = 0; i < SNAS_METRICS_FILES; i++) {
        snas_text *text = &metrics->files[i].text;
        if (metrics->rows == 0 && loop_sinks[i].add_header != NULL) {
            loop_sinks[i].add_header(text, row);
        }
        loop_sinks[i].add_row(text, row);
        SNAS_TRY(snas_text_done(text));
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
        snas_fault_first(&first, snas_file_replace(metrics->files[i].path, &part, text->size > 0 ? 1 : 0));
    }
    return snas_fault_again(&first);
}
