/* latency.c -- a table of measured times: children are drawn, timed by regions, and a node's time is fitted by edges.
 *
 *      time of node (cell, j) in child d  =  base[cell][j] + sum over its edges e of cost[cell][e][k(d, e)] + noise
 *      cost[none] = 0,   all unknowns >= 0
 *
 * Of every K children in the first half of those drawn an edge has each candidate once, `none` among them; in the
 * second half a node has two edges, as rules that keep two leave it. base and all that no choice changes are the fixed
 * parts. In the end everything is multiplied by (evaluations as a whole) / (sums of their regions): the clock within,
 * the time between operations and, with several threads, their number.
 */
#include "snas/judge/latency.h"

#include <math.h>
#include <string.h>

#include "latency_fit.h"
#include "latency_trials.h"
#include "snas/base/rng.h"
#include "snas/base/usage.h"
#include "snas/kernel/sets.h"
#include "snas/learn/run_network.h"
#include "snas/learn/streams.h"
#include "snas/model/regions.h"
#include "timed.h"

enum { TURNS = 6, TRY_FIRST = 1 << 20 /* of the stream of cells: a table's come before */ };

snas_status snas_latency_spec(snas_arena *mem, const snas_config *config, snas_network_spec *out)
{
    snas_dataset dataset;
    SNAS_TRY(snas_streams_open(mem, config, config->train.side, &dataset));
    *out = snas_trained_child(config, &dataset);
    return snas_network_check(out);
}

/* --- genotypes ---------------------------------------------------------------------------------------------------- */

static void keep(snas_genotype *g, int type, int e, int candidate)
{
    int source, node;
    snas_space_edge(g->space, e, &source, &node);
    snas_genes *genes = &g->nodes[type][node];
    genes->genes[genes->count++] = (snas_gene){.candidate = candidate, .source = source};
}

/* 0..count-1 in a random order. */
static void draw_order(snas_rng *rng, int *items, int count)
{
    for (int i = 0; i < count; i++) {
        items[i] = i;
    }
    snas_rng_shuffle(rng, items, count);
}

/* K children of which each edge has every candidate once. */
static void draw_turn(snas_rng *rng, const snas_space *space, latency_child *children)
{
    int order[SNAS_CANDIDATES_MAX];
    for (int k = 0; k < space->candidate_count; k++) {
        children[k].genotype = (snas_genotype){.space = space, .pool_bn = true};
    }
    for (int i = 0; i < space->cell_types * snas_space_edge_count(space); i++) {
        draw_order(rng, order, space->candidate_count);
        for (int k = 0; k < space->candidate_count; k++) {
            keep(&children[k].genotype, i / snas_space_edge_count(space), i % snas_space_edge_count(space), order[k]);
        }
    }
}

/* Two edges a node, any candidate. */
static snas_genotype draw_pairs(snas_rng *rng, const snas_space *space)
{
    snas_genotype out = {.space = space, .pool_bn = true};
    int sources[SNAS_INPUTS_MAX + SNAS_NODES_MAX];
    for (int i = 0; i < space->cell_types * space->nodes; i++) {
        const int node = i % space->nodes, states = space->inputs + node;
        draw_order(rng, sources, states);
        for (int source = 0; source < states; source++) {
            if (source == sources[0] || (states > 1 && source == sources[1])) {
                keep(&out, i / space->nodes, snas_space_edge_index(space, source, node),
                     (int)snas_rng_below(rng, (uint32_t)space->candidate_count));
            }
        }
    }
    return out;
}

static snas_genotype draw_edges(snas_rng *rng, const snas_space *space)
{
    snas_genotype out = {.space = space, .pool_bn = true};
    for (int i = 0; i < space->cell_types * snas_space_edge_count(space); i++) {
        keep(&out, i / snas_space_edge_count(space), i % snas_space_edge_count(space),
             (int)snas_rng_below(rng, (uint32_t)space->candidate_count));
    }
    return out;
}

static void draw(const snas_space *space, uint64_t seed, latency_child *children, int count)
{
    const int K = space->candidate_count;
    snas_rng rng = snas_rng_at(seed, SNAS_STREAM_CELLS, 0);
    for (int i = 0; i < count / 2; i += K) {
        draw_turn(&rng, space, children + i);
    }
    for (int i = count / 2; i < count; i++) {
        children[i].genotype = draw_pairs(&rng, space);
    }
}

/* --- from times to a table ---------------------------------------------------------------------------------------- */

/* Everything that was measured: of each child the medians over the rounds. */
typedef struct {
    const snas_network_spec *spec;
    const latency_child *children;
    int count, regions;
    double *whole, *by_region; /* [count], [count][regions]; seconds */
} measured;

static snas_status settle(snas_arena *mem, const snas_latency_options *o, measured *m, double *spread)
{
    double *values, *spreads;
    SNAS_NEW(mem, values, o->rounds);
    SNAS_NEW(mem, spreads, m->count);
    SNAS_NEW(mem, m->whole, m->count);
    SNAS_NEW(mem, m->by_region, (size_t)m->count * (size_t)m->regions);
    for (int i = 0; i < m->count; i++) {
        for (int r = 0; r < m->regions; r++) {
            for (int round = 0; round < o->rounds; round++) {
                values[round] = m->children[i].regions[(size_t)round * (size_t)m->regions + (size_t)r];
            }
            m->by_region[(size_t)i * (size_t)m->regions + (size_t)r] = judge_timed_median(values, o->rounds);
        }
        memcpy(values, m->children[i].whole, (size_t)o->rounds * sizeof *values);
        m->whole[i] = judge_timed_median(values, o->rounds);
        spreads[i] = judge_latency_range(values, o->rounds) / m->whole[i];
    }
    *spread = fmin(1.0, judge_timed_median(spreads, m->count));
    return SNAS_OK;
}

/* What whole evaluations take for every second within their regions. */
static snas_status find_scale(snas_arena *mem, const measured *m, double *out)
{
    double *ratios;
    SNAS_NEW(mem, ratios, m->count);
    for (int i = 0; i < m->count; i++) {
        double sum = 0.0;
        for (int r = 0; r < m->regions; r++) {
            sum += m->by_region[(size_t)i * (size_t)m->regions + (size_t)r];
        }
        ratios[i] = m->whole[i] / sum;
    }
    *out = judge_timed_median(ratios, m->count);
    return SNAS_OK;
}

/* Mean over the children of a region's seconds. */
static double mean_of(const measured *m, int region)
{
    double sum = 0.0;
    for (int i = 0; i < m->count; i++) {
        sum += m->by_region[(size_t)i * (size_t)m->regions + (size_t)region];
    }
    return sum / m->count;
}

static int64_t nanoseconds(double seconds)
{
    return llround(1e9 * seconds);
}

/* The column of candidate k from the node's source, -1 for `none`; column 0 is the base. */
static int column_of(const snas_space *space, snas_gene gene)
{
    return space->candidates[gene.candidate]->is_zero ? -1 : 1 + gene.source * space->candidate_count + gene.candidate;
}

static snas_status fit_node(snas_arena *mem, const measured *m, int cell, int node, double scale, snas_latency *out)
{
    const snas_space *space = m->spec->space;
    const int K = space->candidate_count, states = space->inputs + node, columns = 1 + states * K;
    const int type = snas_space_place(space, cell, m->spec->cells, m->spec->channels).type;
    const int region = snas_region_node(space, cell, node);
    double *X, *y, *b;
    SNAS_NEW(mem, X, (size_t)m->count * (size_t)columns);
    SNAS_NEW(mem, y, m->count);
    SNAS_NEW(mem, b, columns);
    for (int i = 0; i < m->count; i++) {
        const snas_genes *genes = &m->children[i].genotype.nodes[type][node];
        double *x = X + (size_t)i * (size_t)columns;
        x[0] = 1.0;
        for (int g = 0; g < genes->count; g++) {
            const int column = column_of(space, genes->genes[g]);
            if (column > 0) {
                x[column] = 1.0;
            }
        }
        y[i] = m->by_region[(size_t)i * (size_t)m->regions + (size_t)region] * scale;
    }
    SNAS_TRY(judge_latency_fit(mem, X, y, m->count, columns, b));
    out->cell_fixed[cell] += nanoseconds(b[0]);
    for (int source = 0; source < states; source++) {
        const int e = snas_space_edge_index(space, source, node);
        int64_t *to = out->cost + ((size_t)cell * (size_t)snas_space_edge_count(space) + (size_t)e) * (size_t)K;
        for (int k = 0; k < K; k++) {
            to[k] = nanoseconds(b[1 + source * K + k]);
        }
    }
    return SNAS_OK;
}

static snas_status fit(snas_arena *mem, const measured *m, snas_latency *out)
{
    const snas_space *space = m->spec->space;
    double scale, errors = 0.0;
    SNAS_TRY(find_scale(mem, m, &scale));
    out->stem = nanoseconds(scale * mean_of(m, SNAS_REGION_STEM));
    out->classifier = nanoseconds(scale * mean_of(m, SNAS_REGION_CLASSIFIER));
    for (int cell = 0; cell < m->spec->cells; cell++) {
        const bool block = snas_space_place(space, cell, m->spec->cells, m->spec->channels).block;
        out->cell_fixed[cell] = nanoseconds(scale * mean_of(m, snas_region_cell(space, cell)));
        for (int node = 0; node < space->nodes && !block; node++) {
            const snas_mark mark = snas_arena_mark(mem);
            const snas_status status = fit_node(mem, m, cell, node, scale, out);
            snas_arena_release(mem, mark);
            SNAS_TRY(status);
        }
    }
    for (int i = 0; i < m->count; i++) {
        errors += fabs((double)snas_latency_predict(out, &m->children[i].genotype) / (1e9 * m->whole[i]) - 1.0);
    }
    out->fit = fmin(1.0, errors / m->count);
    return SNAS_OK;
}

snas_status snas_latency_measure(snas_arena *mem, const snas_network_spec *child, const snas_latency_options *options,
                                 snas_latency *out)
{
    measured m = {.spec = child,
                  .count = 2 * TURNS * child->space->candidate_count,
                  .regions = snas_region_count(child->space, child->cells)};
    const snas_latency_child of = snas_region_child(child);
    latency_child *children;
    SNAS_TRY(snas_latency_create(mem, &of, out));
    SNAS_TRY(snas_kernel_set_choose(options->kernels, &out->kernels));
    out->processor = snas_processor_name(mem);
    out->batch = options->batch;
    out->threads = options->team.threads;
    out->rounds = options->rounds;
    SNAS_TRY(judge_latency_children(mem, m.count, options->rounds, m.regions, &children));
    m.children = children;
    draw(child->space, options->seed, children, m.count);
    SNAS_TRY(judge_latency_run(child, options, children, m.count));
    SNAS_TRY(settle(mem, options, &m, &out->spread));
    return fit(mem, &m, out);
}

snas_status snas_latency_try(snas_arena *mem, const snas_network_spec *child, const snas_latency_options *options,
                             int count, snas_latency_trial **out)
{
    latency_child *children;
    snas_rng rng = snas_rng_at(options->seed, SNAS_STREAM_CELLS, TRY_FIRST);
    SNAS_TRY(judge_latency_children(mem, count, options->rounds, 0, &children));
    for (int i = 0; i < count; i++) {
        children[i].genotype = i < (count + 1) / 2 ? draw_edges(&rng, child->space) : draw_pairs(&rng, child->space);
    }
    SNAS_TRY(judge_latency_run(child, options, children, count));
    SNAS_NEW(mem, *out, count);
    for (int i = 0; i < count; i++) {
        (*out)[i].genotype = children[i].genotype;
        (*out)[i].seconds = judge_timed_median(children[i].whole, options->rounds);
        (*out)[i].spread = judge_latency_range(children[i].whole, options->rounds);
    }
    return SNAS_OK;
}
