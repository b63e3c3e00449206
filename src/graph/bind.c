/* bind.c -- from a plan to addresses: every operation gets its views, weights, norms and terms, once. */
#include "bind.h"

#include <assert.h>
#include <string.h>

#include "snas/base/checked.h"

static const snas_kernel *choose_kernel(const snas_executor *ex, const snas_op *op)
{
    const snas_operation *row = (ex->f64 ? snas_operations_f64 : snas_operations_f32)[op->kind];
    const snas_kernel *fused =
        ex->f64 ? NULL : snas_kernel_find(ex->kernels, op->kind, ex->program->values[op->output].shape.c);
    return fused != NULL ? fused : &row->kernel;
}

/** A task with its shapes but no memory: enough to ask a kernel for sizes. */
static void shape_task(snas_executor *ex, int i)
{
    const snas_op *op = &ex->program->ops[i];
    snas_task *t = &ex->tasks[i];
    t->kind = op->kind;
    t->window = op->window;
    t->auxiliary = op->auxiliary;
    t->z_slot = t->mask_slot = SNAS_NONE;
    t->inputs = op->input_count;
    for (int k = 0; k < op->input_count; k++) {
        const snas_shape *s = &ex->program->values[op->inputs[k]].shape;
        ex->views[i][k] = (snas_view){.h = s->h, .w = s->w, .c = s->c, .ld = s->c, .block = s->c};
    }
    const snas_shape *s = &ex->program->values[op->output].shape;
    t->y = (snas_view){.h = s->h, .w = s->w, .c = s->c, .ld = s->c, .block = s->c};
    for (int j = 0; j < SNAS_OPERATION_PARAMETERS; j++) {
        if (op->parameters[j] != SNAS_NONE) {
            t->weight_count[j] = ex->program->parameters[op->parameters[j]].count;
        }
    }
    /* norms finalize their own gradients; the others sum them by shard */
    const bool shards = op->kind != SNAS_OP_NORM && op->kind != SNAS_OP_NORM_FOLDED;
    t->partial_count = !shards || !ex->training         ? 0
                       : ex->kernel[i]->partial != NULL ? ex->kernel[i]->partial(t)
                                                        : t->weight_count[0] + t->weight_count[1];
}

/** The inputs of a node: their slots, and how those are made that lie nowhere. */
static snas_status shape_terms(snas_executor *ex, snas_arena *mem, int i)
{
    const snas_program *p = ex->program;
    const snas_op *op = &p->ops[i];
    snas_term *terms;
    SNAS_NEW(mem, terms, op->input_count);
    for (int k = 0; k < op->input_count; k++) {
        int ignored;
        const int root = graph_root(p, op->inputs[k], &ignored);
        const int producer = p->values[root].producer;
        terms[k] = (snas_term){.z_slot = op->z_slots[k], .mask_slot = op->mask_slots[k]};
        if (graph_is_recomputed(p, root)) {
            terms[k].recompute = ex->kernel[producer]->recompute;
            terms[k].producer = &ex->tasks[producer];
            terms[k].recompute_scratch = ex->kernel[producer]->recompute_scratch;
        }
    }
    ex->terms[i] = terms;
    ex->tasks[i].terms = terms;
    return SNAS_OK;
}

/* --- booking: every piece of memory is listed once, first to add them up, then to take them ----------------------- */

typedef struct {
    snas_arena *mem; /* NULL: only add up */
    int batch;       /* for the message */
    size_t bytes;
    snas_status failed; /* the first fault */
} booking;

static size_t aligned(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/** `count` items of `size` bytes; NULL while only adding up. */
static void *book(booking *b, size_t count, size_t size)
{
    size_t bytes;
    if (!snas_size_multiply(count, size, &bytes) || !snas_size_add(b->bytes, aligned(bytes), &b->bytes)) {
        b->failed = snas_fail(SNAS_E_USAGE, "a batch of %d needs more memory than can be addressed", b->batch);
        return NULL;
    }
    void *at = b->mem == NULL || b->failed != SNAS_OK ? NULL : snas_arena_take(b->mem, count, size);
    if (b->mem != NULL && b->failed == SNAS_OK) {
        b->failed = snas_taken(at);
    }
    return at;
}

static void book_parameters(snas_executor *ex, booking *b)
{
    const snas_program *p = ex->program;
    if (ex->shared != NULL) {
        assert(ex->shared->program->weight_count == p->weight_count);
        assert(ex->shared->program->buffer_values == p->buffer_values);
        ex->weights = ex->shared->weights;
        ex->gradients = ex->shared->gradients;
        ex->buffers = ex->shared->buffers;
        return;
    }
    ex->weights = book(b, (size_t)p->weight_count, ex->element);
    ex->gradients = ex->training ? book(b, (size_t)p->weight_count, ex->element) : NULL;
    ex->buffers = book(b, (size_t)p->buffer_values, ex->element);
}

static void book_norm(snas_executor *ex, booking *b, int i)
{
    snas_norm *n = &ex->norms[i];
    n->c = ex->program->values[ex->program->ops[i].output].shape.c;
    n->mean = book(b, (size_t)n->c, sizeof *n->mean);
    n->inverse = book(b, (size_t)n->c, sizeof *n->inverse);
    void **vectors[] = {&n->scale, &n->shift, &n->centre, &n->a, &n->b, &n->d};
    for (size_t j = 0; j < sizeof vectors / sizeof vectors[0]; j++) {
        *vectors[j] = book(b, (size_t)n->c, ex->element);
    }
}

/** What a rank sends and receives. */
static void book_ranks(snas_executor *ex, booking *b)
{
    graph_ranks *others = &ex->others;
    others->at = book(b, (size_t)others->segments_most, sizeof *others->at);
    others->out = book(b, 1, others->row_most);
    others->in = book(b, 1, others->row_most);
    others->pictures = book(b, (size_t)ex->batch, graph_ranks_picture_bytes(ex));
}

static void book_activations(snas_executor *ex, booking *b)
{
    ex->values = book(b, (size_t)ex->slots, (size_t)ex->plan.picture * ex->element);
    ex->sums = book(b, 1, ex->sums_bytes);
    if (ex->ranks > 1) {
        book_ranks(ex, b);
    }
    ex->scratch = book(b, (size_t)ex->team->threads, ex->scratch_bytes);
    ex->cache = book(b, (size_t)ex->team->threads, ex->cache_bytes);
    for (int i = 0; i < ex->program->op_count; i++) {
        if (ex->program->ops[i].running_mean != SNAS_NONE) {
            book_norm(ex, b, i);
        }
        const size_t packed = ex->kernel[i]->packed == NULL ? 0 : ex->kernel[i]->packed(&ex->tasks[i]);
        ex->tasks[i].packed = packed == 0 ? NULL : book(b, packed, 1);
    }
}

/* --- sizes -------------------------------------------------------------------------------------------------------- */

/** Raise a thread's need to what this task asks for. */
static void raise(size_t *bytes, size_t (*asks)(const snas_task *task), const snas_task *task)
{
    const size_t wanted = asks == NULL ? 0 : aligned(asks(task));
    *bytes = wanted > *bytes ? wanted : *bytes;
}

snas_status graph_measure(snas_executor *ex, snas_arena *mem)
{
    const snas_program *p = ex->program;
    SNAS_NEW(mem, ex->kernel, p->op_count);
    SNAS_NEW(mem, ex->tasks, p->op_count);
    SNAS_NEW(mem, ex->off, p->op_count);
    SNAS_NEW(mem, ex->ready, p->op_count);
    SNAS_NEW(mem, ex->views, p->op_count);
    SNAS_NEW(mem, ex->terms, p->op_count);
    SNAS_NEW(mem, ex->norms, p->op_count);
    for (int i = 0; i < p->op_count; i++) {
        SNAS_NEW(mem, ex->views[i], 2 * p->ops[i].input_count);
        ex->tasks[i].x = ex->views[i];
        ex->tasks[i].dx = ex->views[i] + p->ops[i].input_count;
        ex->kernel[i] = choose_kernel(ex, &p->ops[i]);
        shape_task(ex, i);
        if (p->ops[i].z_slots != NULL) {
            SNAS_TRY(shape_terms(ex, mem, i));
        }
        raise(&ex->scratch_bytes, ex->kernel[i]->scratch, &ex->tasks[i]);
        raise(&ex->cache_bytes, ex->kernel[i]->cache, &ex->tasks[i]);
    }
    SNAS_TRY(graph_sums_plan(ex, mem));
    booking parameters = {.batch = ex->batch}, activations = parameters;
    book_parameters(ex, &parameters);
    book_activations(ex, &activations);
    ex->parameter_bytes = parameters.bytes;
    ex->activation_bytes = activations.bytes;
    SNAS_TRY(parameters.failed);
    return activations.failed;
}

/* --- addresses ---------------------------------------------------------------------------------------------------- */

/** View of a value's pictures, or of their gradient. */
static snas_view view_of(const snas_executor *ex, int value, bool gradient)
{
    const snas_program *p = ex->program;
    const snas_shape *shape = &p->values[value].shape;
    int root, first = 0;
    if (gradient) {
        root = value = graph_gradient_of(p, value);
        while (p->values[root].inside != SNAS_NONE) {
            first += p->values[root].first;
            root = p->values[root].inside;
        }
    } else {
        root = graph_root(p, value, &first);
    }
    const snas_block *block = gradient ? &ex->plan.gradients[root] : &ex->plan.values[root];
    if (block->last < block->first) {
        return (snas_view){.h = shape->h, .w = shape->w, .c = shape->c};
    }
    const int channels = graph_block_channels(p, root);
    const int64_t block_step = (int64_t)shape->h * shape->w * channels;
    const int64_t at = block->offset + first / channels * block_step + first % channels;
    return (snas_view){.data = ex->values + (size_t)at * ex->element,
                       .stride = ex->plan.picture,
                       .h = shape->h,
                       .w = shape->w,
                       .c = shape->c,
                       .ld = channels,
                       .block = shape->c < channels ? shape->c : channels,
                       .block_step = block_step,
                       .id = value};
}

static void *entry(const snas_executor *ex, void *vector, const snas_program_parameter *list, int index)
{
    return index == SNAS_NONE || vector == NULL ? NULL : (char *)vector + (size_t)list[index].first * ex->element;
}

/** The slots with which a node weighs a value that is its own. */
static void find_slots(const snas_program *p, int value, int *z_slot, int *mask_slot)
{
    const snas_op *reader = graph_is_nodes(p, value) ? &p->ops[graph_single_reader(p, value)] : NULL;
    for (int k = 0; reader != NULL && k < reader->input_count; k++) {
        if (reader->inputs[k] == value) {
            *z_slot = reader->z_slots[k];
            *mask_slot = reader->mask_slots[k];
        }
    }
}

static void bind_norm(snas_executor *ex, int i)
{
    const snas_program *p = ex->program;
    const snas_op *op = &p->ops[i];
    snas_norm *n = &ex->norms[i];
    n->gamma = entry(ex, ex->weights, p->parameters, op->parameters[0]);
    n->beta = entry(ex, ex->weights, p->parameters, op->parameters[1]);
    n->dgamma = entry(ex, ex->gradients, p->parameters, op->parameters[0]);
    n->dbeta = entry(ex, ex->gradients, p->parameters, op->parameters[1]);
    n->running_mean = entry(ex, ex->buffers, p->buffers, op->running_mean);
    n->running_var = entry(ex, ex->buffers, p->buffers, op->running_var);
    n->momentum = p->norm_momentum;
    n->eps = p->norm_eps;
    n->z_slot = n->mask_slot = SNAS_NONE;
    if (op->kind == SNAS_OP_NORM_FOLDED && ex->training) {
        n->g = view_of(ex, op->output, true);
        find_slots(p, op->output, &n->z_slot, &n->mask_slot);
    }
}

static void bind_terms(snas_executor *ex, int i)
{
    const snas_program *p = ex->program;
    const snas_op *op = &p->ops[i];
    snas_term *terms = ex->terms[i];
    for (int k = 0; k < op->input_count; k++) {
        const int before = p->values[op->inputs[k]].producer;
        const bool folded = p->ops[before].kind == SNAS_OP_NORM_FOLDED;
        terms[k].norm = folded ? &ex->norms[before] : NULL;
    }
}

/** Addresses of an operation's inputs and of their gradients. */
static void bind_inputs(snas_executor *ex, int i)
{
    const snas_program *p = ex->program;
    const snas_op *op = &p->ops[i];
    snas_task *t = &ex->tasks[i];
    int ignored;
    for (int k = 0; k < op->input_count; k++) {
        const int v = op->inputs[k];
        const bool folded = p->ops[p->values[v].producer].kind == SNAS_OP_NORM_FOLDED;
        ex->views[i][k] = view_of(ex, v, false);
        const bool wanted = ex->training && ex->schedule.gradient_arrives[v] &&
                            ex->schedule.stage[PASS_BACKWARD][i] != SNAS_NONE &&
                            graph_norm_behind(p, v, &ignored) == SNAS_NONE && !graph_is_nodes(p, v);
        ex->views[i][op->input_count + k] = wanted ? view_of(ex, v, true) : (snas_view){0};
        if (folded && op->kind != SNAS_OP_NODE) {
            t->norm_in = &ex->norms[p->values[v].producer];
        }
    }
}

static void bind_task(snas_executor *ex, int i)
{
    const snas_program *p = ex->program;
    const snas_op *op = &p->ops[i];
    snas_task *t = &ex->tasks[i];
    const bool own = op->running_mean != SNAS_NONE;
    bind_inputs(ex, i);
    t->y = view_of(ex, op->output, false);
    const int norm = graph_norm_behind(p, op->output, &t->norm_first);
    t->norm = own ? &ex->norms[i] : norm != SNAS_NONE ? &ex->norms[norm] : NULL;
    /* who sums and who finalizes stand in one stage, whose rows they share */
    assert(own || norm == SNAS_NONE ||
           ex->schedule.stage[PASS_FORWARD][i] == ex->schedule.stage[PASS_STATISTICS][norm]);
    if (ex->training && ex->schedule.gradient_arrives[op->output] && (own || norm == SNAS_NONE)) {
        t->dy = view_of(ex, op->output, true);
        find_slots(p, op->output, &t->z_slot, &t->mask_slot);
    }
    for (int j = 0; j < SNAS_OPERATION_PARAMETERS; j++) {
        t->weight[j] = entry(ex, ex->weights, p->parameters, op->parameters[j]);
        t->dweight[j] = entry(ex, ex->gradients, p->parameters, op->parameters[j]);
    }
}

snas_status graph_bind(snas_executor *ex, snas_arena *mem)
{
    const snas_program *p = ex->program;
    booking all = {.mem = mem, .batch = ex->batch};
    book_parameters(ex, &all);
    book_activations(ex, &all);
    SNAS_TRY(all.failed);
    for (int i = 0; i < p->op_count; i++) {
        if (p->ops[i].running_mean != SNAS_NONE) {
            bind_norm(ex, i);
        }
        bind_task(ex, i);
        if (p->ops[i].z_slots != NULL) {
            bind_terms(ex, i);
        }
    }
    graph_sums_bind(ex);
    return SNAS_OK;
}
