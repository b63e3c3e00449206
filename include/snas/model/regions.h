/* regions.h -- the parts of a child whose times can be told apart: stem, a cell's preprocessing, its nodes, classifier.
 *
 * A node's region is the operations of its edges and the sum that it is: some operations are done within that sum, so
 * their times cannot be taken apart. A fixed block in a cell's place is one region.
 */
#ifndef SNAS_MODEL_REGIONS_H
#define SNAS_MODEL_REGIONS_H

#include "snas/model/network.h"
#include "snas/space/latency_table.h"

enum { SNAS_REGION_STEM, SNAS_REGION_CLASSIFIER, SNAS_REGION_CELLS };

/** How many regions a network has. */
int snas_region_count(const snas_space *space, int cells);

/** The region of a cell's preprocessing, or of the block in its place; of a cell's node. */
int snas_region_cell(const snas_space *space, int cell);
int snas_region_node(const snas_space *space, int cell, int node);

/** The child that a table of times is of: the spec without its genotype. */
snas_latency_child snas_region_child(const snas_network_spec *spec);

/** Read a table of times of this child, in `mem`. SNAS_E_USAGE with a sentence when it is of another one. */
SNAS_MUST_CHECK snas_status snas_region_table_open(snas_arena *mem, const char *path, const snas_network_spec *spec,
                                                   const snas_latency **out);

/** The region of each operation that the network runs, [count], in `mem`. `spec` is that of the network, with its
 *  genotype. */
SNAS_MUST_CHECK snas_status snas_network_regions(snas_arena *mem, const snas_network *network,
                                                 const snas_network_spec *spec, int **regions, int *count);

#endif
