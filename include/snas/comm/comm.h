/* comm.h -- the processes that work on one run: who this one is, and what they tell each other.
 *
 * A run has 1, 2, 4, 8 or 16 ranks, a process each, on one machine or on many. They do the same steps side by side and
 * hold the same numbers; what they share out is the pictures (share.h). What they exchange lies in memory that all have
 * alike, and every exchange is reached by all of them in the same order. A program is linked with one of two kinds:
 * one process (one.c), for which every function here returns at once, or Open MPI (mpi.c).
 *
 * A rank that does not answer is lost: whoever waits for it says so by the function given to open, and all processes
 * end. The state of the run is then that of its last checkpoint.
 */
#ifndef SNAS_COMM_COMM_H
#define SNAS_COMM_COMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snas/base/status.h"

enum { SNAS_RANKS_MAX = 16 };

/** What ends this process with a sentence for people; does not return to who waits when it returns. */
typedef void (*snas_comm_lost)(void *context, const char *sentence);

/** Find the others, before anything else is done. SNAS_E_USAGE when their number is none of the above. */
SNAS_MUST_CHECK snas_status snas_comm_open(snas_comm_lost lost, void *context);

/** Leave with `code`, the last call; returns it. All leave together when `status` is what all have: success, or a fault
 *  that all agreed on. A fault of this rank alone ends the others with it. */
int snas_comm_close(snas_status status, int code);

int snas_comm_rank(void);  /* 0..ranks - 1 */
int snas_comm_ranks(void); /* 1: alone */

/** The name of the kind: "one", "mpi". */
const char *snas_comm_kind_name(void);

/** Send `out` to `peer` and receive `in` from it, while it does the same. */
void snas_comm_swap(int peer, const void *out, size_t out_bytes, void *in, size_t in_bytes);

/** Every rank has written its own part of `all`, bytes first[rank]..first[rank + 1]: now all have the whole. */
void snas_comm_gather(void *all, const size_t *first);

/** Rank 0's `bytes` become everybody's. */
void snas_comm_spread(void *bytes, size_t size);

/** Each of `values` becomes the largest that a rank has. */
void snas_comm_most(int *values, int count);

/** One status for all: SNAS_OK when all have it, else that of the lowest rank that has another one, with its sentence.
 *  Waits long: somebody may be reading or writing files. */
SNAS_MUST_CHECK snas_status snas_comm_agree(snas_status mine);

/** Is `status` success, or a fault that all agreed on? Then rank 0 says its sentence for all. */
bool snas_comm_is_agreed(snas_status status);

/** SNAS_E_USAGE with a sentence when a batch of so many pictures, which `key` says, leaves a rank without any. */
SNAS_MUST_CHECK snas_status snas_comm_fits(const char *key, int batch);

/** Does every rank have this number? SNAS_E_FAILED with a sentence that names the first that differs from the others,
 *  and `what` it is of. */
SNAS_MUST_CHECK snas_status snas_comm_same(uint32_t number, const char *what);

/** What this rank has sent since it began, and how long it has waited for exchanges. */
typedef struct {
    int64_t messages, bytes;
    double seconds;
} snas_comm_traffic;
snas_comm_traffic snas_comm_traffic_now(void);

/** From now on nothing that this process writes reaches a disk: for ranks that only compute. What it reads it reads. */
void snas_comm_silence_files(void);

#endif
