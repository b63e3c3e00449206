/* c_plan.c -- the steps of a network in C, and where their pictures lie in one buffer. */
#include "snas/deploy/c_plan.h"

#include <assert.h>

#include "snas/graph/blocks.h"

/* How often a value is read, and how often by convolutions. */
typedef struct {
    int times, by_convolutions;
} reads;

/* The plan while its steps are made. */
typedef struct {
    snas_arena *mem;
    snas_c_plan *plan;
    reads *reads; /* [value_count] */
} maker;

static const snas_op *producer(const snas_c_plan *plan, int value)
{
    return &plan->program->ops[plan->program->values[value].producer];
}

/* The value that has the numbers of an operation's input k. */
static int input_of(const snas_c_plan *plan, const snas_op *op, int k)
{
    return plan->outline->value[op->inputs[k]];
}

static snas_status count_reads(maker *m)
{
    const snas_program *p = m->plan->program;
    SNAS_NEW(m->mem, m->reads, p->value_count);
    for (int i = 0; i < p->op_count; i++) {
        const snas_op *op = &p->ops[i];
        for (int k = 0; m->plan->outline->live[i] && k < op->input_count; k++) {
            reads *of = &m->reads[input_of(m->plan, op, k)];
            of->times++;
            of->by_convolutions += snas_op_is_convolution(op);
        }
    }
    return SNAS_OK;
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

const snas_op *snas_c_step_op(const snas_c_plan *plan, const snas_c_step *step)
{
    return &plan->program->ops[step->op];
}

int snas_c_step_reads(const snas_c_plan *plan, const snas_c_step *step)
{
    return step->kind == SNAS_C_SUM ? snas_c_step_op(plan, step)->input_count : 1;
}

int snas_c_step_input(const snas_c_plan *plan, const snas_c_step *step, int k)
{
    return step->kind == SNAS_C_SUM ? input_of(plan, snas_c_step_op(plan, step), k) : step->x;
}

static snas_status add_step(const maker *m, snas_c_step step)
{
    snas_c_plan *plan = m->plan;
    snas_c_step *grown = snas_arena_grow(m->mem, plan->steps, sizeof *grown, plan->step_count, &plan->step_room);
    if (grown == NULL) {
        return SNAS_E_MEMORY;
    }
    plan->steps = grown;
    grown[plan->step_count++] = step;
    return SNAS_OK;
}

/* A rectifier that its readers apply. */
static bool is_absorbed(const maker *m, const snas_op *op)
{
    const reads *of = &m->reads[op->output];
    return op->kind == SNAS_OP_RELU && of->times > 0 && of->by_convolutions == of->times;
}

/* Does something lie in a node already? Then what comes next is added. */
static bool has_begun(const snas_c_plan *plan, int node)
{
    for (int i = 0; i < plan->step_count; i++) {
        if (plan->steps[i].y == node || plan->home[plan->steps[i].y] == node) {
            return true;
        }
    }
    return false;
}

/* One picture in, one out. */
static snas_status add_plain(const maker *m, int at, snas_c_step_kind kind)
{
    const snas_c_plan *plan = m->plan;
    const snas_op *op = &plan->program->ops[at];
    const int x = input_of(plan, op, 0), home = plan->home[op->output];
    const snas_op *before = producer(plan, x);
    const bool rectifies = is_absorbed(m, before);
    const bool in_node = home != SNAS_NONE && producer(plan, home)->kind == SNAS_OP_MIX;
    const snas_c_step step = {.kind = kind,
                              .op = at,
                              .x = rectifies ? input_of(plan, before, 0) : x,
                              .y = op->output,
                              .rectify = rectifies || op->kind == SNAS_OP_RELU,
                              .add = in_node && has_begun(plan, home)};
    return add_step(m, step);
}

/* What of a node's inputs does not lie in it yet. */
static snas_status add_mix(const maker *m, int at)
{
    const snas_c_plan *plan = m->plan;
    const snas_op *op = &plan->program->ops[at];
    if (op->input_count == 0) {
        return add_step(m, (snas_c_step){.kind = SNAS_C_CLEAR, .op = at, .x = op->output, .y = op->output});
    }
    if (plan->numbers == SNAS_C_INT8) {
        return add_step(m, (snas_c_step){.kind = SNAS_C_SUM, .op = at, .x = input_of(plan, op, 0), .y = op->output});
    }
    for (int k = 0; k < op->input_count; k++) {
        const int x = input_of(plan, op, k);
        if (plan->home[x] != op->output) {
            const snas_c_step step = {
                .kind = SNAS_C_COPY, .op = at, .x = x, .y = op->output, .add = has_begun(plan, op->output)};
            SNAS_TRY(add_step(m, step));
        }
    }
    return SNAS_OK;
}

static snas_status add_operation(const maker *m, int at)
{
    static const snas_c_step_kind KINDS[SNAS_OP_COUNT] = {
        [SNAS_OP_CONV] = SNAS_C_CONVOLVE,    [SNAS_OP_DEPTHWISE] = SNAS_C_DEPTHWISE, [SNAS_OP_MAX_POOL] = SNAS_C_POOL,
        [SNAS_OP_AVG_POOL] = SNAS_C_POOL,    [SNAS_OP_NORM] = SNAS_C_AFFINE,         [SNAS_OP_RELU] = SNAS_C_COPY,
        [SNAS_OP_GLOBAL_POOL] = SNAS_C_MEAN, [SNAS_OP_LINEAR] = SNAS_C_LINEAR,
    };
    const snas_op *op = &m->plan->program->ops[at];
    if (op->kind == SNAS_OP_MIX) {
        return add_mix(m, at);
    }
    const bool nothing = op->kind == SNAS_OP_INPUT || op->kind == SNAS_OP_CONCAT || is_absorbed(m, op);
    return nothing ? SNAS_OK : add_plain(m, at, KINDS[op->kind]);
}

/* --- homes -------------------------------------------------------------------------------------------------------- */

/* Can it be written, or added, into the node that alone reads it? */
static bool goes_into_node(const maker *m, int value)
{
    const snas_op *op = producer(m->plan, value);
    const snas_op_kind kind = op->kind;
    return m->plan->numbers == SNAS_C_FLOAT &&
           (snas_op_is_convolution(op) || kind == SNAS_OP_MAX_POOL || kind == SNAS_OP_AVG_POOL ||
            kind == SNAS_OP_NORM) &&
           m->reads[value].times == 1;
}

/* The parts of a concat, which others may read too; none is a part of two. */
static void house_parts(snas_c_plan *plan, const snas_op *concat)
{
    int first = 0;
    for (int k = 0; k < concat->input_count; k++) {
        const int part = input_of(plan, concat, k);
        assert(plan->home[part] == SNAS_NONE && producer(plan, part)->kind != SNAS_OP_INPUT);
        plan->home[part] = concat->output;
        plan->first[part] = first;
        first += plan->program->values[part].shape.c;
    }
}

static void find_homes(const maker *m)
{
    snas_c_plan *plan = m->plan;
    const snas_program *p = plan->program;
    for (int i = 0; i < p->op_count; i++) {
        const snas_op *op = &p->ops[i];
        if (!plan->outline->live[i]) {
            continue;
        }
        if (op->kind == SNAS_OP_CONCAT) {
            house_parts(plan, op);
        }
        for (int k = 0; op->kind == SNAS_OP_MIX && k < op->input_count; k++) {
            const int x = input_of(plan, op, k);
            if (plan->home[x] == SNAS_NONE && goes_into_node(m, x)) {
                plan->home[x] = op->output;
            }
        }
    }
}

/* The value with memory of its own that holds this one, and its first channel there. */
static int root_of(const snas_c_plan *plan, int value, int *first)
{
    *first = 0;
    for (value = plan->outline->value[value]; plan->home[value] != SNAS_NONE; value = plan->home[value]) {
        *first += plan->first[value];
    }
    return value;
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

int snas_c_plan_root(const snas_c_plan *plan, int value)
{
    int ignored;
    return root_of(plan, value, &ignored);
}

/* A step reads or writes a value. What lies outside of the buffer takes no room. */
static void use(const snas_c_plan *plan, snas_block *blocks, int value, int step)
{
    const int root = snas_c_plan_root(plan, value);
    snas_block *block = &blocks[root];
    const bool outside = producer(plan, root)->kind == SNAS_OP_INPUT || root == plan->outline->logits;
    block->first = block->last < block->first ? step : block->first;
    block->last = step;
    block->size *= outside ? 0 : 1;
}

static snas_status find_lives(snas_arena *mem, const snas_c_plan *plan, snas_block **out)
{
    const snas_program *p = plan->program;
    snas_block *blocks;
    SNAS_NEW(mem, blocks, p->value_count);
    for (int v = 0; v < p->value_count; v++) {
        const snas_shape *shape = &p->values[v].shape;
        blocks[v] = (snas_block){
            .size = (int64_t)shape->h * shape->w * shape->c, .last = -1, .gate = SNAS_NONE, .edge = SNAS_NONE};
    }
    for (int i = 0; i < plan->step_count; i++) {
        const snas_c_step *step = &plan->steps[i];
        for (int k = 0; k < snas_c_step_reads(plan, step); k++) {
            use(plan, blocks, snas_c_step_input(plan, step, k), i);
        }
        use(plan, blocks, step->y, i);
    }
    *out = blocks;
    return SNAS_OK;
}

/* The most numbers that live during one step. */
static snas_status find_lowest(snas_arena *mem, const snas_c_plan *plan, const snas_block *blocks, int64_t *out)
{
    int64_t *change, now = 0;
    SNAS_NEW(mem, change, plan->step_count + 1);
    for (int v = 0; v < plan->program->value_count; v++) {
        if (blocks[v].last >= blocks[v].first) {
            change[blocks[v].first] += blocks[v].size;
            change[blocks[v].last + 1] -= blocks[v].size;
        }
    }
    *out = 0;
    for (int i = 0; i < plan->step_count; i++) {
        now += change[i];
        *out = now > *out ? now : *out;
    }
    return SNAS_OK;
}

static snas_status place(snas_arena *mem, snas_c_plan *plan)
{
    const int count = plan->program->value_count;
    const int64_t size = plan->numbers == SNAS_C_INT8 ? 1 : (int64_t)sizeof(float);
    snas_block *blocks, **all;
    SNAS_NEW(mem, all, count);
    SNAS_TRY(find_lives(mem, plan, &blocks));
    SNAS_TRY(find_lowest(mem, plan, blocks, &plan->lowest));
    for (int v = 0; v < count; v++) {
        all[v] = &blocks[v];
    }
    SNAS_TRY(snas_blocks_place(mem, all, count, &plan->held));
    plan->bytes = plan->held * size;
    plan->lowest *= size;
    for (int v = 0; v < count; v++) {
        plan->at[v] = blocks[v].offset;
    }
    return SNAS_OK;
}

snas_c_view snas_c_plan_view(const snas_c_plan *plan, int value)
{
    int first;
    const int root = root_of(plan, value, &first);
    const bool input = producer(plan, root)->kind == SNAS_OP_INPUT, logits = root == plan->outline->logits;
    return (snas_c_view){.at = input || logits ? 0 : plan->at[root] + first,
                         .step = plan->program->values[root].shape.c,
                         .input = input,
                         .logits = logits};
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

snas_status snas_c_steps_make(snas_arena *mem, const snas_outline *outline, snas_c_numbers numbers, snas_c_plan *out)
{
    const snas_program *p = outline->program;
    maker m = {.mem = mem, .plan = out};
    *out = (snas_c_plan){.program = p, .outline = outline, .numbers = numbers};
    SNAS_NEW(mem, out->home, p->value_count);
    SNAS_NEW(mem, out->first, p->value_count);
    SNAS_NEW(mem, out->at, p->value_count);
    for (int v = 0; v < p->value_count; v++) {
        out->home[v] = SNAS_NONE;
    }
    SNAS_TRY(count_reads(&m));
    find_homes(&m);
    for (int i = 0; i < p->op_count; i++) {
        if (outline->live[i]) {
            SNAS_TRY(add_operation(&m, i));
        }
    }
    return SNAS_OK;
}

snas_status snas_c_plan_make(snas_arena *mem, const snas_outline *outline, snas_c_numbers numbers, snas_c_plan *out)
{
    SNAS_TRY(snas_c_steps_make(mem, outline, numbers, out));
    return place(mem, out);
}
