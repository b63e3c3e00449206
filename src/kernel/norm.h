/* norm.h -- from sums to vectors: what a batch norm does between its passes, plain or folded. */
#ifndef SNAS_KERNEL_NORM_H
#define SNAS_KERNEL_NORM_H

#include "real.h"
#include "snas/kernel/operation.h"

/** Sums over shards -> mean, 1/sigma, scale, shift, running statistics; clears the sums. */
void SNAS_BUILT(kernel_norm_settle)(const snas_task *task, const snas_feed *step);
/** Running statistics -> scale, shift. */
void SNAS_BUILT(kernel_norm_evaluate)(const snas_task *task, const snas_feed *step);
/** S0, S1 over shards -> dgamma, dbeta, dL/dz, A, B, D; clears the sums. */
void SNAS_BUILT(kernel_norm_backward_settle)(const snas_task *task, const snas_feed *step);

#endif
