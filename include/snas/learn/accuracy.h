/* accuracy.h -- loss and accuracy of a network over a selection of pictures. */
#ifndef SNAS_LEARN_ACCURACY_H
#define SNAS_LEARN_ACCURACY_H

#include "snas/data/dataset.h"
#include "snas/learn/tally.h"
#include "snas/learn/watch.h"
#include "snas/model/network.h"

/** What to evaluate, and on which pictures. */
typedef struct {
    const char *phase; /* for the progress line */
    snas_network *network;
    snas_loader *loader; /* not shuffled, not augmented */
    snas_batch batch;    /* architecture weights: z, row_of_cell, sparse; the rest is filled here */
    /** Called before every batch, to draw batch.z anew; may be NULL. */
    void (*draw)(void *context, int64_t batch);
    void *context;
    float *logits;   /* [images][classes], filled by accuracy_measure; NULL: not wanted */
    int64_t *labels; /* [images], with logits */
    int classes;
    snas_tally *tally; /* filled by accuracy_measure, float networks; NULL: not wanted */
} snas_judged;

typedef struct {
    double loss;                    /* mean cross entropy */
    double accuracy, accuracy_top5; /* in 0..1 */
    int64_t images;
} snas_accuracy;

/** Running statistics, every picture once. SNAS_E_INTERRUPTED when the run is to stop, SNAS_E_DATA or SNAS_E_IO when a
 *  picture cannot be read, SNAS_E_NUMERIC when the network holds numbers that it must not, or a logit, or in the first
 *  batch any number within the network, is not finite. */
SNAS_MUST_CHECK snas_status snas_accuracy_measure(const snas_judged *judged, snas_watch *watch, snas_accuracy *out);

/** Replace the running statistics of the batch norms by the mean over the first `batches` batches of the loader's
 *  epoch 0 (at most all of them); *done receives how many. Fails as snas_accuracy_measure does. */
SNAS_MUST_CHECK snas_status snas_recalibrate(const snas_judged *judged, snas_watch *watch, int batches, int *done);

#endif
