/* agreement.c -- how much the cells of different seeds have in common, and what chance alone gives.
 *
 * An edge is equal in two cells when both have the same candidate there, or neither keeps it. By chance, with
 * K candidates as likely as each other and a rule that keeps r of a node's m edges, each with probability q = r / m:
 *
 *      P(equal) = (1 - q)^2 + q^2 / K      (K without `none` where the rule cannot choose it)
 *
 * That is beaten too by searches that only prefer one candidate everywhere. So a permutation test asks whether they
 * put candidates at the same places: of every search what stands on the edges of a cell is shuffled among these edges,
 * and p is the share of such shuffles, the cells themselves counted as one, whose agreement is as large.
 */
#include "snas/base/rng.h"
#include "snas/study/results.h"

enum { KEPT_EDGES = 2, NO_EDGE = -1, SHUFFLES = 9999 };

/* What is on every edge: a candidate, or NO_EDGE. */
typedef struct {
    int types, edges;
    int on[SNAS_CELL_TYPES_MAX][SNAS_EDGES_MAX];
} choices;

static choices choices_of(const snas_genotype *genotype)
{
    const snas_space *space = genotype->space;
    choices out = {.types = space->cell_types, .edges = snas_space_edge_count(space)};
    for (int type = 0; type < space->cell_types; type++) {
        for (int e = 0; e < SNAS_EDGES_MAX; e++) {
            out.on[type][e] = NO_EDGE;
        }
        for (int node = 0; node < space->nodes; node++) {
            const snas_genes *genes = &genotype->nodes[type][node];
            for (int g = 0; g < genes->count; g++) {
                out.on[type][snas_space_edge_index(space, genes->genes[g].source, node)] = genes->genes[g].candidate;
            }
        }
    }
    return out;
}

static int count_equal(const choices *a, const choices *b)
{
    int equal = 0;
    for (int type = 0; type < a->types; type++) {
        for (int e = 0; e < a->edges; e++) {
            equal += a->on[type][e] == b->on[type][e];
        }
    }
    return equal;
}

double snas_genotype_agreement(const snas_genotype *a, const snas_genotype *b)
{
    const choices of_a = choices_of(a), of_b = choices_of(b);
    return (double)count_equal(&of_a, &of_b) / (of_a.types * of_a.edges);
}

/* Equal edges of all pairs of cells. */
static int count_equal_pairs(const choices *cells, int count)
{
    int equal = 0;
    for (int i = 0; i < count; i++) {
        for (int j = i + 1; j < count; j++) {
            equal += count_equal(&cells[i], &cells[j]);
        }
    }
    return equal;
}

snas_status snas_agreement_permuted(snas_arena *mem, const snas_genotype *const *genotypes, int count, double *p)
{
    choices *cells;
    SNAS_NEW(mem, cells, count);
    snas_rng rng = snas_rng_at(0, SNAS_STREAM_PERMUTATION, 0);
    for (int i = 0; i < count; i++) {
        cells[i] = choices_of(genotypes[i]);
    }
    const int found = count_equal_pairs(cells, count);
    int as_large = 1;
    for (int s = 0; s < SHUFFLES; s++) {
        for (int i = 0; i < count; i++) {
            for (int type = 0; type < cells[i].types; type++) {
                snas_rng_shuffle(&rng, cells[i].on[type], cells[i].edges);
            }
        }
        as_large += count_equal_pairs(cells, count) >= found;
    }
    *p = (double)as_large / (SHUFFLES + 1);
    return SNAS_OK;
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
