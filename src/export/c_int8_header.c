/* c_int8_header.c -- what surrounds the network in C in whole numbers: the header, the preprocessing, the self-test. */
#include "c_source.h"

static const char *const COLOURS[C_COLOURS] = {"red", "green", "blue"};

/* --- the header --------------------------------------------------------------------------------------------------- */

static void add_scale(const c_writer *w, snas_text *to, const char *what, int value)
{
    const export_scale scale = c_int8_scale(&w->int8, value);
    snas_text_add(to, "#define %s_%s_SCALE ", w->names->upper, what);
    c_add_float(to, scale.scale);
    snas_text_add(to, "\n#define %s_%s_ZERO (%d)\n", w->names->upper, what, scale.zero);
}

void c_int8_add_header(const c_writer *w, snas_text *to)
{
    const c_names *n = w->names;
    const snas_program *p = w->plan->program;
    c_begin_header(w, to);
    snas_text_add(to, "\n/* A number q of the picture or of the logits stands for scale * (q - zero). */\n");
    add_scale(w, to, "PIXELS", p->ops[0].output);
    add_scale(w, to, "LOGITS", w->plan->outline->logits);
    snas_text_add(
        to,
        "\n/* The logits, a class each, of a picture [side][side][3] of red, green and blue, as %s_preprocess\n"
        " * makes it. Whole numbers alone: the same bytes on every machine. Not for two threads at a time: the\n"
        " * activations lie in one static buffer. */\n"
        "void %s_predict(const int8_t *pixels, int8_t *logits);\n",
        n->name, n->name);
    snas_text_add(
        to,
        "\n/* Pixels from 0 to 255 as the network takes them, by a table: scaled to 0 to 1, less the mean, over\n"
        " * the deviation of the training pictures, in 8 bits. The network was trained on pictures whose shorter\n"
        " * side was resized to %d, of which it saw the middle. */\n"
        "void %s_preprocess(const uint8_t *pixels, int8_t *to);\n",
        w->subject->child.shorter, n->name);
    snas_text_add(to,
                  "\n#ifdef %s_SELF_TEST\n"
                  "/* How many logits of a made-up picture are not the bytes that snas has found: 0. */\n"
                  "int %s_self_test(void);\n#endif\n",
                  n->upper, n->name);
    c_end_header(to);
}

/* --- functions ---------------------------------------------------------------------------------------------------- */

static void add_bytes(snas_text *to, const int8_t *values, int count)
{
    enum { A_LINE = 16 };
    for (int i = 0; i < count; i++) {
        snas_text_add(to, "%s%d,", i % A_LINE == 0 ? "\n        " : " ", values[i]);
    }
}

static void add_preprocess(c_writer *w, snas_text *to)
{
    const c_names *n = w->names;
    snas_text_add(to, "\nvoid %s_preprocess(const uint8_t *pixels, int8_t *to)\n{\n", n->name);
    snas_text_add(to, "    static const int8_t numbers[%d][%d] = {", C_COLOURS, C_BYTES);
    for (int c = 0; c < C_COLOURS; c++) {
        snas_text_add(to, "\n    { /* %s */", COLOURS[c]);
        add_bytes(to, w->int8.bytes[c], C_BYTES);
        snas_text_add(to, "\n    },");
    }
    snas_text_add(to,
                  "\n    };\n"
                  "    for (int i = 0; i < %s_SIDE * %s_SIDE * 3; i++) {\n"
                  "        to[i] = numbers[i %% 3][pixels[i]];\n"
                  "    }\n}\n",
                  n->upper, n->upper);
    w->constant_bytes += (int64_t)sizeof w->int8.bytes;
}

/* --- the self-test ------------------------------------------------------------------------------------------------ */

static snas_status expect(const c_writer *w, int8_t *logits)
{
    const int numbers = w->subject->child.side * w->subject->child.side * 3;
    uint8_t *pixels;
    uint32_t state = 1;
    SNAS_NEW(w->mem, pixels, numbers);
    for (int i = 0; i < numbers; i++) {
        pixels[i] = c_next_byte(&state);
    }
    return c_int8_run(w->mem, &w->int8, pixels, logits);
}

static snas_status add_self_test(const c_writer *w, snas_text *to)
{
    const c_names *n = w->names;
    const int classes = w->subject->child.classes;
    int8_t *logits;
    SNAS_NEW(w->mem, logits, classes);
    SNAS_TRY(expect(w, logits));
    snas_text_add(to, "\n#ifdef %s_SELF_TEST\nint %s_self_test(void)\n{\n", n->upper, n->name);
    snas_text_add(to, "    static const int8_t wanted[%s_CLASSES] = {", n->upper);
    add_bytes(to, logits, classes);
    snas_text_add(to,
                  "\n    };\n"
                  "    static uint8_t pixels[%s_SIDE * %s_SIDE * 3];\n"
                  "    static int8_t picture[%s_SIDE * %s_SIDE * 3], logits[%s_CLASSES];\n",
                  n->upper, n->upper, n->upper, n->upper, n->upper);
    c_add_picture(w, to);
    snas_text_add(to,
                  "    int others = 0;\n"
                  "    for (int k = 0; k < %s_CLASSES; k++) {\n"
                  "        others += logits[k] != wanted[k];\n"
                  "    }\n"
                  "    return others;\n"
                  "}\n#endif\n",
                  n->upper);
    return SNAS_OK;
}

snas_status c_int8_add_helpers(c_writer *w, snas_text *to)
{
    c_add_class_names(w, to);
    add_preprocess(w, to);
    return add_self_test(w, to);
}
