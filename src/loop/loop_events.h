/* loop_events.h -- the event files of a loop: opened when a process begins, shown the pictures of an epoch. Private to
 * the room. */
#ifndef SNAS_LOOP_LOOP_EVENTS_H
#define SNAS_LOOP_LOOP_EVENTS_H

#include "snas/loop/loop.h"

/** Begin, where the config wants event files. They are for people who watch: the run goes on without them, with a
 *  warning, when those of earlier processes cannot be read. SNAS_E_MEMORY. */
SNAS_MUST_CHECK snas_status loop_events_open(snas_loop *loop);

/** The results of an epoch are written: add its pictures, once. */
SNAS_MUST_CHECK snas_status loop_events_show(snas_loop *loop);

#endif
