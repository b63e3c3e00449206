/* c_flash.c -- bytes of constants of a network in C in 8 bits, step by step, as the exported file has them. */
#include "snas/deploy/c_plan.h"

static int64_t weights_of(const snas_c_plan *plan, const snas_c_step *step)
{
    const snas_op *op = snas_c_step_op(plan, step);
    const int channels = plan->program->values[step->y].shape.c;
    switch (step->kind) {
    case SNAS_C_CLEAR:
    case SNAS_C_SUM:
    case SNAS_C_MEAN:
        return 0;
    case SNAS_C_CONVOLVE:
    case SNAS_C_DEPTHWISE:
    case SNAS_C_LINEAR:
        return plan->program->parameters[op->parameters[0]].count;
    default:
        return channels; /* a factor a channel */
    }
}

static int64_t outputs_of(const snas_c_plan *plan, const snas_c_step *step)
{
    const int channels = plan->program->values[step->y].shape.c;
    return step->kind == SNAS_C_CLEAR ? 0 : step->kind == SNAS_C_SUM ? 1 : channels;
}

/* Where the bytes of a slot are added. */
static int64_t *slot_of(int64_t *slots, int slot, int64_t *rest)
{
    return slots == NULL || slot == SNAS_NONE ? rest : &slots[slot];
}

static void add_terms(const snas_c_plan *plan, const snas_c_step *step, int64_t *slots, int64_t *rest)
{
    const snas_op *op = snas_c_step_op(plan, step);
    for (int k = 0; step->kind == SNAS_C_SUM && k < op->input_count; k++) {
        *slot_of(slots, op->z_slots[k], rest) += SNAS_C_TERM_BYTES;
    }
}

int64_t snas_c_plan_flash(const snas_c_plan *plan, int64_t *slots)
{
    int64_t rest = SNAS_C_PIXEL_BYTES;
    for (int i = 0; i < plan->step_count; i++) {
        const snas_c_step *step = &plan->steps[i];
        *slot_of(slots, snas_c_step_op(plan, step)->gate, &rest) +=
            SNAS_C_LAYER_BYTES + weights_of(plan, step) + outputs_of(plan, step) * SNAS_C_OUTPUT_BYTES;
        add_terms(plan, step, slots, &rest);
    }
    return rest;
}
