/* smaller.h -- the first epochs of a training on smaller pictures. */
#ifndef SNAS_TRAIN_SMALLER_H
#define SNAS_TRAIN_SMALLER_H

#include "snas/train/train_step.h"

/** How pictures are resized. */
typedef struct {
    const float *shares; /* [small][side] of train_shares */
    int side, small;
} train_resizing;

/** How much a pixel of a line of `small` takes of each pixel of a line of `side` > small: shares [small][side]. */
void train_shares(int side, int small, float *shares);

/** `count` pictures [side][side][3] become [small][small][3]: each number is the mean over the area that its pixel
 *  covers, by the shares. */
void train_shrink(const snas_team *team, const train_resizing *how, int count, const float *from, float *to);

/** Are the steps of this epoch on smaller pictures? */
bool train_is_small(const snas_trainer *trainer, int64_t epoch);

#endif
