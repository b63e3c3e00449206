/* team.h -- the threads, and the only parallel loop of the program.
 *
 * Work is cut into units that do not depend on the number of threads (shards of a batch, ranges of a vector). A team
 * runs them in any order; sums over units are formed afterwards in a fixed order. So the bytes of a result do not
 * depend on the number of threads.
 */
#ifndef SNAS_TENSOR_TEAM_H
#define SNAS_TENSOR_TEAM_H

typedef struct {
    int threads; /* at least 1 */
} snas_team;

/** A team of `threads` threads; 0 means one for each processor that this process may use (affinity and
 *  cgroup quota). */
snas_team snas_team_make(int threads);

/** Run body(context, unit, thread) for every unit in 0..units-1; returns when all are done. `thread` is in
 *  0..threads-1; of equally many units each is run by the same thread every time, unless that one is held up. Must not
 *  be nested. */
typedef void (*snas_team_body)(void *context, int unit, int thread);
void snas_team_run(const snas_team *team, int units, snas_team_body body, void *context);

/** Told of every loop. While there is one, only one thread runs loops. */
typedef struct {
    double *seconds;                                         /* [room]: of each unit of the loop that ends */
    int room;                                                /* loops with more units are not told */
    void (*ended)(void *context, int units, double seconds); /* of the whole loop */
    void *context;
} snas_team_watcher;

/** Tell `watcher` from now on; NULL: nobody. */
void snas_team_watch(const snas_team_watcher *watcher);

/** Processors that this process may use: affinity mask and cgroup quota, at least 1. */
int snas_processor_count(void);

#endif
