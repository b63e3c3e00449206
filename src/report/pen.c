/* pen.c -- the calls of a pen, passed on to its kind. */
#include "pen.h"

#include <stdio.h>
#include <string.h>

enum { CUT_BYTES = 512 };

snas_status report_pen_open(report_pen *pen, int width, int height, const char *title)
{
    return pen->kind->open(pen, width, height, title);
}

void report_pen_curve(report_pen *pen, const report_point *points, int count, report_stroke stroke)
{
    pen->kind->curve(pen, points, count, stroke);
}

void report_pen_line(report_pen *pen, report_point a, report_point b, report_stroke stroke)
{
    const report_point points[2] = {a, b};
    pen->kind->curve(pen, points, 2, stroke);
}

void report_pen_bezier(report_pen *pen, const report_point *control, report_stroke stroke)
{
    pen->kind->bezier(pen, control, stroke);
}

void report_pen_band(report_pen *pen, const report_point *low, const report_point *high, int count, report_ink ink)
{
    pen->kind->band(pen, low, high, count, ink);
}

void report_pen_box(report_pen *pen, report_box box, double radius, report_ink fill, report_stroke border)
{
    pen->kind->box(pen, box, radius, fill, border);
}

void report_pen_dot(report_pen *pen, report_point at, double radius, report_ink ink)
{
    const report_box box = {.x = at.x - radius, .y = at.y - radius, .w = 2 * radius, .h = 2 * radius};
    pen->kind->box(pen, box, radius, ink, (report_stroke){0});
}

void report_pen_head(report_pen *pen, report_point tip, report_point along, double size, report_ink ink)
{
    pen->kind->head(pen, tip, along, size, ink);
}

void report_pen_text(report_pen *pen, report_point at, report_align align, report_style style, const char *text)
{
    pen->kind->text(pen, at, align, style, text);
}

void report_pen_text_within(report_pen *pen, report_point at, report_align align, report_style style, double width,
                            const char *text)
{
    char cut[CUT_BYTES];
    size_t size = strlen(text);
    if (report_pen_text_width(pen, text, style.scale) <= width) {
        report_pen_text(pen, at, align, style, text);
        return;
    }
    size = size < CUT_BYTES - sizeof "..." ? size : CUT_BYTES - sizeof "...";
    do {
        for (size -= size > 0; size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80;) { /* within a character */
            size--;
        }
        snprintf(cut, sizeof cut, "%.*s...", (int)size, text);
    } while (size > 0 && report_pen_text_width(pen, cut, style.scale) > width);
    report_pen_text(pen, at, align, style, cut);
}

double report_pen_text_width(const report_pen *pen, const char *text, double scale)
{
    return pen->kind->text_width(text, scale);
}

void report_pen_ramp(report_pen *pen, report_box box, const report_stop *stops, int count)
{
    pen->kind->ramp(pen, box, stops, count);
}

void report_pen_group(report_pen *pen, const char *hint)
{
    pen->kind->group(pen, hint);
}

void report_pen_group_end(report_pen *pen)
{
    pen->kind->group_end(pen);
}
