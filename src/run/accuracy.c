/* accuracy.c -- loss and accuracy of a network over a selection of pictures. */
#include "accuracy.h"

#include <stddef.h>
#include <string.h>

enum { COLOURS = 3 };

snas_status run_pictures_create(snas_arena *mem, int batch, int side, run_pictures *out)
{
    SNAS_NEW(mem, out->images, (size_t)batch * (size_t)side * (size_t)side * COLOURS);
    SNAS_NEW(mem, out->labels, batch);
    return SNAS_OK;
}

/* Batch `b` through the network. */
static snas_outcome forward(const run_judged *judged, const snas_team *team, int b, snas_mode mode,
                            int *count)
{
    snas_batch batch = judged->batch;
    snas_outcome outcome;
    if (judged->draw != NULL) {
        judged->draw(judged->context, b);
    }
    *count = snas_loader_batch(judged->loader, team, 0, b, judged->pictures.images,
                               judged->pictures.labels);
    batch.count = *count;
    batch.images = judged->pictures.images;
    batch.labels = judged->pictures.labels;
    snas_network_forward(judged->network, &batch, mode, &outcome);
    return outcome;
}

/* The logits of the last forward pass, behind those of `images` pictures. */
static void keep_logits(const run_judged *judged, int64_t images, int count)
{
    if (judged->logits == NULL) {
        return;
    }
    const int64_t classes = judged->classes;
    memcpy(judged->logits + images * classes, snas_network_logits(judged->network),
           (size_t)(count * classes) * sizeof *judged->logits);
    for (int i = 0; i < count; i++) {
        judged->labels[images + i] = judged->pictures.labels[i];
    }
}

static snas_status stopped(const char *phase)
{
    return snas_fail(SNAS_E_INTERRUPTED, "stopped in the phase '%s'", phase);
}

snas_status run_accuracy_measure(const run_judged *judged, run_watch *watch, run_accuracy *out)
{
    const int batches = snas_loader_batches(judged->loader);
    int64_t correct = 0, correct_top5 = 0, images = 0;
    double loss = 0.0;
    run_watch_phase(watch, judged->phase, batches);
    for (int b = 0; b < batches; b++) {
        if (run_watch_stopped(watch)) {
            return stopped(judged->phase);
        }
        int count;
        const snas_outcome outcome =
            forward(judged, &watch->options->team, b, SNAS_MODE_EVALUATE, &count);
        keep_logits(judged, images, count);
        images += count;
        correct += outcome.correct;
        correct_top5 += outcome.correct_top5;
        loss += outcome.loss * count;
        watch->at.step = b + 1;
        watch->at.loss = loss / (double)images;
        watch->at.accuracy = (double)correct / (double)images;
        run_watch_tell(watch);
    }
    const double all = images > 0 ? (double)images : 1.0;
    *out = (run_accuracy){.loss = loss / all,
                          .accuracy = (double)correct / all,
                          .accuracy_top5 = (double)correct_top5 / all,
                          .images = images};
    return SNAS_OK;
}

snas_status run_recalibrate(const run_judged *judged, run_watch *watch, int batches, int *done)
{
    const int all = snas_loader_batches(judged->loader);
    *done = batches < all ? batches : all;
    run_watch_phase(watch, judged->phase, *done);
    snas_network_recalibrate(judged->network);
    for (int b = 0; b < *done; b++) {
        if (run_watch_stopped(watch)) {
            return stopped(judged->phase);
        }
        int count;
        const snas_outcome outcome =
            forward(judged, &watch->options->team, b, SNAS_MODE_RECALIBRATE, &count);
        watch->at.step = b + 1;
        watch->at.loss = outcome.loss;
        watch->at.accuracy = (double)outcome.correct / count;
        run_watch_tell(watch);
    }
    return SNAS_OK;
}
