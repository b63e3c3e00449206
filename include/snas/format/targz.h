/* targz.h -- the files of a .tar.gz (ustar), read in one pass without unpacking to disk. */
#ifndef SNAS_FORMAT_TARGZ_H
#define SNAS_FORMAT_TARGZ_H

#include "snas/base/arena.h"
#include "snas/base/file.h"

/** Called for each regular file of the archive, in order; `data` is borrowed until the call returns. */
typedef snas_status (*snas_targz_visit)(void *context, const char *name, snas_bytes data);

/** Walk the archive. SNAS_E_DATA on a broken archive, a file above `file_limit` bytes or a sum above `total_limit`. */
SNAS_MUST_CHECK snas_status snas_targz_walk(snas_arena *mem, const char *path, size_t file_limit, size_t total_limit,
                                            snas_targz_visit visit, void *context);

#endif
