/* descent.c -- how the network's weights move: clip, then SGD with momentum at the epoch's learning rate.
 *
 *      scale = min(1, clip / |g|),   d = scale * g + decay * w,   m = momentum * m + d,   w -= rate * m
 */
#include "descent.h"

#include <stddef.h>

snas_status run_descent_create(snas_arena *mem, const snas_weights_config *settings,
                               snas_network *network, run_descent *out)
{
    *out = (run_descent){
        .settings = settings, .network = network, .count = snas_network_weight_count(network)};
    SNAS_NEW(mem, out->momentum, out->count);
    return SNAS_OK;
}

double run_descent_rate(const run_descent *descent, int64_t epoch, int epochs)
{
    const snas_weights_config *settings = descent->settings;
    return settings->schedule->at(settings->rate, settings->rate_last, (double)epoch / epochs);
}

double run_descent_norm(const run_descent *descent, const snas_team *team)
{
    return snas_norm_f32(team, descent->count, snas_network_gradients(descent->network));
}

void run_descent_step(const run_descent *descent, const snas_team *team, double rate, double norm)
{
    const snas_weights_config *settings = descent->settings;
    const snas_sgd sgd = {.rate = rate,
                          .momentum = settings->momentum,
                          .decay = settings->decay,
                          .nesterov = settings->nesterov};
    snas_sgd_step_f32(team, &sgd, descent->count, snas_network_weights(descent->network),
                      descent->momentum, snas_network_gradients(descent->network),
                      snas_clip_factor(norm, settings->clip), NULL, 0);
}

double run_drop_path(double probability, bool ramp, int64_t epoch, int epochs)
{
    return ramp ? probability * (double)epoch / epochs : probability;
}
