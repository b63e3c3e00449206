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
    snas_network *small; /* the same weights, for the smaller pictures of the first epochs; NULL: none are smaller */
    float *small_shares; /* [small_side][side]: how a line is resized (smaller.c) */
    float *small_images; /* [pictures of a forward pass][small_side][small_side][3] */
    int side;            /* of the pictures that come, with `small` */
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

/** Have the first epochs train on smaller pictures, where the settings say so. `spec` and `options` are those that the
 *  trainer's network, of floats, was made with. SNAS_E_USAGE when small_side is not smaller, or fits no network. */
SNAS_MUST_CHECK snas_status snas_trainer_add_small(snas_arena *mem, const snas_network_spec *spec,
                                                   const snas_network_options *options, snas_trainer *trainer);

/** How many epochs, the first ones, train on smaller pictures. */
int snas_train_small_epochs(const snas_train_config *settings);

/** One step: forward and backward in as many parts as the settings say, then the weights and their average move.
 *  SNAS_E_NUMERIC when loss or gradient is not finite: `out` is filled, nothing has moved but running statistics.
 *  Allocates nothing. */
SNAS_MUST_CHECK snas_status snas_train_step(snas_trainer *trainer, const snas_step_input *input, snas_trained *out);

/** The most pictures that a forward pass takes: the batch, or the largest part that a whole batch is cut into. */
int snas_train_micro_batch(const snas_train_config *settings);

/** Parts that a batch of `count` pictures is cut into. */
int snas_train_parts(const snas_train_config *settings, int count);

#endif
