/* search.h -- `snas search`: a supernet and a distribution over architectures, trained together in a run folder. */
#ifndef SNAS_SEARCH_SEARCH_H
#define SNAS_SEARCH_SEARCH_H

#include "snas/config/config.h"
#include "snas/learn/run_options.h"
#include "snas/loop/loop.h"

/** The supernet's specification. */
snas_network_spec snas_search_spec(const snas_search_config *settings, const snas_dataset *dataset);

/** How the supernet of a search runs: for its batch, and on one path where the estimator draws no more. */
snas_network_options snas_search_network_options(const snas_search_config *settings, int shards, const char *kernels);

/** The task of `snas search`. */
extern const snas_loop_task snas_search_task;

/** Run a search in a new folder (made here), or go on from the newest checkpoint of the folder. */
SNAS_MUST_CHECK snas_status snas_search_start(const snas_config *config, const snas_run_options *options);
SNAS_MUST_CHECK snas_status snas_search_resume(const snas_config *config, const snas_run_options *options);

/** Write the supernet and the logits of a search's newest checkpoint to `path` as safetensors, under the names of the
 *  published code: "cells.0._ops.3._ops.4.op.1.weight", "normal_log_alpha", no prefix. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_search_export(snas_arena *mem, const char *folder, const char *path);

#endif
