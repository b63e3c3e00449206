/* train_step.c -- one training step of a child, in one pass or in several parts whose gradients are added up.
 *
 *      g = sum over parts p of  N_p / N * d (mean loss of part p) / dW         N_p pictures of the batch's N
 *      W <- SGD(clip(g))
 *
 * which is the gradient of the batch's mean loss, but for the batch norms: they take the statistics of a part, and
 * their running statistics move once a part. Everything random is named by (seed, stream, step); nothing is allocated.
 */
#include <stddef.h>

#include "training.h"

#include "snas/train/train.h"

int train_parts(const snas_train_config *settings, int count)
{
    const int most = settings->micro_batch;
    return most <= 0 || most >= count ? 1 : (count + most - 1) / most;
}

int snas_train_micro_batch(const snas_train_config *settings)
{
    const int parts = train_parts(settings, settings->batch);
    return (settings->batch + parts - 1) / parts;
}

/* Part p of n of the batch: pictures N p / n to N (p + 1) / n. */
static snas_batch part_of(const snas_loop *loop, const snas_loaded *loaded, int p, int n)
{
    const training_state *training = loop->context;
    const snas_train_config *settings = &loop->config->train;
    const snas_loop_state *at = &loop->state;
    const int64_t count = loaded->count;
    const int first = (int)(count * p / n), last = (int)(count * (p + 1) / n);
    const int side = training->dataset.train.side, channels = training->dataset.train.channels;
    const int64_t most = train_parts(settings, settings->batch);
    return (snas_batch){
        .count = last - first,
        .images = loaded->images + (size_t)first * (size_t)(side * side * channels),
        .labels = loaded->labels + first,
        .label_smoothing = settings->label_smoothing,
        .drop_path = snas_drop_path(settings->drop_path, settings->drop_path_ramp, at->epoch, settings->epochs),
        .seed = loop->config->seed,
        .step = (uint64_t)(at->global_step * most + p),
    };
}

/* Forward and backward of all parts: the gradient of the whole batch, and what it has cost. */
static void run_parts(snas_loop *loop, const snas_loaded *loaded, snas_loop_step *out)
{
    training_state *training = loop->context;
    const snas_train_config *settings = &loop->config->train;
    const int n = train_parts(settings, loaded->count);
    *out = (snas_loop_step){.images = loaded->count};
    for (int p = 0; p < n; p++) {
        const snas_batch part = part_of(loop, loaded, p, n);
        const double share = (double)part.count / loaded->count;
        snas_outcome outcome;
        snas_network_forward(loop->network, &part, SNAS_MODE_TRAIN, &outcome);
        snas_network_backward(loop->network, &part, NULL);
        if (training->gradient != NULL) {
            snas_blend_f32(&loop->options->team, training->descent.count, p == 0 ? 0.0 : 1.0, training->gradient, share,
                           snas_network_gradients(loop->network));
        }
        out->correct += outcome.correct;
        out->loss += share * (outcome.loss + settings->auxiliary * outcome.auxiliary_loss);
        out->auxiliary_loss += share * outcome.auxiliary_loss;
    }
}

snas_status train_step(snas_loop *loop, snas_loop_step *out)
{
    training_state *training = loop->context;
    const snas_team *team = &loop->options->team;
    const snas_loop_state *at = &loop->state;
    snas_loaded loaded;
    SNAS_TRY(snas_loop_pictures(loop, loop->train, &loaded));
    run_parts(loop, &loaded, out);
    const double norm = snas_descent_norm(&training->descent, team);
    SNAS_TRY(snas_loop_check_finite(loop, out->loss, norm));
    snas_descent_step(&training->descent, team, snas_descent_rate(&training->descent, at->epoch, at->step), norm);
    if (training->average.network != NULL) {
        snas_average_step(&training->average, team);
    }
    return SNAS_OK;
}
