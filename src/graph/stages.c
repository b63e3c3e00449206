/* stages.c -- the schedule turned into rows: what runs in each stage, what it finalizes, which gradients start at zero.
 *
 * Forward items stand in program order, backward items in reverse: within a picture a value is ready before it is read.
 * What rested in between is written again before anything else of the stage. A gradient's memory is cleared, picture by
 * picture, just before the first operation that adds to it.
 */
#include "bind.h"

/** True when a kernel adds to the gradient of input k (a folded norm's gradient is overwritten instead). */
static bool adds_gradient(const snas_executor *ex, int i, int k)
{
    const snas_op *op = &ex->program->ops[i];
    return ex->tasks[i].dx[k].data != NULL &&
           ex->program->ops[ex->program->values[op->inputs[k]].producer].kind != SNAS_OP_NORM_FOLDED;
}

/** Has this pass of the operation anything to do in a stage's walk over pictures? */
static bool walks(const snas_executor *ex, int i, pass_kind pass)
{
    const snas_kernel *k = ex->kernel[i];
    const snas_pass passes[PASS_COUNT] = {k->statistics, k->forward, k->backward_statistics, k->backward};
    return passes[pass] != NULL;
}

static void add_item(snas_executor *ex, graph_stage *stage, int op, pass_kind pass)
{
    if (walks(ex, op, pass)) {
        stage->items[stage->item_count] = (graph_item){.op = op, .zero_first = ex->zero_count};
        stage->passes[stage->item_count++] = pass;
    }
}

/** Evaluation runs the network, not its auxiliary classifier. */
static void add_evaluated(snas_executor *ex, int op)
{
    if (!(ex->program->ops[op].auxiliary > 0.0)) {
        add_item(ex, &ex->evaluation, op, PASS_FORWARD);
    }
}

/** Clear the gradients that item `item` is the first to add to. */
static void add_zeros(snas_executor *ex, graph_item *item, bool *cleared)
{
    const snas_program *p = ex->program;
    const snas_op *op = &p->ops[item->op];
    for (int k = 0; k < op->input_count; k++) {
        const int root = graph_gradient_root(p, op->inputs[k]);
        if (!adds_gradient(ex, item->op, k) || cleared[root]) {
            continue;
        }
        const snas_block *block = &ex->plan.gradients[root];
        cleared[root] = true;
        ex->zeros[ex->zero_count++] = *block;
        item->zero_count++;
    }
}

static void fill_forward(snas_executor *ex, int s)
{
    const snas_program *p = ex->program;
    graph_stage *stage = &ex->stages[s];
    for (int i = 0; i < p->op_count; i++) {
        for (pass_kind pass = PASS_STATISTICS; pass <= PASS_FORWARD; pass++) {
            if (ex->schedule.stage[pass][i] == s) {
                add_item(ex, stage, i, pass);
            }
        }
        if (ex->schedule.stage[PASS_STATISTICS][i] == s) {
            stage->finalizes[stage->finalize_count++] = i;
        }
        if (ex->training && ex->schedule.stage[PASS_FORWARD][i] == s) {
            add_evaluated(ex, i);
        }
    }
}

/** Write again what the stage is the first to read on the way back. */
static void fill_restored(snas_executor *ex, int s)
{
    const snas_program *p = ex->program;
    for (int v = 0; v < p->value_count; v++) {
        const snas_block *block = &ex->plan.values[v];
        if (block->gap_end > block->gap_first && block->gap_end == s) {
            add_item(ex, &ex->stages[s], p->values[v].producer, PASS_FORWARD);
        }
    }
}

static void fill_backward(snas_executor *ex, int s, bool *cleared)
{
    const snas_program *p = ex->program;
    graph_stage *stage = &ex->stages[s];
    fill_restored(ex, s);
    for (int i = p->op_count - 1; i >= 0; i--) {
        const bool ends = ex->schedule.stage[PASS_BACKWARD][i] == s;
        const bool sums = ex->schedule.stage[PASS_BACKWARD_STATISTICS][i] == s;
        if (sums) {
            add_item(ex, stage, i, PASS_BACKWARD_STATISTICS);
            stage->finalizes[stage->finalize_count++] = i;
        }
        if (!ends) {
            continue;
        }
        const int before = stage->item_count;
        add_item(ex, stage, i, PASS_BACKWARD);
        if (stage->item_count > before) {
            add_zeros(ex, &stage->items[before], cleared);
        }
        if (ex->tasks[i].partial_count > 0) {
            stage->collects[stage->collect_count++] = i;
        }
        if (ex->kernel[i]->backward_finalize != NULL && !sums &&
            ex->schedule.stage[PASS_BACKWARD_STATISTICS][i] == SNAS_NONE) {
            stage->finalizes[stage->finalize_count++] = i;
        }
    }
}

/** Room for everything a stage can hold. */
static snas_status make_room(const snas_executor *ex, snas_arena *mem, graph_stage *stage, int s)
{
    int count = 0;
    for (int i = 0; i < ex->program->op_count; i++) {
        for (int pass = 0; pass < PASS_COUNT; pass++) {
            count += s == SNAS_NONE ? pass == PASS_FORWARD : ex->schedule.stage[pass][i] == s;
        }
    }
    for (int v = 0; s != SNAS_NONE && v < ex->program->value_count; v++) {
        count += ex->plan.values[v].gap_end == s;
    }
    SNAS_NEW(mem, stage->items, count);
    SNAS_NEW(mem, stage->passes, count);
    SNAS_NEW(mem, stage->finalizes, count);
    SNAS_NEW(mem, stage->collects, count);
    return SNAS_OK;
}

snas_status graph_stages_make(snas_executor *ex, snas_arena *mem)
{
    bool *cleared;
    SNAS_NEW(mem, ex->stages, ex->schedule.stages);
    SNAS_NEW(mem, cleared, ex->program->value_count);
    SNAS_NEW(mem, ex->zeros, ex->program->value_count);
    SNAS_TRY(make_room(ex, mem, &ex->evaluation, SNAS_NONE));
    /* Evaluation follows the order in which the memory was planned: operations, or stages when a training plan is used.
     * */
    for (int i = 0; !ex->training && i < ex->program->op_count; i++) {
        add_evaluated(ex, i);
    }
    for (int s = 0; s < ex->schedule.stages; s++) {
        SNAS_TRY(make_room(ex, mem, &ex->stages[s], s));
        ex->stages[s].sums = &ex->rows[s];
        if (s < ex->schedule.forward_stages) {
            fill_forward(ex, s);
        } else {
            fill_backward(ex, s, cleared);
        }
    }
    return SNAS_OK;
}
