/* smaller.c -- the first epochs of a training on smaller pictures: less arithmetic a step, the same weights.
 *
 *      epochs         round(train.small_share * train.epochs), of side s = train.small_side, the others of side S
 *      y[i, j, c]     sum over a, b of w[i, a] w[j, b] x[a, b, c]
 *      w[i, a]        s / S * | [i S / s, (i + 1) S / s]  and  [a, a + 1] |      sums to 1 over a
 *
 * The network for them is planned beside the usual one and uses its weights, gradients and running statistics, so
 * optimiser, average, checkpoint and tests see one network. Tests are on whole pictures always.
 */
#include "smaller.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { COLOURS = 3 };

typedef struct {
    const train_resizing *how;
    const float *from;
    float *to;
} shrinking;

/* The pixels of a line of `side` that pixel i of a line of `small` covers: from *first to before the result. */
static int covered(int side, int small, int i, int *first)
{
    *first = (int)((int64_t)i * side / small);
    return (int)(((int64_t)(i + 1) * side + small - 1) / small);
}

void train_shares(int side, int small, float *shares)
{
    const double width = (double)side / small;
    assert(small >= 1 && small < side);
    memset(shares, 0, (size_t)small * (size_t)side * sizeof *shares);
    for (int i = 0; i < small; i++) {
        int first;
        const int end = covered(side, small, i, &first);
        for (int a = first; a < end; a++) {
            shares[i * side + a] = (float)((fmin((i + 1) * width, a + 1) - fmax(i * width, a)) / width);
        }
    }
}

static void shrink_pixel(const train_resizing *s, const float *x, int i, int j, float *y)
{
    int top, left;
    const int bottom = covered(s->side, s->small, i, &top), right = covered(s->side, s->small, j, &left);
    memset(y, 0, COLOURS * sizeof *y);
    for (int a = top; a < bottom; a++) {
        for (int b = left; b < right; b++) {
            const float w = s->shares[i * s->side + a] * s->shares[j * s->side + b];
            for (int c = 0; c < COLOURS; c++) {
                y[c] += w * x[(a * s->side + b) * COLOURS + c];
            }
        }
    }
}

static void shrink_picture(void *context, int unit, int thread)
{
    const shrinking *all = context;
    const train_resizing *s = all->how;
    const float *x = all->from + (int64_t)unit * s->side * s->side * COLOURS;
    float *y = all->to + (int64_t)unit * s->small * s->small * COLOURS;
    (void)thread;
    for (int i = 0; i < s->small; i++) {
        for (int j = 0; j < s->small; j++) {
            shrink_pixel(s, x, i, j, y + (i * s->small + j) * COLOURS);
        }
    }
}

void train_shrink(const snas_team *team, const train_resizing *how, int count, const float *from, float *to)
{
    shrinking all = {.how = how, .from = from, .to = to};
    snas_team_run(team, count, shrink_picture, &all);
}

bool train_is_small(const snas_trainer *trainer, int64_t epoch)
{
    const snas_train_config *settings = trainer->settings;
    return trainer->small != NULL && epoch < snas_train_small_epochs(settings);
}

int snas_train_small_epochs(const snas_train_config *settings)
{
    return settings->small_side == 0 ? 0 : (int)lround(settings->small_share * settings->epochs);
}

snas_status snas_trainer_add_small(snas_arena *mem, const snas_network_spec *spec, const snas_network_options *options,
                                   snas_trainer *trainer)
{
    const int small = trainer->settings->small_side;
    snas_network_spec of_small = *spec;
    snas_network_options how = *options;
    if (snas_train_small_epochs(trainer->settings) == 0) {
        return SNAS_OK;
    }
    if (small >= spec->side) {
        return snas_fail(SNAS_E_USAGE, "train.small_side is %d, allowed is 0 or less than the pictures' side, %d",
                         small, spec->side);
    }
    of_small.side = small;
    how.shared = trainer->network;
    trainer->side = spec->side;
    SNAS_NEW(mem, trainer->small_shares, (size_t)small * (size_t)spec->side);
    train_shares(spec->side, small, trainer->small_shares);
    SNAS_NEW(mem, trainer->small_images, (size_t)options->batch * (size_t)small * (size_t)small * COLOURS);
    return snas_network_create(mem, trainer->team, &of_small, &how, &trainer->small);
}
