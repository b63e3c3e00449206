/* lock.c -- locks of whole files by flock. To look is to share the lock for a moment, which works when nobody has it.
 */
#include "snas/base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#include "snas/base/file.h"

enum { TRIES = 10, PAUSE_NANOSECONDS = 5000000 };

int snas_lock_take(int fd)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NANOSECONDS};
    int result = flock(fd, LOCK_EX | LOCK_NB);
    for (int i = 1; i < TRIES && result != 0 && errno == EWOULDBLOCK; i++) {
        (void)nanosleep(&pause, NULL);
        result = flock(fd, LOCK_EX | LOCK_NB);
    }
    return result;
}

snas_status snas_lock_open(const char *path, int *fd)
{
    *fd = snas_files.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0666);
    if (*fd < 0) {
        return snas_fail(SNAS_E_IO, "cannot open '%s': %s", path, strerror(errno));
    }
    if (snas_lock_take(*fd) == 0) {
        return SNAS_OK;
    }
    const int reason = errno;
    (void)snas_files.close(*fd);
    *fd = -1;
    return reason == EWOULDBLOCK ? SNAS_OK : snas_fail(SNAS_E_IO, "cannot lock '%s': %s", path, strerror(reason));
}

bool snas_lock_is_held(const char *path)
{
    const int fd = snas_files.open(path, O_RDONLY | O_NOFOLLOW, 0);
    if (fd < 0) {
        return true;
    }
    const bool idle = flock(fd, LOCK_SH | LOCK_NB) == 0;
    (void)snas_files.close(fd);
    return !idle;
}
