/* cifar10.c -- CIFAR-10, binary version: five training files and a test file, in a folder or in its .tar.gz.
 *
 * A file is records of 3073 bytes: label (0..9), then 32 x 32 pixels as three planes R, G, B, row by row. Any whole number
 * of records is taken, at least one; the official files have 10,000. The planes become pixels [32][32][3].
 * Source: https://www.cs.toronto.edu/~kriz/cifar.html.
 */
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/format/targz.h"

enum { SIDE = 32, PIXELS = SIDE * SIDE, RECORD = 1 + 3 * PIXELS, CLASSES = 10 };
enum { FILES = 6, TRAIN_FILES = 5 };
static const size_t FILE_LIMIT = (size_t)256 << 20, ARCHIVE_LIMIT = (size_t)1 << 30; /* bytes */
static const char *const NAMES[FILES] = {
    "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
    "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin",
};
static const char *const CLASS_NAMES[CLASSES] = {
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
};
#define HOW_TO_GET "get the binary version with scripts/get-cifar10"

typedef enum { FOLDER, ARCHIVE, PICKLE } kind;

/* What may be found in a folder, best first: `probe` is there, then `use` is what we read. */
static const struct {
    const char *probe, *use;
    kind kind;
} PLACES[] = {
    {"data_batch_1.bin",                      ".",                      FOLDER },
    {"test_batch.bin",                        ".",                      FOLDER },
    {"cifar-10-batches-bin/data_batch_1.bin", "cifar-10-batches-bin",   FOLDER },
    {"cifar-10-batches-bin/test_batch.bin",   "cifar-10-batches-bin",   FOLDER },
    {"cifar-10-binary.tar.gz",                "cifar-10-binary.tar.gz", ARCHIVE},
    {"data_batch_1",                          "data_batch_1",           PICKLE },
    {"cifar-10-batches-py/data_batch_1",      "cifar-10-batches-py",    PICKLE },
    {"cifar-10-python.tar.gz",                "cifar-10-python.tar.gz", PICKLE },
};
enum { PLACE_COUNT = sizeof PLACES / sizeof *PLACES };

static snas_status refuse_pickle(const char *path)
{
    return snas_fail(SNAS_E_DATA,
                     "'%s' is the python version of CIFAR-10, download the binary version: "
                     "cifar-10-binary.tar.gz, which scripts/get-cifar10 fetches",
                     path);
}

/* Where to read: path NULL when the folder holds nothing of CIFAR-10. */
typedef struct {
    const char *path;
    kind kind;
} place;

static snas_status look_in(snas_arena *mem, const char *folder, place *out)
{
    *out = (place){NULL, FOLDER};
    for (int i = 0; i < PLACE_COUNT; i++) {
        const char *probe = snas_format(mem, "%s/%s", folder, PLACES[i].probe);
        if (probe == NULL) {
            return SNAS_E_MEMORY;
        }
        if (!snas_file_is(probe)) {
            continue;
        }
        const bool here = strcmp(PLACES[i].use, ".") == 0;
        const char *use = here ? folder : snas_format(mem, "%s/%s", folder, PLACES[i].use);
        *out = (place){use, PLACES[i].kind};
        return use == NULL ? SNAS_E_MEMORY : SNAS_OK;
    }
    return SNAS_OK;
}

/* A path that the user gave: a folder or an archive. */
static snas_status find_at(snas_arena *mem, const char *path, place *out)
{
    if (snas_folder_is(path)) {
        SNAS_TRY(look_in(mem, path, out));
        if (out->path == NULL) {
            return snas_fail(SNAS_E_DATA,
                             "no CIFAR-10 in '%s': looked for data_batch_1.bin, "
                             "cifar-10-batches-bin/ and cifar-10-binary.tar.gz; " HOW_TO_GET,
                             path);
        }
        return SNAS_OK;
    }
    if (!snas_file_is(path)) {
        return snas_fail(SNAS_E_DATA, "no file or folder '%s' to read CIFAR-10 from; " HOW_TO_GET,
                         path);
    }
    if (snas_ends(path, ".bin")) {
        return snas_fail(SNAS_E_DATA,
                         "'%s' is one file of CIFAR-10, give the folder that holds all %d", path,
                         FILES);
    }
    const bool pickle = snas_ends(path, "cifar-10-python.tar.gz") || snas_ends(path, "_batch") ||
                        strstr(path, "data_batch_") != NULL;
    *out = (place){path, pickle ? PICKLE : ARCHIVE};
    return SNAS_OK;
}

/* No path given: $SNAS_DATA, then data/. The python version counts only when the binary one is nowhere. */
static snas_status find_by_custom(snas_arena *mem, place *out)
{
    const char *variable = getenv("SNAS_DATA");
    const bool set = variable != NULL && variable[0] != '\0';
    const char *const folders[2] = {set ? variable : NULL, "data"};
    place pickle = {NULL, PICKLE};
    for (int i = 0; i < 2; i++) {
        if (folders[i] == NULL) {
            continue;
        }
        SNAS_TRY(look_in(mem, folders[i], out));
        if (out->path != NULL && out->kind != PICKLE) {
            return SNAS_OK;
        }
        if (out->path != NULL && pickle.path == NULL) {
            pickle = *out;
        }
    }
    *out = pickle;
    if (pickle.path != NULL) {
        return SNAS_OK;
    }
    return snas_fail(SNAS_E_DATA,
                     "CIFAR-10 not found: looked in 'data' and in $SNAS_DATA, which is %s%s%s; "
                     "" HOW_TO_GET ", or say where it is",
                     set ? "'" : "", set ? variable : "not set", set ? "'" : "");
}

/* The raw files, in the order of NAMES; data NULL while missing. */
typedef struct {
    snas_arena *mem;
    const char *path;
    snas_bytes raw[FILES];
} files;

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* A member of the archive: keep a copy when it is one of ours. */
static snas_status visit(void *context, const char *name, snas_bytes data)
{
    files *set = context;
    const char *last = last_name(name);
    if (strcmp(last, "data_batch_1") == 0) {
        return refuse_pickle(set->path);
    }
    for (int f = 0; f < FILES; f++) {
        if (strcmp(last, NAMES[f]) != 0) {
            continue;
        }
        if (set->raw[f].data != NULL) {
            return snas_fail(SNAS_E_DATA, "'%s' holds '%s' twice", set->path, NAMES[f]);
        }
        uint8_t *copy;
        SNAS_NEW(set->mem, copy, data.size);
        if (data.size > 0) {
            memcpy(copy, data.data, data.size);
        }
        set->raw[f] = (snas_bytes){copy, data.size};
    }
    return SNAS_OK;
}

static snas_status read_files(files *set, kind how)
{
    if (how == ARCHIVE) {
        SNAS_TRY(snas_targz_walk(set->mem, set->path, FILE_LIMIT, ARCHIVE_LIMIT, visit, set));
    }
    for (int f = 0; f < FILES; f++) {
        if (how == ARCHIVE && set->raw[f].data == NULL) {
            return snas_fail(SNAS_E_DATA, "'%s' holds no '%s'; " HOW_TO_GET, set->path, NAMES[f]);
        }
        if (how == ARCHIVE) {
            continue;
        }
        const char *path = snas_format(set->mem, "%s/%s", set->path, NAMES[f]);
        if (path == NULL) {
            return SNAS_E_MEMORY;
        }
        if (!snas_file_is(path)) {
            return snas_fail(SNAS_E_DATA, "'%s' is missing; " HOW_TO_GET, path);
        }
        SNAS_TRY(snas_file_read(set->mem, path, FILE_LIMIT, &set->raw[f]));
    }
    return SNAS_OK;
}

/* Whole records, and every label in range. */
static snas_status check_file(const files *set, int f)
{
    const snas_bytes raw = set->raw[f];
    if (raw.size == 0 || raw.size % RECORD != 0) {
        return snas_fail(
            SNAS_E_DATA,
            "'%s/%s' has %zu bytes, allowed are whole records of %d bytes: the file is "
            "truncated or no CIFAR-10",
            set->path, NAMES[f], raw.size, RECORD);
    }
    const uint8_t *record = raw.data;
    for (size_t i = 0; i < raw.size / RECORD; i++, record += RECORD) {
        if (record[0] >= CLASSES) {
            return snas_fail(SNAS_E_DATA,
                             "'%s/%s' has label %d in record %zu (from 0), allowed is 0 to %d",
                             set->path, NAMES[f], record[0], i, CLASSES - 1);
        }
    }
    return SNAS_OK;
}

/* Files first..end-1 as one set of pictures: planes [3][32][32] become pixels [32][32][3]. */
static snas_status decode(snas_arena *mem, const files *set, int first, int end, snas_pictures *out)
{
    size_t count = 0;
    for (int f = first; f < end; f++) {
        count += set->raw[f].size / RECORD;
    }
    uint8_t *pixels;
    int *labels;
    SNAS_NEW(mem, pixels, count * 3 * PIXELS);
    SNAS_NEW(mem, labels, count);
    *out = data_pictures_in_memory((int)count, SIDE, pixels, labels);
    for (int f = first; f < end; f++) {
        const uint8_t *record = set->raw[f].data;
        const uint8_t *stop = record + set->raw[f].size;
        for (; record < stop; record += RECORD, pixels += 3 * PIXELS) {
            *labels++ = record[0];
            for (int p = 0; p < PIXELS; p++) {
                for (int c = 0; c < 3; c++) {
                    pixels[p * 3 + c] = record[1 + c * PIXELS + p];
                }
            }
        }
    }
    return SNAS_OK;
}

/* Everything but the search for the place; `scratch` holds the raw files. */
static snas_status open_place(snas_arena *mem, snas_arena *scratch, place at, snas_dataset *out)
{
    files set = {.mem = scratch, .path = at.path};
    SNAS_TRY(read_files(&set, at.kind));
    for (int f = 0; f < FILES; f++) {
        SNAS_TRY(check_file(&set, f));
    }
    *out = (snas_dataset){
        .name = "cifar10",
        .classes = CLASSES,
        .class_names = CLASS_NAMES,
        .mean = {0.49139968f, 0.48215827f, 0.44653124f},
        .deviation = {0.24703233f, 0.24348505f, 0.26158768f}
    };
    SNAS_TRY(decode(mem, &set, 0, TRAIN_FILES, &out->train));
    SNAS_TRY(decode(mem, &set, TRAIN_FILES, FILES, &out->test));
    out->source = snas_format(mem, "CIFAR-10 from '%s': %d training and %d test pictures", at.path,
                              out->train.count, out->test.count);
    return out->source == NULL ? SNAS_E_MEMORY : SNAS_OK;
}

snas_status data_cifar10_open(snas_arena *mem, const snas_dataset_request *request,
                              snas_dataset *out)
{
    snas_arena *scratch;
    SNAS_TRY(snas_arena_create("CIFAR-10 files", 0, &scratch));
    place at = {NULL, FOLDER};
    snas_status status =
        request->path != NULL ? find_at(scratch, request->path, &at) : find_by_custom(scratch, &at);
    if (status == SNAS_OK) {
        status = at.kind == PICKLE ? refuse_pickle(at.path) : open_place(mem, scratch, at, out);
    }
    snas_arena_destroy(scratch);
    return status;
}
