/* charts.c -- the charts of a page, drawn as the charts of report: narrow, so that they can be read on a phone. */
#include "charts.h"

#include <math.h>

#include "snas/report/chart.h"

enum { WIDTH = 480, HEIGHT = 290, DOTS_MOST = 12 };

/* Numbers on an axis: shares in per cent. */
static double on_axis(page_kind kind, double value)
{
    return kind == PAGE_SHARE ? 100 * value : value;
}

static snas_axes axes_of(const char *title, const char *x_name, const char *y_name)
{
    return (snas_axes){.title = title, .x_name = x_name, .y_name = y_name, .width = WIDTH, .height = HEIGHT};
}

static snas_status add_chart(page_writer *w, snas_drawing drawing, const char *title, const char *caption)
{
    if (w->chart != NULL) {
        return w->chart(w->context, title, drawing);
    }
    const char *sentence = caption == NULL ? NULL : page_capital(w->mem, caption);
    SNAS_TRY(caption == NULL ? SNAS_OK : snas_taken(sentence));
    return page_picture(w, drawing, sentence, false);
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

/* The points that have a value, so that evaluations some epochs apart are joined. */
static snas_status take_points(page_writer *w, page_kind kind, const page_line *line, snas_series *out)
{
    double *x, *y;
    int count = 0;
    SNAS_NEW(w->mem, x, line->count + 1);
    SNAS_NEW(w->mem, y, line->count + 1);
    for (int i = 0; i < line->count; i++) {
        if (isfinite(line->values[i])) {
            x[count] = i + 1;
            y[count++] = on_axis(kind, line->values[i]);
        }
    }
    *out = (snas_series){
        .name = line->name, .x = x, .y = y, .count = count, .color = line->colour, .dots = count <= DOTS_MOST};
    return SNAS_OK;
}

snas_status page_draw_lines(page_writer *w, const page_lines *what)
{
    snas_series *series;
    const char *title = page_capital(w->mem, what->title);
    SNAS_TRY(snas_taken(title));
    SNAS_NEW(w->mem, series, what->line_count + 1);
    for (int i = 0; i < what->line_count; i++) {
        SNAS_TRY(take_points(w, what->kind, &what->lines[i], &series[i]));
    }
    snas_line_chart chart = {.axes = axes_of(title, "epoch", what->axis), .series = series, .count = what->line_count};
    chart.axes.x_whole = true;
    return add_chart(w, snas_line_chart_drawing(&chart), title, what->caption);
}

/* --- bars --------------------------------------------------------------------------------------------------------- */

snas_status page_draw_bars(page_writer *w, const page_bars *what)
{
    snas_bar *bars;
    const char *title = page_capital(w->mem, what->title);
    SNAS_TRY(snas_taken(title));
    SNAS_NEW(w->mem, bars, what->count + 1);
    for (int i = 0; i < what->count; i++) {
        bars[i] = (snas_bar){.name = what->names[i],
                             .value = on_axis(what->kind, what->means[i]),
                             .error = on_axis(what->kind, what->errors[i]),
                             .color = what->colours[i]};
    }
    const snas_bar_chart chart = {
        .title = title, .value_name = what->axis, .bars = bars, .count = what->count, .decimals = 2, .width = WIDTH};
    return add_chart(w, snas_bar_chart_drawing(&chart), title, what->caption);
}

/* --- points ------------------------------------------------------------------------------------------------------- */

snas_status page_draw_points(page_writer *w, const page_points *what)
{
    snas_scatter_point *points;
    const char *title = page_capital(w->mem, what->title);
    SNAS_TRY(snas_taken(title));
    SNAS_NEW(w->mem, points, what->point_count + 1);
    for (int i = 0; i < what->point_count; i++) {
        points[i] = (snas_scatter_point){.x = on_axis(what->x_kind, what->points[i].x),
                                         .y = on_axis(what->y_kind, what->points[i].y),
                                         .group = what->points[i].group};
    }
    const snas_scatter chart = {.axes = axes_of(title, what->x_axis, what->y_axis),
                                .points = points,
                                .count = what->point_count,
                                .groups = what->groups,
                                .group_count = what->group_count};
    return add_chart(w, snas_scatter_drawing(&chart), title, what->caption);
}
