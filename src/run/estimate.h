/* estimate.h -- what a network on a data set would need. */
#ifndef SNAS_RUN_ESTIMATE_H
#define SNAS_RUN_ESTIMATE_H

#include "snas/model/network.h"
#include "snas/run/run.h"

/** Size, memory and steps of a network on a data set; out->train_images, .validation_images and
 *  .steps_per_epoch are the caller's. */
SNAS_MUST_CHECK snas_status run_estimate_fill(snas_arena *mem, const snas_network_spec *spec,
                                              const snas_network_options *how, const snas_dataset *dataset, int epochs,
                                              snas_estimate *out);

#endif
