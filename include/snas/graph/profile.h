/* profile.h -- where the time of a pass goes: seconds and calls by operation kind and phase, a table a thread.
 *
 * An executor without a profile reads no clock. With one it reads the clock twice around every pass of every picture,
 * so a profiled step is slower than another one: its shares are meaningful, its length is not.
 *
 * A profile by operation reads it once a pass instead: an operation's time goes on until the next one's begins, so that
 * the times of a forward pass add up to nearly all of it.
 */
#ifndef SNAS_GRAPH_PROFILE_H
#define SNAS_GRAPH_PROFILE_H

#include "snas/base/arena.h"
#include "snas/kernel/operation.h"

typedef enum {
    SNAS_PHASE_STATISTICS, /* the passes of snas_kernel, a call a picture */
    SNAS_PHASE_FORWARD,
    SNAS_PHASE_BACKWARD_STATISTICS,
    SNAS_PHASE_BACKWARD,
    SNAS_PHASE_PREPARE,        /* packing of weights, a call an operation */
    SNAS_PHASE_CLOSE,          /* what closes a forward stage: batch statistics */
    SNAS_PHASE_CLOSE_BACKWARD, /* a backward one: statistics, weight gradients */
    SNAS_PHASE_COUNT
} snas_phase;

typedef struct {
    double seconds;
    int64_t calls;
} snas_timing;

typedef struct {
    int threads;
    snas_timing *timings; /* [threads][SNAS_OP_COUNT][SNAS_PHASE_COUNT]; only ever added to */
    int operations;       /* of the executor's program; 0: a profile by kind and phase */
    double *by_operation; /* [threads][operations]: seconds; only ever added to */
    double *last;         /* [threads]: when its last operation ended */
} snas_profile;

/** All zero, in `mem`. */
SNAS_MUST_CHECK snas_status snas_profile_create(snas_arena *mem, int threads, snas_profile *out);

/** By operation instead: all zero, in `mem`. */
SNAS_MUST_CHECK snas_status snas_profile_create_operations(snas_arena *mem, int threads, int operations,
                                                           snas_profile *out);

/** By operation: the thread begins, and what it did before belongs to none; the operation has ended. */
void snas_profile_begin(const snas_profile *profile, int thread);
void snas_profile_end(const snas_profile *profile, int thread, int operation);

/** The entry of a thread, kind and phase. */
snas_timing *snas_profile_at(const snas_profile *profile, int thread, snas_op_kind kind, snas_phase phase);

/** Sums over the threads. */
snas_timing snas_profile_sum(const snas_profile *profile, snas_op_kind kind, snas_phase phase);

#endif
