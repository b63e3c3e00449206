/* executor.h -- a program with memory: planned once, then run step after step without allocating.
 *
 * A pass is a sequence of stages. Within a stage every picture goes through all operations of the stage, one after the
 * other, while its data is in the cache; pictures are spread over threads by shards. A stage ends where batch
 * statistics need every picture. In evaluation there are no such barriers: the network is one stage, and a thread
 * reuses one picture's memory.
 */
#ifndef SNAS_GRAPH_EXECUTOR_H
#define SNAS_GRAPH_EXECUTOR_H

#include "snas/graph/profile.h"
#include "snas/graph/program.h"
#include "snas/tensor/team.h"

typedef struct snas_executor snas_executor;

typedef struct {
    int batch;           /* largest batch */
    int shards;          /* that a batch is cut into, SNAS_SHARDS_MAX at most; 0: SNAS_SHARDS_DEFAULT */
    bool training;       /* plan for batch statistics and a backward pass; else evaluation only, in little memory */
    bool f64;            /* double: plain kernels */
    bool recompute;      /* fused kernels: recompute convolutions' outputs instead of storing them */
    bool single_path;    /* promised: every pass is sparse and runs at most one candidate of each edge, so what belongs
                            to different candidates of an edge shares memory */
    const char *kernels; /* a set's name, "plain", or NULL for the best */
    /** An executor with the same parameters and buffers whose weights, gradients and buffers it uses; NULL: its own. */
    const snas_executor *shared;
} snas_executor_options;

/** Lower (unless plain), schedule, plan, take memory from `mem`, bind. `plain` and `team` are borrowed. */
SNAS_MUST_CHECK snas_status snas_executor_create(snas_arena *mem, const snas_team *team, const snas_program *plain,
                                                 const snas_executor_options *options, snas_executor **out);

/** Bytes that create would take for weights, gradients and buffers, and for everything else; takes only scratch from
 *  `mem`. */
SNAS_MUST_CHECK snas_status snas_executor_measure(snas_arena *mem, const snas_team *team, const snas_program *plain,
                                                  const snas_executor_options *options, size_t *parameters,
                                                  size_t *activations);

/** Bytes that evaluating one picture with fused kernels takes for values: those of the memory plan, the same on every
 *  processor and for any threads; and what lives at the same time at most, which no plan could do without. */
typedef struct {
    int64_t planned, live;
} snas_peak;

/** Takes scratch from the program's arena. */
SNAS_MUST_CHECK snas_status snas_executor_peak(const snas_program *plain, snas_peak *out);

/** Forward pass of step->count pictures. Fills the step's losses, ranks and logits; its mode decides how norms
 *  behave. */
void snas_executor_forward(snas_executor *ex, snas_feed *step);

/** Backward pass of the last forward in mode TRAIN or BATCH: all gradients overwritten, step->dz and mask_sums
 *  overwritten. */
void snas_executor_backward(snas_executor *ex, snas_feed *step);

/** From now on add the time of every pass to `profile` (borrowed, for at least as many threads as the team has); NULL:
 *  stop. */
void snas_executor_profile(snas_executor *ex, const snas_profile *profile);

/** Flat vectors in the program's number type. */
void *snas_executor_weights(const snas_executor *ex);
void *snas_executor_gradients(const snas_executor *ex);
void *snas_executor_buffers(const snas_executor *ex);

const char *snas_executor_kernels(const snas_executor *ex); /* "plain", "avx2", ... */

/** What it runs: the plain program, or the lowered one. */
const snas_program *snas_executor_program(const snas_executor *ex);

#endif
