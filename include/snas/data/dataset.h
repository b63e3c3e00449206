/* dataset.h -- labelled pictures in memory, and the batches that training reads.
 *
 * A data set is one file and a row: open fills the struct. Pictures are bytes [count][side][side][3], pixel by pixel
 * (channels last), whatever the file's own order. A loader turns indices into normalised, augmented float batches
 * [N][side][side][3]; which picture comes when, and how it is augmented, depends on (seed, epoch, position) alone.
 */
#ifndef SNAS_DATA_DATASET_H
#define SNAS_DATA_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/base/arena.h"
#include "snas/tensor/team.h"

typedef struct {
    int count, side, channels; /* channels is 3 */
    const uint8_t *pixels;     /* [count][side][side][channels] */
    const int *labels;         /* [count], in 0..classes-1 */
} snas_pictures;

typedef struct {
    const char *name;
    int classes;
    const char *const *class_names; /* [classes] */
    float mean[3], deviation[3];    /* of pixels in 0..1 */
    snas_pictures train, test;
    const char *source; /* what was read, one line for the log */
} snas_dataset;

typedef struct {
    const char *path; /* folder or archive; NULL: looked for in $SNAS_DATA and data/ */
    uint64_t seed;    /* synthetic only */
    int train_count, test_count; /* synthetic only: pictures to make */
    int side;                    /* synthetic only */
} snas_dataset_request;

typedef struct {
    const char *name; /* config value: "cifar10", "synthetic" */
    const char *brief;
    snas_status (*open)(snas_arena *mem, const snas_dataset_request *request, snas_dataset *out);
} snas_dataset_row;
extern const snas_dataset_row snas_datasets[]; /* ends with name NULL */
const snas_dataset_row *snas_dataset_find(const char *name);

/** An ordered choice of pictures: a training part, a validation part. */
typedef struct {
    const snas_pictures *pictures;
    int count;
    const int *index; /* [count] into pictures */
} snas_selection;

/** Cut `pictures` at random (stream SPLIT): the first `first_count` of a permutation and the `second_count` after them.
 *  first_count + second_count <= pictures->count, else SNAS_E_USAGE. */
SNAS_MUST_CHECK snas_status snas_selection_split(snas_arena *mem, const snas_pictures *pictures, uint64_t seed,
                                                 int first_count, int second_count, snas_selection *first,
                                                 snas_selection *second);
SNAS_MUST_CHECK snas_status snas_selection_all(snas_arena *mem, const snas_pictures *pictures, snas_selection *out);

typedef struct {
    int crop_pad; /* border of black pixels before a random crop of the old size, 0 none (torchvision's RandomCrop) */
    bool flip;    /* mirror with probability 1/2 */
    int cutout;   /* side of the square set to 0 after normalisation, clipped at the borders; 0 none */
} snas_augment;

typedef struct {
    const snas_dataset *dataset;
    snas_selection selection;
    snas_augment augment;
    bool shuffle;
    uint64_t seed;
    int batch;
    int *order;      /* [selection.count] of the epoch in `epoch` */
    int64_t epoch;   /* whose order stands in `order`; -1 none */
} snas_loader;

SNAS_MUST_CHECK snas_status snas_loader_create(snas_arena *mem, const snas_dataset *dataset, snas_selection selection,
                                               snas_augment augment, bool shuffle, uint64_t seed, int batch,
                                               snas_loader *out);

/** Batches an epoch; the last one may be smaller. */
int snas_loader_batches(const snas_loader *loader);

/** Batch `b` of `epoch` into images [batch][side][side][3] and labels [batch]; returns how many pictures it has. */
int snas_loader_batch(snas_loader *loader, const snas_team *team, int64_t epoch, int b, float *images, int *labels);

#endif
