/* protobuf.c -- fields of a message into a buffer; lengths put in when a nested message closes.
 *
 * An open message has one byte of room for its length. A longer length moves what stands behind it, which is only the
 * small values of that message: with a nesting of d, a byte moves d times at most.
 */
#include "snas/format/protobuf.h"

#include <assert.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they lie");

enum { VARINT_BYTES = 10 };
typedef enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_SIZED = 2, WIRE_32 = 5 } wire_type;

/* --- the wire ----------------------------------------------------------------------------------------------------- */

/* Write the varint of `value`; its bytes. */
static size_t form_varint(unsigned char to[VARINT_BYTES], uint64_t value)
{
    size_t size = 0;
    for (; value >= 128; value >>= 7) {
        to[size++] = (unsigned char)(value | 128);
    }
    to[size++] = (unsigned char)value;
    return size;
}

static void add_varint(snas_protobuf *message, uint64_t value)
{
    unsigned char bytes[VARINT_BYTES];
    const size_t size = form_varint(bytes, value);
    snas_text_add_bytes(&message->small, bytes, size);
}

static void add_tag(snas_protobuf *message, int number, wire_type type)
{
    assert(number >= 1);
    add_varint(message, (uint64_t)number << 3 | (uint64_t)type);
}

static void add_sized(snas_protobuf *message, int number, const void *data, size_t size)
{
    add_tag(message, number, WIRE_SIZED);
    add_varint(message, size);
    snas_text_add_bytes(&message->small, data, size);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

snas_protobuf snas_protobuf_make(snas_arena *mem)
{
    return (snas_protobuf){.small = snas_text_make(mem)};
}

void snas_protobuf_int(snas_protobuf *message, int number, int64_t value)
{
    add_tag(message, number, WIRE_VARINT);
    add_varint(message, (uint64_t)value);
}

void snas_protobuf_float(snas_protobuf *message, int number, float value)
{
    add_tag(message, number, WIRE_32);
    snas_text_add_bytes(&message->small, &value, sizeof value);
}

void snas_protobuf_double(snas_protobuf *message, int number, double value)
{
    add_tag(message, number, WIRE_64);
    snas_text_add_bytes(&message->small, &value, sizeof value);
}

void snas_protobuf_text(snas_protobuf *message, int number, const char *text)
{
    add_sized(message, number, text, strlen(text));
}

void snas_protobuf_bytes(snas_protobuf *message, int number, snas_bytes bytes)
{
    add_sized(message, number, bytes.data, bytes.size);
}

void snas_protobuf_ints(snas_protobuf *message, int number, const int64_t *values, int count)
{
    if (count == 0) {
        return;
    }
    const snas_protobuf_nested list = snas_protobuf_open(message, number);
    for (int i = 0; i < count; i++) {
        add_varint(message, (uint64_t)values[i]);
    }
    snas_protobuf_close(message, list);
}

void snas_protobuf_floats(snas_protobuf *message, int number, const float *values, int count)
{
    if (count > 0) {
        add_sized(message, number, values, (size_t)count * sizeof *values);
    }
}

void snas_protobuf_doubles(snas_protobuf *message, int number, const double *values, int count)
{
    if (count > 0) {
        add_sized(message, number, values, (size_t)count * sizeof *values);
    }
}

/* Remember where `bytes` belong; false when memory is out. */
static bool remember(snas_protobuf *message, snas_bytes bytes)
{
    snas_protobuf_borrowed *grown = snas_arena_grow(message->small.mem, message->borrowed, sizeof *grown,
                                                    message->borrowed_count, &message->borrowed_room);
    if (grown == NULL) {
        return false;
    }
    message->borrowed = grown;
    grown[message->borrowed_count++] = (snas_protobuf_borrowed){.before = message->small.size, .bytes = bytes};
    message->borrowed_size += bytes.size;
    return true;
}

void snas_protobuf_borrow(snas_protobuf *message, int number, snas_bytes bytes)
{
    add_tag(message, number, WIRE_SIZED);
    add_varint(message, bytes.size);
    message->failed = !remember(message, bytes) || message->failed;
}

/* --- nested messages ---------------------------------------------------------------------------------------------- */

snas_protobuf_nested snas_protobuf_open(snas_protobuf *message, int number)
{
    add_tag(message, number, WIRE_SIZED);
    const snas_protobuf_nested nested = {.start = message->small.size,
                                         .borrowed_size = message->borrowed_size,
                                         .borrowed_count = message->borrowed_count};
    snas_text_add_bytes(&message->small, "", 1);
    return nested;
}

void snas_protobuf_close(snas_protobuf *message, snas_protobuf_nested nested)
{
    unsigned char length[VARINT_BYTES];
    snas_text *small = &message->small;
    if (small->failed) {
        return;
    }
    const size_t first = nested.start + 1, own = small->size - first;
    const size_t size = form_varint(length, own + message->borrowed_size - nested.borrowed_size);
    snas_text_add_bytes(small, length, size - 1); /* room for what does not fit */
    if (small->failed) {
        return;
    }
    memmove(small->data + nested.start + size, small->data + first, own);
    memcpy(small->data + nested.start, length, size);
    for (int i = nested.borrowed_count; i < message->borrowed_count; i++) {
        message->borrowed[i].before += size - 1;
    }
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

size_t snas_protobuf_size(const snas_protobuf *message)
{
    return message->small.size + message->borrowed_size;
}

snas_status snas_protobuf_parts(const snas_protobuf *message, const snas_bytes **parts, int *count)
{
    const snas_text *small = &message->small;
    SNAS_TRY(message->failed ? SNAS_E_MEMORY : snas_text_done(small));
    snas_bytes *all;
    SNAS_NEW(small->mem, all, 2 * message->borrowed_count + 1);
    size_t at = 0;
    *count = 0;
    for (int i = 0; i < message->borrowed_count; i++) {
        const snas_protobuf_borrowed *borrowed = &message->borrowed[i];
        all[(*count)++] = (snas_bytes){.data = small->data + at, .size = borrowed->before - at};
        all[(*count)++] = borrowed->bytes;
        at = borrowed->before;
    }
    all[(*count)++] = (snas_bytes){.data = small->data + at, .size = small->size - at};
    *parts = all;
    return SNAS_OK;
}
