/* child_costs.h -- what each choice adds to a child: parameters and multiply-adds of candidate k on edge e of cell type
 * t, summed over all cells of that type; and what a child needs that is no sum over edges.
 *
 *   child's count = fixed + sum over the kept edges (t, e) with their candidates k of candidate[t][e][k]
 *
 * exactly: C and stride of a cell are its place's, whatever the genotype, and so are the preprocessing of a cell's
 * inputs (both, read or not), the width of its concatenation, stem and classifier.
 */
#ifndef SNAS_MODEL_CHILD_COSTS_H
#define SNAS_MODEL_CHILD_COSTS_H

#include "snas/graph/executor.h"
#include "snas/model/network.h"

typedef struct {
    const snas_space *space;
    snas_count fixed;      /* of every child */
    snas_count *candidate; /* [types][E][K] */
} snas_child_costs;

/** The costs of children of this spec, whose genotype is not looked at; a batch norm stands after every pool, as in all
 *  genotypes that snas derives. In `mem`. */
SNAS_MUST_CHECK snas_status snas_child_costs_count(snas_arena *mem, const snas_network_spec *spec,
                                                   snas_child_costs *out);

/** Bytes of activations that evaluating one picture takes, float, fused kernels; weights and the threads' scratch are
 *  not in it. `live` never falls when an operation is added. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_child_peak(snas_arena *mem, const snas_network_spec *spec, snas_peak *out);

#endif
