/* descent.h -- how the network's weights move: clip, then SGD with momentum at the epoch's learning rate. */
#ifndef SNAS_RUN_DESCENT_H
#define SNAS_RUN_DESCENT_H

#include "snas/model/network.h"
#include "snas/run/config.h"

typedef struct {
    const snas_weights_config *settings;
    snas_network *network;
    void *momentum; /* [weights], in the network's number type */
    int64_t count;  /* weights */
} run_descent;

SNAS_MUST_CHECK snas_status run_descent_create(snas_arena *mem, const snas_weights_config *settings,
                                               snas_network *network, run_descent *out);

/** Learning rate of an epoch, from 0. */
double run_descent_rate(const run_descent *descent, int64_t epoch, int epochs);

/** L2 norm of the network's gradient. */
double run_descent_norm(const run_descent *descent, const snas_team *team);

/** One step along the network's gradient, whose norm is `norm`. */
void run_descent_step(const run_descent *descent, const snas_team *team, double rate, double norm);

/** Drop-path probability of an epoch: constant, or growing from 0. */
double run_drop_path(double probability, bool ramp, int64_t epoch, int epochs);

#endif
