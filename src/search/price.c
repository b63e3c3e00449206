/* price.c -- the price of an architecture in the loss: lambda * R, its gradient by one of three methods.
 *
 * This is where costs and distributions meet: the cost table knows R(w) and dR/dw for weights w on the candidates, the
 * estimator knows how to carry a gradient or a score to the logits, and neither knows the other.
 * Source: Xie et al., SNAS (ICLR 2019), and its published code.
 */
#include "snas/search/price.h"

#include <stddef.h>
#include <string.h>

/* What a method works on. */
typedef struct {
    const snas_price *resource;
    const snas_logits *logits;
    const snas_draw *draw;
    double lambda;
    double *dz, *d_log_alpha;
} job;

static size_t row_size(const snas_cost_table *table)
{
    return (size_t)table->edges * (size_t)table->candidates;
}

/* R of the draw; the gradient flows through Z, on to the logits with the loss's own. */
static double reparametrization(const job *j)
{
    const snas_price *r = j->resource;
    const double R = snas_penalty_value(&r->settings->penalty, &r->table, j->draw->z, r->row_of_cell, r->rows, r->dR);
    const size_t count = (size_t)r->rows * row_size(&r->table);
    for (size_t i = 0; i < count; i++) {
        j->dz[i] += j->lambda * r->dR[i];
    }
    return R;
}

/* R of the probabilities: for linear costs the exact expectation. */
static double discrete(const job *j)
{
    const snas_price *r = j->resource;
    const int types = r->settings->space->cell_types;
    snas_logits_probabilities(j->logits, r->p);
    const double R = snas_penalty_value(&r->settings->penalty, &r->table, r->p, r->table.type, types, r->dp);
    const size_t count = (size_t)types * row_size(&r->table);
    for (size_t i = 0; i < count; i++) {
        r->dp[i] *= j->lambda;
    }
    snas_logits_probabilities_grad(j->logits, r->dp, j->d_log_alpha);
    return R;
}

/* From each edge's cost what the mean over its cells' edges and candidates costs. */
static void subtract_baseline(const snas_price *r)
{
    const int edges = r->table.edges;
    snas_penalty_baseline(&r->settings->penalty, &r->table, r->row_of_cell, r->rows, r->baseline);
    for (int i = 0; i < r->rows * edges; i++) {
        r->by_edge[i] -= r->baseline[i / edges];
    }
}

/* R of the draw; what an edge costs multiplies its own score. R is a sum over edges whose draws are independent, so the
 * other edges' costs add nothing to the mean of that product: they would only add noise. */
static double policy_gradient(const job *j)
{
    const snas_price *r = j->resource;
    const double R =
        snas_penalty_by_edge(&r->settings->penalty, &r->table, j->draw->z, r->row_of_cell, r->rows, r->by_edge);
    if (r->settings->baseline) {
        subtract_baseline(r);
    }
    for (int i = 0; i < r->rows * r->table.edges; i++) {
        r->by_edge[i] *= j->lambda;
    }
    r->settings->estimator->score(j->logits, j->draw, r->by_edge, j->d_log_alpha);
    return R;
}

static double (*const gradients[SNAS_RESOURCE_GRADIENT_COUNT])(const job *j) = {
    [SNAS_RESOURCE_REPARAMETRIZATION] = reparametrization,
    [SNAS_RESOURCE_DISCRETE] = discrete,
    [SNAS_RESOURCE_POLICY_GRADIENT] = policy_gradient,
};

snas_status snas_price_create(snas_arena *mem, const snas_search_config *settings, int side, int rows,
                              const int *row_of_cell, snas_price *out)
{
    *out = (snas_price){.settings = settings, .rows = rows, .row_of_cell = row_of_cell};
    SNAS_TRY(snas_cost_table_create(mem, settings->space, settings->channels, settings->cells, side, &out->table));
    const size_t types = (size_t)settings->space->cell_types;
    SNAS_NEW(mem, out->p, types * row_size(&out->table));
    SNAS_NEW(mem, out->dp, types * row_size(&out->table));
    SNAS_NEW(mem, out->dR, (size_t)rows * row_size(&out->table));
    SNAS_NEW(mem, out->by_edge, (size_t)rows * (size_t)out->table.edges);
    SNAS_NEW(mem, out->baseline, rows);
    return SNAS_OK;
}

snas_status snas_price_take_latency(snas_arena *mem, const snas_latency *times, snas_price *price)
{
    const snas_cost_table *table = &price->table;
    const size_t row = row_size(table);
    int searched[SNAS_CELL_TYPES_MAX] = {0};
    int64_t *sums;
    SNAS_TRY(snas_latency_by_type(mem, times, &sums));
    for (int cell = 0; cell < times->child.cells; cell++) {
        const snas_cell_place place = snas_space_place(table->space, cell, times->child.cells, times->child.channels);
        searched[place.type] += !place.block;
    }
    for (int cell = 0; cell < table->cells; cell++) {
        const int type = table->type[cell];
        for (size_t i = 0; i < row && type != SNAS_COST_NOT_SEARCHED; i++) {
            table->cost[(size_t)cell * row + i].term[SNAS_COST_LATENCY] =
                1e-3 * (double)sums[(size_t)type * row + i] / searched[type];
        }
    }
    return SNAS_OK;
}

double snas_price_add(const snas_price *resource, const snas_logits *logits, const snas_draw *draw, double lambda,
                      double *dz, double *d_log_alpha)
{
    const job j = {
        .resource = resource, .logits = logits, .draw = draw, .lambda = lambda, .dz = dz, .d_log_alpha = d_log_alpha};
    return gradients[resource->settings->resource_gradient](&j);
}

double snas_price_expected(const snas_price *resource, const double *p)
{
    return snas_penalty_value(&resource->settings->penalty, &resource->table, p, resource->table.type,
                              resource->settings->space->cell_types, NULL);
}
