/* edge_grid.c -- a table of numbers as colours: a row an edge, a column whatever its head says; a scale at the right.
 */
#include "edge_grid.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "palette.h"

enum { TICKS = 5, HINT_BYTES = 128 };
static const double CELL_WIDTH = 112, CELL_HEIGHT = 34, LEFT = 150, TOP = 120, GAP = 10, MARGIN = 30;
static const double SCALE_GAP = 36, SCALE_WIDTH = 22, SCALE_TEXT = 64;
static const double TITLE_SIZE = 2.8, LABEL_SIZE = 1.65, HEAD_SIZE = 1.42, NUMBER_SIZE = 1.65;

/* Top of the row of edge e: a small gap between two nodes. */
static double row_top(int e, int node)
{
    return TOP + CELL_HEIGHT * e + GAP * node;
}

static void spread_stops(const report_grid *g, report_stop *stops)
{
    assert(g->ink_count >= 2 && g->ink_count <= REPORT_GRID_INKS_MAX && g->low < g->high);
    for (int i = 0; i < g->ink_count; i++) {
        stops[i] = (report_stop){.value = g->low + (g->high - g->low) * i / (g->ink_count - 1), .ink = g->inks[i]};
    }
}

static void paint_heads(report_pen *pen, const report_grid *g)
{
    for (int k = 0; k < g->columns; k++) {
        const report_point at = {.x = LEFT + CELL_WIDTH * (k + 0.5), .y = TOP - 18};
        report_pen_text(pen, at, REPORT_CENTRE, (report_style){.scale = HEAD_SIZE, .ink = report_ink_text},
                        g->heads[k]);
    }
}

/* "0 > 2": from which state to which node, numbered from the first input on. */
static void paint_edge(report_pen *pen, const snas_space *space, int source, int node, double y)
{
    char name[32];
    const report_style style = {.scale = LABEL_SIZE, .ink = report_ink_text};
    const report_stroke line = {.width = 1.4, .ink = report_ink_grey};
    snprintf(name, sizeof name, "%d", source);
    report_pen_text(pen, (report_point){.x = LEFT - 72, .y = y}, REPORT_RIGHT, style, name);
    report_pen_line(pen, (report_point){.x = LEFT - 62, .y = y}, (report_point){.x = LEFT - 44, .y = y}, line);
    report_pen_head(pen, (report_point){.x = LEFT - 36, .y = y}, (report_point){.x = 1, .y = 0}, 9, report_ink_grey);
    snprintf(name, sizeof name, "%d", space->inputs + node);
    report_pen_text(pen, (report_point){.x = LEFT - 14, .y = y}, REPORT_RIGHT, style, name);
}

static void paint_cell(report_pen *pen, const report_grid *g, report_box box, double value, bool best)
{
    char number[32] = "-";
    report_ink fill = report_ink_paper, text = report_ink_grey;
    if (!isnan(value)) {
        report_stop stops[REPORT_GRID_INKS_MAX];
        spread_stops(g, stops);
        fill = report_ink_at(stops, g->ink_count, value);
        text = report_ink_on(fill);
        snprintf(number, sizeof number, "%.*f", g->decimals, g->factor * value);
    }
    report_pen_box(pen, box, 4, fill, (report_stroke){.width = best ? 2.5 : 0, .ink = report_ink_frame});
    report_pen_text(pen, (report_point){.x = box.x + box.w / 2, .y = box.y + box.h / 2}, REPORT_CENTRE,
                    (report_style){.scale = NUMBER_SIZE, .ink = text}, number);
}

/* "edge 0 to 2, sep_conv_3x3: 12.34%" */
static const char *hint_of(const report_grid *g, int e, int k, char *to)
{
    const double value = g->values[(size_t)e * (size_t)g->columns + (size_t)k];
    int source, node;
    snas_space_edge(g->space, e, &source, &node);
    const int used = snprintf(to, HINT_BYTES, "edge %d to %d, %s: ", source, g->space->inputs + node, g->heads[k]);
    if (isnan(value)) {
        snprintf(to + used, (size_t)(HINT_BYTES - used), "no number");
    } else {
        snprintf(to + used, (size_t)(HINT_BYTES - used), "%.*f%s", g->decimals + 1, g->factor * value, g->suffix);
    }
    return to;
}

static void paint_row(report_pen *pen, const report_grid *g, int e)
{
    int source, node, best = 0;
    char hint[HINT_BYTES];
    const double *values = g->values + (size_t)e * (size_t)g->columns;
    snas_space_edge(g->space, e, &source, &node);
    const double top = row_top(e, node);
    paint_edge(pen, g->space, source, node, top + CELL_HEIGHT / 2);
    for (int k = 1; k < g->columns; k++) {
        best = values[k] > values[best] || isnan(values[best]) ? k : best;
    }
    for (int k = 0; k < g->columns; k++) {
        const report_box box = {
            .x = LEFT + CELL_WIDTH * k + 1, .y = top + 1, .w = CELL_WIDTH - 2, .h = CELL_HEIGHT - 2};
        report_pen_group(pen, hint_of(g, e, k, hint));
        paint_cell(pen, g, box, values[k], k == best && !isnan(values[k]));
        report_pen_group_end(pen);
    }
}

static void paint_scale(report_pen *pen, const report_grid *g, double bottom)
{
    report_stop stops[REPORT_GRID_INKS_MAX];
    const report_stroke line = {.width = 1.2, .ink = report_ink_grey};
    const double x = LEFT + CELL_WIDTH * g->columns + SCALE_GAP, height = bottom - TOP;
    spread_stops(g, stops);
    report_pen_ramp(pen, (report_box){.x = x, .y = TOP, .w = SCALE_WIDTH, .h = height}, stops, g->ink_count);
    for (int tick = 0; tick < TICKS; tick++) {
        const double up = (double)tick / (TICKS - 1), y = bottom - height * up;
        const report_point a = {.x = x + SCALE_WIDTH, .y = y}, b = {.x = x + SCALE_WIDTH + 5, .y = y};
        char number[32];
        snprintf(number, sizeof number, "%.*f%s", g->decimals, g->factor * (g->low + up * (g->high - g->low)),
                 g->suffix);
        report_pen_line(pen, a, b, line);
        report_pen_text(pen, (report_point){.x = b.x + 5, .y = y}, REPORT_LEFT,
                        (report_style){.scale = LABEL_SIZE * 0.9, .ink = report_ink_text}, number);
    }
}

static void paint_title(report_pen *pen, const report_grid *g, const char *title)
{
    char scale[64];
    snprintf(scale, sizeof scale, "colours from %.*f to %.*f%s", g->decimals, g->factor * g->low, g->decimals,
             g->factor * g->high, g->suffix);
    const double right = LEFT + CELL_WIDTH * g->columns + SCALE_GAP + SCALE_WIDTH + SCALE_TEXT;
    const report_style note = {.scale = 1.6, .ink = report_ink_grey};
    report_pen_text(pen, (report_point){.x = MARGIN, .y = 34}, REPORT_LEFT,
                    (report_style){.scale = TITLE_SIZE, .ink = report_ink_text, .bold = true}, title);
    report_pen_text_within(pen, (report_point){.x = MARGIN, .y = 60}, REPORT_LEFT, note, right - MARGIN, g->note);
    report_pen_text(pen, (report_point){.x = right, .y = 34}, REPORT_RIGHT, note, scale);
}

snas_status report_grid_paint(report_pen *pen, const report_grid *g)
{
    const int E = snas_space_edge_count(g->space);
    const double bottom = row_top(E, g->space->nodes - 1);
    const double width = LEFT + CELL_WIDTH * g->columns + SCALE_GAP + SCALE_WIDTH + SCALE_TEXT + MARGIN;
    char title[128];
    snprintf(title, sizeof title, g->space->cell_types > 1 ? "%s cell" : "%s", g->space->type_names[g->type]);
    SNAS_TRY(report_pen_open(pen, (int)width, (int)(bottom + MARGIN), title));
    paint_title(pen, g, title);
    paint_heads(pen, g);
    for (int e = 0; e < E; e++) {
        paint_row(pen, g, e);
    }
    paint_scale(pen, g, bottom);
    return SNAS_OK;
}
