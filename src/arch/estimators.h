/* estimators.h -- the estimators by name for their table, and what several of them need: places of an edge, softmax,
 * one-hot draws. */
#ifndef ARCH_ESTIMATORS_H
#define ARCH_ESTIMATORS_H

#include "snas/arch/estimator.h"
#include "snas/space/space.h"

enum { ARCH_CANDIDATES_MAX = SNAS_CANDIDATES_MAX };

/** Every estimator, one line each: the symbol of the row at the end of its file. */
#define ARCH_ESTIMATORS(ROW)                                                                                           \
    ROW(concrete)                                                                                                      \
    ROW(straight_through)                                                                                              \
    ROW(gdas)                                                                                                          \
    ROW(single_path)                                                                                                   \
    ROW(attention)                                                                                                     \
    ROW(categorical)                                                                                                   \
    ROW(uniform)

#define ARCH_DECLARE(symbol) extern const snas_estimator arch_##symbol;
ARCH_ESTIMATORS(ARCH_DECLARE)
#undef ARCH_DECLARE

/** Where edge e of a row of the draw begins in [rows][E][K], and its logits in [T][E][K]. */
static inline size_t arch_draw_at(const snas_logits *logits, int row, int e)
{
    return ((size_t)row * (size_t)logits->edges + (size_t)e) * (size_t)logits->candidates;
}

static inline size_t arch_logits_at(const snas_logits *logits, const snas_draw *draw, int row, int e)
{
    return arch_draw_at(logits, draw->type_of_row[row], e);
}

/** y = softmax(x), [K], stable; x and y may be the same. Returns log sum exp x. */
double arch_softmax(int K, const double *x, double *y);

/** dx += scale * J^T dy with J the Jacobian of y = softmax: scale * y * (dy - sum y dy), [K]. */
void arch_softmax_grad(int K, const double *y, const double *dy, double scale, double *dx);

/* ---- one_hot.c: draws from Categorical(softmax(log_alpha)), as entries of an estimator --------------------------- */

/** z = one-hot(argmax_k log a_k + G_k) on every edge. */
void arch_one_hot_draw(const snas_logits *logits, snas_draw *to);

/** Score and log density of such a draw. */
void arch_one_hot_score(const snas_logits *logits, const snas_draw *of, const double *weight, double *to);
double arch_one_hot_log_density(const snas_logits *logits, const snas_draw *of);

/** to[k] += weight (z_k - p_k), p = softmax(log_a): the score of one edge, [K]. */
void arch_one_hot_edge_score(int K, const double *log_a, const double *z, double weight, double *to);

/** d_log_alpha += J^T dz with J the Jacobian of the concrete sample h = softmax((log_alpha + G) / tau) of the same
 *  noise. */
void arch_relaxed_grad(const snas_logits *logits, const snas_draw *from, const double *dz, double *d_log_alpha);

#endif
