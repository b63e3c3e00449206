/* events_before.h -- the event files that earlier processes of a run have left. Private to the room. */
#ifndef SNAS_LOOP_EVENTS_BEFORE_H
#define SNAS_LOOP_EVENTS_BEFORE_H

#include "snas/base/arena.h"

#include <stdint.h>

/** What is known after they were cut. */
typedef struct {
    int64_t last;   /* the largest step of a record; -1: there is no record of a step */
    int64_t newest; /* the largest number in a name, seconds since 1970; 0: there is no file */
} events_before;

/** Cut every event file in `folder` after its last whole record of a step up to `step`; a file without one is removed.
 *  SNAS_E_IO with a sentence when one cannot be read, cut or removed. `mem` is scratch. */
SNAS_MUST_CHECK snas_status events_before_cut(snas_arena *mem, const char *folder, int64_t step, events_before *out);

/** "FOLDER/events.out.tfevents.0123456789.snas" in `mem`; NULL when memory is out. */
const char *events_file_name(snas_arena *mem, const char *folder, int64_t seconds);

#endif
