/* file.h -- whole files, read and replaced through one table of system calls.
 *
 * A file is replaced whole or not at all: a temporary file in the same folder, write, sync, rename, sync of the folder.
 * Every call goes through snas_files, so a test can make any of them fail. All functions return SNAS_E_IO with a
 * sentence naming the path and the system's reason, unless said otherwise.
 */
#ifndef SNAS_BASE_FILE_H
#define SNAS_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "snas/base/arena.h"

typedef struct {
    int (*open)(const char *path, int flags, mode_t mode);
    ssize_t (*read)(int fd, void *to, size_t bytes);
    ssize_t (*write)(int fd, const void *from, size_t bytes);
    int (*sync)(int fd);
    int (*close)(int fd);
    int (*rename)(const char *from, const char *to);
    int (*unlink)(const char *path);
    int (*truncate)(const char *path, off_t bytes);
    int (*mkdir)(const char *path, mode_t mode);
} snas_file_table;
extern snas_file_table snas_files;

typedef struct {
    const void *data;
    size_t size; /* bytes */
} snas_bytes;

/** Read a whole file of at most `limit` bytes into the arena; a terminating 0 stands behind the data, not counted. */
SNAS_MUST_CHECK snas_status snas_file_read(snas_arena *mem, const char *path, size_t limit,
                                           snas_bytes *out);

/** Replace the file by the concatenation of `count` parts. */
SNAS_MUST_CHECK snas_status snas_file_replace(const char *path, const snas_bytes *parts, int count);

/** Replace the file by a text. */
SNAS_MUST_CHECK snas_status snas_file_replace_text(const char *path, const char *text);

/** Append to a file (made when missing) and leave it durable only by the system's own schedule. */
SNAS_MUST_CHECK snas_status snas_file_append(const char *path, const char *text);

/** Cut a file to `bytes`. A missing file is an error unless bytes is 0. */
SNAS_MUST_CHECK snas_status snas_file_cut(const char *path, int64_t bytes);

/** Make a folder and its parents; an existing one is fine. */
SNAS_MUST_CHECK snas_status snas_folder_make(const char *path);

/** Remove a file; a missing one is fine. */
SNAS_MUST_CHECK snas_status snas_file_remove(const char *path);

bool snas_file_is(const char *path);      /* an existing regular file */
bool snas_folder_is(const char *path);    /* an existing folder */
int64_t snas_file_size(const char *path); /* bytes, -1 when it cannot be told */

#endif
