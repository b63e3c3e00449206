/* chart_frame.h -- what charts have around their data: title, legend, axes with ticks and lines, and where data stand.
 */
#ifndef REPORT_CHART_FRAME_H
#define REPORT_CHART_FRAME_H

#include "axis.h"
#include "pen.h"
#include "snas/report/chart.h"

/** A word of the legend with its mark: a line, or a dot where the width is 0. */
typedef struct {
    const char *name;
    report_stroke stroke;
} report_legend;

typedef struct {
    report_axis x, y;
    report_box plot; /* where the data stand */
} report_frame;

extern const double REPORT_CHART_TEXT; /* scale of a chart's text */

/** Open the pen and paint the frame for data of these ranges. */
SNAS_MUST_CHECK snas_status report_frame_open(report_pen *pen, const snas_axes *axes, const report_range *x_y,
                                              const report_legend *legend, int legend_count, report_frame *out);

/** Where a value stands in the picture. */
report_point report_frame_at(const report_frame *frame, double x, double y);

/** Whether an axis can show it: finite, and above 0 on a logarithmic one. */
bool report_frame_shows(bool is_log, double value);

/** Title and note at the top, cut to the picture's width, and the height that they take. */
double report_title_height(const char *title, const char *note);
void report_chart_title(report_pen *pen, const char *title, const char *note, double width);

/** An error bar from a to b, along x or y, with ends of `size`. */
void report_error_bar(report_pen *pen, report_point a, report_point b, double size, report_ink ink);

#endif
