/* descent.h -- updates the network's weights: clipping, then SGD with momentum at the step's learning rate. */
#ifndef SNAS_LEARN_DESCENT_H
#define SNAS_LEARN_DESCENT_H

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
    snas_sgd_range *ranges; /* [parameters]: scratch of a step */
} snas_descent;

SNAS_MUST_CHECK snas_status snas_descent_create(snas_arena *mem, const snas_weights_config *settings,
                                                snas_network *network, int epochs, int64_t steps_per_epoch,
                                                snas_descent *out);

/** Learning rate of a step of an epoch, both from 0. */
double snas_descent_rate(const snas_descent *descent, int64_t epoch, int64_t step);

/** L2 norm of the gradient. */
double snas_descent_norm(const snas_descent *descent, const snas_team *team);

/** One step along the gradient, whose norm is `norm`. Weights whose operation did not run in the last forward pass stay
 *  as they are, and so does their momentum. */
void snas_descent_step(const snas_descent *descent, const snas_team *team, double rate, double norm);

/** Drop-path probability of an epoch: constant, or growing from 0. */
double snas_drop_path(double probability, bool ramp, int64_t epoch, int epochs);

#endif
