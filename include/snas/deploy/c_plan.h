/* c_plan.h -- the steps of a network in C, where their pictures lie in one buffer, and what that takes.
 *
 * A rectifier that only convolutions read is no step: they rectify as they read. What a node of a cell alone reads is
 * written, or added, into the node's own memory, and what a concat brings together into that of the whole. So a step
 * reads one picture and writes or adds one, and what is left to copy is what others read too.
 *
 * Numbers of 8 bits cannot be added one by one without a loss each time. Their nodes are steps of their own,
 * SNAS_C_SUM, that read all inputs at once, and each input keeps its memory until then.
 */
#ifndef SNAS_DEPLOY_C_PLAN_H
#define SNAS_DEPLOY_C_PLAN_H

#include "snas/deploy/outline.h"

typedef enum {
    SNAS_C_CONVOLVE,
    SNAS_C_DEPTHWISE,
    SNAS_C_POOL,
    SNAS_C_AFFINE,
    SNAS_C_COPY,
    SNAS_C_CLEAR,
    SNAS_C_SUM,
    SNAS_C_MEAN,
    SNAS_C_LINEAR,
    SNAS_C_STEP_KINDS
} snas_c_step_kind;

/** What the pictures are held in. */
typedef enum { SNAS_C_FLOAT, SNAS_C_INT8 } snas_c_numbers;

typedef struct {
    snas_c_step_kind kind;
    int op;   /* operation of the program */
    int x, y; /* values; x of SNAS_C_CLEAR: y; of SNAS_C_SUM: the first that it reads */
    bool rectify, add;
} snas_c_step;

/** Where a value lies. */
typedef struct {
    int64_t at;  /* its first number in the buffer; the network's input and its logits lie elsewhere: 0 */
    int step;    /* numbers between its pixels */
    bool input;  /* the network's */
    bool logits; /* likewise */
} snas_c_view;

typedef struct {
    const snas_program *program;
    const snas_outline *outline;
    snas_c_numbers numbers;
    snas_c_step *steps;
    int step_count, step_room;
    int *home;      /* [value_count]: the value whose memory holds it, SNAS_NONE: it has its own */
    int *first;     /* [value_count]: its first channel there */
    int64_t *at;    /* [value_count]: offset in the buffer, of values with memory of their own */
    int64_t held;   /* numbers in the buffer */
    int64_t bytes;  /* of the buffer */
    int64_t lowest; /* bytes of all values that live at the same time, at their most: no plan takes fewer */
} snas_c_plan;

/** The steps alone, without places. SNAS_E_MEMORY is the only fault, here and below. */
SNAS_MUST_CHECK snas_status snas_c_steps_make(snas_arena *mem, const snas_outline *outline, snas_c_numbers numbers,
                                              snas_c_plan *out);

/** The steps and their places; the outline is borrowed. */
SNAS_MUST_CHECK snas_status snas_c_plan_make(snas_arena *mem, const snas_outline *outline, snas_c_numbers numbers,
                                             snas_c_plan *out);

/** The operation of a step. */
const snas_op *snas_c_step_op(const snas_c_plan *plan, const snas_c_step *step);

/** How many values a step reads, and the k-th of them. */
int snas_c_step_reads(const snas_c_plan *plan, const snas_c_step *step);
int snas_c_step_input(const snas_c_plan *plan, const snas_c_step *step, int k);

/** The value with memory of its own that a value lies in. */
int snas_c_plan_root(const snas_c_plan *plan, int value);

snas_c_view snas_c_plan_view(const snas_c_plan *plan, int value);

/* --- flash, of numbers of 8 bits ---------------------------------------------------------------------------------- */

/** Bytes of what the exported file holds as constants: a row of its table of layers, what an output channel's sum goes
 *  through, an input of SNAS_C_SUM, the table that makes numbers of a picture's bytes. */
enum {
    SNAS_C_LAYER_BYTES = 16 * 4,
    SNAS_C_OUTPUT_BYTES = 3 * 4,
    SNAS_C_TERM_BYTES = 5 * 4,
    SNAS_C_PIXEL_BYTES = 3 * 256
};

/** Bytes of constants of all steps and the rest: the sum of what is returned, which no candidate owns, and of slots[],
 *  to which what belongs to a z slot of the program is added; NULL: nothing is told apart. */
int64_t snas_c_plan_flash(const snas_c_plan *plan, int64_t *slots);

#endif
