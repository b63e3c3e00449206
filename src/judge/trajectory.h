/* trajectory.h -- the steps of a case, each trained from where the last one led. */
#ifndef SNAS_JUDGE_TRAJECTORY_H
#define SNAS_JUDGE_TRAJECTORY_H

#include "verify_step.h"

/** Train all steps of the run's case, which has at least one, and judge the losses: fills out->trajectory and
 *  out->pass. */
SNAS_MUST_CHECK snas_status trajectory_run(snas_arena *mem, verify_run *run, const snas_verify_options *options,
                                           snas_verified *out);

#endif
