/* tfrecord.c -- records written and read, with their masked checksums. */
#include "snas/format/tfrecord.h"

#include <string.h>

#include "snas/format/safetensors.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written and read as they lie");

enum { HEAD_BYTES = 12, TAIL_BYTES = 4 }; /* length and its checksum; the checksum of the data */

/* A checksum of data that hold checksums would be weak: so those that are stored are masked. */
static uint32_t masked(uint32_t crc)
{
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

void snas_tfrecord_add(snas_text *records, const snas_protobuf *message)
{
    const snas_bytes *parts;
    int count;
    if (snas_protobuf_parts(message, &parts, &count) != SNAS_OK) {
        records->failed = true;
        return;
    }
    const uint64_t length = snas_protobuf_size(message);
    const uint32_t of_length = masked(snas_crc32c(0, &length, sizeof length));
    snas_text_add_bytes(records, &length, sizeof length);
    snas_text_add_bytes(records, &of_length, sizeof of_length);
    uint32_t crc = 0;
    for (int i = 0; i < count; i++) {
        crc = snas_crc32c(crc, parts[i].data, parts[i].size);
        snas_text_add_bytes(records, parts[i].data, parts[i].size);
    }
    crc = masked(crc);
    snas_text_add_bytes(records, &crc, sizeof crc);
}

bool snas_tfrecord_read(snas_bytes file, size_t at, snas_bytes *data, size_t *next)
{
    uint64_t length;
    uint32_t of_length, of_data;
    const char *bytes = file.data;
    if (at > file.size || file.size - at < HEAD_BYTES + TAIL_BYTES) {
        return false;
    }
    memcpy(&length, bytes + at, sizeof length);
    memcpy(&of_length, bytes + at + sizeof length, sizeof of_length);
    if (of_length != masked(snas_crc32c(0, &length, sizeof length)) ||
        length > file.size - at - HEAD_BYTES - TAIL_BYTES) {
        return false;
    }
    *data = (snas_bytes){.data = bytes + at + HEAD_BYTES, .size = (size_t)length};
    memcpy(&of_data, (const char *)data->data + data->size, sizeof of_data);
    *next = at + HEAD_BYTES + data->size + TAIL_BYTES;
    return of_data == masked(snas_crc32c(0, data->data, data->size));
}
