/* zlib_memory.c -- zlib's memory from an arena: it goes with the arena. */
#include "zlib_memory.h"

static voidpf take(voidpf mem, uInt items, uInt size)
{
    return snas_arena_take(mem, items, size);
}

static void release(voidpf mem, voidpf address)
{
    (void)mem;
    (void)address;
}

z_stream format_zlib_stream(snas_arena *mem)
{
    return (z_stream){.zalloc = take, .zfree = release, .opaque = mem};
}
