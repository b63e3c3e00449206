/* loss.c -- softmax cross entropy with label smoothing, of one picture's logits.
 *
 *     p = softmax(x),  target t = (1 - e) one-hot(label) + e / M,  loss[n] = -sum_m t_m log p_m
 *     dx = w (p - t) / count                    the step's loss is the mean over the batch
 *
 * The network's own loss (w = 1) also writes the logits out and the rank of the label (how many logits are larger, or
 * equal at a lower index; SNAS_RANK_NONE when a logit is not finite: such a picture is never right). That of an
 * auxiliary classifier, of weight w, leaves nothing but itself.
 */
#include <math.h>
#include <string.h>

#include "plain.h"

/** log sum_m exp x_m, in double. */
static double log_sum(const snas_real *x, int count)
{
    double top = (double)x[0], sum = 0.0;
    for (int m = 1; m < count; m++) {
        top = fmax(top, (double)x[m]);
    }
    for (int m = 0; m < count; m++) {
        sum += exp((double)x[m] - top);
    }
    return top + log(sum);
}

/** -sum_m t_m log p_m. */
static double cross_entropy(const snas_real *x, int classes, int label, double smoothing)
{
    const double total = log_sum(x, classes);
    double loss = (1.0 - smoothing) * (total - (double)x[label]);
    for (int m = 0; m < classes; m++) {
        loss += smoothing / classes * (total - (double)x[m]);
    }
    return loss;
}

static int rank_of(const snas_real *x, int classes, int label)
{
    int rank = 0;
    for (int m = 0; m < classes; m++) {
        if (!isfinite(x[m])) {
            return SNAS_RANK_NONE;
        }
        rank += x[m] > x[label] || (m < label && x[m] == x[label]);
    }
    return rank;
}

static void forward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    const int classes = t->x[0].c, label = feed->labels[p->image];
    const snas_real *x = view_picture(&t->x[0], p->slot);
    const double loss = cross_entropy(x, classes, label, feed->label_smoothing);
    if (t->auxiliary > 0.0) {
        if (feed->auxiliary_losses != NULL) {
            feed->auxiliary_losses[p->image] = loss;
        }
        return;
    }
    feed->losses[p->image] = loss;
    feed->ranks[p->image] = rank_of(x, classes, label);
    memcpy((snas_real *)feed->logits + (int64_t)p->image * classes, x, (size_t)classes * sizeof *x);
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    const int classes = t->x[0].c, label = feed->labels[p->image];
    const snas_real *x = view_picture(&t->x[0], p->slot);
    snas_real *dx = view_picture(&t->dx[0], p->slot);
    const double total = log_sum(x, classes);
    const double weight = t->auxiliary > 0.0 ? t->auxiliary : 1.0;
    for (int m = 0; m < classes; m++) {
        const double target = feed->label_smoothing / classes + (m == label ? 1.0 - feed->label_smoothing : 0.0);
        dx[m] += (snas_real)(weight * (exp((double)x[m] - total) - target) / feed->count);
    }
}

const snas_operation SNAS_BUILT(snas_op_loss) = {.name = "loss",
                                                 .brief = "softmax cross entropy",
                                                 .backward_reads_x = true,
                                                 .infer = kernel_infer_same,
                                                 .kernel = {.forward = forward, .backward = backward}};
