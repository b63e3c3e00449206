/* spaces.c -- the search spaces, one row each, how their edges are numbered, and where their reductions stand.
 *
 * Node i has inputs + i edges, so the first edge of node i is
 *     first(i) = i * inputs + i * (i - 1) / 2,      E = first(nodes).
 * A network of L cells reduces at cells L/3 and 2L/3 (integer division); each reduction doubles the channels.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "candidate_rows.h"
#include "snas/space/space.h"

/* The candidates of a space, in the published order of their indices. */
#define CANDIDATES(...)                                                                                                \
    .candidates = (const snas_candidate *const[]){__VA_ARGS__},                                                        \
    .candidate_count = sizeof((const snas_candidate *const[]){__VA_ARGS__}) / sizeof(const snas_candidate *)

const snas_space *const snas_spaces[] = {
    &(const snas_space){.name = "darts",
                        .brief = "normal and reduction cells of 4 nodes, 14 edges, 8 candidates",
                        CANDIDATES(&space_none, &space_max_pool_3x3, &space_avg_pool_3x3, &space_skip_connect,
                                   &space_sep_conv_3x3, &space_sep_conv_5x5, &space_dil_conv_3x3, &space_dil_conv_5x5),
                        .inputs = 2,
                        .nodes = 4,
                        .cell_types = 2,
                        .type_names = {"normal", "reduce"},
                        .preprocess = true,
                        .concat = true,
                        .stem_multiplier = 3,
                        .reduction = SNAS_REDUCE_CELL,
                        .child_edges = "_ops"},
    &(const snas_space){.name = "nas-bench-201",
                        .brief = "one cell of 3 nodes, 6 edges, 5 candidates",
                        CANDIDATES(&space_none, &space_skip_connect, &space_nor_conv_1x1, &space_nor_conv_3x3,
                                   &space_bare_avg_pool_3x3),
                        .inputs = 1,
                        .nodes = 3,
                        .cell_types = 1,
                        .type_names = {"cell"},
                        .preprocess = false,
                        .concat = false,
                        .stem_multiplier = 1,
                        .last_norm = true,
                        .reduction = SNAS_REDUCE_RESIDUAL,
                        .child_edges = "layers",
                        .benchmark = "nas-bench-201.csv.gz"},
    NULL};

const snas_space *snas_space_find(const char *name)
{
    for (int i = 0; snas_spaces[i] != NULL; i++) {
        if (strcmp(snas_spaces[i]->name, name) == 0) {
            return snas_spaces[i];
        }
    }
    return NULL;
}

static int first_edge(const snas_space *space, int node)
{
    return node * space->inputs + node * (node - 1) / 2;
}

int snas_space_edge_count(const snas_space *space)
{
    return first_edge(space, space->nodes);
}

void snas_space_edge(const snas_space *space, int e, int *source, int *node)
{
    assert(e >= 0 && e < snas_space_edge_count(space));
    int i = 0;
    while (first_edge(space, i + 1) <= e) {
        i++;
    }
    *node = i;
    *source = e - first_edge(space, i);
}

int snas_space_edge_index(const snas_space *space, int source, int node)
{
    assert(node >= 0 && node < space->nodes && source >= 0 && source < space->inputs + node);
    return first_edge(space, node) + source;
}

int snas_space_candidate(const snas_space *space, const char *name)
{
    for (int k = 0; k < space->candidate_count; k++) {
        if (strcmp(space->candidates[k]->name, name) == 0) {
            return k;
        }
    }
    return -1;
}

static bool reduces(int cell, int cells)
{
    return cell == cells / 3 || cell == 2 * cells / 3;
}

snas_cell_place snas_space_place(const snas_space *space, int cell, int cells, int channels)
{
    assert(cell >= 0 && cell < cells);
    snas_cell_place place = {.reduction = reduces(cell, cells),
                             .reduction_before = cell > 0 && reduces(cell - 1, cells),
                             .channels = channels};
    for (int i = 0; i <= cell; i++) {
        place.channels *= reduces(i, cells) ? 2 : 1;
    }
    place.block = place.reduction && space->reduction == SNAS_REDUCE_RESIDUAL;
    place.type = place.reduction && !place.block ? 1 : 0;
    return place;
}
