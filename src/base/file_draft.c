/* file_draft.c -- a file that is written piece by piece beside its target, and takes its place when it is whole.
 *
 * To replace `folder/name`: open the folder | write folder/.name.PID.N.tmp | sync it | close it | rename | sync the
 * folder. Until the rename the old file is untouched; after it the new one is complete. A fault removes the temporary
 * file. A path that is a symbolic link keeps being one (its target is replaced); a device or pipe is just written to.
 * With _nofollow all of them are replaced by the file.
 *
 * A process that is killed leaves its temporary file. Whoever writes the same target next removes it: a file of exactly
 * this form whose PID is no process here, and which nobody holds locked, as who writes one does on any machine.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_calls.h"

enum { TEMPORARY_TRIES = 100, LINKS_MAX = 40 /* as Linux */ };

/* The target's name within its folder. */
static const char *name_of(const snas_draft *draft)
{
    const char *slash = strrchr(draft->target, '/');
    return slash == NULL ? draft->target : slash + 1;
}

/* What the link at draft->target leads to becomes the target. Fails with errno set. */
static int link_follow(snas_draft *draft)
{
    char next[PATH_MAX], joined[2 * PATH_MAX];
    const ssize_t size = readlink(draft->target, next, sizeof next - 1);
    if (size < 0) {
        return -1;
    }
    next[size] = '\0';
    const int folder = next[0] == '/' ? 0 : (int)(name_of(draft) - draft->target);
    const int length = snprintf(joined, sizeof joined, "%.*s%s", folder, draft->target, next);
    if (length < 0 || (size_t)length >= sizeof draft->target) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(draft->target, joined, (size_t)length + 1);
    return 0;
}

/* Where the file goes; a link may lead to a file that is not there yet. Fails with errno set. */
static int target_find(snas_draft *draft, bool follow)
{
    struct stat facts;
    if (strlen(draft->path) >= sizeof draft->target) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(draft->target, draft->path, strlen(draft->path) + 1);
    for (int i = 0; follow && lstat(draft->target, &facts) == 0 && S_ISLNK(facts.st_mode); i++) {
        errno = ELOOP;
        if (i == LINKS_MAX || link_follow(draft) < 0) {
            return -1;
        }
    }
    return 0;
}

/* The folder that the target is in. */
typedef struct {
    char text[PATH_MAX];
} folder_path;

static folder_path folder_of(const snas_draft *draft)
{
    folder_path folder = {"."};
    const int length = (int)(name_of(draft) - draft->target);
    if (length > 0) {
        snprintf(folder.text, sizeof folder.text, "%.*s", length, draft->target);
    }
    return folder;
}

static int folder_open(const snas_draft *draft)
{
    return base_file_open(folder_of(draft).text, O_RDONLY | O_DIRECTORY, 0);
}

/* The process that `entry` is a temporary file of, when it is one of this target; else 0. */
static pid_t writer_of(const char *entry, const char *name)
{
    const size_t length = strlen(name);
    long pid = 0;
    unsigned number = 0;
    char again[64];
    if (entry[0] != '.' || strncmp(entry + 1, name, length) != 0 ||
        sscanf(entry + 1 + length, ".%ld.%u.tmp", &pid, &number) != 2 || pid <= 0) {
        return 0;
    }
    snprintf(again, sizeof again, ".%ld.%u.tmp", pid, number);
    return strcmp(again, entry + 1 + length) == 0 ? (pid_t)pid : 0;
}

static void remove_unlocked(const char *path)
{
    const int fd = base_file_open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK, 0);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        (void)snas_files.unlink(path);
    }
    if (fd >= 0) {
        (void)snas_files.close(fd);
    }
}

/* Remove the temporary files of dead processes. What cannot be removed stays: it is in nobody's way. */
static void sweep(const snas_draft *draft)
{
    const folder_path folder = folder_of(draft);
    const char *name = name_of(draft);
    DIR *directory = opendir(folder.text);
    if (directory == NULL) {
        return;
    }
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        const pid_t writer = writer_of(entry->d_name, name);
        if (writer > 0 && kill(writer, 0) < 0 && errno == ESRCH) {
            char path[2 * PATH_MAX];
            snprintf(path, sizeof path, "%s/%s", folder.text, entry->d_name);
            remove_unlocked(path);
        }
    }
    closedir(directory);
}

/* Open a fresh temporary file beside the target: a name that no other process or thread uses. */
static int temporary_open(snas_draft *draft)
{
    static atomic_uint made;
    const char *name = name_of(draft);
    for (int i = 0; i < TEMPORARY_TRIES; i++) {
        const int size =
            snprintf(draft->temporary, sizeof draft->temporary, "%.*s.%s.%ld.%u.tmp", (int)(name - draft->target),
                     draft->target, name, (long)getpid(), atomic_fetch_add(&made, 1u));
        if (size < 0 || (size_t)size >= sizeof draft->temporary) {
            errno = ENAMETOOLONG;
            return -1;
        }
        const int fd = base_file_open(draft->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666);
        if (fd >= 0) {
            (void)flock(fd, LOCK_EX | LOCK_NB); /* for sweep; where there are no locks the process has to do */
        }
        if (fd >= 0 || errno != EEXIST) {
            return fd;
        }
    }
    return -1;
}

/* Devices and pipes cannot be replaced: write into them. */
static snas_status open_device(snas_draft *draft)
{
    draft->fd = base_file_open(draft->path, O_WRONLY, 0);
    return draft->fd < 0 ? base_file_fail("open", draft->path) : SNAS_OK;
}

/* Begin the file beside its target. */
static snas_status begin(snas_draft *draft, bool follow)
{
    const char *path = draft->path;
    if (target_find(draft, follow) < 0) {
        return base_file_fail("write", path);
    }
    draft->folder = folder_open(draft);
    if (draft->folder < 0) {
        return base_file_fail("open the folder of", path);
    }
    sweep(draft);
    draft->fd = temporary_open(draft);
    if (draft->fd < 0) {
        base_file_close_quietly(draft->folder);
        draft->folder = -1;
        return base_file_fail("write", path);
    }
    return SNAS_OK;
}

snas_status snas_draft_open(snas_draft *draft, const char *path)
{
    struct stat facts;
    *draft = (snas_draft){.path = path, .fd = -1, .folder = -1};
    if (stat(path, &facts) == 0 && !S_ISREG(facts.st_mode)) {
        errno = EISDIR;
        return S_ISDIR(facts.st_mode) ? base_file_fail("write", path) : open_device(draft);
    }
    return begin(draft, true);
}

snas_status snas_draft_open_nofollow(snas_draft *draft, const char *path)
{
    struct stat facts;
    *draft = (snas_draft){.path = path, .fd = -1, .folder = -1};
    if (lstat(path, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        errno = EISDIR;
        return base_file_fail("write", path);
    }
    return begin(draft, false);
}

snas_status snas_draft_write(snas_draft *draft, const void *data, size_t size)
{
    return base_file_write(draft->fd, data, size) < 0 ? base_file_fail("write", draft->path) : SNAS_OK;
}

snas_status snas_draft_write_at(snas_draft *draft, int64_t offset, const void *data, size_t size)
{
    return base_file_write_at(draft->fd, data, size, offset) < 0 ? base_file_fail("write", draft->path) : SNAS_OK;
}

/* Close what is open and remove the temporary file, if there still is one. errno survives. */
static void leave(snas_draft *draft)
{
    const int reason = errno;
    if (draft->fd >= 0) {
        (void)snas_files.close(draft->fd);
    }
    if (draft->folder >= 0) {
        if (draft->temporary[0] != '\0') {
            (void)snas_files.unlink(draft->temporary);
        }
        (void)snas_files.close(draft->folder);
    }
    draft->fd = draft->folder = -1;
    errno = reason;
}

void snas_draft_discard(snas_draft *draft)
{
    leave(draft);
}

/* Close the file itself; the descriptor is gone in any case. */
static int close_file(snas_draft *draft)
{
    const int fd = draft->fd;
    draft->fd = -1;
    return base_file_close(fd);
}

snas_status snas_draft_commit(snas_draft *draft)
{
    const bool device = draft->folder < 0;
    const bool whole = (device || base_file_sync(draft->fd) == 0) && close_file(draft) == 0 &&
                       (device || snas_files.rename(draft->temporary, draft->target) == 0);
    if (!whole) {
        leave(draft);
        return base_file_fail("write", draft->path);
    }
    draft->temporary[0] = '\0';
    /* Some file systems cannot sync a folder and say EINVAL: there is nothing better to do there. */
    const bool synced = device || base_file_sync(draft->folder) == 0 || errno == EINVAL;
    leave(draft);
    return synced ? SNAS_OK : base_file_fail("sync the folder of", draft->path);
}

/* Write the parts into the draft that has been begun, and put it in its place. */
static snas_status fill(snas_draft *draft, const snas_bytes *parts, int count)
{
    for (int i = 0; i < count; i++) {
        const snas_status status = snas_draft_write(draft, parts[i].data, parts[i].size);
        if (status != SNAS_OK) {
            snas_draft_discard(draft);
            return status;
        }
    }
    return snas_draft_commit(draft);
}

snas_status snas_file_replace(const char *path, const snas_bytes *parts, int count)
{
    snas_draft draft;
    SNAS_TRY(snas_draft_open(&draft, path));
    return fill(&draft, parts, count);
}

snas_status snas_file_replace_nofollow(const char *path, const snas_bytes *parts, int count)
{
    snas_draft draft;
    SNAS_TRY(snas_draft_open_nofollow(&draft, path));
    return fill(&draft, parts, count);
}

snas_status snas_file_replace_text(const char *path, const char *text)
{
    return snas_file_replace(path, &(snas_bytes){.data = text, .size = strlen(text)}, 1);
}

snas_status snas_file_replace_text_nofollow(const char *path, const char *text)
{
    return snas_file_replace_nofollow(path, &(snas_bytes){.data = text, .size = strlen(text)}, 1);
}
