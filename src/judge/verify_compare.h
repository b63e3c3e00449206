/* verify_compare.h -- a step held against its case, number by number: errors and what they are taken of. */
#ifndef SNAS_JUDGE_VERIFY_COMPARE_H
#define SNAS_JUDGE_VERIFY_COMPARE_H

#include "verify_step.h"

/** What the step gave, beside what the case wants. */
typedef struct {
    snas_arena *mem;
    const verify_case *c;
    const verify_run *run;
    bool f64;
    snas_verified *out;
} verify_comparison;

/** |a - b| and |b|, squared, added up. */
typedef struct {
    double gap, norm;
} verify_squares;

/** Of `count` numbers; b NULL: all 0. */
verify_squares verify_compare(const double *a, const double *b, int64_t count);
void verify_add(verify_squares *to, verify_squares s);

/** |a - b| / (|b| + floor); 0 where nothing differs. */
double verify_relative(verify_squares s, double floor);

void verify_set(const verify_comparison *k, snas_measure measure, double error);

/** Numbers of the network's type as doubles. */
SNAS_MUST_CHECK snas_status verify_widen(const verify_comparison *k, const void *from, int64_t count,
                                         const double **out);

/** The case's tensor prefix + name; NULL when it may be and is missing. */
SNAS_MUST_CHECK snas_status verify_wanted(const verify_comparison *k, const char *prefix, const char *name,
                                          int64_t count, bool optional, const double **out);

/** How weights, momentum and logits have moved, as far as the case says it (verify_moves.c). */
SNAS_MUST_CHECK snas_status verify_compare_moves(const verify_comparison *k);

#endif
