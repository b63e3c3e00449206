/* file.c -- whole files through one table of system calls.
 *
 * To replace `folder/name`: open the folder | write folder/.name.PID.N.tmp | sync it | close it | rename | sync the
 * folder. Until the rename the old file is untouched; after it the new one is complete. A fault removes the temporary
 * file. A path that is a symbolic link keeps being one (its target is replaced); a device or pipe is just written to.
 */
#define _XOPEN_SOURCE 700 /* realpath */

#include "snas/base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snas/base/text.h"

enum { READ_FIRST = 4095, TEMPORARY_TRIES = 100 };

static int call_open(const char *path, int flags, mode_t mode)
{
    return open(path, flags | O_CLOEXEC, mode);
}

snas_file_table snas_files = {
    .open = call_open,
    .read = read,
    .write = write,
    .sync = fsync,
    .close = close,
    .rename = rename,
    .unlink = unlink,
    .truncate = truncate,
    .mkdir = mkdir,
};

/* SNAS_E_IO: "cannot <deed> '<path>': <the system's reason>". */
static snas_status fail(const char *deed, const char *path)
{
    const int reason = errno;
    char shown[1024];
    return snas_fail(SNAS_E_IO, "cannot %s '%s': %s", deed,
                     snas_printable(shown, sizeof shown, path), strerror(reason));
}

static int open_again(const char *path, int flags, mode_t mode)
{
    int fd;
    do {
        fd = snas_files.open(path, flags, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

/* Close; the descriptor is gone even when the call was interrupted, so that is no fault. */
static int close_once(int fd)
{
    return snas_files.close(fd) < 0 && errno != EINTR ? -1 : 0;
}

/* Close after a fault whose reason must survive. */
static void close_quietly(int fd)
{
    const int reason = errno;
    (void)snas_files.close(fd);
    errno = reason;
}

static int write_all(int fd, const void *data, size_t size)
{
    const char *from = data;
    while (size > 0) {
        const ssize_t n = snas_files.write(fd, from, size);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            errno = n == 0 ? EIO : errno;
            return -1;
        }
        from += n;
        size -= (size_t)n;
    }
    return 0;
}

static int write_parts(int fd, const snas_bytes *parts, int count)
{
    for (int i = 0; i < count; i++) {
        if (write_all(fd, parts[i].data, parts[i].size) < 0) {
            return -1;
        }
    }
    return 0;
}

static int sync_again(int fd)
{
    int result;
    do {
        result = snas_files.sync(fd);
    } while (result < 0 && errno == EINTR);
    return result;
}

static snas_status too_big(const char *path, size_t limit)
{
    char shown[1024];
    return snas_fail(SNAS_E_IO, "file '%s' is too big: more than the allowed %zu bytes",
                     snas_printable(shown, sizeof shown, path), limit);
}

/* Read the open file to its end; `capacity` is the size it seems to have. */
static snas_status read_open(snas_arena *mem, int fd, const char *path, size_t capacity,
                             size_t limit, snas_bytes *out)
{
    char *data;
    size_t used = 0;
    SNAS_NEW(mem, data, capacity + 1);
    for (;;) {
        const ssize_t n = snas_files.read(fd, data + used, capacity + 1 - used);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fail("read", path);
        }
        if (n == 0) {
            break;
        }
        used += (size_t)n;
        if (used > limit) {
            return too_big(path, limit);
        }
        if (used > capacity) { /* more than it seemed */
            char *wider;
            capacity = 2 * capacity + 1;
            SNAS_NEW(mem, wider, capacity + 1);
            memcpy(wider, data, used);
            data = wider;
        }
    }
    data[used] = '\0';
    *out = (snas_bytes){.data = data, .size = used};
    return SNAS_OK;
}

snas_status snas_file_read(snas_arena *mem, const char *path, size_t limit, snas_bytes *out)
{
    const int fd = open_again(path, O_RDONLY, 0);
    if (fd < 0) {
        return fail("open", path);
    }
    struct stat facts;
    size_t known = 0; /* bytes, when the system knows */
    if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode)) {
        known = (size_t)facts.st_size;
    }
    const snas_status status =
        known > limit ? too_big(path, limit)
                      : read_open(mem, fd, path, known > 0 ? known : READ_FIRST, limit, out);
    close_quietly(fd);
    return status;
}

/* Where a replacement happens: the file itself, its folder, the temporary file. */
typedef struct {
    char target[PATH_MAX];
    char folder[PATH_MAX];
    char temporary[PATH_MAX];
} place;

/* Follow a symbolic link and split off the folder. Fails with errno set. */
static int place_find(const char *path, place *p)
{
    struct stat facts;
    if (strlen(path) >= sizeof p->target) {
        errno = ENAMETOOLONG;
        return -1;
    }
    const bool is_link = lstat(path, &facts) == 0 && S_ISLNK(facts.st_mode);
    if (!is_link || realpath(path, p->target) == NULL) {
        memcpy(p->target, path, strlen(path) + 1);
    }
    const char *slash = strrchr(p->target, '/');
    const int size = slash == NULL ? 0 : (int)(slash - p->target) + 1;
    snprintf(p->folder, sizeof p->folder, "%.*s", size, size == 0 ? "" : p->target);
    if (size == 0) {
        memcpy(p->folder, ".", 2);
    }
    return 0;
}

/* Open a fresh temporary file beside the target: a name that no other process or thread uses. */
static int temporary_open(place *p)
{
    static atomic_uint made;
    const char *slash = strrchr(p->target, '/');
    const char *name = slash == NULL ? p->target : slash + 1;
    for (int i = 0; i < TEMPORARY_TRIES; i++) {
        const int size = snprintf(p->temporary, sizeof p->temporary, "%.*s.%s.%ld.%u.tmp",
                                  (int)(name - p->target), p->target, name, (long)getpid(),
                                  atomic_fetch_add(&made, 1u));
        if (size < 0 || (size_t)size >= sizeof p->temporary) {
            errno = ENAMETOOLONG;
            return -1;
        }
        const int fd = open_again(p->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666);
        if (fd >= 0 || errno != EEXIST) {
            return fd;
        }
    }
    return -1;
}

/* Write, sync, close and rename the temporary file. On a fault it is removed and the target is as it was. */
static int temporary_fill(int fd, const place *p, const snas_bytes *parts, int count)
{
    if (write_parts(fd, parts, count) < 0 || sync_again(fd) < 0) {
        close_quietly(fd);
    } else if (close_once(fd) == 0 && snas_files.rename(p->temporary, p->target) == 0) {
        return 0;
    }
    const int reason = errno;
    (void)snas_files.unlink(p->temporary);
    errno = reason;
    return -1;
}

/* Devices and pipes cannot be replaced: write into them. */
static snas_status write_into(const char *path, const snas_bytes *parts, int count)
{
    const int fd = open_again(path, O_WRONLY, 0);
    if (fd < 0) {
        return fail("open", path);
    }
    if (write_parts(fd, parts, count) < 0) {
        close_quietly(fd);
        return fail("write", path);
    }
    return close_once(fd) < 0 ? fail("write", path) : SNAS_OK;
}

snas_status snas_file_replace(const char *path, const snas_bytes *parts, int count)
{
    struct stat facts;
    if (stat(path, &facts) == 0 && !S_ISREG(facts.st_mode)) {
        errno = EISDIR;
        return S_ISDIR(facts.st_mode) ? fail("write", path) : write_into(path, parts, count);
    }
    place p;
    if (place_find(path, &p) < 0) {
        return fail("write", path);
    }
    const int folder = open_again(p.folder, O_RDONLY | O_DIRECTORY, 0);
    if (folder < 0) {
        return fail("open the folder of", path);
    }
    const int fd = temporary_open(&p);
    if (fd < 0 || temporary_fill(fd, &p, parts, count) < 0) {
        close_quietly(folder);
        return fail("write", path);
    }
    /* Some file systems cannot sync a folder and say EINVAL: there is nothing better to do there. */
    if (sync_again(folder) < 0 && errno != EINVAL) {
        close_quietly(folder);
        return fail("sync the folder of", path);
    }
    close_quietly(folder);
    return SNAS_OK;
}

snas_status snas_file_replace_text(const char *path, const char *text)
{
    return snas_file_replace(path, &(snas_bytes){.data = text, .size = strlen(text)}, 1);
}

snas_status snas_file_append(const char *path, const char *text)
{
    const int fd = open_again(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (fd < 0) {
        return fail("open", path);
    }
    if (write_all(fd, text, strlen(text)) < 0) {
        close_quietly(fd);
        return fail("write", path);
    }
    return close_once(fd) < 0 ? fail("write", path) : SNAS_OK;
}

snas_status snas_file_cut(const char *path, int64_t bytes)
{
    assert(bytes >= 0);
    if (snas_files.truncate(path, (off_t)bytes) == 0 || (errno == ENOENT && bytes == 0)) {
        return SNAS_OK;
    }
    return fail("cut", path);
}

snas_status snas_folder_make(const char *path)
{
    char part[PATH_MAX];
    const size_t size = strlen(path);
    if (size >= sizeof part) {
        errno = ENAMETOOLONG;
        return fail("make the folder", path);
    }
    for (size_t i = 1; i <= size; i++) {
        if (path[i] != '/' && path[i] != '\0') {
            continue;
        }
        memcpy(part, path, i);
        part[i] = '\0';
        if (!snas_folder_is(part) && snas_files.mkdir(part, 0777) < 0) {
            const int reason = errno;
            if (!snas_folder_is(part)) { /* else another process made it just now */
                errno = reason;
                return fail("make the folder", part);
            }
        }
    }
    return SNAS_OK;
}

snas_status snas_file_remove(const char *path)
{
    return snas_files.unlink(path) == 0 || errno == ENOENT ? SNAS_OK : fail("remove", path);
}

bool snas_file_is(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode);
}

bool snas_folder_is(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

int64_t snas_file_size(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 ? (int64_t)facts.st_size : -1;
}
