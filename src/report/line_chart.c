/* line_chart.c -- lines over a common x: bands below, lines above them, marks across. A line has a gap where its number
 * cannot be shown.
 */
#include <math.h>
#include <stdlib.h>

#include "chart_frame.h"
#include "palette.h"

static const double LINE = 2, DASH = 5, DOT = 2.6;

static double x_of(const snas_series *s, int i)
{
    return s->x != NULL ? s->x[i] : i;
}

static void see_all(const snas_line_chart *chart, report_range *x_y)
{
    const snas_axes *axes = &chart->axes;
    for (int s = 0; s < chart->count; s++) {
        const snas_series *series = &chart->series[s];
        for (int i = 0; i < series->count; i++) {
            if (!report_frame_shows(axes->y_log, series->y[i]) || !report_frame_shows(axes->x_log, x_of(series, i))) {
                continue;
            }
            report_range_see(&x_y[0], x_of(series, i), axes->x_log);
            report_range_see(&x_y[1], series->y[i], axes->y_log);
            if (series->low != NULL) {
                report_range_see(&x_y[1], series->low[i], axes->y_log);
                report_range_see(&x_y[1], series->high[i], axes->y_log);
            }
        }
    }
    for (int i = 0; i < chart->mark_count; i++) {
        report_range_see(&x_y[0], chart->marks[i].x, axes->x_log);
    }
}

static report_stroke stroke_of(const snas_series *series)
{
    return (report_stroke){.width = LINE, .dash = series->dashed ? DASH : 0, .ink = report_series_ink(series->color)};
}

static bool shows(const snas_line_chart *chart, const snas_series *series, int i)
{
    const bool in_band = series->low == NULL ||
                         (isfinite(series->low[i]) && isfinite(series->high[i])); /* a low of 0 stays at the end */
    return in_band && report_frame_shows(chart->axes.x_log, x_of(series, i)) &&
           report_frame_shows(chart->axes.y_log, series->y[i]);
}

/* One stretch of a series without a gap, [first, end). */
static void paint_stretch(report_pen *pen, const report_frame *f, const snas_series *series, int first, int end,
                          report_point *room)
{
    const int count = end - first;
    report_point *low = room, *high = room + count, *line = room + 2 * count;
    for (int i = 0; i < count; i++) {
        const double x = x_of(series, first + i);
        line[i] = report_frame_at(f, x, series->y[first + i]);
        if (series->low != NULL) {
            low[i] = report_frame_at(f, x, series->low[first + i]);
            high[i] = report_frame_at(f, x, series->high[first + i]);
        }
    }
    if (series->low != NULL && count > 1) {
        report_pen_band(pen, low, high, count, report_series_ink(series->color));
    } else if (series->low != NULL) {
        report_error_bar(pen, low[0], high[0], 4, report_series_ink(series->color));
    }
    if (count > 1) {
        report_pen_curve(pen, line, count, stroke_of(series));
    }
    for (int i = 0; i < count && (series->dots || count == 1); i++) {
        report_pen_dot(pen, line[i], DOT + (count == 1), report_series_ink(series->color));
    }
}

static snas_status paint_series(report_pen *pen, const report_frame *f, const snas_line_chart *chart,
                                const snas_series *series)
{
    report_point *room;
    SNAS_NEW(pen->mem, room, 3 * (size_t)series->count);
    for (int first = 0; first < series->count;) {
        int end = first;
        while (end < series->count && shows(chart, series, end)) {
            end++;
        }
        if (end > first) {
            paint_stretch(pen, f, series, first, end, room);
        }
        first = end + 1;
    }
    return SNAS_OK;
}

/* Lines from top to bottom. Their words stand at the top, each a row below the one before when it would touch that. */
static void paint_marks(report_pen *pen, const report_frame *f, const snas_line_chart *chart)
{
    double end = -HUGE_VAL;
    int row = 0;
    for (int i = 0; i < chart->mark_count; i++) {
        const snas_chart_mark *mark = &chart->marks[i];
        if (!report_frame_shows(chart->axes.x_log, mark->x)) {
            continue;
        }
        const double x = report_frame_at(f, mark->x, f->y.low).x;
        const double width = report_pen_text_width(pen, mark->name, REPORT_CHART_TEXT * 0.9);
        const bool left = x + 5 + width > f->plot.x + f->plot.w; /* no room at the right of the line */
        row = (left ? x - 5 - width : x) < end ? row + 1 : 0;
        end = fmax(left ? x : x + 5 + width, end);
        report_pen_line(pen, (report_point){.x = x, .y = f->plot.y}, (report_point){.x = x, .y = f->plot.y + f->plot.h},
                        (report_stroke){.width = 1.2, .dash = 4, .ink = report_ink_frame});
        report_pen_text(pen, (report_point){.x = left ? x - 5 : x + 5, .y = f->plot.y + 9 + 15 * row},
                        left ? REPORT_RIGHT : REPORT_LEFT,
                        (report_style){.scale = REPORT_CHART_TEXT * 0.9, .ink = report_ink_text}, mark->name);
    }
}

static snas_status paint(report_pen *pen, const void *shown)
{
    const snas_line_chart *chart = shown;
    report_range x_y[2] = {report_range_empty(), report_range_empty()};
    report_legend *legend;
    report_frame frame;
    int words = 0;
    SNAS_NEW(pen->mem, legend, chart->count + 1);
    for (int s = 0; s < chart->count; s++) {
        if (chart->series[s].name != NULL) {
            legend[words++] = (report_legend){.name = chart->series[s].name, .stroke = stroke_of(&chart->series[s])};
        }
    }
    see_all(chart, x_y);
    SNAS_TRY(report_frame_open(pen, &chart->axes, x_y, legend, words, &frame));
    for (int s = 0; s < chart->count; s++) {
        SNAS_TRY(paint_series(pen, &frame, chart, &chart->series[s]));
    }
    paint_marks(pen, &frame, chart);
    return SNAS_OK;
}

snas_drawing snas_line_chart_drawing(const snas_line_chart *chart)
{
    return (snas_drawing){.paint = paint, .shown = chart};
}
