/* plan_fixture.h -- a plan of a network with its initial values, and a picture. Included once, by the program's own
 * file. */
#ifndef SNAS_TESTS_PLAN_FIXTURE_H
#define SNAS_TESTS_PLAN_FIXTURE_H

#include <math.h>

#include "arena_fixture.h"
#include "c_measure.h"
#include "check.h"
#include "snas/learn/child_file.h"
#include "snas/learn/run_network.h"

enum { SIDE = 16, PIXELS = SIDE * SIDE * 3, CLASSES = 5 };

static const char BENCH_CELL[] = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+"
                                 "|none~0|nor_conv_3x3~1|avg_pool_3x3~2|";
static const char *const ARCHITECTURES[] = {"DARTS_V2", "SNAS_aggressive", BENCH_CELL};

typedef struct {
    snas_team team;
    snas_genotype genotype;
    export_subject subject;
    export_layers layers;
    snas_c_plan plan;
    float picture[PIXELS];
} fixture;

static inline void make(const char *architecture, snas_c_numbers numbers, fixture *f)
{
    *f = (fixture){.team = snas_team_make(1)};
    assert_ok(snas_genotype_load(mem, architecture, &f->genotype));
    const snas_child child = {.channels = 4, .cells = 5, .classes = CLASSES, .side = SIDE};
    const snas_child_weights weights = {.child = &child, .genotype = &f->genotype};
    const snas_network_spec spec = snas_child_spec(&weights);
    const snas_network_options how = snas_run_network_options(1, 0, false, "plain");
    assert_ok(snas_network_create(mem, &f->team, &spec, &how, &f->subject.network));
    snas_network_init(f->subject.network, 1);
    assert_ok(export_layers_make(mem, &f->subject, SNAS_NORMS_INTO_POOLS_TOO, &f->layers));
    assert_ok(snas_c_plan_make(mem, &f->layers.outline, numbers, &f->plan));
    for (int i = 0; i < PIXELS; i++) {
        f->picture[i] = (float)sin(0.1 * i);
    }
}

/* The largest difference of the logits, relative to the largest. */
static inline double distance(const fixture *f, const float *found)
{
    const int label = 0;
    snas_outcome outcome;
    const snas_batch batch = {.count = 1, .images = f->picture, .labels = &label};
    snas_network_forward(f->subject.network, &batch, SNAS_MODE_EVALUATE, &outcome);
    const float *wanted = snas_network_logits(f->subject.network);
    double off = 0.0, largest = 0.0;
    for (int k = 0; k < CLASSES; k++) {
        off = fmax(off, fabs((double)found[k] - (double)wanted[k]));
        largest = fmax(largest, fabs((double)wanted[k]));
    }
    return off / largest;
}

#endif
