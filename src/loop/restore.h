/* restore.h -- a run takes up the state of its newest checkpoint. */
#ifndef SNAS_LOOP_RESTORE_H
#define SNAS_LOOP_RESTORE_H

#include "snas/loop/loop.h"

/** Open the metrics with the rows that the state counts; `sum`: their checksum by the checkpoint, NULL without one. */
SNAS_MUST_CHECK snas_status loop_open_metrics(snas_loop *loop, const char *sum);

/** State, weights and metrics of the newest checkpoint, or the beginning where there is none. SNAS_E_USAGE with a
 *  sentence when the config does not go with it. */
SNAS_MUST_CHECK snas_status loop_restore(snas_loop *loop);

#endif
