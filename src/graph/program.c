/* program.c -- building a program: values, parameters and operations, appended in order. */
#include "snas/graph/program.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "snas/base/text.h"

enum { INPUTS_MAX = 128 };

snas_status snas_program_create(snas_arena *mem, snas_program **out)
{
    SNAS_NEW(mem, *out, 1);
    (*out)->mem = mem;
    (*out)->gate = SNAS_NONE;
    (*out)->norm_momentum = 0.1;
    (*out)->norm_eps = 1e-5;
    return SNAS_OK;
}

static int fail(snas_program *p, snas_status status)
{
    if (p->failed == SNAS_OK) {
        p->failed = status;
    }
    return 0;
}

/** An array of the program with room for one more item; as it was, with the fault kept, when memory is out. */
static void *grown(snas_program *p, void *items, size_t size, int count, int *room)
{
    void *wider = snas_arena_grow(p->mem, items, size, count, room);
    if (wider == NULL) {
        fail(p, SNAS_E_MEMORY);
    }
    return wider == NULL ? items : wider;
}

const char *snas_program_name(snas_program *p, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    const char *name = snas_format_list(p->mem, format, values);
    va_end(values);
    if (name == NULL) {
        fail(p, SNAS_E_MEMORY);
    }
    return name == NULL ? "" : name;
}

static int add_value(snas_program *p, snas_shape shape)
{
    p->values = grown(p, p->values, sizeof *p->values, p->value_count, &p->value_room);
    if (p->failed != SNAS_OK) {
        return 0;
    }
    p->values[p->value_count] =
        (snas_value){.shape = shape, .producer = p->op_count, .folded = SNAS_NONE, .inside = SNAS_NONE};
    return p->value_count++;
}

static int *copied(snas_program *p, const int *from, int count)
{
    int *to = snas_arena_take(p->mem, (size_t)count, sizeof *to);
    if (to == NULL) {
        fail(p, SNAS_E_MEMORY);
        return NULL;
    }
    for (int i = 0; i < count; i++) {
        to[i] = from == NULL ? SNAS_NONE : from[i];
    }
    return to;
}

/** Append an operation of known output shape; its value is made here. */
static snas_op *append(snas_program *p, snas_op_kind kind, const int *inputs, int count, snas_shape shape)
{
    p->ops = grown(p, p->ops, sizeof *p->ops, p->op_count, &p->op_room);
    int *own = copied(p, inputs, count);
    const int output = add_value(p, shape);
    if (p->failed != SNAS_OK) {
        return NULL;
    }
    snas_op *op = &p->ops[p->op_count++];
    *op = (snas_op){.kind = kind,
                    .input_count = count,
                    .inputs = own,
                    .output = output,
                    .parameters = {SNAS_NONE, SNAS_NONE},
                    .running_mean = SNAS_NONE,
                    .running_var = SNAS_NONE,
                    .gate = p->gate,
                    .auxiliary = p->auxiliary};
    return op;
}

/** Append an operation whose shape follows from its inputs. */
static snas_op *add(snas_program *p, snas_op_kind kind, const int *inputs, int count, snas_window window)
{
    snas_shape shapes[INPUTS_MAX], shape;
    assert(!snas_operations_f32[kind]->lowered);
    if (p->failed != SNAS_OK) {
        return NULL;
    }
    if (count > INPUTS_MAX) {
        fail(p, snas_fail(SNAS_E_USAGE, "a node takes at most %d inputs, not %d", INPUTS_MAX, count));
        return NULL;
    }
    for (int i = 0; i < count; i++) {
        shapes[i] = p->values[inputs[i]].shape;
    }
    const snas_status status = snas_operations_f32[kind]->infer(&window, shapes, count, &shape);
    if (status != SNAS_OK) {
        fail(p, status);
        return NULL;
    }
    snas_op *op = append(p, kind, inputs, count, shape);
    if (op != NULL) {
        op->window = window;
    }
    return op;
}

static int output_of(const snas_op *op)
{
    return op == NULL ? 0 : op->output;
}

/** Append one entry to the parameters (flat vector of weights) or the buffers (running statistics). */
static int add_entry(snas_program *p, bool buffer, const snas_parameter_shape *form, const char *prefix)
{
    snas_program_parameter **list = buffer ? &p->buffers : &p->parameters;
    int *count = buffer ? &p->buffer_count : &p->parameter_count;
    int *room = buffer ? &p->buffer_room : &p->parameter_room;
    int64_t *total = buffer ? &p->buffer_values : &p->weight_count;
    snas_program_parameter entry = {.dims = form->dims, .first = *total, .count = 1};
    entry.is_norm = form->is_norm;
    entry.fan_in = form->fan_in;
    entry.name = snas_program_name(p, "%s.%s", prefix, form->ending);
    *list = grown(p, *list, sizeof **list, *count, room);
    if (p->failed != SNAS_OK) {
        return SNAS_NONE;
    }
    for (int i = 0; i < entry.dims; i++) {
        entry.shape[i] = form->shape[i];
        entry.count *= form->shape[i];
    }
    *total += entry.count;
    (*list)[*count] = entry;
    return (*count)++;
}

/** The parameters that the operation's row asks for, under the name `name`. */
static void add_parameters(snas_program *p, snas_op *op, const char *name)
{
    snas_parameter_shape forms[SNAS_OPERATION_PARAMETERS];
    const snas_operation *row = snas_operations_f32[op->kind];
    const int count = row->parameters == NULL ? 0
                                              : row->parameters(&op->window, &p->values[op->inputs[0]].shape,
                                                                &p->values[op->output].shape, forms);
    for (int j = 0; j < count; j++) {
        op->parameters[j] = add_entry(p, false, &forms[j], name);
    }
}

int snas_program_input(snas_program *p, snas_shape shape)
{
    return output_of(append(p, SNAS_OP_INPUT, NULL, 0, shape));
}

int snas_program_op(snas_program *p, snas_op_kind kind, int input, snas_window window)
{
    return output_of(add(p, kind, &input, 1, window));
}

int snas_program_layer(snas_program *p, snas_op_kind kind, const char *name, int input, snas_window window)
{
    snas_op *op = add(p, kind, &input, 1, window);
    if (op != NULL) {
        add_parameters(p, op, name);
    }
    return output_of(op);
}

int snas_program_conv(snas_program *p, const char *name, int input, snas_window window)
{
    return snas_program_layer(p, SNAS_OP_CONV, name, input, window);
}

int snas_program_depthwise(snas_program *p, const char *name, int input, snas_window window)
{
    return snas_program_layer(p, SNAS_OP_DEPTHWISE, name, input, window);
}

int snas_program_linear(snas_program *p, const char *name, int input, int classes)
{
    return snas_program_layer(p, SNAS_OP_LINEAR, name, input, (snas_window){.channels = classes});
}

int snas_program_norm(snas_program *p, const char *name, int input, bool affine)
{
    snas_op *op = add(p, SNAS_OP_NORM, &input, 1, (snas_window){0});
    if (op == NULL) {
        return 0;
    }
    if (affine) {
        add_parameters(p, op, name);
    }
    const int64_t channels = p->values[input].shape.c;
    const snas_parameter_shape mean = {.ending = "running_mean", .dims = 1, .shape = {channels}, .is_norm = true};
    const snas_parameter_shape var = {.ending = "running_var", .dims = 1, .shape = {channels}, .is_norm = true};
    op->running_mean = add_entry(p, true, &mean, name);
    op->running_var = add_entry(p, true, &var, name);
    return op->output;
}

int snas_program_concat(snas_program *p, const int *inputs, int count)
{
    snas_op *op = add(p, SNAS_OP_CONCAT, inputs, count, (snas_window){0});
    if (op == NULL) {
        return 0;
    }
    int first = 0;
    for (int i = 0; i < count; i++) {
        p->values[inputs[i]].inside = op->output;
        p->values[inputs[i]].first = first;
        first += p->values[inputs[i]].shape.c;
    }
    return op->output;
}

int snas_program_mix(snas_program *p, const int *inputs, const int *z_slots, const int *mask_slots, int count,
                     snas_shape shape)
{
    snas_op *op =
        count == 0 ? append(p, SNAS_OP_MIX, NULL, 0, shape) : add(p, SNAS_OP_MIX, inputs, count, (snas_window){0});
    if (op == NULL) {
        return 0;
    }
    op->z_slots = copied(p, z_slots, count);
    op->mask_slots = copied(p, mask_slots, count);
    return op->output;
}

int64_t snas_program_macs(const snas_program *p, const snas_op *op)
{
    const snas_operation *row = snas_operations_f32[op->kind];
    return row->macs == NULL ? 0
                             : row->macs(&op->window, &p->values[op->inputs[0]].shape, &p->values[op->output].shape);
}

int64_t snas_program_weights(const snas_program *p, const snas_op *op)
{
    int64_t total = 0;
    for (int i = 0; i < SNAS_OPERATION_PARAMETERS; i++) {
        total += op->parameters[i] < 0 ? 0 : p->parameters[op->parameters[i]].count;
    }
    return total;
}
