/* norm.h -- from sums to vectors: what a batch norm does between its passes, plain or folded. */
#ifndef SNAS_KERNEL_NORM_H
#define SNAS_KERNEL_NORM_H

#include "real.h"
#include "snas/kernel/operation.h"

/** A shard's sums about its pivot -> its mean and M2. */
void SNAS_BUILT(kernel_norm_close_shard)(const snas_task *task, int shard, int pictures);
/** Mean and M2 of the batch -> mean, 1/sigma, scale, shift, running statistics. */
void SNAS_BUILT(kernel_norm_finalize)(const snas_task *task, const snas_feed *feed);
/** Running statistics -> scale, shift. */
void SNAS_BUILT(kernel_norm_evaluate)(const snas_task *task, const snas_feed *feed);
/** S0, S1 of the batch -> dgamma, dbeta, dL/dz, A, B, D. */
void SNAS_BUILT(kernel_norm_backward_finalize)(const snas_task *task, const snas_feed *feed);

#endif
