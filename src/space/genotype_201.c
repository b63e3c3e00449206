/* genotype_201.c -- the line that NAS-Bench-201 writes for a cell, read.
 *
 *   text    = node {'+' node},   node = '|' {name '~' number '|'}          one operation an edge, sources in order
 */
#include "genotype_scan.h"

snas_status space_genotype_read_201(snas_arena *mem, const char *name, snas_bytes text, snas_genotype *out)
{
    (void)mem;
    space_scanner in = space_scan_start(name, text);
    *out = (snas_genotype){.space = snas_space_find("nas-bench-201"), .pool_bn = true};
    for (int node = 0; node < out->space->nodes; node++) {
        if (node > 0) {
            SNAS_TRY(space_scan_need(&in, '+', "'+' between two nodes"));
        }
        SNAS_TRY(space_scan_need(&in, '|', "'|' before a node"));
        for (int i = 0; i < out->space->inputs + node; i++) {
            char operation[SPACE_WORD_MAX];
            space_spot at;
            int source;
            SNAS_TRY(space_scan_word(&in, operation, &at, "an operation"));
            SNAS_TRY(space_scan_need(&in, '~', "'~' between an operation and its source"));
            SNAS_TRY(space_scan_number(&in, &source));
            if (source != i) {
                return snas_fail(SNAS_E_DATA, "%s:%d:%d: source %d of node %d has to be %d, sources come in order",
                                 name, at.line, at.column, source, node, i);
            }
            SNAS_TRY(space_genotype_add(out, 0, node, operation, source, at));
            SNAS_TRY(space_scan_need(&in, '|', "'|' behind a source"));
        }
    }
    return space_scan_end(&in);
}
