/* agreement.c -- how much the cells of different seeds have in common, and what chance alone gives.
 *
 * An edge is equal in two cells when both have the same candidate there, or neither keeps it. By chance, with
 * K candidates as likely as each other and a rule that keeps r of a node's m edges, each with probability q = r / m:
 *
 *      P(equal) = (1 - q)^2 + q^2 / K      (K without `none` where the rule cannot choose it)
 */
#include "snas/study/results.h"

enum { KEPT_EDGES = 2, NO_EDGE = -1 };

/* The candidate of the edge from `source` to `node`. */
static int choice(const snas_genotype *genotype, int type, int node, int source)
{
    const snas_genes *genes = &genotype->nodes[type][node];
    for (int g = 0; g < genes->count; g++) {
        if (genes->genes[g].source == source) {
            return genes->genes[g].candidate;
        }
    }
    return NO_EDGE;
}

double snas_genotype_agreement(const snas_genotype *a, const snas_genotype *b)
{
    const snas_space *space = a->space;
    int equal = 0, all = 0;
    for (int type = 0; type < space->cell_types; type++) {
        for (int node = 0; node < space->nodes; node++) {
            for (int source = 0; source < space->inputs + node; source++) {
                equal += choice(a, type, node, source) == choice(b, type, node, source);
                all++;
            }
        }
    }
    return (double)equal / all;
}

static int count_none(const snas_space *space)
{
    int count = 0;
    for (int k = 0; k < space->candidate_count; k++) {
        count += space->candidates[k]->is_zero;
    }
    return count;
}

double snas_agreement_by_chance(const snas_space *space, snas_rule rule)
{
    const int K = space->candidate_count - (rule == SNAS_RULE_DARTS ? count_none(space) : 0);
    double sum = 0;
    int all = 0;
    for (int node = 0; node < space->nodes; node++) {
        const int edges = space->inputs + node;
        const bool keeps_all = rule == SNAS_RULE_EDGE || edges <= KEPT_EDGES;
        const double q = keeps_all ? 1.0 : (double)KEPT_EDGES / edges;
        sum += edges * ((1 - q) * (1 - q) + q * q / K);
        all += edges;
    }
    return sum / all;
}
