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

snas_status data_tell_fault(const snas_fault_sink *sink, snas_status status)
{
    if (sink == NULL || status == SNAS_E_MEMORY) {
        return status;
    }
    sink->fault(sink->context, snas_error());
    return SNAS_OK;
}

/* Folders, files, and how many entries are neither. */
typedef struct {
    names folders, files;
    int strange_count;
} entries;

static snas_status add_strange(const snas_fault_sink *sink, entries *to)
{
    to->strange_count++;
    return data_tell_fault(sink, SNAS_E_DATA);
}

static snas_status add_entry(const snas_fault_sink *sink, const char *path, const char *name, entries *to)
{
    char whole[PATH_MAX], shown[1024];
    struct stat facts;
    if (name[0] == '.') {
        return SNAS_OK;
    }
    const int size = snprintf(whole, sizeof whole, "%s/%s", path, name);
    if (size < 0 || (size_t)size >= sizeof whole) {
        snas_record("the path of '%s' is too long", snas_printable(shown, sizeof shown, name));
        return add_strange(sink, to);
    }
    if (stat(whole, &facts) != 0) {
        const int reason = errno;
        snas_record("cannot follow '%s': %s", snas_printable(shown, sizeof shown, whole), strerror(reason));
        return add_strange(sink, to);
    }
    if (!S_ISDIR(facts.st_mode) && !S_ISREG(facts.st_mode)) {
        snas_record("'%s' is %s, where pictures are wanted", snas_printable(shown, sizeof shown, whole),
                    snas_file_kind(whole));
        return add_strange(sink, to);
    }
    return add(S_ISDIR(facts.st_mode) ? &to->folders : &to->files, name);
}

static snas_status read_entries(const snas_fault_sink *sink, const char *path, DIR *directory, entries *to)
{
    char shown[1024];
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (entry == NULL) {
            return errno == 0 ? SNAS_OK
                              : DATA_FAULT(sink, SNAS_E_IO, "cannot read the folder '%s': %s",
                                           snas_printable(shown, sizeof shown, path), strerror(errno));
        }
        SNAS_TRY(add_entry(sink, path, entry->d_name, to));
    }
}

snas_status data_list(snas_arena *mem, const snas_fault_sink *sink, const char *path, data_listing *out)
{
    char shown[1024];
    DIR *directory = opendir(path);
    *out = (data_listing){0};
    if (directory == NULL) {
        const int reason = errno;
        out->strange_count = 1;
        return DATA_FAULT(sink, SNAS_E_IO, "cannot open the folder '%s': %s", snas_printable(shown, sizeof shown, path),
                          strerror(reason));
    }
    entries found = {.folders = {.mem = mem}, .files = {.mem = mem}};
    const snas_status status = read_entries(sink, path, directory, &found);
    closedir(directory);
    sort(&found.folders);
    sort(&found.files);
    *out = (data_listing){.folders = found.folders.names,
                          .files = found.files.names,
                          .folder_count = found.folders.count,
                          .file_count = found.files.count,
                          .strange_count = found.strange_count};
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

bool data_listing_has_file(const data_listing *listing, const char *name)
{
    return listing->file_count > 0 &&
           bsearch(&name, listing->files, (size_t)listing->file_count, sizeof *listing->files, compare) != NULL;
}
