/* loader.h -- from pictures to the batches that training reads.
 *
 * A loader turns a selection of pictures into normalised, augmented float batches [N][side][side][3]. Which picture comes
 * when, and how it is augmented, depends on (seed, epoch, position in the epoch) alone: not on threads, not on what was
 * read before. The loader borrows the data set and the selection; nothing is allocated after create.
 */
#ifndef SNAS_DATA_LOADER_H
#define SNAS_DATA_LOADER_H

#include "snas/data/dataset.h"

/** What is done to a training picture, in this order; all zero does nothing but normalise. */
typedef struct {
    int crop_pad; /* border of black pixels before a random crop of the old size, 0 none (torchvision's RandomCrop) */
    bool flip;  /* mirror left and right with probability 1/2 */
    int cutout; /* side of the square set to 0 after normalisation, clipped at the borders; 0 none */
} snas_augment;

typedef struct {
    const snas_dataset *dataset;
    snas_selection selection;
    snas_augment augment;
    bool shuffle;  /* else the order of the selection */
    uint64_t seed; /* of the order and of the augmentation */
    int batch;     /* pictures a batch */
    int *order;    /* [selection.count] indices into pictures, of the epoch in `epoch` */
    int64_t epoch; /* whose order stands in `order`; -1 none */
} snas_loader;

/** Make a loader. batch >= 1, crop_pad and cutout >= 0, else SNAS_E_USAGE with the value. */
SNAS_MUST_CHECK snas_status snas_loader_create(snas_arena *mem, const snas_dataset *dataset,
                                               snas_selection selection, snas_augment augment,
                                               bool shuffle, uint64_t seed, int batch,
                                               snas_loader *out);

/** Batches an epoch; the last one may be smaller. */
int snas_loader_batches(const snas_loader *loader);

/** Batch `b` (0..batches-1) of `epoch` (0..2^32-1) into images [batch][side][side][3] and labels [batch]; returns how many
 *  pictures it has. A picture is
 *
 *      x[h,w,c] = (byte/255 - mean[c]) / deviation[c],    0 in the hole of the cutout
 *
 *  Random numbers: order from (seed, SHUFFLE, epoch), picture from (seed, AUGMENT, epoch * 2^32 + position). Never fails.
 */
int snas_loader_batch(snas_loader *loader, const snas_team *team, int64_t epoch, int b,
                      float *images, int *labels);

#endif
