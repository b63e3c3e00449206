/* c_plan.h -- the steps of a network in C, and where their pictures lie in one buffer.
 *
 * A rectifier that only convolutions read is no step: they rectify as they read. What a node of a cell alone reads is
 * written, or added, into the node's own memory, and what a concat brings together into that of the whole. So a step
 * reads one picture and writes or adds one, and what is left to copy is what others read too.
 *
 * Numbers of 8 bits cannot be added one by one without a loss each time. Their nodes are steps of their own, C_SUM,
 * that read all inputs at once, and each input keeps its memory until then.
 */
#ifndef SNAS_EXPORT_C_PLAN_H
#define SNAS_EXPORT_C_PLAN_H

#include "layers.h"

typedef enum {
    C_CONVOLVE,
    C_DEPTHWISE,
    C_POOL,
    C_AFFINE,
    C_COPY,
    C_CLEAR,
    C_SUM,
    C_MEAN,
    C_LINEAR,
    C_STEP_KINDS
} c_step_kind;

/** What the pictures are held in. */
typedef enum { C_FLOAT, C_INT8 } c_numbers;

typedef struct {
    c_step_kind kind;
    const export_layer *layer;
    int x, y; /* values; x of C_CLEAR: y; of C_SUM: the first that it reads */
    bool rectify, add;
} c_step;

/** Where a value lies. */
typedef struct {
    int64_t at;  /* its first number in the buffer; the network's input and its logits lie elsewhere: 0 */
    int step;    /* numbers between its pixels */
    bool input;  /* the network's */
    bool logits; /* likewise */
} c_view;

typedef struct {
    const export_layers *net;
    c_numbers numbers;
    c_step *steps;
    int step_count, step_room;
    int *home;     /* [value_count]: the value whose memory holds it, SNAS_NONE: it has its own */
    int *first;    /* [value_count]: its first channel there */
    int64_t *at;   /* [value_count]: offset in the buffer, of values with memory of their own */
    int64_t held;  /* numbers in the buffer */
    int64_t bytes; /* of the buffer */
} c_plan;

SNAS_MUST_CHECK snas_status c_plan_make(snas_arena *mem, const export_layers *net, c_numbers numbers, c_plan *out);

/** How many values a step reads, and the k-th of them. */
int c_step_reads(const c_step *step);
int c_step_input(const c_plan *plan, const c_step *step, int k);

/** The value with memory of its own that a value lies in. */
int c_plan_root(const c_plan *plan, int value);

c_view c_plan_view(const c_plan *plan, int value);

#endif
