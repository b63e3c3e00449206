/* shard_reduce.h -- sums over pictures: laid out as one row a shard, and reduced over the shards in one place.
 *
 * What the operations of a stage sum over pictures (batch statistics, S0 and S1, dL/dz, weight gradients) lies in one
 * block of memory, one row a shard; rows are alike and start on a cache line each:
 *
 *     rows[shard]:   segment | segment | ... | what a shard keeps to itself (pivots)
 *                    <----- reduced ------->
 *
 * 1. A thread takes a shard: it clears the shard's row, takes the pictures through the stage, each operation adding to
 *    its own segment, and closes the shard (a norm's sums about its pivot become moments). No other thread touches it.
 * 2. Shards are merged along a fixed binary tree, 2i with 2i + 1, then pairs of pairs, and so on, into row 0:
 *
 *        ((0 1) (2 3)) ((4 5) (6 7))          leaves that have no partner move up as they are
 *
 *    How two shards' numbers become those of both is said by their segment:
 *
 *        sum        a + b
 *        moments    of n_a and n_b values (Chan, Golub, LeVeque):      d = mean_b - mean_a,  n = n_a + n_b
 *                   mean = mean_a + d n_b / n,      M2 = M2_a + M2_b + d^2 n_a n_b / n
 *
 *    A shard without pictures (16 pictures in 64 shards) is the identity: its row is neither cleared nor read.
 *    Where threads take several neighbouring shards at a time, a group of 2^k, each does the merges within its group as
 *    soon as both sides are complete. A row that has been merged is free for the next shard, so a group has k + 1 rows,
 *    which stay in the cache: shard s of a group has as many rows before it as s has bits that are 1.
 * 3. The operations take what they need from row 0.
 *
 * Bytes depend on the batch and on the number of shards, and on nothing else. The tree has the same shape within
 * every half, quarter, ... of the shards: who owns such a part, a thread or a machine, can reduce it alone, and a row's
 * first `reduced` bytes are all that two parts have to exchange.
 * The reduction is cut into units of about equal size, across segments: none is long, so many threads share them.
 */
#ifndef SNAS_GRAPH_SHARD_REDUCE_H
#define SNAS_GRAPH_SHARD_REDUCE_H

#include "snas/base/arena.h"
#include "snas/kernel/operation.h"

typedef enum { SHARD_SUM_F32, SHARD_SUM_F64, SHARD_MOMENTS, SHARD_JOIN_COUNT } shard_join;

/** The numbers of one operation in every row. */
typedef struct {
    shard_join join;
    int op;             /* whose they are */
    int64_t count;      /* sums: numbers. Moments: channels, [2][count] doubles: mean, M2 */
    int values;         /* moments: values of a channel in one picture */
    size_t cache_bytes; /* what the shard keeps to itself beside them */
    size_t first;       /* bytes from the start of the row */
    size_t kept;        /* the same, of what it keeps */
} shard_segment;

/** Some numbers of one segment. */
typedef struct {
    int segment;
    int64_t from, to;
} shard_span;

/** What a row holds, and how the work of reducing rows is cut. */
typedef struct {
    shard_segment *segments;
    int segment_count;
    size_t reduced; /* bytes that the segments fill */
    size_t bytes;   /* of the whole row: a multiple of 64 */
    shard_span *spans;
    int *units; /* [unit_count + 1]: the first span of each */
    int unit_count;
} shard_row;

/** A row of these segments (borrowed, in this order; `first` and `kept` are set). Memory from `mem`. */
SNAS_MUST_CHECK snas_status shard_row_make(snas_arena *mem, shard_segment *segments, int count, shard_row *out);

/** Two shards, or what their subtrees have become, are merged into `to`'s row. */
typedef struct {
    int to, from;
    int pictures_to, pictures_from; /* the second is never 0 */
} shard_merge;

/** The merges, in an order in which each finds both sides complete. */
typedef struct {
    shard_merge merges[SNAS_SHARDS_MAX - 1];
    int count, shards;
} shard_tree;

/** The tree of shards 0..shards - 1, of which each has so many pictures. */
void shard_tree_make(const int *pictures, int shards, shard_tree *out);

/** The rows of one stage. */
typedef struct {
    const shard_row *row;
    char *rows;      /* [shard_row_count][row->bytes], 64-byte aligned */
    const bool *off; /* [operations]: summed nothing, their segments hold anything; NULL: none */
    int group;       /* shards that a thread takes at a time: a power of two */
} shard_rows;

/** Rows of so many shards, and which of them is that of one. */
int shard_row_count(int shards, int group);
int shard_row_of(int shard, int group);

/** Before the first picture: the shard's sums are zero. */
void shard_clear(const shard_rows *rows, int shard);

/** Put row 0 into a packet, without the segments of operations that are off: at[segment] is where each begins. Returns
 *  its bytes. */
size_t shard_pack(const shard_rows *rows, size_t *at, char *packet);

/** Another rank's row 0, as packed there: what its part of the shards has become, and how many pictures both parts
 *  have. */
typedef struct {
    const size_t *at; /* of the own packet: segments are alike */
    char *packet;     /* spent */
    int pictures, own_pictures;
    bool is_left; /* it stands on the left of this rank's part in the tree */
} shard_packet;

/** Unit 0..row->unit_count - 1 of merging it with row 0, which holds the result. */
void shard_merge_packet(const shard_rows *rows, const shard_packet *packet, int unit);

/** A shard is complete, and all of its group before it: the merges within the group that this makes possible. */
void shard_merge_group(const shard_rows *rows, const shard_tree *tree, int shard);

/** Unit 0..row->unit_count - 1 of the rest of the reduction, in any order and by any threads: row 0 holds the result.
 *  The other rows are spent. */
void shard_reduce(const shard_rows *rows, const shard_tree *tree, int unit);

#endif
