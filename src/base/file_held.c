/* file_held.c -- a file that stays open, read at any place by any number of threads. */
#include <errno.h>
#include <inttypes.h>

#include "file_calls.h"
#include "snas/base/text.h"

static void close_held(void *what)
{
    const snas_held *held = what;
    (void)snas_files.close(held->fd);
}

snas_status snas_held_open(snas_arena *mem, const char *path, snas_held **out)
{
    snas_held *held;
    SNAS_NEW(mem, held, 1);
    held->path = snas_format(mem, "%s", path);
    SNAS_TRY(snas_taken(held->path));
    SNAS_TRY(snas_file_open(path, &held->fd, &held->size));
    const snas_status status = snas_arena_close_with(mem, close_held, held);
    if (status != SNAS_OK) {
        base_file_close_quietly(held->fd);
        return status;
    }
    *out = held;
    return SNAS_OK;
}

snas_status snas_held_read(const snas_held *held, int64_t offset, size_t size, void *to)
{
    char *at = to;
    while (size > 0) {
        const ssize_t n = snas_files.read_at(held->fd, at, size, (off_t)offset);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return base_file_fail("read", held->path);
        }
        if (n == 0) {
            char shown[1024];
            return snas_fail(SNAS_E_IO,
                             "'%s' ends at byte %" PRId64 ", where %zu more are wanted: it has become "
                             "shorter since it was opened with %" PRId64,
                             snas_printable(shown, sizeof shown, held->path), offset, size, held->size);
        }
        at += n;
        offset += n;
        size -= (size_t)n;
    }
    return SNAS_OK;
}
