/* pen_pixels.c -- the pen that draws pixels, on white paper, with letters of its own (font.c). */
#include <math.h>

#include "palette.h"

enum { BEZIER_POINTS = 33 };
static const double BAND_COVER = 0.18;

static snas_status pixels_open(report_pen *pen, int width, int height, const char *title)
{
    (void)title;
    return snas_raster_create(pen->mem, width, height, &pen->raster);
}

/* Dashes of equal length along the curve: walk it, pen down on every other stretch. */
static void draw_dashes(snas_raster *to, const report_point *curve, int count, report_stroke stroke)
{
    report_point from = curve[0];
    double walked = 0;
    int stretch = 0;
    for (int i = 0; i + 1 < count;) {
        const double left = hypot(curve[i + 1].x - from.x, curve[i + 1].y - from.y), want = stroke.dash - walked;
        const bool ends = want < left; /* the stretch ends on this piece of the curve */
        const double t = ends ? want / left : 1;
        const report_point b = {.x = from.x + t * (curve[i + 1].x - from.x),
                                .y = from.y + t * (curve[i + 1].y - from.y)};
        if (stretch % 2 == 0) {
            report_line(to, from, b, stroke.width, stroke.ink.light);
        }
        walked = ends ? 0 : walked + left;
        stretch += ends;
        i += !ends;
        from = b;
    }
}

static void pixels_curve(report_pen *pen, const report_point *points, int count, report_stroke stroke)
{
    if (stroke.dash > 0) {
        draw_dashes(&pen->raster, points, count, stroke);
    } else {
        report_curve(&pen->raster, points, count, stroke.width, stroke.ink.light);
    }
}

static void pixels_bezier(report_pen *pen, const report_point *c, report_stroke stroke)
{
    report_point curve[BEZIER_POINTS];
    for (int i = 0; i < BEZIER_POINTS; i++) {
        curve[i] = report_bezier_at(c, (double)i / (BEZIER_POINTS - 1));
    }
    pixels_curve(pen, curve, BEZIER_POINTS, stroke);
}

static void pixels_band(report_pen *pen, const report_point *low, const report_point *high, int count, report_ink ink)
{
    report_band(&pen->raster, low, high, count, BAND_COVER, ink.light);
}

static void pixels_box(report_pen *pen, report_box box, double radius, report_ink fill, report_stroke border)
{
    report_round_box(&pen->raster, box, radius, fill.light, border.width, border.ink.light);
}

static void pixels_head(report_pen *pen, report_point tip, report_point along, double size, report_ink ink)
{
    report_arrow_head(&pen->raster, tip, along, size, ink.light);
}

static void pixels_text(report_pen *pen, report_point at, report_align align, report_style style, const char *text)
{
    const double width = report_text_width(text, style.scale);
    at.x -= align == REPORT_LEFT ? 0 : align == REPORT_CENTRE ? width / 2 : width;
    report_text(&pen->raster, at, style.scale, style.ink.light, text);
}

static void pixels_ramp(report_pen *pen, report_box box, const report_stop *stops, int count)
{
    const double low = stops[0].value, high = stops[count - 1].value;
    for (int y = 0; y < (int)box.h; y++) {
        const double up = 1 - (y + 0.5) / box.h;
        const report_box line = {.x = box.x, .y = box.y + y, .w = box.w, .h = 1};
        const report_ink ink = report_ink_at(stops, count, low + up * (high - low));
        report_round_box(&pen->raster, line, 0, ink.light, 0, ink.light);
    }
}

static void pixels_group(report_pen *pen, const char *hint)
{
    (void)pen;
    (void)hint;
}

static void pixels_group_end(report_pen *pen)
{
    (void)pen;
}

const report_pen_kind report_pixels = {
    .open = pixels_open,
    .curve = pixels_curve,
    .bezier = pixels_bezier,
    .band = pixels_band,
    .box = pixels_box,
    .head = pixels_head,
    .text = pixels_text,
    .text_width = report_text_width,
    .ramp = pixels_ramp,
    .group = pixels_group,
    .group_end = pixels_group_end,
};
