/* c_source.h -- the parts of an exported C file. */
#ifndef SNAS_EXPORT_C_SOURCE_H
#define SNAS_EXPORT_C_SOURCE_H

#include "c_int8.h"
#include "snas/base/text.h"
#include "snas/deploy/c_plan.h"

/** What the files are called by. */
typedef struct {
    const char *name;   /* an identifier: before what they offer */
    const char *upper;  /* the same in capitals: before their macros */
    const char *header; /* NAME.h, as #include has it */
} c_names;

typedef struct {
    snas_arena *mem;
    const export_subject *subject;
    const c_names *names;
    const snas_c_plan *plan;
    const export_layers *layers;
    c_int8 int8;            /* of a plan in whole numbers */
    int pictures;           /* that have calibrated it */
    int64_t constant_bytes; /* of what has been written */
} c_writer;

/** What a kind of step calls. */
typedef struct {
    const char *function;
    const char *sections;      /* of the file of kernels, each in brackets, beside those that all need */
    const char *weight, *bias; /* what its arrays are called; NULL: it has none */
    bool optional;             /* NULL in their place where there are none */
} c_kernel_row;

/** A file of kernels: sections, each behind a line with its name in brackets. */
typedef struct {
    const unsigned char *text;
    size_t size;
    const c_kernel_row *rows; /* [SNAS_C_STEP_KINDS] */
} c_kernel_file;

/* --- c_text.c: words of C ----------------------------------------------------------------------------------------- */

/** A number as a constant of single precision that reads back the same. */
void c_add_float(snas_text *to, float value);
/** A string with its quotes; what is not printable ASCII becomes an octal escape. */
void c_add_string(snas_text *to, const char *string);
/** Words for a comment: what could end it becomes _. */
void c_add_comment(snas_text *to, const char *words);
/** The name of an array: a module's, "cells.0._ops.3.op.1", and what it holds. */
void c_add_array_name(snas_text *to, const char *module, const char *what);
/** static const float NAME[COUNT] = {...}; */
void c_add_floats(snas_text *to, const char *module, const char *what, const float *values, int64_t count);

/* --- c_steps.c: the network --------------------------------------------------------------------------------------- */

/** A layer's weights lie in the order of its kernel: number i there is that number in PyTorch's order. */
int64_t c_turned(const export_layer *layer, int64_t i);
/** Its weights in that order. */
SNAS_MUST_CHECK snas_status c_turn(snas_arena *mem, const export_layer *layer, float **out);
/** The kernels that the plan calls. */
SNAS_MUST_CHECK snas_status c_add_kernels(const c_writer *w, const c_kernel_file *file, snas_text *to);
/** Where a value lies, as an argument. */
void c_add_place(const c_writer *w, snas_text *to, int value);
/** The kernels that the plan calls, its numbers, the table of its layers. */
SNAS_MUST_CHECK snas_status c_add_constants(c_writer *w, snas_text *to);
/** The body of NAME_predict: a call a step. */
void c_add_calls(const c_writer *w, snas_text *to);

/* --- c_header.c: what surrounds it -------------------------------------------------------------------------------- */

/** The head of a header and its end, the names of the classes declared and defined. */
void c_begin_header(const c_writer *w, snas_text *to);
void c_end_header(snas_text *to);
void c_add_class_names(const c_writer *w, snas_text *to);
/** The picture of the self-test is made by arithmetic that both sides have, so that it needs no memory:
 *      s <- 1664525 s + 1013904223 (mod 2^32),    byte = s / 2^24 (rounded down),    s begins at 1 */
static inline uint8_t c_next_byte(uint32_t *state)
{
    *state = *state * UINT32_C(1664525) + UINT32_C(1013904223);
    return (uint8_t)(*state >> 24);
}
void c_add_picture(const c_writer *w, snas_text *to);
void c_add_header(const c_writer *w, snas_text *to);
/** The functions beside NAME_predict: preprocessing, softmax, the self-test. SNAS_E_NUMERIC when the network's answer
 *  to the picture of the test is not finite. */
SNAS_MUST_CHECK snas_status c_add_helpers(c_writer *w, snas_text *to);

/* --- c_int8_steps.c, c_int8_header.c: the same in whole numbers -------------------------------------------------- */

SNAS_MUST_CHECK snas_status c_int8_add_constants(c_writer *w, snas_text *to);
void c_int8_add_calls(const c_writer *w, snas_text *to);
void c_int8_add_header(const c_writer *w, snas_text *to);
SNAS_MUST_CHECK snas_status c_int8_add_helpers(c_writer *w, snas_text *to);

#endif
