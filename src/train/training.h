/* training.h -- what the training of a child holds. */
#ifndef SNAS_TRAIN_TRAINING_H
#define SNAS_TRAIN_TRAINING_H

#include "snas/learn/accuracy.h"
#include "snas/learn/streams.h"
#include "snas/loop/loop.h"
#include "snas/train/train_step.h"

/** The weights that a training has to show: those that steps move, and their running average. */
typedef enum { TRAIN_PLAIN, TRAIN_AVERAGE, TRAIN_WEIGHTS_COUNT } train_weights;

/** How such weights have done. */
typedef struct {
    snas_accuracy test;   /* of the last evaluation */
    snas_tally *tally;    /* the same, class by class */
    double best_accuracy; /* of the weights in their file of the best, or kept for it; -1 before there are any */
    int64_t best_epoch;
    float *buffers; /* [buffer values]: recalibrated statistics of the last evaluation; NULL: not recalibrated */
} train_standing;

typedef struct {
    snas_dataset dataset;
    snas_genotype genotype;
    snas_loader *test, *recalibration; /* the last one only where it is wanted */
    snas_trainer trainer;
    snas_trained last; /* of the step just taken */
    train_standing standings[TRAIN_WEIGHTS_COUNT];
    snas_tally *spare; /* of the evaluation at hand, until it has come to its end */
    int64_t stale;     /* evaluations since the last new best of either */
    bool judged;       /* the last epoch had an evaluation */
    bool unsaved;      /* its weights are still to be saved */
    bool drawn;        /* the cells, by this process */
} training_state;

/** Does the training have this set of weights? */
bool train_has(const training_state *training, int set);

/** Put the set into the network; once more takes it out. */
void train_turn(const training_state *training, int set);

/** Judge the epoch, tell whether patience is out (train_judge.c). */
SNAS_MUST_CHECK snas_status train_judge(snas_loop *loop, snas_metrics_row *row);
const char *train_ended(snas_loop *loop);

/** Write the weights of the last evaluation, unless they have been (train_save.c). */
SNAS_MUST_CHECK snas_status train_save(snas_loop *loop);

#endif
