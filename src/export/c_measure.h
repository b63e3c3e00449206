/* c_measure.h -- the steps of a plan in single precision, and the ranges of what they write. */
#ifndef SNAS_EXPORT_C_MEASURE_H
#define SNAS_EXPORT_C_MEASURE_H

#include "layers.h"
#include "snas/deploy/c_plan.h"

/** Of the numbers that a value has had; both 0 before the first, so that 0 is always among them. */
typedef struct {
    float least, most;
    bool infinite; /* one was not finite */
} c_range;

/** The numbers of a network in the order of the kernels. Plan and layers are borrowed. */
typedef struct {
    const snas_c_plan *plan;
    const export_layers *layers;
    float **weight; /* [step_count]; NULL: none */
} c_measured;

/** What a thread works in. */
typedef struct {
    float *buffer;   /* [plan->held] */
    float *logits;   /* of the last picture */
    c_range *ranges; /* [value_count]: of values with memory of their own, the logits among them */
} c_bench;

SNAS_MUST_CHECK snas_status c_measured_make(snas_arena *mem, const export_layers *layers, const snas_c_plan *plan,
                                            c_measured *out);
SNAS_MUST_CHECK snas_status c_bench_make(snas_arena *mem, const snas_c_plan *plan, c_bench *out);

/** One picture: logits, and the ranges widened to what it makes. */
void c_measure(const c_measured *net, const float *pixels, c_bench *bench);

/** One range widened to another. */
void c_range_join(c_range *range, const c_range *other);

#endif
