/* run_network.h -- how a run's networks are run, whatever they are. */
#ifndef SNAS_LEARN_RUN_NETWORK_H
#define SNAS_LEARN_RUN_NETWORK_H

#include "snas/model/network.h"

/** Single precision, planned for training with `batch` pictures a forward pass, PyTorch's batch norms. `shards`,
 *  `recompute` and `kernels` as in snas_network_options. */
snas_network_options snas_run_network_options(int batch, int shards, bool recompute, const char *kernels);

#endif
