/* file_calls.h -- the calls of snas_files as this room makes them: taken up again when interrupted or short. Private.
 *
 * Those that return an int give -1 with errno set.
 */
#ifndef SNAS_BASE_FILE_CALLS_H
#define SNAS_BASE_FILE_CALLS_H

#include "snas/base/file.h"

/** SNAS_E_IO: "cannot <deed> '<path>': <the system's reason>", the reason from errno. */
SNAS_MUST_CHECK snas_status base_file_fail(const char *deed, const char *path);

int base_file_open(const char *path, int flags, mode_t mode);

/** Close; the descriptor is gone even when the call was interrupted, so that is no fault. */
int base_file_close(int fd);

/** Close after a fault whose errno must survive. */
void base_file_close_quietly(int fd);

int base_file_sync(int fd);

/** All bytes, at the place that the descriptor has reached. */
int base_file_write(int fd, const void *data, size_t size);

/** All bytes, `offset` bytes after the start. */
int base_file_write_at(int fd, const void *data, size_t size, int64_t offset);

#endif
