/* cifar.c -- CIFAR-10 and CIFAR-100, binary version: records in files, in a folder or in its .tar.gz.
 *
 *     record    label bytes, then 32 x 32 pixels as three planes R, G, B, row by row
 *
 * CIFAR-10 has one label byte, CIFAR-100 two: coarse, fine. Any whole number of records is taken, at least one a file.
 * The planes become pixels [32][32][3]. A check walks the same way as opening does, and goes on after a fault.
 */
#include "cifar.h"

#include <assert.h>
#include <string.h>

#include "snas/base/text.h"
#include "snas/format/targz.h"

static const size_t FILE_LIMIT = (size_t)256 << 20, ARCHIVE_LIMIT = (size_t)1 << 30; /* bytes */
enum { LABEL_FAULTS_MAX = 10 }; /* that a check tells one by one, a file */

/* What has been read; data NULL where a file is missing. */
typedef struct {
    const cifar_row *row;
    snas_arena *mem;
    const char *path;
    snas_bytes raw[CIFAR_FILES_MAX];
    snas_bytes names[CIFAR_LABELS_MAX];
    const snas_fault_sink *sink; /* NULL: the first fault ends it */
} cifar;

/* A fault of the files: the end of an opening, one of many in a check. */
static snas_status found(const cifar *set, snas_status fault)
{
    if (set->sink == NULL || (fault != SNAS_E_DATA && fault != SNAS_E_IO)) {
        return fault;
    }
    set->sink->fault(set->sink->context, snas_error());
    return SNAS_OK;
}

static int record_size(const cifar_row *row)
{
    return row->label_bytes + CIFAR_PIXELS;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* Where a file of that name is kept; NULL: it is none of ours. */
static snas_bytes *room_for(cifar *set, const char *name)
{
    for (int f = 0; f < set->row->file_count; f++) {
        if (strcmp(name, set->row->files[f]) == 0) {
            return &set->raw[f];
        }
    }
    for (int b = 0; b < set->row->label_bytes; b++) {
        if (strcmp(name, set->row->labels[b].names_file) == 0) {
            return &set->names[b];
        }
    }
    return NULL;
}

/* A member of the archive: keep a copy when it is one of ours. */
static snas_status visit(void *context, const char *name, snas_bytes data)
{
    cifar *set = context;
    const char *slash = strrchr(name, '/');
    const char *last = slash == NULL ? name : slash + 1;
    if (strcmp(last, set->row->python_file) == 0) {
        return cifar_refuse_python(set->row, set->path);
    }
    snas_bytes *room = room_for(set, last);
    if (room == NULL) {
        return SNAS_OK;
    }
    if (room->data != NULL) {
        return found(set, snas_fail(SNAS_E_DATA, "'%s' holds '%s' twice", set->path, last));
    }
    uint8_t *copy;
    SNAS_NEW(set->mem, copy, data.size + 1); /* names end in 0 */
    if (data.size > 0) {
        memcpy(copy, data.data, data.size);
    }
    *room = (snas_bytes){copy, data.size};
    return SNAS_OK;
}

static snas_status read_archive(cifar *set)
{
    SNAS_TRY(found(set, snas_targz_walk(set->mem, set->path, FILE_LIMIT, ARCHIVE_LIMIT, visit, set)));
    for (int f = 0; f < set->row->file_count; f++) {
        if (set->raw[f].data == NULL) {
            SNAS_TRY(found(set, snas_fail(SNAS_E_DATA, "'%s' holds no '%s'; get the binary version with %s", set->path,
                                          set->row->files[f], set->row->script)));
        }
    }
    return SNAS_OK;
}

static snas_status read_file(const cifar *set, const char *name, bool needed, snas_bytes *out)
{
    const char *path = snas_format(set->mem, "%s/%s", set->path, name);
    SNAS_TRY(snas_taken(path));
    if (!snas_file_is(path)) {
        return needed
                   ? snas_fail(SNAS_E_DATA, "'%s' is missing; get the binary version with %s", path, set->row->script)
                   : SNAS_OK;
    }
    return snas_file_read(set->mem, path, FILE_LIMIT, out);
}

static snas_status read_folder(cifar *set)
{
    for (int f = 0; f < set->row->file_count; f++) {
        SNAS_TRY(found(set, read_file(set, set->row->files[f], true, &set->raw[f])));
    }
    for (int b = 0; b < set->row->label_bytes; b++) {
        SNAS_TRY(found(set, read_file(set, set->row->labels[b].names_file, false, &set->names[b])));
    }
    return SNAS_OK;
}

/* --- the records -------------------------------------------------------------------------------------------------- */

static size_t record_count(const cifar *set, int f)
{
    return set->raw[f].size / (size_t)record_size(set->row);
}

static snas_status check_size(const cifar *set, int f)
{
    const size_t size = set->raw[f].size, record = (size_t)record_size(set->row);
    const char *name = set->row->files[f];
    if (size == 0 || size % record != 0) {
        return found(set, snas_fail(SNAS_E_DATA,
                                    "'%s/%s' has %zu bytes, allowed are whole records of %zu bytes: the "
                                    "file is truncated or no %s",
                                    set->path, name, size, record, set->row->title));
    }
    return SNAS_OK;
}

/* Every label in range. */
static snas_status check_labels(const cifar *set, int f)
{
    const cifar_row *row = set->row;
    const uint8_t *record = set->raw[f].data;
    const size_t count = record_count(set, f);
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++, record += record_size(row)) {
        for (int b = 0; b < row->label_bytes; b++) {
            const cifar_labels *labels = &row->labels[b];
            if (record[b] < labels->classes || wrong++ >= LABEL_FAULTS_MAX) {
                continue;
            }
            SNAS_TRY(found(set, snas_fail(SNAS_E_DATA, "'%s/%s' has %s %d in record %zu (from 0), allowed is 0 to %d",
                                          set->path, row->files[f], labels->what, record[b], i, labels->classes - 1)));
        }
    }
    return wrong <= LABEL_FAULTS_MAX ? SNAS_OK
                                     : found(set, snas_fail(SNAS_E_DATA, "'%s/%s' has %zu more labels out of range",
                                                            set->path, row->files[f], wrong - LABEL_FAULTS_MAX));
}

static snas_status check_files(const cifar *set)
{
    for (int f = 0; f < set->row->file_count; f++) {
        if (set->raw[f].data != NULL) {
            SNAS_TRY(check_size(set, f));
            SNAS_TRY(check_labels(set, f));
        }
    }
    return SNAS_OK;
}

/* Planes [3][32][32] become pixels [32][32][3]. */
static void interleave(const uint8_t *planes, uint8_t *pixels)
{
    enum { PLANE = CIFAR_PIXELS / 3 };
    for (int p = 0; p < PLANE; p++) {
        for (int c = 0; c < 3; c++) {
            pixels[p * 3 + c] = planes[c * PLANE + p];
        }
    }
}

/* Files first..end-1 by their paths, with the number of the first picture of each. */
static snas_status list_sources(snas_arena *mem, const cifar *set, int first, int end, const snas_picture_source **out)
{
    snas_picture_source *sources;
    size_t count = 0;
    SNAS_NEW(mem, sources, end - first + 1);
    for (int f = first; f < end; f++) {
        const char *path = snas_format(mem, "%s/%s", set->path, set->row->files[f]);
        SNAS_TRY(snas_taken(path));
        sources[f - first] = (snas_picture_source){.path = path, .unit = "record", .first = (int)count};
        count += record_count(set, f);
    }
    *out = sources;
    return SNAS_OK;
}

/* Files first..end-1 as one set of pictures. */
static snas_status decode(snas_arena *mem, const cifar *set, int label_byte, int first, int end, snas_pictures *out)
{
    size_t count = 0;
    for (int f = first; f < end; f++) {
        count += record_count(set, f);
    }
    uint8_t *pixels;
    int *labels;
    SNAS_NEW(mem, pixels, count * CIFAR_PIXELS);
    SNAS_NEW(mem, labels, count);
    *out = data_pictures_in_memory((int)count, CIFAR_SIDE, pixels, labels);
    SNAS_TRY(list_sources(mem, set, first, end, &out->sources));
    for (int f = first; f < end; f++) {
        const uint8_t *record = set->raw[f].data;
        for (size_t i = record_count(set, f); i > 0; i--, pixels += CIFAR_PIXELS) {
            *labels++ = record[label_byte];
            interleave(record + set->row->label_bytes, pixels);
            record += record_size(set->row);
        }
    }
    return SNAS_OK;
}

/* The classes' names: a line each of the file beside the pictures, or those of the row. */
static snas_status take_names(snas_arena *mem, const cifar *set, int label_byte, const char *const **out)
{
    const cifar_labels *labels = &set->row->labels[label_byte];
    *out = labels->names;
    if (set->names[label_byte].data == NULL) {
        return SNAS_OK;
    }
    const char **names, *text = set->names[label_byte].data;
    int count = 0;
    SNAS_NEW(mem, names, labels->classes);
    for (const char *line = text; *line != '\0'; line += strspn(line, "\r\n")) {
        const size_t length = strcspn(line, "\r\n");
        if (length > 0 && count < labels->classes) {
            names[count] = snas_format(mem, "%.*s", (int)length, line);
            SNAS_TRY(snas_taken(names[count]));
        }
        count += length > 0;
        line += length;
    }
    if (count != labels->classes) {
        return found(set, snas_fail(SNAS_E_DATA, "'%s/%s' has %d names, allowed is one a line of %d", set->path,
                                    labels->names_file, count, labels->classes));
    }
    *out = names;
    return SNAS_OK;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

/* Everything but the search for the place; set->mem holds the raw files. */
static snas_status open_place(snas_arena *mem, cifar *set, const cifar_place *at, int label_byte, snas_dataset *out)
{
    const cifar_row *row = set->row;
    const int tests = row->file_count - 1;
    SNAS_TRY(at->archive ? read_archive(set) : read_folder(set));
    SNAS_TRY(check_files(set));
    *out = (snas_dataset){.name = row->name, .classes = row->labels[label_byte].classes};
    memcpy(out->mean, row->mean, sizeof out->mean);
    memcpy(out->deviation, row->deviation, sizeof out->deviation);
    SNAS_TRY(take_names(mem, set, label_byte, &out->class_names));
    SNAS_TRY(decode(mem, set, label_byte, 0, tests, &out->train));
    SNAS_TRY(decode(mem, set, label_byte, tests, row->file_count, &out->test));
    out->source = snas_format(mem, "%s from '%s': %d training and %d test pictures of %d classes", row->title, at->path,
                              out->train.count, out->test.count, out->classes);
    return snas_taken(out->source);
}

static snas_status open_row(snas_arena *mem, const cifar_row *row, const snas_dataset_request *request,
                            snas_dataset *out)
{
    snas_arena *scratch;
    cifar_place at;
    const int label_byte = row->byte_of[request->labels];
    if (label_byte < 0) {
        return snas_fail(SNAS_E_USAGE, "%s has no %s labels, allowed is 'fine'", row->title,
                         snas_labels_names[request->labels]);
    }
    SNAS_TRY(snas_arena_create("the CIFAR files", 0, &scratch));
    snas_status status = cifar_find(scratch, row, request->path, &at);
    if (status == SNAS_OK) {
        cifar set = {.row = row, .mem = scratch, .path = at.path};
        status = open_place(mem, &set, &at, label_byte, out);
    }
    snas_arena_destroy(scratch);
    return status;
}

snas_status data_cifar10_open(snas_arena *mem, const snas_dataset_request *request, snas_dataset *out)
{
    return open_row(mem, &cifar_rows[0], request, out);
}

snas_status data_cifar100_open(snas_arena *mem, const snas_dataset_request *request, snas_dataset *out)
{
    return open_row(mem, &cifar_rows[1], request, out);
}

/* --- checking ----------------------------------------------------------------------------------------------------- */

/* File f holds what file g holds: it was copied over the other. */
static snas_status check_copy(const cifar *set, int f, int g)
{
    const snas_bytes a = set->raw[f], b = set->raw[g];
    if (a.size == 0 || a.size != b.size || memcmp(a.data, b.data, a.size) != 0) {
        return SNAS_OK;
    }
    return found(set, snas_fail(SNAS_E_DATA, "'%s/%s' and '%s' hold the same", set->path, set->row->files[f],
                                set->row->files[g]));
}

static snas_status check_copies(const cifar *set)
{
    for (int f = 0; f < set->row->file_count; f++) {
        for (int g = f + 1; g < set->row->file_count; g++) {
            SNAS_TRY(check_copy(set, f, g));
        }
    }
    return SNAS_OK;
}

enum { LABELS = 256, UNSEEN = -1, SAID = -2 };

/* Record i of file f: its fine class belongs to the coarse class that it belonged to before. */
static snas_status check_pair(const cifar *set, int f, size_t i, int *coarse_of)
{
    const uint8_t *record = (const uint8_t *)set->raw[f].data + i * (size_t)record_size(set->row);
    int *coarse = &coarse_of[record[1]];
    if (*coarse == UNSEEN) {
        *coarse = record[0];
    }
    if (*coarse == SAID || *coarse == record[0]) {
        return SNAS_OK;
    }
    const int before = *coarse;
    *coarse = SAID;
    return found(set, snas_fail(SNAS_E_DATA,
                                "'%s/%s' has fine label %d with coarse label %d in "
                                "record %zu (from 0), and with %d before",
                                set->path, set->row->files[f], record[1], record[0], i, before));
}

static snas_status check_pairs(const cifar *set)
{
    int coarse_of[LABELS];
    for (int i = 0; i < LABELS; i++) {
        coarse_of[i] = UNSEEN;
    }
    for (int f = 0; set->row->label_bytes == 2 && f < set->row->file_count; f++) {
        for (size_t i = 0; i < record_count(set, f); i++) {
            SNAS_TRY(check_pair(set, f, i, coarse_of));
        }
    }
    return SNAS_OK;
}

/* Whole records, but not as many as were published: no fault, for those who cut a set on purpose. */
static snas_status note_counts(const cifar *set)
{
    for (int f = 0; f < set->row->file_count; f++) {
        const size_t count = record_count(set, f);
        if (count == 0 || count == (size_t)set->row->records[f]) {
            continue;
        }
        const char *note = snas_format(set->mem, "'%s/%s' has %zu picture%s, the published file %d", set->path,
                                       set->row->files[f], count, count == 1 ? "" : "s", set->row->records[f]);
        SNAS_TRY(snas_taken(note));
        set->sink->note(set->sink->context, note);
    }
    return SNAS_OK;
}

static snas_status check_place(snas_arena *scratch, cifar *set, const cifar_place *at)
{
    const char *const *names;
    SNAS_TRY(at->archive ? read_archive(set) : read_folder(set));
    SNAS_TRY(check_files(set));
    for (int b = 0; b < set->row->label_bytes; b++) {
        SNAS_TRY(take_names(scratch, set, b, &names));
    }
    SNAS_TRY(check_copies(set));
    SNAS_TRY(check_pairs(set));
    return note_counts(set);
}

static snas_status check_row(const cifar_row *row, const snas_dataset_request *request, const snas_fault_sink *sink)
{
    snas_arena *scratch;
    cifar_place at = {0};
    SNAS_TRY(snas_arena_create("the CIFAR files", 0, &scratch));
    cifar set = {.row = row, .mem = scratch, .sink = sink};
    snas_status status = found(&set, cifar_find(scratch, row, request->path, &at));
    if (status == SNAS_OK && at.path != NULL) {
        set.path = at.path;
        status = check_place(scratch, &set, &at);
    }
    snas_arena_destroy(scratch);
    return status;
}

snas_status data_cifar10_check(const snas_dataset_request *request, const snas_fault_sink *sink)
{
    return check_row(&cifar_rows[0], request, sink);
}

snas_status data_cifar100_check(const snas_dataset_request *request, const snas_fault_sink *sink)
{
    return check_row(&cifar_rows[1], request, sink);
}
