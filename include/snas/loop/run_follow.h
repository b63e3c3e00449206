/* run_follow.h -- follows a run that another process works on, by its folder. Writes nothing. */
#ifndef SNAS_LOOP_RUN_FOLLOW_H
#define SNAS_LOOP_RUN_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

/** What the folder was like when it was last looked at. Starts as {0}. */
typedef struct {
    struct {
        int64_t inode, seconds, nanoseconds, bytes;
    } files[2];
} snas_run_look;

/** Does a process work on the run? By its lock, or where that cannot be read by its status. */
bool snas_run_goes_on(const char *folder);

/** Have the figures or the status changed since `look`, which is renewed? */
bool snas_run_has_changed(const char *folder, snas_run_look *look);

/** Seconds since the last epoch ended, or since a process began to take steps, whichever is later; by the times of
 *  files. 0 when it cannot be told. */
double snas_run_epoch_seconds(const char *folder);

#endif
