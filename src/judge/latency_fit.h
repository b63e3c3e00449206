/* latency_fit.h -- sums of parts from times of wholes, by least squares. */
#ifndef SNAS_JUDGE_LATENCY_FIT_H
#define SNAS_JUDGE_LATENCY_FIT_H

#include "snas/base/arena.h"

enum { LATENCY_UNKNOWNS_MAX = 1 + 8 * 16 };

/** b [columns], at least 0, that minimises |y - X b|^2; X [rows][columns]. `mem` is scratch. */
SNAS_MUST_CHECK snas_status judge_latency_fit(snas_arena *mem, const double *X, const double *y, int rows, int columns,
                                              double *b);

#endif
