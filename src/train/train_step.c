/* train_step.c -- one training step of a child, in one pass or in several parts whose gradients are added up.
 *
 *      g = sum over parts p of  N_p / N * d (mean loss of part p) / dW         N_p pictures of the batch's N
 *      W <- SGD(clip(g))
 *
 * which is the gradient of the batch's mean loss, but for the batch norms: they take the statistics of a part, and
 * their running statistics move once a part. Everything random is named by (seed, stream, step); nothing is allocated.
 */
#include <stddef.h>

#include "smaller.h"
#include "snas/comm/share.h"

int snas_train_parts(const snas_train_config *settings, int count)
{
    return snas_part_count(count, settings->micro_batch);
}

int snas_train_micro_batch(const snas_train_config *settings)
{
    const int parts = snas_train_parts(settings, settings->batch);
    return (settings->batch + parts - 1) / parts;
}

snas_status snas_trainer_create(snas_arena *mem, const snas_train_config *settings, const snas_team *team,
                                snas_network *network, int64_t steps_per_epoch, snas_trainer *out)
{
    *out = (snas_trainer){.settings = settings, .team = team, .network = network};
    SNAS_TRY(snas_descent_create(mem, &settings->weights, network, settings->epochs, steps_per_epoch, &out->descent));
    if (snas_train_parts(settings, settings->batch) > 1) {
        char *bytes;
        SNAS_NEW(mem, bytes, (size_t)out->descent.count * snas_dtype_size(snas_network_dtype(network)));
        out->descent.gradient = out->gradient = bytes;
    }
    return snas_average_create(mem, network, settings->average_decay, &out->average);
}

/* Part p of n of the batch: pictures N p / n to N (p + 1) / n. */
static snas_batch part_of(const snas_trainer *trainer, const snas_step_input *input, int p, int n)
{
    const snas_train_config *settings = trainer->settings;
    const int first = snas_part_first(input->count, n, p), last = snas_part_first(input->count, n, p + 1);
    const int64_t most = snas_train_parts(settings, settings->batch);
    const size_t picture = snas_network_picture_bytes(trainer->network);
    return (snas_batch){
        .count = last - first,
        .images = (const char *)input->images + (size_t)first * picture,
        .labels = input->labels + first,
        .label_smoothing = settings->label_smoothing,
        .drop_path = snas_drop_path(settings->drop_path, settings->drop_path_ramp, input->epoch, settings->epochs),
        .seed = input->seed,
        .step = (uint64_t)(input->global_step * most + p),
    };
}

/* The gradient of part p, times its share, joins the sum. */
static void add_part(snas_trainer *trainer, int p, double share)
{
    const void *from = snas_network_gradients(trainer->network);
    const double keep = p == 0 ? 0.0 : 1.0;
    if (snas_network_dtype(trainer->network) == SNAS_F64) {
        snas_blend_f64(trainer->team, trainer->descent.count, keep, trainer->gradient, share, from);
    } else {
        snas_blend_f32(trainer->team, trainer->descent.count, keep, trainer->gradient, share, from);
    }
}

/* The part's pictures as the epoch trains on them, and the network for them. */
static snas_network *network_of(const snas_trainer *trainer, int64_t epoch, snas_batch *part)
{
    if (!train_is_small(trainer, epoch)) {
        return trainer->network;
    }
    const train_resizing how = {trainer->small_shares, trainer->side, trainer->settings->small_side};
    train_shrink(trainer->team, &how, part->count, part->images, trainer->small_images);
    part->images = trainer->small_images;
    return trainer->small;
}

/* Forward and backward of all parts: the gradient of the whole batch, and what it has cost. */
static void run_parts(snas_trainer *trainer, const snas_step_input *input, snas_trained *out)
{
    const snas_train_config *settings = trainer->settings;
    const int n = snas_train_parts(settings, input->count);
    for (int p = 0; p < n; p++) {
        snas_batch part = part_of(trainer, input, p, n);
        snas_network *network = network_of(trainer, input->epoch, &part);
        const double share = (double)part.count / input->count;
        snas_outcome outcome;
        snas_network_forward(network, &part, SNAS_MODE_TRAIN, &outcome);
        snas_network_backward(network, &part, NULL);
        if (trainer->gradient != NULL) {
            add_part(trainer, p, share);
        }
        out->correct += outcome.correct;
        out->loss += share * (outcome.loss + settings->auxiliary * outcome.auxiliary_loss);
        out->auxiliary_loss += share * outcome.auxiliary_loss;
    }
}

snas_status snas_train_step(snas_trainer *trainer, const snas_step_input *input, snas_trained *out)
{
    const snas_team *team = trainer->team;
    *out = (snas_trained){0};
    run_parts(trainer, input, out);
    out->norm = snas_descent_norm(&trainer->descent, team);
    SNAS_TRY(snas_step_check_finite(input, out->loss, out->norm));
    snas_descent_step(&trainer->descent, team, snas_descent_rate(&trainer->descent, input->epoch, input->step),
                      out->norm);
    if (trainer->average.network != NULL) {
        snas_average_step(&trainer->average, team);
    }
    return SNAS_OK;
}
