/* pen.h -- what a drawing is made with: lines, boxes, text. The same calls give pixels or SVG.
 *
 * Units are pixels, y points down. A drawing asks the pen how wide its text is, lays itself out, opens the pen with the
 * size that it needs, and paints, what lies below first.
 */
#ifndef REPORT_PEN_H
#define REPORT_PEN_H

#include "canvas.h"
#include "snas/format/markup.h"
#include "snas/report/drawing.h"

/** A colour on light and on dark paper. With a name a page may set its own, as the variable --snas-<name>. */
typedef struct {
    const char *name; /* NULL: none */
    report_color light, dark;
} report_ink;

typedef struct {
    double width;
    double dash; /* length of a dash and of the gap after it; 0: a solid line */
    report_ink ink;
} report_stroke;

/** How text looks: `scale` is pixels a unit, and a capital is six units high. */
typedef struct {
    double scale;
    report_ink ink;
    bool bold; /* SVG only */
} report_style;

typedef enum { REPORT_LEFT, REPORT_CENTRE, REPORT_RIGHT } report_align;

/** The colour of a value; linear between two stops. */
typedef struct {
    double value;
    report_ink ink;
} report_stop;

typedef struct snas_pen report_pen;

/** One way to draw. */
typedef struct {
    snas_status (*open)(report_pen *pen, int width, int height, const char *title);
    void (*curve)(report_pen *pen, const report_point *points, int count, report_stroke stroke);
    void (*bezier)(report_pen *pen, const report_point *control, report_stroke stroke);
    void (*band)(report_pen *pen, const report_point *low, const report_point *high, int count, report_ink ink);
    void (*box)(report_pen *pen, report_box box, double radius, report_ink fill, report_stroke border);
    void (*head)(report_pen *pen, report_point tip, report_point along, double size, report_ink ink);
    void (*text)(report_pen *pen, report_point at, report_align align, report_style style, const char *text);
    double (*text_width)(const char *text, double scale);
    void (*ramp)(report_pen *pen, report_box box, const report_stop *stops, int count);
    void (*group)(report_pen *pen, const char *hint);
    void (*group_end)(report_pen *pen);
} report_pen_kind;
extern const report_pen_kind report_pixels, report_svg;

struct snas_pen {
    const report_pen_kind *kind;
    snas_arena *mem;
    snas_raster raster; /* pixels: what is drawn on */
    snas_markup markup; /* SVG: what is written */
    bool in_page;       /* SVG: an element of a page, which has the style; else a file of its own */
    int ids;            /* SVG: given out */
};

/** Begin: `title` says in words what is shown, to those who do not see it. */
SNAS_MUST_CHECK snas_status report_pen_open(report_pen *pen, int width, int height, const char *title);

/** A smooth line through `count` points, at least 2. */
void report_pen_curve(report_pen *pen, const report_point *points, int count, report_stroke stroke);
void report_pen_line(report_pen *pen, report_point a, report_point b, report_stroke stroke);

/** A cubic curve by its four control points. */
void report_pen_bezier(report_pen *pen, const report_point *control, report_stroke stroke);

/** The band between two lines whose points have the same x, in rising order; see through. */
void report_pen_band(report_pen *pen, const report_point *low, const report_point *high, int count, report_ink ink);

/** A box with round corners; the border lies inside its edge, width 0: none. */
void report_pen_box(report_pen *pen, report_box box, double radius, report_ink fill, report_stroke border);

/** A disc. */
void report_pen_dot(report_pen *pen, report_point at, double radius, report_ink ink);

/** A filled triangle with its tip at `tip`, pointing along `along`, `size` long. */
void report_pen_head(report_pen *pen, report_point tip, report_point along, double size, report_ink ink);

/** One line of text; `at` is its left end, middle or right end, half the height of a capital above the baseline. */
void report_pen_text(report_pen *pen, report_point at, report_align align, report_style style, const char *text);

/** The same, cut to at most `width` with dots at its end. */
void report_pen_text_within(report_pen *pen, report_point at, report_align align, report_style style, double width,
                            const char *text);

/** Width of a line of text, rather too wide than too narrow. */
double report_pen_text_width(const report_pen *pen, const char *text, double scale);

/** The colours of a scale from bottom (the first stop) to top. */
void report_pen_ramp(report_pen *pen, report_box box, const report_stop *stops, int count);

/** What is drawn up to the end of the group belongs together; `hint` is shown where a mouse rests on it. */
void report_pen_group(report_pen *pen, const char *hint);
void report_pen_group_end(report_pen *pen);

#endif
