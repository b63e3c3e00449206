/* ring.h -- batches that worker threads prepare ahead, in a ring of slots: a bounded queue in order.
 *
 * Batches are numbered; batch s has slot s mod slots. One is the caller's, those after it are being prepared or are
 * ready. A batch is cut into units that any worker may do in any order, so what is in a slot must depend on (batch,
 * unit) alone. Workers sleep while there is no unit to do.
 */
#ifndef SNAS_DATA_RING_H
#define SNAS_DATA_RING_H

#include <stdint.h>

#include "snas/base/arena.h"
#include "snas/tensor/team.h"

typedef struct {
    int workers; /* 0: the team does the units of a batch when it is taken */
    int slots;   /* with workers at least 2 */
    snas_team team;
    /** Make the slot ready for batch `number`; returns its units, at least 1. Called by the thread that takes, batch by
     *  batch in order, but for jumps. */
    int (*open)(void *context, int slot, int64_t number);
    /** Do one unit. `thread` is below the workers, or below the team's threads. */
    snas_status (*work)(void *context, int thread, int slot, int unit);
    void *context;
} data_ring_plan;

typedef struct data_ring data_ring;

/** Make the ring and start its workers, which end with the arena. Where the system gives fewer threads fewer work. */
SNAS_MUST_CHECK snas_status data_ring_create(snas_arena *mem, const data_ring_plan *plan, data_ring **out);

/** Wait until batch `number` (from 0) stands in *slot, which is the caller's until the next call. The number taken last
 *  and the one after it are at hand; any other empties the ring and starts again there. Fails with the status and the
 *  sentence of the batch's lowest unit that failed, as often as the batch is taken. */
SNAS_MUST_CHECK snas_status data_ring_take(data_ring *ring, int64_t number, int *slot);

#endif
