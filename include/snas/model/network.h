/* network.h -- the supernet and the child: cells built from a space's rows into a graph program, with named parameters.
 *
 * The network knows nothing of distributions over architectures: it takes weights Z[row][E][K] and, for every cell, the
 * row that it uses, and returns dL/dZ. A child has a genotype instead and takes no Z.
 */
#ifndef SNAS_MODEL_NETWORK_H
#define SNAS_MODEL_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/base/arena.h"
#include "snas/format/safetensors.h"
#include "snas/graph/profile.h"
#include "snas/graph/program.h"
#include "snas/space/genotype.h"
#include "snas/space/space.h"
#include "snas/tensor/team.h"

typedef struct snas_network snas_network;

/** The layers before the cells. */
typedef enum {
    SNAS_STEM_CIFAR,    /* conv 3x3, batch norm: the cells see the pictures' own size */
    SNAS_STEM_IMAGENET, /* three convolutions of stride 2; cell 0 sees the pictures at a quarter and at an eighth */
    SNAS_STEM_COUNT
} snas_stem;
extern const char *const snas_stem_names[SNAS_STEM_COUNT]; /* "cifar", "imagenet" */

/** The specification of a network. */
typedef struct {
    const snas_space *space;
    const snas_genotype *genotype; /* NULL: the supernet. Borrowed until create returns. */
    int channels, cells;           /* C of the first cell, L */
    int classes, side;             /* pictures [side][side][3] */
    bool affine; /* supernet only: batch norms of the cells have gamma and beta (a child's always do) */
    snas_stem stem;
    double auxiliary; /* weight of the loss of an auxiliary classifier after cell 2L/3, 0: none. It is there
                                      in training only: networks for evaluation are built without it */
} snas_network_spec;

/** Side of the pictures that the first cell works on: what its stem leaves of spec->side. */
int snas_network_cell_side(const snas_network_spec *spec);

/** SNAS_E_USAGE with a sentence when the specification is not valid: odd channels, a side that cannot be halved often
 *  enough, an auxiliary classifier whose features are not 8 x 8 (CIFAR) or 7 x 7 (ImageNet), ... */
SNAS_MUST_CHECK snas_status snas_network_check(const snas_network_spec *spec);

/** How a network runs. */
typedef struct {
    int batch;           /* largest batch */
    int shards;          /* that a batch is cut into: decides the last bits of sums over pictures; 0: 16 */
    bool training;       /* plan for modes TRAIN and RECALIBRATE; else EVALUATE only, in little memory */
    snas_dtype dtype;    /* SNAS_F32, or SNAS_F64 (plain kernels) */
    const char *kernels; /* NULL: the best that the processor has; "plain", "baseline", "avx2", "avx512" */
    bool recompute;      /* fused kernels, training: recompute convolutions' outputs instead of storing them */
    bool single_path;    /* supernet, promised (and asserted): every batch is sparse and has at most one candidate of
                            each edge whose z is not 0. Memory is then planned for one candidate an edge */
    double norm_momentum, norm_eps; /* batch norm, PyTorch's meaning: 0.1, 1e-5 */
    /** The same network for pictures of another side, same dtype, for training too: weights, gradients and running
     *  statistics are its own. It lives longer. NULL: a network by itself. */
    snas_network *shared;
} snas_network_options;

/** Check the spec, build, plan and take memory: parameters and activations from `mem`. The team is borrowed for as long
 *  as the network runs. SNAS_E_USAGE with a sentence when the spec does not fit. */
SNAS_MUST_CHECK snas_status snas_network_create(snas_arena *mem, const snas_team *team, const snas_network_spec *spec,
                                                const snas_network_options *options, snas_network **out);

/** Parameters and multiply-adds (convolutions and linear layers only), without building memory. `fixed` holds what no
 *  candidate owns; per_candidate, when not NULL, is [cells][E][K] of the supernet (nothing for a child). The total of
 *  a supernet is fixed + the sum of per_candidate. An auxiliary classifier is not counted, as published counts leave it
 *  out. `mem` is scratch and result. */
typedef struct {
    int64_t parameters, macs;
} snas_count;
SNAS_MUST_CHECK snas_status snas_network_count(snas_arena *mem, const snas_network_spec *spec, snas_count *fixed,
                                               snas_count **per_candidate);

/** One row of the table whose sum is a count: the stem, an input's preprocessing, a candidate, a classifier. */
typedef struct {
    int cell;         /* -1: outside the cells */
    const char *name; /* prefix of its parameters: "cells.0._ops.3" */
    const char *what; /* the candidate, or what it does: "sep_conv_3x3", "preprocess", "stem" */
    bool auxiliary;   /* the auxiliary classifier */
    snas_count count;
} snas_network_part;

/** The rows in the order of the network; their sum is its count (and the auxiliary classifier's). In `mem`. */
SNAS_MUST_CHECK snas_status snas_network_parts(snas_arena *mem, const snas_network_spec *spec, snas_network_part **out,
                                               int *count);

/** Bytes that create would take with this team; takes none of them. */
SNAS_MUST_CHECK snas_status snas_network_plan(snas_arena *mem, const snas_team *team, const snas_network_spec *spec,
                                              const snas_network_options *options, size_t *parameter_bytes,
                                              size_t *activation_bytes);

/* --- parameters: one flat vector of weights, one of gradients, and the running statistics ------------------------- */

typedef struct {
    const char *name; /* PyTorch's: "cells.0._ops.3._ops.4.op.1.weight" */
    int dims;
    int64_t shape[4];     /* PyTorch's order: [out, in/groups, kh, kw], [C], [classes, in] */
    int64_t first, count; /* in the flat vector (parameters) or in the statistics vector (buffers) */
    bool is_norm;         /* gamma or beta of a batch norm */
    int fan_in;           /* of a convolution or linear layer and its bias; 0 for norms */
} snas_parameter;

int snas_network_parameter_count(const snas_network *network);
const snas_parameter *snas_network_parameter(const snas_network *network, int i);
/** running_mean and running_var of every norm */
int snas_network_buffer_count(const snas_network *network);
const snas_parameter *snas_network_buffer(const snas_network *network, int i);

int64_t snas_network_weight_count(const snas_network *network);
snas_dtype snas_network_dtype(const snas_network *network);     /* SNAS_F32 or SNAS_F64 */
size_t snas_network_picture_bytes(const snas_network *network); /* of an input, [side][side][3] */
/** Flat vectors in the network's dtype (float or double): weights, gradients [weight_count]; buffers
 *  [buffer values]. */
void *snas_network_weights(const snas_network *network);
void *snas_network_gradients(const snas_network *network);
void *snas_network_buffers(const snas_network *network);
int64_t snas_network_buffer_values(const snas_network *network);

/** PyTorch's initial values: convolutions and linear layers U(-b, b), b = 1/sqrt(fan_in); norms 1 and 0; running mean 0
 *  and variance 1. Stream WEIGHTS, step = parameter index. */
void snas_network_init(snas_network *network, uint64_t seed);

/** Copy parameters and buffers from tensors named prefix + name. Missing or misshapen: SNAS_E_DATA with a sentence;
 *  numbers that snas_network_check_numbers refuses: SNAS_E_NUMERIC with one.
 *  Buffers may be missing when `buffers_required` is false. */
SNAS_MUST_CHECK snas_status snas_network_load(snas_network *network, const snas_tensor_file *file, const char *prefix,
                                              bool buffers_required);

/** SNAS_E_NUMERIC, with a sentence that names the first tensor at fault, unless parameters and running means are
 *  finite, and running variances are finite and not below 0. */
SNAS_MUST_CHECK snas_status snas_network_check_numbers(const snas_network *network);

/** How many tensors of the file named prefix + ... the network has no use for; an auxiliary classifier's are not among
 *  them. *first receives the name of the first, NULL without one. */
int snas_network_unexpected(const snas_network *network, const snas_tensor_file *file, const char *prefix,
                            const char **first);

/** Tensors of all parameters and buffers, named prefix + name, as float (or the network's dtype), borrowed from the
 *  network; num_batches_tracked of every norm (I64) is among them. Appended to `out` from out[0]; *count receives how
 *  many. */
int snas_network_tensor_count(const snas_network *network);
SNAS_MUST_CHECK snas_status snas_network_tensors(snas_arena *mem, const snas_network *network, const char *prefix,
                                                 snas_named_tensor *out);

/* --- a step ------------------------------------------------------------------------------------------------------- */

typedef enum {
    SNAS_MODE_TRAIN,       /* batch statistics; running statistics move by the momentum */
    SNAS_MODE_EVALUATE,    /* running statistics */
    SNAS_MODE_RECALIBRATE, /* batch statistics; running statistics become the mean over the batches since the start */
    SNAS_MODE_BATCH,       /* batch statistics; running statistics stay: to evaluate a child with shared weights */
} snas_mode;

typedef struct {
    int count;              /* pictures, 1..batch (at least 2 values a channel for batch statistics) */
    const void *images;     /* [count][side][side][3] in the network's dtype */
    const int *labels;      /* [count] */
    double label_smoothing; /* target = (1 - s) * one-hot + s / classes */
    const double *z;        /* supernet: [rows][E][K] */
    const int *row_of_cell; /* supernet: [cells] */
    bool sparse;            /* candidates whose z is exactly 0 are not run (their dL/dz reads 0) */
    /** Sparse: their dL/dz reads what it would be with outputs that are 1 everywhere: the sum of m dL/dx_j over
     *  pictures, pixels and channels, m the edge's drop-path mask. */
    bool skipped_as_ones;
    /** Probability; 0 none. TRAIN and BATCH: a mask a picture and edge (supernet: the whole mixed edge; child: every
     *  operation but the identity), kept values times 1 / (1 - p). */
    double drop_path;
    /** Evaluation: neither weights nor running statistics were written since the network's last pass. If that was an
     *  evaluation too, what its kernels have made of them is used again. */
    bool same_weights;
    bool looks_inside;   /* evaluation: outcome.overflows is wanted, which takes a fifth of the time */
    uint64_t seed, step; /* of the drop-path masks: stream DROP_PATH */
} snas_batch;

typedef struct {
    double loss;      /* mean cross entropy, without the auxiliary classifier's */
    int correct;      /* pictures whose largest logit is the label */
    int correct_top5; /* label among the five largest */
    int not_finite;   /* pictures of which a logit is not finite: never right */
    int overflows; /* pictures of which a number within the network is not finite, with batch.looks_inside: a rectifier
                      makes 0 of minus infinity, so that their logits may look plausible */
    double auxiliary_loss; /* mean cross entropy of the auxiliary classifier, not weighted; 0 without one */
} snas_outcome;

/** Forward pass. */
void snas_network_forward(snas_network *network, const snas_batch *batch, snas_mode mode, snas_outcome *out);

/** Backward pass of the last forward (mode TRAIN or BATCH, same batch): gradients overwritten; dz [rows][E][K] too when
 *  not NULL: d loss / dz. */
void snas_network_backward(snas_network *network, const snas_batch *batch, double *dz);

/** Did the operation of parameter i run in the last forward? Not when it belongs to a candidate whose z was exactly 0
 *  in a sparse batch: its gradient says nothing then. */
bool snas_network_parameter_ran(const snas_network *network, int i);

/** Logits of the last forward, [count][classes] in the network's dtype. */
const void *snas_network_logits(const snas_network *network);

/** [count] of the last forward with batch.looks_inside: is a number within the network not finite? */
const bool *snas_network_overflows(const snas_network *network);

/** Start a recalibration: the next RECALIBRATE batch is the first. */
void snas_network_recalibrate(snas_network *network);

/** From now on add the time of every pass to `profile` (borrowed, for at least as many threads as the team has); NULL:
 *  stop. */
void snas_network_profile(snas_network *network, const snas_profile *profile);

/** The plain program that defines the network: its parameters and buffers say where their numbers stand in
 *  snas_network_weights and snas_network_buffers. */
const snas_program *snas_network_program(const snas_network *network);

/** Name of the kernel set that runs: "plain", "avx2", ... */
const char *snas_network_kernels(const snas_network *network);

#endif
