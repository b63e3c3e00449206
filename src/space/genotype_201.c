/* genotype_201.c -- the line that NAS-Bench-201 writes for a cell, read and written.
 *
 *   text    = node {'+' node},   node = '|' {name '~' number '|'}          one operation an edge, sources in order
 *
 * An edge that a cell lacks is `none` in its line: both add nothing to their node.
 */
#include "genotype_scan.h"

static const char BENCH_SPACE[] = "nas-bench-201";

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* A cell of another number of nodes: as many as '+' stand between them, and one. */
static snas_status other_nodes(const space_scanner *in, int nodes, const snas_space *space)
{
    for (const char *c = in->at; c < in->end; c++) {
        nodes += *c == '+';
    }
    return snas_fail(SNAS_E_DATA, "%s:%d:%d: the cell has %d node%s, a cell of space '%s' has %d", in->spot.name,
                     in->spot.line, in->spot.column, nodes, nodes == 1 ? "" : "s", space->name, space->nodes);
}

static snas_status read_edge(space_scanner *in, int node, int source, snas_genotype *out)
{
    char operation[SPACE_WORD_MAX];
    space_spot at;
    int found;
    SNAS_TRY(space_scan_word(in, operation, &at, "an operation"));
    SNAS_TRY(space_scan_need(in, '~', "'~' between an operation and its source"));
    SNAS_TRY(space_scan_number(in, &found));
    if (found != source) {
        return snas_fail(SNAS_E_DATA, "%s:%d:%d: source %d of node %d has to be %d, sources come in order", at.name,
                         at.line, at.column, found, out->space->inputs + node, source);
    }
    SNAS_TRY(space_genotype_add(out, 0, node, operation, source, at));
    return space_scan_need(in, '|', "'|' after a source");
}

snas_status space_genotype_scan_201(space_scanner *in, snas_genotype *out)
{
    *out = (snas_genotype){.space = snas_space_find(BENCH_SPACE), .pool_bn = true};
    const snas_space *space = out->space;
    for (int node = 0; node < space->nodes; node++) {
        space_scan_skip(in);
        if (node > 0 && in->at == in->end) {
            return other_nodes(in, node, space);
        }
        if (node > 0) {
            SNAS_TRY(space_scan_need(in, '+', "'+' between two nodes"));
        }
        SNAS_TRY(space_scan_need(in, '|', "'|' before a node"));
        for (int source = 0; source < space->inputs + node; source++) {
            SNAS_TRY(read_edge(in, node, source, out));
        }
    }
    return space_scan_has(in, '+') ? other_nodes(in, space->nodes, space) : space_scan_end(in);
}

snas_status space_genotype_read_201(snas_arena *mem, const char *name, snas_bytes text, snas_genotype *out)
{
    (void)mem;
    space_scanner in = space_scan_start(name, text);
    return space_genotype_scan_201(&in, out);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* What the line calls the edge from `source`; NULL: the node has several operations there, and a line holds one. */
static const char *operation_from(const snas_space *space, const snas_genes *genes, int source)
{
    const char *name = NULL;
    for (int g = 0; g < genes->count; g++) {
        if (genes->genes[g].source == source && name != NULL) {
            return NULL;
        }
        if (genes->genes[g].source == source) {
            name = space->candidates[genes->genes[g].candidate]->name;
        }
    }
    return name == NULL ? "none" : name;
}

snas_status space_genotype_write_201(const snas_genotype *genotype, snas_text *to)
{
    const snas_space *space = genotype->space;
    SNAS_TRY(space_genotype_need_space(genotype, BENCH_SPACE, BENCH_SPACE));
    for (int node = 0; node < space->nodes; node++) {
        snas_text_add(to, node == 0 ? "|" : "+|");
        for (int source = 0; source < space->inputs + node; source++) {
            const char *operation = operation_from(space, &genotype->nodes[0][node], source);
            if (operation == NULL) {
                return snas_fail(SNAS_E_USAGE,
                                 "%s node %d has several operations from source %d, the form '%s' has one",
                                 space->type_names[0], space->inputs + node, source, BENCH_SPACE);
            }
            snas_text_add(to, "%s~%d|", operation, source);
        }
    }
    snas_text_add(to, "\n");
    return SNAS_OK;
}
