/* cell_layout.c -- the layout of a cell's picture by trying: levels of the nodes, bends of the arrows, places of
 * labels.
 *
 * States stand in columns from left to right, each on one of LEVELS heights. All heights of the nodes are tried and the
 * cheapest taken:
 *   cost = 40 * points of arrows inside or near a foreign state + 6 * crossings + rise of the arrows / level.
 * Then every arrow may bend around what it still runs through, and every label slides along its arrow to where it
 * covers no state, no other label and as little of other arrows as can be.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cell_layout.h"

enum { LEVELS = 5, ROUNDS = 8 };

static const double MARGIN = 40, TITLE = 74, COLUMN = 250, LEVEL = 112, STATE_WIDTH = 58, STATE_HEIGHT = 52;
static const double PORT = 15; /* between two arrows at a state */
static const double LABEL_HEIGHT = 22;
static const double CLEAR = 9;       /* an arrow keeps this far from a foreign state */
static const double LABEL_CLEAR = 5; /* a label from other labels */
static const double HEAD_CLEAR = 13; /* a label from a state, and so from the heads of its arrows */
static const int COARSE = 4;         /* points of a curve that are skipped when crossings are counted */

/* --- geometry ----------------------------------------------------------------------------------------------------- */

double report_overlap(report_box a, report_box b)
{
    const double w = fmin(a.x + a.w, b.x + b.w) - fmax(a.x, b.x), h = fmin(a.y + a.h, b.y + b.h) - fmax(a.y, b.y);
    return w > 0 && h > 0 ? w * h : 0;
}

static report_box grown(report_box box, double by)
{
    return (report_box){.x = box.x - by, .y = box.y - by, .w = box.w + 2 * by, .h = box.h + 2 * by};
}

static bool inside(report_box box, report_point p)
{
    return p.x > box.x && p.x < box.x + box.w && p.y > box.y && p.y < box.y + box.h;
}

static double turn(report_point a, report_point b, report_point c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

static bool segments_cross(report_point a, report_point b, report_point c, report_point d)
{
    return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

/* The curve from a to b that leaves and arrives level; `bend` pulls its middle down by about that much. */
static void draw_curve(report_arrow *arrow, report_point a, report_point b, double bend)
{
    const double reach = fmin(0.45 * (b.x - a.x), 150);
    const report_point control[4] = {a, {a.x + reach, a.y + bend}, {b.x - reach, b.y + bend}, b};
    memcpy(arrow->control, control, sizeof control);
    for (int i = 0; i < REPORT_CURVE_POINTS; i++) {
        arrow->curve[i] = report_bezier_at(control, (double)i / (REPORT_CURVE_POINTS - 1));
    }
}

/* --- states and arrows -------------------------------------------------------------------------------------------- */

static void collect_arrows(const snas_genotype *genotype, int type, report_cell_layout *out)
{
    const snas_space *space = genotype->space;
    out->states = space->inputs + space->nodes + 1;
    for (int node = 0; node < space->nodes; node++) {
        const snas_genes *genes = &genotype->nodes[type][node];
        for (int g = 0; g < genes->count; g++) {
            out->arrow[out->arrows++] = (report_arrow){
                .from = genes->genes[g].source, .to = space->inputs + node, .candidate = genes->genes[g].candidate};
        }
    }
    out->operations = out->arrows;
    for (int node = space->concat ? 0 : space->nodes - 1; node < space->nodes; node++) {
        out->arrow[out->arrows++] =
            (report_arrow){.from = space->inputs + node, .to = out->states - 1, .candidate = -1};
    }
}

static double middle(report_box box)
{
    return box.y + box.h / 2;
}

/* Where arrow `a` touches state `s`: arrows of one side are sorted by the height of their other end. */
static double port(const report_cell_layout *in, int a, int s, bool leaves)
{
    int before = 0, all = 0;
    const report_arrow *self = &in->arrow[a];
    const double own = middle(in->state[leaves ? self->to : self->from]);
    for (int i = 0; i < in->arrows; i++) {
        const report_arrow *other = &in->arrow[i];
        if ((leaves ? other->from : other->to) != s) {
            continue;
        }
        const double y = middle(in->state[leaves ? other->to : other->from]);
        before += y < own || (!(y > own) && i < a);
        all++;
    }
    return middle(in->state[s]) + PORT * (before - 0.5 * (all - 1));
}

static void route(report_cell_layout *in, int a, double bend)
{
    report_arrow *arrow = &in->arrow[a];
    const report_box from = in->state[arrow->from], to = in->state[arrow->to];
    draw_curve(arrow, (report_point){.x = from.x + from.w, .y = port(in, a, arrow->from, true)},
               (report_point){.x = to.x, .y = port(in, a, arrow->to, false)}, bend);
}

/* Put the states of the nodes on the given levels and route every arrow straight. */
static void arrange(report_cell_layout *out, const snas_space *space, const int *level)
{
    for (int s = 0; s < out->states; s++) {
        const bool input = s < space->inputs, output = s == out->states - 1;
        double at = input ? (space->inputs == 1 ? 2 : 1 + 2.0 * s) : output ? 2 : level[s - space->inputs];
        int column = input ? 0 : s - space->inputs + 1, ports[2] = {0, 0};
        for (int a = 0; a < out->arrows; a++) {
            ports[0] += out->arrow[a].from == s;
            ports[1] += out->arrow[a].to == s;
        }
        const double h = fmax(STATE_HEIGHT, PORT * (ports[0] > ports[1] ? ports[0] : ports[1]) + 10);
        const double y = MARGIN + TITLE + LEVEL * at;
        out->state[s] = (report_box){.x = MARGIN + COLUMN * column, .y = y - h / 2, .w = STATE_WIDTH, .h = h};
    }
    for (int a = 0; a < out->arrows; a++) {
        route(out, a, 0);
    }
}

/* Points of an arrow inside or near a state that is not its own. */
static int collisions(const report_cell_layout *in, int a)
{
    int count = 0;
    for (int s = 0; s < in->states; s++) {
        if (s == in->arrow[a].from || s == in->arrow[a].to) {
            continue;
        }
        const report_box box = grown(in->state[s], CLEAR);
        for (int i = 0; i < REPORT_CURVE_POINTS; i++) {
            count += inside(box, in->arrow[a].curve[i]);
        }
    }
    return count;
}

static int crossings(const report_arrow *a, const report_arrow *b)
{
    int count = 0;
    for (int i = 0; i + COARSE < REPORT_CURVE_POINTS; i += COARSE) {
        for (int j = 0; j + COARSE < REPORT_CURVE_POINTS; j += COARSE) {
            count += segments_cross(a->curve[i], a->curve[i + COARSE], b->curve[j], b->curve[j + COARSE]);
        }
    }
    return count;
}

static double arrow_cost(const report_cell_layout *in, int a, int first_other)
{
    const report_arrow *arrow = &in->arrow[a];
    double cost = 40 * collisions(in, a);
    for (int b = first_other; b < in->arrows; b++) {
        cost += b == a ? 0 : 6 * crossings(arrow, &in->arrow[b]);
    }
    return cost + fabs(arrow->curve[REPORT_CURVE_POINTS - 1].y - arrow->curve[0].y) / LEVEL;
}

static void choose_levels(report_cell_layout *out, const snas_space *space)
{
    int level[SNAS_NODES_MAX] = {0}, best[SNAS_NODES_MAX] = {0}, combinations = 1;
    double least = HUGE_VAL;
    for (int node = 0; node < space->nodes; node++) {
        combinations *= LEVELS;
    }
    for (int n = 0; n < combinations; n++) {
        for (int node = 0, rest = n; node < space->nodes; node++, rest /= LEVELS) {
            level[node] = rest % LEVELS;
        }
        arrange(out, space, level);
        double cost = 0;
        for (int a = 0; a < out->arrows && cost < least; a++) {
            cost += arrow_cost(out, a, a + 1);
        }
        if (cost < least) {
            least = cost;
            memcpy(best, level, sizeof best);
        }
    }
    arrange(out, space, best);
}

static void bend_arrows(report_cell_layout *out)
{
    static const double BENDS[] = {0, 40, -40, 80, -80, 130, -130, 190, -190};
    for (int a = 0; a < out->arrows; a++) {
        if (collisions(out, a) == 0) {
            continue;
        }
        double least = HUGE_VAL, chosen = 0;
        for (size_t i = 0; i < sizeof BENDS / sizeof BENDS[0]; i++) {
            route(out, a, BENDS[i]);
            const double y = out->arrow[a].curve[REPORT_CURVE_POINTS / 2].y;
            const bool outside = y < TITLE || y > out->height - LABEL_HEIGHT;
            const double cost = arrow_cost(out, a, 0) + fabs(BENDS[i]) / LEVEL + (outside ? 1000 : 0);
            if (cost < least) {
                least = cost;
                chosen = BENDS[i];
            }
        }
        route(out, a, chosen);
    }
}

/* --- labels ------------------------------------------------------------------------------------------------------- */

static report_box label_at(const report_arrow *arrow, int point)
{
    report_box box = arrow->label;
    box.x = arrow->curve[point].x - box.w / 2;
    box.y = arrow->curve[point].y - box.h / 2;
    return box;
}

/* What a label at `box` on arrow `a` covers: states and labels must stay free, other arrows should. */
static double label_cost(const report_cell_layout *in, int a, report_box box)
{
    const report_box clear = grown(box, LABEL_CLEAR);
    double cost = box.y < TITLE || box.y + box.h > in->height ? 1000 : 0;
    for (int s = 0; s < in->states; s++) {
        const double overlap = report_overlap(grown(box, HEAD_CLEAR), in->state[s]);
        cost += overlap > 0 ? 1000 + overlap : 0;
    }
    for (int b = 0; b < in->operations; b++) {
        const double overlap = b == a ? 0 : report_overlap(clear, in->arrow[b].label);
        cost += overlap > 0 ? 1000 + overlap : 0;
    }
    for (int b = 0; b < in->arrows; b++) {
        const double weight = in->arrow[b].candidate < 0 ? 4 : 12;
        for (int i = 0; b != a && i < REPORT_CURVE_POINTS; i++) {
            cost += inside(clear, in->arrow[b].curve[i]) ? weight : 0;
        }
    }
    return cost;
}

/* The point of its curve at which an arrow's label costs least. */
static int best_point(const report_cell_layout *out, int a)
{
    const int middle = REPORT_CURVE_POINTS / 2;
    double least = HUGE_VAL;
    int best = middle;
    for (int i = 3; i < REPORT_CURVE_POINTS - 3; i++) {
        const double cost = label_cost(out, a, label_at(&out->arrow[a], i)) + 0.3 * abs(i - middle);
        if (cost < least) {
            least = cost;
            best = i;
        }
    }
    return best;
}

/* Slide every label to its best place, several times over: a label gives way to those placed after it. */
static void place_labels(report_cell_layout *out, const snas_space *space,
                         double (*text_width)(const char *text, double scale))
{
    for (int a = 0; a < out->operations; a++) {
        report_arrow *arrow = &out->arrow[a];
        arrow->label.w = text_width(space->candidates[arrow->candidate]->name, REPORT_LABEL_SCALE) + 16;
        arrow->label.h = LABEL_HEIGHT;
        arrow->label = label_at(arrow, REPORT_CURVE_POINTS / 2);
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int a = 0; a < out->operations; a++) {
            out->arrow[a].label = label_at(&out->arrow[a], best_point(out, a));
        }
    }
}

/* Cut the empty stripes above and below: move everything so that it begins under the title and ends at the margin. */
static void cut_height(report_cell_layout *out)
{
    double top = HUGE_VAL, bottom = -HUGE_VAL;
    for (int s = 0; s < out->states; s++) {
        top = fmin(top, out->state[s].y);
        bottom = fmax(bottom, out->state[s].y + out->state[s].h);
    }
    for (int a = 0; a < out->arrows; a++) {
        const report_arrow *arrow = &out->arrow[a];
        for (int i = 0; i < REPORT_CURVE_POINTS; i++) {
            top = fmin(top, arrow->curve[i].y);
            bottom = fmax(bottom, arrow->curve[i].y);
        }
        if (a < out->operations) {
            top = fmin(top, arrow->label.y);
            bottom = fmax(bottom, arrow->label.y + arrow->label.h);
        }
    }
    const double by = TITLE + MARGIN / 2 - top;
    for (int s = 0; s < out->states; s++) {
        out->state[s].y += by;
    }
    for (int a = 0; a < out->arrows; a++) {
        out->arrow[a].label.y += by;
        for (int i = 0; i < REPORT_CURVE_POINTS; i++) {
            out->arrow[a].curve[i].y += by;
        }
        for (int i = 0; i < 4; i++) {
            out->arrow[a].control[i].y += by;
        }
    }
    out->height = (int)(bottom + by + MARGIN);
}

void report_cell_layout_make(const snas_genotype *genotype, int type,
                             double (*text_width)(const char *text, double scale), report_cell_layout *out)
{
    const snas_space *space = genotype->space;
    memset(out, 0, sizeof *out);
    collect_arrows(genotype, type, out);
    out->width = (int)(2 * MARGIN + COLUMN * (space->nodes + 1) + STATE_WIDTH);
    out->height = (int)(2 * MARGIN + TITLE + LEVEL * (LEVELS - 1) + STATE_HEIGHT / 2);
    choose_levels(out, space);
    bend_arrows(out);
    place_labels(out, space, text_width);
    cut_height(out);
}
