/* limit.c -- which genotypes share the fault of one whose child holds too many activations, here or in C in 8 bits.
 *
 * Bytes of activations are no sum over edges, so a budget's solver cannot count them. It can leave sets of genotypes
 * out: what one genotype has that makes its peak too large is taken away from all.
 *
 *   1. `live`, the values of the child that live at the same time, is below what any memory plan takes, and never falls
 *      when an operation is added. So operations are taken out one by one as long as `live` stays above the limit: what
 *      is left is too much by itself, whatever the other edges hold.
 *   2. On each of these edges every candidate that holds at least as much is left out with it: one of the same steps
 *      (kernels of another size make values of the same size), or one that goes on where this one ends. Others are
 *      left out too where they are found to be too much with everything that the set has on the other edges.
 *   3. Where `live` is within the limit and only the plan is not, the genotypes of the same steps on every edge are
 *      left out: their plan is the same.
 */
#include "within.h"

static bool same_kind(const snas_step *a, const snas_step *b)
{
    return a->kind == b->kind && a->strided == b->strided;
}

/* Does `more` hold at least what `less` does at this stride: the same steps, and maybe some after them? */
static bool goes_on(const snas_step *more, const snas_step *less)
{
    const bool some = less->kind != SNAS_STEP_END;
    while (less->kind != SNAS_STEP_END && same_kind(more, less)) {
        more++;
        less++;
    }
    return less->kind == SNAS_STEP_END && (some || more->kind == SNAS_STEP_END);
}

static bool holds_as_much(const snas_candidate *more, const snas_candidate *less)
{
    return more->is_zero == less->is_zero && goes_on(more->steps[0], less->steps[0]) &&
           goes_on(more->steps[1], less->steps[1]);
}

static bool has_same_steps(const snas_candidate *a, const snas_candidate *b)
{
    return holds_as_much(a, b) && holds_as_much(b, a);
}

/* --- what is measured --------------------------------------------------------------------------------------------- */

static snas_status measure_ram(snas_arena *mem, const snas_network_spec *child, snas_peak *out)
{
    snas_child_in_c in_c;
    SNAS_TRY(snas_child_c_costs(mem, child, &in_c));
    *out = in_c.bound;
    return SNAS_OK;
}

snas_status search_limit_measure(snas_arena *mem, const search_within *w, const snas_genotype *genotype, int which,
                                 snas_peak *out)
{
    static snas_status (*const MEASURE[SNAS_DERIVE_LIMITS])(snas_arena *, const snas_network_spec *, snas_peak *) = {
        [SNAS_DERIVE_LIMIT_PEAK] = snas_child_peak, [SNAS_DERIVE_LIMIT_RAM] = measure_ram};
    snas_network_spec child = w->child;
    child.genotype = genotype;
    return MEASURE[which](mem, &child, out);
}

snas_status snas_derive_held(snas_arena *mem, const snas_network_spec *child, int limit, int64_t *out)
{
    const search_within w = {.child = *child};
    snas_peak peak;
    SNAS_TRY(search_limit_measure(mem, &w, child->genotype, limit, &peak));
    *out = peak.planned;
    return SNAS_OK;
}

/* --- what is taken out -------------------------------------------------------------------------------------------- */

/* Whose children, and the limit. */
typedef struct {
    snas_arena *mem;
    const search_within *w;
    search_limit limit;
} limit_of;

/* Is `live` of the genotype above the limit? */
static snas_status is_too_much(const limit_of *l, const snas_genotype *genotype, bool *out)
{
    snas_peak peak;
    SNAS_TRY(search_limit_measure(l->mem, l->w, genotype, l->limit.which, &peak));
    *out = peak.live > l->limit.most;
    return SNAS_OK;
}

/* Take out the operations of a cell type, of a node or of an edge, as long as the rest is too much. */
static snas_status try_without(const limit_of *l, const snas_genotype *less, snas_genotype *genotype)
{
    bool still;
    SNAS_TRY(is_too_much(l, less, &still));
    *genotype = still ? *less : *genotype;
    return SNAS_OK;
}

/* Node `at`, counted over the cell types. */
static snas_genes *genes_at(snas_genotype *genotype, int at)
{
    return &genotype->nodes[at / genotype->space->nodes][at % genotype->space->nodes];
}

static snas_status shrink_node(const limit_of *l, snas_genotype *genotype, int at)
{
    snas_genotype less = *genotype;
    genes_at(&less, at)->count = 0;
    SNAS_TRY(try_without(l, &less, genotype));
    for (int g = genes_at(genotype, at)->count - 1; g >= 0; g--) {
        less = *genotype;
        snas_genes *genes = genes_at(&less, at);
        genes->count--;
        for (int i = g; i < genes->count; i++) {
            genes->genes[i] = genes->genes[i + 1];
        }
        SNAS_TRY(try_without(l, &less, genotype));
    }
    return SNAS_OK;
}

static snas_status shrink(const limit_of *l, snas_genotype *genotype)
{
    const int nodes = l->w->child.space->nodes, types = l->w->child.space->cell_types;
    for (int type = 0; type < types; type++) {
        snas_genotype less = *genotype;
        for (int node = 0; node < nodes; node++) {
            less.nodes[type][node].count = 0;
        }
        SNAS_TRY(try_without(l, &less, genotype));
    }
    for (int at = 0; at < types * nodes; at++) {
        SNAS_TRY(shrink_node(l, genotype, at));
    }
    return SNAS_OK;
}

/* --- the set ------------------------------------------------------------------------------------------------------ */

enum { EDGES_MAX = SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX, MIXES_MAX = 64 };

/* An edge of the set. */
typedef struct {
    snas_gene *gene;                             /* in the genotype that is looked at */
    int tried[SNAS_CANDIDATES_MAX], tried_count; /* candidates that are too much with any of the others' */
    uint32_t *mask;
} edge_of_set;

typedef struct {
    snas_genotype genotype;
    edge_of_set edges[EDGES_MAX];
    int count;
} set_of_edges;

/* All candidates that hold as much as this one belong to the set with it. */
static void include(const snas_space *space, edge_of_set *edge, int candidate,
                    bool (*too)(const snas_candidate *, const snas_candidate *))
{
    edge->tried[edge->tried_count++] = candidate;
    for (int k = 0; k < space->candidate_count; k++) {
        *edge->mask |= (uint32_t)too(space->candidates[k], space->candidates[candidate]) << k;
    }
}

static void make_set(const snas_genotype *genotype, bool (*too)(const snas_candidate *, const snas_candidate *),
                     set_of_edges *set, snas_forbidden *out)
{
    const snas_space *space = genotype->space;
    *out = (snas_forbidden){0};
    *set = (set_of_edges){.genotype = *genotype};
    for (int at = 0; at < space->cell_types * space->nodes; at++) {
        snas_genes *genes = genes_at(&set->genotype, at);
        for (int g = 0; g < genes->count; g++) {
            const int e = snas_space_edge_index(space, genes->genes[g].source, at % space->nodes);
            edge_of_set *edge = &set->edges[set->count++];
            *edge = (edge_of_set){.gene = &genes->genes[g], .mask = &out->edges[at / space->nodes][e]};
            include(space, edge, edge->gene->candidate, too);
        }
    }
}

/* Put mix number `mix` of what the edges have tried into the genotype, with this candidate on edge i. */
static void put_mix(set_of_edges *set, int i, int candidate, int mix)
{
    for (int j = 0; j < set->count; j++) {
        edge_of_set *edge = &set->edges[j];
        edge->gene->candidate = j == i ? candidate : edge->tried[mix % edge->tried_count];
        mix /= j == i ? 1 : edge->tried_count;
    }
}

/* Is everything too much that has this candidate on edge i, and on the others what they have tried? */
static snas_status is_too_much_with(const limit_of *l, set_of_edges *set, int i, int candidate, bool *out)
{
    int mixes = 1;
    for (int j = 0; j < set->count && mixes <= MIXES_MAX; j++) {
        mixes *= j == i ? 1 : set->edges[j].tried_count;
    }
    *out = mixes <= MIXES_MAX;
    for (int mix = 0; mix < mixes && *out; mix++) {
        put_mix(set, i, candidate, mix);
        SNAS_TRY(is_too_much(l, &set->genotype, out));
    }
    return SNAS_OK;
}

/* Take in candidate k on edge i where it stays too much with it. */
static snas_status try_candidate(const limit_of *l, set_of_edges *set, int i, int k)
{
    const snas_space *space = l->w->child.space;
    bool too_much;
    if ((*set->edges[i].mask >> k & 1) != 0 || space->candidates[k]->is_zero) {
        return SNAS_OK;
    }
    SNAS_TRY(is_too_much_with(l, set, i, k, &too_much));
    if (too_much) {
        include(space, &set->edges[i], k, holds_as_much);
    }
    return SNAS_OK;
}

/* Take in every candidate with which it stays too much. */
static snas_status widen(const limit_of *l, set_of_edges *set)
{
    for (int i = 0; i < set->count; i++) {
        for (int k = l->w->child.space->candidate_count - 1; k >= 0; k--) {
            SNAS_TRY(try_candidate(l, set, i, k));
        }
    }
    return SNAS_OK;
}

snas_status search_limit_forbid(snas_arena *mem, const search_within *w, const snas_genotype *genotype,
                                search_limit limit, snas_forbidden *out)
{
    const limit_of l = {mem, w, limit};
    snas_genotype core = *genotype;
    set_of_edges set;
    bool too_much;
    SNAS_TRY(is_too_much(&l, genotype, &too_much));
    if (!too_much) {
        make_set(genotype, has_same_steps, &set, out);
        return SNAS_OK;
    }
    SNAS_TRY(shrink(&l, &core));
    make_set(&core, holds_as_much, &set, out);
    return widen(&l, &set);
}
