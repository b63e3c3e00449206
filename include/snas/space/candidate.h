/* candidate.h -- a candidate operation is data: a short program of steps.
 *
 * The supernet, the child, the cost model, the exporter and the drawings all read the same rows. A step's place in the
 * program is its place in PyTorch's nn.Sequential, so parameter names follow: "op.<place>.weight".
 */
#ifndef SNAS_SPACE_CANDIDATE_H
#define SNAS_SPACE_CANDIDATE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    SNAS_STEP_END,
    SNAS_STEP_RELU,
    SNAS_STEP_DEPTHWISE,  /* kernel x kernel, one filter a channel, pad dilation * (kernel - 1) / 2 */
    SNAS_STEP_CONV,       /* dense kernel x kernel, pad (kernel - 1) / 2; kernel 1 is a pointwise convolution */
    SNAS_STEP_NORM,       /* batch norm */
    SNAS_STEP_POOL_NORM,  /* batch norm after a pool: there in a supernet, in a child when genotype.pool_bn */
    SNAS_STEP_MAX_POOL,   /* padding counts as minus infinity */
    SNAS_STEP_AVG_POOL,   /* padding is not counted */
    SNAS_STEP_FACTORIZED, /* relu, two 1x1 convolutions of stride 2 at offsets 0 and 1, concatenated, batch norm:
                             parameters conv_1, conv_2, bn without the prefix "op." */
} snas_step_kind;

typedef struct {
    snas_step_kind kind;
    int kernel;   /* side of the window, 0 where it has none */
    int dilation; /* 1 when dense; 0 where it has none */
    bool strided; /* takes the edge's stride; else stride 1 */
} snas_step;

typedef struct {
    const char *name;          /* as published: "sep_conv_3x3" */
    const char *brief;         /* for help and tables */
    const char *letters;       /* for tables and pictures, at most 8: "sep3" */
    uint8_t color[3];          /* in pictures: red, green, blue */
    bool is_zero;              /* contributes nothing: "none" */
    const snas_step *steps[2]; /* by stride - 1; both end in SNAS_STEP_END; no step at all is the identity */
    int reads[2], writes;      /* memory access: elements read (by stride - 1) and written an output element */
    int flops_per_element;     /* FLOPs an output element that size does not count (pools: 9) */
} snas_candidate;

/** All candidates, NULL-terminated. */
extern const snas_candidate *const snas_candidates[];

/** By exact name, NULL when there is none. */
const snas_candidate *snas_candidate_find(const char *name);

/** True when the candidate passes its input through at this stride (no step and not zero). */
bool snas_candidate_is_identity(const snas_candidate *candidate, int stride);

/** Weights of the convolutions (batch norm not counted), channels in and out equal to `channels`. */
int64_t snas_candidate_size(const snas_candidate *candidate, int channels, int stride);

#endif
