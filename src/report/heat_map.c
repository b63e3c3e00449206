/* heat_map.c -- probabilities of one cell type as a heat map: a row an edge, a column a candidate, a scale at the
 * right.
 *
 *   colour(p) runs through INKS from the least to the largest p of the map, linear between two inks. A scale narrower
 *   than SPAN_MIN would make colours of noise: it is widened about its middle.
 */
#include <math.h>

#include "edge_grid.h"

static const double SPAN_MIN = 0.005, SPAN_COARSE = 0.02;

static const report_ink INKS[] = {
    {NULL, {247, 250, 255}, {27, 31, 37}},  {NULL, {217, 232, 246}, {26, 48, 72}},
    {NULL, {168, 206, 232}, {25, 72, 112}}, {NULL, {104, 167, 212}, {34, 104, 158}},
    {NULL, {52, 126, 184}, {66, 146, 204}}, {NULL, {20, 82, 148}, {136, 194, 232}},
    {NULL, {8, 48, 107}, {212, 234, 250}},
};

static void fit_scale(report_grid *grid)
{
    const int count = snas_space_edge_count(grid->space) * grid->columns;
    grid->low = HUGE_VAL;
    grid->high = -HUGE_VAL;
    for (int i = 0; i < count; i++) {
        grid->low = fmin(grid->low, grid->values[i]);
        grid->high = fmax(grid->high, grid->values[i]);
    }
    const double span = grid->high - grid->low;
    grid->decimals = span < SPAN_COARSE ? 2 : 1;
    if (span < SPAN_MIN) {
        grid->low = fmin(fmax((grid->low + grid->high - SPAN_MIN) / 2, 0), 1 - SPAN_MIN);
        grid->high = grid->low + SPAN_MIN;
    }
}

static snas_status paint(report_pen *pen, const void *shown)
{
    const snas_heat_table *table = shown;
    const snas_space *space = table->space;
    const char *heads[SNAS_CANDIDATES_MAX];
    for (int k = 0; k < space->candidate_count; k++) {
        heads[k] = space->candidates[k]->name;
    }
    const char *note = space->inputs == 2
                           ? "probability of each operation on each edge, per cent; 0 is c_k-2, 1 is c_k-1"
                           : "probability of each operation on each edge, per cent; 0 is the cell's input";
    report_grid grid = {
        .space = space,
        .type = table->type,
        .note = table->note != NULL ? table->note : note,
        .columns = space->candidate_count,
        .heads = heads,
        .values = table->probabilities,
        .inks = INKS,
        .ink_count = sizeof INKS / sizeof INKS[0],
        .factor = 100,
        .suffix = "%",
    };
    fit_scale(&grid);
    return report_grid_paint(pen, &grid);
}

snas_drawing snas_heat_map(const snas_heat_table *table)
{
    return (snas_drawing){.paint = paint, .shown = table};
}
