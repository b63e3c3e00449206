/* loader.c -- batches by (seed, epoch, position): an order for the epoch, then every picture on its own.
 *
 *     order of an epoch    Fisher-Yates over the selection, from (seed, SHUFFLE, epoch)
 *     picture at position  data_augment with (seed, AUGMENT, epoch * 2^32 + position)
 *
 * The pictures of a batch are the units of the team: each has its own random stream and its own place in the batch, so
 * the bytes are the same for any number of threads.
 */
#include <assert.h>
#include <string.h>

#include "parts.h"

snas_status snas_loader_create(snas_arena *mem, const snas_dataset *dataset,
                               snas_selection selection, snas_augment augment, bool shuffle,
                               uint64_t seed, int batch, snas_loader *out)
{
    if (batch < 1) {
        return snas_fail(SNAS_E_USAGE, "batch size %d, allowed is 1 or more", batch);
    }
    const int side = selection.pictures->side;
    if (augment.crop_pad < 0 || augment.crop_pad > side) {
        return snas_fail(SNAS_E_USAGE, "crop border %d, allowed is 0 to the pictures' side %d",
                         augment.crop_pad, side);
    }
    if (augment.cutout < 0 || augment.cutout > 2 * side) {
        return snas_fail(SNAS_E_USAGE, "cutout %d, allowed is 0 to twice the pictures' side, %d",
                         augment.cutout, 2 * side);
    }
    *out = (snas_loader){.dataset = dataset,
                         .selection = selection,
                         .augment = augment,
                         .shuffle = shuffle,
                         .seed = seed,
                         .batch = batch,
                         .epoch = -1};
    SNAS_NEW(mem, out->order, selection.count);
    return SNAS_OK;
}

int snas_loader_batches(const snas_loader *loader)
{
    return (int)(((int64_t)loader->selection.count + loader->batch - 1) / loader->batch);
}

/* Put the order of `epoch` in place, unless it is there. */
static void turn_to(snas_loader *loader, int64_t epoch)
{
    if (loader->epoch == epoch) {
        return;
    }
    const int count = loader->selection.count;
    memcpy(loader->order, loader->selection.index, (size_t)count * sizeof *loader->order);
    if (loader->shuffle) {
        snas_rng rng = snas_rng_at(loader->seed, SNAS_STREAM_SHUFFLE, (uint64_t)epoch);
        data_shuffle(&rng, count, loader->order);
    }
    loader->epoch = epoch;
}

typedef struct {
    const snas_loader *loader;
    data_normal normal;
    int first; /* position in the epoch of the batch's first picture */
    float *images;
    int *labels;
} fill;

static void fill_picture(void *context, int unit, int thread)
{
    (void)thread;
    const fill *job = context;
    const snas_loader *loader = job->loader;
    const snas_pictures *pictures = loader->selection.pictures;
    const int position = job->first + unit, index = loader->order[position];
    const int64_t size = (int64_t)pictures->side * pictures->side * pictures->channels;
    const uint64_t step = ((uint64_t)loader->epoch << 32) + (uint64_t)position;
    data_augment(&loader->augment, &job->normal,
                 snas_rng_at(loader->seed, SNAS_STREAM_AUGMENT, step), pictures->side,
                 pictures->pixels + index * size, job->images + unit * size);
    job->labels[unit] = pictures->labels[index];
}

int snas_loader_batch(snas_loader *loader, const snas_team *team, int64_t epoch, int b,
                      float *images, int *labels)
{
    assert(epoch >= 0 && epoch <= UINT32_MAX && b >= 0 && b < snas_loader_batches(loader));
    assert(loader->selection.pictures->channels == 3);
    turn_to(loader, epoch);
    const int first = b * loader->batch, left = loader->selection.count - first;
    const int count = left < loader->batch ? left : loader->batch;
    fill job = {.loader = loader,
                .normal = data_normal_make(loader->dataset->mean, loader->dataset->deviation),
                .first = first,
                .images = images,
                .labels = labels};
    snas_team_run(team, count, fill_picture, &job);
    return count;
}
