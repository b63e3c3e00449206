/* study_runs.h -- the runs of a study: its folder, what has to be done there, and doing it.
 *
 *      plan.json                  the study as it was resolved; --resume holds the study's file against it
 *      inputs/VARIANT.json        its config; VARIANT.genotype of a cell
 *      VARIANT-seedN/             the search's run folder; of a cell that of its training
 *      VARIANT-seedN-train/       the training of a derived cell
 *      derived/VARIANT-seedN.json what `snas derive --evaluate --json` said; .genotype: the cell
 *      logs/                      what the processes said on stderr, of those that said anything
 *      study.md, .csv, .json      the results so far, replaced whenever a run has ended
 *
 * A run is what `snas search`, `snas derive` and `snas train` do: processes of this program, in their own folders.
 */
#ifndef SNAS_STUDY_STUDY_RUNS_H
#define SNAS_STUDY_STUDY_RUNS_H

#include <signal.h>

#include "snas/study/study.h"

typedef struct {
    const char *path;
    int lock; /* descriptor of the locked study.lock; the study's processes keep it too */
} snas_study_folder;

/** Take a new folder for the study, or with `resume` one that holds an earlier state of it. SNAS_E_USAGE with a
 *  sentence when a new one is not empty or the study has changed, SNAS_E_IO when there is nothing to go on with,
 *  SNAS_E_FAILED when another process is at it. */
SNAS_MUST_CHECK snas_status snas_study_open(snas_arena *mem, const snas_study *study, const char *path, bool resume,
                                            snas_study_folder *out);
void snas_study_close(snas_study_folder *folder);

/** Does the folder hold a study? */
bool snas_study_is_in(const char *path);

/** The study that the folder holds, by its plan.json, to be read only: runs may go on meanwhile. The sizes of its cells
 *  are 0: not known. SNAS_E_IO with a sentence when it holds none. */
SNAS_MUST_CHECK snas_status snas_study_reopen(snas_arena *mem, const char *path, snas_study *study,
                                              snas_study_folder *out);

/** Is a process working on the study in this folder? True also where that cannot be told. */
bool snas_study_is_worked_on(const char *path);

/** One variant with one seed. */
typedef struct {
    const snas_variant *variant;
    uint64_t seed;
    const char *name; /* "VARIANT-seedN" */
} snas_study_run;

/** The run's folders of its search and its training, in `mem`; NULL: it has no such step. */
SNAS_MUST_CHECK snas_status snas_study_run_folders(snas_arena *mem, const snas_study_folder *folder,
                                                   const snas_study_run *run, const char **search, const char **train);

/** All runs: all variants by one seed before the next, so that what is there when it is stopped compares. */
SNAS_MUST_CHECK snas_status snas_study_runs(snas_arena *mem, const snas_study *study, snas_study_run **out, int *count);

/** What has just happened. */
typedef struct {
    const char *run;       /* its name */
    const char *fault;     /* why it failed, a sentence; NULL: it is done */
    double seconds;        /* that it took this time */
    int done, failed, all; /* runs */
    double left;           /* seconds until the end, estimated; NaN: nothing can be said yet */
} snas_study_event;

typedef struct {
    int jobs, threads;              /* processes at a time, and the threads that they share */
    volatile sig_atomic_t *stop;    /* non-zero: ask the processes to save and stop */
    volatile sig_atomic_t *listens; /* set to 1 when `stop` is looked at from now on */
    void (*ended)(void *context, const snas_study_event *event);    /* a run has ended; may be NULL */
    void (*progress)(void *context, const snas_study_event *event); /* often, with a run that goes on; may be NULL */
    void *context;
} snas_study_options;

typedef struct {
    int done, failed, all;
    const char *failures; /* names of the failed runs, ", " between them */
} snas_study_outcome;

/** Do what is not done yet, and write the results after every run that ends. A run that fails is told of and the others
 *  go on; with another call it is tried again. SNAS_E_INTERRUPTED after a request to stop, when all processes have
 *  ended. */
SNAS_MUST_CHECK snas_status snas_study_execute(snas_arena *mem, const snas_study *study,
                                               const snas_study_folder *folder, const snas_study_options *options,
                                               snas_study_outcome *out);

#endif
