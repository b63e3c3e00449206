/* onnx.c -- ONNX, IR version 8 and opset 17: the plain program as a graph of any batch.
 *
 *     convolution, depthwise   Conv, of one group and of a group a channel; at an offset behind a Slice
 *     node                     Sum; with one input that input itself, with none zeros of the batch's size
 *     classifier               GlobalAveragePool, Flatten, Gemm [, Softmax]
 *
 * Tensors have PyTorch's names, and so have the nodes with parameters; the others are called after their operator and
 * their place in the program. A norm that is folded leaves its bias with the convolution.
 */
#include <assert.h>
#include <limits.h>
#include <string.h>

#include "formats.h"
#include "layers.h"
#include "onnx_graph.h"
#include "snas/base/text.h"
#include "snas/base/version.h"
#include "snas/learn/class_names.h"

enum { IR_VERSION = 8, OPSET = 17 };
enum { MODEL_IR = 1, MODEL_PRODUCER = 2, MODEL_VERSION = 3, MODEL_GRAPH = 7, MODEL_OPSET = 8, MODEL_METADATA = 14 };
enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2, METADATA_KEY = 1, METADATA_VALUE = 2 };

typedef struct {
    snas_arena *mem;
    snas_protobuf *message; /* GraphProto is open */
    const export_layers *net;
    const char **names; /* [value_count]: of the tensor that has a value's numbers */
    bool slices, zeros; /* what they share is there */
} writer;

/* --- names -------------------------------------------------------------------------------------------------------- */

static const char *name_of(const writer *w, int value)
{
    return w->names[w->net->outline.value[value]];
}

/* The output of a layer: its module's name, or that of its operator and its place. */
static snas_status name_output(const writer *w, const export_layer *layer, const char *what)
{
    const int i = (int)(layer - w->net->layers);
    const char *name = layer->module != NULL ? layer->module : snas_format(w->mem, "%s.%d", what, i);
    w->names[layer->op->output] = name;
    return snas_taken(name);
}

static snas_status add_parameter(const writer *w, const export_layer *layer, const char *ending, const float *values,
                                 const snas_program_parameter *shape, const char **name)
{
    *name = snas_format(w->mem, "%s.%s", layer->module, ending);
    SNAS_TRY(snas_taken(*name));
    onnx_add_floats(w->message, *name, shape->shape, shape->dims, values);
    return SNAS_OK;
}

/* --- operations --------------------------------------------------------------------------------------------------- */

/* A node whose one output has the name of the layer's. */
static void add_node(const writer *w, const export_layer *layer, onnx_node node)
{
    node.name = node.output = w->names[layer->op->output];
    onnx_add_node(w->message, &node);
}

/* kernel_shape, strides, pads and dilations of a window. */
enum { WINDOW_ATTRIBUTES = 3 };
static void window_attributes(const snas_window *w, onnx_attribute *to)
{
    to[0] = (onnx_attribute){.name = "kernel_shape", .kind = ONNX_INTS, .ints = {w->kernel, w->kernel}, .count = 2};
    to[1] = (onnx_attribute){.name = "strides", .kind = ONNX_INTS, .ints = {w->stride, w->stride}, .count = 2};
    to[2] = (onnx_attribute){.name = "pads", .kind = ONNX_INTS, .ints = {w->pad, w->pad, w->pad, w->pad}, .count = 4};
}

/* x[:, :, offset:, offset:] */
static snas_status add_slice(writer *w, const export_layer *layer, const char **input)
{
    const int64_t offset = layer->op->window.offset;
    const int64_t starts[] = {offset, offset}, ends[] = {INT64_MAX, INT64_MAX}, axes[] = {2, 3};
    if (!w->slices) {
        onnx_add_ints(w->message, "slice.starts", starts, 2);
        onnx_add_ints(w->message, "slice.ends", ends, 2);
        onnx_add_ints(w->message, "slice.axes", axes, 2);
    }
    w->slices = true;
    assert(offset == 1); /* the starts are shared */
    const char *inputs[] = {*input, "slice.starts", "slice.ends", "slice.axes"};
    const char *name = snas_format(w->mem, "%s.slice", layer->module);
    SNAS_TRY(snas_taken(name));
    onnx_add_node(w->message,
                  &(onnx_node){.type = "Slice", .name = name, .inputs = inputs, .input_count = 4, .output = name});
    *input = name;
    return SNAS_OK;
}

static snas_status add_conv(writer *w, const export_layer *layer)
{
    const snas_op *op = layer->op;
    const snas_window *window = &op->window;
    const snas_program_parameter *weight = &w->net->program->parameters[op->parameters[0]];
    const int channels = export_channels(w->net, op);
    const snas_program_parameter bias = {.dims = 1, .shape = {channels}};
    const char *inputs[3] = {name_of(w, op->inputs[0])};
    onnx_attribute attributes[WINDOW_ATTRIBUTES + 2];
    window_attributes(window, attributes);
    attributes[WINDOW_ATTRIBUTES] = (onnx_attribute){
        .name = "dilations", .kind = ONNX_INTS, .ints = {window->dilation, window->dilation}, .count = 2};
    attributes[WINDOW_ATTRIBUTES + 1] = (onnx_attribute){
        .name = "group", .kind = ONNX_INT, .ints = {op->kind == SNAS_OP_DEPTHWISE ? channels : 1}, .count = 1};
    if (window->offset > 0) {
        SNAS_TRY(add_slice(w, layer, &inputs[0]));
    }
    SNAS_TRY(add_parameter(w, layer, "weight", layer->weight, weight, &inputs[1]));
    if (layer->bias != NULL) {
        SNAS_TRY(add_parameter(w, layer, "bias", layer->bias, &bias, &inputs[2]));
    }
    SNAS_TRY(name_output(w, layer, "conv"));
    add_node(w, layer,
             (onnx_node){.type = "Conv",
                         .inputs = inputs,
                         .input_count = layer->bias == NULL ? 2 : 3,
                         .attributes = attributes,
                         .attribute_count = WINDOW_ATTRIBUTES + 2});
    return SNAS_OK;
}

/* As it stands in the state dict; without gamma and beta with ones and zeros. */
static snas_status add_norm(writer *w, const export_layer *layer)
{
    static const char *const ENDINGS[] = {"weight", "bias", "running_mean", "running_var"};
    const snas_program *p = w->net->program;
    const snas_op *op = layer->op;
    const snas_program_parameter shape = {.dims = 1, .shape = {export_channels(w->net, op)}};
    const float *values[] = {w->net->weights + p->parameters[op->parameters[0]].first,
                             w->net->weights + p->parameters[op->parameters[1]].first,
                             w->net->buffers + p->buffers[op->running_mean].first,
                             w->net->buffers + p->buffers[op->running_var].first};
    const onnx_attribute epsilon = {.name = "epsilon", .kind = ONNX_FLOAT, .real = (float)p->norm_eps};
    const char *inputs[5] = {name_of(w, op->inputs[0])};
    for (int i = 0; i < 4; i++) {
        SNAS_TRY(add_parameter(w, layer, ENDINGS[i], values[i], &shape, &inputs[i + 1]));
    }
    SNAS_TRY(name_output(w, layer, "norm"));
    add_node(w, layer,
             (onnx_node){.type = "BatchNormalization",
                         .inputs = inputs,
                         .input_count = 5,
                         .attributes = &epsilon,
                         .attribute_count = 1});
    return SNAS_OK;
}

static snas_status add_relu(writer *w, const export_layer *layer)
{
    const char *input = name_of(w, layer->op->inputs[0]);
    SNAS_TRY(name_output(w, layer, "relu"));
    add_node(w, layer, (onnx_node){.type = "Relu", .inputs = &input, .input_count = 1});
    return SNAS_OK;
}

static snas_status add_pool(writer *w, const export_layer *layer)
{
    const bool mean = layer->op->kind == SNAS_OP_AVG_POOL;
    const char *input = name_of(w, layer->op->inputs[0]);
    onnx_attribute attributes[WINDOW_ATTRIBUTES + 1];
    window_attributes(&layer->op->window, attributes);
    attributes[WINDOW_ATTRIBUTES] =
        (onnx_attribute){.name = "count_include_pad", .kind = ONNX_INT, .ints = {0}, .count = 1};
    SNAS_TRY(name_output(w, layer, mean ? "avg_pool" : "max_pool"));
    add_node(w, layer,
             (onnx_node){.type = mean ? "AveragePool" : "MaxPool",
                         .inputs = &input,
                         .input_count = 1,
                         .attributes = attributes,
                         .attribute_count = WINDOW_ATTRIBUTES + (mean ? 1 : 0)});
    return SNAS_OK;
}

/* The names of an operation's inputs. */
static snas_status take_inputs(const writer *w, const snas_op *op, const char ***out)
{
    SNAS_NEW(w->mem, *out, op->input_count);
    for (int k = 0; k < op->input_count; k++) {
        (*out)[k] = name_of(w, op->inputs[k]);
    }
    return SNAS_OK;
}

/* A node without inputs: zeros, as many as the batch has pictures. */
static snas_status add_zeros(writer *w, const export_layer *layer)
{
    const snas_shape *y = &w->net->program->values[layer->op->output].shape;
    const int64_t sides[] = {y->c, y->h, y->w};
    const onnx_attribute first[] = {{.name = "start", .kind = ONNX_INT, .ints = {0}, .count = 1},
                                    {.name = "end", .kind = ONNX_INT, .ints = {1}, .count = 1}};
    const onnx_attribute axis = {.name = "axis", .kind = ONNX_INT, .ints = {0}, .count = 1};
    const char *input = "input";
    if (!w->zeros) {
        onnx_add_node(w->message, &(onnx_node){.type = "Shape",
                                               .name = "batch",
                                               .inputs = &input,
                                               .input_count = 1,
                                               .output = "batch",
                                               .attributes = first,
                                               .attribute_count = 2});
    }
    w->zeros = true;
    SNAS_TRY(name_output(w, layer, "zeros"));
    const char *name = w->names[layer->op->output];
    const char *parts[] = {"batch", snas_format(w->mem, "%s.sides", name)};
    const char *shape = snas_format(w->mem, "%s.shape", name);
    SNAS_TRY(parts[1] == NULL ? SNAS_E_MEMORY : snas_taken(shape));
    onnx_add_ints(w->message, parts[1], sides, 3);
    onnx_add_node(w->message, &(onnx_node){.type = "Concat",
                                           .name = shape,
                                           .inputs = parts,
                                           .input_count = 2,
                                           .output = shape,
                                           .attributes = &axis,
                                           .attribute_count = 1});
    add_node(w, layer, (onnx_node){.type = "ConstantOfShape", .inputs = &shape, .input_count = 1});
    return SNAS_OK;
}

static snas_status add_mix(writer *w, const export_layer *layer)
{
    const snas_op *op = layer->op;
    const char **inputs;
    if (op->input_count == 0) {
        return add_zeros(w, layer);
    }
    if (op->input_count == 1) {
        w->names[op->output] = name_of(w, op->inputs[0]);
        return SNAS_OK;
    }
    SNAS_TRY(take_inputs(w, op, &inputs));
    SNAS_TRY(name_output(w, layer, "sum"));
    add_node(w, layer, (onnx_node){.type = "Sum", .inputs = inputs, .input_count = op->input_count});
    return SNAS_OK;
}

static snas_status add_concat(writer *w, const export_layer *layer)
{
    const onnx_attribute axis = {.name = "axis", .kind = ONNX_INT, .ints = {1}, .count = 1};
    const char **inputs;
    SNAS_TRY(take_inputs(w, layer->op, &inputs));
    SNAS_TRY(name_output(w, layer, "concat"));
    add_node(w, layer,
             (onnx_node){.type = "Concat",
                         .inputs = inputs,
                         .input_count = layer->op->input_count,
                         .attributes = &axis,
                         .attribute_count = 1});
    return SNAS_OK;
}

static snas_status add_global_pool(writer *w, const export_layer *layer)
{
    const char *input = name_of(w, layer->op->inputs[0]);
    SNAS_TRY(name_output(w, layer, "mean"));
    add_node(w, layer, (onnx_node){.type = "GlobalAveragePool", .inputs = &input, .input_count = 1});
    return SNAS_OK;
}

static snas_status add_linear(writer *w, const export_layer *layer)
{
    const snas_op *op = layer->op;
    const snas_program_parameter *parameters = w->net->program->parameters;
    const onnx_attribute axis = {.name = "axis", .kind = ONNX_INT, .ints = {1}, .count = 1};
    const onnx_attribute transposed = {.name = "transB", .kind = ONNX_INT, .ints = {1}, .count = 1};
    const char *picture = name_of(w, op->inputs[0]), *inputs[3] = {"flat"};
    onnx_add_node(w->message, &(onnx_node){.type = "Flatten",
                                           .name = "flat",
                                           .inputs = &picture,
                                           .input_count = 1,
                                           .output = "flat",
                                           .attributes = &axis,
                                           .attribute_count = 1});
    SNAS_TRY(add_parameter(w, layer, "weight", layer->weight, &parameters[op->parameters[0]], &inputs[1]));
    SNAS_TRY(add_parameter(w, layer, "bias", layer->bias, &parameters[op->parameters[1]], &inputs[2]));
    w->names[op->output] = "logits";
    onnx_add_node(w->message, &(onnx_node){.type = "Gemm",
                                           .name = layer->module,
                                           .inputs = inputs,
                                           .input_count = 3,
                                           .output = "logits",
                                           .attributes = &transposed,
                                           .attribute_count = 1});
    return SNAS_OK;
}

static snas_status add_input(writer *w, const export_layer *layer)
{
    w->names[layer->op->output] = "input";
    return SNAS_OK;
}

/* How an operation becomes nodes. */
static snas_status (*const ADD[SNAS_OP_COUNT])(writer *w, const export_layer *layer) = {
    [SNAS_OP_INPUT] = add_input,    [SNAS_OP_CONV] = add_conv,
    [SNAS_OP_DEPTHWISE] = add_conv, [SNAS_OP_RELU] = add_relu,
    [SNAS_OP_NORM] = add_norm,      [SNAS_OP_MAX_POOL] = add_pool,
    [SNAS_OP_AVG_POOL] = add_pool,  [SNAS_OP_MIX] = add_mix,
    [SNAS_OP_CONCAT] = add_concat,  [SNAS_OP_GLOBAL_POOL] = add_global_pool,
    [SNAS_OP_LINEAR] = add_linear,
};

/* --- the model ---------------------------------------------------------------------------------------------------- */

static snas_status add_graph(writer *w, const export_subject *subject)
{
    const snas_child *child = &subject->child;
    const int64_t picture[] = {3, child->side, child->side}, classes[] = {child->classes};
    const onnx_attribute axis = {.name = "axis", .kind = ONNX_INT, .ints = {1}, .count = 1};
    const bool softmax = subject->request->probabilities;
    const char *output = softmax ? "probabilities" : "logits", *logits = "logits";
    const snas_protobuf_nested graph = snas_protobuf_open(w->message, MODEL_GRAPH);
    snas_protobuf_text(w->message, ONNX_GRAPH_NAME, "snas");
    onnx_add_port(w->message, ONNX_GRAPH_INPUT, "input", picture, 3);
    onnx_add_port(w->message, ONNX_GRAPH_OUTPUT, output, classes, 1);
    for (int i = 0; i < w->net->program->op_count; i++) {
        const export_layer *layer = &w->net->layers[i];
        if (layer->live || layer->op->kind == SNAS_OP_INPUT) {
            assert(ADD[layer->op->kind] != NULL);
            SNAS_TRY(ADD[layer->op->kind](w, layer));
        }
    }
    if (softmax) {
        onnx_add_node(w->message, &(onnx_node){.type = "Softmax",
                                               .name = output,
                                               .inputs = &logits,
                                               .input_count = 1,
                                               .output = output,
                                               .attributes = &axis,
                                               .attribute_count = 1});
    }
    snas_protobuf_close(w->message, graph);
    return SNAS_OK;
}

static void add_metadata(snas_protobuf *message, const char *key, const char *value)
{
    const snas_protobuf_nested nested = snas_protobuf_open(message, MODEL_METADATA);
    snas_protobuf_text(message, METADATA_KEY, key);
    snas_protobuf_text(message, METADATA_VALUE, value);
    snas_protobuf_close(message, nested);
}

/* A JSON list of the classes: of their numbers, as texts, where they have no names. */
static snas_status list_classes(snas_arena *mem, const snas_child *child, const char **out)
{
    SNAS_TRY(snas_class_names_write(mem, child->class_names, child->classes, out));
    if (*out != NULL) {
        return SNAS_OK;
    }
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "[");
    for (int k = 0; k < child->classes; k++) {
        snas_text_next(&text, ", ");
        snas_text_add(&text, "\"%d\"", k);
    }
    snas_text_add(&text, "]");
    *out = text.data;
    return snas_text_done(&text);
}

static const char *list_floats(snas_arena *mem, const float *values)
{
    return snas_format(mem, "[%.9g, %.9g, %.9g]", (double)values[0], (double)values[1], (double)values[2]);
}

static snas_status describe(snas_arena *mem, const export_subject *subject, snas_protobuf *message)
{
    const snas_child *child = &subject->child;
    const char *classes, *genotype, *mean = list_floats(mem, child->mean);
    const char *deviation = list_floats(mem, child->deviation), *shorter = snas_format(mem, "%d", child->shorter);
    SNAS_TRY(list_classes(mem, child, &classes));
    SNAS_TRY(snas_genotype_write(mem, &subject->genotype, SNAS_GENOTYPE_JSON, &genotype));
    SNAS_TRY(mean == NULL || deviation == NULL ? SNAS_E_MEMORY : snas_taken(shorter));
    add_metadata(message, "classes", classes);
    add_metadata(message, "mean", mean);
    add_metadata(message, "deviation", deviation);
    add_metadata(message, "shorter", shorter);
    add_metadata(message, "genotype", genotype);
    return SNAS_OK;
}

static void add_opset(snas_protobuf *message)
{
    const snas_protobuf_nested nested = snas_protobuf_open(message, MODEL_OPSET);
    snas_protobuf_text(message, OPSET_DOMAIN, "");
    snas_protobuf_int(message, OPSET_VERSION, OPSET);
    snas_protobuf_close(message, nested);
}

static snas_status form(snas_arena *mem, const export_subject *subject, export_formed *out)
{
    export_layers net;
    snas_protobuf message = snas_protobuf_make(mem);
    writer w = {.mem = mem, .message = &message, .net = &net};
    SNAS_TRY(export_layers_make(mem, subject, subject->request->fold ? SNAS_NORMS_INTO_CONVOLUTIONS : SNAS_NORMS_STAY,
                                &net));
    SNAS_NEW(mem, w.names, net.program->value_count);
    snas_protobuf_int(&message, MODEL_IR, IR_VERSION);
    snas_protobuf_text(&message, MODEL_PRODUCER, "snas");
    snas_protobuf_text(&message, MODEL_VERSION, SNAS_VERSION);
    add_opset(&message);
    SNAS_TRY(add_graph(&w, subject));
    SNAS_TRY(describe(mem, subject, &message));
    export_file *file = &out->files[out->file_count++];
    file->path = subject->request->out;
    return snas_protobuf_parts(&message, &file->parts, &file->count);
}

const export_format export_onnx = {.brief = "a graph of ONNX, for ONNX Runtime and others",
                                   .ending = ".onnx",
                                   .takes = EXPORT_FOLD | EXPORT_PROBABILITIES,
                                   .form = form};
