/* ends.c -- the two ends of a network: the stem before its cells, the classifiers after them.
 *
 *     CIFAR stem      conv 3x3, 3 -> m C, batch norm
 *     ImageNet stem   stem0: conv 3x3 / 2, 3 -> C/2, batch norm, relu, conv 3x3 / 2, C/2 -> C, batch norm
 *                     stem1: relu, conv 3x3 / 2, C -> C, batch norm;   the cells' inputs are stem0 and stem1
 *     classifier      [batch norm, relu (NAS-Bench-201)], mean over the picture, linear, loss
 *     auxiliary       relu, mean 5x5 / 3 (ImageNet / 2), conv 1x1 -> 128, batch norm, relu, conv 2x2 -> 768,
 *                     batch norm (not ImageNet's), relu, linear, loss of its own weight
 *
 * A row of pieces is PyTorch's nn.Sequential: a piece's place is part of its parameters' names.
 * Source: the published code of DARTS and SNAS (whose inplace relus change nothing: all who read there begin with one).
 */
#include <assert.h>

#include "model.h"
#include "snas/base/text.h"

/** What a stem asks of pictures, and the auxiliary classifier that goes with it. */
typedef struct {
    const char *times;         /* how often the network halves a picture, in words */
    int divisor;               /* of the side, before the first cell */
    int multiple, least;       /* sides that it can halve so often */
    int features, pool_stride; /* auxiliary: side of the features that it wants */
    bool second_norm;
} stem_row;

static const stem_row STEMS[SNAS_STEM_COUNT] = {
    [SNAS_STEM_CIFAR] = {.times = "twice",
                         .divisor = 1,
                         .multiple = 4,
                         .least = 8,
                         .features = 8,
                         .pool_stride = 3,
                         .second_norm = true},
    [SNAS_STEM_IMAGENET] =
        {.times = "five times", .divisor = 8, .multiple = 32, .least = 32, .features = 7, .pool_stride = 2},
};

const char *const snas_stem_names[SNAS_STEM_COUNT] = {
    [SNAS_STEM_CIFAR] = "cifar",
    [SNAS_STEM_IMAGENET] = "imagenet",
};

int snas_network_cell_side(const snas_network_spec *spec)
{
    return spec->side / STEMS[spec->stem].divisor;
}

/** The auxiliary classifier reads after the second cell that reduces. */
static snas_status check_features(const snas_network_spec *s)
{
    const stem_row *stem = &STEMS[s->stem];
    const int side = snas_network_cell_side(s) / 4;
    return side == stem->features
               ? SNAS_OK
               : snas_fail(SNAS_E_USAGE,
                           "the auxiliary classifier of a network with the stem '%s' needs features of %d x %d, "
                           "those of pictures of %d x %d are %d x %d",
                           snas_stem_names[s->stem], stem->features, stem->features, s->side, s->side, side, side);
}

snas_status model_check_ends(const snas_network_spec *s)
{
    const stem_row *stem = &STEMS[s->stem];
    if (s->side < stem->least || s->side % stem->multiple != 0) {
        return snas_fail(SNAS_E_USAGE,
                         "pictures of %d x %d cannot be halved %s: the side must be a multiple of "
                         "%d and at least %d",
                         s->side, s->side, stem->times, stem->multiple, stem->least);
    }
    if (s->classes < 2) {
        return snas_fail(SNAS_E_USAGE, "a classifier needs at least 2 classes, not %d", s->classes);
    }
    if (s->auxiliary != 0.0 && s->space->reduction != SNAS_REDUCE_CELL) {
        return snas_fail(SNAS_E_USAGE,
                         "networks of the space '%s' have no auxiliary classifier: its weight has "
                         "to be 0, not %g",
                         s->space->name, s->auxiliary);
    }
    if (!(s->auxiliary >= 0.0 && s->auxiliary <= 1e6)) {
        return snas_fail(SNAS_E_USAGE, "the weight of the auxiliary classifier is from 0 to 1e6, not %g", s->auxiliary);
    }
    return s->auxiliary > 0.0 ? check_features(s) : SNAS_OK;
}

/** One module of an nn.Sequential; SNAS_OP_INPUT ends the row. */
typedef struct {
    snas_op_kind kind;
    snas_window window;
} piece;

static int one_piece(snas_program *p, const char *prefix, const piece *one, int place, int x)
{
    const char *name = snas_program_name(p, "%s.%d", prefix, place);
    return one->kind == SNAS_OP_NORM ? snas_program_norm(p, name, x, true)
                                     : snas_program_layer(p, one->kind, name, x, one->window);
}

static int sequential(snas_program *p, const char *prefix, const piece *pieces, int x)
{
    for (int place = 0; pieces[place].kind != SNAS_OP_INPUT; place++) {
        x = one_piece(p, prefix, &pieces[place], place, x);
    }
    return x;
}

static snas_window window(int kernel, int stride, int pad, int channels)
{
    return (snas_window){.kernel = kernel, .stride = stride, .pad = pad, .dilation = 1, .channels = channels};
}

void model_stem(snas_program *p, const snas_network_spec *spec, int *inputs)
{
    const int c = spec->channels, x = snas_program_input(p, (snas_shape){spec->side, spec->side, 3});
    if (spec->stem == SNAS_STEM_IMAGENET) {
        const piece first[] = {{SNAS_OP_CONV, window(3, 2, 1, c / 2)}, {SNAS_OP_NORM, {0}}, {SNAS_OP_RELU, {0}},
                               {SNAS_OP_CONV, window(3, 2, 1, c)},     {SNAS_OP_NORM, {0}}, {SNAS_OP_INPUT, {0}}};
        const piece second[] = {
            {SNAS_OP_RELU, {0}}, {SNAS_OP_CONV, window(3, 2, 1, c)}, {SNAS_OP_NORM, {0}}, {SNAS_OP_INPUT, {0}}};
        inputs[0] = sequential(p, "stem0", first, x);
        inputs[1] = sequential(p, "stem1", second, inputs[0]);
        return;
    }
    const piece only[] = {
        {SNAS_OP_CONV, window(3, 1, 1, spec->space->stem_multiplier * c)}, {SNAS_OP_NORM, {0}}, {SNAS_OP_INPUT, {0}}};
    inputs[0] = inputs[1] = sequential(p, "stem", only, x);
}

void model_classifier(snas_program *p, const snas_network_spec *spec, int x)
{
    if (spec->space->last_norm) {
        x = snas_program_norm(p, "lastact.0", x, true);
        x = snas_program_op(p, SNAS_OP_RELU, x, (snas_window){0});
    }
    x = snas_program_op(p, SNAS_OP_GLOBAL_POOL, x, (snas_window){0});
    x = snas_program_linear(p, "classifier", x, spec->classes);
    snas_program_op(p, SNAS_OP_LOSS, x, (snas_window){0});
}

void model_auxiliary(snas_program *p, const snas_network_spec *spec, int x)
{
    const stem_row *stem = &STEMS[spec->stem];
    if (p->failed != SNAS_OK) {
        return;
    }
    assert(p->values[x].shape.h == stem->features);
    /* without the second norm the relu moves up, and the row ends after it */
    const snas_op_kind sixth = stem->second_norm ? SNAS_OP_NORM : SNAS_OP_RELU;
    const snas_op_kind seventh = stem->second_norm ? SNAS_OP_RELU : SNAS_OP_INPUT;
    const piece features[] = {{SNAS_OP_RELU, {0}},
                              {SNAS_OP_AVG_POOL, window(5, stem->pool_stride, 0, 0)},
                              {SNAS_OP_CONV, window(1, 1, 0, 128)},
                              {SNAS_OP_NORM, {0}},
                              {SNAS_OP_RELU, {0}},
                              {SNAS_OP_CONV, window(2, 1, 0, 768)},
                              {sixth, {0}},
                              {seventh, {0}},
                              {SNAS_OP_INPUT, {0}}};
    p->auxiliary = spec->auxiliary;
    x = sequential(p, "auxiliary_head.features", features, x);
    x = snas_program_linear(p, "auxiliary_head.classifier", x, spec->classes);
    snas_program_op(p, SNAS_OP_LOSS, x, (snas_window){0});
    p->auxiliary = 0.0;
}
