/* save.h -- what a run writes, when, and what becomes of a write that fails. Private to the room. */
#ifndef SNAS_LOOP_SAVE_H
#define SNAS_LOOP_SAVE_H

#include "snas/loop/loop.h"

/** The end of an epoch: figures, results, checkpoint. The first fault of all that was tried. */
SNAS_MUST_CHECK snas_status loop_save_epoch(snas_loop *loop);

/** Figures and results without a checkpoint: when a run goes on. */
SNAS_MUST_CHECK snas_status loop_save_results(snas_loop *loop);

/** Between two steps: a checkpoint, and what could not be written before. */
SNAS_MUST_CHECK snas_status loop_save_step(snas_loop *loop);

/** What a save returned, seen as the run goes on: SNAS_OK on a fault that may pass, with a warning. */
SNAS_MUST_CHECK snas_status loop_save_survive(snas_loop *loop, snas_status saved);

/** Save because the run stops between two steps: SNAS_OK when the checkpoint stands. */
SNAS_MUST_CHECK snas_status loop_save_stop(snas_loop *loop);

/** The run has come to its end: write what could not be written before. */
SNAS_MUST_CHECK snas_status loop_save_end(snas_loop *loop);

/** Leave with `result`: what is still unsaved is tried once more, and told when it is lost. */
void loop_save_leave(snas_loop *loop, snas_status result);

#endif
