/* gzip.c -- a whole file in memory, unpacked when it is gzip's.
 *
 *      file = member+,   member = header | deflated data | CRC-32 and size          the data of all members in order
 *
 * inflate holds the checksum and the size of a member against its data. Source: RFC 1952.
 */
#include "snas/format/gzip.h"

#include "snas/base/text.h"
#include "zlib_memory.h"

enum { PIECE = 1 << 16, WINDOW = 15 + 16 /* the largest window, and gzip's frame */ };

static snas_status damaged(const char *path, const char *problem)
{
    return snas_fail(SNAS_E_DATA, "'%s' is no good gzip file: %s", path, problem);
}

/* The next piece of unpacked data onto `to`. *ended: a member has ended. */
static snas_status unpack_piece(z_stream *z, const char *path, snas_text *to, bool *ended)
{
    unsigned char piece[PIECE];
    z->next_out = piece;
    z->avail_out = PIECE;
    const int result = inflate(z, Z_NO_FLUSH);
    const size_t size = PIECE - z->avail_out;
    if (result == Z_MEM_ERROR) {
        return SNAS_E_MEMORY; /* recorded by the arena */
    }
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return damaged(path, z->msg != NULL ? z->msg : "broken compression");
    }
    if (result != Z_STREAM_END && size == 0 && z->avail_in == 0) {
        return damaged(path, "it is cut off");
    }
    *ended = result == Z_STREAM_END;
    snas_text_add_bytes(to, piece, size);
    return SNAS_OK;
}

static snas_status unpack(snas_arena *mem, const char *path, size_t limit, snas_bytes *data)
{
    snas_text text = snas_text_make(mem);
    z_stream z = format_zlib_stream(mem);
    if (inflateInit2(&z, WINDOW) != Z_OK) {
        return snas_fail(SNAS_E_MEMORY, "out of memory: cannot start to unpack '%s'", path);
    }
    z.next_in = data->data;
    z.avail_in = (uInt)data->size;
    for (bool ended = false; z.avail_in > 0 || !ended;) {
        if (ended) {
            inflateReset(&z);
        }
        SNAS_TRY(unpack_piece(&z, path, &text, &ended));
        if (text.size > limit) {
            return snas_fail(SNAS_E_DATA, "'%s' unpacks to more than the %zu bytes that are allowed", path, limit);
        }
    }
    SNAS_TRY(snas_text_done(&text));
    *data = (snas_bytes){.data = text.data, .size = text.size};
    return SNAS_OK;
}

snas_status snas_gzip_read(snas_arena *mem, const char *path, size_t limit, snas_bytes *out)
{
    SNAS_TRY(snas_file_read(mem, path, limit, out));
    const unsigned char *first = out->data;
    return out->size >= 2 && first[0] == 0x1f && first[1] == 0x8b ? unpack(mem, path, limit, out) : SNAS_OK;
}
