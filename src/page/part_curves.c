/* part_curves.c -- the figures of a run over its epochs, a chart for those that belong together. */
#include <math.h>

#include "charts.h"
#include "page_parts.h"
#include "snas/base/text.h"

enum { LINES_MAX = 8 };

/* The column of a figure; *any: it has a number. 0 is one where it is a share; else it says nothing when it is all that
 * there is. */
static snas_status column(snas_arena *mem, const page_run *run, const char *name, double **out, bool *any)
{
    const page_figure_row *figure = page_figure_find(name);
    const bool is_share = figure != NULL && figure->kind == PAGE_SHARE;
    SNAS_NEW(mem, *out, run->record.row_count + 1);
    *any = false;
    for (int row = 0; row < run->record.row_count; row++) {
        (*out)[row] = page_run_figure(run, row, name);
        *any |= isfinite((*out)[row]) && (is_share || fabs((*out)[row]) > 0);
    }
    return SNAS_OK;
}

static snas_status add_line(page_writer *w, const page_run *run, const char *name, const char *title, page_lines *to,
                            page_line *lines)
{
    double *values;
    bool any;
    SNAS_TRY(column(w->mem, run, name, &values, &any));
    if (any && to->line_count < LINES_MAX) {
        lines[to->line_count] = (page_line){title, values, run->record.row_count, to->line_count};
        to->line_count++;
    }
    return SNAS_OK;
}

/* One line needs no name: the title says it. */
static snas_status draw(page_writer *w, const page_lines *what, page_line *lines)
{
    if (what->line_count == 1) {
        lines[0].name = NULL;
    }
    return what->line_count == 0 ? SNAS_OK : page_draw_lines(w, what);
}

static snas_status draw_chart(page_writer *w, const page_run *run, page_chart chart)
{
    const page_chart_row *row = &page_chart_rows[chart];
    page_line lines[LINES_MAX];
    page_lines what = {
        .title = row->title, .axis = row->axis, .caption = row->caption, .kind = row->kind, .lines = lines};
    for (const page_figure_row *figure = page_figure_rows; figure->name != NULL; figure++) {
        if (figure->chart == chart) {
            SNAS_TRY(add_line(w, run, figure->name, figure->title, &what, lines));
        }
    }
    return draw(w, &what, lines);
}

/* A figure that is not known here, in a chart of its own. */
static snas_status draw_strangers(page_writer *w, const page_run *run)
{
    const snas_metrics_row *last = &run->record.rows[run->record.row_count - 1];
    for (int i = 0; i < last->count; i++) {
        const char *name = last->figures[i].name;
        page_line line;
        page_lines what = {.title = name, .axis = name, .kind = PAGE_REAL, .lines = &line};
        if (page_figure_find(name) == NULL) {
            SNAS_TRY(add_line(w, run, name, name, &what, &line));
            SNAS_TRY(draw(w, &what, &line));
        }
    }
    return SNAS_OK;
}

snas_status page_curves(page_writer *w, const page_run *run)
{
    page_open(w, "div", "charts");
    for (int chart = 0; chart < PAGE_CHARTS; chart++) {
        SNAS_TRY(draw_chart(w, run, (page_chart)chart));
    }
    SNAS_TRY(draw_strangers(w, run));
    page_close(w);
    return snas_text_done(w->text);
}
