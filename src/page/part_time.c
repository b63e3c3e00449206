/* part_time.c -- what the run took, epoch by epoch; all of its figures; its log. */
#include <math.h>

#include "page_parts.h"
#include "snas/base/text.h"

static double figure_of(const snas_metrics_row *row, const char *name)
{
    const snas_metrics_figure *found = snas_metrics_row_find(row, name);
    return found == NULL ? (double)NAN : found->value;
}

/* --- time --------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *head;
    page_kind kind;
    bool sums; /* else the most is told in the place of a sum, which would mean nothing */
} COLUMNS[] = {
    {"steps", "#steps", PAGE_COUNT, true},
    {"seconds", "#time", PAGE_SECONDS, true},
    {"train_seconds", "#in steps", PAGE_SECONDS, true},
    {"data_wait_seconds", "#waiting for pictures", PAGE_SECONDS, true},
    {"images_per_second", "#pictures a second", PAGE_COUNT, false},
    {"processor_seconds", "#of processors", PAGE_SECONDS, true},
    {"peak_bytes", "#most memory", PAGE_BYTES, false},
};
enum { COLUMN_COUNT = sizeof COLUMNS / sizeof COLUMNS[0] };

/* The sum of a column, or its largest value. */
static double total_of(const page_run *run, int column)
{
    double total = (double)NAN;
    for (int i = 0; i < run->record.timing_count; i++) {
        const double value = figure_of(&run->record.timing[i], COLUMNS[column].name);
        if (isfinite(value)) {
            total = isnan(total) ? value : COLUMNS[column].sums ? total + value : fmax(total, value);
        }
    }
    return total;
}

snas_status page_time(page_writer *w, const page_run *run)
{
    const char *heads[1 + COLUMN_COUNT] = {"#epoch"};
    for (int c = 0; c < COLUMN_COUNT; c++) {
        heads[1 + c] = COLUMNS[c].head;
    }
    page_table(w, heads, 1 + COLUMN_COUNT);
    for (int i = 0; i < run->record.timing_count; i++) {
        const snas_metrics_row *row = &run->record.timing[i];
        page_row(w, NULL);
        page_cell_number(w, PAGE_COUNT, figure_of(row, "epoch") + 1);
        for (int c = 0; c < COLUMN_COUNT; c++) {
            page_cell_number(w, COLUMNS[c].kind, figure_of(row, COLUMNS[c].name));
        }
        page_close(w);
    }
    page_row(w, "total");
    page_element(w, "td", "n", "all");
    for (int c = 0; c < COLUMN_COUNT; c++) {
        page_cell_number(w, COLUMNS[c].kind, total_of(run, c));
    }
    page_close(w);
    page_table_end(w);
    page_element(
        w, "p", "quiet",
        "All: sums; of pictures a second and of memory the most. An epoch that was stopped and gone on with has "
        "a line for each part.");
    return snas_text_done(w->text);
}

/* --- all figures -------------------------------------------------------------------------------------------------- */

snas_status page_figures(page_writer *w, const page_run *run)
{
    const snas_run_record *record = &run->record;
    const snas_metrics_row *last = &record->rows[record->row_count - 1];
    const char *heads[SNAS_METRICS_MAX];
    for (int i = 0; i < last->count; i++) {
        heads[i] = snas_format(w->mem, "#%s", last->figures[i].name);
        SNAS_TRY(snas_taken(heads[i]));
    }
    page_open(w, "details", "figures");
    page_form(w, "summary", NULL, "%d figures of %d epochs", last->count, record->row_count);
    page_table(w, heads, last->count);
    for (int r = 0; r < record->row_count; r++) {
        page_row(w, NULL);
        for (int i = 0; i < last->count; i++) {
            const page_figure_row *known = page_figure_find(last->figures[i].name);
            page_cell_number(w, known == NULL ? PAGE_REAL : known->kind,
                             figure_of(&record->rows[r], last->figures[i].name));
        }
        page_close(w);
    }
    page_table_end(w);
    page_close(w);
    return snas_text_done(w->text);
}

snas_status page_log(page_writer *w, const page_run *run)
{
    page_open(w, "details", NULL);
    page_element(w, "summary", NULL, "The last lines of log.txt");
    page_element(w, "pre", NULL, run->log_tail);
    page_close(w);
    return snas_text_done(w->text);
}
