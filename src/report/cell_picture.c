/* cell_picture.c -- a genotype's cell as a drawing: its layout (cell_layout.c) painted in layers.
 *
 * Arrows to the output lie undermost, then the operations, then the states, then the labels, so that nothing that is
 * read is ever crossed by a line.
 */
#include <stdio.h>
#include <string.h>

#include "cell_layout.h"
#include "palette.h"
#include "snas/base/text.h"

enum { TITLE_BYTES = 192 };
static const double STATE_SCALE = 2.3, TITLE_SCALE = 2.8, NOTE_SCALE = 1.6, DASH = 7, LEFT = 40;

static void paint_arrow(report_pen *pen, const report_arrow *arrow, report_stroke stroke, double head)
{
    report_point control[4];
    memcpy(control, arrow->control, sizeof control);
    control[3].x -= head / 2; /* the line ends within the head */
    report_pen_bezier(pen, control, stroke);
    report_pen_head(pen, arrow->control[3], (report_point){.x = 1, .y = 0}, head, stroke.ink);
}

/* The outputs of the cells before, and of this one: c with its subscript. */
static void paint_name(report_pen *pen, report_point at, const char *subscript)
{
    const double gap = 3, small = STATE_SCALE * 0.65;
    const double left = report_pen_text_width(pen, "c", STATE_SCALE);
    const double right = report_pen_text_width(pen, subscript, small);
    const double x = at.x - (left + gap + right) / 2;
    report_pen_text(pen, (report_point){.x = x, .y = at.y - 2}, REPORT_LEFT,
                    (report_style){.scale = STATE_SCALE, .ink = report_ink_text}, "c");
    report_pen_text(pen, (report_point){.x = x + left + gap, .y = at.y + 5}, REPORT_LEFT,
                    (report_style){.scale = small, .ink = report_ink_text}, subscript);
}

static void paint_state(report_pen *pen, const report_cell_layout *layout, const snas_space *space, int s)
{
    static const char *const SUBSCRIPTS[] = {"k", "k-1", "k-2"};
    const report_box box = layout->state[s];
    const bool input = s < space->inputs, output = s == layout->states - 1, node = !input && !output;
    const report_point at = {.x = box.x + box.w / 2, .y = box.y + box.h / 2};
    const report_stroke border = {.width = 2, .ink = node ? report_ink_node_edge : report_ink_grey};
    const char digit[2] = {(char)('0' + s), 0}; /* states are numbered from the first input on */
    report_pen_box(pen, box, 9, node ? report_ink_node : report_ink_input, border);
    if (node) {
        report_pen_text(pen, at, REPORT_CENTRE, (report_style){.scale = STATE_SCALE, .ink = report_ink_text}, digit);
        return;
    }
    if (input) {
        report_pen_text(pen, (report_point){.x = at.x, .y = box.y + box.h - 12}, REPORT_CENTRE,
                        (report_style){.scale = STATE_SCALE * 0.65, .ink = report_ink_grey}, digit);
    }
    paint_name(pen, (report_point){.x = at.x, .y = at.y - (input ? 7 : 0)}, SUBSCRIPTS[input ? space->inputs - s : 0]);
}

static void paint_label(report_pen *pen, const report_arrow *arrow, const snas_candidate *candidate)
{
    const report_ink ink = report_candidate_ink(candidate);
    const report_point at = {.x = arrow->label.x + arrow->label.w / 2, .y = arrow->label.y + arrow->label.h / 2};
    report_pen_box(pen, arrow->label, arrow->label.h / 2, report_faint(ink, 0.9),
                   (report_stroke){.width = 1.3, .ink = ink});
    report_pen_text(pen, at, REPORT_CENTRE, (report_style){.scale = REPORT_LABEL_SCALE, .ink = ink}, candidate->name);
}

static void paint_title(report_pen *pen, double top, double right, const char *title, const char *note)
{
    const report_point at = {.x = LEFT, .y = top + 34};
    const report_style style = {.scale = TITLE_SCALE, .ink = report_ink_text, .bold = true};
    report_pen_text_within(pen, at, REPORT_LEFT, style, right - LEFT, title);
    if (note != NULL) {
        report_pen_text_within(pen, (report_point){.x = at.x, .y = at.y + 25}, REPORT_LEFT,
                               (report_style){.scale = NOTE_SCALE, .ink = report_ink_grey}, right - LEFT, note);
    }
}

static void paint_operations(report_pen *pen, const snas_space *space, const report_cell_layout *layout, bool zeros)
{
    for (int a = 0; a < layout->operations; a++) {
        const snas_candidate *candidate = space->candidates[layout->arrow[a].candidate];
        const report_ink ink = report_candidate_ink(candidate);
        if (candidate->is_zero != zeros) {
            continue;
        }
        const report_stroke stroke = zeros ? (report_stroke){.width = 1.3, .dash = DASH, .ink = report_faint(ink, 0.35)}
                                           : (report_stroke){.width = 2.2, .ink = ink};
        paint_arrow(pen, &layout->arrow[a], stroke, 10);
    }
}

static void paint_layout(report_pen *pen, const snas_space *space, const report_cell_layout *layout)
{
    for (int a = layout->operations; a < layout->arrows; a++) {
        paint_arrow(pen, &layout->arrow[a], (report_stroke){.width = 1.6, .ink = report_ink_rule}, 8);
    }
    paint_operations(pen, space, layout, true);
    paint_operations(pen, space, layout, false);
    for (int s = 0; s < layout->states; s++) {
        paint_state(pen, layout, space, s);
    }
    for (int a = 0; a < layout->operations; a++) {
        paint_label(pen, &layout->arrow[a], space->candidates[layout->arrow[a].candidate]);
    }
}

/* "DARTS_V2: normal cell" */
static const char *title_of(const snas_cell_view *view, int type, char *to)
{
    const snas_space *space = view->genotype->space;
    snprintf(to, TITLE_BYTES, "%s%s%s%s", view->name != NULL ? view->name : "", view->name != NULL ? ": " : "",
             space->type_names[type], space->cell_types > 1 ? " cell" : "");
    return to;
}

static void paint_cells(report_pen *pen, const snas_cell_view *view, const report_cell_layout *layouts, int first,
                        int count)
{
    const snas_genotype *genotype = view->genotype;
    const char *origin = genotype->origin != NULL ? genotype->origin : genotype->space->name;
    const char *note = view->note != NULL ? view->note : origin;
    char title[TITLE_BYTES];
    double top = 0;
    for (int i = 0; i < count; i++) {
        paint_layout(pen, genotype->space, &layouts[i]);
        paint_title(pen, top, layouts[i].width - LEFT, title_of(view, first + i, title), i == 0 ? note : NULL);
        top += layouts[i].height;
    }
}

static snas_status paint(report_pen *pen, const void *shown)
{
    const snas_cell_view *view = shown;
    const bool all = view->type == SNAS_ALL_CELLS;
    const int first = all ? 0 : view->type, count = all ? view->genotype->space->cell_types : 1;
    int width = 0, height = 0;
    char title[TITLE_BYTES];
    report_cell_layout *layouts;
    SNAS_NEW(pen->mem, layouts, count);
    for (int i = 0; i < count; i++) {
        report_cell_layout_make(view->genotype, first + i, pen->kind->text_width, &layouts[i]);
        report_cell_layout_move(&layouts[i], height);
        width = layouts[i].width > width ? layouts[i].width : width;
        height += layouts[i].height;
    }
    SNAS_TRY(report_pen_open(pen, width, height, title_of(view, first, title)));
    paint_cells(pen, view, layouts, first, count);
    return SNAS_OK;
}

snas_drawing snas_cell_drawing(const snas_cell_view *view)
{
    return (snas_drawing){.paint = paint, .shown = view};
}
