/* timed.h -- evaluations whose time is what matters. */
#ifndef SNAS_JUDGE_TIMED_H
#define SNAS_JUDGE_TIMED_H

#include "snas/model/network.h"

/** A batch of noise in `mem`, labels 0: no kernel's time depends on what pictures show. */
SNAS_MUST_CHECK snas_status judge_timed_batch(snas_arena *mem, int count, int side, snas_batch *out);

/** Seconds of an evaluation. */
double judge_timed_evaluation(snas_network *network, const snas_batch *batch);

/** The median of seconds, which are put into order. */
double judge_timed_median(double *seconds, int count);

#endif
