/* average.h -- an exponential moving average of a network's weights and running statistics, to be evaluated in their
 * place. */
#ifndef SNAS_LEARN_AVERAGE_H
#define SNAS_LEARN_AVERAGE_H

#include "snas/model/network.h"

typedef struct {
    snas_network *network; /* float; NULL: there is no average */
    double decay;          /* in (0, 1) */
    float *weights;        /* [weights] */
    float *buffers;        /* [buffer values]: running means and variances */
    int64_t weight_count, buffer_count;
    int64_t steps; /* so far */
} snas_average;

/** Begin with the network as it stands. With decay 0 nothing is made, and no other function may be called on it. */
SNAS_MUST_CHECK snas_status snas_average_create(snas_arena *mem, snas_network *network, double decay,
                                                snas_average *out);

/** Update the average after a training step. */
void snas_average_step(snas_average *average, const snas_team *team);

/** Exchange the network's numbers and the average's; a second call restores them. */
void snas_average_swap(const snas_average *average);

/** Exchange a and b, [count]. */
void snas_average_exchange(float *a, float *b, int64_t count);

#endif
