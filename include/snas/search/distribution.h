/* distribution.h -- the distribution of a search: logits, the temperature of a step, draws. */
#ifndef SNAS_SEARCH_DISTRIBUTION_H
#define SNAS_SEARCH_DISTRIBUTION_H

#include "snas/arch/estimator.h"
#include "snas/base/rng.h"
#include "snas/config/config.h"

/** The distribution of a search: logits, their optimiser's state, one draw, and the gradients of a step. */
typedef struct {
    const snas_search_config *settings;
    snas_logits logits;  /* [T][E][K] */
    snas_draw draw;      /* [rows][E][K] */
    double *weights;     /* [rows][E][K]: of the candidates in the network: the draw's z, 0 where skipped */
    bool sparse;         /* zeros of weights mean "not run" */
    int *type_of_cell;   /* [cells] */
    int *row_of_cell;    /* [cells]: the cell's row of the draw */
    int64_t tau_steps;   /* steps over which the temperature moves */
    double *dz;          /* [rows][E][K]: d loss / dZ */
    double *d_log_alpha; /* [T][E][K] */
    double *m, *v;       /* [T][E][K]: Adam's moments */
    int64_t adam_step;   /* steps that Adam has taken */
    double *state;       /* [estimator->state_count]: what the estimator keeps */
} snas_distribution;

/** Logits drawn from the seed, one draw for each cell type (or cell), the optimiser in its initial state. */
SNAS_MUST_CHECK snas_status snas_distribution_create(snas_arena *mem, const snas_search_config *settings, uint64_t seed,
                                                     int64_t steps_per_epoch, snas_distribution *out);

/** tau after `step` steps. */
double snas_distribution_temperature(const snas_distribution *distribution, int64_t step);

/** Fill the draw's noise: that of (seed, stream, step). */
void snas_distribution_noise(snas_distribution *distribution, uint64_t seed, snas_stream stream, uint64_t step);

/** Draw Z at temperature tau with the current noise, and say what of it runs. */
void snas_distribution_draw(snas_distribution *distribution, double tau);

#endif
