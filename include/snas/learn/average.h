/* average.h -- an exponential moving average of a network's weights and running statistics, to be judged in their
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
    int64_t steps; /* that it has seen */
} snas_average;

/** Begin with the network as it stands. decay 0: nothing is made, and nothing may be called on it. */
SNAS_MUST_CHECK snas_status snas_average_create(snas_arena *mem, snas_network *network, double decay,
                                                snas_average *out);

/** Take in the weights after one more training step. */
void snas_average_step(snas_average *average, const snas_team *team);

/** Let network and average change places; once more puts them back. */
void snas_average_swap(const snas_average *average);

/** Let a and b [count] change places. */
void snas_average_exchange(float *a, float *b, int64_t count);

#endif
