/* run_network.c -- how a run's networks are run, whatever they are. */
#include "snas/learn/run_network.h"

#include "snas/base/log.h"
#include "snas/learn/streams.h"

snas_network_options snas_run_network_options(int batch, int shards, bool recompute, const char *kernels)
{
    return (snas_network_options){
        .batch = batch,
        .shards = shards,
        .training = true,
        .dtype = SNAS_F32,
        .kernels = kernels,
        .recompute = recompute,
        .norm_momentum = 0.1, /* as in PyTorch */
        .norm_eps = 1e-5,
    };
}

snas_network_spec snas_trained_spec(const snas_train_config *settings, const snas_genotype *genotype, int classes,
                                    int side)
{
    return (snas_network_spec){
        .space = genotype->space,
        .genotype = genotype,
        .channels = settings->channels,
        .cells = settings->cells,
        .classes = classes,
        .side = side,
        .affine = true,
        .stem = settings->stem,
        .auxiliary = settings->auxiliary,
    };
}

snas_network_spec snas_trained_child(const snas_config *config, const snas_dataset *dataset)
{
    const snas_genotype any = {.space = config->search.space};
    const int side = snas_streams_side(dataset, config->train.side);
    snas_network_spec child = snas_trained_spec(&config->train, &any, dataset->classes, side);
    child.genotype = NULL;
    child.auxiliary = 0.0;
    return child;
}

snas_status snas_run_network_load(snas_network *network, const snas_tensor_file *file, const char *path)
{
    const char *first;
    SNAS_TRY(snas_network_load(network, file, "", true));
    const int unexpected = snas_network_unexpected(network, file, "", &first);
    if (unexpected > 0) {
        snas_log(SNAS_LOG_WARNING, "'%s': %d tensor%s that the network has no use for %s ignored, the first is '%s'",
                 path, unexpected, unexpected == 1 ? "" : "s", unexpected == 1 ? "is" : "are", first);
    }
    return SNAS_OK;
}
