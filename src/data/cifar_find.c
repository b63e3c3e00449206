/* cifar_find.c -- where the files of a CIFAR are: a folder, a folder in it, an archive; and what was found instead. */
#include <stdlib.h>
#include <string.h>

#include "cifar.h"
#include "snas/base/text.h"

typedef enum { NOTHING, FOLDER, ARCHIVE, PYTHON } kind;

/* Where to read; path NULL with NOTHING. */
typedef struct {
    const char *path;
    kind kind;
} place;

snas_status cifar_refuse_python(const cifar_row *row, const char *path)
{
    return snas_fail(SNAS_E_DATA, "'%s' is the python version of %s, download the binary version: %s, which %s fetches",
                     path, row->title, row->archive, row->script);
}

/* What a folder may hold, best first: `folder`/`name` is a file, then `use` is what we read (NULL: the folder itself).
 * */
typedef struct {
    const char *folder, *name, *use;
    kind kind;
} sign;

static snas_status look_for(snas_arena *mem, const char *folder, const sign *s, place *out)
{
    const char *probe = s->folder == NULL ? snas_format(mem, "%s/%s", folder, s->name)
                                          : snas_format(mem, "%s/%s/%s", folder, s->folder, s->name);
    SNAS_TRY(snas_taken(probe));
    if (!snas_file_is(probe)) {
        return SNAS_OK;
    }
    const char *use = s->use == NULL ? folder : snas_format(mem, "%s/%s", folder, s->use);
    *out = (place){use, s->kind};
    return snas_taken(use);
}

static snas_status look_in(snas_arena *mem, const cifar_row *row, const char *folder, place *out)
{
    const char *first = row->files[0], *last = row->files[row->file_count - 1];
    const sign signs[] = {
        {NULL, first, NULL, FOLDER},
        {NULL, last, NULL, FOLDER},
        {row->folder, first, row->folder, FOLDER},
        {row->folder, last, row->folder, FOLDER},
        {NULL, row->archive, row->archive, ARCHIVE},
        {NULL, row->python_file, row->python_file, PYTHON},
        {row->python_folder, row->python_file, row->python_folder, PYTHON},
        {NULL, row->python_archive, row->python_archive, PYTHON},
    };
    *out = (place){NULL, NOTHING};
    for (size_t i = 0; i < sizeof signs / sizeof *signs && out->kind == NOTHING; i++) {
        SNAS_TRY(look_for(mem, folder, &signs[i], out));
    }
    return SNAS_OK;
}

/* Nothing of ours in the folder: perhaps it holds another CIFAR. */
static snas_status refuse_folder(snas_arena *mem, const cifar_row *row, const char *folder)
{
    for (const cifar_row *other = cifar_rows; other->name != NULL; other++) {
        place found = {NULL, NOTHING};
        if (other != row) {
            SNAS_TRY(look_in(mem, other, folder, &found));
        }
        if (found.kind != NOTHING) {
            return snas_fail(SNAS_E_DATA, "'%s' holds %s, not %s; to read it set 'data.dataset' to '%s'", folder,
                             other->title, row->title, other->name);
        }
    }
    return snas_fail(SNAS_E_DATA, "no %s in '%s': looked for %s, %s/ and %s; get the binary version with %s",
                     row->title, folder, row->files[0], row->folder, row->archive, row->script);
}

static bool is_python_file(const cifar_row *row, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    return strcmp(name, row->python_archive) == 0 || strcmp(name, row->python_file) == 0 ||
           (slash != NULL && slash - path >= (ptrdiff_t)strlen(row->python_folder) &&
            strncmp(slash - strlen(row->python_folder), row->python_folder, strlen(row->python_folder)) == 0);
}

/* A path that the user gave: a folder or an archive. */
static snas_status find_at(snas_arena *mem, const cifar_row *row, const char *path, place *out)
{
    if (snas_folder_is(path)) {
        SNAS_TRY(look_in(mem, row, path, out));
        return out->kind == NOTHING ? refuse_folder(mem, row, path) : SNAS_OK;
    }
    if (!snas_file_is(path)) {
        return snas_fail(SNAS_E_DATA, "no file or folder '%s' to read %s from; get the binary version with %s", path,
                         row->title, row->script);
    }
    if (snas_ends(path, ".bin")) {
        return snas_fail(SNAS_E_DATA, "'%s' is one file of %s, give the folder that holds all %d", path, row->title,
                         row->file_count);
    }
    *out = (place){path, is_python_file(row, path) ? PYTHON : ARCHIVE};
    return SNAS_OK;
}

/* No path given: $SNAS_DATA, then data/. The python version counts only when the binary one is nowhere. */
static snas_status find_by_custom(snas_arena *mem, const cifar_row *row, place *out)
{
    const char *variable = getenv("SNAS_DATA");
    const bool set = variable != NULL && variable[0] != '\0';
    const char *const folders[2] = {set ? variable : NULL, "data"};
    place python = {NULL, NOTHING};
    for (int i = 0; i < 2; i++) {
        if (folders[i] == NULL) {
            continue;
        }
        SNAS_TRY(look_in(mem, row, folders[i], out));
        if (out->kind == FOLDER || out->kind == ARCHIVE) {
            return SNAS_OK;
        }
        if (out->kind == PYTHON && python.kind == NOTHING) {
            python = *out;
        }
    }
    *out = python;
    if (python.kind == PYTHON) {
        return SNAS_OK;
    }
    return snas_fail(SNAS_E_DATA,
                     "%s not found: looked in 'data' and in $SNAS_DATA, which is %s%s%s; get the "
                     "binary version with %s, or say where it is",
                     row->title, set ? "'" : "", set ? variable : "not set", set ? "'" : "", row->script);
}

snas_status cifar_find(snas_arena *mem, const cifar_row *row, const char *path, cifar_place *out)
{
    place found = {NULL, NOTHING};
    SNAS_TRY(path != NULL ? find_at(mem, row, path, &found) : find_by_custom(mem, row, &found));
    if (found.kind == PYTHON) {
        return cifar_refuse_python(row, found.path);
    }
    *out = (cifar_place){.path = found.path, .archive = found.kind == ARCHIVE};
    return SNAS_OK;
}
