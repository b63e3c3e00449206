/* operations.c -- the operations of either number type, by kind. */
#include "snas/kernel/operation.h"

#define DECLARE_PLAIN(KIND, symbol) extern const snas_operation snas_op_##symbol##_f32, snas_op_##symbol##_f64;
#define DECLARE_FUSED(KIND, symbol) extern const snas_operation snas_op_##symbol##_baseline_4;
#define F32(KIND, symbol) [SNAS_OP_##KIND] = &snas_op_##symbol##_f32,
#define F64(KIND, symbol) [SNAS_OP_##KIND] = &snas_op_##symbol##_f64,
#define FUSED(KIND, symbol) [SNAS_OP_##KIND] = &snas_op_##symbol##_baseline_4,

SNAS_PLAIN_OPERATIONS(DECLARE_PLAIN)
SNAS_FUSED_OPERATIONS(DECLARE_FUSED)

const snas_operation *const snas_operations_f32[SNAS_OP_COUNT] = {SNAS_PLAIN_OPERATIONS(F32)
                                                                      SNAS_FUSED_OPERATIONS(FUSED)};
const snas_operation *const snas_operations_f64[SNAS_OP_COUNT] = {SNAS_PLAIN_OPERATIONS(F64)};
