/* budget_target.c -- the last third of a search with budgets: the probabilities settle on one cell that uses them.
 *
 * An expected cost within the budget does not need decided edges: the multiplier's optimum leaves one edge between a
 * large candidate and a small one, as the relaxed knapsack does, and the cell within the budget, which has to take the
 * small one, may then use half of it. So before every epoch of the last third a cell G is chosen,
 *
 *      maximise  sum over edges of ln p[e][G_e] + eta * sum over budgets of c(G) / B,      c(G) <= B for every budget,
 *
 * with the least eta >= 0 at which the largest c(G) / B is at least USE, or 0 where no eta does it; and every step of
 * the logits, of rate `rate`, also moves them towards it:
 *
 *      log_alpha[e][k] += pull * rate * (G[e][k] - p[e][k])
 *
 * with a pull that rises from epoch to epoch, slowly at first, up to LARGEST_PULL: what the falling temperature decides
 * by itself it decides before. Adam moves a logit by at most about `rate` a step: against a loss that always wants one
 * other candidate p[e][G_e] comes to 1 - 1 / pull, against noise nearer 1.
 *
 * A cell may pay for an edge without a part in its output, as one that reads a node to which only `none` leads. Then
 * what costs is ruled out on such edges, and the rest of the cell is chosen anew, which may find others.
 */
#include "budget_control.h"

#include <math.h>
#include <string.h>

static const double USE = 0.85, LARGEST_PULL = 8.0, FIRST_ETA = 0.25, LAST_ETA = 1e4;
enum { HALVINGS = 12 };

double search_budget_strength(int64_t epoch, int64_t epochs)
{
    const int64_t first = (2 * epochs + 2) / 3; /* the least of at least 2/3 of them */
    const bool has_third = first < epochs;      /* one or two epochs have none */
    const double part = epoch < first || !has_third ? 0.0 : (double)(epoch + 1 - first) / (double)(epochs - first);
    return LARGEST_PULL * part * part * part;
}

/* q[e][k] = p[e][k] exp(eta * sum over budgets of c[e][k] / B), every edge scaled to a largest of 1. */
static void favour_use(const snas_budget_control *control, const double *p, double eta, double *q)
{
    const int K = control->space->candidate_count;
    const int edges = control->space->cell_types * snas_space_edge_count(control->space);
    for (int e = 0; e < edges; e++) {
        double score[SNAS_CANDIDATES_MAX], largest = (double)-INFINITY;
        for (int k = 0; k < K; k++) {
            score[k] = log(p[e * K + k]);
            for (int b = 0; b < control->count; b++) {
                const snas_budget_term *term = &control->budgets[b].term;
                score[k] += eta * (double)term->cost[e * K + k] / (double)term->most;
            }
            largest = fmax(largest, score[k]);
        }
        for (int k = 0; k < K; k++) {
            q[e * K + k] = exp(score[k] - largest);
        }
    }
}

/* The largest share of a budget that a cell uses. */
static double use_of(const snas_budget_control *control, const snas_genotype *genotype)
{
    double use = 0.0;
    for (int b = 0; b < control->count; b++) {
        const snas_budget_term *term = &control->budgets[b].term;
        use = fmax(use, (double)snas_budget_cost(genotype, term) / (double)term->most);
    }
    return use;
}

/* The cell of one eta, and what it uses. */
static snas_status cell_at(snas_arena *mem, const snas_budget_control *control, const double *p, double eta,
                           snas_genotype *out, double *use)
{
    const snas_mark mark = snas_arena_mark(mem);
    double q[SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX];
    favour_use(control, p, eta, q);
    const snas_status status = search_budget_derive(mem, control, q, SNAS_RULE_EDGE, out);
    *use = status == SNAS_OK ? use_of(control, out) : 0.0;
    snas_arena_release(mem, mark);
    return status;
}

/* The cell of the least eta at which USE of a budget is used; the likeliest where no eta does it. */
static snas_status fill_once(snas_arena *mem, const snas_budget_control *control, const double *p, snas_genotype *out)
{
    snas_genotype cell;
    double use, low = 0.0, high = FIRST_ETA;
    SNAS_TRY(cell_at(mem, control, p, 0.0, out, &use));
    if (use >= USE) {
        return SNAS_OK;
    }
    for (use = 0.0; use < USE; low = high, high *= 2) {
        if (high > LAST_ETA) {
            return SNAS_OK;
        }
        SNAS_TRY(cell_at(mem, control, p, high, &cell, &use));
    }
    high = low;
    low = high > FIRST_ETA ? high / 2 : 0.0;
    *out = cell;
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = (low + high) / 2;
        SNAS_TRY(cell_at(mem, control, p, middle, &cell, &use));
        if (use >= USE) {
            high = middle;
            *out = cell;
        } else {
            low = middle;
        }
    }
    return SNAS_OK;
}

/* Does candidate k of edge e cost more than the edge's cheapest, by any budget? */
static bool is_paid(const snas_budget_control *control, int e, int k)
{
    const int K = control->space->candidate_count;
    bool paid = false;
    for (int b = 0; b < control->count && !paid; b++) {
        const int64_t *cost = control->budgets[b].term.cost + e * K;
        for (int l = 0; l < K; l++) {
            paid |= cost[l] < cost[k];
        }
    }
    return paid;
}

/* On edges where the cell pays for what has no part in its output, p = 0 for all that costs. Was there one? */
static bool rule_out_waste(const snas_budget_control *control, const snas_genotype *cell, double *p)
{
    const int K = control->space->candidate_count;
    const int edges = control->space->cell_types * snas_space_edge_count(control->space);
    bool used[SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX], any = false;
    double chosen[SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX];
    snas_genotype_used(cell, used);
    snas_genotype_one_hot(cell, chosen);
    for (int e = 0; e < edges; e++) {
        bool waste = false;
        for (int k = 0; k < K; k++) {
            waste |= !used[e] && chosen[e * K + k] > 0 && is_paid(control, e, k);
        }
        for (int k = 0; k < K && waste; k++) {
            p[e * K + k] *= !is_paid(control, e, k);
        }
        any |= waste;
    }
    return any;
}

snas_status search_budget_fill(snas_arena *mem, const snas_budget_control *control, const double *p, snas_genotype *out)
{
    const int edges = control->space->cell_types * snas_space_edge_count(control->space);
    double open[SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX];
    snas_genotype cell;
    memcpy(open, p, (size_t)(edges * control->space->candidate_count) * sizeof *p);
    SNAS_TRY(fill_once(mem, control, open, out));
    cell = *out;
    while (rule_out_waste(control, &cell, open)) { /* at most once an edge */
        SNAS_TRY(fill_once(mem, control, open, &cell));
        if (use_of(control, &cell) < fmin(USE, use_of(control, out))) {
            break;
        }
        *out = cell;
    }
    return SNAS_OK;
}

snas_status search_budget_aim(snas_arena *mem, snas_budget_control *control, const double *p, double pull)
{
    const int count =
        control->space->cell_types * snas_space_edge_count(control->space) * control->space->candidate_count;
    snas_genotype cell;
    if (pull == 0.0) {
        memset(control->target, 0, (size_t)count * sizeof control->target[0]);
        return SNAS_OK;
    }
    SNAS_TRY(search_budget_fill(mem, control, p, &cell));
    snas_genotype_one_hot(&cell, control->target);
    for (int i = 0; i < count; i++) {
        control->target[i] *= pull;
    }
    return SNAS_OK;
}

void search_budget_pull(const snas_budget_control *control, const double *p, double rate, double *log_alpha)
{
    const int K = control->space->candidate_count;
    const int edges = control->space->cell_types * snas_space_edge_count(control->space);
    for (int e = 0; e < edges; e++) {
        double pull = 0.0;
        for (int k = 0; k < K; k++) {
            pull += control->target[e * K + k];
        }
        for (int k = 0; k < K; k++) {
            log_alpha[e * K + k] += rate * (control->target[e * K + k] - pull * p[e * K + k]);
        }
    }
}
