/* budget_control.c -- search.budget: multipliers that hold the child's expected costs within their budgets.
 *
 * For each budget B with costs c of the child's edges, p = softmax(log_alpha):
 *
 *      C      = fixed + sum over edges e and candidates k of p[e][k] c[e][k]                  expected cost
 *      loss  += mu * C / B
 *      d log_alpha[e][k] += mu / B * p[e][k] * (c[e][k] - sum_l p[e][l] c[e][l])              exact
 *
 *      error  = C / B - AIM
 *      ln mu  = s + DAMPING * error                                  proportional part
 *      s     += SPEED * rate * error,   s >= ln LEAST                integral part, a step of rate `rate` of the logits
 *
 * mu is the price of the whole budget in nats of the loss. What moves is its logarithm, because a useful mu depends on
 * how strongly the loss pulls, over orders of magnitude. A logit moves by at most about `rate` a step, so costs follow
 * mu in some 1 / rate steps; in that time the integral part moves ln mu by SPEED * error, which the proportional part
 * has done at once: it damps what would swing. LEAST keeps a search that begins far below its budget from a multiplier
 * so small that it would come back too late.
 */
#include "budget_control.h"

#include "budget_terms.h"
#include "snas/model/regions.h"

#include <math.h>
#include <string.h>

/* AIM leaves room for what the last steps still move. The others: found by trial, see docs/mathematics.md. */
static const double AIM = 0.95, DAMPING = 4.0, SPEED = 4.0, FIRST = 0.01, LEAST = 1e-3;

/* The least and the largest cost of a cell, every edge kept. */
static void find_range(snas_controlled *c, int64_t edges, int K)
{
    c->least = c->largest = (double)c->term.fixed;
    for (int64_t e = 0; e < edges; e++) {
        int64_t least = INT64_MAX, largest = 0;
        for (int k = 0; k < K; k++) {
            const int64_t cost = c->term.cost[e * K + k];
            least = cost < least ? cost : least;
            largest = cost > largest ? cost : largest;
        }
        c->least += (double)least;
        c->largest += (double)largest;
    }
}

/* Is there a cell within all budgets? */
static snas_status check_possible(snas_arena *mem, const snas_budget_control *control)
{
    const snas_space *space = control->space;
    const size_t count =
        (size_t)space->cell_types * (size_t)snas_space_edge_count(space) * (size_t)space->candidate_count;
    snas_genotype any;
    double *p;
    SNAS_NEW(mem, p, count);
    for (size_t i = 0; i < count; i++) {
        p[i] = 1.0 / space->candidate_count;
    }
    return search_budget_derive(mem, control, p, SNAS_RULE_EDGE, &any);
}

snas_status snas_budget_control_create(snas_arena *mem, const snas_search_config *settings,
                                       const snas_network_spec *child, snas_budget_control *out)
{
    const int64_t edges = (int64_t)settings->space->cell_types * snas_space_edge_count(settings->space);
    int64_t most[SNAS_DERIVE_BUDGETS];
    snas_child_costs counts;
    search_costs costs = {.counts = &counts};
    search_config_budgets(settings, most);
    *out = (snas_budget_control){.space = settings->space};
    for (int i = 0; i < SNAS_DERIVE_BUDGETS; i++) {
        if (most[i] == 0) {
            continue;
        }
        if (out->count == 0) {
            SNAS_TRY(snas_child_costs_count(mem, child, &counts));
            SNAS_NEW(mem, out->state, SNAS_DERIVE_BUDGETS);
            SNAS_NEW(mem, out->target, edges * settings->space->candidate_count);
        }
        if (i == SNAS_DERIVE_LATENCY && settings->table != NULL) {
            SNAS_TRY(snas_region_table_open(mem, settings->table, child, &costs.latency));
        }
        snas_controlled *c = &out->budgets[out->count];
        SNAS_TRY(search_term_make(mem, &costs, i, most[i], &c->term));
        find_range(c, edges, settings->space->candidate_count);
        out->state[out->count++] = log(FIRST);
    }
    return out->count == 0 ? SNAS_OK : check_possible(mem, out);
}

double search_budget_expected(const snas_budget_control *control, int budget, const double *p)
{
    const snas_space *space = control->space;
    const snas_budget_term *term = &control->budgets[budget].term;
    const int count = space->cell_types * snas_space_edge_count(space) * space->candidate_count;
    double sum = (double)term->fixed;
    for (int i = 0; i < count; i++) {
        sum += p[i] * (double)term->cost[i];
    }
    return sum;
}

/* C / B - AIM of an expected cost. */
static double error_of(const snas_controlled *c, double expected)
{
    return expected / (double)c->term.most - AIM;
}

static double multiplier_at(const snas_budget_control *control, int budget, double expected)
{
    return exp(control->state[budget] + DAMPING * error_of(&control->budgets[budget], expected));
}

double search_budget_multiplier(const snas_budget_control *control, int budget, const double *p)
{
    return multiplier_at(control, budget, search_budget_expected(control, budget, p));
}

void search_budget_gradient(snas_budget_control *control, const double *p, double *d_log_alpha)
{
    const int K = control->space->candidate_count;
    const int edges = control->space->cell_types * snas_space_edge_count(control->space);
    for (int b = 0; b < control->count; b++) {
        snas_controlled *c = &control->budgets[b];
        c->expected = search_budget_expected(control, b, p);
        const double price = multiplier_at(control, b, c->expected) / (double)c->term.most;
        for (int e = 0; e < edges; e++) {
            const int64_t *cost = c->term.cost + e * K;
            double mean = 0.0;
            for (int k = 0; k < K; k++) {
                mean += p[e * K + k] * (double)cost[k];
            }
            for (int k = 0; k < K; k++) {
                d_log_alpha[e * K + k] += price * p[e * K + k] * ((double)cost[k] - mean);
            }
        }
    }
}

void search_budget_move(snas_budget_control *control, double rate)
{
    for (int b = 0; b < control->count; b++) {
        const snas_controlled *c = &control->budgets[b];
        control->state[b] = fmax(control->state[b] + SPEED * rate * error_of(c, c->expected), log(LEAST));
    }
}

snas_budget search_budget_problem(const snas_budget_control *control, const double *p, snas_rule rule,
                                  snas_budget_term *terms)
{
    for (int b = 0; b < control->count; b++) {
        terms[b] = control->budgets[b].term;
    }
    return (snas_budget){.space = control->space, .p = p, .rule = rule, .terms = terms, .term_count = control->count};
}

snas_status search_budget_derive(snas_arena *mem, const snas_budget_control *control, const double *p, snas_rule rule,
                                 snas_genotype *out)
{
    snas_budget_term terms[SNAS_BUDGETS_MAX];
    const snas_budget budget = search_budget_problem(control, p, rule, terms);
    snas_budget_answer answer;
    SNAS_TRY(snas_budget_solve(mem, &budget, &answer));
    *out = answer.genotype;
    return SNAS_OK;
}
