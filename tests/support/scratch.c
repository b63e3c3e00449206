/* scratch.c -- a folder of this test program's own, gone when the program ends. */
#include "scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATHS = 16, PATH_BYTES = 1024 };

static char folder[PATH_BYTES / 2];

static void remove_tree(const char *path)
{
    DIR *entries = opendir(path);
    if (entries == NULL) {
        return;
    }
    for (struct dirent *e = readdir(entries); e != NULL; e = readdir(entries)) {
        char inner[PATH_BYTES];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) {
            continue;
        }
        snprintf(inner, sizeof inner, "%.600s/%.300s", path, e->d_name);
        if (unlink(inner) != 0) {
            remove_tree(inner);
        }
    }
    closedir(entries);
    rmdir(path);
}

static void remove_folder(void)
{
    remove_tree(folder);
}

const char *scratch_path(const char *name)
{
    static char paths[PATHS][PATH_BYTES];
    static int next;
    if (folder[0] == '\0') {
        const char *temporary = getenv("TMPDIR");
        if (temporary == NULL) { /* in memory where there is such a place: thousands of syncs take no time there */
            temporary = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
        }
        snprintf(folder, sizeof folder, "%.400s/snas-test-XXXXXX", temporary);
        if (mkdtemp(folder) == NULL) {
            perror(folder);
            abort();
        }
        atexit(remove_folder);
    }
    char *path = paths[next++ % PATHS];
    snprintf(path, PATH_BYTES, "%s%s%.400s", folder, name[0] != '\0' ? "/" : "", name);
    return path;
}

int scratch_count(void)
{
    int count = 0;
    DIR *entries = opendir(folder);
    while (entries != NULL && readdir(entries) != NULL) {
        count++;
    }
    if (entries != NULL) {
        closedir(entries);
    }
    return count - 2;
}

void scratch_put(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        abort();
    }
}
