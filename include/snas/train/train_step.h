/* train_step.h -- one step of a child's training, without a loop around it: driven by train, bench and verify. */
#ifndef SNAS_TRAIN_TRAIN_STEP_H
#define SNAS_TRAIN_TRAIN_STEP_H

#include "snas/learn/average.h"
#include "snas/learn/descent.h"
#include "snas/learn/step.h"

/** What a step reads and updates. Everything that it points to belongs to the caller. */
typedef struct {
    const snas_train_config *settings;
    const snas_team *team;
    snas_network *network;
    snas_descent descent;
    void *gradient; /* [weights], of the network's type: sum over the parts of a batch; NULL: batches are not cut */
    snas_average average;
} snas_trainer;

/** The results of a step, before any update. */
typedef struct {
    double loss;           /* mean over the pictures of the objective, without weight decay */
    double auxiliary_loss; /* its part that comes from the auxiliary classifier, before its weight */
    double norm;           /* L2 of the gradient */
    int correct;           /* pictures whose largest logit is the label */
} snas_trained;

/** Optimiser and running average in their initial state. */
SNAS_MUST_CHECK snas_status snas_trainer_create(snas_arena *mem, const snas_train_config *settings,
                                                const snas_team *team, snas_network *network, int64_t steps_per_epoch,
                                                snas_trainer *out);

/** One step: forward and backward in as many parts as the settings say, then the weights and their average move.
 *  SNAS_E_NUMERIC when loss or gradient is not finite: `out` is filled, nothing has moved but running statistics.
 *  Allocates nothing. */
SNAS_MUST_CHECK snas_status snas_train_step(snas_trainer *trainer, const snas_step_input *input, snas_trained *out);

/** The most pictures that a forward pass takes: the batch, or the largest part that a whole batch is cut into. */
int snas_train_micro_batch(const snas_train_config *settings);

/** Parts that a batch of `count` pictures is cut into. */
int snas_train_parts(const snas_train_config *settings, int count);

#endif
