/* heat_map.c -- probabilities of one cell type as a heat map: a row an edge, a column a candidate, a scale at the
 * right.
 *
 *   colour(p) runs through STOPS, white at p = 0 to dark at p = 1, linear between two stops. The scale is always [0,
 *   1], so that pictures of different epochs compare.
 */
#include "edge_grid.h"
#include "snas/report/picture.h"

static const report_stop STOPS[] = {{0.00, {252, 253, 255}}, {0.125, {217, 232, 246}}, {0.30, {142, 190, 222}},
                                    {0.55, {58, 134, 190}},  {0.80, {20, 82, 148}},    {1.00, {8, 40, 92}}};

snas_status snas_heat_map(snas_arena *mem, const snas_space *space, int type, const double *probabilities,
                          const char *path)
{
    const char *heads[SNAS_CANDIDATES_MAX];
    for (int k = 0; k < space->candidate_count; k++) {
        heads[k] = space->candidates[k]->name;
    }
    const report_grid grid = {
        .space = space,
        .type = type,
        .caption = space->inputs == 2 ? "probability of each operation on each edge, per cent; 0 is c_k-2, 1 is c_k-1"
                                      : "probability of each operation on each edge, per cent; 0 is the cell's input",
        .columns = space->candidate_count,
        .heads = heads,
        .values = probabilities,
        .decimals = 1,
        .factor = 100,
        .dark = 0.42,
        .stops = STOPS,
        .stop_count = sizeof STOPS / sizeof STOPS[0],
        .ticks = {"0%", "25%", "50%", "75%", "100%"},
    };
    return report_grid_save(mem, &grid, path);
}
