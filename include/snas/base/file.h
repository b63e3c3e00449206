/* file.h -- files read and replaced, whole or in pieces, through one table of system calls.
 *
 * A file is replaced whole or not at all: a temporary file in the same folder, write, sync, rename, sync of the folder.
 * What is too large for memory is written piece by piece (snas_draft) and read at an offset (snas_held). The temporary
 * file of a process that was killed is removed by whoever replaces the same file next. Where a user names the file, a
 * symbolic link is followed. Where the program names it, inside a run's folder, the functions that end in _nofollow
 * never write to where a link leads. Every call goes through snas_files, so a test can make any of them fail. All
 * functions return SNAS_E_IO with a sentence naming the path and the system's reason, unless said otherwise.
 */
#ifndef SNAS_BASE_FILE_H
#define SNAS_BASE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "snas/base/arena.h"

typedef struct {
    int (*open)(const char *path, int flags, mode_t mode);
    ssize_t (*read)(int fd, void *to, size_t bytes);
    ssize_t (*write)(int fd, const void *from, size_t bytes);
    ssize_t (*read_at)(int fd, void *to, size_t bytes, off_t offset);
    ssize_t (*write_at)(int fd, const void *from, size_t bytes, off_t offset);
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

/** Open a regular file for reading; the caller closes the descriptor. Pipes, devices, sockets and folders are refused
 *  by their kind, without blocking. *bytes: its size. */
SNAS_MUST_CHECK snas_status snas_file_open(const char *path, int *fd, int64_t *bytes);

/** Read a whole regular file of at most `limit` bytes into the arena; a terminating 0 follows the data and is not
 *  counted. */
SNAS_MUST_CHECK snas_status snas_file_read(snas_arena *mem, const char *path, size_t limit, snas_bytes *out);

/** Replace the file by the concatenation of `count` parts. */
SNAS_MUST_CHECK snas_status snas_file_replace(const char *path, const snas_bytes *parts, int count);

/** Replace the file by a text. */
SNAS_MUST_CHECK snas_status snas_file_replace_text(const char *path, const char *text);

/** The same, but a symbolic link, a device or a pipe at `path` is itself replaced by the file. */
SNAS_MUST_CHECK snas_status snas_file_replace_nofollow(const char *path, const snas_bytes *parts, int count);
SNAS_MUST_CHECK snas_status snas_file_replace_text_nofollow(const char *path, const char *text);

/** A file that is written piece by piece beside the one that it replaces. Its fields are private. */
typedef struct {
    const char *path; /* borrowed */
    int fd, folder;   /* -1: not open; no folder: a device or a pipe, which is written into */
    char target[PATH_MAX], temporary[PATH_MAX];
} snas_draft;

/** Begin. It ends with a commit, or at any time with a discard, which may be repeated. When this fails there is nothing
 *  to end. `path` must outlive the draft. */
SNAS_MUST_CHECK snas_status snas_draft_open(snas_draft *draft, const char *path);

/** The same, but a symbolic link, a device or a pipe at `path` is itself replaced by the file. */
SNAS_MUST_CHECK snas_status snas_draft_open_nofollow(snas_draft *draft, const char *path);

/** Append to what has been written. */
SNAS_MUST_CHECK snas_status snas_draft_write(snas_draft *draft, const void *data, size_t size);

/** Write at `offset` from the start; the position of snas_draft_write does not move. */
SNAS_MUST_CHECK snas_status snas_draft_write_at(snas_draft *draft, int64_t offset, const void *data, size_t size);

/** Sync, and put it in the target's place. When it fails the target is as it was, unless only the folder could not be
 *  synced, and the temporary file is gone. */
SNAS_MUST_CHECK snas_status snas_draft_commit(snas_draft *draft);

/** Remove what was written; the target is as it was. Nothing to do after a commit. */
void snas_draft_discard(snas_draft *draft);

/** A regular file that stays open for reading until its arena is destroyed. Any number of threads may read it. */
typedef struct {
    const char *path;
    int fd;
    int64_t size; /* bytes, when it was opened */
} snas_held;
SNAS_MUST_CHECK snas_status snas_held_open(snas_arena *mem, const char *path, snas_held **out);

/** Read `size` bytes that begin at `offset`. A file that ends before them is SNAS_E_IO too. */
SNAS_MUST_CHECK snas_status snas_held_read(const snas_held *held, int64_t offset, size_t size, void *to);

/** Append to a file, which is made when it is missing. It is not synced. */
SNAS_MUST_CHECK snas_status snas_file_append(const char *path, const char *text);

/** The same, but anything other than a regular file is refused by its kind, without blocking. */
SNAS_MUST_CHECK snas_status snas_file_append_nofollow(const char *path, const char *text);
SNAS_MUST_CHECK snas_status snas_file_append_bytes_nofollow(const char *path, snas_bytes bytes);

/** SNAS_E_IO when `path` is a symbolic link: for paths where none may be followed. */
SNAS_MUST_CHECK snas_status snas_link_refuse(const char *path);

/** Cut a file to `bytes`. A missing file is an error unless bytes is 0. */
SNAS_MUST_CHECK snas_status snas_file_cut(const char *path, int64_t bytes);

/** Make a folder and its parents; an existing one is fine. */
SNAS_MUST_CHECK snas_status snas_folder_make(const char *path);

/** Remove a file; a missing one is fine. */
SNAS_MUST_CHECK snas_status snas_file_remove(const char *path);

/** Let `to` be replaced by what another program has written to `from`, at most `limit` bytes, and remove `from`. */
SNAS_MUST_CHECK snas_status snas_file_settle(snas_arena *mem, const char *from, const char *to, size_t limit);

/** Does the folder hold nothing but files of these names (NULL ends them) and what interrupted writes have left? True
 *  also of one that is missing or may not be read: it says so when it is written to. */
bool snas_folder_has_only(const char *path, const char *const *names);

/** What is at a path, for messages: "a file", "a folder", "a named pipe", "a character device" ...; NULL when there is
 *  nothing. */
const char *snas_file_kind(const char *path);

bool snas_file_is(const char *path);      /* an existing regular file */
bool snas_folder_is(const char *path);    /* an existing folder */
int64_t snas_file_size(const char *path); /* bytes, -1 when it cannot be told */

#endif
