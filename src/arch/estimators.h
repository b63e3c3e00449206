/* estimators.h -- the estimators by name for their table, and the softmax that all of them need. */
#ifndef ARCH_ESTIMATORS_H
#define ARCH_ESTIMATORS_H

#include "snas/arch/estimator.h"
#include "snas/space/space.h"

enum { ARCH_CANDIDATES_MAX = SNAS_CANDIDATES_MAX };

/** Every estimator, one line each: the symbol of the row at the end of its file. */
#define ARCH_ESTIMATORS(ROW) ROW(concrete)

#define ARCH_DECLARE(symbol) extern const snas_estimator arch_##symbol;
ARCH_ESTIMATORS(ARCH_DECLARE)
#undef ARCH_DECLARE

/** y = softmax(x), [K], stable; x and y may be the same. Returns log sum exp x. */
double arch_softmax(int K, const double *x, double *y);

/** dx += scale * J^T dy with J the Jacobian of y = softmax: scale * y * (dy - sum y dy), [K]. */
void arch_softmax_grad(int K, const double *y, const double *dy, double scale, double *dx);

#endif
