/* c_steps.c -- the network in C: kernels, numbers, the table of layers, a call a step.
 *
 * Weights are turned from PyTorch's order, [out][in][row][column], into that in which a kernel reads pictures whose
 * channels lie side by side: [out][row][column][in]; those of a depthwise convolution into [row][column][channel].
 */
#include <assert.h>
#include <string.h>

#include "c_kernels.h"
#include "c_source.h"

static const c_kernel_row KERNELS[SNAS_C_STEP_KINDS] = {
    [SNAS_C_CONVOLVE] = {"convolve", "[position][pixel][convolve]", "weight", "bias", true},
    [SNAS_C_DEPTHWISE] = {"depthwise", "[position][pixel][depthwise]", "weight", "bias", true},
    [SNAS_C_POOL] = {"pool", "[position][pixel][pool]", "scale", "shift", true},
    [SNAS_C_AFFINE] = {"affine", "[affine]", "scale", "shift", false},
    [SNAS_C_COPY] = {"copy", "[copy]", NULL, NULL, false},
    [SNAS_C_CLEAR] = {"clear", "[clear]", NULL, NULL, false},
    [SNAS_C_MEAN] = {"mean", "[mean]", NULL, NULL, false},
    [SNAS_C_LINEAR] = {"linear", "[linear]", "weight", "bias", false},
};
enum { FIELDS_OF_LAYER = 15, BYTES_OF_INT = 4 };

/* --- kernels ------------------------------------------------------------------------------------------------------ */

/* Is the section, with its brackets, of any use? */
static bool is_wanted(const snas_c_plan *plan, const c_kernel_row *rows, const char *section, size_t size)
{
    if (strncmp(section, "[layer]", size) == 0) {
        return true;
    }
    for (int i = 0; i < plan->step_count; i++) {
        const char *sections = rows[plan->steps[i].kind].sections;
        for (const char *at = strchr(sections, '['); at != NULL; at = strchr(at + 1, '[')) {
            if (strncmp(at, section, size) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* The file as a text that ends. */
static snas_status copy_kernels(snas_arena *mem, const c_kernel_file *file, char **out)
{
    SNAS_NEW(mem, *out, file->size + 1);
    memcpy(*out, file->text, file->size);
    return SNAS_OK;
}

snas_status c_add_kernels(const c_writer *w, const c_kernel_file *file, snas_text *to)
{
    static const char BEGIN[] = "/* [", END[] = " */\n";
    char *text;
    SNAS_TRY(copy_kernels(w->mem, file, &text));
    for (char *at = strstr(text, BEGIN), *next; at != NULL; at = next) {
        char *section = at + strlen(BEGIN) - 1, *body = strstr(at, END) + strlen(END);
        next = strstr(body, BEGIN);
        if (is_wanted(w->plan, file->rows, section, (size_t)(body - section) - strlen(END))) {
            snas_text_add_bytes(to, body, next == NULL ? strlen(body) : (size_t)(next - body));
        }
    }
    return SNAS_OK;
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

int64_t c_turned(const export_layer *layer, int64_t i)
{
    if (!snas_op_is_convolution(layer->op)) {
        return i;
    }
    const int64_t taps = (int64_t)layer->op->window.kernel * layer->op->window.kernel;
    const int64_t outer = layer->op->kind == SNAS_OP_DEPTHWISE ? 1 : layer->op->window.channels;
    const int64_t inner = layer->weight_count / taps / outer;
    return (i / (inner * taps) * inner + i % inner) * taps + i / inner % taps;
}

snas_status c_turn(snas_arena *mem, const export_layer *layer, float **out)
{
    SNAS_NEW(mem, *out, layer->weight_count);
    for (int64_t i = 0; i < layer->weight_count; i++) {
        (*out)[i] = layer->weight[c_turned(layer, i)];
    }
    return SNAS_OK;
}

static snas_status add_numbers(c_writer *w, snas_text *to, const snas_c_step *step)
{
    const c_kernel_row *kernel = &KERNELS[step->kind];
    const export_layer *layer = &w->layers->layers[step->op];
    if (kernel->weight == NULL || layer->weight == NULL) {
        return SNAS_OK;
    }
    float *weight;
    SNAS_TRY(c_turn(w->mem, layer, &weight));
    c_add_floats(to, layer->module, kernel->weight, weight, layer->weight_count);
    w->constant_bytes += layer->weight_count * (int64_t)sizeof(float);
    if (layer->bias != NULL) {
        const int channels = export_channels(w->layers, layer->op);
        c_add_floats(to, layer->module, kernel->bias, layer->bias, channels);
        w->constant_bytes += channels * (int64_t)sizeof(float);
    }
    return SNAS_OK;
}

/* --- layers ------------------------------------------------------------------------------------------------------- */

static void add_row(const c_writer *w, snas_text *to, const snas_c_step *step)
{
    const snas_value *values = w->plan->program->values;
    const snas_shape *x = &values[step->x].shape, *y = &values[step->y].shape;
    const export_layer *layer = &w->layers->layers[step->op];
    const snas_op *op = layer->op;
    const bool windows = snas_op_is_convolution(op) || step->kind == SNAS_C_POOL;
    const snas_window window = windows ? op->window : (snas_window){0};
    snas_text_add(to, "    {%d, %d, %d, %d, ", x->h, x->w, x->c, snas_c_plan_view(w->plan, step->x).step);
    snas_text_add(to, "%d, %d, %d, %d, ", y->h, y->w, y->c, snas_c_plan_view(w->plan, step->y).step);
    snas_text_add(to, "%d, %d, %d, %d, %d, ", window.kernel, window.stride, window.pad, window.dilation, window.offset);
    snas_text_add(to, "%d, %d}, /* %s */\n", step->rectify, step->add,
                  layer->module == NULL ? KERNELS[step->kind].function : layer->module);
}

snas_status c_add_constants(c_writer *w, snas_text *to)
{
    const c_kernel_file file = {export_c_kernels, export_c_kernels_size, KERNELS};
    SNAS_TRY(c_add_kernels(w, &file, to));
    for (int i = 0; i < w->plan->step_count; i++) {
        SNAS_TRY(add_numbers(w, to, &w->plan->steps[i]));
    }
    snas_text_add(to, "\nstatic const layer layers[%d] = {\n", w->plan->step_count);
    for (int i = 0; i < w->plan->step_count; i++) {
        add_row(w, to, &w->plan->steps[i]);
    }
    snas_text_add(to, "};\n");
    w->constant_bytes += (int64_t)w->plan->step_count * FIELDS_OF_LAYER * BYTES_OF_INT;
    return SNAS_OK;
}

/* --- calls -------------------------------------------------------------------------------------------------------- */

void c_add_place(const c_writer *w, snas_text *to, int value)
{
    const snas_c_view view = snas_c_plan_view(w->plan, value);
    if (view.input || view.logits) {
        snas_text_add(to, ", %s", view.input ? "pixels" : "logits");
    } else {
        snas_text_add(to, ", activations + %lld", (long long)view.at);
    }
}

static void add_argument(snas_text *to, const char *module, const char *what, const float *values)
{
    snas_text_add(to, ", ");
    if (values == NULL) {
        snas_text_add(to, "NULL");
    } else {
        c_add_array_name(to, module, what);
    }
}

void c_add_calls(const c_writer *w, snas_text *to)
{
    for (int i = 0; i < w->plan->step_count; i++) {
        const snas_c_step *step = &w->plan->steps[i];
        const c_kernel_row *kernel = &KERNELS[step->kind];
        const export_layer *layer = &w->layers->layers[step->op];
        snas_text_add(to, "    %s(&layers[%d]", kernel->function, i);
        if (step->kind != SNAS_C_CLEAR) {
            c_add_place(w, to, step->x);
        }
        c_add_place(w, to, step->y);
        if (step->kind == SNAS_C_POOL) {
            snas_text_add(to, ", %d", layer->op->kind == SNAS_OP_AVG_POOL);
        }
        if (kernel->weight != NULL) {
            assert(layer->weight != NULL || kernel->optional);
            add_argument(to, layer->module, kernel->weight, layer->weight);
            add_argument(to, layer->module, kernel->bias, layer->bias);
        }
        snas_text_add(to, ");\n");
    }
}
