/* study_failure.h -- why a run of a study failed, by what its process said. Private to the room. */
#ifndef SNAS_STUDY_STUDY_FAILURE_H
#define SNAS_STUDY_STUDY_FAILURE_H

#include "snas/base/process.h"
#include "snas/study/study_runs.h"

enum { STUDY_FAILURE_BYTES = 1024 };

/** A sentence into `to` [STUDY_FAILURE_BYTES]: the process's own last one, else how it ended. */
void study_failure(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run,
                   const snas_process_state *how, char *to);

/** Remove the log of a run whose processes said nothing. */
void study_failure_forget(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run);

#endif
