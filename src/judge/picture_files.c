/* picture_files.c -- which files a command line means by pictures: files as they are given, and all below a folder. */
#include "snas/judge/picture_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "snas/base/file.h"
#include "snas/base/log.h"
#include "snas/base/text.h"
#include "snas/format/image.h"

enum { FIRST_BYTES = 16 };

/* A folder that is being walked, and the ones that it lies in. */
typedef struct place {
    const char *path;
    const struct place *around; /* NULL: it was given */
    dev_t device;
    ino_t number;
} place;

typedef struct {
    snas_arena *mem;
    snas_picture_files *found;
} walk;

static snas_status add(const walk *w, const char *path)
{
    snas_picture_files *found = w->found;
    SNAS_GROW(w->mem, found->paths, found->count, found->room);
    found->paths[found->count++] = path;
    return SNAS_OK;
}

/* What is called a picture is meant to be one: when it is none, that is worth a word. */
static bool is_called_picture(const char *name)
{
    static const char *const ENDINGS[] = {".jpg", ".jpeg", ".png"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < sizeof ENDINGS / sizeof ENDINGS[0]; i++) {
        if (strcasecmp(dot, ENDINGS[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool begins_as_picture(const char *path)
{
    unsigned char first[FIRST_BYTES];
    int fd;
    int64_t bytes;
    if (snas_file_open(path, &fd, &bytes) != SNAS_OK) {
        return false;
    }
    const ssize_t size = snas_files.read(fd, first, sizeof first);
    (void)snas_files.close(fd);
    return size > 0 && snas_image_is((snas_bytes){first, (size_t)size});
}

static bool is_inside_itself(const place *folder)
{
    for (const place *p = folder->around; p != NULL; p = p->around) {
        if (p->device == folder->device && p->number == folder->number) {
            return true;
        }
    }
    return false;
}

static snas_status walk_folder(const walk *w, const place *folder);

static snas_status take_entry(const walk *w, const place *folder, const char *name)
{
    struct stat facts;
    const char *path = snas_format(w->mem, "%s/%s", folder->path, name);
    SNAS_TRY(snas_taken(path));
    const bool stands = stat(path, &facts) == 0;
    if (stands && S_ISDIR(facts.st_mode)) {
        const place inner = {path, folder, facts.st_dev, facts.st_ino};
        return is_inside_itself(&inner) ? SNAS_OK : walk_folder(w, &inner);
    }
    if (is_called_picture(name) || (stands && S_ISREG(facts.st_mode) && begins_as_picture(path))) {
        return add(w, path);
    }
    w->found->left_out++;
    return SNAS_OK;
}

/* A folder that cannot be read is the end of it where it was given, and a warning below. */
static snas_status fail_folder(const walk *w, const place *folder, int reason)
{
    char shown[1024];
    snas_record("cannot read the folder '%s': %s", snas_printable(shown, sizeof shown, folder->path), strerror(reason));
    if (folder->around == NULL) {
        return SNAS_E_IO;
    }
    snas_log(SNAS_LOG_WARNING, "%s", snas_error());
    w->found->unread++;
    return SNAS_OK;
}

static snas_status walk_folder(const walk *w, const place *folder)
{
    DIR *entries = opendir(folder->path);
    if (entries == NULL) {
        return fail_folder(w, folder, errno);
    }
    snas_status status = SNAS_OK;
    for (const struct dirent *entry; status == SNAS_OK && (entry = readdir(entries)) != NULL;) {
        if (entry->d_name[0] != '.') {
            status = take_entry(w, folder, entry->d_name);
        }
    }
    closedir(entries);
    return status;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static snas_status take_folder(const walk *w, const char *path)
{
    struct stat facts;
    snas_picture_files *found = w->found;
    const int first = found->count, others = found->left_out;
    const size_t length = strlen(path);
    const char *root =
        snas_format(w->mem, "%.*s", (int)(length > 1 && path[length - 1] == '/' ? length - 1 : length), path);
    SNAS_TRY(snas_taken(root));
    place folder = {.path = root};
    if (stat(root, &facts) == 0) {
        folder.device = facts.st_dev;
        folder.number = facts.st_ino;
    }
    SNAS_TRY(walk_folder(w, &folder));
    if (found->count == first) {
        char shown[1024];
        return snas_fail(SNAS_E_DATA, "there is no picture below '%s', but %d other file%s",
                         snas_printable(shown, sizeof shown, path), found->left_out - others,
                         found->left_out - others == 1 ? "" : "s");
    }
    qsort(found->paths + first, (size_t)(found->count - first), sizeof *found->paths, compare);
    return SNAS_OK;
}

snas_status snas_picture_files_find(snas_arena *mem, const char *const *given, int count, snas_picture_files *out)
{
    *out = (snas_picture_files){0};
    const walk w = {mem, out};
    for (int i = 0; i < count; i++) {
        SNAS_TRY(snas_folder_is(given[i]) ? take_folder(&w, given[i]) : add(&w, given[i]));
    }
    return SNAS_OK;
}
