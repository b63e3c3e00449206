/* scatter.c -- points in the plane, with error bars and names. A name stands at the right of its point, or at its left,
 * above, or below: where it covers no point and no other name. Where it finds no room it is left out of the picture and
 * shown where a mouse rests.
 */
#include <math.h>
#include <stdio.h>

#include "chart_frame.h"
#include "palette.h"

static const double PAD = 0.03; /* of a range: room between a point and the end of its axis */
static const double DOT = 4.5, NAME_SCALE = 1.3, NAME_HEIGHT = 14, NAME_GAP = 8;
enum { PLACES = 4 };

static bool shows(const snas_scatter *chart, const snas_scatter_point *p)
{
    return report_frame_shows(chart->axes.x_log, p->x) && report_frame_shows(chart->axes.y_log, p->y);
}

static double reach(double error)
{
    return isfinite(error) && error > 0 ? error : 0;
}

static void see_all(const snas_scatter *chart, report_range *x_y)
{
    for (int i = 0; i < chart->count; i++) {
        const snas_scatter_point *p = &chart->points[i];
        for (int side = -1; shows(chart, p) && side <= 1; side++) {
            report_range_see(&x_y[0], p->x + side * reach(p->x_error), chart->axes.x_log);
            report_range_see(&x_y[1], p->y + side * reach(p->y_error), chart->axes.y_log);
        }
    }
}

static void paint_point(report_pen *pen, const report_frame *f, const snas_scatter_point *p)
{
    const report_ink ink = report_series_ink(p->group);
    const double dx = reach(p->x_error), dy = reach(p->y_error);
    char hint[160];
    snprintf(hint, sizeof hint, "%s%s%.5g, %.5g", p->name != NULL ? p->name : "", p->name != NULL ? ": " : "", p->x,
             p->y);
    report_pen_group(pen, hint);
    if (dx > 0) {
        report_error_bar(pen, report_frame_at(f, p->x - dx, p->y), report_frame_at(f, p->x + dx, p->y), 3, ink);
    }
    if (dy > 0) {
        report_error_bar(pen, report_frame_at(f, p->x, p->y - dy), report_frame_at(f, p->x, p->y + dy), 3, ink);
    }
    report_pen_dot(pen, report_frame_at(f, p->x, p->y), DOT, ink);
    report_pen_group_end(pen);
}

/* The box of a name of that width at one of its places about a point. */
static report_box name_box(report_point at, double width, int place)
{
    const double beside = at.y - NAME_HEIGHT / 2, middle = at.x - width / 2;
    const report_point corner[PLACES] = {{at.x + NAME_GAP, beside},
                                         {at.x - NAME_GAP - width, beside},
                                         {middle, at.y - NAME_GAP - NAME_HEIGHT},
                                         {middle, at.y + NAME_GAP}};
    return (report_box){.x = corner[place].x, .y = corner[place].y, .w = width, .h = NAME_HEIGHT};
}

/* Whether the box lies in the plot and covers none of the `count` boxes taken. */
static bool is_free(const report_frame *f, report_box box, const report_box *taken, int count)
{
    bool is_free = box.x >= f->plot.x && box.x + box.w <= f->plot.x + f->plot.w && box.y >= f->plot.y &&
                   box.y + box.h <= f->plot.y + f->plot.h;
    for (int i = 0; i < count && is_free; i++) {
        is_free = report_overlap(box, taken[i]) <= 0;
    }
    return is_free;
}

static snas_status paint_names(report_pen *pen, const report_frame *f, const snas_scatter *chart)
{
    report_box *taken;
    int count = 0;
    SNAS_NEW(pen->mem, taken, 2 * (size_t)chart->count + 1);
    for (int i = 0; i < chart->count; i++) {
        if (shows(chart, &chart->points[i])) {
            const report_point at = report_frame_at(f, chart->points[i].x, chart->points[i].y);
            taken[count++] = (report_box){.x = at.x - DOT, .y = at.y - DOT, .w = 2 * DOT, .h = 2 * DOT};
        }
    }
    for (int i = 0; i < chart->count; i++) {
        const snas_scatter_point *p = &chart->points[i];
        if (p->name == NULL || !shows(chart, p)) {
            continue;
        }
        const report_point at = report_frame_at(f, p->x, p->y);
        const double width = report_pen_text_width(pen, p->name, NAME_SCALE);
        int place = 0;
        while (place < PLACES && !is_free(f, name_box(at, width, place), taken, count)) {
            place++;
        }
        if (place < PLACES) {
            const report_box box = name_box(at, width, place);
            taken[count++] = box;
            report_pen_text(pen, (report_point){.x = box.x, .y = box.y + box.h / 2}, REPORT_LEFT,
                            (report_style){.scale = NAME_SCALE, .ink = report_ink_text}, p->name);
        }
    }
    return SNAS_OK;
}

static snas_status paint(report_pen *pen, const void *shown)
{
    const snas_scatter *chart = shown;
    report_range x_y[2] = {report_range_empty(), report_range_empty()};
    report_legend *legend;
    report_frame frame;
    const snas_axes axes = chart->axes;
    SNAS_NEW(pen->mem, legend, chart->group_count + 1);
    for (int i = 0; i < chart->group_count; i++) {
        legend[i] = (report_legend){.name = chart->groups[i], .stroke = {.ink = report_series_ink(i)}};
    }
    see_all(chart, x_y);
    report_range_pad(&x_y[0], PAD, axes.x_log);
    report_range_pad(&x_y[1], PAD, axes.y_log);
    SNAS_TRY(report_frame_open(pen, &axes, x_y, legend, chart->group_count, &frame));
    for (int i = 0; i < chart->count; i++) {
        if (shows(chart, &chart->points[i])) {
            paint_point(pen, &frame, &chart->points[i]);
        }
    }
    return paint_names(pen, &frame, chart);
}

snas_drawing snas_scatter_drawing(const snas_scatter *chart)
{
    return (snas_drawing){.paint = paint, .shown = chart};
}
