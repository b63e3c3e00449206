/* picture.h -- pictures of what a search has found: a cell as a graph, tables of its edges as colours; PNG.
 *
 * The functions use `mem` as scratch and release it before they return. They fail only when memory is out or the file
 * cannot be written.
 */
#ifndef SNAS_REPORT_PICTURE_H
#define SNAS_REPORT_PICTURE_H

#include "snas/base/arena.h"
#include "snas/space/genotype.h"

/** Replace `path` by a picture of the genotype's cell of type `type`: inputs left, nodes, output right, every operation
 *  an arrow with its name; `none` is dashed. */
SNAS_MUST_CHECK snas_status snas_cell_picture(snas_arena *mem, const snas_genotype *genotype, int type,
                                              const char *path);

/** Replace `path` by a heat map of one cell type: a row an edge, a column a candidate, numbers in per cent, the
 *  strongest candidate of a row framed.
 *
 *  probabilities   [E][K] of that type, each in [0, 1] */
SNAS_MUST_CHECK snas_status snas_heat_map(snas_arena *mem, const snas_space *space, int type,
                                          const double *probabilities, const char *path);

/** Correlations of one cell type: a column a method. */
typedef struct {
    const snas_space *space;
    int type, methods;
    const char *const *names;   /* [methods] */
    const double *correlations; /* [E][methods], each in [-1, 1] or NaN */
} snas_credit_table;

/** Replace `path` by a picture of them: a row an edge, the largest of a row framed. */
SNAS_MUST_CHECK snas_status snas_credit_map(snas_arena *mem, const snas_credit_table *table, const char *path);

#endif
