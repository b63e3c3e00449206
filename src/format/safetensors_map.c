/* safetensors_map.c -- a safetensors file that stays where it is: its header read and checked, its tensors read on
 * request. */
#include <inttypes.h>
#include <string.h>

#include "safetensors_header.h"
#include "snas/base/text.h"
#include "snas/format/foreign.h"
#include "snas/format/tensor_pieces.h"

static const size_t PIECE_BYTES = (size_t)1 << 20; /* that a check reads at a time */

/* The N and the header, *text in the arena. */
static snas_status read_header(snas_arena *mem, const snas_held *file, uint64_t *N, char **text)
{
    if (file->size < FORMAT_PREFIX_BYTES) {
        return format_header_fail(file->path, "%" PRId64 " bytes are too few", file->size);
    }
    SNAS_TRY(snas_held_read(file, 0, sizeof *N, N));
    if (*N > FORMAT_HEADER_MAX || *N > (uint64_t)file->size - FORMAT_PREFIX_BYTES) {
        return format_header_fail(file->path,
                                  "its header claims %" PRIu64 " bytes, the file has %" PRId64 ", allowed are %d", *N,
                                  file->size, FORMAT_HEADER_MAX);
    }
    SNAS_NEW(mem, *text, (size_t)*N + 1);
    return snas_held_read(file, FORMAT_PREFIX_BYTES, (size_t)*N, *text);
}

/* Is this a file of another kind? A header that fits and begins as one answers it without a look at the kinds. */
static snas_status check_kind(const snas_held *file)
{
    char head[SNAS_FOREIGN_BYTES];
    uint64_t N;
    const size_t size = file->size < SNAS_FOREIGN_BYTES ? (size_t)file->size : SNAS_FOREIGN_BYTES;
    SNAS_TRY(snas_held_read(file, 0, size, head));
    if (size > FORMAT_PREFIX_BYTES) {
        memcpy(&N, head, sizeof N);
        if (head[FORMAT_PREFIX_BYTES] == '{' && N <= FORMAT_HEADER_MAX) {
            return SNAS_OK;
        }
    }
    const char *foreign = size > 0 && head[0] == '{' ? "a JSON text" : snas_foreign((snas_bytes){head, size});
    return foreign == NULL ? SNAS_OK : format_header_fail(file->path, "it is %s", foreign);
}

static snas_status place_tensors(snas_arena *mem, const format_header *header, snas_tensor_map *out)
{
    int64_t *place;
    SNAS_NEW(mem, out->head.tensors, header->count);
    SNAS_NEW(mem, place, header->count);
    for (int i = 0; i < header->count; i++) {
        out->head.tensors[i] = header->entries[i].tensor;
        place[i] = out->buffer + header->entries[i].begin;
    }
    out->head.count = header->count;
    out->head.metadata = header->metadata;
    out->head.metadata_count = header->metadata_count;
    out->place = place;
    return SNAS_OK;
}

snas_status snas_tensor_map_open(snas_arena *mem, const char *path, snas_tensor_map *out)
{
    uint64_t N;
    char *text = NULL;
    format_header header;
    snas_held *file;
    *out = (snas_tensor_map){0};
    SNAS_TRY(snas_held_open(mem, path, &file));
    SNAS_TRY(check_kind(file));
    SNAS_TRY(read_header(mem, file, &N, &text));
    out->file = file;
    out->buffer = FORMAT_PREFIX_BYTES + (int64_t)N;
    SNAS_TRY(format_header_parse(mem, path, text, (size_t)N, &header));
    SNAS_TRY(format_header_check(mem, path, &header, file->size - out->buffer));
    SNAS_TRY(format_header_check_crc(path, text, N, &header, &out->buffer_said));
    return place_tensors(mem, &header, out);
}

int snas_tensor_map_find(const snas_tensor_map *map, const char *name)
{
    for (int i = 0; i < map->head.count; i++) {
        if (strcmp(map->head.tensors[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

snas_status snas_tensor_map_read(const snas_tensor_map *map, int i, void *to)
{
    return snas_held_read(map->file, map->place[i], format_tensor_bytes(&map->head.tensors[i]), to);
}

snas_status snas_tensor_map_check(snas_arena *mem, const snas_tensor_map *map)
{
    char *piece;
    uint32_t crc = 0;
    if (map->buffer_said == NULL) {
        return SNAS_OK;
    }
    SNAS_NEW(mem, piece, PIECE_BYTES);
    for (int64_t at = map->buffer; at < map->file->size; at += (int64_t)PIECE_BYTES) {
        const int64_t left = map->file->size - at;
        const size_t size = left < (int64_t)PIECE_BYTES ? (size_t)left : PIECE_BYTES;
        SNAS_TRY(snas_held_read(map->file, at, size, piece));
        crc = snas_crc32c(crc, piece, size);
    }
    return format_crc_check(map->file->path, "buffer", crc, map->buffer_said);
}
