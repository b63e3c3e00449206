/* protobuf.h -- writes messages in the wire format of Protocol Buffers, without a schema.
 *
 *      message   a run of fields              field    varint of (number << 3 | wire type), then the value
 *      varint    7 bits a byte, the lowest first; the top bit says that another byte follows
 *      wire type 0: a varint, 1: 8 bytes, 2: a varint of the length and so many bytes, 5: 4 bytes; little-endian
 *
 * A nested message is opened and closed; its length is put before it when it is closed. Small values go into one buffer
 * that grows in an arena. Large ones, such as the weights of a network, may be borrowed: the message remembers where
 * they belong, and they are first read when the message is written to its file. So a message of any size costs the
 * memory of its small values.
 *
 * When memory is out, further additions do nothing and snas_protobuf_parts says so: a writer checks once, at its end.
 */
#ifndef SNAS_FORMAT_PROTOBUF_H
#define SNAS_FORMAT_PROTOBUF_H

#include <stdint.h>

#include "snas/base/file.h"
#include "snas/base/text.h"

/** Bytes that the caller owns, and where in the buffer of small values they belong. */
typedef struct {
    size_t before; /* bytes of the buffer that come before them */
    snas_bytes bytes;
} snas_protobuf_borrowed;

/** A message that is being written. Its fields are private. */
typedef struct {
    snas_text small; /* everything but the borrowed bytes */
    snas_protobuf_borrowed *borrowed;
    int borrowed_count, borrowed_room;
    size_t borrowed_size; /* bytes, all of them */
    bool failed;
} snas_protobuf;

/** An empty message in `mem`. */
snas_protobuf snas_protobuf_make(snas_arena *mem);

/** One value. A signed integer (int32, int64, an enumeration) is passed as it is: a negative one takes ten bytes. */
void snas_protobuf_int(snas_protobuf *message, int number, int64_t value);
void snas_protobuf_float(snas_protobuf *message, int number, float value);
void snas_protobuf_double(snas_protobuf *message, int number, double value);
void snas_protobuf_text(snas_protobuf *message, int number, const char *text);
void snas_protobuf_bytes(snas_protobuf *message, int number, snas_bytes bytes);

/** Bytes that are not copied: they stay the caller's, and unchanged until the message has been written. */
void snas_protobuf_borrow(snas_protobuf *message, int number, snas_bytes bytes);

/** A packed list of numbers; nothing at all when it is empty, as the format wants it. */
void snas_protobuf_ints(snas_protobuf *message, int number, const int64_t *values, int count);
void snas_protobuf_floats(snas_protobuf *message, int number, const float *values, int count);
void snas_protobuf_doubles(snas_protobuf *message, int number, const double *values, int count);

/** The place of a nested message that is open. Every one is closed, the innermost first. */
typedef struct {
    size_t start, borrowed_size;
    int borrowed_count;
} snas_protobuf_nested;
snas_protobuf_nested snas_protobuf_open(snas_protobuf *message, int number);
void snas_protobuf_close(snas_protobuf *message, snas_protobuf_nested nested);

/** Bytes of the whole message. */
size_t snas_protobuf_size(const snas_protobuf *message);

/** The message as parts that stand one after the other, for snas_file_replace; valid until the message grows. In the
 *  message's arena. SNAS_E_MEMORY. */
SNAS_MUST_CHECK snas_status snas_protobuf_parts(const snas_protobuf *message, const snas_bytes **parts, int *count);

#endif
