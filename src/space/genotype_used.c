/* genotype_used.c -- which edges of a cell have a part in its output.
 *
 * A state carries a picture when it is an input, or a node with an operation other than `none` on a state that carries
 * one. A node is wanted when the output takes it (every node, or the last one alone), or a wanted node has an operation
 * other than `none` on it. An edge is used when its source carries a picture and its node is wanted.
 */
#include <string.h>

#include "snas/space/genotype.h"

static bool is_zero(const snas_space *space, snas_gene gene)
{
    return space->candidates[gene.candidate]->is_zero;
}

/* carries[state]: the states of one cell that are not zero at any rate. */
static void find_carriers(const snas_space *space, const snas_genes *nodes, bool *carries)
{
    for (int s = 0; s < space->inputs; s++) {
        carries[s] = true;
    }
    for (int node = 0; node < space->nodes; node++) {
        bool any = false;
        for (int g = 0; g < nodes[node].count; g++) {
            const snas_gene gene = nodes[node].genes[g];
            any |= carries[gene.source] && !is_zero(space, gene);
        }
        carries[space->inputs + node] = any;
    }
}

/* wanted[state]: the states of one cell that its output depends on, if they carry anything. */
static void find_wanted(const snas_space *space, const snas_genes *nodes, bool *wanted)
{
    for (int node = space->nodes - 1; node >= 0; node--) {
        const int state = space->inputs + node;
        wanted[state] |= space->concat || node == space->nodes - 1;
        for (int g = 0; g < nodes[node].count && wanted[state]; g++) {
            const snas_gene gene = nodes[node].genes[g];
            wanted[gene.source] |= !is_zero(space, gene);
        }
    }
}

void snas_genotype_used(const snas_genotype *genotype, bool *used)
{
    const snas_space *space = genotype->space;
    const int E = snas_space_edge_count(space);
    memset(used, 0, (size_t)(space->cell_types * E) * sizeof *used);
    for (int type = 0; type < space->cell_types; type++) {
        const snas_genes *nodes = genotype->nodes[type];
        bool carries[SNAS_INPUTS_MAX + SNAS_NODES_MAX], wanted[SNAS_INPUTS_MAX + SNAS_NODES_MAX] = {false};
        find_carriers(space, nodes, carries);
        find_wanted(space, nodes, wanted);
        for (int node = 0; node < space->nodes; node++) {
            for (int g = 0; g < nodes[node].count; g++) {
                const snas_gene gene = nodes[node].genes[g];
                used[type * E + snas_space_edge_index(space, gene.source, node)] |=
                    !is_zero(space, gene) && carries[gene.source] && wanted[space->inputs + node];
            }
        }
    }
}
