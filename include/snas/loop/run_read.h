/* run_read.h -- reads a run's folder for other purposes: its config, its status, the figures of every epoch. Writes
 * nothing. */
#ifndef SNAS_LOOP_RUN_READ_H
#define SNAS_LOOP_RUN_READ_H

#include "snas/config/config.h"
#include "snas/learn/metrics_row.h"

/** The resources that the run has used so far, over all processes that worked on it. NaN: written by a version without
 *  these figures, or no epoch has ended yet. */
typedef struct {
    double seconds;           /* of the clock */
    double processor_seconds; /* of all threads */
    double peak_bytes;        /* the most memory of a process */
} snas_run_usage;

typedef struct {
    const char *folder;           /* borrowed */
    const char *command;          /* "search", "train" */
    const char *status;           /* "running", "done", "interrupted", "failed" */
    snas_config config;           /* the run's own */
    const snas_metrics_row *rows; /* [row_count]; a figure that is null in the file is NaN */
    int row_count;
    const snas_metrics_row *timing; /* [timing_count]: the lines of timing.jsonl, which a killed process may lack */
    int timing_count;
    snas_run_usage usage;
} snas_run_record;

/** Read the folder. The run may be going on: files are replaced whole, so each is as it was at some moment. SNAS_E_IO
 *  when the folder is no run, or a file cannot be read or does not hold what a run wrote. */
SNAS_MUST_CHECK snas_status snas_run_read(snas_arena *mem, const char *folder, snas_run_record *out);

/** Has the run in this folder come to its end? False where there is none. `mem` is scratch. */
bool snas_run_is_done(snas_arena *mem, const char *folder);

/** Is a process working on the run in this folder, on this machine? True also where that cannot be told: when its
 *  lock cannot be opened. A run whose status is "running" though no process works on it was killed. */
bool snas_run_is_worked_on(const char *folder);

#endif
