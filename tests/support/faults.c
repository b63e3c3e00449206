/* faults.c -- make the n-th system call or allocation of a test fail, through the two tables of base. */
#include "faults.h"

#include <errno.h>

#include "snas/base/arena.h"
#include "snas/base/file.h"

static snas_file_table real_files;
static snas_heap_table real_heap;
static bool files_on, heap_on;
static int calls, target, reason_now, open_files, open_blocks;
static bool always;

/* Is it this call's turn? */
static bool turn(void)
{
    const int call = calls++;
    return call == target || (always && call > target);
}

static bool fails(void)
{
    const bool hit = turn() && reason_now != 0;
    errno = hit ? reason_now : errno;
    return hit;
}

static int faulty_open(const char *path, int flags, mode_t mode)
{
    const int fd = fails() ? -1 : real_files.open(path, flags, mode);
    open_files += fd >= 0;
    return fd;
}

static ssize_t faulty_read(int fd, void *to, size_t bytes)
{
    const bool hit = turn();
    if (hit && reason_now != 0) {
        errno = reason_now;
        return -1;
    }
    return real_files.read(fd, to, hit && bytes > 1 ? 1 : bytes);
}

static ssize_t faulty_write(int fd, const void *from, size_t bytes)
{
    const bool hit = turn();
    if (hit && reason_now != 0) {
        errno = reason_now;
        return -1;
    }
    return real_files.write(fd, from, hit && bytes > 1 ? 1 : bytes);
}

static ssize_t faulty_read_at(int fd, void *to, size_t bytes, off_t offset)
{
    const bool hit = turn();
    if (hit && reason_now != 0) {
        errno = reason_now;
        return -1;
    }
    return real_files.read_at(fd, to, hit && bytes > 1 ? 1 : bytes, offset);
}

static ssize_t faulty_write_at(int fd, const void *from, size_t bytes, off_t offset)
{
    const bool hit = turn();
    if (hit && reason_now != 0) {
        errno = reason_now;
        return -1;
    }
    return real_files.write_at(fd, from, hit && bytes > 1 ? 1 : bytes, offset);
}

static int faulty_sync(int fd)
{
    return fails() ? -1 : real_files.sync(fd);
}

static int faulty_close(int fd)
{
    const bool hit = turn() && reason_now != 0;
    const int result = real_files.close(fd); /* the descriptor goes in any case, as in Linux */
    open_files -= result == 0;
    errno = hit ? reason_now : errno;
    return hit ? -1 : result;
}

static int faulty_rename(const char *from, const char *to)
{
    return fails() ? -1 : real_files.rename(from, to);
}

static int faulty_unlink(const char *path)
{
    return fails() ? -1 : real_files.unlink(path);
}

static int faulty_truncate(const char *path, off_t bytes)
{
    return fails() ? -1 : real_files.truncate(path, bytes);
}

static int faulty_mkdir(const char *path, mode_t mode)
{
    return fails() ? -1 : real_files.mkdir(path, mode);
}

static void *faulty_alloc(size_t bytes)
{
    void *memory = turn() ? NULL : real_heap.alloc(bytes);
    open_blocks += memory != NULL;
    return memory;
}

static void faulty_release(void *memory)
{
    open_blocks -= memory != NULL;
    real_heap.release(memory);
}

static void aim(int call, int reason, bool forever)
{
    calls = 0;
    target = call;
    reason_now = reason;
    always = forever;
}

void faults_in_files(int call, int reason, bool forever)
{
    aim(call, reason, forever);
    if (!files_on) {
        files_on = true;
        real_files = snas_files;
        snas_files = (snas_file_table){.open = faulty_open,
                                       .read = faulty_read,
                                       .write = faulty_write,
                                       .read_at = faulty_read_at,
                                       .write_at = faulty_write_at,
                                       .sync = faulty_sync,
                                       .close = faulty_close,
                                       .rename = faulty_rename,
                                       .unlink = faulty_unlink,
                                       .truncate = faulty_truncate,
                                       .mkdir = faulty_mkdir};
    }
}

void faults_in_heap(int call, bool forever)
{
    aim(call, 0, forever);
    if (!heap_on) {
        heap_on = true;
        real_heap = snas_heap;
        snas_heap = (snas_heap_table){.alloc = faulty_alloc, .release = faulty_release};
    }
}

int faults_calls(void)
{
    return calls;
}

int faults_open_files(void)
{
    return open_files;
}

int faults_open_blocks(void)
{
    return open_blocks;
}

void faults_clear(void)
{
    if (files_on) {
        snas_files = real_files;
    }
    if (heap_on) {
        snas_heap = real_heap;
    }
    files_on = heap_on = false;
}
