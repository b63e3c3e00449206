/* train.h -- `snas train`: the network of a genotype, trained from its initial weights in a run folder. */
#ifndef SNAS_TRAIN_TRAIN_H
#define SNAS_TRAIN_TRAIN_H

#include "snas/config/config.h"
#include "snas/learn/run_options.h"
#include "snas/loop/loop.h"
#include "snas/space/genotype.h"

/** The child's specification. */
snas_network_spec snas_train_spec(const snas_train_config *settings, const snas_genotype *genotype,
                                  const snas_dataset *dataset);

/** The task of `snas train`: its request is a genotype. */
extern const snas_loop_task snas_train_task;

/** Train a child in a new folder, or go on (the genotype is read from the folder). */
SNAS_MUST_CHECK snas_status snas_train_start(const snas_config *config, const snas_genotype *genotype,
                                             const snas_run_options *options);
SNAS_MUST_CHECK snas_status snas_train_resume(const snas_config *config, const snas_run_options *options);

#endif
