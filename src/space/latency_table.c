/* latency_table.c -- sums over a table of measured times. */
#include "snas/space/latency_table.h"

#include <string.h>

static size_t row_of(const snas_space *space)
{
    return (size_t)snas_space_edge_count(space) * (size_t)space->candidate_count;
}

static snas_cell_place place_of(const snas_latency_child *child, int cell)
{
    return snas_space_place(child->space, cell, child->cells, child->channels);
}

snas_status snas_latency_create(snas_arena *mem, const snas_latency_child *child, snas_latency *out)
{
    *out = (snas_latency){.child = *child};
    SNAS_NEW(mem, out->cell_fixed, child->cells);
    SNAS_NEW(mem, out->cost, (size_t)child->cells * row_of(child->space));
    return SNAS_OK;
}

int64_t snas_latency_fixed(const snas_latency *table)
{
    int64_t sum = table->stem + table->classifier;
    for (int cell = 0; cell < table->child.cells; cell++) {
        sum += table->cell_fixed[cell];
    }
    return sum;
}

snas_status snas_latency_by_type(snas_arena *mem, const snas_latency *table, int64_t **out)
{
    const snas_latency_child *child = &table->child;
    const size_t row = row_of(child->space);
    SNAS_NEW(mem, *out, (size_t)child->space->cell_types * row);
    for (int cell = 0; cell < child->cells; cell++) {
        const snas_cell_place place = place_of(child, cell);
        for (size_t i = 0; i < row && !place.block; i++) {
            (*out)[(size_t)place.type * row + i] += table->cost[(size_t)cell * row + i];
        }
    }
    return SNAS_OK;
}

static int64_t cell_cost(const snas_latency *table, const snas_genotype *genotype, int cell)
{
    const snas_space *space = table->child.space;
    const int type = place_of(&table->child, cell).type;
    int64_t sum = 0;
    for (int node = 0; node < space->nodes; node++) {
        const snas_genes *genes = &genotype->nodes[type][node];
        for (int g = 0; g < genes->count; g++) {
            const int e = snas_space_edge_index(space, genes->genes[g].source, node);
            sum += table->cost[(size_t)cell * row_of(space) + (size_t)(e * space->candidate_count) +
                               (size_t)genes->genes[g].candidate];
        }
    }
    return sum;
}

int64_t snas_latency_predict(const snas_latency *table, const snas_genotype *genotype)
{
    int64_t sum = snas_latency_fixed(table);
    for (int cell = 0; cell < table->child.cells; cell++) {
        sum += place_of(&table->child, cell).block ? 0 : cell_cost(table, genotype, cell);
    }
    return sum;
}

snas_status snas_latency_check(const snas_latency *table, const char *path, const snas_latency_child *wanted)
{
    const snas_latency_child *has = &table->child;
    const struct {
        const char *what;
        int has, wanted;
    } numbers[] = {{"channels", has->channels, wanted->channels},
                   {"cells", has->cells, wanted->cells},
                   {"classes", has->classes, wanted->classes},
                   {"side", has->side, wanted->side}};
    if (has->space != wanted->space) {
        return snas_fail(SNAS_E_USAGE, "the latency table '%s' is of the space '%s', the config's is '%s'", path,
                         has->space->name, wanted->space->name);
    }
    if (strcmp(has->stem, wanted->stem) != 0) {
        return snas_fail(SNAS_E_USAGE, "the latency table '%s' is of a child with the stem '%s', the config's has '%s'",
                         path, has->stem, wanted->stem);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (numbers[i].has != numbers[i].wanted) {
            return snas_fail(SNAS_E_USAGE, "the latency table '%s' is of a child with %s %d, the config's has %d", path,
                             numbers[i].what, numbers[i].has, numbers[i].wanted);
        }
    }
    return SNAS_OK;
}
