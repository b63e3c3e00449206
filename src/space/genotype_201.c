/* genotype_201.c -- the line that NAS-Bench-201 writes for a cell, read.
 *
 *   text    = node {'+' node},   node = '|' {name '~' number '|'}          one operation an edge, sources in order
 */
#include "genotype_scan.h"

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

snas_status space_genotype_read_201(snas_arena *mem, const char *name, snas_bytes text, snas_genotype *out)
{
    (void)mem;
    space_scanner in = space_scan_start(name, text);
    *out = (snas_genotype){.space = snas_space_find("nas-bench-201"), .pool_bn = true};
    const snas_space *space = out->space;
    for (int node = 0; node < space->nodes; node++) {
        space_scan_skip(&in);
        if (node > 0 && in.at == in.end) {
            return other_nodes(&in, node, space);
        }
        if (node > 0) {
            SNAS_TRY(space_scan_need(&in, '+', "'+' between two nodes"));
        }
        SNAS_TRY(space_scan_need(&in, '|', "'|' before a node"));
        for (int source = 0; source < space->inputs + node; source++) {
            SNAS_TRY(read_edge(&in, node, source, out));
        }
    }
    return space_scan_has(&in, '+') ? other_nodes(&in, space->nodes, space) : space_scan_end(&in);
}
