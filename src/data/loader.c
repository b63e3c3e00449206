/* loader.c -- batches by (seed, epoch, position): an order for the epoch, then every picture on its own.
 *
 *     order of an epoch    Fisher-Yates over the selection, from (seed, SHUFFLE, epoch)
 *     picture at position  the set's prepare with (seed, AUGMENT, epoch * 2^32 + position)
 *
 * Both steps have the number of the stream in their highest byte.
 *     number of a batch    epoch * batches + b, what the ring counts
 *
 * The pictures of a batch are the units of the ring: each has its own random stream and its own place in the batch, so
 * the bytes are the same for any number of workers and threads. The order is made once an epoch, by the thread that
 * takes, and each slot keeps its own part of it: workers see nothing of epochs that the ring has left.
 */
#include <assert.h>
#include <string.h>

#include "parts.h"
#include "ring.h"
#include "snas/base/checked.h"

typedef struct {
    int64_t epoch;
    int first;   /* position in the epoch of the first picture */
    int count;   /* pictures */
    int *index;  /* [batch] into the pictures */
    int *labels; /* [batch] */
    int *own;    /* [batch]: which of them are prepared */
    float *images;
} slot_batch;

struct snas_loader {
    snas_loader_request request;
    snas_pictures pictures; /* a copy: workers read from it as long as the loader's arena stands */
    data_normal normal;
    int64_t image_size; /* floats of a picture */
    int *order;         /* [selection.count] indices into pictures, of `epoch` */
    int64_t epoch;      /* -1: none yet */
    bool repeats;       /* every epoch is the same */
    int64_t number;     /* of the batch that was taken last; -1 none */
    slot_batch *slots;
    snas_arena **scratch; /* [threads], of those that read; NULL where the set needs none */
    data_ring *ring;
};

/* --- a batch ------------------------------------------------------------------------------------------------------ */

const snas_loader_request *snas_loader_asked(const snas_loader *loader)
{
    return &loader->request;
}

int snas_loader_batches(const snas_loader *loader)
{
    const snas_loader_request *r = &loader->request;
    return (int)(((int64_t)r->selection.count + r->batch - 1) / r->batch);
}

/* A step of the random numbers, in the request's stream. */
static uint64_t in_stream(const snas_loader_request *request, uint64_t step)
{
    return ((uint64_t)request->stream << 56) + step;
}

/* Put the order of `epoch` in place, unless it is there. */
static void turn_to(snas_loader *loader, int64_t epoch)
{
    const snas_loader_request *r = &loader->request;
    if (loader->epoch == epoch) {
        return;
    }
    if (loader->epoch < 0 || r->shuffle) {
        const int count = r->selection.count;
        memcpy(loader->order, r->selection.index, (size_t)count * sizeof *loader->order);
        if (r->shuffle) {
            snas_rng rng = snas_rng_at(r->seed, SNAS_STREAM_SHUFFLE, in_stream(r, (uint64_t)epoch));
            snas_rng_shuffle(&rng, loader->order, count);
        }
    }
    loader->epoch = epoch;
}

/* Which pictures of the batch are this process's; of none the first one, so that there is something to do. */
static int choose_own(const snas_loader_request *r, slot_batch *batch)
{
    const snas_loader_share *share = &r->share;
    int own = 0;
    for (int i = 0; i < batch->count; i++) {
        if (share->owns == NULL || share->owns(batch->count, share->most, share->shards, i)) {
            batch->own[own++] = i;
        }
    }
    if (own == 0) {
        batch->own[own++] = 0;
    }
    return own;
}

/* Say which pictures the slot will hold. */
static int open_slot(void *context, int slot, int64_t number)
{
    snas_loader *loader = context;
    const snas_loader_request *r = &loader->request;
    slot_batch *batch = &loader->slots[slot];
    const int batches = snas_loader_batches(loader);
    turn_to(loader, number / batches);
    batch->epoch = loader->epoch;
    batch->first = (int)(number % batches) * r->batch;
    const int left = r->selection.count - batch->first;
    batch->count = left < r->batch ? left : r->batch;
    for (int i = 0; i < batch->count; i++) {
        batch->index[i] = loader->order[batch->first + i];
        batch->labels[i] = r->selection.pictures->labels[batch->index[i]];
    }
    return choose_own(r, batch);
}

/* What is done to a picture in an epoch: alternating flips mirror it by turns, from a draw of the seed on. */
static snas_augment augment_of(const snas_loader_request *r, int index, int64_t epoch)
{
    snas_augment augment = r->augment;
    if (augment.flip && augment.alternates) {
        snas_rng rng = snas_rng_at(r->seed, SNAS_STREAM_FLIP, in_stream(r, (uint64_t)index));
        augment.flip = false;
        augment.mirror = (snas_rng_below(&rng, 2) == 1) == (epoch % 2 == 0);
    }
    return augment;
}

/* Prepare one picture of a slot. */
static snas_status prepare_picture(void *context, int thread, int slot, int unit)
{
    const snas_loader *loader = context;
    const snas_loader_request *r = &loader->request;
    const snas_pictures *pictures = r->selection.pictures;
    const slot_batch *batch = &loader->slots[slot];
    const int place = batch->own[unit];
    const uint64_t step = in_stream(r, ((uint64_t)batch->epoch << 32) + (uint64_t)(batch->first + place));
    const snas_augment augment = augment_of(r, batch->index[place], batch->epoch);
    const data_task task = {.index = batch->index[place],
                            .augment = &augment,
                            .normal = &loader->normal,
                            .rng = snas_rng_at(r->seed, SNAS_STREAM_AUGMENT, step)};
    float *to = batch->images + place * loader->image_size;
    snas_arena *scratch = loader->scratch[thread];
    if (scratch == NULL) {
        return pictures->prepare(pictures, &task, NULL, to);
    }
    const snas_mark mark = snas_arena_mark(scratch);
    const snas_status status = pictures->prepare(pictures, &task, scratch, to);
    snas_arena_release(scratch, mark);
    return status;
}

snas_status snas_loader_take(snas_loader *loader, int64_t epoch, int b, snas_loaded *out)
{
    const int batches = snas_loader_batches(loader);
    assert(epoch >= 0 && epoch <= UINT32_MAX && b >= 0 && b < batches);
    int64_t number = epoch * batches + b;
    if (loader->repeats) { /* walk on where that gives the same batch */
        const int64_t here = loader->number, next = here + 1;
        number = next % batches == b ? next : here >= 0 && here % batches == b ? here : b;
    }
    loader->number = number;
    int slot;
    SNAS_TRY(data_ring_take(loader->ring, number, &slot));
    const slot_batch *batch = &loader->slots[slot];
    *out = (snas_loaded){.count = batch->count, .images = batch->images, .labels = batch->labels};
    return SNAS_OK;
}

/* --- making a loader ---------------------------------------------------------------------------------------------- */

static snas_status check(const snas_loader_request *r)
{
    const int side = r->selection.pictures->side;
    if (r->batch < 1) {
        return snas_fail(SNAS_E_USAGE, "batch size %d, allowed is 1 or more", r->batch);
    }
    if (r->augment.crop_pad < 0 || r->augment.crop_pad > side) {
        return snas_fail(SNAS_E_USAGE, "crop border %d (data.crop_pad), allowed is 0 to the pictures' side %d",
                         r->augment.crop_pad, side);
    }
    if (r->augment.cutout < 0 || r->augment.cutout > 2 * side) {
        return snas_fail(SNAS_E_USAGE,
                         "cutout %d (search.cutout, train.cutout), allowed is 0 to twice the pictures' side, %d",
                         r->augment.cutout, 2 * side);
    }
    if (r->workers < 0 || (r->workers > 0 && r->queue < 1)) {
        return snas_fail(SNAS_E_USAGE,
                         "%d workers with %d batches ahead, allowed is 0 or more workers, and with "
                         "any 1 batch or more",
                         r->workers, r->queue);
    }
    return SNAS_OK;
}

static int slot_count(const snas_loader_request *r)
{
    return r->workers > 0 ? r->queue + 1 : 1;
}

static int reader_count(const snas_loader_request *r)
{
    return r->workers > r->team.threads ? r->workers : r->team.threads;
}

static int64_t image_size(const snas_loader_request *r)
{
    const snas_pictures *pictures = r->selection.pictures;
    return (int64_t)pictures->side * pictures->side * pictures->channels;
}

size_t snas_loader_bytes(const snas_loader_request *r)
{
    const size_t picture = (size_t)image_size(r) * sizeof(float) + 3 * sizeof(int);
    return (size_t)slot_count(r) * (size_t)r->batch * picture +
           (size_t)reader_count(r) * r->selection.pictures->scratch_bytes;
}

static snas_status create_slots(snas_arena *mem, snas_loader *loader, int count)
{
    const int batch = loader->request.batch;
    SNAS_NEW(mem, loader->slots, count);
    for (int i = 0; i < count; i++) {
        slot_batch *slot = &loader->slots[i];
        size_t floats;
        if (!snas_size_multiply((size_t)batch, (size_t)loader->image_size, &floats)) {
            return snas_fail(SNAS_E_MEMORY, "out of memory: a batch of %d pictures", batch);
        }
        SNAS_NEW(mem, slot->images, floats);
        SNAS_NEW(mem, slot->labels, batch);
        SNAS_NEW(mem, slot->index, batch);
        SNAS_NEW(mem, slot->own, batch);
    }
    return SNAS_OK;
}

static void destroy_scratch(void *arena)
{
    snas_arena_destroy(arena);
}

/* A scratch arena for every thread that may read, unless the set needs none. */
static snas_status create_scratch(snas_arena *mem, snas_loader *loader)
{
    const int readers = reader_count(&loader->request);
    const size_t bytes = loader->request.selection.pictures->scratch_bytes;
    SNAS_NEW(mem, loader->scratch, readers);
    for (int i = 0; i < readers && bytes > 0; i++) {
        SNAS_TRY(snas_arena_create("the pictures", bytes, &loader->scratch[i]));
        const snas_status status = snas_arena_close_with(mem, destroy_scratch, loader->scratch[i]);
        if (status != SNAS_OK) {
            snas_arena_destroy(loader->scratch[i]);
            return status;
        }
    }
    return SNAS_OK;
}

snas_status snas_loader_create(snas_arena *mem, const snas_loader_request *request, snas_loader **out)
{
    snas_loader *loader;
    SNAS_TRY(check(request));
    assert(request->team.threads >= 1 && request->selection.pictures->channels == 3);
    SNAS_NEW(mem, loader, 1);
    const snas_dataset *set = request->dataset;
    *loader = (snas_loader){.request = *request,
                            .normal = data_normal_make(set->mean, set->deviation),
                            .image_size = image_size(request),
                            .epoch = -1,
                            .repeats = !request->shuffle && data_augment_is_none(&request->augment),
                            .number = -1};
    loader->pictures = *request->selection.pictures;
    loader->request.selection.pictures = &loader->pictures;
    SNAS_NEW(mem, loader->order, request->selection.count);
    SNAS_TRY(create_slots(mem, loader, slot_count(request)));
    SNAS_TRY(create_scratch(mem, loader));
    const data_ring_plan plan = {.workers = request->workers,
                                 .slots = slot_count(request),
                                 .team = request->team,
                                 .open = open_slot,
                                 .work = prepare_picture,
                                 .context = loader};
    SNAS_TRY(data_ring_create(mem, &plan, &loader->ring));
    *out = loader;
    return SNAS_OK;
}
