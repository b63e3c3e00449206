/* c_int8_steps.c -- the network in C in whole numbers: kernels, numbers, the table of layers, a call a step. */
#include "c_kernels.h"
#include "c_source.h"

#define ALWAYS "[scaled][narrowed][settled]"
#define WINDOWS ALWAYS "[position][pixel][number]"

#define ROW(name, wanted)                                                                                              \
    {                                                                                                                  \
        .function = name, .sections = wanted                                                                           \
    }

static const c_kernel_row KERNELS[SNAS_C_STEP_KINDS] = {
    [SNAS_C_CONVOLVE] = ROW("convolve", WINDOWS "[convolve]"),
    [SNAS_C_DEPTHWISE] = ROW("depthwise", WINDOWS "[depthwise]"),
    [SNAS_C_POOL] = ROW("pool", WINDOWS "[pool]"),
    [SNAS_C_AFFINE] = ROW("depthwise", WINDOWS "[depthwise]"),
    [SNAS_C_COPY] = ROW("depthwise", WINDOWS "[depthwise]"),
    [SNAS_C_CLEAR] = ROW("clear", "[clear]"),
    [SNAS_C_SUM] = ROW("node", ALWAYS "[node]"),
    [SNAS_C_MEAN] = ROW("mean", ALWAYS "[number][mean]"),
    [SNAS_C_LINEAR] = ROW("convolve", WINDOWS "[convolve]"),
};
enum { NUMBERS_A_LINE = 24, INTS_OF_LAYER = 16, INTS_OF_OUTPUT = 3, INTS_OF_TERM = 5, BYTES_OF_INT = 4 };

/* The name of an array: after its module, or where it has none after its step. */
static void add_name(const c_writer *w, snas_text *to, int i, const char *what)
{
    const char *module = w->layers->layers[w->plan->steps[i].op].module;
    if (module == NULL) {
        snas_text_add(to, "step_%d_%s", i, what);
    } else {
        c_add_array_name(to, module, what);
    }
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static void begin_array(const c_writer *w, snas_text *to, int i, const char *type, const char *what)
{
    snas_text_add(to, "\nstatic const %s ", type);
    add_name(w, to, i, what);
}

static void add_weights(c_writer *w, snas_text *to, int i)
{
    const c_int8_step *q = &w->int8.steps[i];
    if (q->weight == NULL) {
        return;
    }
    begin_array(w, to, i, "int8_t", "weight");
    snas_text_add(to, "[%lld] = {", (long long)q->weight_count);
    for (int64_t j = 0; j < q->weight_count; j++) {
        snas_text_add(to, "%s%d,", j % NUMBERS_A_LINE == 0 ? "\n    " : " ", q->weight[j]);
    }
    snas_text_add(to, "\n};\n");
    w->constant_bytes += q->weight_count;
}

static void add_outputs(c_writer *w, snas_text *to, int i)
{
    const c_int8_step *q = &w->int8.steps[i];
    if (q->outputs == NULL) {
        return;
    }
    begin_array(w, to, i, "output", "outputs");
    snas_text_add(to, "[%d] = {\n", q->output_count);
    for (int c = 0; c < q->output_count; c++) {
        const export_output *o = &q->outputs[c];
        snas_text_add(to, "    {%ld, %ld, %ld},\n", (long)o->bias, (long)o->multiplier, (long)o->shift);
    }
    snas_text_add(to, "};\n");
    w->constant_bytes += (int64_t)q->output_count * INTS_OF_OUTPUT * BYTES_OF_INT;
}

static void add_terms(c_writer *w, snas_text *to, int i)
{
    const c_int8_step *q = &w->int8.steps[i];
    const int count = snas_c_step_reads(w->plan, &w->plan->steps[i]);
    if (q->terms == NULL) {
        return;
    }
    begin_array(w, to, i, "term", "terms");
    snas_text_add(to, "[%d] = {\n", count);
    for (int k = 0; k < count; k++) {
        const c_int8_term *t = &q->terms[k];
        snas_text_add(to, "    {%lld, %d, %d, %ld, %ld},\n", (long long)t->view.at, t->view.step, t->zero,
                      (long)t->multiplier, (long)t->shift);
    }
    snas_text_add(to, "};\n");
    w->constant_bytes += (int64_t)count * INTS_OF_TERM * BYTES_OF_INT;
}

/* --- layers ------------------------------------------------------------------------------------------------------- */

static void add_row(const c_writer *w, snas_text *to, const snas_c_step *step)
{
    const snas_value *values = w->plan->program->values;
    const snas_shape *x = &values[step->x].shape, *y = &values[step->y].shape;
    const export_scale from = c_int8_scale(&w->int8, step->x), into = c_int8_scale(&w->int8, step->y);
    const snas_window v = c_int8_window(w->plan, step);
    const char *module = w->layers->layers[step->op].module;
    snas_text_add(to, "    {%d, %d, %d, %d, %d, ", x->h, x->w, x->c, snas_c_plan_view(w->plan, step->x).step,
                  from.zero);
    snas_text_add(to, "%d, %d, %d, %d, %d, ", y->h, y->w, y->c, snas_c_plan_view(w->plan, step->y).step, into.zero);
    snas_text_add(to, "%d, %d, %d, %d, %d, %d},", v.kernel, v.stride, v.pad, v.dilation, v.offset, step->rectify);
    snas_text_add(to, " /* %s, scale %.9g to %.9g */\n", module == NULL ? KERNELS[step->kind].function : module,
                  (double)from.scale, (double)into.scale);
}

snas_status c_int8_add_constants(c_writer *w, snas_text *to)
{
    const c_kernel_file file = {export_c_int8_kernels, export_c_int8_kernels_size, KERNELS};
    SNAS_TRY(c_add_kernels(w, &file, to));
    for (int i = 0; i < w->plan->step_count; i++) {
        add_weights(w, to, i);
        add_outputs(w, to, i);
        add_terms(w, to, i);
    }
    snas_text_add(to, "\nstatic const layer layers[%d] = {\n", w->plan->step_count);
    for (int i = 0; i < w->plan->step_count; i++) {
        add_row(w, to, &w->plan->steps[i]);
    }
    snas_text_add(to, "};\n");
    w->constant_bytes += (int64_t)w->plan->step_count * INTS_OF_LAYER * BYTES_OF_INT;
    return SNAS_OK;
}

/* --- calls -------------------------------------------------------------------------------------------------------- */

static void add_argument(const c_writer *w, snas_text *to, int i, const char *what)
{
    snas_text_add(to, ", ");
    add_name(w, to, i, what);
}

void c_int8_add_calls(const c_writer *w, snas_text *to)
{
    for (int i = 0; i < w->plan->step_count; i++) {
        const snas_c_step *step = &w->plan->steps[i];
        const c_int8_step *q = &w->int8.steps[i];
        snas_text_add(to, "    %s(&layers[%d]", KERNELS[step->kind].function, i);
        if (step->kind == SNAS_C_SUM) {
            snas_text_add(to, ", activations");
        } else if (step->kind != SNAS_C_CLEAR) {
            c_add_place(w, to, step->x);
        }
        c_add_place(w, to, step->y);
        if (step->kind == SNAS_C_POOL) {
            snas_text_add(to, ", %d", q->average);
        }
        if (q->terms != NULL) {
            snas_text_add(to, ", %d", snas_c_step_reads(w->plan, step));
            add_argument(w, to, i, "terms");
        }
        if (q->weight != NULL) {
            add_argument(w, to, i, "weight");
        }
        if (q->outputs != NULL) {
            add_argument(w, to, i, "outputs");
        }
        snas_text_add(to, ");\n");
    }
}
