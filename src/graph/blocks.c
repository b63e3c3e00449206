/* blocks.c -- pieces of memory by first fit, largest first, each at the lowest offset that is free while it is live. */
#include "snas/graph/blocks.h"

#include <stdbool.h>
#include <stdlib.h>

#include "snas/graph/program.h"

static int by_size(const void *a, const void *b)
{
    const snas_block *x = *(snas_block *const *)a, *y = *(snas_block *const *)b;
    if (x->size != y->size) {
        return x->size < y->size ? 1 : -1;
    }
    return x < y ? -1 : 1; /* the order in memory: reproducible */
}

/** The two parts of a lifetime; the second is empty when there is no rest between. */
static void parts_of(const snas_block *block, int first[2], int last[2])
{
    const bool has_gap = block->gap_end > block->gap_first;
    first[0] = block->first;
    last[0] = has_gap ? block->gap_first - 1 : block->last;
    first[1] = has_gap ? block->gap_end : block->last + 1;
    last[1] = block->last;
}

static bool exclusive(const snas_block *a, const snas_block *b)
{
    return a->edge != SNAS_NONE && a->edge == b->edge && a->gate != b->gate;
}

static bool meet(const snas_block *a, const snas_block *b)
{
    if (exclusive(a, b)) {
        return false;
    }
    int a_first[2], a_last[2], b_first[2], b_last[2];
    parts_of(a, a_first, a_last);
    parts_of(b, b_first, b_last);
    for (int i = 0; i < 4; i++) {
        const int j = i / 2, k = i % 2;
        if (a_first[j] <= b_last[k] && b_first[k] <= a_last[j] && a_first[j] <= a_last[j] && b_first[k] <= b_last[k]) {
            return true;
        }
    }
    return false;
}

/** Lowest offset at which `block` fits beside the placed blocks that live at the same time. `sorted` is by offset. */
static int64_t lowest_fit(const snas_block *block, snas_block *const *sorted, int count)
{
    int64_t at = 0;
    for (int i = 0; i < count; i++) {
        if (!meet(block, sorted[i])) {
            continue;
        }
        if (sorted[i]->offset >= at + block->size) {
            break;
        }
        const int64_t after = sorted[i]->offset + sorted[i]->size;
        at = after > at ? after : at;
    }
    return at;
}

snas_status snas_blocks_place(snas_arena *mem, snas_block **blocks, int count, int64_t *total)
{
    snas_block **placed;
    int used = 0;
    SNAS_NEW(mem, placed, count);
    for (int i = 0; i < count; i++) {
        if (blocks[i]->last >= blocks[i]->first) {
            blocks[used++] = blocks[i];
        }
    }
    qsort(blocks, (size_t)used, sizeof(snas_block *), by_size);
    *total = 0;
    for (int i = 0; i < used; i++) {
        blocks[i]->offset = lowest_fit(blocks[i], placed, i);
        int at = i;
        while (at > 0 && placed[at - 1]->offset > blocks[i]->offset) {
            placed[at] = placed[at - 1];
            at--;
        }
        placed[at] = blocks[i];
        const int64_t end = blocks[i]->offset + blocks[i]->size;
        *total = end > *total ? end : *total;
    }
    return SNAS_OK;
}
