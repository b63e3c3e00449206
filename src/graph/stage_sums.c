/* stage_sums.c -- what each stage sums over pictures: a segment of the shards' rows (shard_reduce.h) an operation.
 *
 *     forward stage:    moments of the norms whose input is complete in it, and their shards' pivots
 *     backward stage:   S0 and S1 of norms, dL/dz of a node's inputs without a norm, sums of a node's gradient by
 *                       drop-path mask, weight gradients
 *
 * Stages run one after the other, so they share one block of memory.
 */
#include "bind.h"

static bool is_norm(const snas_executor *ex, int op)
{
    return ex->program->ops[op].running_mean != SNAS_NONE;
}

/** A mixing weight whose gradient no folded norm gives. */
static bool sums_dz(const snas_executor *ex, int op, int k)
{
    const snas_program *p = ex->program;
    const int before = p->values[p->ops[op].inputs[k]].producer;
    return p->ops[op].z_slots[k] != SNAS_NONE && p->ops[before].kind != SNAS_OP_NORM_FOLDED;
}

/** The first of a node's inputs that share a mask; they stand together. */
static bool sums_mask(const snas_executor *ex, int op, int k)
{
    const snas_op *o = &ex->program->ops[op];
    return o->z_slots[k] != SNAS_NONE && o->mask_slots[k] != SNAS_NONE &&
           (k == 0 || o->mask_slots[k] != o->mask_slots[k - 1]);
}

/** Numbers that a node sums. */
static int count_of_node(const snas_executor *ex, int op)
{
    int count = 0;
    for (int k = 0; ex->program->ops[op].z_slots != NULL && k < ex->program->ops[op].input_count; k++) {
        count += sums_dz(ex, op, k) + sums_mask(ex, op, k);
    }
    return count;
}

/** What an operation sums in stage s; false: nothing. */
static bool segment_of(const snas_executor *ex, int op, int s, shard_segment *to)
{
    *to = (shard_segment){0};
    const snas_view *y = &ex->tasks[op].y;
    if (is_norm(ex, op)) {
        if (ex->schedule.stage[PASS_STATISTICS][op] == s) {
            *to = (shard_segment){
                .join = SHARD_MOMENTS, .count = y->c, .values = y->h * y->w, .cache_bytes = (size_t)y->c * ex->element};
        } else if (ex->schedule.stage[PASS_BACKWARD_STATISTICS][op] == s) {
            *to = (shard_segment){.join = SHARD_SUM_F64, .count = 2 * (int64_t)y->c};
        }
    } else if (ex->schedule.stage[PASS_BACKWARD][op] == s) {
        const int of_node = count_of_node(ex, op);
        *to = of_node > 0 ? (shard_segment){.join = SHARD_SUM_F64, .count = of_node}
                          : (shard_segment){.join = ex->f64 ? SHARD_SUM_F64 : SHARD_SUM_F32,
                                            .count = ex->tasks[op].partial_count};
    }
    to->op = op;
    return to->count > 0;
}

/** The row of stage s. */
static snas_status plan_row(snas_executor *ex, snas_arena *mem, int s)
{
    const snas_program *p = ex->program;
    shard_segment *segments, found;
    int count = 0;
    for (int i = 0; i < p->op_count; i++) {
        count += segment_of(ex, i, s, &found);
    }
    SNAS_NEW(mem, segments, count);
    count = 0;
    for (int i = 0; i < p->op_count; i++) {
        if (segment_of(ex, i, s, &found)) {
            segments[count++] = found;
        }
    }
    return shard_row_make(mem, segments, count, &ex->rows[s]);
}

snas_status graph_sums_plan(snas_executor *ex, snas_arena *mem)
{
    SNAS_NEW(mem, ex->rows, ex->schedule.stages + 1);
    for (int s = 0; ex->training && s < ex->schedule.stages; s++) {
        SNAS_TRY(plan_row(ex, mem, s));
        const size_t bytes = (size_t)shard_row_count(ex->own, ex->group) * ex->rows[s].bytes;
        ex->sums_bytes = bytes > ex->sums_bytes ? bytes : ex->sums_bytes;
        graph_ranks_raise(&ex->others, &ex->rows[s]);
    }
    return SNAS_OK;
}

static void bind_node(snas_executor *ex, int op, snas_sharded at)
{
    snas_term *terms = ex->terms[op];
    for (int k = 0; k < ex->tasks[op].inputs; k++) {
        if (sums_dz(ex, op, k)) {
            terms[k].dz = at;
            at.first += sizeof(double);
        }
        if (sums_mask(ex, op, k)) {
            terms[k].mask_sum = at;
            at.first += sizeof(double);
        }
    }
}

static void bind_segment(snas_executor *ex, const shard_segment *segment, size_t step)
{
    snas_task *t = &ex->tasks[segment->op];
    snas_norm *norm = &ex->norms[segment->op];
    const snas_sharded at = {ex->sums + segment->first, step};
    if (segment->join == SHARD_MOMENTS) {
        norm->moments = at;
        norm->pivots = (snas_sharded){ex->sums + segment->kept, step};
    } else if (is_norm(ex, segment->op)) {
        norm->gradients = at;
    } else if (t->partial_count > 0) {
        t->partial = at;
    } else {
        bind_node(ex, segment->op, at);
    }
}

void graph_sums_bind(snas_executor *ex)
{
    for (int s = 0; s < ex->schedule.stages; s++) {
        const shard_row *row = &ex->rows[s];
        for (int i = 0; i < row->segment_count; i++) {
            bind_segment(ex, &row->segments[i], row->bytes);
        }
    }
}
