/* share.h -- which pictures of a batch belong to whom: to a shard, and to a rank.
 *
 *      batch of N pictures    n parts of at most `most` pictures, one pass each: part p begins at N p / n
 *      part of N' pictures    S shards, whatever ranks and threads there are: shard s begins at ceil(N' s / S)
 *      S shards               R ranks, S / R shards each: a whole subtree of the tree along which shards are reduced
 */
#ifndef SNAS_COMM_SHARE_H
#define SNAS_COMM_SHARE_H

#include <stdbool.h>
#include <stdint.h>

/** First picture of shard `shard` of `shards` of a batch of `count`; shard `shards`: count. Rounded up, so that shard 0
 *  has a picture whenever there is one. */
static inline int snas_shard_first(int count, int shards, int shard)
{
    return (int)(((int64_t)count * shard + shards - 1) / shards);
}

/** First shard of rank `rank` of `ranks`; rank `ranks`: shards. */
static inline int snas_rank_first(int shards, int ranks, int rank)
{
    return shards / ranks * rank;
}

/** Passes that a batch of `count` takes when one has at most `most` pictures; 0: one pass. */
static inline int snas_part_count(int count, int most)
{
    return most <= 0 || most >= count ? 1 : (count + most - 1) / most;
}

/** First picture of pass `part` of `parts`; part `parts`: count. */
static inline int snas_part_first(int count, int parts, int part)
{
    return (int)((int64_t)count * part / parts);
}

/** Does picture `i` of a batch of `count` belong to this process? */
bool snas_share_owns(int count, int most, int shards, int i);

#endif
