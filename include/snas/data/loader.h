/* loader.h -- from pictures to the batches that training reads.
 *
 * A loader turns a selection of pictures into normalised, augmented float batches [N][side][side][3]. The order of the
 * pictures and their augmentation depend on (seed, epoch, position in the epoch) alone: not on threads, not on what was
 * read before. Workers prepare the batches that come next into a ring of slots while the caller computes on one;
 * without workers the caller's team prepares a batch when it is asked for. The loader borrows what the data set and the
 * selection point to. Nothing is allocated after create. The arena that create was given ends the workers when it is
 * destroyed.
 */
#ifndef SNAS_DATA_LOADER_H
#define SNAS_DATA_LOADER_H

#include "snas/data/dataset.h"

/** What is done to a training picture, in this order; all zero does nothing but normalise. */
typedef struct {
    bool photo;   /* photographs: a random part resized, colours jittered, no crop_pad; else the middle part */
    int crop_pad; /* border of black pixels before a random crop of the old size, 0 none (torchvision's RandomCrop) */
    bool flip;    /* mirror left and right with probability 1/2 */
    bool alternates; /* flip by turns instead: every picture in every second epoch, half of them in even ones */
    bool mirror;     /* mirror left and right always */
    int cutout; /* side of the square set to 0 after normalisation, clipped at the borders; odd: one less; 0 none */
} snas_augment;

/** Which pictures of a batch this process prepares, when others do the rest: owns(count, most, shards, i) of picture i
 *  of `count`. The labels are always all there. NULL: all of them. */
typedef struct {
    bool (*owns)(int count, int most, int shards, int i);
    int most, shards;
} snas_loader_share;

typedef struct {
    const snas_dataset *dataset; /* mean and deviation are taken at create */
    snas_selection selection;
    snas_augment augment;
    bool shuffle;  /* else the order of the selection */
    uint64_t seed; /* of the order and of the augmentation */
    int stream;    /* 0..255: which of a run's streams of pictures; each draws random numbers of its own */
    int batch;     /* pictures a batch */
    int workers;   /* threads that prepare ahead; 0: the team prepares when asked */
    int queue;     /* with workers: batches ahead of the caller's, at least 1 */
    snas_loader_share share;
    snas_team team; /* the caller's threads */
} snas_loader_request;

typedef struct snas_loader snas_loader;

/** Make a loader and start its workers. batch >= 1, crop_pad and cutout >= 0, workers >= 0, else SNAS_E_USAGE with the
 *  value. When the system gives fewer threads than asked for, it works with those. */
SNAS_MUST_CHECK snas_status snas_loader_create(snas_arena *mem, const snas_loader_request *request, snas_loader **out);

/** Bytes that create takes for batches, and for reading pictures. */
size_t snas_loader_bytes(const snas_loader_request *request);

/** The request that it was made with. */
const snas_loader_request *snas_loader_asked(const snas_loader *loader);

/** Batches an epoch; the last one may be smaller. */
int snas_loader_batches(const snas_loader *loader);

/** A batch, the loader's until the next call of snas_loader_take. */
typedef struct {
    int count;           /* pictures */
    const float *images; /* [count][side][side][3]; of a share: only its pictures are there */
    const int *labels;   /* [count] */
} snas_loaded;

/** Batch `b` (0..batches-1) of `epoch` (0..2^32-1), waited for if need be. A picture is
 *
 *      x[h,w,c] = (byte/255 - mean[c]) / deviation[c],    0 in the hole of the cutout
 *
 *  Random numbers: order from (seed, SHUFFLE, epoch), picture from (seed, AUGMENT, epoch * 2^32 + position),
 *  alternating flips from (seed, FLIP, picture), the stream in the highest byte of all steps. Batches one after the
 *  other, over the epochs' ends too, are the ones prepared ahead; any other is prepared when asked for.
 *  A loader that neither shuffles nor augments has equal epochs, and goes from the last batch to the first.
 *
 *  SNAS_E_DATA or SNAS_E_IO when a picture of this batch cannot be read: the sentence of the first such picture. */
SNAS_MUST_CHECK snas_status snas_loader_take(snas_loader *loader, int64_t epoch, int b, snas_loaded *out);

#endif
