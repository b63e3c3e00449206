/* genotype_used.c -- which edges of a cell have a part in its output.
 *
 * A state carries a picture when it is an input, or a node with an operation other than `none` on a state that carries
 * one. A node is wanted when the output takes it (every node, or the last one alone), or a wanted node has an operation
 * other than `none` on it. An edge is used when its source carries a picture and its node is wanted.
 */
#include <string.h>

#include "snas/space/genotype.h"

enum { STATES_MAX = SNAS_INPUTS_MAX + SNAS_NODES_MAX };

/* One cell of a genotype. */
typedef struct {
    const snas_space *space;
    const snas_genes *nodes;
    bool carries[STATES_MAX], wanted[STATES_MAX];
} cell_flow;

static bool is_zero(const cell_flow *cell, snas_gene gene)
{
    return cell->space->candidates[gene.candidate]->is_zero;
}

static void find_carriers(cell_flow *cell)
{
    for (int s = 0; s < cell->space->inputs; s++) {
        cell->carries[s] = true;
    }
    for (int node = 0; node < cell->space->nodes; node++) {
        const snas_genes *genes = &cell->nodes[node];
        for (int g = 0; g < genes->count; g++) {
            cell->carries[cell->space->inputs + node] |=
                cell->carries[genes->genes[g].source] && !is_zero(cell, genes->genes[g]);
        }
    }
}

static void find_wanted(cell_flow *cell)
{
    for (int node = cell->space->nodes - 1; node >= 0; node--) {
        const snas_genes *genes = &cell->nodes[node];
        const int state = cell->space->inputs + node;
        cell->wanted[state] |= cell->space->concat || node == cell->space->nodes - 1;
        for (int g = 0; g < genes->count && cell->wanted[state]; g++) {
            cell->wanted[genes->genes[g].source] |= !is_zero(cell, genes->genes[g]);
        }
    }
}

static cell_flow flow_of(const snas_genotype *genotype, int type)
{
    cell_flow cell = {.space = genotype->space, .nodes = genotype->nodes[type]};
    find_carriers(&cell);
    find_wanted(&cell);
    return cell;
}

void snas_genotype_used(const snas_genotype *genotype, bool *used)
{
    const snas_space *space = genotype->space;
    const int E = snas_space_edge_count(space);
    memset(used, 0, (size_t)(space->cell_types * E) * sizeof *used);
    for (int type = 0; type < space->cell_types; type++) {
        const cell_flow cell = flow_of(genotype, type);
        for (int node = 0; node < space->nodes; node++) {
            const snas_genes *genes = &genotype->nodes[type][node];
            for (int g = 0; g < genes->count; g++) {
                const snas_gene gene = genes->genes[g];
                used[type * E + snas_space_edge_index(space, gene.source, node)] |=
                    !is_zero(&cell, gene) && cell.carries[gene.source] && cell.wanted[space->inputs + node];
            }
        }
    }
}

/* Why nothing comes to the states in `dry`: the edges of `none` into them, and into those that lead to them. */
static void find_why_dry(const cell_flow *cell, bool *dry, bool *because)
{
    for (int node = cell->space->nodes - 1; node >= 0; node--) {
        const snas_genes *genes = &cell->nodes[node];
        for (int g = 0; g < genes->count && dry[cell->space->inputs + node]; g++) {
            const bool zero = is_zero(cell, genes->genes[g]);
            because[snas_space_edge_index(cell->space, genes->genes[g].source, node)] |= zero;
            dry[genes->genes[g].source] |= !zero;
        }
    }
}

/* Why nobody wants the states in `idle`: the edges of `none` out of them, and out of those that they lead to. */
static void find_why_idle(const cell_flow *cell, bool *idle, bool *because)
{
    for (int node = 0; node < cell->space->nodes; node++) {
        const snas_genes *genes = &cell->nodes[node];
        for (int g = 0; g < genes->count; g++) {
            const bool zero = is_zero(cell, genes->genes[g]), here = idle[genes->genes[g].source];
            because[snas_space_edge_index(cell->space, genes->genes[g].source, node)] |= here && zero;
            idle[cell->space->inputs + node] |= here && !zero;
        }
    }
}

void snas_genotype_why_unused(const snas_genotype *genotype, int type, int source, int node, bool *because)
{
    const cell_flow cell = flow_of(genotype, type);
    bool states[STATES_MAX] = {false};
    memset(because, 0, (size_t)snas_space_edge_count(genotype->space) * sizeof *because);
    if (!cell.carries[source]) {
        states[source] = true;
        find_why_dry(&cell, states, because);
    } else if (!cell.wanted[genotype->space->inputs + node]) {
        states[genotype->space->inputs + node] = true;
        find_why_idle(&cell, states, because);
    }
}
