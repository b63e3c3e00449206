/* layers.c -- the plain program with its numbers: what the logits depend on, batch norms folded where that is wanted.
 */
#include "layers.h"

#include <math.h>
#include <string.h>

#include "snas/base/text.h"

bool export_is_convolution(const snas_op *op)
{
    return op->kind == SNAS_OP_CONV || op->kind == SNAS_OP_DEPTHWISE;
}

int export_channels(const export_layers *net, const snas_op *op)
{
    return net->program->values[op->output].shape.c;
}

static const snas_op *producer(const export_layers *net, int value)
{
    return &net->program->ops[net->program->values[value].producer];
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

/* --- what is left out --------------------------------------------------------------------------------------------- */

/* Backwards from the logits. */
static snas_status find_live(snas_arena *mem, export_layers *net)
{
    const snas_program *p = net->program;
    bool *wanted;
    SNAS_NEW(mem, wanted, p->value_count);
    wanted[net->logits] = true;
    for (int i = p->op_count - 1; i >= 0; i--) {
        const snas_op *op = &p->ops[i];
        net->layers[i].live = op->kind != SNAS_OP_LOSS && wanted[op->output];
        for (int k = 0; k < op->input_count; k++) {
            wanted[op->inputs[k]] |= net->layers[i].live;
        }
    }
    return SNAS_OK;
}

/* --- folding ------------------------------------------------------------------------------------------------------ */

static int times_read(const export_layers *net, int value)
{
    int times = 0;
    for (int i = 0; i < net->program->op_count; i++) {
        const snas_op *op = &net->program->ops[i];
        for (int k = 0; net->layers[i].live && k < op->input_count; k++) {
            times += op->inputs[k] == value;
        }
    }
    return times;
}

/* What can hold a norm, and whose numbers nobody else reads. */
static bool can_carry(const export_layers *net, int value, export_norms norms)
{
    const snas_op *op = producer(net, value);
    const bool pool = op->kind == SNAS_OP_MAX_POOL || op->kind == SNAS_OP_AVG_POOL;
    return (export_is_convolution(op) || (pool && norms == EXPORT_NORMS_INTO_POOLS_TOO)) && times_read(net, value) == 1;
}

/* Channels `first`... of the norm into what writes `value`. */
static snas_status fold_into(snas_arena *mem, export_layers *net, const export_layer *norm, int value, int first)
{
    export_layer *layer = &net->layers[net->program->values[value].producer];
    const int channels = export_channels(net, layer->op);
    const int64_t each = layer->weight_count / channels;
    float *weight, *bias;
    if (!export_is_convolution(layer->op)) {
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

/* The norm, operation i, into what writes its input, if that can carry it. */
static snas_status fold_norm(snas_arena *mem, export_layers *net, int i, export_norms norms)
{
    export_layer *norm = &net->layers[i];
    const int input = norm->op->inputs[0];
    const snas_op *before = producer(net, input);
    const bool several = before->kind == SNAS_OP_CONCAT;
    const int *parts = several ? before->inputs : &input;
    const int count = several ? before->input_count : 1;
    if (times_read(net, input) != 1) {
        return SNAS_OK;
    }
    for (int k = 0; k < count; k++) {
        if (!can_carry(net, parts[k], norms)) {
            return SNAS_OK;
        }
    }
    int first = 0;
    for (int k = 0; k < count; k++) {
        SNAS_TRY(fold_into(mem, net, norm, parts[k], first));
        first += net->program->values[parts[k]].shape.c;
    }
    norm->live = false;
    net->value[norm->op->output] = input;
    return SNAS_OK;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static snas_status start(snas_arena *mem, const export_subject *subject, export_layers *net)
{
    const snas_program *p = snas_network_program(subject->network);
    *net = (export_layers){.program = p,
                           .weights = snas_network_weights(subject->network),
                           .buffers = snas_network_buffers(subject->network)};
    SNAS_NEW(mem, net->layers, p->op_count);
    SNAS_NEW(mem, net->value, p->value_count);
    for (int v = 0; v < p->value_count; v++) {
        net->value[v] = v;
    }
    for (int i = 0; i < p->op_count; i++) {
        SNAS_TRY(take_layer(mem, net, i));
        net->logits = p->ops[i].kind == SNAS_OP_LOSS ? p->ops[i].inputs[0] : net->logits;
    }
    return SNAS_OK;
}

snas_status export_layers_make(snas_arena *mem, const export_subject *subject, export_norms norms, export_layers *out)
{
    SNAS_TRY(start(mem, subject, out));
    SNAS_TRY(find_live(mem, out));
    for (int i = 0; norms != EXPORT_NORMS_STAY && i < out->program->op_count; i++) {
        if (out->layers[i].live && out->layers[i].op->kind == SNAS_OP_NORM) {
            SNAS_TRY(fold_norm(mem, out, i, norms));
        }
    }
    return SNAS_OK;
}
