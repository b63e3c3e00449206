/* folder_kind.h -- what stands in a folder: nothing, a run, a start that did not come to its end, something else. */
#ifndef SNAS_LOOP_FOLDER_KIND_H
#define SNAS_LOOP_FOLDER_KIND_H

#include <limits.h>

#include "snas/base/arena.h"

typedef enum {
    LOOP_FOLDER_FREE,      /* missing, or empty */
    LOOP_FOLDER_HALF_MADE, /* run.lock, no env.json, and nothing but what a start writes: a new run may take it */
    LOOP_FOLDER_RUN,       /* it has env.json */
    LOOP_FOLDER_OTHER,
} loop_folder_kind;
loop_folder_kind loop_folder_kind_of(const char *path);

/** The command that a run is of, by its env.json. SNAS_E_USAGE with a sentence when the folder is no run. */
SNAS_MUST_CHECK snas_status loop_folder_command(snas_arena *mem, const char *path, const char **out);

/** Remove what a start that did not come to its end has left, but for run.lock, which the caller holds. */
SNAS_MUST_CHECK snas_status loop_folder_clear(const char *path);

/** Remove what interrupted writes left: hidden files that end in ".tmp". Only under the lock. */
void loop_folder_sweep(const char *path);

/** "folder/name" on the stack: reports are written when memory may be out. */
typedef struct {
    char text[PATH_MAX];
} loop_path;
loop_path loop_path_of(const char *folder, const char *name);

#endif
