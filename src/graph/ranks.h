/* ranks.h -- what the ranks of a run exchange in a pass. Private to the room.
 *
 * A rank runs its own shards (snas/comm/share.h) and reduces them to one row: a whole subtree of the tree of shards.
 * Its neighbour's row is the next subtree, and so on up the tree, a swap of two ranks a level: all end with the row
 * that one process would have, byte for byte. Everything that ends at a stage goes in one message a level.
 * After the forward pass every rank gets what is known of each picture: losses, ranks of the labels, logits.
 */
#ifndef SNAS_GRAPH_RANKS_H
#define SNAS_GRAPH_RANKS_H

#include "shard_reduce.h"
#include "snas/comm/comm.h"
#include "snas/kernel/operation.h"

enum { RANK_LEVELS_MAX = 4 };

/** A level of the tree: both sides are `span` ranks, a power of two. */
typedef struct {
    int peer;
    int pictures, own_pictures; /* of the peer's side, and of this rank's */
} graph_level;

/** One rank: nothing of it is used. */
typedef struct {
    graph_level levels[RANK_LEVELS_MAX];
    int level_count;
    size_t first_picture[SNAS_RANKS_MAX + 1]; /* of this step's batch, of each rank */
    size_t row_most;                          /* bytes that the largest row exchanges */
    int segments_most;
    size_t *at;     /* [segments_most]: where the segments begin in a packet */
    char *out, *in; /* [row_most] */
    char *pictures; /* [batch] records */
} graph_ranks;

struct snas_executor;

/** Room for this row too. */
void graph_ranks_raise(graph_ranks *ranks, const shard_row *row);

/** Bytes of what is known of a picture. */
size_t graph_ranks_picture_bytes(const struct snas_executor *ex);

/** A batch begins of which shard s has pictures[s]. */
void graph_ranks_meet(struct snas_executor *ex, const int *pictures);

/** Row 0 of this rank becomes row 0 of all. */
void graph_ranks_reduce(struct snas_executor *ex, const shard_rows *rows);

/** All ranks get what each has found out about its pictures. */
void graph_ranks_gather(struct snas_executor *ex, const snas_feed *feed);

#endif
