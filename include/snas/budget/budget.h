/* budget.h -- the likeliest architecture whose costs, sums over its edges, are within budgets.
 *
 *   maximise  sum over the kept edges of ln p,   under the rule's own constraints,
 *   where     fixed_i + sum over the kept edges of cost_i[type][edge][candidate]  <=  most_i   for every cost i
 *
 * Solved to proven optimality, over all cell types at once. ln p counts in whole units of 2^-36 nats, and costs are
 * whole numbers, so all sums are exact. Where the rule's own cell (snas_genotype_derive) is within the budgets it is
 * the answer. Among equally likely ones it is the one of least cost 0, then of least cost 1 and so on.
 */
#ifndef SNAS_BUDGET_BUDGET_H
#define SNAS_BUDGET_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/base/arena.h"
#include "snas/space/genotype.h"

enum { SNAS_BUDGETS_MAX = 4, SNAS_FORBIDDEN_MAX = 64 };

/** A cost that is a sum over edges, and its bound. Whole numbers: a time is one of nanoseconds. */
typedef struct {
    const char *name;    /* "parameters" */
    double unit;         /* of what people read, in those of the cost: 1e6 for milliseconds; 0: 1 */
    int64_t fixed;       /* of every architecture */
    const int64_t *cost; /* [types][E][K], at least 0: of a candidate on an edge, in all cells of the type */
    int64_t most;
} snas_budget_term;

/** A set of architectures that are no answer: those that hold one of the candidates of edges[type][edge] (bit k:
 *  candidate k) on every edge where that is not 0. */
typedef struct {
    uint32_t edges[SNAS_CELL_TYPES_MAX][SNAS_EDGES_MAX];
} snas_forbidden;

typedef struct {
    const snas_space *space;
    const double *p; /* [types][E][K] */
    snas_rule rule;
    const snas_budget_term *terms;
    int term_count; /* 0..SNAS_BUDGETS_MAX */
    const snas_forbidden *forbidden;
    int forbidden_count; /* 0..SNAS_FORBIDDEN_MAX */
    bool may_give_up;    /* after some seconds: many forbidden sets can make it hard */
} snas_budget;

typedef struct {
    bool found;   /* false: all within the budgets are forbidden */
    bool gave_up; /* not found, and nothing is proven */
    snas_genotype genotype;
    int64_t cost[SNAS_BUDGETS_MAX]; /* of it, the fixed part included */
} snas_budget_answer;

/** The likeliest architecture within the budgets. SNAS_E_USAGE with a sentence that says the least possible value when
 *  there is none. */
SNAS_MUST_CHECK snas_status snas_budget_solve(snas_arena *mem, const snas_budget *budget, snas_budget_answer *out);

/** A value of a term as people read it, in `mem`: "300000", "1.25"; "" without memory. */
const char *snas_budget_text(snas_arena *mem, const snas_budget_term *term, double value);

/** ln of the probability of a genotype's choices: the sum of ln p over its edges. A p of 0 counts as the least normal
 *  double above it. */
double snas_budget_log_p(const snas_genotype *genotype, const double *p);

/** What a genotype costs by a term, the fixed part included. */
int64_t snas_budget_cost(const snas_genotype *genotype, const snas_budget_term *term);

#endif
