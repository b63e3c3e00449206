/* c_int8_run.c -- a network of 8-bit numbers runs within the program, by the kernels that the exported file has. */
#include <string.h>

#include "c_int8.h"

#include "c_int8.inc"

/* What the kernels take. */
typedef struct {
    layer l;
    output *outputs;
    term *terms;
} arguments;

static layer layer_of(const c_int8 *net, const snas_c_step *step)
{
    const snas_c_plan *plan = net->plan;
    const snas_value *values = plan->program->values;
    const snas_shape *x = &values[step->x].shape, *y = &values[step->y].shape;
    const snas_window w = c_int8_window(plan, step);
    return (layer){.height = x->h,
                   .width = x->w,
                   .channels = x->c,
                   .step = snas_c_plan_view(plan, step->x).step,
                   .zero = c_int8_scale(net, step->x).zero,
                   .to_height = y->h,
                   .to_width = y->w,
                   .to_channels = y->c,
                   .to_step = snas_c_plan_view(plan, step->y).step,
                   .to_zero = c_int8_scale(net, step->y).zero,
                   .kernel = w.kernel,
                   .stride = w.stride,
                   .pad = w.pad,
                   .dilation = w.dilation,
                   .offset = w.offset,
                   .rectify = step->rectify};
}

static snas_status take_arguments(snas_arena *mem, const c_int8 *net, int i, arguments *out)
{
    const c_int8_step *from = &net->steps[i];
    const int count = from->terms == NULL ? 0 : snas_c_step_reads(net->plan, &net->plan->steps[i]);
    out->l = layer_of(net, &net->plan->steps[i]);
    SNAS_NEW(mem, out->outputs, from->output_count + 1);
    SNAS_NEW(mem, out->terms, count + 1);
    for (int c = 0; c < from->output_count; c++) {
        out->outputs[c] = (output){from->outputs[c].bias, from->outputs[c].multiplier, from->outputs[c].shift};
    }
    for (int k = 0; k < count; k++) {
        const c_int8_term *t = &from->terms[k];
        out->terms[k] = (term){(int)t->view.at, t->view.step, t->zero, t->multiplier, t->shift};
    }
    return SNAS_OK;
}

/* What is read and written. */
typedef struct {
    const int8_t *pixels;
    int8_t *activations, *logits;
} places;

static void run(const c_int8 *net, int i, const arguments *a, const places *at)
{
    const snas_c_step *step = &net->plan->steps[i];
    const c_int8_step *q = &net->steps[i];
    const snas_c_view from = snas_c_plan_view(net->plan, step->x), to = snas_c_plan_view(net->plan, step->y);
    const int8_t *x = from.input ? at->pixels : at->activations + from.at;
    int8_t *y = to.logits ? at->logits : at->activations + to.at;
    switch (step->kind) {
    case SNAS_C_CONVOLVE:
    case SNAS_C_LINEAR:
        convolve(&a->l, x, y, q->weight, a->outputs);
        break;
    case SNAS_C_POOL:
        pool(&a->l, x, y, q->average, q->weight, a->outputs);
        break;
    case SNAS_C_CLEAR:
        clear(&a->l, y);
        break;
    case SNAS_C_SUM:
        node(&a->l, at->activations, y, snas_c_step_reads(net->plan, step), a->terms, a->outputs);
        break;
    case SNAS_C_MEAN:
        mean(&a->l, x, y, a->outputs);
        break;
    default:
        depthwise(&a->l, x, y, q->weight, a->outputs);
        break; /* SNAS_C_DEPTHWISE, SNAS_C_AFFINE, SNAS_C_COPY */
    }
}

snas_status c_int8_run(snas_arena *mem, const c_int8 *net, const uint8_t *pixels, int8_t *logits)
{
    const snas_program *p = net->plan->program;
    const snas_shape *picture = &p->values[p->ops[0].output].shape;
    const int64_t numbers = (int64_t)picture->h * picture->w * C_COLOURS;
    int8_t *input, *activations;
    SNAS_NEW(mem, input, numbers);
    SNAS_NEW(mem, activations, net->plan->held);
    for (int64_t i = 0; i < numbers; i++) {
        input[i] = net->bytes[i % C_COLOURS][pixels[i]];
    }
    const places at = {.pixels = input, .activations = activations, .logits = logits};
    for (int i = 0; i < net->plan->step_count; i++) {
        arguments a;
        SNAS_TRY(take_arguments(mem, net, i, &a));
        run(net, i, &a, &at);
    }
    return SNAS_OK;
}
