/* cell_labels.c -- where the labels of a cell's picture stand.
 *
 * A label slides along its arrow to PLACES. A place costs
 *   MEETS for every other arrow, label or state that it meets and for leaving the picture, + its way from the middle
 * What a place meets of arrows and states does not depend on the other labels and is counted once. Then labels are
 * placed in turn, ROUNDS times over: a label gives way to those placed after it.
 */
#include <math.h>
#include <stdlib.h>

#include "cell_layout.h"

enum { PLACES = 57, ROUNDS = 8 };
static const double MEETS = 1000, FIRST = 0.06, LAST = 0.94; /* of the curve's parameter */
static const double LABEL_HEIGHT = 22, PAD = 8;
static const double LABEL_CLEAR = 5; /* a label from other labels */
static const double ARROW_CLEAR = 3; /* a label from foreign arrows */
static const double HEAD_CLEAR = 13; /* a label from a state, and so from the heads of its arrows */

/* Outside of everything until they are placed. */
void report_labels_size(report_cell_layout *layout, const snas_space *space, report_width_of *width_of)
{
    for (int a = 0; a < layout->operations; a++) {
        const char *name = space->candidates[layout->arrow[a].candidate]->name;
        layout->arrow[a].label = (report_box){
            .x = -1e6, .y = -1e6 * (a + 1), .w = width_of(name, REPORT_LABEL_SCALE) + 2 * PAD, .h = LABEL_HEIGHT};
    }
}

/* The costs that do not depend on other labels, and the places chosen. */
typedef struct {
    double cost[REPORT_ARROWS_MAX][PLACES];
    int chosen[REPORT_ARROWS_MAX];
} label_plan;

static report_box label_at(const report_arrow *arrow, int place)
{
    const report_point at = report_bezier_at(arrow->control, FIRST + (LAST - FIRST) * place / (PLACES - 1));
    return (report_box){
        .x = at.x - arrow->label.w / 2, .y = at.y - arrow->label.h / 2, .w = arrow->label.w, .h = arrow->label.h};
}

/* Whether the segment from a to b has a point in the box: the part of it between the box's left and right side, then
 * between top and bottom, is not empty. */
static bool segment_meets(report_box box, report_point a, report_point b)
{
    if (b.x <= box.x || a.x >= box.x + box.w) { /* arrows go from left to right */
        return false;
    }
    const double from[2] = {a.x, a.y}, by[2] = {b.x - a.x, b.y - a.y}, low[2] = {box.x, box.y};
    const double size[2] = {box.w, box.h};
    double first = 0, last = 1;
    for (int i = 0; i < 2; i++) {
        if (by[i] == 0) {
            if (from[i] <= low[i] || from[i] >= low[i] + size[i]) {
                return false;
            }
            continue;
        }
        const double one = (low[i] - from[i]) / by[i], two = (low[i] + size[i] - from[i]) / by[i];
        first = fmax(first, fmin(one, two));
        last = fmin(last, fmax(one, two));
    }
    return first < last;
}

static bool curve_meets(report_box box, const report_arrow *arrow)
{
    for (int i = 0; i + 1 < REPORT_CURVE_POINTS && report_overlap(box, arrow->bounds) > 0; i++) {
        if (segment_meets(box, arrow->curve[i], arrow->curve[i + 1])) {
            return true;
        }
    }
    return false;
}

/* How much of states, other arrows and the outside the label of arrow `a` would meet at `box`. */
static int meetings(const report_cell_layout *in, int a, report_box box)
{
    int count = box.y < in->top || box.y + box.h > in->height;
    const report_box from_state = report_grown(box, HEAD_CLEAR), from_arrow = report_grown(box, ARROW_CLEAR);
    for (int s = 0; s < in->states; s++) {
        count += report_overlap(from_state, in->state[s]) > 0;
    }
    for (int b = 0; b < in->arrows; b++) {
        count += b != a && curve_meets(from_arrow, &in->arrow[b]);
    }
    return count;
}

static double full_cost(const report_cell_layout *in, const label_plan *plan, int a, int place)
{
    double cost = plan->cost[a][place];
    const report_box clear = report_grown(label_at(&in->arrow[a], place), LABEL_CLEAR);
    for (int b = 0; b < in->operations; b++) {
        const double overlap = b == a ? 0 : report_overlap(clear, in->arrow[b].label);
        cost += overlap > 0 ? MEETS + overlap : 0;
    }
    return cost;
}

static double choose(report_cell_layout *in, label_plan *plan, int a)
{
    double least = HUGE_VAL;
    for (int place = 0; place < PLACES; place++) {
        const double cost = full_cost(in, plan, a, place);
        if (cost < least) {
            least = cost;
            plan->chosen[a] = place;
        }
    }
    in->arrow[a].label = label_at(&in->arrow[a], plan->chosen[a]);
    return least;
}

int report_labels_place(report_cell_layout *out)
{
    label_plan plan;
    for (int a = 0; a < out->operations; a++) {
        for (int place = 0; place < PLACES; place++) {
            const int met = meetings(out, a, label_at(&out->arrow[a], place));
            plan.cost[a][place] = MEETS * met + abs(place - PLACES / 2);
        }
        choose(out, &plan, a);
    }
    double most = 0;
    for (int round = 0; round < ROUNDS; round++) {
        most = 0;
        for (int a = 0; a < out->operations; a++) {
            most += floor(choose(out, &plan, a) / MEETS);
        }
    }
    return (int)most;
}
