/* schedule.c -- which stage each pass of each operation runs in.
 *
 * Pictures are independent within a stage, so an operation may stand in the stage of its inputs. Only batch statistics
 * need every picture: a batch norm's output is ready one stage after its input, and its input's gradient one stage
 * after its output's. Stages are as early as that allows, so all candidates of an edge meet in one stage, edge by
 * edge.
 */
#include "graph.h"

#include <string.h>

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static bool is_norm(const snas_op *op)
{
    return op->kind == SNAS_OP_NORM || op->kind == SNAS_OP_NORM_FOLDED;
}

static void schedule_forward(const snas_program *p, int *ready, graph_schedule *s)
{
    for (int i = 0; i < p->op_count; i++) {
        const snas_op *op = &p->ops[i];
        int stage = 0;
        for (int k = 0; k < op->input_count; k++) {
            stage = larger(stage, ready[op->inputs[k]]);
        }
        if (is_norm(op)) {
            s->stage[PASS_STATISTICS][i] = stage++;
        }
        s->stage[PASS_FORWARD][i] = stage;
        ready[op->output] = stage;
        s->forward_stages = larger(s->forward_stages, stage + 1);
    }
}

static void schedule_backward(const snas_program *p, int *ready, graph_schedule *s)
{
    for (int v = 0; v < p->value_count; v++) {
        ready[v] = s->forward_stages;
    }
    for (int i = p->op_count - 1; i >= 0; i--) {
        const snas_op *op = &p->ops[i];
        if (op->kind == SNAS_OP_LOSS) {
            s->gradient_arrives[op->output] = true;
        }
        if (!s->gradient_arrives[op->output] || op->kind == SNAS_OP_INPUT) {
            continue;
        }
        int stage = ready[op->output];
        if (is_norm(op)) {
            s->stage[PASS_BACKWARD_STATISTICS][i] = stage++;
        }
        s->stage[PASS_BACKWARD][i] = stage;
        s->stages = larger(s->stages, stage + 1);
        for (int k = 0; k < op->input_count; k++) {
            const int v = op->inputs[k];
            if (p->ops[p->values[v].producer].kind != SNAS_OP_INPUT) {
                ready[v] = larger(ready[v], stage);
                s->gradient_arrives[v] = true;
            }
        }
    }
}

snas_status graph_schedule_make(const snas_program *p, bool training, graph_schedule *s)
{
    int *ready;
    *s = (graph_schedule){0};
    for (int pass = 0; pass < PASS_COUNT; pass++) {
        SNAS_NEW(p->mem, s->stage[pass], p->op_count);
        memset(s->stage[pass], 0xff, (size_t)p->op_count * sizeof(int)); /* SNAS_NONE */
    }
    SNAS_NEW(p->mem, s->gradient_arrives, p->value_count);
    SNAS_NEW(p->mem, ready, p->value_count);
    schedule_forward(p, ready, s);
    s->stages = s->forward_stages;
    if (training) {
        schedule_backward(p, ready, s);
    }
    return SNAS_OK;
}
