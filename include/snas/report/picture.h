/* picture.h -- pictures of what a search has found: a cell as a graph, probabilities as a heat map, both PNG.
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

#endif
