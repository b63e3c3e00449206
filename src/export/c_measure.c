/* c_measure.c -- the steps of a plan in single precision, by the kernels of the exported file, and the ranges of what
 * they write: the engine's own kernels are fused and keep nothing of what lies between. */
#include "c_measure.h"

#include <math.h>
#include <string.h>

#include "c_source.h"

#include "c_kernels.inc"

snas_status c_measured_make(snas_arena *mem, const export_layers *layers, const snas_c_plan *plan, c_measured *out)
{
    *out = (c_measured){.plan = plan, .layers = layers};
    SNAS_NEW(mem, out->weight, plan->step_count);
    for (int i = 0; i < plan->step_count; i++) {
        const export_layer *of = &layers->layers[plan->steps[i].op];
        out->weight[i] = NULL;
        if (of->weight != NULL) {
            SNAS_TRY(c_turn(mem, of, &out->weight[i]));
        }
    }
    return SNAS_OK;
}

snas_status c_bench_make(snas_arena *mem, const snas_c_plan *plan, c_bench *out)
{
    const snas_program *p = plan->program;
    SNAS_NEW(mem, out->buffer, plan->held);
    SNAS_NEW(mem, out->logits, p->values[plan->outline->logits].shape.c);
    SNAS_NEW(mem, out->ranges, p->value_count);
    memset(out->ranges, 0, (size_t)p->value_count * sizeof *out->ranges);
    return SNAS_OK;
}

/* Where a value lies that is not the network's input. */
static float *place_of(const snas_c_view *view, const c_bench *bench)
{
    return view->logits ? bench->logits : bench->buffer + view->at;
}

static layer layer_of(const snas_c_plan *plan, const snas_c_step *step, int x_value, bool add)
{
    const snas_value *values = plan->program->values;
    const snas_shape *x = &values[x_value].shape, *y = &values[step->y].shape;
    const snas_window *w = &snas_c_step_op(plan, step)->window;
    return (layer){.height = x->h,
                   .width = x->w,
                   .channels = x->c,
                   .step = snas_c_plan_view(plan, x_value).step,
                   .to_height = y->h,
                   .to_width = y->w,
                   .to_channels = y->c,
                   .to_step = snas_c_plan_view(plan, step->y).step,
                   .kernel = w->kernel,
                   .stride = w->stride,
                   .pad = w->pad,
                   .dilation = w->dilation,
                   .offset = w->offset,
                   .rectify = step->rectify,
                   .add = add};
}

/* What a step is given beside its pictures. */
typedef struct {
    const export_layer *of;
    const float *weight;
} numbers;

static void run(const snas_c_step *step, const layer *l, const float *x, float *y, const numbers *n)
{
    const float *weight = n->weight, *bias = n->of->bias;
    switch (step->kind) {
    case SNAS_C_CONVOLVE:
        convolve(l, x, y, weight, bias);
        break;
    case SNAS_C_DEPTHWISE:
        depthwise(l, x, y, weight, bias);
        break;
    case SNAS_C_POOL:
        pool(l, x, y, n->of->op->kind == SNAS_OP_AVG_POOL, weight, bias);
        break;
    case SNAS_C_AFFINE:
        affine(l, x, y, weight, bias);
        break;
    case SNAS_C_CLEAR:
        clear(l, y);
        break;
    case SNAS_C_MEAN:
        mean(l, x, y);
        break;
    case SNAS_C_LINEAR:
        linear(l, x, y, weight, bias);
        break;
    default:
        copy(l, x, y);
        break; /* SNAS_C_COPY, SNAS_C_SUM */
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
    const snas_c_plan *plan = net->plan;
    for (int i = 0; i < plan->step_count; i++) {
        const snas_c_step *step = &plan->steps[i];
        const snas_c_view to = snas_c_plan_view(plan, step->y);
        float *y = place_of(&to, bench);
        const numbers given = {&net->layers->layers[step->op], net->weight[i]};
        layer l = {0};
        for (int k = 0; k < snas_c_step_reads(plan, step); k++) {
            const int value = snas_c_step_input(plan, step, k);
            const snas_c_view from = snas_c_plan_view(plan, value);
            l = layer_of(plan, step, value, step->add || k > 0);
            run(step, &l, from.input ? pixels : place_of(&from, bench), y, &given);
        }
        look(&l, y, &bench->ranges[snas_c_plan_root(plan, step->y)]);
    }
}

void c_range_join(c_range *range, const c_range *other)
{
    range->least = fminf(range->least, other->least);
    range->most = fmaxf(range->most, other->most);
    range->infinite = range->infinite || other->infinite;
}
