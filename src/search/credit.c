/* credit.c -- `snas credit`: gradients of several estimators at frozen weights, beside what a candidate is worth.
 *
 *      draw n = 0..N-1:   batch n, noise G_n; every estimator sees both
 *      d_n                its gradient of the loss: through the sample, or by the reward -L(Z_n)
 *      mean, variance     of d_n over n, a logit                                          [T][E][K]
 *      effect[e,k]        = 1/N sum_n L(Z_n with candidate k on edge e)                   in all cells of the type
 *      measured[e,k]      = p_k (effect[e,k] - sum_l p_l effect[e,l])
 *
 * Z_n is the one-hot draw, which straight-through, single path and REINFORCE have in common. `measured` is the gradient
 * of E[L] with the effects in place of the conditional means: a biased gradient that is quiet does not look better by
 * it. The loss is that of a forward pass with the statistics of its batch, without drop path and without the resource
 * term. Draw -1 only starts the baseline of the rewards.
 */
#include "snas/search/credit.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "reading.h"
#include "saved.h"
#include "snas/base/log.h"
#include "snas/learn/batch_stream.h"
#include "snas/learn/streams.h"
#include "snas/learn/watch.h"
#include "snas/search/distribution.h"
#include "snas/search/search.h"

static const double BASELINE_DECAY = 0.9;
enum { STATE_MAX = 8 }; /* numbers of an estimator's own */

const snas_credit_method snas_credit_methods[SNAS_CREDIT_METHODS] = {
    {"snas", "concrete"},
    {"straight-through", "straight-through"},
    {"dsnas", "single-path"},
    {"reinforce", "categorical"},
};

/* What is measured with. */
typedef struct {
    const snas_config *config;
    snas_network *network;
    snas_distribution distribution;
    snas_batch_stream pictures;
    snas_loaded loaded; /* this draw's batch */
    double *z, *dz;     /* [rows][E][K]: of the last pass */
    double *forced;     /* [rows][E][K] */
    double loss;        /* of the last pass */
    double *d;          /* [T][E][K]: a draw's gradient */
    double state[SNAS_CREDIT_METHODS][STATE_MAX];
} measuring;

static size_t row_size(const snas_logits *logits)
{
    return (size_t)logits->edges * (size_t)logits->candidates;
}

static size_t drawn_count(const measuring *m)
{
    return (size_t)m->distribution.draw.rows * row_size(&m->distribution.logits);
}

static size_t logit_count(const measuring *m)
{
    return (size_t)m->distribution.logits.types * row_size(&m->distribution.logits);
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

static snas_status open_pictures(snas_arena *mem, const snas_config *config, const snas_run_options *options,
                                 snas_dataset *dataset, measuring *m, int64_t *steps_per_epoch)
{
    snas_search_parts parts;
    SNAS_TRY(snas_streams_open_run(mem, config, config->search.side, options->folder, dataset));
    if (dataset->changed != NULL) {
        snas_log(SNAS_LOG_WARNING, "%s", dataset->changed);
    }
    SNAS_TRY(snas_streams_search(mem, config, dataset, &parts));
    const int batch = config->search.batch;
    const snas_reader reader = {config, options->team, batch, 0};
    *steps_per_epoch = (parts.train.count + batch - 1) / batch;
    /* those whose loss moves the logits, shuffled but not augmented */
    return snas_streams_recalibration_loader(mem, &reader, dataset, parts.logits.count > 0 ? parts.logits : parts.train,
                                             &m->pictures.loader);
}

static snas_status open_network(snas_arena *mem, const snas_config *config, const snas_run_options *options,
                                const snas_dataset *dataset, const search_saved *saved, snas_network **out)
{
    const snas_network_spec spec = snas_search_spec(&config->search, dataset);
    snas_network_options how = snas_search_network_options(&config->search, config->shards, options->kernels);
    how.single_path = false;
    SNAS_TRY(snas_network_create(mem, &options->team, &spec, &how, out));
    return snas_saved_fault(snas_network_load(*out, &saved->file, "model.", true));
}

static snas_status make_room(snas_arena *mem, measuring *m, snas_credit *out)
{
    const size_t count = logit_count(m), edges = count / (size_t)m->distribution.logits.candidates;
    SNAS_NEW(mem, m->z, drawn_count(m));
    SNAS_NEW(mem, m->dz, drawn_count(m));
    SNAS_NEW(mem, m->forced, drawn_count(m));
    SNAS_NEW(mem, m->d, count);
    SNAS_NEW(mem, out->p, count);
    SNAS_NEW(mem, out->effect, count);
    SNAS_NEW(mem, out->measured, count);
    for (int i = 0; i < SNAS_CREDIT_METHODS; i++) {
        SNAS_NEW(mem, out->of[i].mean, count);
        SNAS_NEW(mem, out->of[i].variance, count);
        SNAS_NEW(mem, out->of[i].correlation, edges);
        SNAS_NEW(mem, out->of[i].noise, edges);
    }
    return SNAS_OK;
}

static snas_status start(snas_arena *mem, const snas_config *config, const snas_run_options *options,
                         const snas_credit_request *request, measuring *m, snas_credit *out)
{
    const snas_search_config *settings = &config->search;
    search_saved saved;
    snas_dataset *dataset;
    int64_t steps_per_epoch;
    *m = (measuring){.config = config};
    SNAS_NEW(mem, dataset, 1); /* the loader borrows it */
    SNAS_TRY(search_saved_open(mem, options->folder, request->step, &saved));
    SNAS_TRY(open_pictures(mem, config, options, dataset, m, &steps_per_epoch));
    SNAS_TRY(open_network(mem, config, options, dataset, &saved, &m->network));
    snas_distribution *d = &m->distribution;
    SNAS_TRY(snas_distribution_create(mem, settings, config->seed, steps_per_epoch, d));
    SNAS_TRY(snas_saved_fault(search_logits_load(mem, settings->space, saved.path, &saved.file, &d->logits)));
    d->draw.temperature = snas_distribution_temperature(d, saved.step);
    *out = (snas_credit){.space = settings->space,
                         .step = saved.step,
                         .temperature = d->draw.temperature,
                         .draws = request->draws,
                         .batch = settings->batch};
    SNAS_TRY(make_room(mem, m, out));
    snas_logits_probabilities(&d->logits, out->p);
    return SNAS_OK;
}

/* ---- a draw ------------------------------------------------------------------------------------------------------ */

/* Forward under z, and back where `dz` is not NULL: all candidates run then. */
static snas_status pass(const measuring *m, const double *z, double *dz, double *loss)
{
    const snas_batch batch = {.count = m->loaded.count,
                              .images = m->loaded.images,
                              .labels = m->loaded.labels,
                              .z = z,
                              .row_of_cell = m->distribution.row_of_cell,
                              .sparse = dz == NULL};
    snas_outcome outcome;
    snas_network_forward(m->network, &batch, SNAS_MODE_BATCH, &outcome);
    if (dz != NULL) {
        snas_network_backward(m->network, &batch, dz);
    }
    *loss = outcome.loss;
    return isfinite(outcome.loss)
               ? SNAS_OK
               : snas_fail(SNAS_E_NUMERIC, "the loss is not finite at the weights of this checkpoint");
}

/* The gradient of method i at this draw's batch and noise. Estimators that draw the same Z share its pass. */
static snas_status gradient(measuring *m, int i, bool first)
{
    const snas_estimator *estimator = snas_estimator_find(snas_credit_methods[i].estimator);
    snas_distribution *d = &m->distribution;
    const size_t bytes = drawn_count(m) * sizeof *m->z;
    assert(estimator->state_count <= STATE_MAX);
    estimator->draw(&d->logits, &d->draw);
    if (first || memcmp(m->z, d->draw.z, bytes) != 0) {
        memcpy(m->z, d->draw.z, bytes);
        SNAS_TRY(pass(m, m->z, m->dz, &m->loss));
    }
    memset(m->d, 0, logit_count(m) * sizeof *m->d);
    if (estimator->grad != NULL) {
        estimator->grad(&d->logits, &d->draw, m->dz, m->d);
    } else {
        const snas_reward reward = {.value = -m->loss, .decay = BASELINE_DECAY};
        estimator->observe(&d->logits, &d->draw, &reward, m->state[i], m->d);
    }
    return SNAS_OK;
}

/* Take d into the mean and the sum of squares about it, as the n-th. */
static void take(const measuring *m, int n, snas_credit_figures *to)
{
    for (size_t k = 0; k < logit_count(m); k++) {
        const double off = m->d[k] - to->mean[k];
        to->mean[k] += off / n;
        to->variance[k] += off * (m->d[k] - to->mean[k]);
    }
}

/* Let all rows of the type have candidate k on edge e. */
static void force(measuring *m, int type, int e, int k)
{
    const snas_distribution *d = &m->distribution;
    const size_t K = (size_t)d->logits.candidates;
    memcpy(m->forced, m->z, drawn_count(m) * sizeof *m->z);
    for (int row = 0; row < d->draw.rows; row++) {
        if (d->draw.type_of_row[row] == type) {
            double *z = m->forced + (size_t)row * row_size(&d->logits) + (size_t)e * K;
            memset(z, 0, K * sizeof *z);
            z[k] = 1.0;
        }
    }
}

/* The loss with every candidate on every edge, the others as in z. */
static snas_status add_effects(measuring *m, snas_credit *out)
{
    const snas_logits *logits = &m->distribution.logits;
    const int E = logits->edges, K = logits->candidates;
    for (int i = 0; i < (int)logit_count(m); i++) {
        double loss;
        force(m, i / (E * K), i / K % E, i % K);
        SNAS_TRY(pass(m, m->forced, NULL, &loss));
        out->effect[i] += loss / out->draws;
    }
    return SNAS_OK;
}

/* Draw n, from -1. The one-hot draws come last, so that z is theirs for the effects. */
static snas_status draw(measuring *m, int n, snas_credit *out)
{
    SNAS_TRY(snas_batch_stream_next(&m->pictures, &m->loaded));
    snas_distribution_noise(&m->distribution, m->config->seed, SNAS_STREAM_GUMBEL_CREDIT, (uint64_t)n + 1);
    for (int i = 0; i < SNAS_CREDIT_METHODS; i++) {
        SNAS_TRY(gradient(m, i, i == 0));
        if (n >= 0) {
            take(m, n + 1, &out->of[i]);
        }
    }
    if (n < 0) {
        return SNAS_OK;
    }
    out->loss += m->loss / out->draws;
    return add_effects(m, out);
}

/* ---- figures ----------------------------------------------------------------------------------------------------- */

/* measured, from p and effect. */
static void imply_gradient(snas_credit *c, int edges, int K)
{
    for (int e = 0; e < edges; e++) {
        const double *p = c->p + (size_t)e * (size_t)K, *effect = c->effect + (size_t)e * (size_t)K;
        double mean = 0.0;
        for (int k = 0; k < K; k++) {
            mean += p[k] * effect[k];
        }
        for (int k = 0; k < K; k++) {
            c->measured[(size_t)e * (size_t)K + (size_t)k] = p[k] * (effect[k] - mean);
        }
    }
}

/* sum a b / sqrt(sum a^2 sum b^2), of both less their means where `centred`; NaN where one is 0. */
static double likeness(const double *a, const double *b, int count, bool centred)
{
    double mean_a = 0.0, mean_b = 0.0, ab = 0.0, aa = 0.0, bb = 0.0;
    for (int i = 0; i < count && centred; i++) {
        mean_a += a[i] / count;
        mean_b += b[i] / count;
    }
    for (int i = 0; i < count; i++) {
        ab += (a[i] - mean_a) * (b[i] - mean_b);
        aa += (a[i] - mean_a) * (a[i] - mean_a);
        bb += (b[i] - mean_b) * (b[i] - mean_b);
    }
    return aa > 0.0 && bb > 0.0 ? ab / sqrt(aa * bb) : (double)NAN;
}

static double sum_of(const double *a, int count, bool squares)
{
    double sum = 0.0;
    for (int i = 0; i < count; i++) {
        sum += squares ? a[i] * a[i] : a[i];
    }
    return sum;
}

static void finish(const snas_credit *c, int edges, int K, snas_credit_figures *f)
{
    double sum = 0.0;
    int counted = 0;
    for (int i = 0; i < edges * K; i++) {
        f->variance[i] /= c->draws - 1;
    }
    for (int e = 0; e < edges; e++) {
        const size_t at = (size_t)e * (size_t)K;
        const double norm = sqrt(sum_of(f->mean + at, K, true));
        f->correlation[e] = likeness(f->mean + at, c->effect + at, K, true);
        f->noise[e] = norm > 0.0 ? sqrt(sum_of(f->variance + at, K, false)) / norm : (double)NAN;
        sum += isnan(f->correlation[e]) ? 0.0 : f->correlation[e];
        counted += !isnan(f->correlation[e]);
    }
    f->correlation_mean = counted > 0 ? sum / counted : (double)NAN;
    f->cosine = likeness(f->mean, c->measured, edges * K, false);
    f->norm = sqrt(sum_of(f->mean, edges * K, true));
    f->spread = sqrt(sum_of(f->variance, edges * K, false));
}

snas_status snas_credit_measure(snas_arena *mem, const snas_config *config, const snas_run_options *options,
                                const snas_credit_request *request, snas_credit *out)
{
    measuring m;
    assert(request->draws >= 2);
    SNAS_TRY(start(mem, config, options, request, &m, out));
    snas_watch watch = snas_watch_make(options);
    snas_watch_phase(&watch, "credit", request->draws);
    for (int n = -1; n < request->draws; n++) {
        if (snas_watch_stopped(&watch)) {
            return snas_fail(SNAS_E_INTERRUPTED, "stopped after %d of %d draws", n < 0 ? 0 : n, request->draws);
        }
        SNAS_TRY(draw(&m, n, out));
        watch.at.step = n + 1;
        watch.at.loss = m.loss;
        snas_watch_tell(&watch);
    }
    const snas_logits *logits = &m.distribution.logits;
    imply_gradient(out, logits->types * logits->edges, logits->candidates);
    for (int i = 0; i < SNAS_CREDIT_METHODS; i++) {
        finish(out, logits->types * logits->edges, logits->candidates, &out->of[i]);
    }
    return SNAS_OK;
}
