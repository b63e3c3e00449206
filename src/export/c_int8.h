/* c_int8.h -- a plan in whole numbers of 8 bits: what its steps are given, and what they make of a picture.
 *
 * docs/formats.md has the formulas. The kernels are those of the exported file, c_int8.inc.
 */
#ifndef SNAS_EXPORT_C_INT8_H
#define SNAS_EXPORT_C_INT8_H

#include "c_measure.h"
#include "quantise.h"

/** Inputs of a node that 32 bits can hold the sum of. */
enum { C_TERMS_MOST = 16, C_BYTES = 256, C_COLOURS = 3 };

/** An input of SNAS_C_SUM. */
typedef struct {
    snas_c_view view;
    int zero;
    int32_t multiplier, shift;
} c_int8_term;

/** What a step is given beside its pictures. */
typedef struct {
    int8_t *weight; /* [weight_count], in the order of its kernel; NULL: none */
    int64_t weight_count;
    export_output *outputs; /* [output_count]: a channel each; of SNAS_C_SUM one for all; NULL: none */
    int output_count;
    c_int8_term *terms; /* SNAS_C_SUM: [snas_c_step_reads] */
    int average;        /* average pools: what the mean is multiplied by, so that it is whole */
} c_int8_step;

typedef struct {
    const snas_c_plan *plan;
    const export_layers *layers;      /* borrowed, as the plan is */
    export_scale *scales;             /* [value_count]: of values with memory of their own */
    c_int8_step *steps;               /* [plan->step_count] */
    int8_t bytes[C_COLOURS][C_BYTES]; /* what the bytes of a picture become */
} c_int8;

/** Scales from the ranges, numbers from the layers. SNAS_E_USAGE when a sum of the network would not fit 32 bits. */
SNAS_MUST_CHECK snas_status c_int8_make(snas_arena *mem, const export_subject *subject, const export_layers *layers,
                                        const snas_c_plan *plan, const c_range *ranges, c_int8 *out);

/** The scale of a value, wherever it lies. */
export_scale c_int8_scale(const c_int8 *net, int value);

/** The geometry of a step's kernel. */
snas_window c_int8_window(const snas_c_plan *plan, const snas_c_step *step);

/** The logits, [classes], of a picture [side][side][3] of bytes. */
SNAS_MUST_CHECK snas_status c_int8_run(snas_arena *mem, const c_int8 *net, const uint8_t *pixels, int8_t *logits);

#endif
