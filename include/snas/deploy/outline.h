/* outline.h -- what of a plain program is left when it is written down for evaluation: what the logits depend on, and
 * which batch norms go into other operations. Its numbers are not looked at.
 *
 * A batch norm of an evaluation is y = s u + t a channel. Behind a convolution, or behind several that lie side by
 * side, it goes into their weights and biases. Where pools may have such numbers of their own, it goes into a pool
 * before it. A norm behind anything else stays one.
 */
#ifndef SNAS_DEPLOY_OUTLINE_H
#define SNAS_DEPLOY_OUTLINE_H

#include "snas/graph/program.h"

/** Where batch norms go. */
typedef enum { SNAS_NORMS_STAY, SNAS_NORMS_INTO_CONVOLUTIONS, SNAS_NORMS_INTO_POOLS_TOO } snas_norms;

typedef struct {
    const snas_program *program;
    bool *live; /* [op_count]: the logits depend on it, and it is not folded away: else it is left out */
    int *norm;  /* [op_count]: the norm, an operation, that is folded into this one; SNAS_NONE: none */
    int *first; /* [op_count]: the channel of that norm that is this operation's first */
    int *value; /* [value_count]: the value that has its numbers; another one where a norm is folded away */
    int logits; /* value */
} snas_outline;

/** In `mem`, borrowing the program. `whole`: also what the logits do not depend on is left. SNAS_E_MEMORY is the only
 *  fault. */
SNAS_MUST_CHECK snas_status snas_outline_make(snas_arena *mem, const snas_program *program, snas_norms norms,
                                              bool whole, snas_outline *out);

/** Dense or depthwise. */
bool snas_op_is_convolution(const snas_op *op);

#endif
