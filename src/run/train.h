/* train.h -- what the training of a child holds. */
#ifndef SNAS_RUN_TRAIN_H
#define SNAS_RUN_TRAIN_H

#include "snas/learn/accuracy.h"
#include "snas/learn/average.h"
#include "snas/learn/descent.h"
#include "snas/learn/streams.h"
#include "snas/loop/loop.h"

/** The weights that a training has to show: those that steps move, and their running average. */
typedef enum { RUN_PLAIN, RUN_AVERAGE, RUN_WEIGHTS_COUNT } run_weights;

/** How such weights have done. */
typedef struct {
    snas_accuracy test;   /* of the last evaluation */
    double best_accuracy; /* of the weights in their file of the best; -1 before there are any */
    int64_t best_epoch;
    float *buffers; /* [buffer values]: recalibrated statistics of the last evaluation; NULL: not recalibrated */
} run_standing;

typedef struct {
    snas_dataset dataset;
    snas_genotype genotype;
    snas_loader *test, *recalibration; /* the last one only where it is wanted */
    snas_descent descent;
    float *gradient; /* [weights]: sum over the parts of a batch; NULL: batches are not cut */
    snas_average average;
    run_standing standings[RUN_WEIGHTS_COUNT];
    int64_t stale; /* evaluations since the last new best of either */
    bool judged;   /* the last epoch had an evaluation */
} run_training;

/** The task behind `snas train`: its context is a run_training, its request a genotype. */
extern const snas_loop_task run_train_task;

/** The child's specification. */
snas_network_spec run_train_spec(const snas_train_config *settings, const snas_genotype *genotype,
                                 const snas_dataset *dataset);

/** Parts that a batch of `count` pictures is cut into, and the most pictures that a part of a whole batch has. */
int run_train_parts(const snas_train_config *settings, int count);
int run_train_micro_batch(const snas_train_config *settings);

/** One step (train_step.c): loop->context is a run_training. */
SNAS_MUST_CHECK snas_status run_train_step(snas_loop *loop, snas_loop_step *out);

/** Judge the epoch, write its weights, tell whether patience is out (train_judge.c). */
SNAS_MUST_CHECK snas_status run_train_judge(snas_loop *loop, snas_metrics_row *row);
SNAS_MUST_CHECK snas_status run_train_save(snas_loop *loop);
bool run_train_ended(const snas_loop *loop);

#endif
