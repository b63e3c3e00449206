/* gzip.h -- a whole file in memory, unpacked when it is gzip's. */
#ifndef SNAS_FORMAT_GZIP_H
#define SNAS_FORMAT_GZIP_H

#include "snas/base/arena.h"
#include "snas/base/file.h"

/** Read a file of at most `limit` bytes, unpacked ones where its first two say that gzip wrote it, into the arena; a
 *  terminating 0 stands after the data, not counted. SNAS_E_DATA with a sentence when it is damaged, cut off or too
 *  large; SNAS_E_IO when it cannot be read. */
SNAS_MUST_CHECK snas_status snas_gzip_read(snas_arena *mem, const char *path, size_t limit, snas_bytes *out);

#endif
