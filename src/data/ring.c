/* ring.c -- batches that worker threads prepare ahead: one lock, two conditions, and numbers that only grow.
 *
 *      first <= claim <= opened <= first + slots
 *
 *      first     the batch that the caller holds
 *      claim     the first batch that has a unit which nobody has begun
 *      opened    the first batch that has no slot yet
 *
 * To take batch first + 1 is to give the slot of `first` to batch `opened`. To take any other is to claim nothing more,
 * wait until nobody is busy, and begin again.
 */
#include "ring.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>

#include "snas/base/log.h"
#include "snas/base/thread.h"

typedef struct {
    int units, claimed, done;
    snas_fault fault; /* of the lowest unit that failed, and which that was */
    int failed;
} slot_state;

typedef struct {
    data_ring *ring;
    int index;
    pthread_t thread;
} worker;

struct data_ring {
    data_ring_plan plan;
    pthread_mutex_t lock;
    pthread_cond_t wanted;   /* there is a unit to claim, or it is time to end */
    pthread_cond_t finished; /* a batch is done, or nobody is busy */
    slot_state *slots;
    int64_t first, claim, opened;
    int busy; /* workers that are at a unit */
    bool ending;
    worker *workers;
    int started; /* workers that run */
};

static int slot_of(const data_ring *ring, int64_t number)
{
    return (int)(number % ring->plan.slots);
}

static slot_state *at(const data_ring *ring, int64_t number)
{
    return &ring->slots[slot_of(ring, number)];
}

/* --- a unit ------------------------------------------------------------------------------------------------------- */

/* A unit is done; under the lock. The sentence is this thread's. */
static void note(slot_state *slot, int unit, snas_status status)
{
    slot->done++;
    if (status != SNAS_OK && (slot->fault.status == SNAS_OK || unit < slot->failed)) {
        slot->failed = unit;
        snas_fault_keep(&slot->fault, status);
    }
}

/* Take the next unit and do it; the lock is held before and after. */
static void work_once(data_ring *ring, int thread)
{
    const int64_t number = ring->claim;
    slot_state *slot = at(ring, number);
    const int unit = slot->claimed++;
    ring->claim += slot->claimed == slot->units;
    ring->busy++;
    pthread_mutex_unlock(&ring->lock);
    const snas_status status = ring->plan.work(ring->plan.context, thread, slot_of(ring, number), unit);
    pthread_mutex_lock(&ring->lock);
    ring->busy--;
    note(slot, unit, status);
    if (slot->done == slot->units || ring->busy == 0) {
        pthread_cond_signal(&ring->finished);
    }
}

static void *work(void *opaque)
{
    const worker *self = opaque;
    data_ring *ring = self->ring;
    pthread_mutex_lock(&ring->lock);
    while (!ring->ending) {
        if (ring->claim == ring->opened) {
            pthread_cond_wait(&ring->wanted, &ring->lock);
        } else {
            work_once(ring, self->index);
        }
    }
    pthread_mutex_unlock(&ring->lock);
    return NULL;
}

/* A unit of the caller's team. */
static void work_in_team(void *context, int unit, int thread)
{
    data_ring *ring = context;
    const int slot = slot_of(ring, ring->first);
    const snas_status status = ring->plan.work(ring->plan.context, thread, slot, unit);
    pthread_mutex_lock(&ring->lock);
    note(&ring->slots[slot], unit, status);
    pthread_mutex_unlock(&ring->lock);
}

/* --- the caller --------------------------------------------------------------------------------------------------- */

/* Give every slot that is free to the next batch; under the lock. */
static void open_slots(data_ring *ring)
{
    for (; ring->opened < ring->first + ring->plan.slots; ring->opened++) {
        slot_state *slot = at(ring, ring->opened);
        const int units = ring->plan.open(ring->plan.context, slot_of(ring, ring->opened), ring->opened);
        assert(units >= 1);
        slot->units = units;
        slot->claimed = 0;
        slot->done = 0;
        slot->fault.status = SNAS_OK;
    }
    pthread_cond_broadcast(&ring->wanted);
}

/* Make `number` the batch that the caller holds; under the lock. */
static void move_to(data_ring *ring, int64_t number)
{
    if (number == ring->first && ring->opened > ring->first) {
        return;
    }
    if (number != ring->first + 1 || number >= ring->opened) {
        ring->claim = ring->opened;
        while (ring->busy > 0) {
            pthread_cond_wait(&ring->finished, &ring->lock);
        }
        ring->claim = number;
        ring->opened = number;
    }
    ring->first = number;
    open_slots(ring);
}

static void wait_for(data_ring *ring, const slot_state *slot)
{
    if (ring->started == 0 && slot->done == 0) {
        pthread_mutex_unlock(&ring->lock);
        snas_team_run(&ring->plan.team, slot->units, work_in_team, ring);
        pthread_mutex_lock(&ring->lock);
    }
    while (slot->done < slot->units) {
        pthread_cond_wait(&ring->finished, &ring->lock);
    }
}

snas_status data_ring_take(data_ring *ring, int64_t number, int *slot)
{
    assert(number >= 0);
    pthread_mutex_lock(&ring->lock);
    move_to(ring, number);
    const slot_state *state = at(ring, number);
    wait_for(ring, state);
    pthread_mutex_unlock(&ring->lock);
    *slot = slot_of(ring, number); /* nobody but this thread touches it until it is given up */
    return snas_fault_again(&state->fault);
}

/* --- start and end ------------------------------------------------------------------------------------------------ */

static void end(void *opaque)
{
    data_ring *ring = opaque;
    pthread_mutex_lock(&ring->lock);
    ring->ending = true;
    pthread_cond_broadcast(&ring->wanted);
    pthread_mutex_unlock(&ring->lock);
    for (int i = 0; i < ring->started; i++) {
        pthread_join(ring->workers[i].thread, NULL);
    }
    pthread_cond_destroy(&ring->finished);
    pthread_cond_destroy(&ring->wanted);
    pthread_mutex_destroy(&ring->lock);
}

static void start(data_ring *ring)
{
    for (int i = 0; i < ring->plan.workers; i++) {
        worker *w = &ring->workers[i];
        *w = (worker){.ring = ring, .index = i};
        if (!snas_thread_start(work, w, &w->thread)) {
            break;
        }
        ring->started++;
    }
    if (ring->started < ring->plan.workers) {
        snas_log(SNAS_LOG_WARNING, "%d threads to prepare pictures instead of %d: no more are given", ring->started,
                 ring->plan.workers);
    }
}

snas_status data_ring_create(snas_arena *mem, const data_ring_plan *plan, data_ring **out)
{
    assert(plan->workers >= 0 && plan->slots >= (plan->workers > 0 ? 2 : 1));
    data_ring *ring;
    SNAS_NEW(mem, ring, 1);
    SNAS_NEW(mem, ring->slots, plan->slots);
    SNAS_NEW(mem, ring->workers, plan->workers);
    ring->plan = *plan;
    if (pthread_mutex_init(&ring->lock, NULL) != 0 || pthread_cond_init(&ring->wanted, NULL) != 0 ||
        pthread_cond_init(&ring->finished, NULL) != 0) {
        return snas_fail(SNAS_E_MEMORY, "out of memory: no lock for the pictures' queue");
    }
    SNAS_TRY(snas_arena_close_with(mem, end, ring));
    start(ring);
    *out = ring;
    return SNAS_OK;
}
