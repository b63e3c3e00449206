/* average.c -- an exponential moving average of a network's weights and running statistics, to be judged in their
 * place.
 *
 *      d = min(decay, (1 + t) / (10 + t)),     average <- d average + (1 - d) network        after step t = 0, 1, ...
 *
 * The ramp lets go of the initial weights. The running statistics of the batch norms are averaged as the weights are;
 * statistics of the averaged weights themselves take a recalibration.
 */
#include "snas/learn/average.h"

#include <string.h>

#include "snas/optim/optim.h"

snas_status snas_average_create(snas_arena *mem, snas_network *network, double decay, snas_average *out)
{
    *out = (snas_average){0};
    if (decay <= 0.0) {
        return SNAS_OK;
    }
    out->network = network;
    out->decay = decay;
    out->weight_count = snas_network_weight_count(network);
    out->buffer_count = snas_network_buffer_values(network);
    SNAS_NEW(mem, out->weights, out->weight_count);
    SNAS_NEW(mem, out->buffers, out->buffer_count);
    memcpy(out->weights, snas_network_weights(network), (size_t)out->weight_count * sizeof *out->weights);
    memcpy(out->buffers, snas_network_buffers(network), (size_t)out->buffer_count * sizeof *out->buffers);
    return SNAS_OK;
}

void snas_average_step(snas_average *average, const snas_team *team)
{
    const double ramp = (1.0 + (double)average->steps) / (10.0 + (double)average->steps);
    const double keep = average->decay < ramp ? average->decay : ramp;
    snas_blend_f32(team, average->weight_count, keep, average->weights, 1.0 - keep,
                   snas_network_weights(average->network));
    snas_blend_f32(team, average->buffer_count, keep, average->buffers, 1.0 - keep,
                   snas_network_buffers(average->network));
    average->steps++;
}

void snas_average_exchange(float *a, float *b, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        const float kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

void snas_average_swap(const snas_average *average)
{
    snas_average_exchange(snas_network_weights(average->network), average->weights, average->weight_count);
    snas_average_exchange(snas_network_buffers(average->network), average->buffers, average->buffer_count);
}
