/* c_source.h -- the parts of an exported C file. */
#ifndef SNAS_EXPORT_C_SOURCE_H
#define SNAS_EXPORT_C_SOURCE_H

#include "c_plan.h"
#include "snas/base/text.h"

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
    const c_plan *plan;
    int64_t constant_bytes; /* of what has been written */
} c_writer;

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

/** A step's weights lie in the order of its kernel: number i there is that number in PyTorch's order. */
int64_t c_turned(const c_step *step, int64_t i);
/** Its weights in that order. */
SNAS_MUST_CHECK snas_status c_turn(snas_arena *mem, const c_step *step, float **out);
/** The kernels that the plan calls, its numbers, the table of its layers. */
SNAS_MUST_CHECK snas_status c_add_constants(c_writer *w, snas_text *to);
/** The body of NAME_predict: a call a step. */
void c_add_calls(const c_writer *w, snas_text *to);

/* --- c_header.c: what surrounds it -------------------------------------------------------------------------------- */

void c_add_header(const c_writer *w, snas_text *to);
/** The functions beside NAME_predict: preprocessing, softmax, the self-test. SNAS_E_NUMERIC when the network's answer
 *  to the picture of the test is not finite. */
SNAS_MUST_CHECK snas_status c_add_helpers(const c_writer *w, snas_text *to);

#endif
