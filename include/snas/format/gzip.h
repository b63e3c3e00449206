/* gzip.h -- a whole file in memory, decompressed when it is gzip. */
#ifndef SNAS_FORMAT_GZIP_H
#define SNAS_FORMAT_GZIP_H

#include "snas/base/arena.h"
#include "snas/base/file.h"

/** Read a file into the arena, decompressed when its first two bytes are gzip's; at most `limit` bytes then. A
 *  terminating 0 follows the data and is not counted. SNAS_E_DATA with a sentence when it is damaged, cut off or too
 *  large; SNAS_E_IO when it cannot be read. */
SNAS_MUST_CHECK snas_status snas_gzip_read(snas_arena *mem, const char *path, size_t limit, snas_bytes *out);

#endif
