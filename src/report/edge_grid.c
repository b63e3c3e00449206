/* edge_grid.c -- a table of numbers as colours: a row an edge, a column whatever its head says; a scale at the right.
 */
#include "edge_grid.h"

#include <math.h>
#include <stdio.h>

#include "palette.h"

static const double CELL_WIDTH = 112, CELL_HEIGHT = 34, LEFT = 150, TOP = 120, GAP = 10, MARGIN = 30;
static const double SCALE_GAP = 36, SCALE_WIDTH = 22, SCALE_TEXT = 56;
static const double TITLE_SIZE = 2.8, LABEL_SIZE = 1.65, HEAD_SIZE = 1.42, NUMBER_SIZE = 1.65;

report_color report_color_at(const report_stop *stops, int count, double value)
{
    int i = 1;
    while (i + 1 < count && value > stops[i].value) {
        i++;
    }
    const report_color a = stops[i - 1].color, b = stops[i].color;
    const double t = fmin(fmax((value - stops[i - 1].value) / (stops[i].value - stops[i - 1].value), 0), 1);
    return (report_color){.r = (uint8_t)lround(a.r + t * (b.r - a.r)),
                          .g = (uint8_t)lround(a.g + t * (b.g - a.g)),
                          .b = (uint8_t)lround(a.b + t * (b.b - a.b))};
}

/* Top of the row of edge e: a small gap between two nodes. */
static double row_top(int e, int node)
{
    return TOP + CELL_HEIGHT * e + GAP * node;
}

static void paint_heads(snas_raster *to, const report_grid *g)
{
    const report_style style = {.scale = HEAD_SIZE, .color = REPORT_INK};
    for (int k = 0; k < g->columns; k++) {
        const report_point at = {.x = LEFT + CELL_WIDTH * (k + 0.5), .y = TOP - 18};
        report_text(to, at, REPORT_CENTRE, style, g->heads[k]);
    }
}

/* "0 > 2": from which state to which node, numbered from the first input on. */
static void paint_edge(snas_raster *to, const snas_space *space, int source, int node, double y)
{
    char name[32];
    snprintf(name, sizeof name, "%d", source);
    const report_style style = {.scale = LABEL_SIZE, .color = REPORT_INK};
    report_text(to, (report_point){.x = LEFT - 72, .y = y}, REPORT_RIGHT, style, name);
    report_line(to, (report_point){.x = LEFT - 62, .y = y}, (report_point){.x = LEFT - 44, .y = y}, 1.4, REPORT_GREY);
    report_arrow_head(to, (report_point){.x = LEFT - 36, .y = y}, (report_point){.x = 1, .y = 0}, 9, REPORT_GREY);
    snprintf(name, sizeof name, "%d", space->inputs + node);
    report_text(to, (report_point){.x = LEFT - 14, .y = y}, REPORT_RIGHT, style, name);
}

static void paint_row(snas_raster *to, const report_grid *g, int e)
{
    int source, node, best = 0;
    const double *values = g->values + (size_t)e * (size_t)g->columns;
    snas_space_edge(g->space, e, &source, &node);
    const double top = row_top(e, node);
    paint_edge(to, g->space, source, node, top + CELL_HEIGHT / 2);
    for (int k = 1; k < g->columns; k++) {
        best = values[k] > values[best] || isnan(values[best]) ? k : best;
    }
    for (int k = 0; k < g->columns; k++) {
        const report_box box = {
            .x = LEFT + CELL_WIDTH * k + 1, .y = top + 1, .w = CELL_WIDTH - 2, .h = CELL_HEIGHT - 2};
        const report_color frame = {230, 119, 0};
        char number[32] = "-";
        if (isnan(values[k])) {
            report_round_box(to, box, 4, REPORT_WHITE, 0, frame);
        } else {
            report_round_box(to, box, 4, report_color_at(g->stops, g->stop_count, values[k]), k == best ? 2.5 : 0,
                             frame);
            snprintf(number, sizeof number, "%.*f", g->decimals, g->factor * values[k]);
        }
        const bool dark = fabs(values[k]) > g->dark;
        const report_style style = {.scale = NUMBER_SIZE, .color = dark ? REPORT_WHITE : REPORT_INK};
        report_text(to, (report_point){.x = box.x + box.w / 2, .y = box.y + box.h / 2}, REPORT_CENTRE, style, number);
    }
}

static void paint_scale(snas_raster *to, const report_grid *g, double bottom)
{
    const double x = LEFT + CELL_WIDTH * g->columns + SCALE_GAP, height = bottom - TOP;
    const double low = g->stops[0].value, high = g->stops[g->stop_count - 1].value;
    for (int y = 0; y < (int)height; y++) {
        const double up = 1 - (y + 0.5) / height;
        const report_box line = {.x = x, .y = TOP + y, .w = SCALE_WIDTH, .h = 1};
        const report_color color = report_color_at(g->stops, g->stop_count, low + up * (high - low));
        report_round_box(to, line, 0, color, 0, REPORT_WHITE);
    }
    for (int tick = 0; tick < REPORT_TICKS; tick++) {
        const double y = bottom - height * tick / (REPORT_TICKS - 1);
        const report_point a = {.x = x + SCALE_WIDTH, .y = y}, b = {.x = x + SCALE_WIDTH + 5, .y = y};
        report_line(to, a, b, 1.2, REPORT_GREY);
        report_text(to, (report_point){.x = b.x + 5, .y = y}, REPORT_LEFT,
                    (report_style){.scale = LABEL_SIZE * 0.9, .color = REPORT_INK}, g->ticks[tick]);
    }
}

static void paint_title(snas_raster *to, const report_grid *g)
{
    char title[128];
    snprintf(title, sizeof title, g->space->cell_types > 1 ? "%s cell" : "%s", g->space->type_names[g->type]);
    report_text(to, (report_point){.x = MARGIN, .y = 34}, REPORT_LEFT,
                (report_style){.scale = TITLE_SIZE, .color = REPORT_INK}, title);
    report_text(to, (report_point){.x = MARGIN, .y = 60}, REPORT_LEFT,
                (report_style){.scale = 1.6, .color = REPORT_GREY}, g->caption);
}

static snas_status draw(snas_arena *mem, const report_grid *g, const char *path)
{
    const int E = snas_space_edge_count(g->space);
    const double bottom = row_top(E, g->space->nodes - 1);
    snas_raster picture;
    SNAS_TRY(snas_raster_create(mem,
                                (int)(LEFT + CELL_WIDTH * g->columns + SCALE_GAP + SCALE_WIDTH + SCALE_TEXT + MARGIN),
                                (int)(bottom + MARGIN), &picture));
    paint_title(&picture, g);
    paint_heads(&picture, g);
    for (int e = 0; e < E; e++) {
        paint_row(&picture, g, e);
    }
    paint_scale(&picture, g, bottom);
    return snas_png_save(mem, path, &picture);
}

snas_status report_grid_save(snas_arena *mem, const report_grid *grid, const char *path)
{
    const snas_mark mark = snas_arena_mark(mem);
    const snas_status status = draw(mem, grid, path);
    snas_arena_release(mem, mark);
    return status;
}
