/* file_calls.c -- the table of system calls, and its calls taken up again when they were interrupted or short. */
#include "file_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snas/base/text.h"

static int call_open(const char *path, int flags, mode_t mode)
{
    return open(path, flags | O_CLOEXEC, mode);
}

snas_file_table snas_files = {
    .open = call_open,
    .read = read,
    .write = write,
    .read_at = pread,
    .write_at = pwrite,
    .sync = fsync,
    .close = close,
    .rename = rename,
    .unlink = unlink,
    .truncate = truncate,
    .mkdir = mkdir,
};

snas_status base_file_fail(const char *deed, const char *path)
{
    const int reason = errno;
    char shown[1024];
    return snas_fail(SNAS_E_IO, "cannot %s '%s': %s", deed, snas_printable(shown, sizeof shown, path),
                     strerror(reason));
}

int base_file_open(const char *path, int flags, mode_t mode)
{
    int fd;
    do {
        fd = snas_files.open(path, flags, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

int base_file_close(int fd)
{
    return snas_files.close(fd) < 0 && errno != EINTR ? -1 : 0;
}

void base_file_close_quietly(int fd)
{
    const int reason = errno;
    (void)snas_files.close(fd);
    errno = reason;
}

int base_file_sync(int fd)
{
    int result;
    do {
        result = snas_files.sync(fd);
    } while (result < 0 && errno == EINTR);
    return result;
}

/* What a write returned: 1 to go on, 0 to try again, -1 a fault with errno set. */
static int judge(ssize_t written)
{
    if (written < 0 && errno == EINTR) {
        return 0;
    }
    if (written <= 0) {
        errno = written == 0 ? EIO : errno;
        return -1;
    }
    return 1;
}

int base_file_write(int fd, const void *data, size_t size)
{
    const char *from = data;
    while (size > 0) {
        const ssize_t n = snas_files.write(fd, from, size);
        const int verdict = judge(n);
        if (verdict < 0) {
            return -1;
        }
        from += verdict > 0 ? n : 0;
        size -= verdict > 0 ? (size_t)n : 0;
    }
    return 0;
}

int base_file_write_at(int fd, const void *data, size_t size, int64_t offset)
{
    const char *from = data;
    while (size > 0) {
        const ssize_t n = snas_files.write_at(fd, from, size, (off_t)offset);
        const int verdict = judge(n);
        if (verdict < 0) {
            return -1;
        }
        from += verdict > 0 ? n : 0;
        size -= verdict > 0 ? (size_t)n : 0;
        offset += verdict > 0 ? n : 0;
    }
    return 0;
}
