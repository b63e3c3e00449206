/* bar_chart.c -- bars below each other: name, bar, error bar, number. */
#include <math.h>
#include <stdio.h>

#include "chart_frame.h"
#include "palette.h"

enum { WIDTH = 640, TICK = 80 };
static const double SIDE = 16, ROW = 28, BAR = 16, GAP = 8, NAMES_MOST = 0.4;

/* Where things stand. */
typedef struct {
    report_axis axis;
    double left, right, top; /* of the bars */
    double width;
} bar_place;

static bool has_error(const snas_bar *bar)
{
    return isfinite(bar->error) && bar->error > 0;
}

static void number_text(const snas_bar_chart *chart, const snas_bar *bar, char *to, size_t size)
{
    if (!isfinite(bar->value)) {
        snprintf(to, size, "-");
        return;
    }
    const int used = snprintf(to, size, "%.*f", chart->decimals, bar->value);
    const int more =
        has_error(bar) ? snprintf(to + used, size - (size_t)used, " \xc2\xb1 %.*f", chart->decimals, bar->error) : 0;
    if (bar->note != NULL) {
        snprintf(to + used + more, size - (size_t)(used + more), "  %s", bar->note);
    }
}

static report_range see_all(const snas_bar_chart *chart)
{
    report_range range = report_range_empty();
    for (int i = 0; i < chart->count; i++) {
        const double error = has_error(&chart->bars[i]) ? chart->bars[i].error : 0;
        report_range_see(&range, chart->bars[i].value - error, false);
        report_range_see(&range, chart->bars[i].value + error, false);
    }
    if (!chart->from_least) {
        report_range_see(&range, 0, false);
    }
    return range;
}

static bar_place place_bars(const report_pen *pen, const snas_bar_chart *chart, double top)
{
    bar_place at = {.width = chart->width > 0 ? chart->width : WIDTH, .top = top};
    double names = 0, numbers = 0;
    for (int i = 0; i < chart->count; i++) {
        char number[128];
        number_text(chart, &chart->bars[i], number, sizeof number);
        names = fmax(names, report_pen_text_width(pen, chart->bars[i].name, REPORT_CHART_TEXT));
        numbers = fmax(numbers, report_pen_text_width(pen, number, REPORT_CHART_TEXT));
    }
    at.left = SIDE + fmin(names, NAMES_MOST * at.width) + GAP;
    at.right = fmax(at.width - SIDE - numbers - 2 * GAP, at.left + 60);
    at.axis = report_axis_fit(see_all(chart),
                              (report_axis_wish){.ticks = (int)fmax((at.right - at.left) / TICK, 2), .to_ticks = true});
    return at;
}

static double x_at(const bar_place *at, double value)
{
    return at->left + (at->right - at->left) * report_axis_at(&at->axis, value);
}

/* Two strokes of paper through the bar where it does not begin at 0. */
static void paint_break(report_pen *pen, double x, double y)
{
    for (int i = 0; i < 2; i++) {
        const double at = x + 10 + 6 * i;
        report_pen_line(pen, (report_point){.x = at, .y = y + BAR / 2 + 2},
                        (report_point){.x = at + 5, .y = y - BAR / 2 - 2},
                        (report_stroke){.width = 2.5, .ink = report_ink_paper});
    }
}

static void paint_bar(report_pen *pen, const snas_bar_chart *chart, const bar_place *at, int i)
{
    const snas_bar *bar = &chart->bars[i];
    const report_style word = {.scale = REPORT_CHART_TEXT, .ink = report_ink_text};
    const double y = at->top + ROW * (i + 0.5), zero = x_at(at, 0);
    char number[128];
    number_text(chart, bar, number, sizeof number);
    report_pen_text_within(pen, (report_point){.x = at->left - GAP, .y = y}, REPORT_RIGHT, word, at->left - GAP - SIDE,
                           bar->name);
    double end = zero;
    if (isfinite(bar->value)) {
        const double x = x_at(at, bar->value), error = has_error(bar) ? bar->error : 0;
        report_pen_box(pen, (report_box){.x = fmin(x, zero), .y = y - BAR / 2, .w = fabs(x - zero), .h = BAR}, 2,
                       report_faint(report_series_ink(bar->color), 0.25), (report_stroke){0});
        if (error > 0) {
            report_error_bar(pen, (report_point){.x = x_at(at, bar->value - error), .y = y},
                             (report_point){.x = x_at(at, bar->value + error), .y = y}, 4, report_ink_text);
        }
        if (at->axis.low > 0) {
            paint_break(pen, at->left, y);
        }
        end = fmax(zero, x_at(at, bar->value + error));
    }
    report_pen_text(pen, (report_point){.x = end + GAP, .y = y}, REPORT_LEFT, word, number);
}

static void paint_axis(report_pen *pen, const snas_bar_chart *chart, const bar_place *at)
{
    const double bottom = at->top + ROW * chart->count;
    const report_style word = {.scale = REPORT_CHART_TEXT, .ink = report_ink_grey};
    for (int i = 0; i < at->axis.count; i++) {
        char number[REPORT_NUMBER_MAX];
        const double x = x_at(at, at->axis.tick[i]);
        report_axis_text(&at->axis, i, number);
        report_pen_line(pen, (report_point){.x = x, .y = at->top}, (report_point){.x = x, .y = bottom + 4},
                        (report_stroke){.width = 1, .ink = report_ink_rule});
        report_pen_text(pen, (report_point){.x = x, .y = bottom + 15}, REPORT_CENTRE, word, number);
    }
    if (chart->value_name != NULL) {
        report_pen_text(pen, (report_point){.x = at->right, .y = bottom + 33}, REPORT_RIGHT, word, chart->value_name);
    }
}

static snas_status paint(report_pen *pen, const void *shown)
{
    const snas_bar_chart *chart = shown;
    const double top = report_title_height(chart->title, chart->note) + 8;
    const bar_place at = place_bars(pen, chart, top);
    const double height = top + ROW * chart->count + (chart->value_name != NULL ? 46 : 28);
    SNAS_TRY(report_pen_open(pen, (int)at.width, (int)height, chart->title != NULL ? chart->title : "bars"));
    report_chart_title(pen, chart->title, chart->note, at.width);
    paint_axis(pen, chart, &at);
    for (int i = 0; i < chart->count; i++) {
        paint_bar(pen, chart, &at, i);
    }
    report_pen_line(pen, (report_point){.x = x_at(&at, 0), .y = top},
                    (report_point){.x = x_at(&at, 0), .y = top + ROW * chart->count},
                    (report_stroke){.width = 1.4, .ink = report_ink_grey});
    return SNAS_OK;
}

snas_drawing snas_bar_chart_drawing(const snas_bar_chart *chart)
{
    return (snas_drawing){.paint = paint, .shown = chart};
}
