/* layers.c -- the plain program with its numbers: what the logits depend on, batch norms folded where that is wanted.
 */
#include "layers.h"

#include <math.h>
#include <string.h>

#include "snas/base/text.h"

int export_channels(const export_layers *net, const snas_op *op)
{
    return net->program->values[op->output].shape.c;
}

/* --- the numbers of a layer --------------------------------------------------------------------------------------- */

static const float *numbers(const export_layers *net, int parameter)
{
    return parameter == SNAS_NONE ? NULL : net->weights + net->program->parameters[parameter].first;
}

/* "a.b.weight" -> "a.b". */
static snas_status take_module(snas_arena *mem, const char *parameter, const char **out)
{
    *out = snas_format(mem, "%.*s", (int)(strrchr(parameter, '.') - parameter), parameter);
    return snas_taken(*out);
}

/* s and t of a norm. */
static snas_status take_norm(snas_arena *mem, const export_layers *net, export_layer *layer)
{
    const snas_program *p = net->program;
    const int channels = export_channels(net, layer->op);
    const float *gamma = numbers(net, layer->op->parameters[0]), *beta = numbers(net, layer->op->parameters[1]);
    const float *mean = net->buffers + p->buffers[layer->op->running_mean].first;
    const float *var = net->buffers + p->buffers[layer->op->running_var].first;
    float *scale, *shift;
    SNAS_NEW(mem, scale, channels);
    SNAS_NEW(mem, shift, channels);
    for (int c = 0; c < channels; c++) {
        const double s = (gamma == NULL ? 1.0 : (double)gamma[c]) / sqrt((double)var[c] + p->norm_eps);
        scale[c] = (float)s;
        shift[c] = (float)((beta == NULL ? 0.0 : (double)beta[c]) - s * (double)mean[c]);
        if (!isfinite(scale[c]) || !isfinite(shift[c])) {
            return snas_fail(SNAS_E_NUMERIC, "the batch norm '%s' is too large for single precision", layer->module);
        }
    }
    layer->weight = scale;
    layer->bias = shift;
    layer->weight_count = channels;
    return SNAS_OK;
}

static snas_status take_layer(snas_arena *mem, const export_layers *net, int i)
{
    const snas_program *p = net->program;
    export_layer *layer = &net->layers[i];
    const snas_op *op = &p->ops[i];
    layer->op = op;
    layer->live = net->outline.live[i];
    if (op->kind == SNAS_OP_NORM) {
        SNAS_TRY(take_module(mem, p->buffers[op->running_mean].name, &layer->module));
        return take_norm(mem, net, layer);
    }
    if (op->parameters[0] == SNAS_NONE) {
        return SNAS_OK;
    }
    layer->weight = numbers(net, op->parameters[0]);
    layer->bias = numbers(net, op->parameters[1]);
    layer->weight_count = p->parameters[op->parameters[0]].count;
    return take_module(mem, p->parameters[op->parameters[0]].name, &layer->module);
}

/* --- folding ------------------------------------------------------------------------------------------------------ */

/* Channels `first`... of the norm into operation i. */
static snas_status fold_into(snas_arena *mem, export_layers *net, const export_layer *norm, int i, int first)
{
    export_layer *layer = &net->layers[i];
    const int channels = export_channels(net, layer->op);
    const int64_t each = layer->weight_count / channels;
    float *weight, *bias;
    if (!snas_op_is_convolution(layer->op)) {
        layer->weight = norm->weight + first;
        layer->bias = norm->bias + first;
        layer->weight_count = channels;
        layer->module = norm->module;
        return SNAS_OK;
    }
    SNAS_NEW(mem, weight, layer->weight_count);
    SNAS_NEW(mem, bias, channels);
    for (int c = 0; c < channels; c++) {
        bias[c] = norm->bias[first + c];
        for (int64_t j = c * each; j < (c + 1) * each; j++) {
            weight[j] = norm->weight[first + c] * layer->weight[j];
            if (!isfinite(weight[j])) {
                return snas_fail(SNAS_E_NUMERIC, "the weights '%s.weight' with their batch norm are not finite",
                                 layer->module);
            }
        }
    }
    layer->weight = weight;
    layer->bias = bias;
    return SNAS_OK;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

snas_status export_layers_make(snas_arena *mem, const export_subject *subject, snas_norms norms, export_layers *out)
{
    const snas_program *p = snas_network_program(subject->network);
    *out = (export_layers){.program = p,
                           .weights = snas_network_weights(subject->network),
                           .buffers = snas_network_buffers(subject->network)};
    SNAS_NEW(mem, out->layers, p->op_count);
    SNAS_TRY(snas_outline_make(mem, p, norms, false, &out->outline));
    for (int i = 0; i < p->op_count; i++) {
        SNAS_TRY(take_layer(mem, out, i));
    }
    for (int i = 0; i < p->op_count; i++) {
        if (out->outline.norm[i] != SNAS_NONE) {
            SNAS_TRY(fold_into(mem, out, &out->layers[out->outline.norm[i]], i, out->outline.first[i]));
        }
    }
    return SNAS_OK;
}
