/* parts.h -- what the files of this room share: the opens of the rows, the permutation, a picture's way into a
 * batch. */
#ifndef SNAS_DATA_PARTS_H
#define SNAS_DATA_PARTS_H

#include "snas/base/rng.h"
#include "snas/data/dataset.h"

snas_status data_cifar10_open(snas_arena *mem, const snas_dataset_request *request, snas_dataset *out);
snas_status data_cifar100_open(snas_arena *mem, const snas_dataset_request *request, snas_dataset *out);
snas_status data_cifar10_check(const snas_dataset_request *request, const snas_fault_sink *sink);
snas_status data_cifar100_check(const snas_dataset_request *request, const snas_fault_sink *sink);
snas_status data_folder_open(snas_arena *mem, const snas_dataset_request *request, snas_dataset *out);
snas_status data_packed_open(snas_arena *mem, const snas_dataset_request *request, snas_dataset *out);
int data_packed_side(const char *path);
snas_status data_packed_check(const snas_dataset_request *request, const snas_fault_sink *sink);
snas_status data_synthetic_open(snas_arena *mem, const snas_dataset_request *request, snas_dataset *out);

/** The division of `pictures` by these options as a text, in `mem`; NULL without memory. */
const char *data_division_format(snas_arena *mem, const snas_photo_options *options, uint32_t pictures);

/** Nothing known of `count` pictures. */
SNAS_MUST_CHECK snas_status data_flaws_create(snas_arena *mem, int count, struct snas_flaws **out);

/** Picture i has the flaw, which the sentence says. Any thread. */
void data_flaws_note(const snas_pictures *pictures, snas_flaw flaw, int i, const char *sentence);

/** What a byte becomes: value[c][byte] = (byte/255 - mean[c]) / deviation[c]. */
typedef struct {
    float value[3][256];
} data_normal;
data_normal data_normal_make(const float mean[3], const float deviation[3]);

/** A picture of a batch: which one, what is done to it, and its random numbers. */
struct snas_picture_task {
    int index; /* into the pictures */
    const snas_augment *augment;
    const data_normal *normal;
    snas_rng rng; /* at (seed, AUGMENT, epoch * 2^32 + position) */
};
typedef struct snas_picture_task data_task;

/** One picture, from and to [side][side][3]: random crop, flip, normalise, cutout, with draws in this order. */
void data_augment(const snas_augment *augment, const data_normal *normal, snas_rng rng, int side, const uint8_t *from,
                  float *to);

/** True when nothing but normalisation is asked for: every epoch has the same pictures. */
bool data_augment_is_none(const snas_augment *augment);

/** A set of pictures that all have one size and are held in memory: both arrays are borrowed. */
snas_pictures data_pictures_in_memory(int count, int side, const uint8_t *pixels, const int *labels);

#endif
