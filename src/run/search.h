/* search.h -- what a search holds: a supernet, a distribution over architectures, and what moves both. */
#ifndef SNAS_RUN_SEARCH_H
#define SNAS_RUN_SEARCH_H

#include "reading.h"
#include "resource_term.h"
#include "snas/learn/accuracy.h"
#include "snas/learn/descent.h"
#include "snas/learn/streams.h"
#include "snas/loop/loop.h"

/** The distribution's side of a search: logits, their Adam, one draw, and the gradients of a step. */
typedef struct {
    const snas_search_config *settings;
    snas_logits logits;  /* [T][E][K] */
    snas_draw draw;      /* [rows][E][K] */
    int *type_of_cell;   /* [cells] */
    int *row_of_cell;    /* [cells]: the cell's row of the draw */
    int64_t tau_steps;   /* steps over which the temperature moves */
    double *dz;          /* [rows][E][K]: d loss / dZ */
    double *d_log_alpha; /* [T][E][K] */
    double *m, *v;       /* [T][E][K]: Adam's moments */
    int64_t adam_step;   /* steps that Adam has taken */
} run_distribution;

/** Logits drawn from the seed, a draw a cell type (or a cell), Adam at rest. */
SNAS_MUST_CHECK snas_status run_distribution_create(snas_arena *mem, const snas_search_config *settings, uint64_t seed,
                                                    int64_t steps_per_epoch, run_distribution *out);

/** tau behind `step` steps. */
double run_distribution_temperature(const run_distribution *distribution, int64_t step);

/** Draw Z at temperature tau with the noise of (seed, stream, step). */
void run_distribution_draw(run_distribution *distribution, double tau, uint64_t seed, snas_stream stream,
                           uint64_t step);

typedef struct {
    snas_dataset dataset;
    snas_loader *train, *validation;
    snas_descent descent;
    run_distribution distribution;
    run_resource resource;
    run_sizes sizes;
    run_reading reading;
} run_search;

/** The supernet's specification. */
snas_network_spec run_search_spec(const snas_search_config *settings, const snas_dataset *dataset);

/** The task behind `snas search`: its context is a run_search. */
extern const snas_loop_task run_search_task;

/** One step of single-level search (search_step.c): loop->context is a run_search. */
SNAS_MUST_CHECK snas_status run_search_step(snas_loop *loop, snas_loop_step *out);

#endif
