/* calibrate.c -- the ranges of a network's values on pictures that it was trained on. */
#include "calibrate.h"

#include <string.h>

#include "snas/learn/streams.h"

enum { BATCH_MOST = 64 };

/* The data set with its pictures as the weights know them. */
static snas_status open_pictures(snas_arena *mem, const export_subject *subject, snas_dataset *out)
{
    const snas_config *config = subject->request->int8->config;
    const snas_child *child = &subject->child;
    snas_dataset_request request = snas_streams_dataset_request(config, child->side);
    request.photo.orient = child->orient;
    SNAS_TRY(snas_streams_open_request(mem, config, &request, out));
    if (child->classes != out->classes || child->side != out->train.side) {
        return snas_fail(SNAS_E_USAGE,
                         "the weights '%s' are for %d classes and pictures of side %d; the data set '%s', which is to "
                         "calibrate them, has %d and %d",
                         subject->request->weights, child->classes, child->side, out->name, out->classes,
                         out->train.side);
    }
    memcpy(out->mean, child->mean, sizeof child->mean);
    memcpy(out->deviation, child->deviation, sizeof child->deviation);
    return SNAS_OK;
}

static snas_status open_loader(snas_arena *mem, const export_subject *subject, snas_dataset *set, snas_loader **out)
{
    const snas_export_calibration *asked = subject->request->int8;
    const snas_reader reader = {.config = asked->config,
                                .team = asked->team,
                                .batch = asked->pictures < BATCH_MOST ? asked->pictures : BATCH_MOST};
    snas_selection train, ignored;
    SNAS_TRY(open_pictures(mem, subject, set));
    SNAS_TRY(snas_streams_train(mem, asked->config, set, &train, &ignored));
    return snas_streams_recalibration_loader(mem, &reader, set, train, out);
}

/* A batch: a picture a unit. */
typedef struct {
    const c_measured *net;
    c_bench *benches; /* a thread each */
    const float *images;
    int64_t numbers; /* of a picture */
} batch;

static void measure_picture(void *context, int unit, int thread)
{
    const batch *b = context;
    c_measure(b->net, b->images + unit * b->numbers, &b->benches[thread]);
}

static snas_status measure_all(snas_arena *mem, const export_subject *subject, batch *b, int *pictures)
{
    const snas_export_calibration *asked = subject->request->int8;
    snas_dataset *set;
    snas_loader *loader;
    SNAS_NEW(mem, set, 1);
    SNAS_TRY(open_loader(mem, subject, set, &loader));
    *pictures = 0;
    for (int i = 0; i < snas_loader_batches(loader) && *pictures < asked->pictures; i++) {
        snas_loaded loaded;
        SNAS_TRY(snas_loader_take(loader, 0, i, &loaded));
        const int left = asked->pictures - *pictures, count = loaded.count < left ? loaded.count : left;
        b->images = loaded.images;
        snas_team_run(&asked->team, count, measure_picture, b);
        *pictures += count;
    }
    return SNAS_OK;
}

snas_status export_calibrate(snas_arena *mem, const export_subject *subject, const export_layers *layers,
                             const snas_c_plan *plan, const c_range **ranges, int *pictures)
{
    const int threads = subject->request->int8->team.threads, side = subject->child.side;
    c_measured net;
    batch b = {.net = &net, .numbers = (int64_t)side * side * 3};
    SNAS_TRY(c_measured_make(mem, layers, plan, &net));
    SNAS_NEW(mem, b.benches, threads);
    for (int t = 0; t < threads; t++) {
        SNAS_TRY(c_bench_make(mem, plan, &b.benches[t]));
    }
    SNAS_TRY(measure_all(mem, subject, &b, pictures));
    for (int v = 0; v < plan->program->value_count; v++) {
        for (int t = 1; t < threads; t++) {
            c_range_join(&b.benches[0].ranges[v], &b.benches[t].ranges[v]);
        }
        if (b.benches[0].ranges[v].infinite) {
            return snas_fail(SNAS_E_NUMERIC, "a number within the network of '%s' is not finite on a training picture",
                             subject->request->weights);
        }
    }
    *ranges = b.benches[0].ranges;
    return SNAS_OK;
}
