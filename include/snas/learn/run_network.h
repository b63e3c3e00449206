/* run_network.h -- options that all networks of a run share, and loading their weights. */
#ifndef SNAS_LEARN_RUN_NETWORK_H
#define SNAS_LEARN_RUN_NETWORK_H

#include "snas/config/config.h"
#include "snas/data/dataset.h"
#include "snas/model/network.h"

/** Single precision, planned for training with `batch` pictures a forward pass, PyTorch's batch norms. `shards`,
 *  `recompute` and `kernels` as in snas_network_options. */
snas_network_options snas_run_network_options(int batch, int shards, bool recompute, const char *kernels);

/** The child that a train section describes. */
snas_network_spec snas_trained_spec(const snas_train_config *settings, const snas_genotype *genotype, int classes,
                                    int side);

/** The child of the config's train section without a genotype, as it is evaluated: without auxiliary classifier. The
 *  data set may be open with any side. */
snas_network_spec snas_trained_child(const snas_config *config, const snas_dataset *dataset);

/** Load the weights of a file; tensors that the network has no use for are reported in a warning. `path` is for
 *  messages. */
SNAS_MUST_CHECK snas_status snas_run_network_load(snas_network *network, const snas_tensor_file *file,
                                                  const char *path);

#endif
