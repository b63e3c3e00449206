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
    char *bytes;
    SNAS_NEW(mem, bytes, (size_t)out->count * snas_dtype_size(snas_network_dtype(network)));
    out->momentum = bytes;
    return SNAS_OK;
}

double run_descent_rate(const run_descent *descent, int64_t epoch, int epochs)
{
    const snas_weights_config *settings = descent->settings;
    return settings->schedule->at(settings->rate, settings->rate_last, (double)epoch / epochs);
}

double run_descent_norm(const run_descent *descent, const snas_team *team)
{
    const void *g = snas_network_gradients(descent->network);
    return snas_network_dtype(descent->network) == SNAS_F64
               ? snas_norm_f64(team, descent->count, g)
               : snas_norm_f32(team, descent->count, g);
}

void run_descent_step(const run_descent *descent, const snas_team *team, double rate, double norm)
{
    const snas_weights_config *settings = descent->settings;
    const snas_sgd sgd = {.rate = rate,
                          .momentum = settings->momentum,
                          .decay = settings->decay,
                          .nesterov = settings->nesterov};
    void *w = snas_network_weights(descent->network), *m = descent->momentum;
    const void *g = snas_network_gradients(descent->network);
    const double scale = snas_clip_factor(norm, settings->clip);
    if (snas_network_dtype(descent->network) == SNAS_F64) {
        snas_sgd_step_f64(team, &sgd, descent->count, w, m, g, scale, NULL, 0);
    } else {
        snas_sgd_step_f32(team, &sgd, descent->count, w, m, g, scale, NULL, 0);
    }
}

double run_drop_path(double probability, bool ramp, int64_t epoch, int epochs)
{
    return ramp ? probability * (double)epoch / epochs : probability;
}
