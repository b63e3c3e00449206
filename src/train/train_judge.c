/* train_judge.c -- how good an epoch's weights are, and when to give up.
 *
 * Two sets of weights are judged alike: those that the steps move, and their running average where there is one. With a
 * recalibration their batch norms are measured anew on training pictures first. Judging changes no state of the run:
 * what it needs to change is put back, whether it comes to its end or is stopped.
 */
#include <math.h>
#include <string.h>

#include "training.h"

/* What differs between the sets: phase of the progress line, figures of the row. */
static const struct {
    const char *phase, *figures[5];
} SETS[TRAIN_WEIGHTS_COUNT] = {
    [TRAIN_PLAIN] = {.phase = "test",
                     .figures = {"test_loss", "test_accuracy", "test_accuracy_top5", "best_accuracy", "best_epoch"}},
    [TRAIN_AVERAGE] = {.phase = "average",
                       .figures = {"average_loss", "average_accuracy", "average_accuracy_top5", "average_best_accuracy",
                                   "average_best_epoch"}},
};

bool train_has(const training_state *training, int set)
{
    return set == TRAIN_PLAIN || training->trainer.average.network != NULL;
}

void train_turn(const training_state *training, int set)
{
    if (set == TRAIN_AVERAGE) {
        snas_average_swap(&training->trainer.average);
    }
}

/* --- judge -------------------------------------------------------------------------------------------------------- */

/* Statistics of the weights in the network, measured anew. */
static snas_status recalibrate(snas_loop *loop)
{
    training_state *training = loop->context;
    const snas_judged judged = {.phase = "recalibrate", .network = loop->network, .loader = training->recalibration};
    int done;
    return snas_recalibrate(&judged, &loop->watch, loop->config->train.recalibration_batches, &done);
}

/* Judge the weights in the network. Leaves their own statistics there, and the recalibrated ones in standing->buffers.
 * */
static snas_status judge_weights(snas_loop *loop, const char *phase, train_standing *standing, snas_accuracy *out)
{
    training_state *training = loop->context;
    const int64_t count = snas_network_buffer_values(loop->network);
    const snas_judged judged = {
        .phase = phase, .network = loop->network, .loader = training->test, .tally = training->spare};
    snas_tally_clear(training->spare);
    if (standing->buffers == NULL) {
        return snas_accuracy_measure(&judged, &loop->watch, out);
    }
    memcpy(standing->buffers, snas_network_buffers(loop->network), (size_t)count * sizeof *standing->buffers);
    snas_status status = recalibrate(loop);
    if (status == SNAS_OK) {
        status = snas_accuracy_measure(&judged, &loop->watch, out);
    }
    snas_average_exchange(snas_network_buffers(loop->network), standing->buffers, count);
    return status;
}

static snas_status judge_set(snas_loop *loop, int set, snas_accuracy *out)
{
    training_state *training = loop->context;
    train_turn(training, set);
    const snas_status status = judge_weights(loop, SETS[set].phase, &training->standings[set], out);
    train_turn(training, set);
    return status;
}

static bool is_due(const snas_loop *loop)
{
    const int64_t done = loop->state.epoch + 1;
    return done == loop->epochs || done % loop->config->train.evaluate_every == 0;
}

/* The figures of a set; without an evaluation they are not numbers. */
static void add_standing(const snas_loop *loop, int set, snas_metrics_row *row)
{
    const training_state *training = loop->context;
    const train_standing *standing = &training->standings[set];
    const snas_accuracy *test = &standing->test;
    const bool judged = training->judged;
    const bool best = judged && test->accuracy > standing->best_accuracy;
    const double values[] = {test->loss, test->accuracy, test->accuracy_top5};
    const double best_so_far = standing->best_accuracy < 0.0 ? (double)NAN : standing->best_accuracy;
    for (int i = 0; i < 3; i++) {
        snas_metrics_row_add(row, SETS[set].figures[i], judged ? values[i] : (double)NAN);
    }
    snas_metrics_row_add(row, SETS[set].figures[3], best ? test->accuracy : best_so_far);
    snas_metrics_row_add_whole(row, SETS[set].figures[4], best ? loop->state.epoch + 1 : standing->best_epoch);
}

static void add_training(const snas_loop *loop, snas_metrics_row *row)
{
    const training_state *training = loop->context;
    const snas_train_config *settings = &loop->config->train;
    const snas_loop_state *at = &loop->state;
    const double images = (double)at->images;
    snas_metrics_row_add_whole(row, "epoch", at->epoch + 1);
    snas_metrics_row_add_whole(row, "step", at->global_step);
    snas_metrics_row_add(row, "learning_rate",
                         snas_descent_rate(&training->trainer.descent, at->epoch, loop->steps_per_epoch - 1));
    snas_metrics_row_add(row, "drop_path",
                         snas_drop_path(settings->drop_path, settings->drop_path_ramp, at->epoch, loop->epochs));
    snas_metrics_row_add(row, "train_loss", at->loss / images);
    snas_loop_add_figures(loop, row);
    snas_metrics_row_add(row, "train_accuracy", (double)at->correct / images);
}

/* Evaluations since the last one that brought a new best. */
static void count_stale(training_state *training)
{
    bool better = false;
    for (int set = 0; set < TRAIN_WEIGHTS_COUNT; set++) {
        const train_standing *standing = &training->standings[set];
        better |= train_has(training, set) && standing->test.accuracy > standing->best_accuracy;
    }
    training->stale = better ? 0 : training->stale + 1;
}

/* What an evaluation that has come to its end has found. */
static void take_tests(training_state *training, int set, const snas_accuracy *found)
{
    train_standing *standing = &training->standings[set];
    snas_tally *tally = standing->tally;
    standing->test = *found;
    standing->tally = training->spare;
    training->spare = tally;
}

snas_status train_judge(snas_loop *loop, snas_metrics_row *row)
{
    training_state *training = loop->context;
    snas_accuracy tests[TRAIN_WEIGHTS_COUNT];
    training->judged = is_due(loop);
    for (int set = 0; training->judged && set < TRAIN_WEIGHTS_COUNT; set++) {
        if (train_has(training, set)) {
            SNAS_TRY(judge_set(loop, set, &tests[set]));
            take_tests(training, set, &tests[set]);
        }
    }
    if (training->judged) {
        training->unsaved = true;
        count_stale(training);
    }
    add_training(loop, row);
    for (int set = 0; set < TRAIN_WEIGHTS_COUNT; set++) {
        if (train_has(training, set)) {
            add_standing(loop, set, row);
        }
    }
    return SNAS_OK;
}

const char *train_ended(snas_loop *loop)
{
    const training_state *training = loop->context;
    const int patience = loop->config->train.patience;
    return patience > 0 && training->stale >= patience ? "no improvement" : NULL;
}
