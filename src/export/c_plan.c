/* c_plan.c -- the steps of a network in C, and where their pictures lie in one buffer. */
#include "c_plan.h"

#include <assert.h>

#include "snas/graph/blocks.h"

static const snas_op *producer(const c_plan *plan, int value)
{
    return &plan->net->program->ops[plan->net->program->values[value].producer];
}

/* The value that has the numbers of an operation's input k. */
static int input_of(const c_plan *plan, const snas_op *op, int k)
{
    return plan->net->value[op->inputs[k]];
}

/* How often the value is read, and whether by convolutions alone. */
static int times_read(const c_plan *plan, int value, bool *convolutions)
{
    const snas_program *p = plan->net->program;
    int times = 0;
    *convolutions = true;
    for (int i = p->values[value].producer + 1; i < p->op_count; i++) {
        const snas_op *op = &p->ops[i];
        for (int k = 0; plan->net->layers[i].live && k < op->input_count; k++) {
            const bool reads = input_of(plan, op, k) == value;
            times += reads;
            *convolutions = *convolutions && (!reads || export_is_convolution(op));
        }
    }
    return times;
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

int c_step_reads(const c_step *step)
{
    return step->kind == C_SUM ? step->layer->op->input_count : 1;
}

int c_step_input(const c_plan *plan, const c_step *step, int k)
{
    return step->kind == C_SUM ? input_of(plan, step->layer->op, k) : step->x;
}

static snas_status add_step(snas_arena *mem, c_plan *plan, c_step step)
{
    c_step *grown = snas_arena_grow(mem, plan->steps, sizeof *grown, plan->step_count, &plan->step_room);
    if (grown == NULL) {
        return SNAS_E_MEMORY;
    }
    plan->steps = grown;
    grown[plan->step_count++] = step;
    return SNAS_OK;
}

/* A rectifier that its readers apply. */
static bool is_absorbed(const c_plan *plan, const snas_op *op)
{
    bool convolutions;
    return op->kind == SNAS_OP_RELU && times_read(plan, op->output, &convolutions) > 0 && convolutions;
}

/* Does something lie in a node already? Then what comes next is added. */
static bool has_begun(const c_plan *plan, int node)
{
    for (int i = 0; i < plan->step_count; i++) {
        if (plan->steps[i].y == node || plan->home[plan->steps[i].y] == node) {
            return true;
        }
    }
    return false;
}

/* One picture in, one out. */
static snas_status add_plain(snas_arena *mem, c_plan *plan, const export_layer *layer, c_step_kind kind)
{
    const snas_op *op = layer->op;
    const int x = input_of(plan, op, 0), home = plan->home[op->output];
    const snas_op *before = producer(plan, x);
    const bool rectifies = is_absorbed(plan, before);
    const bool in_node = home != SNAS_NONE && producer(plan, home)->kind == SNAS_OP_MIX;
    const c_step step = {.kind = kind,
                         .layer = layer,
                         .x = rectifies ? input_of(plan, before, 0) : x,
                         .y = op->output,
                         .rectify = rectifies || op->kind == SNAS_OP_RELU,
                         .add = in_node && has_begun(plan, home)};
    return add_step(mem, plan, step);
}

/* What of a node's inputs does not lie in it yet. */
static snas_status add_mix(snas_arena *mem, c_plan *plan, const export_layer *layer)
{
    const snas_op *op = layer->op;
    if (op->input_count == 0) {
        return add_step(mem, plan, (c_step){.kind = C_CLEAR, .layer = layer, .x = op->output, .y = op->output});
    }
    if (plan->numbers == C_INT8) {
        const c_step step = {.kind = C_SUM, .layer = layer, .x = input_of(plan, op, 0), .y = op->output};
        return add_step(mem, plan, step);
    }
    for (int k = 0; k < op->input_count; k++) {
        const int x = input_of(plan, op, k);
        if (plan->home[x] != op->output) {
            const c_step step = {
                .kind = C_COPY, .layer = layer, .x = x, .y = op->output, .add = has_begun(plan, op->output)};
            SNAS_TRY(add_step(mem, plan, step));
        }
    }
    return SNAS_OK;
}

static snas_status add_operation(snas_arena *mem, c_plan *plan, const export_layer *layer)
{
    static const c_step_kind KINDS[SNAS_OP_COUNT] = {
        [SNAS_OP_CONV] = C_CONVOLVE,    [SNAS_OP_DEPTHWISE] = C_DEPTHWISE, [SNAS_OP_MAX_POOL] = C_POOL,
        [SNAS_OP_AVG_POOL] = C_POOL,    [SNAS_OP_NORM] = C_AFFINE,         [SNAS_OP_RELU] = C_COPY,
        [SNAS_OP_GLOBAL_POOL] = C_MEAN, [SNAS_OP_LINEAR] = C_LINEAR,
    };
    const snas_op *op = layer->op;
    if (op->kind == SNAS_OP_MIX) {
        return add_mix(mem, plan, layer);
    }
    const bool nothing = op->kind == SNAS_OP_INPUT || op->kind == SNAS_OP_CONCAT || is_absorbed(plan, op);
    return nothing ? SNAS_OK : add_plain(mem, plan, layer, KINDS[op->kind]);
}

/* --- homes -------------------------------------------------------------------------------------------------------- */

/* Can it be written, or added, into the node that alone reads it? */
static bool goes_into_node(const c_plan *plan, int value)
{
    const snas_op *op = producer(plan, value);
    const snas_op_kind kind = op->kind;
    bool ignored;
    return plan->numbers == C_FLOAT &&
           (export_is_convolution(op) || kind == SNAS_OP_MAX_POOL || kind == SNAS_OP_AVG_POOL ||
            kind == SNAS_OP_NORM) &&
           times_read(plan, value, &ignored) == 1;
}

/* The parts of a concat, which others may read too; none is a part of two. */
static void house_parts(c_plan *plan, const snas_op *concat)
{
    int first = 0;
    for (int k = 0; k < concat->input_count; k++) {
        const int part = input_of(plan, concat, k);
        assert(plan->home[part] == SNAS_NONE && producer(plan, part)->kind != SNAS_OP_INPUT);
        plan->home[part] = concat->output;
        plan->first[part] = first;
        first += plan->net->program->values[part].shape.c;
    }
}

static void find_homes(c_plan *plan)
{
    const snas_program *p = plan->net->program;
    for (int i = 0; i < p->op_count; i++) {
        const snas_op *op = &p->ops[i];
        if (!plan->net->layers[i].live) {
            continue;
        }
        if (op->kind == SNAS_OP_CONCAT) {
            house_parts(plan, op);
        }
        for (int k = 0; op->kind == SNAS_OP_MIX && k < op->input_count; k++) {
            const int x = input_of(plan, op, k);
            if (plan->home[x] == SNAS_NONE && goes_into_node(plan, x)) {
                plan->home[x] = op->output;
            }
        }
    }
}

/* The value with memory of its own that holds this one, and its first channel there. */
static int root_of(const c_plan *plan, int value, int *first)
{
    *first = 0;
    for (value = plan->net->value[value]; plan->home[value] != SNAS_NONE; value = plan->home[value]) {
        *first += plan->first[value];
    }
    return value;
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

int c_plan_root(const c_plan *plan, int value)
{
    int ignored;
    return root_of(plan, value, &ignored);
}

/* A step reads or writes a value. What lies outside of the buffer takes no room. */
static void use(const c_plan *plan, snas_block *blocks, int value, int step)
{
    const int root = c_plan_root(plan, value);
    snas_block *block = &blocks[root];
    const bool outside = producer(plan, root)->kind == SNAS_OP_INPUT || root == plan->net->logits;
    block->first = block->last < block->first ? step : block->first;
    block->last = step;
    block->size *= outside ? 0 : 1;
}

static snas_status place(snas_arena *mem, c_plan *plan)
{
    const snas_program *p = plan->net->program;
    snas_block *blocks, **all;
    SNAS_NEW(mem, blocks, p->value_count);
    SNAS_NEW(mem, all, p->value_count);
    for (int v = 0; v < p->value_count; v++) {
        const snas_shape *shape = &p->values[v].shape;
        blocks[v] = (snas_block){
            .size = (int64_t)shape->h * shape->w * shape->c, .last = -1, .gate = SNAS_NONE, .edge = SNAS_NONE};
        all[v] = &blocks[v];
    }
    for (int i = 0; i < plan->step_count; i++) {
        const c_step *step = &plan->steps[i];
        for (int k = 0; k < c_step_reads(step); k++) {
            use(plan, blocks, c_step_input(plan, step, k), i);
        }
        use(plan, blocks, step->y, i);
    }
    SNAS_TRY(snas_blocks_place(mem, all, p->value_count, &plan->held));
    plan->bytes = plan->held * (plan->numbers == C_INT8 ? 1 : (int64_t)sizeof(float));
    for (int v = 0; v < p->value_count; v++) {
        plan->at[v] = blocks[v].offset;
    }
    return SNAS_OK;
}

c_view c_plan_view(const c_plan *plan, int value)
{
    int first;
    const int root = root_of(plan, value, &first);
    const bool input = producer(plan, root)->kind == SNAS_OP_INPUT, logits = root == plan->net->logits;
    return (c_view){.at = input || logits ? 0 : plan->at[root] + first,
                    .step = plan->net->program->values[root].shape.c,
                    .input = input,
                    .logits = logits};
}

snas_status c_plan_make(snas_arena *mem, const export_layers *net, c_numbers numbers, c_plan *out)
{
    const snas_program *p = net->program;
    *out = (c_plan){.net = net, .numbers = numbers};
    SNAS_NEW(mem, out->home, p->value_count);
    SNAS_NEW(mem, out->first, p->value_count);
    SNAS_NEW(mem, out->at, p->value_count);
    for (int v = 0; v < p->value_count; v++) {
        out->home[v] = SNAS_NONE;
    }
    find_homes(out);
    for (int i = 0; i < p->op_count; i++) {
        if (net->layers[i].live) {
            SNAS_TRY(add_operation(mem, out, &net->layers[i]));
        }
    }
    return place(mem, out);
}
