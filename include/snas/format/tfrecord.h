/* tfrecord.h -- records one after the other, each with its length and checksums, as in TensorBoard's event files.
 *
 *      u64 length | u32 mask(crc32c(length)) | data | u32 mask(crc32c(data))        all little-endian
 *      mask(c) = (c >> 15 | c << 17) + 0xa282ead8
 */
#ifndef SNAS_FORMAT_TFRECORD_H
#define SNAS_FORMAT_TFRECORD_H

#include "snas/format/protobuf.h"

/** Add a message as a record; borrowed bytes are copied. Without memory snas_text_done(records) says so. */
void snas_tfrecord_add(snas_text *records, const snas_protobuf *message);

enum { SNAS_TFRECORD_HEAD = 12 }; /* bytes: length and its checksum */

/** Bytes of the whole record that begins with `head` [SNAS_TFRECORD_HEAD] and has at most `left` bytes; 0 when there is
 *  none: a length with a wrong checksum, or one that goes beyond. */
int64_t snas_tfrecord_size(const void *head, int64_t left);

/** The data of a record of that size; false when their checksum is wrong. */
bool snas_tfrecord_check(const void *record, size_t size, snas_bytes *data);

#endif
