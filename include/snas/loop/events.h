/* events.h -- TensorBoard's event files of a run: the figures of every epoch, its pictures, the config.
 *
 * A file is a row of records (tfrecord.h), each an Event:
 *
 *      1 wall_time   double, seconds since 1970        3 file_version   "brain.Event:2", of the first record
 *      2 step        of the run                        5 summary        1 value: a tag, and a number, picture or text
 *                                                      7 session_log    1 status: START of a process, at its first step
 *
 * Every process that works on a run writes a file of its own, in the folder "tensorboard" of the run; their names are
 * in the order of time. Before it does so it cuts from the earlier ones what comes after its first step, so no step is
 * told twice, and writes the rows that they lack. Records wait in memory until they are on disk: a write that fails is
 * taken back and repeated at the next save. But for the wall times all of it depends on the config alone.
 */
#ifndef SNAS_LOOP_EVENTS_H
#define SNAS_LOOP_EVENTS_H

#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/learn/metrics_row.h"

/** The name in the run's folder. */
#define SNAS_EVENTS_FOLDER "tensorboard"

/** Starts as {0}: no events are wanted, and the functions below do nothing. */
typedef struct {
    bool wanted;
    const char *folder, *path; /* the files', this process's */
    snas_text records;         /* not on disk yet */
    bool begun;                /* the first record is formed */
    int64_t first;             /* step before the first one of this process */
    int64_t size;              /* bytes of the file that are whole records */
    bool torn;                 /* the file may have more than those */
    int64_t last;              /* step of the last row; -1: none */
    bool shows;                /* that row waits for its pictures */
} snas_events;

/** Where a run stands when a process begins with it. */
typedef struct {
    const char *folder; /* the run's */
    const char *config; /* JSON */
    bool has_changed;   /* the config was another one before */
    int64_t step;       /* finished steps */
    const char *rows;   /* of metrics.jsonl so far */
} snas_events_start;

/** Look at the files that are there, cut them back to start->step, and take up what they lack. SNAS_E_IO with a
 *  sentence when they cannot be read or cut: then no events are wanted. Everything in `mem`; `scratch`, here and below,
 *  is another arena, and is filled. */
SNAS_MUST_CHECK snas_status snas_events_open(snas_arena *mem, snas_arena *scratch, const snas_events_start *start,
                                             snas_events *out);

/** Add a row as scalars of its step; figures that are not finite are left out. `scratch` is released. */
void snas_events_row(snas_arena *scratch, snas_events *events, const snas_metrics_row *row);

/** Add a PNG as a picture of the last row's step; one that is not there is passed over. SNAS_E_IO, SNAS_E_DATA when it
 *  cannot be read. `scratch` is released. */
SNAS_MUST_CHECK snas_status snas_events_picture(snas_arena *scratch, snas_events *events, const char *tag,
                                                const char *path);

/** Append what is not on disk yet. SNAS_E_IO: then it is tried again at the next save. */
SNAS_MUST_CHECK snas_status snas_events_save(snas_events *events);

#endif
