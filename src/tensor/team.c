/* team.c -- the parallel loop: units handed out one by one to threads that stand by, asleep when it takes long.
 *
 *      lane t holds units  U t / L .. U (t + 1) / L - 1     of U units in L lanes, as many as threads that may have one
 *      ticket of a lane  = number of the loop << 32 | units of the lane that nobody has taken
 *
 * A thread takes the units of its own lane, in order, then what is left in the others'. So where nobody is held up a
 * unit is always run by the same thread, whose processor and memory node then hold what it works on; and threads do
 * not meet on a line of the cache before their own units are over.
 *
 * Whoever swaps a ticket for the one below it has taken a unit; the loop's number in it makes sure that what it read
 * beside the ticket is this loop's. The caller takes units too. It never waits for a thread to arrive, only for units
 * that others have begun: a helper that gets no processor costs nothing, and none at all is enough.
 *
 * Who waits spins for a moment, then sleeps. The moment grows while waits end within it, as they do on a quiet machine,
 * and shrinks while they do not: on a busy one the processor is somebody else's then, perhaps of the thread waited for.
 */
#include "snas/tensor/team.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "snas/base/clock.h"
#include "snas/base/log.h"
#include "snas/base/thread.h"

enum { THREADS_MOST = 1024, CACHE_LINE = 64 };

/* --- waiting ------------------------------------------------------------------------------------------------------ */

enum { PATIENCE_LEAST = 2, PATIENCE_MOST = 1000 }; /* microseconds of spinning */
enum { LOOKS = 16 };                               /* between two readings of the clock */

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static double within(double value, double least, double most)
{
    return value < least ? least : value > most ? most : value;
}

/* Look for as long as `patience` whether is_over(what), and say so. */
static bool spin(double *patience, bool (*is_over)(uint64_t what), uint64_t what)
{
    const double end = snas_clock_seconds() + *patience * 1e-6;
    do {
        for (int i = 0; i < LOOKS; i++) {
            if (is_over(what)) {
                *patience = within(*patience * 1.25, PATIENCE_LEAST, PATIENCE_MOST);
                return true;
            }
            relax();
        }
    } while (snas_clock_seconds() < end);
    *patience = within(*patience / 2.0, PATIENCE_LEAST, PATIENCE_MOST);
    return false;
}

/* --- the pool ----------------------------------------------------------------------------------------------------- */

typedef struct {
    pthread_cond_t called; /* a loop has begun */
    bool asleep;           /* under the lock */
    double patience;
} helper;

/* A line of its own: its thread writes it for every unit, others when their own lanes are empty. */
typedef struct {
    _Alignas(CACHE_LINE) _Atomic uint64_t ticket;
} lane;

static lane lanes[THREADS_MOST];

static struct {
    _Alignas(CACHE_LINE) atomic_int done; /* units that are over: written by many, watched by the caller */
    /* The loop, written while there is no unit to take. */
    _Alignas(CACHE_LINE) _Atomic(snas_team_body) body;
    _Atomic(void *) context;
    atomic_int units, threads, lanes;
    _Atomic uint64_t loop; /* its number, written when all lanes are filled */
    atomic_flag taken;     /* a loop runs: another, from within or beside it, has its caller alone */
    /* For those who sleep. */
    atomic_int sleepers;
    atomic_bool caller_sleeps;
    pthread_mutex_t lock;
    pthread_cond_t finished; /* all units are over */
    double patience;         /* the caller's */
    bool watches_forks, refused;
    int helpers; /* that run: numbers 1..helpers */
} pool = {.taken = ATOMIC_FLAG_INIT,
          .lock = PTHREAD_MUTEX_INITIALIZER,
          .finished = PTHREAD_COND_INITIALIZER,
          .patience = PATIENCE_MOST};

static helper helpers[THREADS_MOST]; /* 0 is the caller's number */

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int left_of(uint64_t ticket)
{
    return (int)(ticket & UINT32_MAX);
}

static bool has_begun(uint64_t after)
{
    return atomic_load(&pool.loop) != after;
}

static bool is_done(uint64_t units)
{
    return (uint64_t)atomic_load(&pool.done) == units;
}

/* The first unit of a lane, and of the one after the last: the number of units. */
static int first_of(int index, int units, int count)
{
    return (int)((int64_t)units * index / count);
}

/* Run units of a lane until there are none; how many. */
static int take_lane(int index, int thread)
{
    int taken = 0;
    uint64_t ticket = atomic_load(&lanes[index].ticket);
    for (;;) {
        const snas_team_body body = atomic_load_explicit(&pool.body, memory_order_relaxed);
        void *context = atomic_load_explicit(&pool.context, memory_order_relaxed);
        const int units = atomic_load_explicit(&pool.units, memory_order_relaxed);
        const int count = atomic_load_explicit(&pool.lanes, memory_order_relaxed);
        if (left_of(ticket) == 0 || thread >= atomic_load_explicit(&pool.threads, memory_order_relaxed)) {
            return taken;
        }
        if (atomic_compare_exchange_weak(&lanes[index].ticket, &ticket, ticket - 1)) {
            body(context, first_of(index + 1, units, count) - left_of(ticket), thread);
            taken++;
            ticket = atomic_load(&lanes[index].ticket);
        }
    }
}

/* Run units until there are none, those of the thread's own lane first; how many. */
static int take_units(int thread)
{
    const int count = atomic_load_explicit(&pool.lanes, memory_order_relaxed);
    int taken = 0;
    for (int i = 0; i < count; i++) {
        taken += take_lane((thread + i) % count, thread);
    }
    return taken;
}

/* --- helpers ------------------------------------------------------------------------------------------------------ */

/* Wait for a loop after the one seen last. */
static void await_loop(helper *self, uint64_t seen)
{
    if (spin(&self->patience, has_begun, seen)) {
        return;
    }
    pthread_mutex_lock(&pool.lock);
    self->asleep = true;
    atomic_fetch_add(&pool.sleepers, 1);
    while (!has_begun(seen)) {
        pthread_cond_wait(&self->called, &pool.lock);
    }
    atomic_fetch_sub(&pool.sleepers, 1);
    self->asleep = false;
    pthread_mutex_unlock(&pool.lock);
}

/* `taken` units are over. Until then the loop cannot end. */
static void give_back(int taken)
{
    const int units = atomic_load_explicit(&pool.units, memory_order_relaxed);
    if (atomic_fetch_add(&pool.done, taken) + taken == units && atomic_load(&pool.caller_sleeps)) {
        pthread_mutex_lock(&pool.lock); /* now the caller waits, or it has yet to look */
        pthread_mutex_unlock(&pool.lock);
        pthread_cond_signal(&pool.finished);
    }
}

static void *help(void *opaque)
{
    helper *self = opaque;
    const int thread = (int)(self - helpers);
    for (uint64_t seen = 0;;) {
        await_loop(self, seen);
        seen = atomic_load(&pool.loop);
        const int taken = take_units(thread);
        if (taken > 0) {
            give_back(taken);
        }
    }
    return NULL; /* never */
}

/* Begin a loop: put its units into lanes. Loops are numbered modulo 2^32, as tickets hold them. */
static void fill_lanes(int units, int count)
{
    const uint64_t loop = (atomic_load(&pool.loop) + 1) & UINT32_MAX;
    atomic_store_explicit(&pool.lanes, count, memory_order_relaxed);
    for (int i = 0; i < count; i++) {
        const int size = first_of(i + 1, units, count) - first_of(i, units, count);
        atomic_store(&lanes[i].ticket, loop << 32 | (uint64_t)size);
    }
    atomic_store(&pool.loop, loop);
}

/* A child of fork has none of the helpers; whatever they held is free. */
static void forget(void)
{
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.finished, NULL);
    atomic_store(&pool.sleepers, 0);
    atomic_store(&pool.caller_sleeps, false);
    fill_lanes(0, THREADS_MOST);
    atomic_flag_clear(&pool.taken);
    pool.helpers = 0;
}

/* Have `count` helpers, or as many as the system gives. */
static void have_helpers(int count)
{
    if (!pool.watches_forks) {
        pool.watches_forks = pthread_atfork(NULL, NULL, forget) == 0;
    }
    while (pool.helpers < count && !pool.refused) {
        helper *next = &helpers[pool.helpers + 1];
        pthread_t thread;
        *next = (helper){.called = PTHREAD_COND_INITIALIZER, .patience = PATIENCE_MOST};
        pool.refused = !snas_thread_start(help, next, &thread);
        if (pool.refused) {
            snas_log(SNAS_LOG_WARNING, "%d threads instead of %d: the system gives no more", pool.helpers + 1,
                     count + 1);
            return;
        }
        pthread_detach(thread);
        pool.helpers++;
    }
}

/* --- the caller --------------------------------------------------------------------------------------------------- */

/* Wake those helpers that sleep and may have a unit. */
static void call_helpers(int threads, int units)
{
    if (atomic_load(&pool.sleepers) == 0) {
        return;
    }
    pthread_mutex_lock(&pool.lock);
    for (int i = 1, last = least(least(threads, units) - 1, pool.helpers); i <= last; i++) {
        if (helpers[i].asleep) {
            pthread_cond_signal(&helpers[i].called);
        }
    }
    pthread_mutex_unlock(&pool.lock);
}

static void await_units(int units)
{
    if (spin(&pool.patience, is_done, (uint64_t)units)) {
        return;
    }
    pthread_mutex_lock(&pool.lock);
    atomic_store(&pool.caller_sleeps, true);
    while (!is_done((uint64_t)units)) {
        pthread_cond_wait(&pool.finished, &pool.lock);
    }
    atomic_store(&pool.caller_sleeps, false);
    pthread_mutex_unlock(&pool.lock);
}

static void run_together(int threads, int units, snas_team_body body, void *context)
{
    have_helpers(threads - 1);
    atomic_store_explicit(&pool.body, body, memory_order_relaxed);
    atomic_store_explicit(&pool.context, context, memory_order_relaxed);
    atomic_store_explicit(&pool.units, units, memory_order_relaxed);
    atomic_store_explicit(&pool.threads, threads, memory_order_relaxed);
    atomic_store_explicit(&pool.done, 0, memory_order_relaxed);
    fill_lanes(units, least(threads, units));
    call_helpers(threads, units);
    const int taken = take_units(0);
    atomic_fetch_add(&pool.done, taken);
    await_units(units);
}

snas_team snas_team_make(int threads)
{
    assert(threads >= 0);
    return (snas_team){.threads = least(threads > 0 ? threads : snas_processor_count(), THREADS_MOST)};
}

static void run(const snas_team *team, int units, snas_team_body body, void *context)
{
    const bool together = team->threads > 1 && units > 1;
    if (together && !atomic_flag_test_and_set(&pool.taken)) {
        run_together(team->threads, units, body, context);
        atomic_flag_clear(&pool.taken);
        return;
    }
    for (int unit = 0; unit < units; unit++) {
        body(context, unit, 0);
    }
}

/* --- watching ----------------------------------------------------------------------------------------------------- */

static const snas_team_watcher *watcher;

void snas_team_watch(const snas_team_watcher *wanted)
{
    watcher = wanted;
}

typedef struct {
    snas_team_body body;
    void *context;
    double *seconds; /* [units] */
} watched;

static void run_watched(void *opaque, int unit, int thread)
{
    const watched *loop = opaque;
    const double started = snas_clock_seconds();
    loop->body(loop->context, unit, thread);
    loop->seconds[unit] = snas_clock_seconds() - started;
}

void snas_team_run(const snas_team *team, int units, snas_team_body body, void *context)
{
    assert(team->threads >= 1 && units >= 0);
    if (watcher == NULL || units > watcher->room) {
        run(team, units, body, context);
        return;
    }
    watched loop = {.body = body, .context = context, .seconds = watcher->seconds};
    const double started = snas_clock_seconds();
    run(team, units, run_watched, &loop);
    watcher->ended(watcher->context, units, snas_clock_seconds() - started);
}
