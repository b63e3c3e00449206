/* choices.c -- the groups of a rule and their options.
 *
 *   a node with more edges than the rule keeps    one group: every pair of its edges with every pair of candidates
 *   any other node                                one group an edge: every candidate
 *
 * Loss of an option: what it lacks in sum of ln p to the group's likeliest. The rule's own choice has none and stands
 * first, then they go by loss, edges, candidates.
 */
#include "choices.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

/* Numbers of options before they are ordered. */
typedef struct {
    choices_option what;
    int64_t units; /* sum of ln p */
    bool own;      /* the rule's own choice */
    int number;    /* in the order of edges and candidates */
} option_row;

/* A group that is being made. */
typedef struct {
    const snas_budget *budget;
    const snas_genotype *own; /* the rule's own */
    int type, node, count;
    option_row *rows;
} maker;

static double logarithm(double p)
{
    return log(fmax(p, DBL_MIN));
}

int64_t choices_units(double p)
{
    return llround(ldexp(logarithm(p), 36));
}

static size_t entry(const snas_space *space, int type, int node, snas_gene gene)
{
    const size_t E = (size_t)snas_space_edge_count(space), K = (size_t)space->candidate_count;
    return ((size_t)type * E + (size_t)snas_space_edge_index(space, gene.source, node)) * K + (size_t)gene.candidate;
}

static bool holds(const snas_genes *genes, snas_gene gene)
{
    for (int g = 0; g < genes->count; g++) {
        if (genes->genes[g].source == gene.source && genes->genes[g].candidate == gene.candidate) {
            return true;
        }
    }
    return false;
}

static bool may(const snas_budget *b, int candidate)
{
    return !(snas_rule_rows[b->rule].without_none && b->space->candidates[candidate]->is_zero);
}

static void add_row(maker *m, choices_option what)
{
    option_row row = {.what = what, .own = true, .number = m->count};
    for (int i = 0; i < what.count; i++) {
        row.units += choices_units(m->budget->p[entry(m->budget->space, m->type, m->node, what.genes[i])]);
        row.own = row.own && holds(&m->own->nodes[m->type][m->node], what.genes[i]);
    }
    m->rows[m->count++] = row;
}

static void add_edge(maker *m, int source)
{
    for (int k = 0; k < m->budget->space->candidate_count; k++) {
        if (may(m->budget, k)) {
            add_row(m, (choices_option){.count = 1, .genes = {{.candidate = k, .source = source}}});
        }
    }
}

static void add_pair(maker *m, int first, int second)
{
    const int K = m->budget->space->candidate_count;
    for (int k = 0; k < K * K; k++) {
        if (may(m->budget, k / K) && may(m->budget, k % K)) {
            const choices_option pair = {
                .count = 2, .genes = {{.candidate = k / K, .source = first}, {.candidate = k % K, .source = second}}};
            add_row(m, pair);
        }
    }
}

static int by_loss(const void *a, const void *b)
{
    const option_row *x = a, *y = b;
    if (x->own != y->own) {
        return x->own ? -1 : 1;
    }
    if (x->units != y->units) {
        return x->units > y->units ? -1 : 1;
    }
    return x->number - y->number;
}

/* --- into the knapsack -------------------------------------------------------------------------------------------- */

/* Does an option leave the set to be met: on each of its group's edges that the set asks about, is there what it asks
 * for? */
static bool leaves(const snas_space *space, const snas_forbidden *set, const choices_group *group,
                   const choices_option *option, int only)
{
    for (int source = 0; source < space->inputs + group->node; source++) {
        const uint32_t asked = set->edges[group->type][snas_space_edge_index(space, source, group->node)];
        bool is_there = asked == 0 || (only >= 0 && source != only);
        for (int i = 0; i < option->count && !is_there; i++) {
            is_there = option->genes[i].source == source && (asked >> option->genes[i].candidate & 1) != 0;
        }
        if (!is_there) {
            return false;
        }
    }
    return true;
}

/* `only`: the group's one edge, -1: all of the node's. */
static knapsack_option to_option(const maker *m, const choices_group *group, const option_row *row, int only)
{
    const snas_budget *b = m->budget;
    const int64_t loss = m->rows[0].units - row->units;
    knapsack_option option = {.loss = loss > 0 ? loss : 0};
    for (int t = 0; t < b->term_count; t++) {
        for (int i = 0; i < row->what.count; i++) {
            option.cost[t] += b->terms[t].cost[entry(b->space, m->type, m->node, row->what.genes[i])];
        }
    }
    for (int set = 0; set < b->forbidden_count; set++) {
        const bool still = leaves(b->space, &b->forbidden[set], group, &row->what, only);
        option.meets[set / 64] |= (uint64_t)still << set % 64;
    }
    return option;
}

static snas_status close_group(snas_arena *mem, maker *m, int only, choices *out)
{
    const int g = out->knapsack.group_count++;
    choices_group *group = &out->groups[g];
    knapsack_group *sack = &out->knapsack.groups[g];
    *group = (choices_group){.type = m->type, .node = m->node};
    *sack = (knapsack_group){.count = m->count};
    SNAS_NEW(mem, group->options, m->count);
    SNAS_NEW(mem, sack->options, m->count);
    qsort(m->rows, (size_t)m->count, sizeof *m->rows, by_loss);
    for (int j = 0; j < m->count; j++) {
        group->options[j] = m->rows[j].what;
        sack->options[j] = to_option(m, group, &m->rows[j], only);
    }
    m->count = 0;
    return SNAS_OK;
}

static snas_status add_node(snas_arena *mem, maker *m, choices *out)
{
    const int edges = m->budget->space->inputs + m->node, keep = snas_rule_rows[m->budget->rule].keep;
    if (edges <= keep) {
        for (int source = 0; source < edges; source++) {
            add_edge(m, source);
            SNAS_TRY(close_group(mem, m, source, out));
        }
        return SNAS_OK;
    }
    assert(keep == 2);
    for (int first = 0; first < edges; first++) {
        for (int second = first + 1; second < edges; second++) {
            add_pair(m, first, second);
        }
    }
    return close_group(mem, m, -1, out);
}

snas_status choices_make(snas_arena *mem, const snas_budget *b, choices *out)
{
    const snas_genotype own = snas_genotype_derive(b->space, b->p, b->rule);
    const int edges = b->space->inputs + b->space->nodes - 1, K = b->space->candidate_count;
    maker m = {.budget = b, .own = &own};
    *out = (choices){.budget = b};
    out->knapsack.cost_count = b->term_count;
    out->knapsack.set_count = b->forbidden_count;
    for (int t = 0; t < b->term_count; t++) {
        out->knapsack.most[t] = b->terms[t].most - b->terms[t].fixed;
    }
    SNAS_NEW(mem, m.rows, K + edges * (edges - 1) / 2 * K * K);
    for (m.type = 0; m.type < b->space->cell_types; m.type++) {
        for (m.node = 0; m.node < b->space->nodes; m.node++) {
            SNAS_TRY(add_node(mem, &m, out));
        }
    }
    return SNAS_OK;
}

snas_genotype choices_genotype(const choices *c, const int *choice)
{
    snas_genotype genotype = {.space = c->budget->space, .pool_bn = true};
    for (int g = 0; g < c->knapsack.group_count; g++) {
        const choices_group *group = &c->groups[g];
        const choices_option *option = &group->options[choice[g]];
        snas_genes *genes = &genotype.nodes[group->type][group->node];
        for (int i = 0; i < option->count; i++) {
            genes->genes[genes->count++] = option->genes[i];
        }
    }
    return genotype;
}

/* --- what a genotype adds up to ----------------------------------------------------------------------------------- */

double snas_budget_log_p(const snas_genotype *genotype, const double *p)
{
    double sum = 0;
    for (int type = 0; type < genotype->space->cell_types; type++) {
        for (int node = 0; node < genotype->space->nodes; node++) {
            const snas_genes *genes = &genotype->nodes[type][node];
            for (int g = 0; g < genes->count; g++) {
                sum += logarithm(p[entry(genotype->space, type, node, genes->genes[g])]);
            }
        }
    }
    return sum;
}

int64_t snas_budget_cost(const snas_genotype *genotype, const snas_budget_term *term)
{
    int64_t sum = term->fixed;
    for (int type = 0; type < genotype->space->cell_types; type++) {
        for (int node = 0; node < genotype->space->nodes; node++) {
            const snas_genes *genes = &genotype->nodes[type][node];
            for (int g = 0; g < genes->count; g++) {
                sum += term->cost[entry(genotype->space, type, node, genes->genes[g])];
            }
        }
    }
    return sum;
}
