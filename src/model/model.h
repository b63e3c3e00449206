/* model.h -- what the files of this room share. */
#ifndef SNAS_MODEL_MODEL_H
#define SNAS_MODEL_MODEL_H

#include "snas/graph/executor.h"
#include "snas/graph/program.h"
#include "snas/model/network.h"

/** The plain program of a network: input, cells, classifier, loss. Checks the spec: SNAS_E_USAGE with a sentence. */
SNAS_MUST_CHECK snas_status model_build(snas_arena *mem, const snas_network_spec *spec,
                                        snas_program **out);

struct snas_network {
    snas_network_spec spec; /* genotype not kept */
    int edges, candidates;  /* E, K */
    int batch;
    size_t element; /* bytes of a number */
    bool f64;
    snas_program *program;
    snas_executor *executor;
    snas_parameter *parameters, *buffers;
    double *z, *dz; /* [z slots]: cell by cell, edge by edge, candidate by candidate */
    void *masks;    /* [mask slots][batch] */
    double *losses;
    int *ranks;
    void *logits;
    snas_feed step;          /* of the last forward */
    int64_t batches_tracked; /* training batches that the running statistics have seen */
    int64_t recalibrated;
};

#endif
