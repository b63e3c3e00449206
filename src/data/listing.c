/* listing.c -- what a folder holds: folders and files by name, in the order of their bytes, whatever order the disk
 * has. */
#include "listing.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "snas/base/file.h"
#include "snas/base/text.h"

/* Names that grow in an arena. */
typedef struct {
    snas_arena *mem;
    char **names;
    int count, room;
} names;

static snas_status add(names *to, const char *name)
{
    SNAS_GROW(to->mem, to->names, to->count, to->room);
    to->names[to->count] = snas_format(to->mem, "%s", name);
    return snas_taken(to->names[to->count++]);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(names *list)
{
    if (list->count > 1) {
        qsort(list->names, (size_t)list->count, sizeof *list->names, compare);
    }
}

static snas_status add_entry(const char *path, const char *name, names *folders, names *files)
{
    char whole[PATH_MAX], shown[1024];
    struct stat facts;
    if (name[0] == '.') {
        return SNAS_OK;
    }
    const int size = snprintf(whole, sizeof whole, "%s/%s", path, name);
    if (size < 0 || (size_t)size >= sizeof whole) {
        return snas_fail(SNAS_E_DATA, "the path of '%s' is too long", snas_printable(shown, sizeof shown, name));
    }
    if (stat(whole, &facts) != 0) {
        const int reason = errno;
        return snas_fail(SNAS_E_DATA, "cannot follow '%s': %s", snas_printable(shown, sizeof shown, whole),
                         strerror(reason));
    }
    if (!S_ISDIR(facts.st_mode) && !S_ISREG(facts.st_mode)) {
        return snas_fail(SNAS_E_DATA, "'%s' is %s, where pictures are wanted",
                         snas_printable(shown, sizeof shown, whole), snas_file_kind(whole));
    }
    return add(S_ISDIR(facts.st_mode) ? folders : files, name);
}

snas_status data_list(snas_arena *mem, const char *path, data_listing *out)
{
    char shown[1024];
    DIR *directory = opendir(path);
    if (directory == NULL) {
        const int reason = errno;
        return snas_fail(SNAS_E_IO, "cannot open the folder '%s': %s", snas_printable(shown, sizeof shown, path),
                         strerror(reason));
    }
    names folders = {.mem = mem}, files = {.mem = mem};
    snas_status status = SNAS_OK;
    errno = 0;
    for (const struct dirent *entry; status == SNAS_OK && (entry = readdir(directory)) != NULL;) {
        status = add_entry(path, entry->d_name, &folders, &files);
        errno = 0;
    }
    if (status == SNAS_OK && errno != 0) {
        status = snas_fail(SNAS_E_IO, "cannot read the folder '%s': %s", snas_printable(shown, sizeof shown, path),
                           strerror(errno));
    }
    closedir(directory);
    sort(&folders);
    sort(&files);
    *out = (data_listing){
        .folders = folders.names, .files = files.names, .folder_count = folders.count, .file_count = files.count};
    return status;
}

int data_listing_find(const data_listing *listing, const char *name)
{
    for (int i = 0; i < listing->folder_count; i++) {
        if (strcmp(listing->folders[i], name) == 0) {
            return i;
        }
    }
    return -1;
}
