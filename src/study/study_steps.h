/* study_steps.h -- a run of a study as steps, each a process of this program. Private to the room. */
#ifndef SNAS_STUDY_STUDY_STEPS_H
#define SNAS_STUDY_STUDY_STEPS_H

#include "snas/study/study_runs.h"

typedef enum { STUDY_SEARCH, STUDY_DERIVE, STUDY_TRAIN, STUDY_STEPS } study_step;

/** Is the step part of the run? */
bool study_has_step(const snas_variant *variant, study_step step);

/** Has it been done, by what stands in the folder? */
bool study_is_step_done(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run, study_step step);

/** The first step that is not; STUDY_STEPS when all are. */
study_step study_next_step(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run);

/** Paths in `mem`, NULL when memory is out. */
const char *study_config_path(snas_arena *mem, const snas_study_folder *folder, const snas_variant *variant);
const char *study_run_path(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run,
                           study_step step); /* the run folder of SEARCH or TRAIN */
const char *study_derived_path(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run);
const char *study_log_path(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run);

/** A step to be taken, with so many threads. */
typedef struct {
    const snas_study_run *run;
    study_step step;
    int threads;
} study_task;

/** Begin it: *pid is its process. */
SNAS_MUST_CHECK snas_status study_start_step(snas_arena *mem, const snas_study *study, const snas_study_folder *folder,
                                             const study_task *task, long *pid);

/** The process of a step has ended well: put what it has made in its place. */
SNAS_MUST_CHECK snas_status study_end_step(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run,
                                           study_step step);

/** Epochs of the step, and those of them that its folder has figures of. DERIVE has none. */
int study_step_epochs(const snas_study_run *run, study_step step);
int study_step_epochs_done(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run,
                           study_step step);

#endif
