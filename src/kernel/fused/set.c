/* set.c -- the fused operations of this build as one row. */
#include "snas/kernel/sets.h"
#include "vec.h"

#define DECLARE(KIND, symbol) extern const snas_operation SNAS_SET(snas_op_##symbol);
#define ENTRY(KIND, symbol) [SNAS_OP_##KIND] = &SNAS_SET(snas_op_##symbol),

SNAS_FUSED_OPERATIONS(DECLARE)
extern const snas_operation *const SNAS_SET(kernel_set)[SNAS_OP_COUNT];

const snas_operation *const SNAS_SET(kernel_set)[SNAS_OP_COUNT] = {SNAS_FUSED_OPERATIONS(ENTRY)};
