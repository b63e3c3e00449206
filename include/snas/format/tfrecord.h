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

/** The data of the record that begins at `at` of `file`, and *next, where the one after it begins. False when there is
 *  no whole record with both of its checksums. */
bool snas_tfrecord_read(snas_bytes file, size_t at, snas_bytes *data, size_t *next);

#endif
