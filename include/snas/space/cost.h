/* cost.h -- the resource term: the cost of an edge, R, and dR/dw.
 *
 * A cost is a column: a row of snas_cost_columns has its name, a function that counts it, and its factors in the sum of
 * all terms. For weights w on an edge's candidates: S = sum w*size, F = sum w*flops, M = sum w*mac (memory access, in
 * elements).
 *   linear: all 0.43 * (2 S + F/4000 + M/100); one term alone: S, F or M
 *   log:    all (ln S + ln F + ln M)/3; one term alone: its ln; a term below 1 counts as 1 (ln 0, gradient 0)
 * The column `latency` counts only alone; it is 0 until a table of measured times is put in (snas/search/price.h).
 * R = mean over the cells of type 0 of the sum over edges + ratio * mean over the cells of type 1.
 * Source: the published code of SNAS; it divides by 6 and 2 whatever the depth, this by the real number of cells.
 */
#ifndef SNAS_SPACE_COST_H
#define SNAS_SPACE_COST_H

#include "snas/base/arena.h"
#include "snas/space/space.h"

/** The columns: constant, config value, factor in the sum of all terms (linear, logarithmic; 0: counts only when asked
 *  for alone). A line here, and a function of that name in cost.c that counts it. */
#define SNAS_COST_COLUMNS(column)                                                                                      \
    column(SIZE, size, 0.43 * 2, 1.0 / 3) column(FLOPS, flops, 0.43 / 4000, 1.0 / 3)                                   \
        column(MAC, mac, 0.43 / 100, 1.0 / 3) column(LATENCY, latency, 0, 0)

#define SNAS_COST_ENUM(constant, name, linear, logarithmic) SNAS_COST_##constant,
enum { SNAS_COST_COLUMNS(SNAS_COST_ENUM) SNAS_COSTS };

/** The properties of a candidate's place that its cost depends on. */
typedef struct {
    int channels, y; /* of the edge's output: channels, height and width */
    int stride;      /* 1 or 2 */
} snas_cost_place;

typedef struct {
    const char *name; /* config value of search.resource.terms: "flops" */
    double linear,
        logarithmic; /* its factor in the sum of all terms, a form each; 0: counts only when asked for alone */
    double (*count)(const snas_candidate *candidate, const snas_cost_place *place);
} snas_cost_column;
extern const snas_cost_column snas_cost_columns[SNAS_COSTS];

typedef struct {
    double term[SNAS_COSTS]; /* by column */
} snas_cost;

/** Every cost of one candidate. */
snas_cost snas_candidate_cost(const snas_candidate *candidate, snas_cost_place place);

enum { SNAS_COST_NOT_SEARCHED = -1 }; /* type of a fixed block between stages: no edges, no cost */

typedef struct {
    const snas_space *space;
    int cells, edges, candidates;
    int *type;                           /* [cells]: 0, 1 or SNAS_COST_NOT_SEARCHED */
    snas_cost *cost;                     /* [cells][E][K] */
    int type_count[SNAS_CELL_TYPES_MAX]; /* searched cells of each type */
} snas_cost_table;

/** Costs of a network of `cells` cells with C = channels on pictures of side `image` (as seen by the first cell). */
SNAS_MUST_CHECK snas_status snas_cost_table_create(snas_arena *mem, const snas_space *space, int channels, int cells,
                                                   int image, snas_cost_table *out);

typedef struct {
    const snas_cost_column *only; /* the one term that counts; NULL: all, by their factors */
    bool logarithmic;
    double ratio; /* of the reduction cells' part, default 1 */
} snas_penalty;

/** R for the weights w[row][E][K] with row_of_cell[cell] naming each cell's row. When dR is not NULL it receives
 *  dR/dw, [rows][E][K], overwritten. The row of a cell that is not searched is not looked at. All double. */
double snas_penalty_value(const snas_penalty *penalty, const snas_cost_table *table, const double *w,
                          const int *row_of_cell, int rows, double *dR);

/** R likewise, and the share of each edge of each row, [rows][E], overwritten; they sum to R:
 *
 *      by_edge[row][e] = sum over the row's cells of share(cell) r(cell, e),    share = 1 / n_0 or ratio / n_1 */
double snas_penalty_by_edge(const snas_penalty *penalty, const snas_cost_table *table, const double *w,
                            const int *row_of_cell, int rows, double *by_edge);

/** The published baseline of by_edge, the same for every edge of a row, [rows], overwritten: r of the mean cost over a
 *  cell's edges and candidates in the place of r(cell, e). So an edge is left with S - mean, or ln S - ln mean. */
void snas_penalty_baseline(const snas_penalty *penalty, const snas_cost_table *table, const int *row_of_cell, int rows,
                           double *baseline);

#endif
