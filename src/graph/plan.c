/* plan.c -- where each value and each gradient lies: lifetimes in stages, then first fit, largest first.
 *
 * What a node can have made again (a pool) has no memory: whoever reads it reads what it is made from. A batch norm
 * that is written out has none between its last reader and the first that reads it on the way back: there it is written
 * again. Where one candidate of an edge runs in a pass, what belongs to different ones shares memory. A value lives
 * from the stage that writes it to the last one that reads it, backward passes included where the operation's row says
 * that they read. Values inside a concat live in it. Offsets are within one picture's memory, so that pictures never
 * share memory: in evaluation threads walk through the program out of step.
 */
#include "graph.h"

enum { ALIGNED_ELEMENTS = 16 }; /* 64 bytes of floats */

int graph_root(const snas_program *p, int value, int *first_channel)
{
    *first_channel = 0;
    for (;;) {
        const snas_value *v = &p->values[value];
        const snas_op *op = &p->ops[v->producer];
        if (op->kind == SNAS_OP_NORM_FOLDED) {
            value = op->inputs[0];
        } else if (v->inside != SNAS_NONE) {
            *first_channel += v->first;
            value = v->inside;
        } else {
            return value;
        }
    }
}

static int times_read(const snas_op *op, int value)
{
    int times = 0;
    for (int k = 0; k < op->input_count; k++) {
        times += op->inputs[k] == value;
    }
    return times;
}

int graph_single_reader(const snas_program *p, int value)
{
    int reader = SNAS_NONE, times = 0;
    for (int i = p->values[value].producer + 1; i < p->op_count && times < 2; i++) {
        const int here = times_read(&p->ops[i], value);
        times += here;
        reader = here > 0 ? i : reader;
    }
    return times == 1 ? reader : SNAS_NONE;
}

int graph_block_channels(const snas_program *p, int root)
{
    const snas_op *concat = &p->ops[p->values[root].producer];
    const int whole = p->values[root].shape.c;
    if (concat->kind != SNAS_OP_CONCAT) {
        return whole;
    }
    const int part = whole / concat->input_count;
    for (int k = 0; k < concat->input_count; k++) {
        if (p->values[concat->inputs[k]].shape.c != part) {
            return whole;
        }
    }
    for (int i = p->values[root].producer + 1; i < p->op_count; i++) {
        for (int k = 0; k < p->ops[i].input_count; k++) {
            if (p->ops[i].inputs[k] == root && !snas_operations_f32[p->ops[i].kind]->reads_blocks) {
                return whole;
            }
        }
    }
    return part;
}

/** Nobody but one node, once. */
static bool read_by_node(const snas_program *p, int value)
{
    const int reader = graph_single_reader(p, value);
    return reader != SNAS_NONE && p->ops[reader].kind == SNAS_OP_NODE;
}

bool graph_is_recomputed(const snas_program *p, int value)
{
    const snas_value *v = &p->values[value];
    const snas_storage storage = snas_operations_f32[p->ops[v->producer].kind]->storage;
    if (v->inside != SNAS_NONE || storage == SNAS_STORED || (storage == SNAS_RECOMPUTED_ON_REQUEST && !p->recompute)) {
        return false;
    }
    return read_by_node(p, v->folded == SNAS_NONE ? value : p->ops[v->folded].output);
}

bool graph_is_nodes(const snas_program *p, int value)
{
    const snas_value *v = &p->values[value];
    const snas_op_kind kind = p->ops[v->producer].kind;
    const bool forms = kind == SNAS_OP_NORM_FOLDED || (snas_operations_f32[kind]->sums && v->folded == SNAS_NONE);
    return forms && v->inside == SNAS_NONE && read_by_node(p, value);
}

bool graph_is_restored(const snas_program *p, int value)
{
    const snas_op *op = &p->ops[p->values[value].producer];
    return op->kind == SNAS_OP_NODE && op->input_count == 1 && op->z_slots[0] == SNAS_NONE &&
           op->mask_slots[0] == SNAS_NONE && p->values[value].inside == SNAS_NONE &&
           p->ops[p->values[op->inputs[0]].producer].kind == SNAS_OP_NORM_FOLDED;
}

int graph_source(const snas_program *p, int value)
{
    int ignored;
    const int root = graph_root(p, value, &ignored);
    return graph_is_recomputed(p, root) ? graph_root(p, p->ops[p->values[root].producer].inputs[0], &ignored) : root;
}

int graph_gradient_of(const snas_program *p, int value)
{
    return graph_is_nodes(p, value) ? p->ops[graph_single_reader(p, value)].output : value;
}

int graph_norm_behind(const snas_program *p, int value, int *first_channel)
{
    *first_channel = 0;
    while (p->values[value].folded == SNAS_NONE && p->values[value].inside != SNAS_NONE) {
        *first_channel += p->values[value].first;
        value = p->values[value].inside;
    }
    return p->values[value].folded;
}

int graph_gradient_root(const snas_program *p, int value)
{
    value = graph_gradient_of(p, value);
    while (p->values[value].inside != SNAS_NONE) {
        value = p->values[value].inside;
    }
    return value;
}

static void use(snas_block *block, int stage)
{
    if (stage == SNAS_NONE) {
        return;
    }
    if (block->last < block->first) {
        block->first = block->last = stage;
    }
    block->first = stage < block->first ? stage : block->first;
    block->last = stage > block->last ? stage : block->last;
}

/** Stage of a pass, or the operation's own place when there is no backward pass to share memory with. */
static int moment(const graph_schedule *s, bool training, pass_kind pass, int op)
{
    return training ? s->stage[pass][op] : op;
}

static void live_forward(const snas_program *p, const graph_schedule *s, bool training, graph_plan *plan)
{
    for (int i = 0; i < p->op_count; i++) {
        const snas_op *op = &p->ops[i];
        const snas_operation *row = snas_operations_f32[op->kind];
        const bool back = training && s->stage[PASS_BACKWARD][i] != SNAS_NONE;
        snas_block *y = &plan->values[graph_source(p, op->output)];
        use(y, moment(s, training, PASS_FORWARD, i));
        if (back && row->backward_reads_y) {
            use(y, s->stage[PASS_BACKWARD][i]);
        }
        for (int k = 0; k < op->input_count; k++) {
            snas_block *x = &plan->values[graph_source(p, op->inputs[k])];
            use(x, moment(s, training, PASS_FORWARD, i));
            use(x, training ? s->stage[PASS_STATISTICS][i] : SNAS_NONE);
            if (back && row->backward_reads_x) {
                use(x, s->stage[PASS_BACKWARD][i]);
                use(x, s->stage[PASS_BACKWARD_STATISTICS][i]);
            }
        }
    }
}

static void live_backward(const snas_program *p, const graph_schedule *s, graph_plan *plan)
{
    int ignored;
    for (int i = 0; i < p->op_count; i++) {
        const snas_op *op = &p->ops[i];
        if (s->stage[PASS_BACKWARD][i] == SNAS_NONE) {
            continue;
        }
        /* after a folded norm the gradient read is the norm's */
        const int norm = graph_norm_behind(p, op->output, &ignored);
        const int read = norm == SNAS_NONE ? op->output : p->ops[norm].output;
        snas_block *dy = &plan->gradients[graph_gradient_root(p, read)];
        use(dy, s->stage[PASS_BACKWARD_STATISTICS][i]);
        use(dy, s->stage[PASS_BACKWARD][i]);
        for (int k = 0; k < op->input_count; k++) {
            const int v = op->inputs[k];
            if (s->gradient_arrives[v] && graph_norm_behind(p, v, &ignored) == SNAS_NONE) {
                use(&plan->gradients[graph_gradient_root(p, v)], s->stage[PASS_BACKWARD][i]);
            }
        }
    }
}

static bool reads(const snas_program *p, const snas_op *op, int value)
{
    for (int k = 0; k < op->input_count; k++) {
        if (graph_source(p, op->inputs[k]) == value) {
            return true;
        }
    }
    return false;
}

/** A block that operation i reads has a gap in its live range: from after its forward passes to its backward passes. */
static void rest_beside(const graph_schedule *s, int i, snas_block *block)
{
    for (pass_kind pass = PASS_STATISTICS; pass < PASS_COUNT; pass++) {
        const int stage = s->stage[pass][i];
        if (pass <= PASS_FORWARD) {
            block->gap_first = stage >= block->gap_first ? stage + 1 : block->gap_first;
        } else if (stage != SNAS_NONE && stage < block->gap_end) {
            block->gap_end = stage;
        }
    }
}

/** Between its last reader and the first one on the way back, what can be written again needs no memory. */
static void rest(const snas_program *p, const graph_schedule *s, graph_plan *plan)
{
    for (int v = 0; v < p->value_count; v++) {
        snas_block *block = &plan->values[v];
        if (block->last < s->forward_stages || !graph_is_restored(p, v)) {
            continue;
        }
        block->gap_first = block->first + 1;
        block->gap_end = block->last;
        for (int i = p->values[v].producer + 1; i < p->op_count; i++) {
            if (reads(p, &p->ops[i], v)) {
                rest_beside(s, i, block);
            }
        }
    }
}

static snas_status place(const snas_program *p, graph_plan *plan)
{
    snas_block **all;
    SNAS_NEW(p->mem, all, 2 * p->value_count);
    int count = 0;
    for (int v = 0; v < p->value_count; v++) {
        const snas_shape *shape = &p->values[v].shape;
        int64_t size = (int64_t)shape->h * shape->w * shape->c;
        size = (size + ALIGNED_ELEMENTS - 1) / ALIGNED_ELEMENTS * ALIGNED_ELEMENTS;
        snas_block *const both[2] = {&plan->values[v], &plan->gradients[v]};
        for (int i = 0; i < 2; i++) {
            both[i]->size = size;
            all[count++] = both[i];
        }
    }
    return snas_blocks_place(p->mem, all, count, &plan->picture);
}

/** Who reads value v: its candidate's own operations, or a node that leaves it out where the candidate does not run. */
static bool stays_with(const snas_program *p, int v, int gate)
{
    for (int i = p->values[v].producer + 1; i < p->op_count; i++) {
        const snas_op *op = &p->ops[i];
        for (int k = 0; k < op->input_count; k++) {
            if (op->inputs[k] == v && op->gate != gate && (op->z_slots == NULL || op->z_slots[k] != gate)) {
                return false;
            }
        }
    }
    return true;
}

/** The candidate that alone writes and reads a value; SNAS_NONE: none. */
static int gate_of(const snas_program *p, int v)
{
    const int gate = p->ops[p->values[v].producer].gate;
    return gate == SNAS_NONE || !stays_with(p, v, gate) ? SNAS_NONE : gate;
}

/** A block is a candidate's when all values that lie in it are. */
static void keep_gate(snas_block *block, int gate)
{
    if (block->gate != gate) {
        block->gate = block->edge = SNAS_NONE;
    }
}

static snas_status start(const snas_program *p, const graph_plan_options *options, graph_plan *plan)
{
    *plan = (graph_plan){0};
    SNAS_NEW(p->mem, plan->values, p->value_count);
    SNAS_NEW(p->mem, plan->gradients, p->value_count);
    for (int v = 0; v < p->value_count; v++) {
        const int gate = gate_of(p, v);
        const bool alone = options->single_path && p->edge_slots > 0 && gate != SNAS_NONE;
        const snas_block unused = {
            .first = 0, .last = -1, .gate = gate, .edge = alone ? gate / p->edge_slots : SNAS_NONE};
        plan->values[v] = plan->gradients[v] = unused;
    }
    for (int v = 0; v < p->value_count; v++) {
        int ignored;
        const int gate = gate_of(p, v);
        keep_gate(&plan->values[graph_root(p, v, &ignored)], gate);
        keep_gate(&plan->gradients[graph_gradient_root(p, v)], gate);
    }
    return SNAS_OK;
}

snas_status graph_plan_make(const snas_program *p, const graph_schedule *s, const graph_plan_options *options,
                            graph_plan *plan)
{
    const bool training = options->training;
    SNAS_TRY(start(p, options, plan));
    live_forward(p, s, training, plan);
    if (training) {
        live_backward(p, s, plan);
        rest(p, s, plan);
    }
    return place(p, plan);
}

int64_t graph_live(const snas_program *p, const graph_plan *plan)
{
    int64_t most = 0;
    for (int op = 0; op < p->op_count; op++) {
        int64_t live = 0;
        for (int v = 0; v < p->value_count; v++) {
            const snas_block *block = &plan->values[v];
            live += block->first <= op && op <= block->last ? block->size : 0;
        }
        most = live > most ? live : most;
    }
    return most;
}
