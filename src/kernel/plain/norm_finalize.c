/* norm_finalize.c -- from sums to vectors: the part of a batch norm that crosses the whole batch. Equations:
 * operation.h.
 *
 * All of it in double. A shard's sums become moments when its last picture is through; what the finalizes read is shard
 * 0's place, where by then all shards have met.
 */
#include <math.h>

#include "../norm.h"
#include "plain.h"

/** Values a channel in this batch. */
static double value_count(const snas_task *t, const snas_feed *feed)
{
    return (double)feed->count * t->y.h * t->y.w;
}

static void set_affine(const snas_norm *norm, int c, double mean, double inverse)
{
    const double gamma = norm->gamma == NULL ? 1.0 : (double)((const snas_real *)norm->gamma)[c];
    const double beta = norm->beta == NULL ? 0.0 : (double)((const snas_real *)norm->beta)[c];
    norm->mean[c] = mean;
    ((snas_real *)norm->centre)[c] = (snas_real)mean;
    norm->inverse[c] = inverse;
    ((snas_real *)norm->scale)[c] = (snas_real)(gamma * inverse);
    const double off = (double)((const snas_real *)norm->centre)[c] - mean;
    ((snas_real *)norm->shift)[c] = (snas_real)(beta + off * gamma * inverse);
}

void SNAS_BUILT(kernel_norm_close_shard)(const snas_task *t, int shard, int pictures)
{
    const snas_norm *norm = t->norm;
    const double n = (double)pictures * t->y.h * t->y.w;
    const snas_real *pivot = snas_sharded_at(&norm->pivots, shard);
    double *mean = snas_sharded_at(&norm->moments, shard), *m2 = mean + norm->c;
    for (int c = 0; c < norm->c; c++) {
        const double s0 = mean[c], s1 = m2[c];
        mean[c] = (double)pivot[c] + s0 / n;
        m2[c] = s1 - s0 * s0 / n;
    }
}

/* Running statistics of channel c on their way to the batch's. */
static void move_running(const snas_norm *norm, int c, double rate, double mean, double unbiased)
{
    snas_real *running_mean = norm->running_mean, *running_var = norm->running_var;
    running_mean[c] = (snas_real)((1.0 - rate) * (double)running_mean[c] + rate * mean);
    running_var[c] = (snas_real)((1.0 - rate) * (double)running_var[c] + rate * unbiased);
}

void SNAS_BUILT(kernel_norm_finalize)(const snas_task *t, const snas_feed *feed)
{
    const snas_norm *norm = t->norm;
    const double n = value_count(t, feed);
    const double rate = feed->mode == SNAS_PASS_RECALIBRATE ? 1.0 / (double)(feed->recalibrated + 1) : norm->momentum;
    const double *means = snas_sharded_at(&norm->moments, 0), *m2 = means + norm->c;
    for (int c = 0; c < norm->c; c++) {
        /* of NaN NaN, which fmax would make 0 */
        const double mean = means[c], var = m2[c] < 0.0 ? 0.0 : m2[c] / n;
        const double unbiased = n > 1.0 ? var * n / (n - 1.0) : var;
        if (feed->mode != SNAS_PASS_BATCH) {
            move_running(norm, c, rate, mean, unbiased);
        }
        set_affine(norm, c, mean, 1.0 / sqrt(var + norm->eps));
    }
}

void SNAS_BUILT(kernel_norm_evaluate)(const snas_task *t, const snas_feed *feed)
{
    (void)feed;
    const snas_norm *norm = t->norm;
    for (int c = 0; c < norm->c; c++) {
        const double mean = (double)((const snas_real *)norm->running_mean)[c];
        const double var = (double)((const snas_real *)norm->running_var)[c];
        set_affine(norm, c, mean, 1.0 / sqrt(var + norm->eps));
    }
}

void SNAS_BUILT(kernel_norm_backward_finalize)(const snas_task *t, const snas_feed *feed)
{
    const snas_norm *norm = t->norm;
    const double n = value_count(t, feed), z = step_z(feed, norm->z_slot);
    const snas_real *gamma = norm->gamma, *beta = norm->beta;
    snas_real *a = norm->a, *b = norm->b, *d = norm->d;
    const snas_real *centre = norm->centre;
    const double *sums = snas_sharded_at(&norm->gradients, 0);
    double dz = 0.0;
    for (int c = 0; c < norm->c; c++) {
        const double s0 = sums[c], inverse = norm->inverse[c];
        const double off = (double)centre[c] - norm->mean[c];
        const double sum = sums[norm->c + c] + off * s0;
        const double scale = (gamma == NULL ? 1.0 : (double)gamma[c]) * inverse;
        const double slope = -z * scale * sum * inverse * inverse / n;
        a[c] = (snas_real)(z * scale);
        b[c] = (snas_real)slope;
        d[c] = (snas_real)(-z * scale * s0 / n + slope * off);
        dz += scale * sum + (beta == NULL ? 0.0 : (double)beta[c]) * s0;
        if (norm->dgamma != NULL) {
            ((snas_real *)norm->dgamma)[c] = (snas_real)(z * sum * inverse);
            ((snas_real *)norm->dbeta)[c] = (snas_real)(z * s0);
        }
    }
    if (norm->z_slot >= 0) {
        feed->dz[norm->z_slot] = dz;
    }
}
