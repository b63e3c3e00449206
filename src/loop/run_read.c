/* run_read.c -- a run's folder read by others: env.json, STATUS, config.json, the rows of metrics.jsonl, those of
 * timing.jsonl and their sum. */
#include "snas/loop/run_read.h"

#include <math.h>
#include <string.h>

#include "folder_kind.h"
#include "snas/base/file.h"
#include "snas/base/lock.h"
#include "snas/base/text.h"
#include "snas/loop/checkpoint.h"

static const size_t metrics_most = (size_t)1 << 28;
static const size_t status_most = 64;

/* The file `name` of the run, whole. */
static snas_status read_file(snas_arena *mem, const char *folder, const char *name, size_t most, snas_bytes *out)
{
    const char *path = snas_format(mem, "%s/%s", folder, name);
    SNAS_TRY(snas_taken(path));
    return snas_file_read(mem, path, most, out);
}

static snas_status read_status(snas_arena *mem, const char *folder, const char **out)
{
    snas_bytes bytes;
    SNAS_TRY(read_file(mem, folder, "STATUS", status_most, &bytes));
    const char *text = bytes.data;
    *out = snas_format(mem, "%.*s", (int)strcspn(text, "\n"), text);
    return snas_taken(*out);
}

static int count_lines(const snas_bytes *bytes)
{
    int lines = 0;
    for (size_t i = 0; i < bytes->size; i++) {
        lines += ((const char *)bytes->data)[i] == '\n';
    }
    return lines;
}

static snas_status read_rows(snas_arena *mem, const char *folder, snas_run_record *out)
{
    snas_bytes bytes;
    snas_metrics_row *rows;
    const char *path = snas_format(mem, "%s/metrics.jsonl", folder);
    SNAS_TRY(snas_taken(path));
    if (!snas_file_is(path)) {
        return SNAS_OK; /* no epoch is finished yet */
    }
    SNAS_TRY(snas_file_read(mem, path, metrics_most, &bytes));
    const int count = count_lines(&bytes);
    SNAS_NEW(mem, rows, count + 1);
    const char *at = bytes.data;
    for (int i = 0; i < count; i++) {
        const size_t size = strcspn(at, "\n");
        SNAS_TRY(snas_metrics_row_parse(mem, path, at, size, &rows[i]));
        at += size + 1;
    }
    out->rows = rows;
    out->row_count = count;
    return SNAS_OK;
}

/* Is `value` there, then `total` becomes their sum, or the larger one. */
static void gather(double *total, const snas_metrics_row *row, const char *name, bool sums)
{
    const snas_metrics_figure *found = snas_metrics_row_find(row, name);
    if (found == NULL || isnan(found->value)) {
        return;
    }
    const double before = isnan(*total) ? 0.0 : *total;
    *total = sums ? before + found->value : fmax(before, found->value);
}

static void add_usage(snas_run_usage *usage, const snas_metrics_row *row)
{
    gather(&usage->seconds, row, "seconds", true);
    gather(&usage->processor_seconds, row, "processor_seconds", true);
    gather(&usage->peak_bytes, row, "peak_bytes", false);
}

/* A line that a process was killed over says nothing; neither does a file that cannot be read. */
static snas_status read_timing(snas_arena *mem, const char *folder, snas_run_record *out)
{
    snas_bytes bytes;
    snas_metrics_row *rows;
    const double none = (double)NAN;
    out->usage = (snas_run_usage){none, none, none};
    if (read_file(mem, folder, "timing.jsonl", metrics_most, &bytes) != SNAS_OK) {
        snas_error_clear();
        return SNAS_OK;
    }
    SNAS_NEW(mem, rows, count_lines(&bytes) + 1);
    out->timing = rows;
    for (const char *at = bytes.data; *at != '\0';) {
        const size_t size = strcspn(at, "\n");
        snas_metrics_row *row = &rows[out->timing_count];
        if (snas_metrics_row_parse(mem, "timing.jsonl", at, size, row) == SNAS_OK) {
            add_usage(&out->usage, row);
            out->timing_count++;
        } else {
            snas_error_clear();
        }
        at += at[size] == '\n' ? size + 1 : size;
    }
    return SNAS_OK;
}

snas_status snas_run_read(snas_arena *mem, const char *folder, snas_run_record *out)
{
    *out = (snas_run_record){.folder = folder};
    const char *config = snas_format(mem, "%s/config.json", folder);
    SNAS_TRY(snas_taken(config));
    SNAS_TRY(loop_folder_command(mem, folder, &out->command));
    SNAS_TRY(read_status(mem, folder, &out->status));
    SNAS_TRY(snas_config_load(mem, config, NULL, 0, &out->config));
    SNAS_TRY(read_timing(mem, folder, out));
    return snas_saved_fault(read_rows(mem, folder, out));
}

bool snas_run_is_done(snas_arena *mem, const char *folder)
{
    const snas_mark mark = snas_arena_mark(mem);
    const char *status;
    const bool done = read_status(mem, folder, &status) == SNAS_OK && strcmp(status, "done") == 0;
    snas_error_clear();
    snas_arena_release(mem, mark);
    return done;
}

bool snas_run_is_worked_on(const char *folder)
{
    return snas_lock_is_held(loop_path_of(folder, "run.lock").text);
}
