/* canvas.h -- smooth drawing on an RGB picture: lines, boxes, arrow heads, text. Units are pixels, y points down. */
#ifndef REPORT_CANVAS_H
#define REPORT_CANVAS_H

#include "snas/format/png.h"

typedef struct {
    double x, y;
} report_point;

typedef struct {
    double x, y, w, h; /* left, top, width, height */
} report_box;

typedef struct {
    uint8_t r, g, b;
} report_color;

/** Area in square pixels where two boxes overlap. */
double report_overlap(report_box a, report_box b);

/** The box with `by` more on every side. */
report_box report_grown(report_box box, double by);

/** The point of a cubic curve with four control points at t, 0 to 1. */
report_point report_bezier_at(const report_point *control, double t);

void report_line(snas_raster *to, report_point a, report_point b, double width, report_color color);

/** A smooth line through `count` points, at least 2. */
void report_curve(snas_raster *to, const report_point *points, int count, double width, report_color color);

/** A box with round corners, filled, with a border of `border` pixels inside its edge (0: none). */
void report_round_box(snas_raster *to, report_box box, double radius, report_color fill, double border,
                      report_color border_color);

/** A filled triangle with its tip at `tip`, pointing along `along`, `size` long. */
void report_arrow_head(snas_raster *to, report_point tip, report_point along, double size, report_color color);

/** Width of a line of text. Characters without a glyph are drawn as an empty box. */
double report_text_width(const char *text, double scale);

/** One line of text; `at` is its left end, half the height of a capital above the baseline. `scale` is pixels a unit of
 *  the font: a capital is six high. */
void report_text(snas_raster *to, report_point at, double scale, report_color color, const char *text);

/** The band between two lines of `count` points that have the same x, in rising order; a `cover` of 1 hides what is
 *  below. */
void report_band(snas_raster *to, const report_point *low, const report_point *high, int count, double cover,
                 report_color color);

#endif
