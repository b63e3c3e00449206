/* heat_map.c -- probabilities of one cell type as a heat map: a row an edge, a column a candidate, a scale at the
 * right.
 *
 *   colour(p) runs through STOPS, white at p = 0 to dark at p = 1, linear between two stops. The scale is always [0,
 *   1], so that pictures of different epochs compare.
 */
#include <math.h>
#include <stdio.h>

#include "palette.h"
#include "snas/base/text.h"
#include "snas/report/picture.h"

static const double CELL_WIDTH = 112, CELL_HEIGHT = 34, LEFT = 150, TOP = 120, GAP = 10, MARGIN = 30;
static const double SCALE_GAP = 36, SCALE_WIDTH = 22, SCALE_TEXT = 56;
static const double TITLE_SIZE = 2.8, LABEL_SIZE = 1.65, HEAD_SIZE = 1.42, NUMBER_SIZE = 1.65;

static const struct {
    double p;
    report_color color;
} STOPS[] = {{0.00, {252, 253, 255}}, {0.125, {217, 232, 246}}, {0.30, {142, 190, 222}},
             {0.55, {58, 134, 190}},  {0.80, {20, 82, 148}},    {1.00, {8, 40, 92}}};

static report_color color_of(double p)
{
    size_t i = 1;
    while (i + 1 < sizeof STOPS / sizeof STOPS[0] && p > STOPS[i].p) {
        i++;
    }
    const report_color a = STOPS[i - 1].color, b = STOPS[i].color;
    const double t = fmin(fmax((p - STOPS[i - 1].p) / (STOPS[i].p - STOPS[i - 1].p), 0), 1);
    return (report_color){.r = (uint8_t)lround(a.r + t * (b.r - a.r)),
                          .g = (uint8_t)lround(a.g + t * (b.g - a.g)),
                          .b = (uint8_t)lround(a.b + t * (b.b - a.b))};
}

/* Top of the row of edge e: a small gap between two nodes. */
static double row_top(int e, int node)
{
    return TOP + CELL_HEIGHT * e + GAP * node;
}

static void paint_heads(snas_raster *to, const snas_space *space)
{
    const report_style style = {.scale = HEAD_SIZE, .color = REPORT_INK};
    for (int k = 0; k < space->candidate_count; k++) {
        const report_point at = {.x = LEFT + CELL_WIDTH * (k + 0.5), .y = TOP - 18};
        report_text(to, at, REPORT_CENTRE, style, space->candidates[k]->name);
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

static void paint_row(snas_raster *to, const snas_space *space, int e, const double *p)
{
    int source, node, best = 0;
    snas_space_edge(space, e, &source, &node);
    const double top = row_top(e, node);
    paint_edge(to, space, source, node, top + CELL_HEIGHT / 2);
    for (int k = 1; k < space->candidate_count; k++) {
        best = p[k] > p[best] ? k : best;
    }
    for (int k = 0; k < space->candidate_count; k++) {
        const report_box box = {
            .x = LEFT + CELL_WIDTH * k + 1, .y = top + 1, .w = CELL_WIDTH - 2, .h = CELL_HEIGHT - 2};
        const report_color frame = {230, 119, 0};
        report_round_box(to, box, 4, color_of(p[k]), k == best ? 2.5 : 0, frame);
        char number[32];
        snprintf(number, sizeof number, "%.1f", 100 * p[k]);
        const report_style style = {.scale = NUMBER_SIZE, .color = p[k] > 0.42 ? REPORT_WHITE : REPORT_INK};
        report_text(to, (report_point){.x = box.x + box.w / 2, .y = box.y + box.h / 2}, REPORT_CENTRE, style, number);
    }
}

static void paint_scale(snas_raster *to, const snas_space *space, double bottom)
{
    const double x = LEFT + CELL_WIDTH * space->candidate_count + SCALE_GAP, height = bottom - TOP;
    for (int y = 0; y < (int)height; y++) {
        const double p = 1 - (y + 0.5) / height;
        const report_box line = {.x = x, .y = TOP + y, .w = SCALE_WIDTH, .h = 1};
        report_round_box(to, line, 0, color_of(p), 0, REPORT_WHITE);
    }
    for (int tick = 0; tick <= 4; tick++) {
        char number[32];
        const double y = bottom - height * tick / 4;
        snprintf(number, sizeof number, "%d%%", 25 * tick);
        const report_point a = {.x = x + SCALE_WIDTH, .y = y}, b = {.x = x + SCALE_WIDTH + 5, .y = y};
        report_line(to, a, b, 1.2, REPORT_GREY);
        report_text(to, (report_point){.x = b.x + 5, .y = y}, REPORT_LEFT,
                    (report_style){.scale = LABEL_SIZE * 0.9, .color = REPORT_INK}, number);
    }
}

static void paint_title(snas_raster *to, const snas_space *space, int type)
{
    char title[128];
    snprintf(title, sizeof title, space->cell_types > 1 ? "%s cell" : "%s", space->type_names[type]);
    report_text(to, (report_point){.x = MARGIN, .y = 34}, REPORT_LEFT,
                (report_style){.scale = TITLE_SIZE, .color = REPORT_INK}, title);
    report_text(to, (report_point){.x = MARGIN, .y = 60}, REPORT_LEFT,
                (report_style){.scale = 1.6, .color = REPORT_GREY},
                space->inputs == 2 ? "probability of each operation on each edge, per cent; 0 is c_k-2, 1 is c_k-1"
                                   : "probability of each operation on each edge, per cent; 0 is the cell's input");
}

static snas_status draw(snas_arena *mem, const snas_space *space, int type, const double *p, const char *path)
{
    const int E = snas_space_edge_count(space), K = space->candidate_count;
    const double bottom = row_top(E, space->nodes - 1);
    snas_raster picture;
    SNAS_TRY(snas_raster_create(mem, (int)(LEFT + CELL_WIDTH * K + SCALE_GAP + SCALE_WIDTH + SCALE_TEXT + MARGIN),
                                (int)(bottom + MARGIN), &picture));
    paint_title(&picture, space, type);
    paint_heads(&picture, space);
    for (int e = 0; e < E; e++) {
        paint_row(&picture, space, e, p + (size_t)e * (size_t)K);
    }
    paint_scale(&picture, space, bottom);
    return snas_png_save(mem, path, &picture);
}

snas_status snas_heat_map(snas_arena *mem, const snas_space *space, int type, const double *probabilities,
                          const char *path)
{
    const snas_mark mark = snas_arena_mark(mem);
    const snas_status status = draw(mem, space, type, probabilities, path);
    snas_arena_release(mem, mark);
    return status;
}
