/* credit_map.c -- how gradients agree with what candidates are worth, an edge: a row an edge, a column a method.
 *
 *   colour(r) runs from red over white at 0 to blue. The scale goes as far on both sides as the largest |r| does, to a
 *   whole number of STEPs.
 */
#include <math.h>

#include "edge_grid.h"

static const double STEP = 0.2;

static const report_ink INKS[] = {
    {NULL, {130, 20, 20}, {255, 176, 164}}, {NULL, {214, 96, 77}, {214, 96, 77}},
    {NULL, {250, 205, 190}, {96, 44, 38}},  {NULL, {252, 253, 255}, {27, 31, 37}},
    {NULL, {198, 221, 240}, {25, 58, 88}},  {NULL, {67, 147, 195}, {58, 134, 190}},
    {NULL, {8, 40, 92}, {190, 222, 246}},
};

static double reach(const double *values, int count)
{
    double most = 0;
    for (int i = 0; i < count; i++) {
        most = isnan(values[i]) ? most : fmax(most, fabs(values[i]));
    }
    return fmin(fmax(ceil(most / STEP - 1e-9), 1) * STEP, 1);
}

static snas_status paint(report_pen *pen, const void *shown)
{
    const snas_credit_table *table = shown;
    const double most = reach(table->correlations, snas_space_edge_count(table->space) * table->methods);
    const report_grid grid = {
        .space = table->space,
        .type = table->type,
        .note = "correlation of each method's mean gradient with the loss of the candidates",
        .columns = table->methods,
        .heads = table->names,
        .values = table->correlations,
        .inks = INKS,
        .ink_count = sizeof INKS / sizeof INKS[0],
        .low = -most,
        .high = most,
        .factor = 1,
        .decimals = 2,
        .suffix = "",
    };
    return report_grid_paint(pen, &grid);
}

snas_drawing snas_credit_map(const snas_credit_table *table)
{
    return (snas_drawing){.paint = paint, .shown = table};
}
