/* train.h -- what the training of a child holds. */
#ifndef SNAS_RUN_TRAIN_H
#define SNAS_RUN_TRAIN_H

#include "accuracy.h"
#include "descent.h"
#include "loop.h"
#include "run_data.h"

typedef struct {
    snas_dataset dataset;
    snas_genotype genotype;
    snas_loader *train, *test;
    run_descent descent;
    double accuracy;      /* of the last judged epoch */
    double best_accuracy; /* of the weights in weights-best.safetensors; -1 before there are any */
    int64_t best_epoch;
} run_training;

/** The task behind `snas train`: its context is a run_training, its request a genotype. */
extern const run_task run_train_task;

/** The child's specification. */
snas_network_spec run_train_spec(const snas_train_config *settings, const snas_genotype *genotype,
                                 const snas_dataset *dataset);

#endif
