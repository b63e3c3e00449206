/* lower.c -- from what a network means to what runs fast: chains of plain operations become fused ones.
 *
 *     relu, depthwise, conv 1x1      ->  separable          (the relu'd and the depthwise pictures are never written)
 *     [relu,] conv                   ->  dense
 *     pool                           ->  pooled             (which sums statistics when a norm follows)
 *     norm                           ->  folded: whoever reads it applies scale and shift. When its reader cannot, a
 *     node
 *                                        with this one input writes it out
 *     mix                            ->  node
 *
 * Parameters, slots and values keep their indices; values that vanish are simply not written.
 */
#include "snas/graph/program.h"

#include <string.h>

#include "graph.h"

typedef struct {
    const snas_program *plain;
    snas_program *out;
    int *readers; /* [values] how many operations read it */
    int *renamed; /* [values] plain value -> value of the fused program */
    bool *gone;   /* [plain ops] swallowed by a reader */
} lowering;

static const snas_op *producer(const lowering *l, int value)
{
    return &l->plain->ops[l->plain->values[value].producer];
}

static bool is_pointwise(const snas_op *op)
{
    const snas_window *w = &op->window;
    return op->kind == SNAS_OP_CONV && w->kernel == 1 && w->stride == 1 && w->pad == 0 && w->offset == 0;
}

/** A depthwise convolution that a separable kernel can swallow: same padding, read by one pointwise convolution. */
static bool swallows_depthwise(const lowering *l, const snas_op *op)
{
    const snas_window *w = &op->window;
    const int reader = graph_single_reader(l->plain, op->output);
    return w->kernel % 2 == 1 && w->pad == w->dilation * (w->kernel - 1) / 2 && w->offset == 0 && reader != SNAS_NONE &&
           is_pointwise(&l->plain->ops[reader]) && producer(l, op->inputs[0])->kind == SNAS_OP_RELU;
}

/** A relu all of whose readers apply it themselves. */
static bool swallows_relu(const lowering *l, const snas_op *relu)
{
    for (int i = 0; i < l->plain->op_count; i++) {
        const snas_op *op = &l->plain->ops[i];
        for (int k = 0; k < op->input_count; k++) {
            if (op->inputs[k] == relu->output && op->kind != SNAS_OP_CONV &&
                !(op->kind == SNAS_OP_DEPTHWISE && swallows_depthwise(l, op))) {
                return false;
            }
        }
    }
    return true;
}

/** The reader of a norm can apply scale and shift itself. */
static bool reader_folds(const lowering *l, int value)
{
    const int index = graph_single_reader(l->plain, value);
    if (index == SNAS_NONE) {
        return false;
    }
    const snas_op *reader = &l->plain->ops[index];
    return reader->kind == SNAS_OP_MIX ||
           (reader->kind == SNAS_OP_RELU && l->readers[reader->output] == 1 && l->gone[index] &&
            l->plain->ops[graph_single_reader(l->plain, reader->output)].kind == SNAS_OP_DEPTHWISE);
}

/** Whoever writes `value` will be a fused kernel that sums statistics. */
static bool writer_sums(const lowering *l, int value)
{
    const snas_op *op = producer(l, value);
    if (op->kind == SNAS_OP_CONCAT) {
        for (int k = 0; k < op->input_count; k++) {
            if (producer(l, op->inputs[k])->kind != SNAS_OP_CONV) {
                return false;
            }
        }
        return true;
    }
    return op->kind == SNAS_OP_CONV || op->kind == SNAS_OP_MAX_POOL || op->kind == SNAS_OP_AVG_POOL;
}

/** Append a copy of `op` (room is planned), with inputs renamed. */
static snas_op *emit(lowering *l, const snas_op *op, snas_op_kind kind)
{
    snas_program *out = l->out;
    snas_op *copy = &out->ops[out->op_count];
    *copy = *op;
    copy->kind = kind;
    out->values[op->output].producer = out->op_count++;
    return copy;
}

static snas_status emit_renamed(lowering *l, const snas_op *op, snas_op_kind kind, snas_op **made)
{
    snas_op *copy = emit(l, op, kind);
    SNAS_NEW(l->out->mem, copy->inputs, op->input_count);
    for (int k = 0; k < op->input_count; k++) {
        copy->inputs[k] = l->renamed[op->inputs[k]];
    }
    *made = copy;
    return SNAS_OK;
}

static snas_status lower_conv(lowering *l, const snas_op *conv)
{
    const snas_op *before = producer(l, conv->inputs[0]);
    snas_op fused = *conv;
    snas_op_kind kind = SNAS_OP_DENSE;
    int source = conv->inputs[0];
    if (before->kind == SNAS_OP_DEPTHWISE && l->gone[before - l->plain->ops]) {
        kind = SNAS_OP_SEPARABLE;
        fused.window = before->window;
        fused.window.channels = conv->window.channels;
        fused.window.relu = true;
        fused.parameters[0] = before->parameters[0];
        fused.parameters[1] = conv->parameters[0];
        source = producer(l, before->inputs[0])->inputs[0];
    } else if (before->kind == SNAS_OP_RELU && l->gone[before - l->plain->ops]) {
        fused.window.relu = true;
        source = before->inputs[0];
    }
    fused.input_count = 1;
    fused.inputs = &source;
    snas_op *made;
    return emit_renamed(l, &fused, kind, &made);
}

/** A node with one input, which writes a folded norm out. */
static snas_status emit_written(lowering *l, const snas_op *norm)
{
    snas_program *out = l->out;
    const int value = out->value_count++;
    out->values[value] = out->values[norm->output];
    out->values[value].folded = SNAS_NONE;
    snas_op node = {.kind = SNAS_OP_NODE,
                    .input_count = 1,
                    .output = value,
                    .parameters = {SNAS_NONE, SNAS_NONE},
                    .running_mean = SNAS_NONE,
                    .running_var = SNAS_NONE,
                    .gate = norm->gate,
                    .auxiliary = norm->auxiliary};
    SNAS_NEW(out->mem, node.inputs, 1);
    SNAS_NEW(out->mem, node.z_slots, 1);
    SNAS_NEW(out->mem, node.mask_slots, 1);
    node.inputs[0] = norm->output;
    node.z_slots[0] = node.mask_slots[0] = SNAS_NONE;
    emit(l, &node, SNAS_OP_NODE);
    l->renamed[norm->output] = value;
    out->values[norm->output].inside = SNAS_NONE;
    return SNAS_OK;
}

static snas_status lower_norm(lowering *l, const snas_op *norm)
{
    snas_op *made;
    if (!writer_sums(l, norm->inputs[0]) || l->readers[norm->inputs[0]] != 1) {
        return emit_renamed(l, norm, SNAS_OP_NORM, &made);
    }
    SNAS_TRY(emit_renamed(l, norm, SNAS_OP_NORM_FOLDED, &made));
    l->out->values[norm->inputs[0]].folded = l->out->op_count - 1;
    return reader_folds(l, norm->output) ? SNAS_OK : emit_written(l, norm);
}

/** What a kind becomes when nothing but its name changes. */
static const snas_op_kind LOWERED[SNAS_OP_COUNT] = {
    [SNAS_OP_INPUT] = SNAS_OP_INPUT,         [SNAS_OP_DEPTHWISE] = SNAS_OP_DEPTHWISE,
    [SNAS_OP_RELU] = SNAS_OP_RELU,           [SNAS_OP_MAX_POOL] = SNAS_OP_MAX_POOLED,
    [SNAS_OP_AVG_POOL] = SNAS_OP_AVG_POOLED, [SNAS_OP_MIX] = SNAS_OP_NODE,
    [SNAS_OP_CONCAT] = SNAS_OP_CONCAT,       [SNAS_OP_GLOBAL_POOL] = SNAS_OP_GLOBAL_POOL,
    [SNAS_OP_LINEAR] = SNAS_OP_LINEAR,       [SNAS_OP_LOSS] = SNAS_OP_LOSS,
};

static snas_status lower_op(lowering *l, int i)
{
    const snas_op *op = &l->plain->ops[i];
    snas_op *made;
    if (l->gone[i]) {
        return SNAS_OK;
    }
    if (op->kind == SNAS_OP_CONV) {
        return lower_conv(l, op);
    }
    if (op->kind == SNAS_OP_NORM) {
        return lower_norm(l, op);
    }
    return emit_renamed(l, op, LOWERED[op->kind], &made);
}

static snas_status start(const snas_program *plain, lowering *l)
{
    const int room = 2 * plain->op_count, values = 2 * plain->value_count;
    *l = (lowering){.plain = plain};
    SNAS_NEW(plain->mem, l->out, 1);
    *l->out = *plain;
    l->out->op_count = 0;
    SNAS_NEW(plain->mem, l->out->ops, room);
    SNAS_NEW(plain->mem, l->out->values, values);
    memcpy(l->out->values, plain->values, (size_t)plain->value_count * sizeof *plain->values);
    SNAS_NEW(plain->mem, l->readers, plain->value_count);
    SNAS_NEW(plain->mem, l->renamed, values);
    SNAS_NEW(plain->mem, l->gone, plain->op_count);
    for (int v = 0; v < values; v++) {
        l->renamed[v] = v;
    }
    for (int i = 0; i < plain->op_count; i++) {
        for (int k = 0; k < plain->ops[i].input_count; k++) {
            l->readers[plain->ops[i].inputs[k]]++;
        }
    }
    for (int i = 0; i < plain->op_count; i++) {
        const snas_op *op = &plain->ops[i];
        l->gone[i] = (op->kind == SNAS_OP_RELU && swallows_relu(l, op)) ||
                     (op->kind == SNAS_OP_DEPTHWISE && swallows_depthwise(l, op) &&
                      l->gone[plain->values[op->inputs[0]].producer]);
        l->out->values[op->output].producer = 0;
    }
    return SNAS_OK;
}

snas_status snas_program_lower(const snas_program *plain, snas_program **out)
{
    lowering l;
    SNAS_TRY(start(plain, &l));
    for (int i = 0; i < plain->op_count; i++) {
        SNAS_TRY(lower_op(&l, i));
    }
    *out = l.out;
    return SNAS_OK;
}
