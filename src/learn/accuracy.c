/* accuracy.c -- loss and accuracy of a network over a selection of pictures. */
#include "snas/learn/accuracy.h"

#include <string.h>

#include "snas/learn/batch_stream.h"

/* Batch `b` through the network. */
static snas_status forward(const snas_judged *judged, int b, snas_mode mode, snas_loaded *loaded, snas_outcome *outcome)
{
    snas_batch batch = judged->batch;
    if (judged->draw != NULL) {
        judged->draw(judged->context, b);
    }
    SNAS_TRY(snas_pictures_take(judged->loader, 0, b, loaded));
    batch.count = loaded->count;
    batch.images = loaded->images;
    batch.labels = loaded->labels;
    batch.same_weights = mode == SNAS_MODE_EVALUATE && b > 0;
    batch.looks_inside = b == 0; /* weights that overflow for one batch do so for any */
    snas_network_forward(judged->network, &batch, mode, outcome);
    return SNAS_OK;
}

/* The logits of the last forward pass, after those of `images` pictures. */
static void keep_logits(const snas_judged *judged, int64_t images, const snas_loaded *loaded)
{
    if (judged->logits == NULL) {
        return;
    }
    const int64_t classes = judged->classes;
    memcpy(judged->logits + images * classes, snas_network_logits(judged->network),
           (size_t)(loaded->count * classes) * sizeof *judged->logits);
    for (int i = 0; i < loaded->count; i++) {
        judged->labels[images + i] = loaded->labels[i];
    }
}

static snas_status stopped(const char *phase)
{
    return snas_fail(SNAS_E_INTERRUPTED, "stopped in the phase '%s'", phase);
}

/* A picture whose logits are not all finite, or come of numbers that are not, is neither right nor wrong. */
static snas_status check_output(const snas_judged *judged, int b, const snas_loaded *loaded,
                                const snas_outcome *outcome)
{
    if (outcome->not_finite > 0) {
        return snas_fail(SNAS_E_NUMERIC,
                         "the network's output is not finite for %d of the %d pictures of batch %d in the phase '%s'",
                         outcome->not_finite, loaded->count, b + 1, judged->phase);
    }
    return outcome->overflows == 0
               ? SNAS_OK
               : snas_fail(
                     SNAS_E_NUMERIC,
                     "numbers within the network are not finite for %d of the %d pictures of batch %d in the phase "
                     "'%s': its weights or running statistics are too large",
                     outcome->overflows, loaded->count, b + 1, judged->phase);
}

snas_status snas_accuracy_measure(const snas_judged *judged, snas_watch *watch, snas_accuracy *out)
{
    const int batches = snas_loader_batches(judged->loader);
    int64_t correct = 0, correct_top5 = 0, images = 0;
    double loss = 0.0;
    SNAS_TRY(snas_network_check_numbers(judged->network));
    snas_watch_phase(watch, judged->phase, batches);
    for (int b = 0; b < batches; b++) {
        if (snas_watch_stopped(watch)) {
            return stopped(judged->phase);
        }
        snas_loaded loaded;
        snas_outcome outcome;
        SNAS_TRY(forward(judged, b, SNAS_MODE_EVALUATE, &loaded, &outcome));
        SNAS_TRY(check_output(judged, b, &loaded, &outcome));
        keep_logits(judged, images, &loaded);
        if (judged->tally != NULL) {
            snas_tally_add(judged->tally, snas_network_logits(judged->network), loaded.labels, loaded.count);
        }
        images += loaded.count;
        correct += outcome.correct;
        correct_top5 += outcome.correct_top5;
        loss += outcome.loss * loaded.count;
        watch->at.step = b + 1;
        watch->at.loss = loss / (double)images;
        watch->at.accuracy = (double)correct / (double)images;
        snas_watch_tell(watch);
    }
    const double all = images > 0 ? (double)images : 1.0;
    *out = (snas_accuracy){.loss = loss / all,
                           .accuracy = (double)correct / all,
                           .accuracy_top5 = (double)correct_top5 / all,
                           .images = images};
    return SNAS_OK;
}

snas_status snas_recalibrate(const snas_judged *judged, snas_watch *watch, int batches, int *done)
{
    const int all = snas_loader_batches(judged->loader);
    *done = batches < all ? batches : all;
    snas_watch_phase(watch, judged->phase, *done);
    snas_network_recalibrate(judged->network);
    for (int b = 0; b < *done; b++) {
        if (snas_watch_stopped(watch)) {
            return stopped(judged->phase);
        }
        snas_loaded loaded;
        snas_outcome outcome;
        SNAS_TRY(forward(judged, b, SNAS_MODE_RECALIBRATE, &loaded, &outcome));
        SNAS_TRY(check_output(judged, b, &loaded, &outcome));
        watch->at.step = b + 1;
        watch->at.loss = outcome.loss;
        watch->at.accuracy = (double)outcome.correct / loaded.count;
        snas_watch_tell(watch);
    }
    return snas_network_check_numbers(judged->network);
}
