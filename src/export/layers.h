/* layers.h -- the plain program with its numbers: what the logits depend on, batch norms folded where that is wanted.
 *
 * A batch norm of an evaluation is y = s u + t a channel, s = gamma / sqrt(var + eps), t = beta - s mean, in double.
 * Behind a convolution, or behind several that lie side by side, it goes into their weights: w' = s w, bias' = t.
 * Where pools may have such numbers of their own, it goes into a pool before it as they are. A norm behind anything
 * else stays one.
 */
#ifndef SNAS_EXPORT_LAYERS_H
#define SNAS_EXPORT_LAYERS_H

#include "formats.h"
#include "snas/deploy/outline.h"

/** An operation of the program. */
typedef struct {
    const snas_op *op;
    bool live;           /* the logits depend on it, and it is not folded away: else it is left out */
    const char *module;  /* what PyTorch calls it, "cells.0._ops.3.op.1"; NULL: it has no parameters */
    const float *weight; /* [weight_count]; norms, and pools that hold one: s. NULL: none */
    const float *bias;   /* [channels]; norms, and pools that hold one: t. NULL: none */
    int64_t weight_count;
} export_layer;

typedef struct {
    const snas_program *program;
    const float *weights, *buffers; /* the network's */
    export_layer *layers;           /* [op_count] */
    snas_outline outline;
} export_layers;

/** In `mem`, weights borrowed from the network. SNAS_E_NUMERIC with a sentence when a norm, or what it is folded into,
 *  is not finite in single precision. */
SNAS_MUST_CHECK snas_status export_layers_make(snas_arena *mem, const export_subject *subject, snas_norms norms,
                                               export_layers *out);

/** Channels of an operation's output. */
int export_channels(const export_layers *net, const snas_op *op);

#endif
