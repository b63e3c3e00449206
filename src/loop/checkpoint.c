/* checkpoint.c -- the whole state of a run as one table of named numbers, written and read by the same rows. */
#include "snas/loop/checkpoint.h"

#include <assert.h>
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snas/base/file.h"
#include "snas/base/log.h"
#include "snas/base/text.h"
#include "snas/base/version.h"
#include "snas/learn/class_names.h"

#define MODEL_PREFIX "model."
enum { METADATA_MAX = 9, IDENTITY_DIGITS = 8, CLASSES_BYTES_MAX = 4 << 20 /* of a header's 8 MiB */ };

/* Room for "step-", 19 digits and ".safetensors". */
typedef struct {
    char text[48];
} file_name;

void snas_checkpoint_add(snas_checkpoint *checkpoint, snas_checkpoint_row row)
{
    assert(checkpoint->count < SNAS_CHECKPOINT_ROWS_MAX);
    checkpoint->rows[checkpoint->count++] = row;
}

static int64_t count_of(const snas_checkpoint_row *row)
{
    int64_t count = 1;
    for (int i = 0; i < row->dims; i++) {
        count *= row->shape[i];
    }
    return count;
}

static file_name name_of(int64_t step)
{
    file_name name;
    snprintf(name.text, sizeof name.text, "step-%08" PRId64 ".safetensors", step);
    return name;
}

/* The step of a checkpoint's file name; -1 when it is another file. */
static int64_t step_of(const char *name)
{
    if (!snas_starts(name, "step-")) {
        return -1;
    }
    const int64_t step = strtoll(name + strlen("step-"), NULL, 10);
    return step >= 0 && strcmp(name_of(step).text, name) == 0 ? step : -1;
}

/* The largest step with a file in the folder that is at most `limit`; -1 when there is none. */
static int64_t newest_step(const char *folder, int64_t limit)
{
    int64_t newest = -1;
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        return -1;
    }
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        const int64_t step = step_of(entry->d_name);
        newest = step <= limit && step > newest ? step : newest;
    }
    closedir(directory);
    return newest;
}

int64_t snas_checkpoint_before(const char *folder, int64_t step)
{
    char checkpoints[PATH_MAX];
    snprintf(checkpoints, sizeof checkpoints, "%s/checkpoints", folder);
    return newest_step(checkpoints, step - 1);
}

snas_status snas_checkpoint_prune(snas_arena *mem, const snas_checkpoint *checkpoint, int64_t step)
{
    const char *folder = snas_format(mem, "%s/checkpoints", checkpoint->folder);
    SNAS_TRY(snas_taken(folder));
    int64_t at = step;
    for (int kept = 1; at >= 0; kept++) {
        at = newest_step(folder, at - 1);
        if (at >= 0 && kept >= checkpoint->keep && at != checkpoint->spared) {
            const char *path = snas_format(mem, "%s/%s", folder, name_of(at).text);
            SNAS_TRY(snas_taken(path));
            SNAS_TRY(snas_file_remove(path));
        }
    }
    return SNAS_OK;
}

static void add_rows(const snas_checkpoint *checkpoint, snas_named_tensor *to)
{
    for (int i = 0; i < checkpoint->count; i++) {
        const snas_checkpoint_row *row = &checkpoint->rows[i];
        to[i] = (snas_named_tensor){
            .name = row->name, .dtype = row->dtype, .dims = row->dims, .data = row->data, .count = count_of(row)};
        memcpy(to[i].shape, row->shape, (size_t)row->dims * sizeof row->shape[0]);
    }
}

/* Room for any int. */
typedef struct {
    char text[12];
} number_text;

static number_text text_of(int number)
{
    number_text text;
    snprintf(text.text, sizeof text.text, "%d", number);
    return text;
}

/* What the metadata's values lie in. */
typedef struct {
    number_text arithmetic, shards;
    char pictures[IDENTITY_DIGITS + 1];
    const char *classes;
} metadata_texts;

static int add_metadata(const snas_checkpoint *checkpoint, metadata_texts *texts, snas_metadata *to)
{
    int count = 0;
    texts->arithmetic = text_of(SNAS_ARITHMETIC);
    texts->shards = text_of(checkpoint->shards);
    to[count++] = (snas_metadata){"snas.command", checkpoint->command};
    to[count++] = (snas_metadata){"snas.config", checkpoint->config};
    to[count++] = (snas_metadata){"snas.arithmetic", texts->arithmetic.text};
    to[count++] = (snas_metadata){"snas.shards", texts->shards.text};
    if (checkpoint->genotype != NULL) {
        to[count++] = (snas_metadata){"snas.genotype", checkpoint->genotype};
    }
    if (checkpoint->division != NULL) {
        to[count++] = (snas_metadata){"snas.division", checkpoint->division};
    }
    if (checkpoint->pictures != 0) {
        snprintf(texts->pictures, sizeof texts->pictures, "%08" PRIx32, checkpoint->pictures);
        to[count++] = (snas_metadata){"snas.pictures", texts->pictures};
    }
    if (texts->classes != NULL && strlen(texts->classes) <= CLASSES_BYTES_MAX) {
        to[count++] = (snas_metadata){"snas.classes", texts->classes};
    }
    if (checkpoint->sum.text[0] != '\0') {
        to[count++] = (snas_metadata){SNAS_METRICS_SUM_KEY, checkpoint->sum.text};
    }
    return count;
}

static snas_status write_file(snas_arena *mem, const snas_checkpoint *checkpoint, const char *path)
{
    static const snas_tensor_file none = {0};
    const snas_tensor_file *extra = checkpoint->extra == NULL ? &none : checkpoint->extra;
    const int model_count = snas_network_tensor_count(checkpoint->network);
    metadata_texts texts;
    snas_tensor_file file = {.count = model_count + checkpoint->count};
    SNAS_TRY(snas_class_names_write(mem, checkpoint->class_names, checkpoint->classes, &texts.classes));
    SNAS_NEW(mem, file.tensors, file.count + extra->count);
    SNAS_NEW(mem, file.metadata, METADATA_MAX + extra->metadata_count);
    SNAS_TRY(snas_network_tensors(mem, checkpoint->network, MODEL_PREFIX, file.tensors));
    add_rows(checkpoint, file.tensors + model_count);
    file.metadata_count = add_metadata(checkpoint, &texts, file.metadata);
    for (int i = 0; i < extra->count; i++) {
        file.tensors[file.count++] = extra->tensors[i];
    }
    for (int i = 0; i < extra->metadata_count; i++) {
        file.metadata[file.metadata_count++] = extra->metadata[i];
    }
    return snas_safetensors_save_nofollow(mem, path, &file);
}

snas_status snas_checkpoint_save(snas_arena *mem, const snas_checkpoint *checkpoint, int64_t step)
{
    const file_name name = name_of(step);
    const char *folder = snas_format(mem, "%s/checkpoints", checkpoint->folder);
    const char *path = snas_format(mem, "%s/checkpoints/%s", checkpoint->folder, name.text);
    const char *latest = snas_format(mem, "%s/checkpoints/LATEST", checkpoint->folder);
    const char *line = snas_format(mem, "%s\n", name.text);
    SNAS_TRY(snas_taken(folder));
    SNAS_TRY(snas_taken(path));
    SNAS_TRY(snas_taken(latest));
    SNAS_TRY(snas_taken(line));
    SNAS_TRY(snas_link_refuse(folder));
    SNAS_TRY(snas_folder_make(folder));
    SNAS_TRY(write_file(mem, checkpoint, path));
    SNAS_TRY(snas_file_replace_text_nofollow(latest, line));
    const snas_status pruned = snas_checkpoint_prune(mem, checkpoint, step);
    if (pruned == SNAS_E_IO) {
        snas_log(SNAS_LOG_WARNING, "an old checkpoint stays: %s", snas_error());
    }
    return pruned == SNAS_E_IO ? SNAS_OK : pruned;
}

snas_status snas_checkpoint_go_back(snas_arena *mem, const snas_checkpoint *checkpoint, const char **name)
{
    const char *folder = snas_format(mem, "%s/checkpoints", checkpoint->folder);
    const char *latest = snas_format(mem, "%s/checkpoints/LATEST", checkpoint->folder);
    SNAS_TRY(snas_taken(folder));
    SNAS_TRY(snas_taken(latest));
    const int64_t step = newest_step(folder, checkpoint->spared);
    *name = step < 0 ? NULL : snas_format(mem, "%s", name_of(step).text);
    const char *line = snas_format(mem, "%s\n", name_of(step < 0 ? 0 : step).text);
    SNAS_TRY(line == NULL || (step >= 0 && *name == NULL) ? SNAS_E_MEMORY : SNAS_OK);
    return newest_step(folder, INT64_MAX) < 0 ? SNAS_OK : snas_file_replace_text_nofollow(latest, line);
}

snas_status snas_checkpoint_newest(snas_arena *mem, const char *folder, const char **path)
{
    const char *checkpoints = snas_format(mem, "%s/checkpoints", folder);
    const char *latest = snas_format(mem, "%s/checkpoints/LATEST", folder);
    SNAS_TRY(snas_taken(checkpoints));
    SNAS_TRY(snas_taken(latest));
    int64_t step;
    if (snas_file_is(latest)) {
        snas_bytes text;
        SNAS_TRY(snas_file_read(mem, latest, sizeof((file_name *)0)->text, &text));
        char *name = snas_format(mem, "%.*s", (int)strcspn(text.data, "\r\n"), (const char *)text.data);
        SNAS_TRY(snas_taken(name));
        step = step_of(name);
        if (step < 0) {
            char shown[128];
            return snas_fail(SNAS_E_IO, "'%s' names no checkpoint: it says '%s', where '%s' is the form", latest,
                             snas_printable(shown, sizeof shown, name), name_of(1234).text);
        }
    } else {
        step = newest_step(checkpoints, INT64_MAX);
    }
    *path = NULL;
    if (step >= 0) {
        *path = snas_format(mem, "%s/%s", checkpoints, name_of(step).text);
        SNAS_TRY(snas_taken(*path));
    }
    if (step == 0 && !snas_file_is(*path)) {
        *path = NULL; /* the run went back to its beginning */
    }
    return SNAS_OK;
}

/* The newest steps that have a file, newest first. */
static void list_steps(snas_text *text, const char *checkpoints)
{
    enum { MOST = 12 };
    int64_t at = newest_step(checkpoints, INT64_MAX);
    for (int i = 0; at >= 0; i++, at = newest_step(checkpoints, at - 1)) {
        if (i == MOST) {
            snas_text_add(text, " and earlier ones");
            return;
        }
        snas_text_add(text, "%s%" PRId64, i == 0 ? "" : ", ", at);
    }
}

snas_status snas_checkpoint_at(snas_arena *mem, const char *folder, int64_t step, const char **path)
{
    const char *checkpoints = snas_format(mem, "%s/checkpoints", folder);
    SNAS_TRY(snas_taken(checkpoints));
    *path = snas_format(mem, "%s/%s", checkpoints, name_of(step).text);
    SNAS_TRY(snas_taken(*path));
    if (snas_file_is(*path)) {
        return SNAS_OK;
    }
    snas_text steps = snas_text_make(mem);
    list_steps(&steps, checkpoints);
    SNAS_TRY(snas_text_done(&steps));
    return snas_fail(SNAS_E_USAGE, "the run '%s' has no checkpoint of step %" PRId64 ", allowed: %s", folder, step,
                     steps.size == 0 ? "none, it has no checkpoint at all" : steps.data);
}

/* What to do about a broken checkpoint: the sentence that is recorded, and the way on. */
static snas_status offer_previous(snas_arena *mem, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder = snas_format(mem, "%.*s", slash == NULL ? 1 : (int)(slash - path), slash == NULL ? "." : path);
    SNAS_TRY(snas_taken(folder));
    const int64_t step = step_of(slash == NULL ? path : slash + 1);
    const int64_t before = newest_step(folder, step - 1);
    if (before < 0) {
        return snas_fail(SNAS_E_IO, "the checkpoint cannot be used and there is none before it: %s", snas_error());
    }
    return snas_fail(SNAS_E_IO,
                     "the checkpoint cannot be used: %s; to go on from the one before it, write "
                     "'%s' into '%s/LATEST'",
                     snas_error(), name_of(before).text, folder);
}

snas_status snas_checkpoint_read(snas_arena *mem, const char *path, snas_tensor_file *out)
{
    const snas_status status = snas_safetensors_load(mem, path, out);
    return status == SNAS_OK || status == SNAS_E_MEMORY ? status : offer_previous(mem, path);
}

snas_status snas_saved_fault(snas_status status)
{
    return status == SNAS_E_DATA || status == SNAS_E_NUMERIC ? SNAS_E_IO : status;
}

static snas_status restore_row(const snas_checkpoint_row *row, const char *path, const snas_tensor_file *file)
{
    const snas_named_tensor *tensor = snas_tensor_find(file, row->name);
    if (tensor == NULL && row->optional) {
        return SNAS_OK;
    }
    if (tensor == NULL) {
        return snas_fail(SNAS_E_IO, "the checkpoint '%s' has no tensor '%s'", path, row->name);
    }
    const int64_t count = count_of(row);
    if (tensor->dtype != row->dtype || tensor->count != count) {
        return snas_fail(SNAS_E_IO,
                         "the tensor '%s' of the checkpoint '%s' is %" PRId64 " numbers of type %s, where this "
                         "config needs %" PRId64 " of type %s",
                         row->name, path, tensor->count, snas_dtype_name(tensor->dtype), count,
                         snas_dtype_name(row->dtype));
    }
    SNAS_TRY(snas_tensor_finite(tensor));
    memcpy(row->data, tensor->data, (size_t)count * snas_dtype_size(row->dtype));
    return SNAS_OK;
}

static snas_status restore_all(const snas_checkpoint *checkpoint, const char *path, const snas_tensor_file *file)
{
    for (int i = 0; i < checkpoint->count; i++) {
        SNAS_TRY(restore_row(&checkpoint->rows[i], path, file));
    }
    return snas_network_load(checkpoint->network, file, MODEL_PREFIX, true);
}

/* The run goes on to the bytes that it would have had: by the same arithmetic, */
static snas_status check_arithmetic(const char *path, const snas_tensor_file *file)
{
    char shown[32];
    const char *then = snas_metadata_find(file, "snas.arithmetic");
    return then != NULL && strcmp(then, text_of(SNAS_ARITHMETIC).text) == 0
               ? SNAS_OK
               : snas_fail(SNAS_E_USAGE,
                           "'%s' was written by a version of this program whose steps have other bytes (arithmetic %s, "
                           "here %d), so the run cannot go on here; go on with the version that began it, or begin a "
                           "new run ('snas derive', 'eval' and 'predict' read what the old one has)",
                           path, then == NULL ? "1" : snas_printable(shown, sizeof shown, then), SNAS_ARITHMETIC);
}

/* with as many shards, */
static snas_status check_shards(const snas_checkpoint *checkpoint, const char *path, const snas_tensor_file *file)
{
    char shown[32];
    const char *then = snas_metadata_find(file, "snas.shards");
    return then != NULL && strcmp(then, text_of(checkpoint->shards).text) == 0
               ? SNAS_OK
               : snas_fail(
                     SNAS_E_USAGE,
                     "'%s' was written by a run with %s shards, its config now says %d: a run keeps its number of "
                     "shards; put 'shards' back, or begin a new run",
                     path, then == NULL ? "an unknown number of" : snas_printable(shown, sizeof shown, then),
                     checkpoint->shards);
}

/* and with the pictures that the checkpoint was written with, as far as both are known. */
static snas_status check_pictures(const snas_checkpoint *checkpoint, const char *path, const snas_tensor_file *file)
{
    char now[IDENTITY_DIGITS + 1], shown[32];
    const char *then = snas_metadata_find(file, "snas.pictures");
    if (then == NULL || checkpoint->pictures == 0) {
        return SNAS_OK;
    }
    snprintf(now, sizeof now, "%08" PRIx32, checkpoint->pictures);
    return strcmp(then, now) == 0 ? SNAS_OK
                                  : snas_fail(SNAS_E_DATA,
                                              "the data set has changed since '%s' was written: names and classes of "
                                              "its pictures had the checksum %s and have %s now; put the pictures "
                                              "back, or begin a new run",
                                              path, snas_printable(shown, sizeof shown, then), now);
}

snas_status snas_checkpoint_restore(snas_arena *mem, const snas_checkpoint *checkpoint, const char *path,
                                    const snas_tensor_file *file, bool *same_config)
{
    const char *command = snas_metadata_find(file, "snas.command");
    const char *config = snas_metadata_find(file, "snas.config");
    if (command == NULL || config == NULL) {
        snas_record("'%s' does not say by which command and under which config it was written", path);
        return offer_previous(mem, path);
    }
    if (strcmp(command, checkpoint->command) != 0) {
        return snas_fail(SNAS_E_USAGE, "'%s' was written by 'snas %s', not by 'snas %s'", path, command,
                         checkpoint->command);
    }
    SNAS_TRY(check_arithmetic(path, file));
    SNAS_TRY(check_shards(checkpoint, path, file));
    SNAS_TRY(snas_class_names_check(mem, path, snas_metadata_find(file, "snas.classes"), checkpoint->class_names,
                                    checkpoint->classes));
    SNAS_TRY(check_pictures(checkpoint, path, file));
    const snas_status status = snas_saved_fault(restore_all(checkpoint, path, file));
    if (status != SNAS_OK) {
        return status == SNAS_E_IO ? offer_previous(mem, path) : status;
    }
    *same_config = strcmp(config, checkpoint->config) == 0;
    return SNAS_OK;
}
