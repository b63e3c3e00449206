/* loop_ranks.h -- a run of several processes: that they do the same thing, and still hold the same numbers. Private to
 * the room. Alone, every function returns at once. */
#ifndef SNAS_LOOP_LOOP_RANKS_H
#define SNAS_LOOP_LOOP_RANKS_H

#include "snas/loop/loop.h"

/** Before the first step: do all have the same config, pictures, kernels and version of the program? */
SNAS_MUST_CHECK snas_status loop_ranks_meet(snas_loop *loop);

/** Do all hold the same weights, logits, and whatever else a checkpoint has? SNAS_E_FAILED names the rank that does
 *  not. */
SNAS_MUST_CHECK snas_status loop_ranks_compare(snas_loop *loop);

/** The end of a run that all came to, well or with numbers that are not finite: the rest has been agreed on. */
SNAS_MUST_CHECK snas_status loop_ranks_end(snas_status status);

#endif
