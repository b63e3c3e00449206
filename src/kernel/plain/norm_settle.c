/* norm_settle.c -- from sums to vectors: the part of a batch norm that crosses the whole batch. Equations: operation.h.
 *
 * All sums are double and joined over shards in order, so the result does not depend on threads.
 */
#include <math.h>
#include <string.h>

#include "../norm.h"
#include "plain.h"

/** Values a channel in this batch. */
static double value_count(const snas_task *t, const snas_feed *s)
{
    return (double)s->count * t->y.h * t->y.w;
}

/** Add the shards into the first one's place and clear the others. */
static void reduce_shards(const snas_norm *norm)
{
    const int size = 2 * norm->c;
    for (int shard = 1; shard < SNAS_SHARDS; shard++) {
        double *from = norm->sums + (int64_t)shard * size;
        for (int i = 0; i < size; i++) {
            norm->sums[i] += from[i];
            from[i] = 0.0;
        }
    }
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

/** Mean and variance of a channel from the shards' sums about their pivots: the parts joined pair by pair (Chan et
 *  al.). */
static void join_shards(const snas_task *t, const snas_feed *s, int c, double *mean, double *var)
{
    double n = 0.0, m = 0.0, square = 0.0;
    for (int shard = 0; shard < SNAS_SHARDS; shard++) {
        const double *sums = t->norm->sums + (int64_t)shard * 2 * t->norm->c + c;
        const int pictures = snas_shard_first(s->count, shard + 1) - snas_shard_first(s->count, shard);
        if (pictures == 0) {
            continue;
        }
        const double k = (double)pictures * t->y.h * t->y.w, all = n + k;
        const double s0 = sums[0], s1 = sums[t->norm->c];
        const double gap = (double)kernel_norm_pivot(t->norm, shard)[c] + s0 / k - m;
        square += s1 - s0 * s0 / k + gap * gap * n * k / all;
        m += gap * k / all;
        n = all;
    }
    *mean = m;
    *var = fmax(square / n, 0.0);
}

void SNAS_BUILT(kernel_norm_settle)(const snas_task *t, const snas_feed *s)
{
    const snas_norm *norm = t->norm;
    const double n = value_count(t, s);
    const double rate = s->mode == SNAS_PASS_RECALIBRATE ? 1.0 / (double)(s->recalibrated + 1) : norm->momentum;
    snas_real *running_mean = norm->running_mean, *running_var = norm->running_var;
    for (int c = 0; c < norm->c; c++) {
        double mean, var;
        join_shards(t, s, c, &mean, &var);
        const double unbiased = n > 1.0 ? var * n / (n - 1.0) : var;
        running_mean[c] = (snas_real)((1.0 - rate) * (double)running_mean[c] + rate * mean);
        running_var[c] = (snas_real)((1.0 - rate) * (double)running_var[c] + rate * unbiased);
        set_affine(norm, c, mean, 1.0 / sqrt(var + norm->eps));
    }
    memset(norm->sums, 0, (size_t)(2 * SNAS_SHARDS * norm->c) * sizeof *norm->sums);
}

void SNAS_BUILT(kernel_norm_evaluate)(const snas_task *t, const snas_feed *s)
{
    (void)s;
    const snas_norm *norm = t->norm;
    for (int c = 0; c < norm->c; c++) {
        const double mean = (double)((const snas_real *)norm->running_mean)[c];
        const double var = (double)((const snas_real *)norm->running_var)[c];
        set_affine(norm, c, mean, 1.0 / sqrt(var + norm->eps));
    }
}

void SNAS_BUILT(kernel_norm_backward_settle)(const snas_task *t, const snas_feed *s)
{
    const snas_norm *norm = t->norm;
    const double n = value_count(t, s), z = step_z(s, norm->z_slot);
    const snas_real *gamma = norm->gamma, *beta = norm->beta;
    snas_real *a = norm->a, *b = norm->b, *d = norm->d;
    const snas_real *centre = norm->centre;
    double dz = 0.0;
    reduce_shards(norm);
    for (int c = 0; c < norm->c; c++) {
        const double s0 = norm->sums[c], inverse = norm->inverse[c];
        const double off = (double)centre[c] - norm->mean[c];
        const double sum = norm->sums[norm->c + c] + off * s0;
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
        s->dz[norm->z_slot] = dz;
    }
    memset(norm->sums, 0, (size_t)(2 * norm->c) * sizeof *norm->sums);
}
