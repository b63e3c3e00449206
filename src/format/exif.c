/* exif.c -- how a picture is to be held: the one number of its EXIF data that says so.
 *
 *     "II" 42 | "MM" 42, the order of the bytes | offset of the first directory
 *     directory: count | count entries of 12 bytes: tag, type, how many, value
 *
 * Tag 0x0112 of type SHORT or LONG, one of them, is 1 to 8. Whatever else stands there, or nothing that can be read, is
 * 1: upright. Source: CIPA DC-008 (Exif 2.3), 4.6.
 */
#include <string.h>

#include "image_kinds.h"

enum { ORIENTATION = 0x0112, SHORT = 3, LONG = 4, HEAD_BYTES = 8, ENTRY_BYTES = 12, UPRIGHT = 1, LAST = 8 };

/* Bytes in one of two orders. */
typedef struct {
    const uint8_t *data;
    size_t size;
    bool little;
} reader;

/* The number of `bytes` bytes at `at`; 0 after the end. */
static uint32_t number(const reader *r, size_t at, size_t bytes)
{
    uint32_t value = 0;
    if (at > r->size || r->size - at < bytes) {
        return 0;
    }
    for (size_t i = 0; i < bytes; i++) {
        value = value << 8 | r->data[at + (r->little ? bytes - 1 - i : i)];
    }
    return value;
}

int format_exif_orientation(const uint8_t *data, size_t size)
{
    if (size < HEAD_BYTES || (memcmp(data, "II\x2a\0", 4) != 0 && memcmp(data, "MM\0\x2a", 4) != 0)) {
        return UPRIGHT;
    }
    const reader r = {.data = data, .size = size, .little = data[0] == 'I'};
    const size_t directory = number(&r, 4, 4);
    const uint32_t count = number(&r, directory, 2);
    for (uint32_t i = 0; i < count; i++) {
        const size_t entry = directory + 2 + (size_t)i * ENTRY_BYTES;
        if (number(&r, entry, 2) != ORIENTATION) {
            continue;
        }
        const uint32_t type = number(&r, entry + 2, 2), many = number(&r, entry + 4, 4);
        const uint32_t value = number(&r, entry + 8, type == LONG ? 4 : 2);
        const bool known = (type == SHORT || type == LONG) && many == 1 && value >= UPRIGHT && value <= LAST;
        return known ? (int)value : UPRIGHT;
    }
    return UPRIGHT;
}
