/* tfrecord.c -- records written and read, with their masked checksums. */
#include "snas/format/tfrecord.h"

#include <string.h>

#include "snas/format/safetensors.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written and read as they lie");

enum { FRAME_BYTES = SNAS_TFRECORD_HEAD + 4 }; /* and the checksum of the data */

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

int64_t snas_tfrecord_size(const void *head, int64_t left)
{
    uint64_t length;
    uint32_t crc;
    memcpy(&length, head, sizeof length);
    memcpy(&crc, (const char *)head + sizeof length, sizeof crc);
    const bool is_whole = left >= FRAME_BYTES && length <= (uint64_t)(left - FRAME_BYTES) &&
                          crc == masked(snas_crc32c(0, &length, sizeof length));
    return is_whole ? (int64_t)length + FRAME_BYTES : 0;
}

bool snas_tfrecord_check(const void *record, size_t size, snas_bytes *data)
{
    uint32_t crc;
    *data = (snas_bytes){.data = (const char *)record + SNAS_TFRECORD_HEAD, .size = size - FRAME_BYTES};
    memcpy(&crc, (const char *)data->data + data->size, sizeof crc);
    return crc == masked(snas_crc32c(0, data->data, data->size));
}
