/* arena.h -- memory with a lifetime: taken piece by piece, given back all at once.
 *
 * Whoever holds the arena owns the memory; every other pointer is borrowed. An arena grows by chunks from snas_heap;
 * blocks are 64-byte aligned and zero. Under AddressSanitizer released memory is poisoned.
 */
#ifndef SNAS_BASE_ARENA_H
#define SNAS_BASE_ARENA_H

#include <stddef.h>

#include "snas/base/status.h"

typedef struct snas_arena snas_arena;

/** The heap's table, replaced by tests to inject failures. alloc returns 64-byte aligned memory or NULL;
 *  8 MiB and more are zero. */
typedef struct {
    void *(*alloc)(size_t bytes);
    void (*release)(void *memory);
} snas_heap_table;
extern snas_heap_table snas_heap;

/** Make an arena. `name` says what it is for ("the run", "a picture", ...): borrowed, appears in messages. `first` is
 *  the size in bytes of the first chunk, 0 for a small default: a planned arena passes its whole size and never grows.
 */
SNAS_MUST_CHECK snas_status snas_arena_create(const char *name, size_t first, snas_arena **out);

/** Give back the arena and everything in it. NULL is allowed. */
void snas_arena_destroy(snas_arena *arena);

/** `count` items of `size` bytes, zeroed, 64-byte aligned; NULL with a recorded sentence when memory is out or the
 *  product overflows. count 0 gives a valid pointer. */
void *snas_arena_take(snas_arena *arena, size_t count, size_t size);

/** A position in the arena. Releasing to it gives back everything that was taken since. */
typedef struct {
    void *chunk, *closers;
    size_t used;
} snas_mark;
snas_mark snas_arena_mark(const snas_arena *arena);
void snas_arena_release(snas_arena *arena, snas_mark mark);

/** Register close(what), to be called when the arena is destroyed or released to an earlier mark: for resources other
 *  than memory, such as a thread that works on the arena's memory. The last one registered is called first, before any
 *  memory is given back. */
SNAS_MUST_CHECK snas_status snas_arena_close_with(snas_arena *arena, void (*close)(void *what), void *what);

/** Bytes handed out now. */
size_t snas_arena_used(const snas_arena *arena);

/** Heap allocations by all arenas since the program started. */
long snas_heap_allocations(void);

/** The status of a pointer from an arena: SNAS_E_MEMORY when it is NULL; its sentence has been recorded. */
static inline snas_status snas_taken(const void *pointer)
{
    return pointer == NULL ? SNAS_E_MEMORY : SNAS_OK;
}

/** An array of `count` items of `size` bytes with room for one more: `items` itself while *room > count, else a copy of
 *  twice the room. NULL with a recorded sentence when memory is out; `items` and *room are then as they were. */
void *snas_arena_grow(snas_arena *arena, void *items, size_t size, int count, int *room);

/** Make room for one more item after `count` in the array `pointer` with room for `room`, or return SNAS_E_MEMORY from
 *  the calling function. */
#define SNAS_GROW(arena, pointer, count, room)                                                                         \
    do {                                                                                                               \
        void *grown_ = snas_arena_grow((arena), (pointer), sizeof *(pointer), (count), &(room));                       \
        if (grown_ == NULL)                                                                                            \
            return SNAS_E_MEMORY;                                                                                      \
        (pointer) = grown_;                                                                                            \
    } while (0)

/** Take `count` items for `pointer`, or return SNAS_E_MEMORY from the calling function. */
#define SNAS_NEW(arena, pointer, count)                                                                                \
    do {                                                                                                               \
        (pointer) = snas_arena_take((arena), (size_t)(count), sizeof *(pointer));                                      \
        if ((pointer) == NULL)                                                                                         \
            return SNAS_E_MEMORY;                                                                                      \
    } while (0)

#endif
