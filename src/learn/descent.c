/* descent.c -- how the network's weights move: clip, then SGD with momentum at the step's learning rate.
 *
 *      scale = min(1, clip / |g|),   d = scale * g + decay * w,   m = momentum * m + d,   w -= pace * rate * m
 *
 *      rate = first * (s + 1) / (warm-up's steps)                      while step s of the run is in the warm-up
 *             schedule(epoch - warm-up, epochs - warm-up)              after it: one value an epoch
 */
#include "snas/learn/descent.h"

#include <stddef.h>

/* What happens to a parameter in this step: norms and biases, all that is no matrix, may be spared the decay and have a
 * rate of their own; what belongs to a candidate that did not run does not move. */
static snas_sgd_range range_of(const snas_descent *descent, int i)
{
    const snas_parameter *p = snas_network_parameter(descent->network, i);
    const bool matrix = !p->is_norm && p->dims > 1;
    return (snas_sgd_range){.first = p->first,
                            .count = p->count,
                            .decays = matrix || descent->settings->decay_norms_and_biases,
                            .frozen = !snas_network_parameter_ran(descent->network, i),
                            .pace = matrix ? 1.0 : descent->settings->pace_of_norms_and_biases};
}

/* Fill descent->ranges, neighbours of one fate joined; returns how many. */
static int make_ranges(const snas_descent *descent)
{
    const int parameters = snas_network_parameter_count(descent->network);
    int count = 0;
    for (int i = 0; i < parameters; i++) {
        const snas_sgd_range next = range_of(descent, i);
        snas_sgd_range *last = count > 0 ? &descent->ranges[count - 1] : NULL;
        if (last != NULL && last->decays == next.decays && last->frozen == next.frozen && last->pace == next.pace &&
            last->first + last->count == next.first) {
            last->count += next.count;
        } else {
            descent->ranges[count++] = next;
        }
    }
    return count;
}

snas_status snas_descent_create(snas_arena *mem, const snas_weights_config *settings, snas_network *network, int epochs,
                                int64_t steps_per_epoch, snas_descent *out)
{
    *out = (snas_descent){.settings = settings,
                          .epochs = epochs,
                          .steps_per_epoch = steps_per_epoch,
                          .network = network,
                          .gradient = snas_network_gradients(network),
                          .count = snas_network_weight_count(network)};
    char *bytes;
    SNAS_NEW(mem, bytes, (size_t)out->count * snas_dtype_size(snas_network_dtype(network)));
    out->momentum = bytes;
    SNAS_NEW(mem, out->ranges, snas_network_parameter_count(network));
    return SNAS_OK;
}

double snas_descent_rate(const snas_descent *descent, int64_t epoch, int64_t step)
{
    const snas_weights_config *settings = descent->settings;
    const int warmup = settings->warmup;
    const snas_rate rate = {.first = settings->rate,
                            .last = settings->rate_last,
                            .factor = settings->step_factor,
                            .every = settings->step_epochs};
    if (epoch < warmup) {
        const int64_t done = epoch * descent->steps_per_epoch + step + 1;
        return settings->rate * (double)done / ((double)warmup * (double)descent->steps_per_epoch);
    }
    return settings->schedule->at(&rate, (double)(epoch - warmup), descent->epochs - warmup);
}

double snas_descent_norm(const snas_descent *descent, const snas_team *team)
{
    return snas_network_dtype(descent->network) == SNAS_F64 ? snas_norm_f64(team, descent->count, descent->gradient)
                                                            : snas_norm_f32(team, descent->count, descent->gradient);
}

void snas_descent_step(const snas_descent *descent, const snas_team *team, double rate, double norm)
{
    const snas_weights_config *settings = descent->settings;
    const snas_sgd sgd = {.rate = rate,
                          .momentum = settings->momentum,
                          .decay = settings->decay,
                          .nesterov = settings->nesterov,
                          .ranges = descent->ranges,
                          .range_count = make_ranges(descent)};
    void *w = snas_network_weights(descent->network), *m = descent->momentum;
    const void *g = descent->gradient;
    const double scale = snas_clip_factor(norm, settings->clip);
    if (snas_network_dtype(descent->network) == SNAS_F64) {
        snas_sgd_step_f64(team, &sgd, &(snas_sgd_vectors_f64){descent->count, w, m, g}, scale);
    } else {
        snas_sgd_step_f32(team, &sgd, &(snas_sgd_vectors_f32){descent->count, w, m, g}, scale);
    }
}

double snas_drop_path(double probability, bool ramp, int64_t epoch, int epochs)
{
    return ramp ? probability * (double)epoch / epochs : probability;
}
