/* step_fixture.h -- a searcher of a tiny supernet in double precision, and two batches, for tests of single steps. */
#ifndef SNAS_TESTS_SEARCH_STEP_FIXTURE_H
#define SNAS_TESTS_SEARCH_STEP_FIXTURE_H

#include <string.h>

#include "arena_fixture.h"
#include "run_fixture.h"
#include "snas/learn/run_network.h"
#include "snas/search/search_step.h"

enum { STEP_CLASSES = 3, STEP_PIXELS = FIXTURE_BATCH * FIXTURE_SIDE * FIXTURE_SIDE * 3, STEP_ROWS = 2 };

static const snas_team step_team = {.threads = 1};

typedef struct {
    snas_config config;
    snas_network *network;
    snas_searcher searcher;
    int count; /* logits */
    snas_search_input input;
} step_fixture;

static double step_images[2][STEP_PIXELS];
static int step_labels[2][FIXTURE_BATCH];

/* The fixture's search in double: method, estimator and level as named; no drop path, no decay. */
static inline void step_make(step_fixture *f, const char *estimator, snas_search_level level)
{
    *f = (step_fixture){.config = fixture_config()};
    snas_search_config *s = &f->config.search;
    s->estimator = snas_estimator_find(estimator);
    assert_non_null(s->estimator);
    s->level = level;
    s->drop_path = 0.0;
    const snas_network_spec spec = {
        .space = s->space, .channels = s->channels, .cells = s->cells, .classes = STEP_CLASSES, .side = FIXTURE_SIDE};
    snas_network_options options = snas_run_network_options(FIXTURE_BATCH, f->config.shards, false, NULL);
    options.dtype = SNAS_F64;
    snas_rng rng = snas_rng_at(9, SNAS_STREAM_TEST, 0);
    for (int b = 0; b < 2; b++) {
        for (int i = 0; i < STEP_PIXELS; i++) {
            step_images[b][i] = snas_rng_normal(&rng);
        }
        for (int i = 0; i < FIXTURE_BATCH; i++) {
            step_labels[b][i] = (int)snas_rng_below(&rng, STEP_CLASSES);
        }
        *(b == 0 ? &f->input.train : &f->input.logits) = (snas_step_input){.seed = 5,
                                                                           .global_step = 3,
                                                                           .step = 3,
                                                                           .count = FIXTURE_BATCH,
                                                                           .images = step_images[b],
                                                                           .labels = step_labels[b]};
    }
    assert_ok(snas_network_create(mem, &step_team, &spec, &options, &f->network));
    snas_network_init(f->network, 1);
    const snas_searcher_spec searcher = {.settings = s,
                                         .team = &step_team,
                                         .network = f->network,
                                         .cell_side = snas_network_cell_side(&spec),
                                         .seed = 1,
                                         .steps_per_epoch = 100};
    assert_ok(snas_searcher_create(mem, &searcher, &f->searcher));
    const snas_logits *l = &f->searcher.distribution.logits;
    f->count = l->types * l->edges * l->candidates;
}

/* A copy of n doubles in the arena. */
static inline double *step_copy(const double *from, int64_t n)
{
    double *to = snas_arena_take(mem, (size_t)n, sizeof *to);
    assert_non_null(to);
    memcpy(to, from, (size_t)n * sizeof *to);
    return to;
}

/* Loss and gradients of a batch under the draw that is there: dz in distribution.dz. */
static inline double step_pass(step_fixture *f, int batch, snas_mode mode)
{
    snas_distribution *d = &f->searcher.distribution;
    const snas_step_input *input = batch == 0 ? &f->input.train : &f->input.logits;
    const snas_batch pictures = {.count = input->count,
                                 .images = input->images,
                                 .labels = input->labels,
                                 .z = d->draw.z,
                                 .row_of_cell = d->row_of_cell,
                                 .sparse = d->draw.sparse};
    snas_outcome outcome;
    snas_network_forward(f->network, &pictures, mode, &outcome);
    snas_network_backward(f->network, &pictures, d->dz);
    return outcome.loss;
}

/* Largest |a - b| / (1 + |b|). */
static inline double step_gap(const double *a, const double *b, int64_t n)
{
    double gap = 0.0;
    for (int64_t i = 0; i < n; i++) {
        gap = fmax(gap, fabs(a[i] - b[i]) / (1.0 + fabs(b[i])));
    }
    return gap;
}

#endif
