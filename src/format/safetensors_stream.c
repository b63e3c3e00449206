/* safetensors_stream.c -- a safetensors file written piece by piece: room for the header, the tensors, then the header.
 *
 * The room is what the header would take with the largest numbers in it, so it fits whatever the shapes turn out to be.
 * Small pieces are gathered in front of the system.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "safetensors_header.h"
#include "snas/base/checked.h"
#include "snas/base/text.h"
#include "snas/format/tensor_pieces.h"

enum { GATHERED_MAX = 256 * 1024 }; /* bytes */

struct snas_tensor_writer {
    snas_arena *mem;
    snas_draft draft;
    snas_tensor_file file; /* shapes and counts as tensors are closed */
    size_t room;           /* of the header and its N */
    uint32_t crc;          /* of the buffer so far */
    int at;                /* the tensor at hand */
    int64_t bytes, all;    /* of it; of the buffer */
    size_t gathered;
    char *gather; /* [GATHERED_MAX] */
};

static void discard(void *what)
{
    snas_tensor_writer *writer = what;
    snas_draft_discard(&writer->draft);
}

static snas_status flush(snas_tensor_writer *writer)
{
    const size_t size = writer->gathered;
    writer->gathered = 0;
    return snas_draft_write(&writer->draft, writer->gather, size);
}

/* Zeros where the header will stand. */
static snas_status write_room(snas_tensor_writer *writer)
{
    for (size_t left = writer->room; left > 0;) {
        const size_t size = left < GATHERED_MAX ? left : GATHERED_MAX;
        SNAS_TRY(snas_draft_write(&writer->draft, writer->gather, size));
        left -= size;
    }
    return SNAS_OK;
}

snas_status snas_tensor_writer_open(snas_arena *mem, const char *path, const snas_tensor_file *plan,
                                    snas_tensor_writer **out)
{
    snas_tensor_writer *writer;
    SNAS_NEW(mem, writer, 1);
    SNAS_NEW(mem, writer->gather, GATHERED_MAX);
    writer->mem = mem;
    writer->file = *plan;
    SNAS_NEW(mem, writer->file.tensors, plan->count);
    memcpy(writer->file.tensors, plan->tensors, (size_t)plan->count * sizeof *plan->tensors);
    SNAS_TRY(format_header_room(mem, plan, &writer->room));
    SNAS_TRY(snas_draft_open(&writer->draft, path));
    const snas_status status = snas_arena_close_with(mem, discard, writer);
    if (status != SNAS_OK) {
        discard(writer);
        return status;
    }
    *out = writer;
    return write_room(writer);
}

snas_status snas_tensor_writer_add(snas_tensor_writer *writer, const void *data, size_t size)
{
    assert(writer->at < writer->file.count);
    writer->crc = snas_crc32c(writer->crc, data, size);
    writer->bytes += (int64_t)size;
    if (writer->gathered + size > GATHERED_MAX) {
        SNAS_TRY(flush(writer));
    }
    if (size > GATHERED_MAX) {
        return snas_draft_write(&writer->draft, data, size);
    }
    if (size > 0) {
        memcpy(writer->gather + writer->gathered, data, size);
        writer->gathered += size;
    }
    return SNAS_OK;
}

void snas_tensor_writer_close(snas_tensor_writer *writer, const int64_t *shape)
{
    snas_named_tensor *tensor = &writer->file.tensors[writer->at++];
    tensor->count = 1;
    for (int k = 0; k < tensor->dims; k++) {
        tensor->shape[k] = shape[k];
        tensor->count *= shape[k];
    }
    assert((int64_t)format_tensor_bytes(tensor) == writer->bytes);
    writer->all += writer->bytes;
    writer->bytes = 0;
}

snas_status snas_tensor_writer_commit(snas_tensor_writer *writer, int64_t *bytes)
{
    snas_text text;
    assert(writer->at == writer->file.count);
    SNAS_TRY(format_header_form(writer->mem, writer->draft.path, &writer->file, writer->crc, writer->room, &text));
    assert(text.size == writer->room);
    SNAS_TRY(flush(writer));
    SNAS_TRY(snas_draft_write_at(&writer->draft, 0, text.data, text.size));
    *bytes = (int64_t)writer->room + writer->all;
    return snas_draft_commit(&writer->draft);
}
