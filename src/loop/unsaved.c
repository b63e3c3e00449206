/* unsaved.c -- tensor files of a run's folder that could not be written: kept until they can be. */
#include "snas/loop/unsaved.h"

#include <assert.h>
#include <string.h>

#include "snas/base/text.h"

#define PREFIX "unsaved."
enum { NAME_BYTES = 64, TEXTS_BYTES_MAX = 1 << 18 };
#define LETTERS "abcdefghijklmnopqrstuvwxyz-"

/* --- one file ----------------------------------------------------------------------------------------------------- */

static snas_unsaved_file *find(snas_unsaved *unsaved, const char *name)
{
    for (int i = 0; i < unsaved->count; i++) {
        if (strcmp(unsaved->files[i].name, name) == 0) {
            return &unsaved->files[i];
        }
    }
    return NULL;
}

static void drop(snas_unsaved *unsaved, const char *name)
{
    snas_unsaved_file *found = find(unsaved, name);
    if (found != NULL) {
        snas_arena_destroy(found->mem);
        *found = unsaved->files[--unsaved->count];
    }
}

static snas_status copy_tensor(snas_arena *mem, const snas_named_tensor *from, snas_named_tensor *to)
{
    const size_t size = snas_dtype_size(from->dtype), count = (size_t)from->count;
    void *data = snas_arena_take(mem, count, size);
    SNAS_TRY(snas_taken(data));
    memcpy(data, from->data, count * size);
    *to = *from;
    to->data = data;
    to->name = snas_format(mem, "%s", from->name);
    return snas_taken(to->name);
}

static snas_status copy_file(snas_arena *mem, const snas_tensor_file *from, snas_tensor_file *to)
{
    *to = (snas_tensor_file){.count = from->count, .metadata_count = from->metadata_count};
    SNAS_NEW(mem, to->tensors, from->count);
    SNAS_NEW(mem, to->metadata, from->metadata_count);
    for (int i = 0; i < from->count; i++) {
        SNAS_TRY(copy_tensor(mem, &from->tensors[i], &to->tensors[i]));
    }
    for (int i = 0; i < from->metadata_count; i++) {
        to->metadata[i].key = snas_format(mem, "%s", from->metadata[i].key);
        to->metadata[i].value = snas_format(mem, "%s", from->metadata[i].value);
        SNAS_TRY(snas_taken(to->metadata[i].key));
        SNAS_TRY(snas_taken(to->metadata[i].value));
    }
    return SNAS_OK;
}

/* Keep a copy, in the place of an older one. */
static snas_status keep(snas_unsaved *unsaved, const char *name, const snas_tensor_file *file)
{
    snas_unsaved_file kept;
    drop(unsaved, name);
    assert(unsaved->count < SNAS_UNSAVED_MAX);
    SNAS_TRY(snas_arena_create("weights that could not be written", 0, &kept.mem));
    kept.name = snas_format(kept.mem, "%s", name);
    const snas_status status = kept.name == NULL ? SNAS_E_MEMORY : copy_file(kept.mem, file, &kept.file);
    if (status != SNAS_OK) {
        snas_arena_destroy(kept.mem);
        return status;
    }
    unsaved->files[unsaved->count++] = kept;
    return SNAS_OK;
}

static snas_status write_file(snas_arena *mem, const char *folder, const char *name, const snas_tensor_file *file)
{
    const char *path = snas_format(mem, "%s/%s.safetensors", folder, name);
    return path == NULL ? SNAS_E_MEMORY : snas_safetensors_save_nofollow(mem, path, file);
}

snas_status snas_unsaved_write(snas_arena *mem, snas_unsaved *unsaved, const char *folder, const char *name,
                               const snas_tensor_file *file)
{
    snas_fault fault;
    const snas_status status = write_file(mem, folder, name, file);
    if (status == SNAS_E_IO) {
        snas_fault_keep(&fault, status);
        SNAS_TRY(keep(unsaved, name, file));
        return snas_fault_again(&fault);
    }
    if (status == SNAS_OK) {
        drop(unsaved, name);
    }
    return status;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

snas_status snas_unsaved_retry(snas_arena *mem, snas_unsaved *unsaved, const char *folder)
{
    snas_fault first = {0};
    for (int i = unsaved->count - 1; i >= 0; i--) {
        const snas_unsaved_file *kept = &unsaved->files[i];
        const snas_status status = write_file(mem, folder, kept->name, &kept->file);
        snas_fault_first(&first, status);
        if (status == SNAS_OK) {
            drop(unsaved, kept->name);
        }
    }
    return snas_fault_again(&first);
}

static int count_tensors(const snas_unsaved *unsaved, int *metadata)
{
    int tensors = 0;
    *metadata = 0;
    for (int i = 0; i < unsaved->count; i++) {
        tensors += unsaved->files[i].file.count;
        *metadata += unsaved->files[i].file.metadata_count;
    }
    return tensors;
}

static bool has_room(const snas_tensor_file *file)
{
    size_t bytes = 0;
    for (int i = 0; i < file->metadata_count; i++) {
        bytes += strlen(file->metadata[i].value);
    }
    return bytes <= TEXTS_BYTES_MAX;
}

snas_status snas_unsaved_pack(snas_arena *mem, const snas_unsaved *unsaved, snas_tensor_file *out)
{
    int metadata;
    const int tensors = count_tensors(unsaved, &metadata);
    *out = (snas_tensor_file){0};
    SNAS_NEW(mem, out->tensors, tensors);
    SNAS_NEW(mem, out->metadata, metadata);
    for (int f = 0; f < unsaved->count; f++) {
        const snas_unsaved_file *kept = &unsaved->files[f];
        if (!has_room(&kept->file)) {
            continue;
        }
        for (int i = 0; i < kept->file.count; i++) {
            snas_named_tensor *to = &out->tensors[out->count++];
            *to = kept->file.tensors[i];
            to->name = snas_format(mem, PREFIX "%s.%s", kept->name, kept->file.tensors[i].name);
            SNAS_TRY(snas_taken(to->name));
        }
        for (int i = 0; i < kept->file.metadata_count; i++) {
            snas_metadata *to = &out->metadata[out->metadata_count++];
            *to = kept->file.metadata[i];
            to->key = snas_format(mem, PREFIX "%s.%s", kept->name, kept->file.metadata[i].key);
            SNAS_TRY(snas_taken(to->key));
        }
    }
    return SNAS_OK;
}

/* Is it "unsaved.NAME.rest"? Then NAME goes to *name, "" for a name that no run has written. */
static bool read_name(const char *text, char name[NAME_BYTES])
{
    if (!snas_starts(text, PREFIX)) {
        return false;
    }
    const char *from = text + strlen(PREFIX);
    const size_t length = strspn(from, LETTERS);
    const bool known = length > 0 && length < NAME_BYTES && from[length] == '.';
    memcpy(name, from, known ? length : 0);
    name[known ? length : 0] = '\0';
    return true;
}

/* What the checkpoint holds under "unsaved.NAME.", as the file that it was. */
static snas_status unpack_file(snas_arena *mem, snas_unsaved *unsaved, const char *name,
                               const snas_tensor_file *checkpoint)
{
    const char *prefix = snas_format(mem, PREFIX "%s.", name);
    snas_tensor_file file = {0};
    SNAS_TRY(snas_taken(prefix));
    SNAS_NEW(mem, file.tensors, checkpoint->count);
    SNAS_NEW(mem, file.metadata, checkpoint->metadata_count);
    for (int i = 0; i < checkpoint->count; i++) {
        if (snas_starts(checkpoint->tensors[i].name, prefix)) {
            file.tensors[file.count] = checkpoint->tensors[i];
            file.tensors[file.count++].name += strlen(prefix);
        }
    }
    for (int i = 0; i < checkpoint->metadata_count; i++) {
        if (snas_starts(checkpoint->metadata[i].key, prefix)) {
            file.metadata[file.metadata_count] = checkpoint->metadata[i];
            file.metadata[file.metadata_count++].key += strlen(prefix);
        }
    }
    return keep(unsaved, name, &file);
}

snas_status snas_unsaved_unpack(snas_arena *mem, snas_unsaved *unsaved, const snas_tensor_file *checkpoint)
{
    char name[NAME_BYTES], shown[256];
    for (int i = 0; i < checkpoint->count; i++) {
        const char *text = checkpoint->tensors[i].name;
        if (!read_name(text, name) || (name[0] != '\0' && find(unsaved, name) != NULL)) {
            continue;
        }
        if (name[0] == '\0' || unsaved->count == SNAS_UNSAVED_MAX) {
            return snas_fail(SNAS_E_IO, "the checkpoint holds a tensor '%s', which no run has written",
                             snas_printable(shown, sizeof shown, text));
        }
        SNAS_TRY(unpack_file(mem, unsaved, name, checkpoint));
    }
    return SNAS_OK;
}

void snas_unsaved_drop(snas_unsaved *unsaved)
{
    while (unsaved->count > 0) {
        drop(unsaved, unsaved->files[0].name);
    }
}
