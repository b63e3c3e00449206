/* descent.h -- how the network's weights move: clip, then SGD with momentum at the step's learning rate. */
#ifndef SNAS_RUN_DESCENT_H
#define SNAS_RUN_DESCENT_H

#include "snas/config/config.h"
#include "snas/model/network.h"

typedef struct {
    const snas_weights_config *settings;
    int epochs; /* of the run */
    int64_t steps_per_epoch;
    snas_network *network;
    void *momentum;         /* [weights], in the network's number type */
    const void *gradient;   /* [weights], likewise: the network's, or a sum of several */
    int64_t count;          /* weights */
    snas_sgd_range *ranges; /* which weights do not decay */
    int range_count;
} run_descent;

SNAS_MUST_CHECK snas_status run_descent_create(snas_arena *mem, const snas_weights_config *settings,
                                               snas_network *network, int epochs, int64_t steps_per_epoch,
                                               run_descent *out);

/** Learning rate of a step of an epoch, both from 0. */
double run_descent_rate(const run_descent *descent, int64_t epoch, int64_t step);

/** L2 norm of the gradient. */
double run_descent_norm(const run_descent *descent, const snas_team *team);

/** One step along the gradient, whose norm is `norm`. */
void run_descent_step(const run_descent *descent, const snas_team *team, double rate, double norm);

/** Drop-path probability of an epoch: constant, or growing from 0. */
double run_drop_path(double probability, bool ramp, int64_t epoch, int epochs);

#endif
