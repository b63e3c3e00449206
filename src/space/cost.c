/* cost.c -- the resource term: what a candidate costs, R and dR/dw in closed form.
 *
 *   T_i [cell][edge] = sum_k w[k] cost_i[cell][edge][k]                      i      column: size, flops, mac (S, F, M)
 *   linear  r = sum_i a_i T_i,              dr/dw_k = sum_i a_i cost_ik      w      weights [rows][E][K]
 *   log     r = sum_i a_i ln max(1, T_i),   dr/dw_k = sum_{i: T_i >= 1} a_i cost_ik / T_i
 *   R = sum_cells share(cell) sum_edges r,   share = 1 / n_0 for type 0, ratio / n_1 for type 1
 *
 * Source: the published code of SNAS, but for the shares (see cost.h).
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "snas/space/cost.h"

/* --- the columns -------------------------------------------------------------------------------------------------- */

static double area(const snas_cost_place *place)
{
    return (double)place->y * place->y;
}

static double elements(const snas_cost_place *place)
{
    return area(place) * place->channels;
}

static double size(const snas_candidate *candidate, const snas_cost_place *place)
{
    return (double)snas_candidate_size(candidate, place->channels, place->stride);
}

static double flops(const snas_candidate *candidate, const snas_cost_place *place)
{
    return size(candidate, place) * area(place) + candidate->flops_per_element * elements(place);
}

static double mac(const snas_candidate *candidate, const snas_cost_place *place)
{
    const int accesses = candidate->reads[place->stride - 1] + candidate->writes;
    return accesses * elements(place) + size(candidate, place);
}

/* What it is on this machine no formula says. */
static double latency(const snas_candidate *candidate, const snas_cost_place *place)
{
    (void)candidate;
    (void)place;
    return 0.0;
}

#define ROW(constant, name_, linear_, logarithmic_)                                                                    \
    [SNAS_COST_##constant] = {.name = #name_, .linear = linear_, .logarithmic = logarithmic_, .count = name_},
const snas_cost_column snas_cost_columns[SNAS_COSTS] = {SNAS_COST_COLUMNS(ROW)};
#undef ROW

snas_cost snas_candidate_cost(const snas_candidate *candidate, snas_cost_place place)
{
    snas_cost cost;
    for (int i = 0; i < SNAS_COSTS; i++) {
        cost.term[i] = snas_cost_columns[i].count(candidate, &place);
    }
    return cost;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

snas_status snas_cost_table_create(snas_arena *mem, const snas_space *space, int channels, int cells, int image,
                                   snas_cost_table *out)
{
    const int E = snas_space_edge_count(space), K = space->candidate_count;
    *out = (snas_cost_table){.space = space, .cells = cells, .edges = E, .candidates = K};
    SNAS_NEW(mem, out->type, cells);
    SNAS_NEW(mem, out->cost, (size_t)cells * (size_t)(E * K));
    int y = image;
    for (int cell = 0; cell < cells; cell++) {
        const snas_cell_place place = snas_space_place(space, cell, cells, channels);
        y /= place.reduction ? 2 : 1;
        out->type[cell] = place.type;
        if (place.block) {
            out->type[cell] = SNAS_COST_NOT_SEARCHED;
            continue;
        }
        out->type_count[place.type]++;
        for (int e = 0; e < E; e++) {
            int source, node;
            snas_space_edge(space, e, &source, &node);
            const int stride = place.reduction && source < space->inputs ? 2 : 1;
            snas_cost *row = out->cost + ((size_t)cell * (size_t)E + (size_t)e) * (size_t)K;
            for (int k = 0; k < K; k++) {
                row[k] = snas_candidate_cost(space->candidates[k],
                                             (snas_cost_place){.channels = place.channels, .y = y, .stride = stride});
            }
        }
    }
    return SNAS_OK;
}

/* --- R ------------------------------------------------------------------------------------------------------------ */

/* Weights on candidates, and which row of them a cell reads. */
typedef struct {
    const double *w; /* [rows][E][K] */
    const int *row_of_cell;
    int rows;
} weights;

/* T of one edge: w [K]. */
static snas_cost expectation(const snas_cost *cost, const double *w, int K)
{
    snas_cost sum = {{0}};
    for (int k = 0; k < K; k++) {
        for (int i = 0; i < SNAS_COSTS; i++) {
            sum.term[i] += w[k] * cost[k].term[i];
        }
    }
    return sum;
}

/* a: how much of each term counts. */
static snas_cost factors(const snas_penalty *penalty)
{
    snas_cost a;
    for (int i = 0; i < SNAS_COSTS; i++) {
        const snas_cost_column *column = &snas_cost_columns[i];
        const double among_all = penalty->logarithmic ? column->logarithmic : column->linear;
        a.term[i] = penalty->only == NULL ? among_all : (double)(penalty->only == column);
    }
    return a;
}

static double dot(snas_cost a, snas_cost b)
{
    double sum = 0;
    for (int i = 0; i < SNAS_COSTS; i++) {
        sum += a.term[i] * b.term[i];
    }
    return sum;
}

/* r of an edge whose expectations are T. */
static double edge_value(const snas_penalty *penalty, snas_cost T)
{
    for (int i = 0; penalty->logarithmic && i < SNAS_COSTS; i++) {
        T.term[i] = log(fmax(1, T.term[i]));
    }
    return dot(factors(penalty), T);
}

/* dr/dT of that edge: what a unit of each cost of a candidate adds. */
static snas_cost edge_slope(const snas_penalty *penalty, snas_cost T)
{
    snas_cost a = factors(penalty);
    for (int i = 0; penalty->logarithmic && i < SNAS_COSTS; i++) {
        a.term[i] = T.term[i] < 1 ? 0 : a.term[i] / T.term[i];
    }
    return a;
}

static double share(const snas_penalty *penalty, const snas_cost_table *table, int cell)
{
    const int type = table->type[cell];
    return (type == 0 ? 1.0 : penalty->ratio) / table->type_count[type];
}

/* R; dR [rows][E][K] and by_edge [rows][E], where they are not NULL, take theirs in addition. */
static double walk(const snas_penalty *penalty, const snas_cost_table *table, weights at, double *dR, double *by_edge)
{
    const size_t E = (size_t)table->edges, K = (size_t)table->candidates;
    double R = 0;
    for (int cell = 0; cell < table->cells; cell++) {
        if (table->type[cell] == SNAS_COST_NOT_SEARCHED) {
            continue;
        }
        const double c = share(penalty, table, cell);
        assert(at.row_of_cell[cell] >= 0 && at.row_of_cell[cell] < at.rows);
        for (size_t e = 0; e < E; e++) {
            const size_t edge = (size_t)at.row_of_cell[cell] * E + e;
            const snas_cost *cost = table->cost + ((size_t)cell * E + e) * K;
            const snas_cost T = expectation(cost, at.w + edge * K, table->candidates);
            const double r = c * edge_value(penalty, T);
            R += r;
            if (by_edge != NULL) {
                by_edge[edge] += r;
            }
            const snas_cost slope = edge_slope(penalty, T);
            for (size_t k = 0; dR != NULL && k < K; k++) {
                dR[edge * K + k] += c * dot(slope, cost[k]);
            }
        }
    }
    return R;
}

double snas_penalty_value(const snas_penalty *penalty, const snas_cost_table *table, const double *w,
                          const int *row_of_cell, int rows, double *dR)
{
    if (dR != NULL) {
        memset(dR, 0, (size_t)rows * (size_t)table->edges * (size_t)table->candidates * sizeof *dR);
    }
    return walk(penalty, table, (weights){.w = w, .row_of_cell = row_of_cell, .rows = rows}, dR, NULL);
}

double snas_penalty_by_edge(const snas_penalty *penalty, const snas_cost_table *table, const double *w,
                            const int *row_of_cell, int rows, double *by_edge)
{
    memset(by_edge, 0, (size_t)rows * (size_t)table->edges * sizeof *by_edge);
    return walk(penalty, table, (weights){.w = w, .row_of_cell = row_of_cell, .rows = rows}, NULL, by_edge);
}

/* The mean cost over a cell's edges and candidates. */
static snas_cost mean_cost(const snas_cost_table *table, int cell)
{
    const int count = table->edges * table->candidates;
    const snas_cost *cost = table->cost + (size_t)cell * (size_t)count;
    snas_cost mean = {{0}};
    for (int n = 0; n < count; n++) {
        for (int i = 0; i < SNAS_COSTS; i++) {
            mean.term[i] += cost[n].term[i] / count;
        }
    }
    return mean;
}

void snas_penalty_baseline(const snas_penalty *penalty, const snas_cost_table *table, const int *row_of_cell, int rows,
                           double *baseline)
{
    memset(baseline, 0, (size_t)rows * sizeof *baseline);
    for (int cell = 0; cell < table->cells; cell++) {
        if (table->type[cell] != SNAS_COST_NOT_SEARCHED) {
            baseline[row_of_cell[cell]] += share(penalty, table, cell) * edge_value(penalty, mean_cost(table, cell));
        }
    }
}
