/* cell_picture.c -- a genotype's cell as a drawing: its layout (cell_layout.c) painted in layers.
 *
 * Arrows to the output lie undermost, then the operations, then the states, then the labels, so that nothing that is
 * read is ever crossed by a line.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cell_layout.h"
#include "palette.h"
#include "snas/base/text.h"
#include "snas/report/picture.h"

static const double LABEL_SCALE = 1.7, STATE_SCALE = 2.3, TITLE_SCALE = 2.8, NOTE_SCALE = 1.6, DASH = 7;
static const report_color PALE = {206, 212, 218}, STATE_FILL = {231, 245, 255}, STATE_EDGE = {77, 123, 170},
                          INPUT_FILL = {241, 243, 245}, INPUT_EDGE = {134, 142, 150};

/* Dashes of equal length along the curve: walk it, pen down on every other stretch of DASH pixels. */
static void paint_dashes(snas_raster *to, const report_point *curve, double width, report_color color)
{
    report_point from = curve[0];
    double walked = 0;
    int stretch = 0;
    for (int i = 0; i + 1 < REPORT_CURVE_POINTS;) {
        const double left = hypot(curve[i + 1].x - from.x, curve[i + 1].y - from.y), want = DASH - walked;
        const bool ends = want < left; /* the stretch ends on this piece of the curve */
        const double t = ends ? want / left : 1;
        const report_point b = {.x = from.x + t * (curve[i + 1].x - from.x),
                                .y = from.y + t * (curve[i + 1].y - from.y)};
        if (stretch % 2 == 0) {
            report_line(to, from, b, width, color);
        }
        walked = ends ? 0 : walked + left;
        stretch += ends;
        i += !ends;
        from = b;
    }
}

static void paint_arrow(snas_raster *to, const report_arrow *arrow, double width, double head, bool dashed,
                        report_color color)
{
    report_point curve[REPORT_CURVE_POINTS];
    const int last = REPORT_CURVE_POINTS - 1;
    memcpy(curve, arrow->curve, sizeof curve);
    curve[last].x -= head / 2; /* the line ends within the head */
    if (dashed) {
        paint_dashes(to, curve, width, color);
    } else {
        report_curve(to, curve, REPORT_CURVE_POINTS, width, color);
    }
    report_arrow_head(to, arrow->curve[last], (report_point){.x = 1, .y = 0}, head, color);
}

static void paint_state(snas_raster *to, const report_cell_layout *layout, const snas_space *space, int s)
{
    const report_box box = layout->state[s];
    const bool node = s >= space->inputs && s < layout->states - 1;
    const report_point at = {.x = box.x + box.w / 2, .y = box.y + box.h / 2};
    report_round_box(to, box, 9, node ? STATE_FILL : INPUT_FILL, 2, node ? STATE_EDGE : INPUT_EDGE);
    const report_style style = {.scale = STATE_SCALE, .color = REPORT_INK};
    if (node) {
        const char digit[2] = {(char)('0' + s), 0}; /* states are numbered from the first input on */
        report_text(to, at, REPORT_CENTRE, style, digit);
        return;
    }
    if (s < space->inputs) {
        const char digit[2] = {(char)('0' + s), 0};
        report_text(to, (report_point){.x = box.x + box.w / 2, .y = box.y + box.h - 12}, REPORT_CENTRE,
                    (report_style){.scale = STATE_SCALE * 0.65, .color = REPORT_GREY}, digit);
    }
    /* c with its subscript: the outputs of the cells before, and of this one */
    static const char *const SUBSCRIPTS[] = {"k", "k-1", "k-2"};
    const char *subscript = SUBSCRIPTS[s < space->inputs ? space->inputs - s : 0];
    const double left = report_text_width("c", STATE_SCALE), gap = 4;
    const double right = report_text_width(subscript, STATE_SCALE * 0.65);
    const double x = at.x - (left + gap + right) / 2;
    report_text(to, (report_point){.x = x, .y = at.y - 2}, REPORT_LEFT, style, "c");
    report_text(to, (report_point){.x = x + left + gap, .y = at.y + 5}, REPORT_LEFT,
                (report_style){.scale = STATE_SCALE * 0.65, .color = REPORT_INK}, subscript);
}

static void paint_label(snas_raster *to, const report_arrow *arrow, const snas_candidate *candidate)
{
    const report_color color = report_candidate_color(candidate);
    const report_point at = {.x = arrow->label.x + arrow->label.w / 2, .y = arrow->label.y + arrow->label.h / 2};
    report_round_box(to, arrow->label, arrow->label.h / 2, report_tint(color, 0.9), 1.3, color);
    report_text(to, at, REPORT_CENTRE, (report_style){.scale = LABEL_SCALE, .color = color}, candidate->name);
}

static void paint_title(snas_raster *to, const snas_genotype *genotype, int type)
{
    char title[128];
    const char *name = genotype->space->type_names[type];
    snprintf(title, sizeof title, genotype->space->cell_types > 1 ? "%s cell" : "%s", name);
    const report_point at = {.x = 40, .y = 34};
    report_text(to, at, REPORT_LEFT, (report_style){.scale = TITLE_SCALE, .color = REPORT_INK}, title);
    report_text(to, (report_point){.x = at.x, .y = at.y + 25}, REPORT_LEFT,
                (report_style){.scale = NOTE_SCALE, .color = REPORT_GREY},
                genotype->origin != NULL ? genotype->origin : genotype->space->name);
}

static void paint(snas_raster *to, const snas_genotype *genotype, int type, const report_cell_layout *layout)
{
    const snas_space *space = genotype->space;
    for (int a = layout->operations; a < layout->arrows; a++) {
        paint_arrow(to, &layout->arrow[a], 1.6, 8, false, PALE);
    }
    for (int pass = 0; pass < 2; pass++) { /* zeros below all others */
        for (int a = 0; a < layout->operations; a++) {
            const snas_candidate *candidate = space->candidates[layout->arrow[a].candidate];
            if (candidate->is_zero == (pass == 0)) {
                const report_color color = report_candidate_color(candidate);
                paint_arrow(to, &layout->arrow[a], candidate->is_zero ? 1.3 : 2.2, 10, candidate->is_zero,
                            candidate->is_zero ? report_tint(color, 0.35) : color);
            }
        }
    }
    for (int s = 0; s < layout->states; s++) {
        paint_state(to, layout, space, s);
    }
    for (int a = 0; a < layout->operations; a++) {
        paint_label(to, &layout->arrow[a], space->candidates[layout->arrow[a].candidate]);
    }
    paint_title(to, genotype, type);
}

static snas_status draw(snas_arena *mem, const snas_genotype *genotype, int type, const char *path)
{
    report_cell_layout *layout;
    snas_raster picture;
    SNAS_NEW(mem, layout, 1);
    report_cell_layout_make(genotype, type, LABEL_SCALE, layout);
    SNAS_TRY(snas_raster_create(mem, layout->width, layout->height, &picture));
    paint(&picture, genotype, type, layout);
    return snas_png_save(mem, path, &picture);
}

snas_status snas_cell_picture(snas_arena *mem, const snas_genotype *genotype, int type, const char *path)
{
    const snas_mark mark = snas_arena_mark(mem);
    const snas_status status = draw(mem, genotype, type, path);
    snas_arena_release(mem, mark);
    return status;
}
