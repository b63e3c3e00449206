/* batch_stream.h -- the batches of one loader, one after the other, across its epochs.
 *
 * Each stream of a run counts for itself: a step may take pictures from several of them, of different lengths. The
 * count is the whole state of a stream, and stands in the checkpoint.
 */
#ifndef SNAS_LEARN_BATCH_STREAM_H
#define SNAS_LEARN_BATCH_STREAM_H

#include "snas/data/loader.h"

/** Which stream of a run a loader serves (snas_loader_request): each draws an order and augmentations of its own. */
typedef enum {
    SNAS_PICTURES_TRAIN,       /* what the weights are trained on */
    SNAS_PICTURES_RECALIBRATE, /* what batch norms are recalibrated on */
    SNAS_PICTURES_LOGITS,      /* what moves a search's logits, or gives rewards */
} snas_pictures_use;

typedef struct {
    snas_loader *loader;
    int64_t taken; /* batches so far */
} snas_batch_stream;

/** Batch `b` of `epoch`, as snas_loader_take. Where several processes read, each its own pictures, all have the fault
 *  of one. */
SNAS_MUST_CHECK snas_status snas_pictures_take(snas_loader *loader, int64_t epoch, int b, snas_loaded *out);

/** The next batch. When it cannot be read (SNAS_E_DATA, SNAS_E_IO) the stream does not advance. */
SNAS_MUST_CHECK snas_status snas_batch_stream_next(snas_batch_stream *stream, snas_loaded *out);

#endif
