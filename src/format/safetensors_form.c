/* safetensors_form.c -- the header of a safetensors file as it is written: metadata, an entry a tensor, spaces to the
 * end. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "safetensors_header.h"
#include "snas/base/text.h"

enum { BUFFER_ALIGNMENT = 64 };

/* The metadata, ours last. The header's own checksum is still zeros; *crc_at tells where. */
static void add_metadata(snas_text *text, const snas_tensor_file *file, uint32_t buffer_crc, size_t *crc_at)
{
    snas_text_add(text, "{\"__metadata__\":{");
    for (int i = 0; i < file->metadata_count; i++) {
        const snas_metadata *row = &file->metadata[i];
        if (strcmp(row->key, FORMAT_CRC_BUFFER) == 0 || strcmp(row->key, FORMAT_CRC_HEADER) == 0) {
            continue; /* of the file that these tensors came from */
        }
        snas_text_add_json(text, row->key);
        snas_text_add(text, ":");
        snas_text_add_json(text, row->value);
        snas_text_add(text, ",");
    }
    snas_text_add(text, "\"%s\":\"%08" PRIx32 "\",\"%s\":\"", FORMAT_CRC_BUFFER, buffer_crc, FORMAT_CRC_HEADER);
    *crc_at = text->size;
    snas_text_add(text, "00000000\"}");
}

/* One entry; returns where the next tensor begins. */
static int64_t add_entry(snas_text *text, const snas_named_tensor *tensor, int64_t begin)
{
    const int64_t end = begin + (int64_t)format_tensor_bytes(tensor);
    snas_text_add(text, ",");
    snas_text_add_json(text, tensor->name);
    snas_text_add(text, ":{\"dtype\":\"%s\",\"shape\":[", snas_dtype_name(tensor->dtype));
    for (int k = 0; k < tensor->dims; k++) {
        snas_text_next(text, ",");
        snas_text_add(text, "%" PRId64, tensor->shape[k]);
    }
    snas_text_add(text, "],\"data_offsets\":[%" PRId64 ",%" PRId64 "]}", begin, end);
    return end;
}

/* A header after an N of zeros. */
typedef struct {
    snas_text text;
    size_t crc_at; /* where its own checksum goes */
    int64_t end;   /* size of the buffer that it describes */
} formed;

/* Padded to a multiple of 64 that is at least `least`. */
static snas_status form(snas_arena *mem, const snas_tensor_file *file, uint32_t buffer_crc, size_t least, formed *out)
{
    snas_text *text = &out->text;
    *out = (formed){.text = snas_text_make(mem)};
    snas_text_add_bytes(text, "\0\0\0\0\0\0\0", FORMAT_PREFIX_BYTES);
    add_metadata(text, file, buffer_crc, &out->crc_at);
    for (int i = 0; i < file->count; i++) {
        out->end = add_entry(text, &file->tensors[i], out->end);
    }
    snas_text_add(text, "}");
    while ((text->size % BUFFER_ALIGNMENT != 0 || text->size < least) && !text->failed) {
        snas_text_add(text, " ");
    }
    return snas_text_done(text);
}

snas_status format_header_form(snas_arena *mem, const char *path, const snas_tensor_file *file, uint32_t buffer_crc,
                               size_t least, snas_text *text)
{
    formed made;
    SNAS_TRY(form(mem, file, buffer_crc, least, &made));
    *text = made.text;
    const uint64_t N = text->size - FORMAT_PREFIX_BYTES;
    char *header = text->data + FORMAT_PREFIX_BYTES;
    if (N > FORMAT_HEADER_MAX) {
        return format_header_fail(path, "its header would have %" PRIu64 " bytes, allowed are %d", N,
                                  FORMAT_HEADER_MAX);
    }
    char digits[FORMAT_CRC_DIGITS + 1];
    memcpy(text->data, &N, sizeof N);
    snprintf(digits, sizeof digits, "%08" PRIx32, format_header_crc(N, header, text->data + made.crc_at));
    memcpy(text->data + made.crc_at, digits, FORMAT_CRC_DIGITS);
    format_header again;
    SNAS_TRY(format_header_parse(mem, path, header, (size_t)N, &again));
    return format_header_check(mem, path, &again, made.end);
}

snas_status format_header_room(snas_arena *mem, const snas_tensor_file *file, size_t *out)
{
    formed header;
    snas_tensor_file widest = *file;
    SNAS_NEW(mem, widest.tensors, file->count);
    for (int i = 0; i < file->count; i++) {
        snas_named_tensor *tensor = &widest.tensors[i];
        *tensor = file->tensors[i];
        tensor->count = FORMAT_NUMBER_MAX / (int64_t)snas_dtype_size(tensor->dtype);
        for (int k = 0; k < tensor->dims; k++) {
            tensor->shape[k] = FORMAT_NUMBER_MAX;
        }
    }
    SNAS_TRY(form(mem, &widest, 0, 0, &header));
    *out = header.text.size;
    return SNAS_OK;
}
