/* cell_layout.c -- the layout of a cell's picture by trying: levels of the nodes, bends of the arrows, room for labels.
 *
 * States stand in columns from left to right, each on one of LEVELS heights. All heights of the nodes are tried and the
 * KEPT cheapest are kept:
 *   cost = 40 * points of arrows inside or near a foreign state + 6 * crossings + rise of the arrows / level.
 * Then every arrow may bend around what it still runs through, and labels are placed (cell_labels.c). The first of the
 * kept arrangements whose labels meet nothing is taken. Where none is, all of them are spread further out.
 */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cell_layout.h"

enum { LEVELS = 5, KEPT = 8 };

static const double MARGIN = 40, TITLE = 74, COLUMN = 250, LEVEL = 112, STATE_WIDTH = 58, STATE_HEIGHT = 52;
static const double PORT = 15; /* between two arrows at a state */
static const double CLEAR = 9; /* an arrow keeps this far from a foreign state */
static const int COARSE = 4;   /* points of a curve that are skipped when crossings are counted */

/* --- geometry ----------------------------------------------------------------------------------------------------- */

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
    const double top = fmin(a.y, b.y) + fmin(bend, 0), bottom = fmax(a.y, b.y) + fmax(bend, 0);
    arrow->bounds = (report_box){.x = a.x, .y = top - 1, .w = b.x - a.x, .h = bottom - top + 2};
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
    return middle(in->state[s]) + in->port * (before - 0.5 * (all - 1));
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
        const double h = fmax(STATE_HEIGHT, out->port * (ports[0] > ports[1] ? ports[0] : ports[1]) + 10);
        const double y = MARGIN + TITLE + out->level_height * at;
        out->state[s] =
            (report_box){.x = MARGIN + out->column_width * column, .y = y - h / 2, .w = STATE_WIDTH, .h = h};
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
        const report_box box = report_grown(in->state[s], CLEAR);
        for (int i = 0; i < REPORT_CURVE_POINTS && report_overlap(box, in->arrow[a].bounds) > 0; i++) {
            count += inside(box, in->arrow[a].curve[i]);
        }
    }
    return count;
}

static int crossings(const report_arrow *a, const report_arrow *b)
{
    int count = 0;
    if (report_overlap(a->bounds, b->bounds) <= 0) {
        return 0;
    }
    for (int i = 0; i + COARSE < REPORT_CURVE_POINTS; i += COARSE) {
        for (int j = 0; j + COARSE < REPORT_CURVE_POINTS; j += COARSE) {
            const bool apart = b->curve[j + COARSE].x <= a->curve[i].x || b->curve[j].x >= a->curve[i + COARSE].x;
            count += !apart && segments_cross(a->curve[i], a->curve[i + COARSE], b->curve[j], b->curve[j + COARSE]);
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

/* The cheapest arrangements, the cheapest first. */
typedef struct {
    int count;
    double cost[KEPT];
    int level[KEPT][SNAS_NODES_MAX];
} arrangements;

static void keep(arrangements *best, double cost, const int *level)
{
    int i = best->count < KEPT ? best->count++ : KEPT - 1;
    for (; i > 0 && best->cost[i - 1] > cost; i--) {
        best->cost[i] = best->cost[i - 1];
        memcpy(best->level[i], best->level[i - 1], sizeof best->level[i]);
    }
    best->cost[i] = cost;
    memcpy(best->level[i], level, sizeof best->level[i]);
}

static void rank_arrangements(report_cell_layout *out, const snas_space *space, arrangements *best)
{
    int level[SNAS_NODES_MAX] = {0}, combinations = 1;
    for (int node = 0; node < space->nodes; node++) {
        combinations *= LEVELS;
    }
    best->count = 0;
    for (int n = 0; n < combinations; n++) {
        for (int node = 0, rest = n; node < space->nodes; node++, rest /= LEVELS) {
            level[node] = rest % LEVELS;
        }
        arrange(out, space, level);
        const double bound = best->count == KEPT ? best->cost[KEPT - 1] : HUGE_VAL;
        double cost = 0;
        for (int a = 0; a < out->arrows && cost < bound; a++) {
            cost += arrow_cost(out, a, a + 1);
        }
        if (cost < bound) {
            keep(best, cost, level);
        }
    }
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
            const bool outside = y < out->top || y > out->height - MARGIN / 2;
            const double cost = arrow_cost(out, a, 0) + fabs(BENDS[i]) / LEVEL + (outside ? 1000 : 0);
            if (cost < least) {
                least = cost;
                chosen = BENDS[i];
            }
        }
        route(out, a, chosen);
    }
}

void report_cell_layout_move(report_cell_layout *layout, double down)
{
    for (int s = 0; s < layout->states; s++) {
        layout->state[s].y += down;
    }
    for (int a = 0; a < layout->arrows; a++) {
        report_arrow *arrow = &layout->arrow[a];
        arrow->label.y += down;
        arrow->bounds.y += down;
        for (int i = 0; i < REPORT_CURVE_POINTS; i++) {
            arrow->curve[i].y += down;
        }
        for (int i = 0; i < 4; i++) {
            arrow->control[i].y += down;
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
    report_cell_layout_move(out, by);
    out->height = (int)(bottom + by + MARGIN);
}

static void spread_out(report_cell_layout *out, const snas_space *space, double spread)
{
    out->column_width = COLUMN * spread;
    out->level_height = LEVEL * spread;
    out->port = PORT * (2 * spread - 1);
    out->top = TITLE;
    out->width = (int)(2 * MARGIN + out->column_width * (space->nodes + 1) + STATE_WIDTH);
    out->height = (int)(2 * MARGIN + TITLE + out->level_height * (LEVELS - 1) + STATE_HEIGHT / 2);
}

/* Try the arrangements at this spread; keep in *out the one whose labels meet the least. Returns how often they do. */
static int try_arrangements(const arrangements *best, const snas_space *space, report_cell_layout *scratch,
                            report_cell_layout *out)
{
    int least = INT_MAX;
    for (int i = 0; i < best->count && least > 0; i++) {
        arrange(scratch, space, best->level[i]);
        bend_arrows(scratch);
        const int met = report_labels_place(scratch);
        if (met < least) {
            least = met;
            *out = *scratch;
        }
    }
    return least;
}

void report_cell_layout_make(const snas_genotype *genotype, int type, report_width_of *width_of,
                             report_cell_layout *out)
{
    static const double SPREADS[] = {1, 1.15, 1.3, 1.5, 1.75, 2, 2.5, 3, 4};
    const snas_space *space = genotype->space;
    report_cell_layout scratch, tried;
    arrangements best;
    memset(&scratch, 0, sizeof scratch);
    collect_arrows(genotype, type, &scratch);
    spread_out(&scratch, space, 1);
    rank_arrangements(&scratch, space, &best);
    int least = INT_MAX;
    for (size_t i = 0; i < sizeof SPREADS / sizeof SPREADS[0] && least > 0; i++) {
        report_labels_size(&scratch, space, width_of);
        spread_out(&scratch, space, SPREADS[i]);
        const int met = try_arrangements(&best, space, &scratch, &tried);
        if (met < least) {
            least = met;
            *out = tried;
        }
    }
    cut_height(out);
}
