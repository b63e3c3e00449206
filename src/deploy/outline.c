/* outline.c -- what of a plain program is left when it is written down for evaluation. */
#include "snas/deploy/outline.h"

bool snas_op_is_convolution(const snas_op *op)
{
    return op->kind == SNAS_OP_CONV || op->kind == SNAS_OP_DEPTHWISE;
}

static int producer(const snas_outline *o, int value)
{
    return o->program->values[value].producer;
}

/* Backwards from the logits; all of it when the whole is wanted. */
static snas_status find_live(snas_arena *mem, bool whole, snas_outline *o)
{
    const snas_program *p = o->program;
    bool *wanted;
    SNAS_NEW(mem, wanted, p->value_count);
    for (int i = 0; i < p->op_count; i++) {
        o->logits = p->ops[i].kind == SNAS_OP_LOSS ? p->ops[i].inputs[0] : o->logits;
    }
    wanted[o->logits] = true;
    for (int i = p->op_count - 1; i >= 0; i--) {
        const snas_op *op = &p->ops[i];
        o->live[i] = op->kind != SNAS_OP_LOSS && (whole || wanted[op->output]);
        for (int k = 0; k < op->input_count; k++) {
            wanted[op->inputs[k]] |= o->live[i];
        }
    }
    return SNAS_OK;
}

/* --- folding ------------------------------------------------------------------------------------------------------ */

/* How often what is live reads each value. */
static snas_status count_reads(snas_arena *mem, const snas_outline *o, int **reads)
{
    SNAS_NEW(mem, *reads, o->program->value_count);
    for (int i = 0; i < o->program->op_count; i++) {
        const snas_op *op = &o->program->ops[i];
        for (int k = 0; o->live[i] && k < op->input_count; k++) {
            (*reads)[op->inputs[k]]++;
        }
    }
    return SNAS_OK;
}

/* What can hold a norm, and whose numbers nobody else reads. */
static bool can_carry(const snas_outline *o, const int *reads, int value, snas_norms norms)
{
    const snas_op *op = &o->program->ops[producer(o, value)];
    const bool pool = op->kind == SNAS_OP_MAX_POOL || op->kind == SNAS_OP_AVG_POOL;
    return (snas_op_is_convolution(op) || (pool && norms == SNAS_NORMS_INTO_POOLS_TOO)) && reads[value] == 1;
}

/* The norm, operation i, into what writes its input, if that can carry it. */
static void fold_norm(snas_outline *o, int *reads, int i, snas_norms norms)
{
    const snas_op *norm = &o->program->ops[i];
    const int input = norm->inputs[0];
    const snas_op *before = &o->program->ops[producer(o, input)];
    const bool several = before->kind == SNAS_OP_CONCAT;
    const int *parts = several ? before->inputs : &input;
    const int count = several ? before->input_count : 1;
    bool carried = reads[input] == 1;
    for (int k = 0; k < count && carried; k++) {
        carried = can_carry(o, reads, parts[k], norms);
    }
    if (!carried) {
        return;
    }
    for (int k = 0, first = 0; k < count; k++) {
        o->norm[producer(o, parts[k])] = i;
        o->first[producer(o, parts[k])] = first;
        first += o->program->values[parts[k]].shape.c;
    }
    o->live[i] = false;
    o->value[norm->output] = input;
    reads[input]--;
}

snas_status snas_outline_make(snas_arena *mem, const snas_program *program, snas_norms norms, bool whole,
                              snas_outline *out)
{
    int *reads;
    *out = (snas_outline){.program = program};
    SNAS_NEW(mem, out->live, program->op_count);
    SNAS_NEW(mem, out->norm, program->op_count);
    SNAS_NEW(mem, out->first, program->op_count);
    SNAS_NEW(mem, out->value, program->value_count);
    for (int i = 0; i < program->op_count; i++) {
        out->norm[i] = SNAS_NONE;
    }
    for (int v = 0; v < program->value_count; v++) {
        out->value[v] = v;
    }
    SNAS_TRY(find_live(mem, whole, out));
    SNAS_TRY(count_reads(mem, out, &reads));
    for (int i = 0; norms != SNAS_NORMS_STAY && i < program->op_count; i++) {
        if (out->live[i] && program->ops[i].kind == SNAS_OP_NORM) {
            fold_norm(out, reads, i, norms);
        }
    }
    return SNAS_OK;
}
