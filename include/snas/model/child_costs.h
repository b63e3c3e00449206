/* child_costs.h -- what each choice adds to a child: parameters, multiply-adds, and bytes of flash in C in 8 bits, of
 * candidate k on edge e of cell type t, summed over all cells of that type; and what a child needs that is no sum over
 * edges.
 *
 *   child's count = fixed + sum over the kept edges (t, e) with their candidates k of candidate[t][e][k]
 *
 * exactly: C and stride of a cell are its place's, whatever the genotype, and so are the preprocessing of a cell's
 * inputs (both, read or not), the width of its concatenation, stem and classifier. An exported file leaves out what the
 * logits do not depend on, and a node without inputs is shorter there: its bytes are the sum where every state of a
 * cell is read and every node has an input, and fewer otherwise.
 */
#ifndef SNAS_MODEL_CHILD_COSTS_H
#define SNAS_MODEL_CHILD_COSTS_H

#include "snas/graph/executor.h"
#include "snas/model/network.h"

typedef struct {
    const snas_space *space;
    snas_count fixed;      /* of every child */
    snas_count *candidate; /* [types][E][K] */
    int64_t flash_fixed;   /* bytes of constants */
    int64_t *flash;        /* [types][E][K] */
} snas_child_costs;

/** The costs of children of this spec, whose genotype is not looked at; a batch norm stands after every pool, as in all
 *  genotypes that snas derives. In `mem`. */
SNAS_MUST_CHECK snas_status snas_child_costs_count(snas_arena *mem, const snas_network_spec *spec,
                                                   snas_child_costs *out);

/** Bytes of activations that evaluating one picture takes, float, fused kernels; weights and the threads' scratch are
 *  not in it. `live` never falls when an operation is added. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_child_peak(snas_arena *mem, const snas_network_spec *spec, snas_peak *out);

/** What a child takes where it runs as C in 8 bits (`snas export --format c --int8`): bytes of constants beside the
 *  code, and of activations beside the picture. `bound` is what a limit on those goes by: with what the logits do not
 *  depend on, so that a cell gains nothing by cutting the network off, and never below `ram`; `live` is as above. `mem`
 *  is scratch. */
typedef struct {
    int64_t flash, ram;
    snas_peak bound;
} snas_child_in_c;
SNAS_MUST_CHECK snas_status snas_child_c_costs(snas_arena *mem, const snas_network_spec *spec, snas_child_in_c *out);

#endif
