/* zlib_memory.h -- zlib's memory from an arena: it goes with the arena. */
#ifndef FORMAT_ZLIB_MEMORY_H
#define FORMAT_ZLIB_MEMORY_H

#define ZLIB_CONST /* what is read is const */
#include <zlib.h>

#include "snas/base/arena.h"

/** A stream that takes its memory from `mem`. */
z_stream format_zlib_stream(snas_arena *mem);

#endif
