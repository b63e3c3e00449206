/* arena.c -- memory with a lifetime: a list of chunks, filled from left to right, emptied by stepping back.
 *
 *      first chunk        current            spare (kept for reuse after a release)
 *     [head|xxxxxxxxx] -> [head|xxxx....] -> [head|........] -> NULL
 *
 * Each block starts on a multiple of 64 bytes and is zeroed when it is taken, not before; what comes zero from the
 * system is not touched at all.
 * A release keeps the chunks it empties, so a loop that takes and releases the same sizes stops asking the heap after
 * its first round. A planned arena has one chunk of the planned size and never asks.
 */
#define _DEFAULT_SOURCE /* madvise */
#include "snas/base/arena.h"

#include <assert.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "snas/base/checked.h"

enum { ROOM_FIRST = 32 }; /* items of a growing array */
enum { ALIGNMENT = 64, CHUNK_DEFAULT = 64 * 1024, CHUNK_GROWTH_MAX = 16 * 1024 * 1024 };
enum {
    HUGE_PAGE = 2 * 1024 * 1024,
    FRESH_LEAST = 4 * HUGE_PAGE /* bytes that come fresh from the system */
};

#if defined(__has_feature)
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
void __asan_poison_memory_region(void const volatile *memory, size_t bytes);
void __asan_unpoison_memory_region(void const volatile *memory, size_t bytes);
#define POISON(memory, bytes) __asan_poison_memory_region((memory), (bytes))
#define UNPOISON(memory, bytes) __asan_unpoison_memory_region((memory), (bytes))
#else
#define POISON(memory, bytes) ((void)(memory), (void)(bytes))
#define UNPOISON(memory, bytes) ((void)(memory), (void)(bytes))
#endif

typedef struct chunk chunk;
struct chunk {
    chunk *next;
    size_t capacity; /* bytes after the head, a multiple of 64 */
    size_t used;     /* of them, handed out; a multiple of 64 */
    size_t before;   /* bytes handed out from the chunks before this one */
    size_t touched;  /* what stands after these bytes is still as fresh as it came: zero */
};

/* What is to be done before memory is given back; lives in the arena itself. */
typedef struct closer closer;
struct closer {
    closer *older;
    void (*close)(void *what);
    void *what;
};

struct snas_arena {
    chunk *first, *current;
    closer *closers; /* the newest */
    const char *name;
};

_Static_assert(sizeof(chunk) <= ALIGNMENT, "the head of a chunk must leave its blocks aligned");
_Static_assert(sizeof(snas_arena) <= ALIGNMENT, "the arena lives at the start of its first chunk");

/* Before every block of the heap, in 64 bytes: what to give back. */
typedef struct {
    void *from;
    size_t mapped; /* bytes; 0: from malloc */
} heap_head;

static void *heap_block(void *from, size_t mapped, char *block)
{
    *(heap_head *)(void *)(block - ALIGNMENT) = (heap_head){from, mapped};
    return block;
}

/* Large blocks come straight from the system: zero, so that whoever first works on them touches them first, and on huge
 * pages where there are any. A step walks through gigabytes; every small page costs a fault the first time and a
 * look-up table's line ever after. */
static void *heap_map(size_t bytes)
{
    const size_t mapped = bytes + 2 * HUGE_PAGE; /* callers stay below PTRDIFF_MAX */
    void *from = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (from == MAP_FAILED) {
        return NULL;
    }
    const uintptr_t after = ((uintptr_t)from + HUGE_PAGE) / HUGE_PAGE * HUGE_PAGE;
    char *block = (char *)from + (after - (uintptr_t)from);
    (void)madvise(block, bytes, MADV_HUGEPAGE); /* a wish: small pages do as well */
    return heap_block(from, mapped, block);
}

static void *heap_alloc(size_t bytes)
{
    if (bytes >= FRESH_LEAST) {
        return heap_map(bytes);
    }
    char *from = aligned_alloc(ALIGNMENT, (bytes + 2 * ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    return from == NULL ? NULL : heap_block(from, 0, from + ALIGNMENT);
}

static void heap_release(void *block)
{
    if (block == NULL) {
        return;
    }
    const heap_head head = *(heap_head *)(void *)((char *)block - ALIGNMENT);
    if (head.mapped > 0) {
        (void)munmap(head.from, head.mapped);
    } else {
        free(head.from);
    }
}

snas_heap_table snas_heap = {.alloc = heap_alloc, .release = heap_release};

static atomic_long heap_allocations;

long snas_heap_allocations(void)
{
    return atomic_load(&heap_allocations);
}

/* Bytes rounded up to the alignment; false on overflow. */
static bool round_up(size_t bytes, size_t *out)
{
    if (!snas_size_add(bytes, ALIGNMENT - 1, out)) {
        return false;
    }
    *out &= ~(size_t)(ALIGNMENT - 1);
    return true;
}

static char *chunk_bytes(chunk *c)
{
    return (char *)c + ALIGNMENT;
}

/* A chunk of at least `capacity` bytes (a multiple of 64), all poisoned; NULL when memory is out. */
static chunk *chunk_create(size_t capacity)
{
    size_t bytes;
    if (!snas_size_add(capacity, ALIGNMENT, &bytes) || bytes > PTRDIFF_MAX) {
        return NULL;
    }
    chunk *c = snas_heap.alloc(bytes);
    if (c == NULL) {
        return NULL;
    }
    atomic_fetch_add(&heap_allocations, 1);
    *c = (chunk){.capacity = capacity, .touched = bytes >= FRESH_LEAST ? 0 : capacity};
    POISON(chunk_bytes(c), capacity);
    return c;
}

static void chunk_destroy(chunk *c)
{
    UNPOISON(chunk_bytes(c), c->capacity);
    snas_heap.release(c);
}

/* A number of bytes for people. */
typedef struct {
    char text[32];
} size_text;

static size_text show(size_t bytes)
{
    const double mib = (double)bytes / (1024.0 * 1024.0);
    size_text out;
    if (mib < 1.0) {
        snprintf(out.text, sizeof out.text, "%zu bytes", bytes);
    } else {
        snprintf(out.text, sizeof out.text, "%.1f MiB", mib);
    }
    return out;
}

snas_status snas_arena_create(const char *name, size_t first, snas_arena **out)
{
    *out = NULL;
    size_t capacity;
    chunk *c = NULL;
    if (round_up(first == 0 ? CHUNK_DEFAULT : first, &capacity) && snas_size_add(capacity, ALIGNMENT, &capacity)) {
        c = chunk_create(capacity); /* 64 bytes more: the arena itself */
    }
    if (c == NULL) {
        return snas_fail(SNAS_E_MEMORY, "out of memory: %s for %s", show(first).text, name);
    }
    snas_arena *arena = (snas_arena *)(void *)chunk_bytes(c);
    UNPOISON(arena, ALIGNMENT);
    *arena = (snas_arena){.first = c, .current = c, .name = name};
    c->used = ALIGNMENT;
    *out = arena;
    return SNAS_OK;
}

snas_status snas_arena_close_with(snas_arena *arena, void (*close)(void *what), void *what)
{
    closer *c;
    SNAS_NEW(arena, c, 1);
    *c = (closer){.older = arena->closers, .close = close, .what = what};
    arena->closers = c;
    return SNAS_OK;
}

/* Close what was asked for since `oldest`, the newest first. */
static void close_down_to(snas_arena *arena, const closer *oldest)
{
    while (arena->closers != oldest) {
        const closer *c = arena->closers;
        arena->closers = c->older;
        c->close(c->what);
    }
}

void snas_arena_destroy(snas_arena *arena)
{
    if (arena == NULL) {
        return;
    }
    close_down_to(arena, NULL);
    for (chunk *c = arena->first, *next; c != NULL; c = next) {
        next = c->next;
        chunk_destroy(c);
    }
}

/* Make a chunk with room for `bytes` current: the spare one after it, or a new one. */
static bool arena_grow(snas_arena *arena, size_t bytes)
{
    chunk *from = arena->current;
    chunk *to = from->next;
    if (to == NULL || to->capacity < bytes) {
        size_t capacity = from->capacity < CHUNK_GROWTH_MAX / 2 ? 2 * from->capacity : CHUNK_GROWTH_MAX;
        capacity = capacity < bytes ? bytes : capacity;
        to = chunk_create(capacity);
        if (to == NULL && capacity > bytes) {
            to = chunk_create(bytes);
        }
        if (to == NULL) {
            return false;
        }
        to->next = from->next;
        from->next = to;
    }
    to->used = 0;
    to->before = from->before + from->used;
    arena->current = to;
    return true;
}

void *snas_arena_take(snas_arena *arena, size_t count, size_t size)
{
    size_t exact, bytes;
    if (!snas_size_multiply(count, size, &exact) || !round_up(exact, &bytes)) {
        snas_record("out of memory: %zu items of %zu bytes for %s are beyond any memory", count, size, arena->name);
        return NULL;
    }
    if (arena->current->capacity - arena->current->used < bytes && !arena_grow(arena, bytes)) {
        snas_record("out of memory: %s more for %s, which has %s", show(exact).text, arena->name,
                    show(snas_arena_used(arena)).text);
        return NULL;
    }
    chunk *c = arena->current;
    char *block = chunk_bytes(c) + c->used;
    UNPOISON(block, exact);
    if (c->touched > c->used) {
        const size_t old = c->touched - c->used;
        memset(block, 0, old < exact ? old : exact);
    }
    c->used += bytes;
    c->touched = c->touched > c->used ? c->touched : c->used;
    return block;
}

void *snas_arena_grow(snas_arena *arena, void *items, size_t size, int count, int *room)
{
    if (count < *room) {
        return items;
    }
    assert(*room <= INT_MAX / 2);
    const int wider = *room == 0 ? ROOM_FIRST : 2 * *room;
    void *to = snas_arena_take(arena, (size_t)wider, size);
    if (to == NULL) {
        return NULL;
    }
    if (count > 0) {
        memcpy(to, items, (size_t)count * size);
    }
    *room = wider;
    return to;
}

snas_mark snas_arena_mark(const snas_arena *arena)
{
    return (snas_mark){.chunk = arena->current, .closers = arena->closers, .used = arena->current->used};
}

void snas_arena_release(snas_arena *arena, snas_mark mark)
{
    chunk *to = mark.chunk;
    close_down_to(arena, mark.closers);
    for (chunk *c = to; c != arena->current->next; c = c->next) {
        assert(c != NULL && "a mark must be older than what it releases");
        const size_t kept = c == to ? mark.used : 0;
        assert(kept <= c->used);
        POISON(chunk_bytes(c) + kept, c->capacity - kept);
        c->used = kept;
    }
    arena->current = to;
}

size_t snas_arena_used(const snas_arena *arena)
{
    return arena->current->before + arena->current->used - ALIGNMENT;
}
