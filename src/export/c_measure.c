/* c_measure.c -- the steps of a plan in single precision, by the kernels of the exported file, and the ranges of what
 * they write: the engine's own kernels are fused and keep nothing of what lies between. */
#include "c_measure.h"

#include <math.h>
#include <string.h>

#include "c_source.h"

#include "c_kernels.inc"

snas_status c_measured_make(snas_arena *mem, const c_plan *plan, c_measured *out)
{
    *out = (c_measured){.plan = plan};
    SNAS_NEW(mem, out->weight, plan->step_count);
    for (int i = 0; i < plan->step_count; i++) {
        out->weight[i] = NULL;
        if (plan->steps[i].layer->weight != NULL) {
            SNAS_TRY(c_turn(mem, &plan->steps[i], &out->weight[i]));
        }
    }
    return SNAS_OK;
}

snas_status c_bench_make(snas_arena *mem, const c_plan *plan, c_bench *out)
{
    const snas_program *p = plan->net->program;
    SNAS_NEW(mem, out->buffer, plan->held);
    SNAS_NEW(mem, out->logits, p->values[plan->net->logits].shape.c);
    SNAS_NEW(mem, out->ranges, p->value_count);
    memset(out->ranges, 0, (size_t)p->value_count * sizeof *out->ranges);
    return SNAS_OK;
}

/* Where a value lies that is not the network's input. */
static float *place_of(const c_view *view, const c_bench *bench)
{
    return view->logits ? bench->logits : bench->buffer + view->at;
}

static layer layer_of(const c_plan *plan, const c_step *step, int x_value, bool add)
{
    const snas_value *values = plan->net->program->values;
    const snas_shape *x = &values[x_value].shape, *y = &values[step->y].shape;
    const snas_window *w = &step->layer->op->window;
    return (layer){.height = x->h,
                   .width = x->w,
                   .channels = x->c,
                   .step = c_plan_view(plan, x_value).step,
                   .to_height = y->h,
                   .to_width = y->w,
                   .to_channels = y->c,
                   .to_step = c_plan_view(plan, step->y).step,
                   .kernel = w->kernel,
                   .stride = w->stride,
                   .pad = w->pad,
                   .dilation = w->dilation,
                   .offset = w->offset,
                   .rectify = step->rectify,
                   .add = add};
}

static void run(const c_step *step, const layer *l, const float *x, float *y, const float *weight)
{
    const float *bias = step->layer->bias;
    switch (step->kind) {
    case C_CONVOLVE:
        convolve(l, x, y, weight, bias);
        break;
    case C_DEPTHWISE:
        depthwise(l, x, y, weight, bias);
        break;
    case C_POOL:
        pool(l, x, y, step->layer->op->kind == SNAS_OP_AVG_POOL, weight, bias);
        break;
    case C_AFFINE:
        affine(l, x, y, weight, bias);
        break;
    case C_CLEAR:
        clear(l, y);
        break;
    case C_MEAN:
        mean(l, x, y);
        break;
    case C_LINEAR:
        linear(l, x, y, weight, bias);
        break;
    default:
        copy(l, x, y);
        break; /* C_COPY, C_SUM */
    }
}

/* The numbers that a step has written. */
static void look(const layer *l, const float *y, c_range *range)
{
    for (int i = 0; i < l->to_height * l->to_width; i++, y += l->to_step) {
        for (int c = 0; c < l->to_channels; c++) {
            range->least = fminf(range->least, y[c]);
            range->most = fmaxf(range->most, y[c]);
            range->infinite = range->infinite || !isfinite(y[c]);
        }
    }
}

void c_measure(const c_measured *net, const float *pixels, c_bench *bench)
{
    const c_plan *plan = net->plan;
    for (int i = 0; i < plan->step_count; i++) {
        const c_step *step = &plan->steps[i];
        const c_view to = c_plan_view(plan, step->y);
        float *y = place_of(&to, bench);
        layer l = {0};
        for (int k = 0; k < c_step_reads(step); k++) {
            const int value = c_step_input(plan, step, k);
            const c_view from = c_plan_view(plan, value);
            l = layer_of(plan, step, value, step->add || k > 0);
            run(step, &l, from.input ? pixels : place_of(&from, bench), y, net->weight[i]);
        }
        look(&l, y, &bench->ranges[c_plan_root(plan, step->y)]);
    }
}

void c_range_join(c_range *range, const c_range *other)
{
    range->least = fminf(range->least, other->least);
    range->most = fmaxf(range->most, other->most);
    range->infinite = range->infinite || other->infinite;
}
