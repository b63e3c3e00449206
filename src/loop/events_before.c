/* events_before.c -- earlier event files: listed by their names, walked record by record, cut.
 *
 * The steps of a file's records never go down. So what is to stay is its beginning: up to the last record of a step
 * that the run still has, and no further than the first record that is not whole, where a process was killed.
 */
#include "events_before.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/format/tfrecord.h"

static const char PREFIX[] = "events.out.tfevents.", SUFFIX[] = ".snas";

const char *events_file_name(snas_arena *mem, const char *folder, int64_t seconds)
{
    return snas_format(mem, "%s/%s%010" PRId64 "%s", folder, PREFIX, seconds, SUFFIX);
}

/* The number in the name of one of our files; -1 for any other. */
static int64_t seconds_of(const char *name)
{
    char *end;
    if (!snas_starts(name, PREFIX) || !snas_ends(name, SUFFIX)) {
        return -1;
    }
    const long long seconds = strtoll(name + strlen(PREFIX), &end, 10);
    return strcmp(end, SUFFIX) == 0 && seconds >= 0 ? (int64_t)seconds : -1;
}

/* The step of an event as events.c forms it: nine bytes of wall time, then the step, which is left out when it is 0,
 * then what is told. 0 for the start of a process, which tells nothing of its step. */
static int64_t step_of(snas_bytes event)
{
    enum { WALL_TIME_BYTES = 9, STEP_TAG = 2 << 3, SUMMARY_TAG = 5 << 3 | 2 };
    const unsigned char *bytes = event.data;
    uint64_t step = 0;
    size_t at = WALL_TIME_BYTES + 1;
    if (event.size <= at || bytes[WALL_TIME_BYTES] != STEP_TAG) {
        return 0;
    }
    for (int shift = 0; at < event.size && shift < 63; shift += 7) {
        step |= (uint64_t)(bytes[at] & 127) << shift;
        if (bytes[at++] < 128) {
            break;
        }
    }
    return at < event.size && bytes[at] == SUMMARY_TAG ? (int64_t)step : 0;
}

/* The step of the record that begins at `at`, and its size; size 0 where no whole one begins. */
static snas_status read_record(snas_arena *mem, const snas_held *file, int64_t at, int64_t *step, int64_t *size)
{
    char head[SNAS_TFRECORD_HEAD];
    char *whole;
    snas_bytes event;
    *size = 0;
    if (file->size - at < SNAS_TFRECORD_HEAD) {
        return SNAS_OK;
    }
    SNAS_TRY(snas_held_read(file, at, sizeof head, head));
    const int64_t bytes = snas_tfrecord_size(head, file->size - at);
    if (bytes == 0) {
        return SNAS_OK;
    }
    SNAS_NEW(mem, whole, bytes);
    SNAS_TRY(snas_held_read(file, at, (size_t)bytes, whole));
    if (snas_tfrecord_check(whole, (size_t)bytes, &event)) {
        *step = step_of(event);
        *size = bytes;
    }
    return SNAS_OK;
}

/* Bytes of the file that stay; *last becomes the step of the last record among them, if that has one. */
static snas_status find_kept(snas_arena *mem, const snas_held *file, int64_t step, int64_t *kept, int64_t *last)
{
    int64_t at = 0, found, size;
    *kept = 0;
    do {
        const snas_mark mark = snas_arena_mark(mem);
        const snas_status status = read_record(mem, file, at, &found, &size);
        snas_arena_release(mem, mark);
        SNAS_TRY(status);
        at += size;
        if (size > 0 && found > 0 && found <= step) {
            *kept = at;
            *last = found > *last ? found : *last;
        }
    } while (size > 0 && found <= step);
    return SNAS_OK;
}

static snas_status cut(snas_arena *mem, const char *path, int64_t step, int64_t *last)
{
    snas_held *file;
    int64_t kept;
    SNAS_TRY(snas_link_refuse(path));
    SNAS_TRY(snas_held_open(mem, path, &file));
    SNAS_TRY(find_kept(mem, file, step, &kept, last));
    if (kept == 0) {
        return snas_file_remove(path);
    }
    return kept < file->size ? snas_file_cut(path, kept) : SNAS_OK;
}

/* The numbers of the files in the folder. */
static snas_status list(snas_arena *mem, const char *folder, int64_t **out, int *count)
{
    int room = 0;
    snas_status status = SNAS_OK;
    DIR *directory = opendir(folder);
    *out = NULL;
    *count = 0;
    if (directory == NULL) {
        return SNAS_OK; /* there is none yet; one that may not be read says so when it is written to */
    }
    for (const struct dirent *entry; status == SNAS_OK && (entry = readdir(directory)) != NULL;) {
        const int64_t seconds = seconds_of(entry->d_name);
        if (seconds >= 0) {
            int64_t *grown = snas_arena_grow(mem, *out, sizeof *grown, *count, &room);
            status = snas_taken(grown);
            *out = grown == NULL ? *out : grown;
            if (grown != NULL) {
                grown[(*count)++] = seconds;
            }
        }
    }
    closedir(directory);
    return status;
}

snas_status events_before_cut(snas_arena *mem, const char *folder, int64_t step, events_before *out)
{
    int64_t *files;
    int count;
    *out = (events_before){.last = -1};
    SNAS_TRY(list(mem, folder, &files, &count));
    for (int i = 0; i < count; i++) {
        const snas_mark mark = snas_arena_mark(mem);
        const char *path = events_file_name(mem, folder, files[i]);
        const snas_status status = path == NULL ? SNAS_E_MEMORY : cut(mem, path, step, &out->last);
        snas_arena_release(mem, mark);
        SNAS_TRY(status);
        out->newest = files[i] > out->newest ? files[i] : out->newest;
    }
    return SNAS_OK;
}
