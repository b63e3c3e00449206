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
 * A cell may pay for an edge without a part in its output, as one that reads a node to which only `none` leads. Such a
 * cell is no answer: what is forbidden is to pay for that edge while those are `none` that make it unused.
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

/* The cells that are looked at for one target. */
typedef struct {
    const snas_budget_control *control;
    const double *p;
    snas_forbidden wastes[SNAS_FORBIDDEN_MAX]; /* ways to pay for nothing: no answers */
    int waste_count;
} filling;

/* The candidates that cost more than the cheapest of edge e of all types, by any budget; a bit each. */
static uint32_t paid_candidates(const snas_budget_control *control, int e)
{
    const int K = control->space->candidate_count;
    uint32_t paid = 0;
    for (int b = 0; b < control->count; b++) {
        const int64_t *cost = control->budgets[b].term.cost + e * K;
        int64_t least = cost[0];
        for (int k = 1; k < K; k++) {
            least = cost[k] < least ? cost[k] : least;
        }
        for (int k = 0; k < K; k++) {
            paid |= (uint32_t)(cost[k] > least) << k;
        }
    }
    return paid;
}

static uint32_t zero_candidates(const snas_space *space)
{
    uint32_t zero = 0;
    for (int k = 0; k < space->candidate_count; k++) {
        zero |= (uint32_t)space->candidates[k]->is_zero << k;
    }
    return zero;
}

/* The first edge on which the cell pays without a use, as what to forbid: to pay there while the edges are `none` that
 * make it unused. False where it has none. */
static bool find_waste(const snas_budget_control *control, const snas_genotype *cell, snas_forbidden *out)
{
    const snas_space *space = control->space;
    const int E = snas_space_edge_count(space);
    bool used[SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX], because[SNAS_EDGES_MAX];
    *out = (snas_forbidden){0};
    snas_genotype_used(cell, used);
    for (int e = 0; e < space->cell_types * E; e++) {
        int source, node;
        snas_space_edge(space, e % E, &source, &node);
        const int k = cell->nodes[e / E][node].genes[source].candidate; /* of the rule `edge`: a gene a source */
        const uint32_t paid = paid_candidates(control, e);
        if (used[e] || (paid >> k & 1) == 0) {
            continue;
        }
        snas_genotype_why_unused(cell, e / E, source, node, because);
        for (int other = 0; other < E; other++) {
            out->edges[e / E][other] = because[other] ? zero_candidates(space) : 0;
        }
        out->edges[e / E][e % E] = paid;
        return true;
    }
    return false;
}

/* The likeliest cell under q within the budgets that pays for nothing unused; after many ways to do so, any. */
static snas_status solve(snas_arena *mem, filling *f, const double *q, snas_genotype *out, bool *found)
{
    snas_budget_term terms[SNAS_BUDGETS_MAX];
    snas_budget budget = search_budget_problem(f->control, q, SNAS_RULE_EDGE, terms);
    budget.forbidden = f->wastes;
    budget.may_give_up = true;
    for (;;) {
        snas_budget_answer answer;
        budget.forbidden_count = f->waste_count;
        SNAS_TRY(snas_budget_solve(mem, &budget, &answer));
        *found = answer.found;
        *out = answer.genotype;
        if (!answer.found || f->waste_count == SNAS_FORBIDDEN_MAX ||
            !find_waste(f->control, out, &f->wastes[f->waste_count])) {
            return SNAS_OK;
        }
        f->waste_count++;
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

/* The cell of one eta, and what it uses; 0 when there is none. */
static snas_status cell_at(snas_arena *mem, filling *f, double eta, snas_genotype *out, double *use)
{
    const snas_mark mark = snas_arena_mark(mem);
    double q[SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX];
    bool found = false;
    favour_use(f->control, f->p, eta, q);
    const snas_status status = solve(mem, f, q, out, &found);
    *use = found ? use_of(f->control, out) : 0.0;
    snas_arena_release(mem, mark);
    return status;
}

/* The cell of the least eta at which USE of a budget is used, if there is one: into *out. */
static snas_status find_full(snas_arena *mem, filling *f, snas_genotype *out)
{
    snas_genotype cell = {0};
    double use = 0.0, low = 0.0, high = FIRST_ETA;
    for (; use < USE; low = high, high *= 2) {
        if (high > LAST_ETA) {
            return SNAS_OK;
        }
        SNAS_TRY(cell_at(mem, f, high, &cell, &use));
    }
    high = low;
    low = high > FIRST_ETA ? high / 2 : 0.0;
    *out = cell;
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = (low + high) / 2;
        SNAS_TRY(cell_at(mem, f, middle, &cell, &use));
        if (use >= USE) {
            high = middle;
            *out = cell;
        } else {
            low = middle;
        }
    }
    return SNAS_OK;
}

/* The likeliest cell, without waste if there is such a one, or a full one. */
static snas_status find_target(snas_arena *mem, filling *f, snas_genotype *out)
{
    snas_genotype cell = {0};
    double use = 0.0;
    SNAS_TRY(search_budget_derive(mem, f->control, f->p, SNAS_RULE_EDGE, out));
    SNAS_TRY(cell_at(mem, f, 0.0, &cell, &use));
    if (use > 0.0) {
        *out = cell;
    }
    return use < USE ? find_full(mem, f, out) : SNAS_OK;
}

snas_status search_budget_fill(snas_arena *mem, const snas_budget_control *control, const double *p, snas_genotype *out)
{
    const snas_mark mark = snas_arena_mark(mem);
    filling *f;
    SNAS_NEW(mem, f, 1);
    *f = (filling){.control = control, .p = p};
    const snas_status status = find_target(mem, f, out);
    snas_arena_release(mem, mark);
    return status;
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
