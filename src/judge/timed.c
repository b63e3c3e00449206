/* timed.c -- evaluations whose time is what matters. */
#include "timed.h"

#include "snas/base/clock.h"
#include "snas/base/order.h"
#include "snas/base/rng.h"

snas_status judge_timed_batch(snas_arena *mem, int count, int side, snas_batch *out)
{
    const size_t pixels = (size_t)count * (size_t)side * (size_t)side * 3;
    float *images;
    int *labels;
    SNAS_NEW(mem, images, pixels);
    SNAS_NEW(mem, labels, count);
    snas_rng rng = snas_rng_at(0, SNAS_STREAM_SYNTHETIC, 0);
    for (size_t i = 0; i < pixels; i++) {
        images[i] = (float)(2.0 * snas_rng_uniform(&rng) - 1.0);
    }
    *out = (snas_batch){.count = count, .images = images, .labels = labels, .same_weights = true};
    return SNAS_OK;
}

double judge_timed_evaluation(snas_network *network, const snas_batch *batch)
{
    snas_outcome outcome;
    const double started = snas_clock_seconds();
    snas_network_forward(network, batch, SNAS_MODE_EVALUATE, &outcome);
    return snas_clock_seconds() - started;
}

double judge_timed_median(double *seconds, int count)
{
    snas_sort(seconds, count);
    return snas_median(seconds, count);
}
