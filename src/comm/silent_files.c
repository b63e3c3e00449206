/* silent_files.c -- files of a process that only computes: it reads like any other, and what it writes goes nowhere.
 *
 * Whoever opens a file for writing gets the device that swallows everything; folders are made, files renamed and
 * removed in name only. Another rank does the same in earnest.
 */
#include <fcntl.h>

#include "snas/base/file.h"
#include "snas/comm/comm.h"

static int (*open_in_earnest)(const char *path, int flags, mode_t mode);

/* A folder that another rank has yet to make is there in name. */
static int open_silent(const char *path, int flags, mode_t mode)
{
    if ((flags & O_ACCMODE) != O_RDONLY) {
        return open_in_earnest("/dev/null", O_WRONLY | O_NOCTTY, 0);
    }
    const int fd = open_in_earnest(path, flags, mode);
    return fd < 0 && (flags & O_DIRECTORY) != 0 ? open_in_earnest("/dev/null", O_RDONLY | O_NOCTTY, 0) : fd;
}

static int sync_nothing(int fd)
{
    (void)fd;
    return 0;
}

static int rename_nothing(const char *from, const char *to)
{
    (void)from;
    (void)to;
    return 0;
}

static int unlink_nothing(const char *path)
{
    (void)path;
    return 0;
}

static int truncate_nothing(const char *path, off_t bytes)
{
    (void)path;
    (void)bytes;
    return 0;
}

static int make_nothing(const char *path, mode_t mode)
{
    (void)path;
    (void)mode;
    return 0;
}

void snas_comm_silence_files(void)
{
    if (snas_files.open == open_silent) {
        return;
    }
    open_in_earnest = snas_files.open;
    snas_files.open = open_silent;
    snas_files.sync = sync_nothing;
    snas_files.rename = rename_nothing;
    snas_files.unlink = unlink_nothing;
    snas_files.truncate = truncate_nothing;
    snas_files.mkdir = make_nothing;
}
