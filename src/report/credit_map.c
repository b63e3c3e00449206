/* credit_map.c -- how gradients agree with what candidates are worth, an edge: a row an edge, a column a method.
 *
 *   colour(r) runs from red at r = -1 over white at 0 to blue at 1; the scale is always [-1, 1].
 */
#include "edge_grid.h"
#include "snas/report/picture.h"

static const report_stop STOPS[] = {{-1.0, {130, 20, 20}},  {-0.5, {214, 96, 77}},   {-0.15, {250, 224, 214}},
                                    {0.0, {252, 253, 255}}, {0.15, {217, 232, 246}}, {0.5, {67, 147, 195}},
                                    {1.0, {8, 40, 92}}};

snas_status snas_credit_map(snas_arena *mem, const snas_credit_table *table, const char *path)
{
    const report_grid grid = {
        .space = table->space,
        .type = table->type,
        .caption = "correlation of each method's mean gradient with the loss of the candidates",
        .columns = table->methods,
        .heads = table->names,
        .values = table->correlations,
        .decimals = 2,
        .factor = 1,
        .dark = 0.45,
        .stops = STOPS,
        .stop_count = sizeof STOPS / sizeof STOPS[0],
        .ticks = {"-1", "-0.5", "0", "0.5", "1"},
    };
    return report_grid_save(mem, &grid, path);
}
