/* file.c -- whole files and folders: read, appended to, cut, made, removed. Replacing one is file_draft.c's. */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "file_calls.h"
#include "snas/base/text.h"

enum { READ_FIRST = 4095 };

static snas_status too_big(const char *path, size_t limit)
{
    char shown[1024];
    return snas_fail(SNAS_E_IO, "file '%s' is too big: more than the allowed %zu bytes",
                     snas_printable(shown, sizeof shown, path), limit);
}

/* Read the open file to its end; `capacity` is the size it seems to have. */
static snas_status read_open(snas_arena *mem, int fd, const char *path, size_t capacity, size_t limit, snas_bytes *out)
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
            return base_file_fail("read", path);
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

static const char *kind_of(mode_t mode)
{
    static const struct {
        mode_t type;
        const char *name;
    } KINDS[] = {
        {S_IFREG, "a file"},    {S_IFDIR, "a folder"},           {S_IFIFO, "a named pipe"},
        {S_IFSOCK, "a socket"}, {S_IFCHR, "a character device"}, {S_IFBLK, "a block device"},
    };
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if ((mode & S_IFMT) == KINDS[i].type) {
            return KINDS[i].name;
        }
    }
    return "no file";
}

const char *snas_file_kind(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 ? kind_of(facts.st_mode) : NULL;
}

static snas_status not_regular(const char *path, mode_t mode)
{
    char shown[1024];
    return snas_fail(SNAS_E_IO, "'%s' is %s, where a file is wanted", snas_printable(shown, sizeof shown, path),
                     kind_of(mode));
}

snas_status snas_link_refuse(const char *path)
{
    struct stat facts;
    char shown[1024];
    return lstat(path, &facts) != 0 || !S_ISLNK(facts.st_mode)
               ? SNAS_OK
               : snas_fail(SNAS_E_IO, "'%s' is a symbolic link, which is not followed for writing",
                           snas_printable(shown, sizeof shown, path));
}

/* Opening does not wait for a pipe's writer; of a regular file reading is the same with O_NONBLOCK as without. */
snas_status snas_file_open(const char *path, int *fd, int64_t *bytes)
{
    struct stat facts;
    *fd = base_file_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (*fd < 0) {
        const int reason = errno;
        if (stat(path, &facts) == 0 && !S_ISREG(facts.st_mode)) {
            return not_regular(path, facts.st_mode);
        }
        errno = reason;
        return base_file_fail("open", path);
    }
    const snas_status status = fstat(*fd, &facts) != 0  ? base_file_fail("read", path)
                               : S_ISREG(facts.st_mode) ? SNAS_OK
                                                        : not_regular(path, facts.st_mode);
    if (status != SNAS_OK) {
        base_file_close_quietly(*fd);
        *fd = -1;
        return status;
    }
    *bytes = (int64_t)facts.st_size;
    return SNAS_OK;
}

snas_status snas_file_read(snas_arena *mem, const char *path, size_t limit, snas_bytes *out)
{
    int fd;
    int64_t bytes;
    SNAS_TRY(snas_file_open(path, &fd, &bytes));
    const size_t known = (size_t)bytes; /* 0 for files that the system makes up as they are read */
    const snas_status status =
        known > limit ? too_big(path, limit) : read_open(mem, fd, path, known > 0 ? known : READ_FIRST, limit, out);
    base_file_close_quietly(fd);
    return status;
}

static snas_status append(int fd, const char *path, snas_bytes bytes)
{
    if (base_file_write(fd, bytes.data, bytes.size) < 0) {
        base_file_close_quietly(fd);
        return base_file_fail("write", path);
    }
    return base_file_close(fd) < 0 ? base_file_fail("write", path) : SNAS_OK;
}

static snas_bytes bytes_of(const char *text)
{
    return (snas_bytes){.data = text, .size = strlen(text)};
}

snas_status snas_file_append(const char *path, const char *text)
{
    const int fd = base_file_open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    return fd < 0 ? base_file_fail("open", path) : append(fd, path, bytes_of(text));
}

snas_status snas_file_append_nofollow(const char *path, const char *text)
{
    return snas_file_append_bytes_nofollow(path, bytes_of(text));
}

snas_status snas_file_append_bytes_nofollow(const char *path, snas_bytes bytes)
{
    struct stat facts;
    const int fd = base_file_open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0666);
    if (fd < 0) {
        const int reason = errno;
        SNAS_TRY(snas_link_refuse(path));
        if (lstat(path, &facts) == 0 && !S_ISREG(facts.st_mode)) {
            return not_regular(path, facts.st_mode);
        }
        errno = reason;
        return base_file_fail("open", path);
    }
    if (fstat(fd, &facts) == 0 && !S_ISREG(facts.st_mode)) {
        base_file_close_quietly(fd);
        return not_regular(path, facts.st_mode);
    }
    return append(fd, path, bytes);
}

snas_status snas_file_cut(const char *path, int64_t bytes)
{
    assert(bytes >= 0);
    if (snas_files.truncate(path, (off_t)bytes) == 0 || (errno == ENOENT && bytes == 0)) {
        return SNAS_OK;
    }
    return base_file_fail("cut", path);
}

snas_status snas_folder_make(const char *path)
{
    char part[PATH_MAX];
    const size_t size = strlen(path);
    if (size >= sizeof part) {
        errno = ENAMETOOLONG;
        return base_file_fail("make the folder", path);
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
                return base_file_fail("make the folder", part);
            }
        }
    }
    return SNAS_OK;
}

snas_status snas_file_remove(const char *path)
{
    return snas_files.unlink(path) == 0 || errno == ENOENT ? SNAS_OK : base_file_fail("remove", path);
}

bool snas_folder_has_only(const char *path, const char *const *names)
{
    DIR *directory = opendir(path);
    bool only = true;
    if (directory == NULL) {
        return true;
    }
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        const char *name = entry->d_name;
        bool known = strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (name[0] == '.' && snas_ends(name, ".tmp"));
        for (int i = 0; names[i] != NULL && !known; i++) {
            known = strcmp(name, names[i]) == 0;
        }
        only &= known;
    }
    closedir(directory);
    return only;
}

snas_status snas_file_settle(snas_arena *mem, const char *from, const char *to, size_t limit)
{
    snas_bytes text;
    SNAS_TRY(snas_file_read(mem, from, limit, &text));
    SNAS_TRY(snas_file_replace(to, &text, 1));
    return snas_file_remove(from);
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
