/* c_header.c -- what surrounds the network in C: the header, the preprocessing, the softmax, the self-test. */
#include <math.h>

#include "c_source.h"

static void add_classes(const c_writer *w, snas_text *to)
{
    if (w->subject->child.class_names != NULL) {
        snas_text_add(to, "\n/* The names of the classes. */\nextern const char *const %s_classes[%s_CLASSES];\n",
                      w->names->name, w->names->upper);
    }
}

static void add_optional(const c_writer *w, snas_text *to)
{
    const c_names *n = w->names;
    if (w->subject->request->probabilities) {
        snas_text_add(to,
                      "\n/* The logits become probabilities: their softmax, in place. Needs expf of <math.h>. */\n"
                      "void %s_softmax(float *logits);\n",
                      n->name);
    }
    snas_text_add(
        to,
        "\n#ifdef %s_SELF_TEST\n"
        "/* The largest difference between the logits of a made-up picture and those of snas, relative to the\n"
        " * largest logit: rounding alone makes some 1e-6 of it. */\n"
        "float %s_self_test(void);\n#endif\n",
        n->upper, n->name);
}

void c_begin_header(const c_writer *w, snas_text *to)
{
    const c_names *n = w->names;
    const snas_child *child = &w->subject->child;
    snas_text_add(to, "/* %s -- a network that snas has trained, of ", n->header);
    c_add_comment(to, w->subject->request->weights);
    snas_text_add(to, ". */\n#ifndef %s_H\n#define %s_H\n\n#include <stdint.h>\n\n", n->upper, n->upper);
    snas_text_add(to, "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    snas_text_add(to, "#define %s_SIDE %d\n#define %s_CLASSES %d\n", n->upper, child->side, n->upper, child->classes);
    snas_text_add(to, "/* In flash, beside the code: the numbers of the network and its table of layers. */\n");
    snas_text_add(to, "#define %s_CONSTANT_BYTES %lld\n", n->upper, (long long)w->constant_bytes);
    snas_text_add(to, "/* In RAM: the buffer of the activations. */\n");
    snas_text_add(to, "#define %s_ACTIVATION_BYTES %lld\n", n->upper, (long long)w->plan->bytes);
    add_classes(w, to);
}

void c_end_header(snas_text *to)
{
    snas_text_add(to, "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}

void c_add_header(const c_writer *w, snas_text *to)
{
    const c_names *n = w->names;
    c_begin_header(w, to);
    snas_text_add(
        to,
        "\n/* The logits, a class each, of a picture [side][side][3] of red, green and blue, as %s_preprocess\n"
        " * makes it. Not for two threads at a time: the activations lie in one static buffer. */\n"
        "void %s_predict(const float *pixels, float *logits);\n",
        n->name, n->name);
    snas_text_add(to,
                  "\n/* Pixels from 0 to 255 as the network takes them: scaled to 0 to 1, less the mean, over the\n"
                  " * deviation of the training pictures. The network was trained on pictures whose shorter side was\n"
                  " * resized to %d, of which it saw the middle. */\n"
                  "void %s_preprocess(const uint8_t *pixels, float *to);\n",
                  w->subject->child.shorter, n->name);
    add_optional(w, to);
    c_end_header(to);
}

/* --- functions ---------------------------------------------------------------------------------------------------- */

static void add_three(snas_text *to, const char *name, const float *values)
{
    snas_text_add(to, "    static const float %s[3] = {", name);
    for (int c = 0; c < 3; c++) {
        snas_text_add(to, "%s", c > 0 ? ", " : "");
        c_add_float(to, values[c]);
    }
    snas_text_add(to, "};\n");
}

static void add_preprocess(const c_writer *w, snas_text *to)
{
    const c_names *n = w->names;
    snas_text_add(to, "\nvoid %s_preprocess(const uint8_t *pixels, float *to)\n{\n", n->name);
    add_three(to, "mean", w->subject->child.mean);
    add_three(to, "deviation", w->subject->child.deviation);
    snas_text_add(to,
                  "    for (int i = 0; i < %s_SIDE * %s_SIDE * 3; i++) {\n"
                  "        to[i] = ((float)pixels[i] / 255.0f - mean[i %% 3]) / deviation[i %% 3];\n"
                  "    }\n}\n",
                  n->upper, n->upper);
}

void c_add_class_names(const c_writer *w, snas_text *to)
{
    const snas_child *child = &w->subject->child;
    if (child->class_names == NULL) {
        return;
    }
    snas_text_add(to, "\nconst char *const %s_classes[%s_CLASSES] = {\n", w->names->name, w->names->upper);
    for (int k = 0; k < child->classes; k++) {
        snas_text_add(to, "    ");
        c_add_string(to, child->class_names[k]);
        snas_text_add(to, ",\n");
    }
    snas_text_add(to, "};\n");
}

static void add_softmax(const c_writer *w, snas_text *to)
{
    static const char TEXT[] = "    float largest = logits[0], sum = 0.0f;\n"
                               "    for (int k = 1; k < CLASSES; k++) {\n"
                               "        largest = logits[k] > largest ? logits[k] : largest;\n"
                               "    }\n"
                               "    for (int k = 0; k < CLASSES; k++) {\n"
                               "        logits[k] = expf(logits[k] - largest);\n"
                               "        sum += logits[k];\n"
                               "    }\n"
                               "    for (int k = 0; k < CLASSES; k++) {\n"
                               "        logits[k] /= sum;\n"
                               "    }\n"
                               "}\n";
    if (w->subject->request->probabilities) {
        snas_text_add(to, "\nvoid %s_softmax(float *logits)\n{\n    enum { CLASSES = %s_CLASSES };\n", w->names->name,
                      w->names->upper);
        snas_text_add_bytes(to, TEXT, sizeof TEXT - 1);
    }
}

/* --- the self-test ------------------------------------------------------------------------------------------------ */

/* What the network says to the made-up picture. */
static snas_status expect(const c_writer *w, const float **logits)
{
    const snas_child *child = &w->subject->child;
    const int numbers = child->side * child->side * 3, label = 0;
    float *picture;
    SNAS_NEW(w->mem, picture, numbers);
    uint32_t state = 1;
    for (int i = 0; i < numbers; i++) {
        picture[i] = ((float)c_next_byte(&state) / 255.0f - child->mean[i % 3]) / child->deviation[i % 3];
    }
    snas_outcome outcome;
    const snas_batch batch = {.count = 1, .images = picture, .labels = &label};
    snas_network_forward(w->subject->network, &batch, SNAS_MODE_EVALUATE, &outcome);
    *logits = snas_network_logits(w->subject->network);
    for (int k = 0; k < child->classes; k++) {
        if (!isfinite((*logits)[k])) {
            return snas_fail(SNAS_E_NUMERIC, "the network's output for the picture of the self-test is not finite");
        }
    }
    return SNAS_OK;
}

void c_add_picture(const c_writer *w, snas_text *to)
{
    snas_text_add(to,
                  "    uint32_t state = 1;\n"
                  "    for (int i = 0; i < %s_SIDE * %s_SIDE * 3; i++) {\n"
                  "        state = state * UINT32_C(1664525) + UINT32_C(1013904223);\n"
                  "        pixels[i] = (uint8_t)(state >> 24);\n"
                  "    }\n"
                  "    %s_preprocess(pixels, picture);\n"
                  "    %s_predict(picture, logits);\n",
                  w->names->upper, w->names->upper, w->names->name, w->names->name);
}

static snas_status add_self_test(const c_writer *w, snas_text *to)
{
    const c_names *n = w->names;
    const float *logits;
    SNAS_TRY(expect(w, &logits));
    snas_text_add(to, "\n#ifdef %s_SELF_TEST\n", n->upper);
    c_add_floats(to, "self_test", "logits", logits, w->subject->child.classes);
    snas_text_add(to,
                  "\nfloat %s_self_test(void)\n{\n"
                  "    static uint8_t pixels[%s_SIDE * %s_SIDE * 3];\n"
                  "    static float picture[%s_SIDE * %s_SIDE * 3], logits[%s_CLASSES];\n",
                  n->name, n->upper, n->upper, n->upper, n->upper, n->upper);
    c_add_picture(w, to);
    snas_text_add(to,
                  "    float worst = 0.0f, largest = 0.0f;\n"
                  "    for (int k = 0; k < %s_CLASSES; k++) {\n"
                  "        const float wanted = self_test_logits[k], off = logits[k] - wanted;\n"
                  "        const float distance = off < 0.0f ? -off : off, size = wanted < 0.0f ? -wanted : wanted;\n"
                  "        worst = distance <= worst ? worst : distance;\n"
                  "        largest = size > largest ? size : largest;\n"
                  "    }\n"
                  "    return worst / largest;\n"
                  "}\n#endif\n",
                  n->upper);
    return SNAS_OK;
}

snas_status c_add_helpers(c_writer *w, snas_text *to)
{
    c_add_class_names(w, to);
    add_preprocess(w, to);
    add_softmax(w, to);
    return add_self_test(w, to);
}
