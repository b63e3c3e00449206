/* run_network.c -- how a run's networks are run, whatever they are. */
#include "snas/learn/run_network.h"

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
