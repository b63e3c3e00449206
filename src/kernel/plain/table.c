/* table.c -- the plain operations of this number type, by kind. */
#include "plain.h"

extern const snas_operation SNAS_BUILT(snas_op_input), SNAS_BUILT(snas_op_conv), SNAS_BUILT(snas_op_depthwise),
    SNAS_BUILT(snas_op_relu), SNAS_BUILT(snas_op_norm), SNAS_BUILT(snas_op_max_pool), SNAS_BUILT(snas_op_avg_pool),
    SNAS_BUILT(snas_op_mix), SNAS_BUILT(snas_op_concat), SNAS_BUILT(snas_op_global_pool), SNAS_BUILT(snas_op_linear),
    SNAS_BUILT(snas_op_loss), SNAS_BUILT(snas_op_norm_folded);

#ifndef SNAS_BUILD_F64
extern const snas_operation snas_op_separable, snas_op_dense, snas_op_max_pooled, snas_op_avg_pooled, snas_op_node;
#endif

const snas_operation *const SNAS_BUILT(snas_operations)[SNAS_OP_COUNT] = {
    [SNAS_OP_INPUT] = &SNAS_BUILT(snas_op_input),
    [SNAS_OP_CONV] = &SNAS_BUILT(snas_op_conv),
    [SNAS_OP_DEPTHWISE] = &SNAS_BUILT(snas_op_depthwise),
    [SNAS_OP_RELU] = &SNAS_BUILT(snas_op_relu),
    [SNAS_OP_NORM] = &SNAS_BUILT(snas_op_norm),
    [SNAS_OP_MAX_POOL] = &SNAS_BUILT(snas_op_max_pool),
    [SNAS_OP_AVG_POOL] = &SNAS_BUILT(snas_op_avg_pool),
    [SNAS_OP_MIX] = &SNAS_BUILT(snas_op_mix),
    [SNAS_OP_CONCAT] = &SNAS_BUILT(snas_op_concat),
    [SNAS_OP_GLOBAL_POOL] = &SNAS_BUILT(snas_op_global_pool),
    [SNAS_OP_LINEAR] = &SNAS_BUILT(snas_op_linear),
    [SNAS_OP_LOSS] = &SNAS_BUILT(snas_op_loss),
    [SNAS_OP_NORM_FOLDED] = &SNAS_BUILT(snas_op_norm_folded),
#ifndef SNAS_BUILD_F64
    [SNAS_OP_SEPARABLE] = &snas_op_separable,
    [SNAS_OP_DENSE] = &snas_op_dense,
    [SNAS_OP_MAX_POOLED] = &snas_op_max_pooled,
    [SNAS_OP_AVG_POOLED] = &snas_op_avg_pooled,
    [SNAS_OP_NODE] = &snas_op_node,
#endif
};
