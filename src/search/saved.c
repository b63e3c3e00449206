/* saved.c -- a checkpoint of a search, opened to be read by something else than the search itself. */
#include "saved.h"

#include <string.h>

#include "snas/base/file.h"
#include "snas/loop/checkpoint.h"

static snas_status find(snas_arena *mem, const char *folder, int64_t step, const char **path)
{
    if (!snas_folder_is(folder)) {
        return snas_fail(SNAS_E_IO, "there is no run in '%s'", folder);
    }
    if (step != SEARCH_NEWEST) {
        return snas_checkpoint_at(mem, folder, step, path);
    }
    SNAS_TRY(snas_checkpoint_newest(mem, folder, path));
    return *path != NULL ? SNAS_OK : snas_fail(SNAS_E_IO, "the run '%s' has no checkpoint yet", folder);
}

static snas_status read_step(search_saved *saved)
{
    const snas_named_tensor *tensor = snas_tensor_find(&saved->file, "state.global_step");
    if (tensor == NULL || tensor->dtype != SNAS_I64 || tensor->count != 1) {
        return snas_fail(SNAS_E_IO, "the checkpoint '%s' does not say its step", saved->path);
    }
    memcpy(&saved->step, tensor->data, sizeof saved->step);
    return SNAS_OK;
}

snas_status search_saved_open(snas_arena *mem, const char *folder, int64_t step, search_saved *out)
{
    SNAS_TRY(find(mem, folder, step, &out->path));
    SNAS_TRY(snas_checkpoint_read(mem, out->path, &out->file));
    const char *command = snas_metadata_find(&out->file, "snas.command");
    if (command == NULL || strcmp(command, "search") != 0) {
        return snas_fail(SNAS_E_USAGE, "'%s' is no run of 'snas search'", folder);
    }
    return read_step(out);
}

bool search_is_unranked(const snas_tensor_file *file)
{
    const snas_named_tensor *done = snas_tensor_find(file, "random.done");
    return done != NULL && done->dtype == SNAS_I64 && done->count == 1 && ((const int64_t *)done->data)[0] == 0;
}
