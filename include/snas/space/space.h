/* space.h -- a search space is a row: its candidates, nodes and inputs, and how its cells are stacked.
 *
 * A cell has `inputs` input states and `nodes` intermediate nodes; node i receives an edge from every earlier state.
 * Edges are numbered node by node, with sources in order: (0->2)(1->2)(0->3)(1->3)(2->3)... for two inputs.
 */
#ifndef SNAS_SPACE_SPACE_H
#define SNAS_SPACE_SPACE_H

#include <stdbool.h>

#include "snas/space/candidate.h"

enum {
    SNAS_CELL_TYPES_MAX = 2,
    SNAS_NODES_MAX = 5,
    SNAS_INPUTS_MAX = 2,
    SNAS_EDGES_MAX = 20,
    SNAS_CANDIDATES_MAX = 16
};

typedef enum {
    SNAS_REDUCE_CELL,     /* a cell of the second type, whose edges from the inputs have stride 2 */
    SNAS_REDUCE_RESIDUAL, /* a fixed residual block between stages, not searched */
} snas_reduction;

typedef struct {
    const char *name; /* "darts", "nas-bench-201" */
    const char *brief;
    const snas_candidate *const *candidates; /* K of them, in the published index order */
    int candidate_count;                     /* K */
    int inputs, nodes;
    int cell_types;                              /* 1 or 2 */
    const char *type_names[SNAS_CELL_TYPES_MAX]; /* keys of a genotype file: "normal", "reduce" or "cell" */
    bool preprocess;     /* input states go through relu, 1x1 convolution, batch norm (or a factorized reduction) */
    bool concat;         /* output: all nodes concatenated; else the last node alone */
    int stem_multiplier; /* the stem makes stem_multiplier * C channels */
    bool last_norm;      /* after the last cell: batch norm, relu */
    snas_reduction reduction;
    const char *child_edges; /* part of a child's parameter names: "cells.I.<this>.E" */
    const char *benchmark;   /* file of its cells' known accuracies that comes with the program; NULL: there is none */
} snas_space;

/** All spaces, NULL-terminated. */
extern const snas_space *const snas_spaces[];
const snas_space *snas_space_find(const char *name); /* NULL when there is none */

int snas_space_edge_count(const snas_space *space); /* E */

/** Source state and target node (0..nodes-1) of edge e. */
void snas_space_edge(const snas_space *space, int e, int *source, int *node);

/** The edge from state `source` to node `node`: the inverse of snas_space_edge. */
int snas_space_edge_index(const snas_space *space, int source, int node);

/** Index of the candidate of that name in the space, -1 when it has none. */
int snas_space_candidate(const snas_space *space, const char *name);

/** The place of cell `cell` of `cells`: its type, whether it halves the picture, its channels (C of the nodes). Cells
 *  L/3 and 2L/3 (integer division) reduce. With SNAS_REDUCE_RESIDUAL these places are the fixed blocks: they count
 *  among the cells, have type 0 and no edges, so that 17 cells are NAS-Bench-201's 5 + 1 + 5 + 1 + 5. */
typedef struct {
    int type;              /* 0 normal, 1 reduction */
    bool reduction;        /* the edges from its inputs have stride 2 */
    bool block;            /* the fixed block of SNAS_REDUCE_RESIDUAL stands here: no edges */
    bool reduction_before; /* the cell before was a reduction: input 0 needs a factorized reduction */
    int channels;
} snas_cell_place;
snas_cell_place snas_space_place(const snas_space *space, int cell, int cells, int channels);

#endif
