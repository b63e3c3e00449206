/* regions.c -- which region of a child each operation of its lowered program belongs to: that of the plain operation
 * whose value it writes. */
#include "snas/model/regions.h"

#include <string.h>

#include "model.h"

int snas_region_count(const snas_space *space, int cells)
{
    return SNAS_REGION_CELLS + cells * (1 + space->nodes);
}

int snas_region_cell(const snas_space *space, int cell)
{
    return SNAS_REGION_CELLS + cell * (1 + space->nodes);
}

int snas_region_node(const snas_space *space, int cell, int node)
{
    return snas_region_cell(space, cell) + 1 + node;
}

snas_latency_child snas_region_child(const snas_network_spec *spec)
{
    return (snas_latency_child){.space = spec->space,
                                .channels = spec->channels,
                                .cells = spec->cells,
                                .classes = spec->classes,
                                .side = spec->side,
                                .stem = snas_stem_names[spec->stem]};
}

snas_status snas_region_table_open(snas_arena *mem, const char *path, const snas_network_spec *spec,
                                   const snas_latency **out)
{
    const snas_latency_child wanted = snas_region_child(spec);
    snas_latency *table;
    SNAS_NEW(mem, table, 1);
    SNAS_TRY(snas_latency_load(mem, path, table));
    *out = table;
    return snas_latency_check(table, path, &wanted);
}

/* Operations of the plain program, part by part. */
typedef struct {
    const snas_space *space;
    const snas_program *plain;
    int cell, node; /* the cell at hand, and its sums so far */
    int *regions;
} walk;

static int region_of(const walk *w, const snas_network_part *part, bool is_block)
{
    if (part->cell < 0) {
        return strcmp(part->what, "stem") == 0 ? SNAS_REGION_STEM : SNAS_REGION_CLASSIFIER;
    }
    if (is_block || w->node >= w->space->nodes) {
        return is_block ? snas_region_cell(w->space, part->cell)
                        : snas_region_node(w->space, part->cell, w->space->nodes - 1);
    }
    return snas_region_node(w->space, part->cell, w->node);
}

static void walk_part(walk *w, const snas_network_part *part, int first, int last)
{
    const bool is_block = strcmp(part->what, "residual block") == 0;
    const bool prepares = strcmp(part->what, "preprocess") == 0;
    if (part->cell != w->cell) {
        w->cell = part->cell;
        w->node = 0;
    }
    for (int op = first; op < last; op++) {
        const bool sums = w->plain->ops[op].kind == SNAS_OP_MIX;
        w->regions[op] = prepares && !sums ? snas_region_cell(w->space, part->cell) : region_of(w, part, is_block);
        w->node += sums && part->cell >= 0 && !is_block;
    }
}

/* The plain operation that a lowered one ends with. */
static int plain_of(const snas_program *plain, const snas_op *op)
{
    const int value =
        op->output < plain->value_count ? op->output : op->inputs[0]; /* else a norm that is written out */
    return plain->values[value].producer;
}

snas_status snas_network_regions(snas_arena *mem, const snas_network *network, const snas_network_spec *spec,
                                 int **regions, int *count)
{
    snas_program *plain;
    model_parts parts;
    snas_network_spec child = *spec;
    const snas_program *lowered = snas_executor_program(network->executor);
    child.auxiliary = 0.0;
    SNAS_TRY(model_build(mem, &child, &parts, &plain));
    walk w = {.space = spec->space, .plain = plain, .cell = SNAS_NONE};
    SNAS_NEW(mem, w.regions, plain->op_count);
    for (int i = 0; i < parts.count; i++) {
        const int last = i + 1 < parts.count ? parts.rows[i + 1].first_op : plain->op_count;
        walk_part(&w, &parts.rows[i].part, parts.rows[i].first_op, last);
    }
    SNAS_NEW(mem, *regions, lowered->op_count);
    for (int i = 0; i < lowered->op_count; i++) {
        (*regions)[i] = w.regions[plain_of(plain, &lowered->ops[i])];
    }
    *count = lowered->op_count;
    return SNAS_OK;
}
