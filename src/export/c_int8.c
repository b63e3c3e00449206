/* c_int8.c -- a plan in whole numbers: scales of its values, weights, biases and multipliers of its steps.
 *
 *     step            weights multiply                     in units of
 *     convolution     x                                    scale_x
 *     linear          x: a convolution of one pixel        scale_x
 *     batch norm      x: a depthwise one of one pixel      scale_x
 *     rectifier       the same, of weights that are 1      scale_x
 *     largest pool    the largest number                   scale_x
 *     average pool    L times the mean                     scale_x / L,  L = lcm(1, ..., kernel)^2
 */
#include "c_int8.h"

#include <string.h>

#include "c_source.h"

enum { SUM_BITS = 20 };

export_scale c_int8_scale(const c_int8 *net, int value)
{
    return net->scales[snas_c_plan_root(net->plan, value)];
}

snas_window c_int8_window(const snas_c_plan *plan, const snas_c_step *step)
{
    const bool windows = step->kind == SNAS_C_CONVOLVE || step->kind == SNAS_C_DEPTHWISE || step->kind == SNAS_C_POOL;
    return windows ? snas_c_step_op(plan, step)->window : (snas_window){.kernel = 1, .stride = 1, .dilation = 1};
}

/* --- scales ------------------------------------------------------------------------------------------------------- */

/* How often a step reads what lies there. */
static int times_read(const snas_c_plan *plan, const snas_c_step *step, int root)
{
    int times = 0;
    for (int k = 0; step->kind != SNAS_C_CLEAR && k < snas_c_step_reads(plan, step); k++) {
        times += snas_c_plan_root(plan, snas_c_step_input(plan, step, k)) == root;
    }
    return times;
}

/* Do all that read what lies there rectify it? Then numbers below 0 are not wanted. */
static bool is_rectified(const snas_c_plan *plan, int root)
{
    int times = 0, rectified = 0;
    for (int i = 0; i < plan->step_count; i++) {
        const int reads = times_read(plan, &plan->steps[i], root);
        times += reads;
        rectified += plan->steps[i].rectify ? reads : 0;
    }
    return times > 0 && rectified == times;
}

static float normalised(const snas_child *child, int byte, int colour)
{
    return ((float)byte / 255.0f - child->mean[colour]) / child->deviation[colour];
}

/* The input's scale covers all bytes of all colours. */
static export_scale scale_bytes(const snas_child *child, int8_t (*bytes)[C_BYTES])
{
    c_range range = {0};
    for (int c = 0; c < C_COLOURS; c++) {
        c_range_join(&range, &(c_range){normalised(child, 0, c), normalised(child, C_BYTES - 1, c), false});
    }
    const export_scale scale = export_scale_make(range.least, range.most);
    for (int i = 0; i < C_COLOURS * C_BYTES; i++) {
        bytes[i / C_BYTES][i % C_BYTES] = (int8_t)export_quantised(scale, normalised(child, i % C_BYTES, i / C_BYTES));
    }
    return scale;
}

static void scale_values(const snas_child *child, const c_range *ranges, c_int8 *net)
{
    const snas_program *p = net->plan->program;
    for (int v = 0; v < p->value_count; v++) {
        const bool input = p->ops[p->values[v].producer].kind == SNAS_OP_INPUT;
        net->scales[v] = input ? scale_bytes(child, net->bytes)
                               : export_scale_make(is_rectified(net->plan, v) ? 0.0f : ranges[v].least, ranges[v].most);
    }
}

/* --- the numbers of a step ---------------------------------------------------------------------------------------- */

/* lcm(1, ..., kernel)^2: what every count of pixels inside a window divides. */
static int whole_mean(int kernel)
{
    int all = 1;
    for (int i = 2; i <= kernel; i++) {
        int rest = all, by = i;
        while (by != 0) {
            const int next = rest % by;
            rest = by;
            by = next;
        }
        all *= i / rest;
    }
    return all * all;
}

static snas_status check_products(const export_layer *layer, int64_t products)
{
    return products <= EXPORT_PRODUCTS_MOST
               ? SNAS_OK
               : snas_fail(SNAS_E_USAGE, "an output of '%s' sums %lld products; sums of 32 bits allow at most %d",
                           layer->module == NULL ? "a pool" : layer->module, (long long)products, EXPORT_PRODUCTS_MOST);
}

/* Weights a channel: those of the layer, or 1 where it has none. */
static snas_status quantise_weights(snas_arena *mem, const c_int8 *net, const snas_c_step *step, c_int8_step *to)
{
    static const float ONE = 1.0f;
    const export_layer *layer = &net->layers->layers[step->op];
    const int channels = net->plan->program->values[step->y].shape.c;
    const int64_t each = layer->weight == NULL ? 1 : layer->weight_count / channels;
    int8_t *plain;
    SNAS_TRY(check_products(layer, each * (to->average > 0 ? to->average : 1)));
    *to = (c_int8_step){.weight_count = each * channels, .output_count = channels, .average = to->average};
    SNAS_NEW(mem, plain, to->weight_count);
    SNAS_NEW(mem, to->weight, to->weight_count);
    SNAS_NEW(mem, to->outputs, channels);
    for (int c = 0; c < channels; c++) {
        const export_channel channel = {.weight = layer->weight == NULL ? &ONE : layer->weight + c * each,
                                        .count = each,
                                        .bias = layer->bias == NULL ? 0.0f : layer->bias[c],
                                        .x_scale = (double)c_int8_scale(net, step->x).scale /
                                                   (to->average > 0 ? to->average : 1),
                                        .y_scale = (double)c_int8_scale(net, step->y).scale};
        to->outputs[c] = export_channel_quantise(&channel, plain + c * each);
    }
    for (int64_t i = 0; i < to->weight_count; i++) {
        to->weight[i] = plain[c_turned(layer, i)];
    }
    return SNAS_OK;
}

static snas_status quantise_pool(snas_arena *mem, const c_int8 *net, const snas_c_step *step, c_int8_step *to)
{
    const snas_op *op = snas_c_step_op(net->plan, step);
    to->average = op->kind == SNAS_OP_AVG_POOL ? whole_mean(op->window.kernel) : 0;
    return quantise_weights(mem, net, step, to);
}

static snas_status quantise_mean(snas_arena *mem, const c_int8 *net, const snas_c_step *step, c_int8_step *to)
{
    const snas_shape *x = &net->plan->program->values[step->x].shape;
    const double pixels = (double)x->h * x->w, x_scale = (double)c_int8_scale(net, step->x).scale;
    to->output_count = x->c;
    SNAS_NEW(mem, to->outputs, x->c);
    for (int c = 0; c < x->c; c++) {
        export_output *output = &to->outputs[c];
        output->bias = 0;
        export_multiplier_make(x_scale / (pixels * (double)c_int8_scale(net, step->y).scale), &output->multiplier,
                               &output->shift);
    }
    return SNAS_OK;
}

/* Each input in units of twice the largest scale, with SUM_BITS bits behind the point. */
static snas_status quantise_sum(snas_arena *mem, const c_int8 *net, const snas_c_step *step, c_int8_step *to)
{
    const int count = snas_c_step_reads(net->plan, step);
    double largest = 0.0;
    if (count > C_TERMS_MOST) {
        return snas_fail(SNAS_E_USAGE, "a node has %d inputs; sums of 32 bits allow at most %d", count, C_TERMS_MOST);
    }
    SNAS_NEW(mem, to->terms, count);
    SNAS_NEW(mem, to->outputs, 1);
    to->output_count = 1;
    for (int k = 0; k < count; k++) {
        const double scale = (double)c_int8_scale(net, snas_c_step_input(net->plan, step, k)).scale;
        largest = scale > largest ? scale : largest;
    }
    for (int k = 0; k < count; k++) {
        const int value = snas_c_step_input(net->plan, step, k);
        const export_scale scale = c_int8_scale(net, value);
        to->terms[k] = (c_int8_term){.view = snas_c_plan_view(net->plan, value), .zero = scale.zero};
        export_multiplier_make((double)scale.scale / (2 * largest), &to->terms[k].multiplier, &to->terms[k].shift);
    }
    to->outputs[0].bias = 0;
    export_multiplier_make(2 * largest / ((double)(1 << SUM_BITS) * (double)c_int8_scale(net, step->y).scale),
                           &to->outputs[0].multiplier, &to->outputs[0].shift);
    return SNAS_OK;
}

static snas_status quantise_nothing(snas_arena *mem, const c_int8 *net, const snas_c_step *step, c_int8_step *to)
{
    (void)mem, (void)net, (void)step, (void)to;
    return SNAS_OK;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

snas_status c_int8_make(snas_arena *mem, const export_subject *subject, const export_layers *layers,
                        const snas_c_plan *plan, const c_range *ranges, c_int8 *out)
{
    static snas_status (*const QUANTISE[SNAS_C_STEP_KINDS])(snas_arena *, const c_int8 *, const snas_c_step *,
                                                            c_int8_step *) = {
        [SNAS_C_CONVOLVE] = quantise_weights, [SNAS_C_DEPTHWISE] = quantise_weights, [SNAS_C_POOL] = quantise_pool,
        [SNAS_C_AFFINE] = quantise_weights,   [SNAS_C_COPY] = quantise_weights,      [SNAS_C_CLEAR] = quantise_nothing,
        [SNAS_C_SUM] = quantise_sum,          [SNAS_C_MEAN] = quantise_mean,         [SNAS_C_LINEAR] = quantise_weights,
    };
    *out = (c_int8){.plan = plan, .layers = layers};
    SNAS_NEW(mem, out->scales, plan->program->value_count);
    SNAS_NEW(mem, out->steps, plan->step_count);
    scale_values(&subject->child, ranges, out);
    for (int i = 0; i < plan->step_count; i++) {
        out->steps[i] = (c_int8_step){0};
        SNAS_TRY(QUANTISE[plan->steps[i].kind](mem, out, &plan->steps[i], &out->steps[i]));
    }
    return SNAS_OK;
}
