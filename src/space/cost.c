/* cost.c -- the resource term: what a candidate costs, R and dR/dw in closed form.
 *
 *   size  = weights of the convolutions                  C      channels of the edge
 *   flops = size y^2 + flops_per_element C y^2           y      output height and width of the edge
 *   mac   = (reads + writes) C y^2 + size                w      weights [rows][E][K]
 *
 *   S, F, M [cell][edge] = sum_k w[k] (size, flops, mac)[cell][edge][k]
 *   linear  r = a_S S + a_F F + a_M M,       dr/dw_k = a_S size_k + a_F flops_k + a_M mac_k
 *   log     r = sum_i b_i ln max(1, T_i),    dr/dw_k = sum_{i: T_i >= 1} b_i cost_ik / T_i
 *   R = sum_cells share(cell) sum_edges r,   share = 1 / n_0 for type 0, ratio / n_1 for type 1
 *
 * Source: the published code of SNAS, but for the shares (see cost.h).
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "snas/space/cost.h"

const char *const snas_terms_names[SNAS_TERMS_COUNT] = {
    [SNAS_TERMS_ALL] = "all", [SNAS_TERMS_SIZE] = "size", [SNAS_TERMS_FLOPS] = "flops", [SNAS_TERMS_MAC] = "mac"};

/* How much of size, flops and mac a choice of terms takes. */
static const snas_cost LINEAR[SNAS_TERMS_COUNT] = {
    [SNAS_TERMS_ALL] = {.size = 0.43 * 2, .flops = 0.43 / 4000, .mac = 0.43 / 100},
    [SNAS_TERMS_SIZE] = {.size = 1},
    [SNAS_TERMS_FLOPS] = {.flops = 1},
    [SNAS_TERMS_MAC] = {.mac = 1}};
static const snas_cost LOGARITHMIC[SNAS_TERMS_COUNT] = {
    [SNAS_TERMS_ALL] = {.size = 1.0 / 3, .flops = 1.0 / 3, .mac = 1.0 / 3},
    [SNAS_TERMS_SIZE] = {.size = 1},
    [SNAS_TERMS_FLOPS] = {.flops = 1},
    [SNAS_TERMS_MAC] = {.mac = 1}};

snas_cost snas_candidate_cost(const snas_candidate *candidate, int channels, int y, int stride)
{
    const double size = (double)snas_candidate_size(candidate, channels, stride);
    const double area = (double)y * y, elements = area * channels;
    return (snas_cost){.size = size,
                       .flops = size * area + candidate->flops_per_element * elements,
                       .mac = (candidate->reads[stride - 1] + candidate->writes) * elements + size};
}

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
        if (place.reduction && space->reduction == SNAS_REDUCE_RESIDUAL) {
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
                row[k] = snas_candidate_cost(space->candidates[k], place.channels, y, stride);
            }
        }
    }
    return SNAS_OK;
}

static snas_cost expectation(const snas_cost *cost, const double *w, int K)
{
    snas_cost sum = {0};
    for (int k = 0; k < K; k++) {
        sum.size += w[k] * cost[k].size;
        sum.flops += w[k] * cost[k].flops;
        sum.mac += w[k] * cost[k].mac;
    }
    return sum;
}

static double dot(snas_cost a, snas_cost b)
{
    return a.size * b.size + a.flops * b.flops + a.mac * b.mac;
}

/* r of an edge whose expectations are `sum`. */
static double edge_value(const snas_penalty *penalty, snas_cost sum)
{
    if (!penalty->logarithmic) {
        return dot(LINEAR[penalty->terms], sum);
    }
    const snas_cost logs = {
        .size = log(fmax(1, sum.size)), .flops = log(fmax(1, sum.flops)), .mac = log(fmax(1, sum.mac))};
    return dot(LOGARITHMIC[penalty->terms], logs);
}

/* dr/d(S, F, M) of that edge: what a unit of each cost of a candidate adds. */
static snas_cost edge_slope(const snas_penalty *penalty, snas_cost sum)
{
    if (!penalty->logarithmic) {
        return LINEAR[penalty->terms];
    }
    const snas_cost b = LOGARITHMIC[penalty->terms];
    return (snas_cost){.size = sum.size < 1 ? 0 : b.size / sum.size,
                       .flops = sum.flops < 1 ? 0 : b.flops / sum.flops,
                       .mac = sum.mac < 1 ? 0 : b.mac / sum.mac};
}

static double share(const snas_penalty *penalty, const snas_cost_table *table, int cell)
{
    const int type = table->type[cell];
    return (type == 0 ? 1.0 : penalty->ratio) / table->type_count[type];
}

double snas_penalty_value(const snas_penalty *penalty, const snas_cost_table *table, const double *w,
                          const int *row_of_cell, int rows, double *dR)
{
    const size_t E = (size_t)table->edges, K = (size_t)table->candidates;
    double R = 0;
    if (dR != NULL) {
        memset(dR, 0, (size_t)rows * E * K * sizeof *dR);
    }
    for (int cell = 0; cell < table->cells; cell++) {
        if (table->type[cell] == SNAS_COST_NOT_SEARCHED) {
            continue;
        }
        const double c = share(penalty, table, cell);
        const size_t row = (size_t)row_of_cell[cell];
        assert(row_of_cell[cell] >= 0 && row_of_cell[cell] < rows);
        for (size_t e = 0; e < E; e++) {
            const snas_cost *cost = table->cost + ((size_t)cell * E + e) * K;
            const snas_cost sum = expectation(cost, w + (row * E + e) * K, table->candidates);
            R += c * edge_value(penalty, sum);
            const snas_cost slope = edge_slope(penalty, sum);
            for (size_t k = 0; dR != NULL && k < K; k++) {
                dR[(row * E + e) * K + k] += c * dot(slope, cost[k]);
            }
        }
    }
    return R;
}

double snas_penalty_centred(const snas_penalty *penalty, const snas_cost_table *table, const double *w,
                            const int *row_of_cell)
{
    const size_t E = (size_t)table->edges, K = (size_t)table->candidates;
    double R = 0;
    for (int cell = 0; cell < table->cells; cell++) {
        if (table->type[cell] == SNAS_COST_NOT_SEARCHED) {
            continue;
        }
        const double c = share(penalty, table, cell);
        const size_t row = (size_t)row_of_cell[cell];
        snas_cost mean = {0};
        for (size_t i = 0; i < E * K; i++) {
            const snas_cost *cost = table->cost + (size_t)cell * E * K + i;
            mean.size += cost->size / (double)(E * K);
            mean.flops += cost->flops / (double)(E * K);
            mean.mac += cost->mac / (double)(E * K);
        }
        for (size_t e = 0; e < E; e++) {
            const snas_cost *cost = table->cost + ((size_t)cell * E + e) * K;
            const snas_cost sum = expectation(cost, w + (row * E + e) * K, table->candidates);
            R += c * (edge_value(penalty, sum) - edge_value(penalty, mean));
        }
    }
    return R;
}
