/* chart_frame.c -- the frame of a chart.
 *
 *   title, note
 *   legend, in as many rows as it needs
 *   name of y
 *   ticks of y | the plot
 *                ticks of x, name of x
 */
#include "chart_frame.h"

#include <math.h>

#include "palette.h"

const double REPORT_CHART_TEXT = 1.45;
static const double SIDE = 16, ROW = 20, TICK_GAP = 6, SWATCH = 22, WORD_GAP = 18, PLOT_LEAST = 120;
enum { WIDTH = 640, HEIGHT = 360, X_TICK = 80, Y_TICK = 46 }; /* pixels; of a tick: what it takes at least */

static report_style word(report_ink ink)
{
    return (report_style){.scale = REPORT_CHART_TEXT, .ink = ink};
}

void report_chart_title(report_pen *pen, const char *title, const char *note, double width)
{
    const double most = width - 2 * SIDE;
    double y = SIDE;
    if (title != NULL) {
        report_pen_text_within(pen, (report_point){.x = SIDE, .y = y + 8}, REPORT_LEFT,
                               (report_style){.scale = 1.9, .ink = report_ink_text, .bold = true}, most, title);
        y += 26;
    }
    if (note != NULL) {
        report_pen_text_within(pen, (report_point){.x = SIDE, .y = y + 6}, REPORT_LEFT, word(report_ink_grey), most,
                               note);
    }
}

double report_title_height(const char *title, const char *note)
{
    return SIDE + (title != NULL ? 26 : 0) + (note != NULL ? ROW : 0);
}

/* Walk the legend from `top`; paint it when `paint`. Returns where it ends. */
static double walk_legend(report_pen *pen, const report_legend *legend, int count, double width, double top, bool paint)
{
    double x = SIDE, y = top;
    for (int i = 0; i < count; i++) {
        const double wide = SWATCH + 6 + report_pen_text_width(pen, legend[i].name, REPORT_CHART_TEXT) + WORD_GAP;
        if (x > SIDE && x + wide - WORD_GAP > width - SIDE) {
            x = SIDE;
            y += ROW;
        }
        const report_point at = {.x = x, .y = y + ROW / 2};
        if (paint && legend[i].stroke.width > 0) {
            report_pen_line(pen, at, (report_point){.x = x + SWATCH, .y = at.y}, legend[i].stroke);
        } else if (paint) {
            report_pen_dot(pen, (report_point){.x = x + SWATCH / 2, .y = at.y}, 5, legend[i].stroke.ink);
        }
        if (paint) {
            report_pen_text(pen, (report_point){.x = x + SWATCH + 6, .y = at.y}, REPORT_LEFT, word(report_ink_text),
                            legend[i].name);
        }
        x += wide;
    }
    return count > 0 ? y + ROW : top;
}

static double widest_tick(const report_pen *pen, const report_axis *axis)
{
    double most = 0;
    for (int i = 0; i < axis->count; i++) {
        char number[REPORT_NUMBER_MAX];
        report_axis_text(axis, i, number);
        most = fmax(most, report_pen_text_width(pen, number, REPORT_CHART_TEXT));
    }
    return most;
}

static void paint_ticks(report_pen *pen, const report_frame *f)
{
    const report_stroke rule = {.width = 1, .ink = report_ink_rule};
    const double bottom = f->plot.y + f->plot.h, right = f->plot.x + f->plot.w;
    char number[REPORT_NUMBER_MAX];
    for (int i = 0; i < f->y.count; i++) {
        const double y = report_frame_at(f, f->x.low, f->y.tick[i]).y;
        report_axis_text(&f->y, i, number);
        report_pen_line(pen, (report_point){.x = f->plot.x, .y = y}, (report_point){.x = right, .y = y}, rule);
        report_pen_text(pen, (report_point){.x = f->plot.x - TICK_GAP, .y = y}, REPORT_RIGHT, word(report_ink_grey),
                        number);
    }
    for (int i = 0; i < f->x.count; i++) {
        const double x = report_frame_at(f, f->x.tick[i], f->y.low).x;
        report_axis_text(&f->x, i, number);
        report_pen_line(pen, (report_point){.x = x, .y = bottom}, (report_point){.x = x, .y = bottom + 5}, rule);
        report_pen_text(pen, (report_point){.x = x, .y = bottom + 15}, REPORT_CENTRE, word(report_ink_grey), number);
    }
    report_pen_line(pen, (report_point){.x = f->plot.x, .y = bottom}, (report_point){.x = right, .y = bottom},
                    (report_stroke){.width = 1.4, .ink = report_ink_grey});
}

static void paint_names(report_pen *pen, const snas_axes *axes, const report_frame *f, int height)
{
    if (axes->y_name != NULL) {
        report_pen_text(pen, (report_point){.x = SIDE, .y = f->plot.y - 15}, REPORT_LEFT, word(report_ink_grey),
                        axes->y_name);
    }
    if (axes->x_name != NULL) {
        report_pen_text(pen, (report_point){.x = f->plot.x + f->plot.w, .y = height - 10}, REPORT_RIGHT,
                        word(report_ink_grey), axes->x_name);
    }
}

snas_status report_frame_open(report_pen *pen, const snas_axes *axes, const report_range *x_y,
                              const report_legend *legend, int legend_count, report_frame *out)
{
    const int width = axes->width > 0 ? axes->width : WIDTH;
    const double legend_top = report_title_height(axes->title, axes->note);
    const double legend_end = walk_legend(pen, legend, legend_count, width, legend_top, false);
    const double top = legend_end + (axes->y_name != NULL ? 26 : 8), below = axes->x_name != NULL ? 42 : 26;
    const int height = (int)fmax(axes->height > 0 ? axes->height : HEIGHT, top + PLOT_LEAST + below);
    report_range y = x_y[1];
    if (axes->y_from_zero) {
        report_range_see(&y, 0, axes->y_log);
    }
    out->plot = (report_box){.y = top, .h = height - top - below};
    out->y = report_axis_fit(
        y, (report_axis_wish){.is_log = axes->y_log, .ticks = (int)fmax(out->plot.h / Y_TICK, 2), .to_ticks = true});
    out->plot.x = SIDE + widest_tick(pen, &out->y) + TICK_GAP;
    out->plot.w = width - SIDE - out->plot.x;
    out->x = report_axis_fit(
        x_y[0],
        (report_axis_wish){.is_log = axes->x_log, .ticks = (int)fmax(out->plot.w / X_TICK, 2), .whole = axes->x_whole});
    SNAS_TRY(report_pen_open(pen, width, height, axes->title != NULL ? axes->title : "chart"));
    report_chart_title(pen, axes->title, axes->note, width);
    walk_legend(pen, legend, legend_count, width, legend_top, true);
    paint_ticks(pen, out);
    paint_names(pen, axes, out, height);
    if (x_y[0].least > x_y[0].most || x_y[1].least > x_y[1].most) {
        report_pen_text(pen, (report_point){.x = out->plot.x + out->plot.w / 2, .y = top + out->plot.h / 2},
                        REPORT_CENTRE, word(report_ink_grey), "no number to show yet");
    }
    return SNAS_OK;
}

report_point report_frame_at(const report_frame *frame, double x, double y)
{
    return (report_point){.x = frame->plot.x + frame->plot.w * report_axis_at(&frame->x, x),
                          .y = frame->plot.y + frame->plot.h * (1 - report_axis_at(&frame->y, y))};
}

bool report_frame_shows(bool is_log, double value)
{
    return isfinite(value) && (!is_log || value > 0);
}

void report_error_bar(report_pen *pen, report_point a, report_point b, double size, report_ink ink)
{
    const report_stroke stroke = {.width = 1.4, .ink = ink};
    const bool upright = fabs(b.x - a.x) < fabs(b.y - a.y);
    const double dx = upright ? size : 0, dy = upright ? 0 : size;
    const report_point ends[2] = {a, b};
    report_pen_line(pen, a, b, stroke);
    for (int i = 0; i < 2; i++) {
        report_pen_line(pen, (report_point){.x = ends[i].x - dx, .y = ends[i].y - dy},
                        (report_point){.x = ends[i].x + dx, .y = ends[i].y + dy}, stroke);
    }
}
