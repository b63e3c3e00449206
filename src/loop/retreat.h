/* retreat.h -- which checkpoint a run that has diverged goes back to. Private to the room. */
#ifndef SNAS_LOOP_RETREAT_H
#define SNAS_LOOP_RETREAT_H

#include "snas/loop/loop.h"

/** A checkpoint of the present step stands on disk, written or restored. */
void loop_retreat_stands(snas_loop *loop);

/** A step has been taken whose mean loss was `loss`: it judges the checkpoint that it started from, if it did. */
void loop_retreat_judge(snas_loop *loop, double loss);

/** The run has come to its end: no checkpoint is kept for a retreat any longer. */
void loop_retreat_over(snas_loop *loop);

/** The run has diverged, and why is recorded: let LATEST name the checkpoint to go back to, and record the whole
 *  sentence with the way on. Returns SNAS_E_NUMERIC. */
SNAS_MUST_CHECK snas_status loop_retreat(snas_loop *loop);

#endif
