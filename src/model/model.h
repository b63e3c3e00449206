/* model.h -- what the files of this room share. */
#ifndef SNAS_MODEL_MODEL_H
#define SNAS_MODEL_MODEL_H

#include "snas/graph/executor.h"
#include "snas/graph/program.h"
#include "snas/model/network.h"

/** A row of snas_network_parts, and its operations: from the first to the next row's first. */
typedef struct {
    snas_network_part part;
    int first_op;
} model_part;

typedef struct {
    model_part *rows;
    int count;
} model_parts;

/** The plain program of a network: stem, cells, auxiliary classifier, classifier, losses; its rows too when `parts` is
 *  not NULL. Checks the spec: SNAS_E_USAGE with a sentence. */
SNAS_MUST_CHECK snas_status model_build(snas_arena *mem, const snas_network_spec *spec, model_parts *parts,
                                        snas_program **out);

/* --- ends.c ------------------------------------------------------------------------------------------------------- */

/** Side, classes and auxiliary weight of a spec: SNAS_E_USAGE with a sentence. */
SNAS_MUST_CHECK snas_status model_check_ends(const snas_network_spec *spec);
/** Pictures and stem; inputs[2] receives what cell 0 reads, nearest last. */
void model_stem(snas_program *p, const snas_network_spec *spec, int *inputs);
/** Classifier and loss after the value x; faults are kept in the program. */
void model_classifier(snas_program *p, const snas_network_spec *spec, int x);
void model_auxiliary(snas_program *p, const snas_network_spec *spec, int x);

struct snas_network {
    snas_network_spec spec; /* genotype not kept */
    int edges, candidates;  /* E, K */
    int batch;
    size_t element; /* bytes of a number */
    bool f64;
    snas_program *program;
    snas_executor *executor;
    snas_parameter *parameters, *buffers;
    int *gates;                        /* [parameters]: z slot of the candidate that owns it; SNAS_NONE: always runs */
    double *z, *dz;                    /* [z slots]: cell by cell, edge by edge, candidate by candidate */
    double *mask_sums;                 /* [mask slots]: sums of the nodes' gradients */
    int *mask_of_edge;                 /* supernet: [cells][E]; SNAS_NONE: the cell has no edges */
    void *masks;                       /* [mask slots][batch] */
    double *losses, *auxiliary_losses; /* [batch] */
    int *ranks;
    bool *overflows; /* [batch] */
    void *logits;
    snas_feed step;      /* of the last forward */
    snas_network *owner; /* of weights, gradients and running statistics: itself, or the one that it shares them with */
    int64_t batches_tracked; /* training batches that the owner's running statistics have seen */
    int64_t recalibrated;
};

/** Is it a running variance? */
bool model_is_variance(const snas_parameter *p);

/** SNAS_E_NUMERIC when an element of the parameter or statistic in its flat vector is none that a network may hold
 *  (numbers.c); `name` is for the sentence. */
SNAS_MUST_CHECK snas_status model_check_numbers(const snas_network *n, const snas_parameter *p, const void *vector,
                                                const char *name);

#endif
