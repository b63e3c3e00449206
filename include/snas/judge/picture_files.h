/* picture_files.h -- the picture files that a command line names: files as they are given, and all below a folder. */
#ifndef SNAS_JUDGE_PICTURE_FILES_H
#define SNAS_JUDGE_PICTURE_FILES_H

#include "snas/base/arena.h"

typedef struct {
    const char **paths; /* [count]: in the order given, those below a folder by the bytes of their paths */
    int count, room;
    int left_out; /* files below the folders that are no pictures: neither by their first bytes nor by their names */
    int unread;   /* folders below them that could not be read; each was reported in a warning */
} snas_picture_files;

/** Hidden files are passed over, symbolic links followed, but not round in a circle. SNAS_E_IO with a sentence when a
 *  given folder cannot be read, SNAS_E_DATA when there is no picture in one. Everything in `mem`. */
SNAS_MUST_CHECK snas_status snas_picture_files_find(snas_arena *mem, const char *const *given, int count,
                                                    snas_picture_files *out);

#endif
