/* blocks.h -- a memory plan: pieces with live ranges, each given a place that nobody else has while it is live. */
#ifndef SNAS_GRAPH_BLOCKS_H
#define SNAS_GRAPH_BLOCKS_H

#include <stdint.h>

#include "snas/base/arena.h"

/** A piece of memory with a live range, in elements. */
typedef struct {
    int64_t size, offset;
    int first, last;        /* stages in which it holds something; last < first: never used */
    int gate;               /* z slot of the candidate that alone writes and reads it; SNAS_NONE: it is no candidate's.
                               Where that z is 0 in a sparse step it holds nothing */
    int edge;               /* of that candidate, when at most one candidate of an edge runs; SNAS_NONE: any may run */
    int gap_first, gap_end; /* a gap in the live range: stages gap_first..gap_end - 1; none: gap_end <= gap_first */
} snas_block;

/** Give every block its offset: largest first, each at the lowest that is free. Blocks that are never used are left out
 *  of `blocks`, which is sorted. *total: elements that all need. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_blocks_place(snas_arena *mem, snas_block **blocks, int count, int64_t *total);

#endif
