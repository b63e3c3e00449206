/* fused_rows.c -- what the fused operations are; their numerics stand in src/kernel/fused. Built with the float
 * kernels. */
#include "plain.h"

#ifndef SNAS_BUILD_F64
/* Shapes are those of the plain operations that were fused; lowering keeps them. What is read going back: x, and the
 * own output u for the gradient behind a folded norm, unless the kernel makes it again. */
#define FUSED(symbol, title, again, blocks, text)                                                                      \
    const snas_operation symbol = {.name = title,                                                                      \
                                   .brief = text,                                                                      \
                                   .parameters = 2,                                                                    \
                                   .backward_reads_x = true,                                                           \
                                   .backward_reads_y = (again) != SNAS_MADE,                                           \
                                   .made = again,                                                                      \
                                   .reads_blocks = blocks,                                                             \
                                   .infer = kernel_infer_same}
extern const snas_operation snas_op_separable, snas_op_dense, snas_op_max_pooled, snas_op_avg_pooled, snas_op_node;
FUSED(snas_op_separable, "separable", SNAS_MADE_ON_REQUEST, false,
      "relu, depthwise, pointwise and statistics in one walk");
FUSED(snas_op_dense, "dense", SNAS_STORED, true, "relu, dense convolution and statistics in one walk");
FUSED(snas_op_max_pooled, "max-pooled", SNAS_MADE, false, "max pool and statistics in one walk");
FUSED(snas_op_avg_pooled, "avg-pooled", SNAS_MADE, false, "average pool and statistics in one walk");
FUSED(snas_op_node, "node", SNAS_STORED, false, "weighted sum of the inputs, batch norms applied on the way");
#endif
