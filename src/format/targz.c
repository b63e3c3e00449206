/* targz.c -- the regular files of a .tar.gz in one pass: inflate, 512-byte headers, data.
 *
 *      archive = (header | data, padded to 512)* | two blocks of zeros        all of it in one or more gzip members
 *
 * Nothing is unpacked to disk. Links, folders, devices and the extended headers of pax and GNU are passed over (so a
 * name longer than ustar's 255 bytes is seen cut). The gzip checksum stands at the end of the archive: what a visitor
 * was given is certain only when the walk returns SNAS_OK.
 * Source: POSIX.1-2008 pax, "ustar Interchange Format".
 */
#include "snas/format/targz.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "snas/base/text.h"
#include "snas/format/foreign.h"
#include "zlib_memory.h"

enum {
    BLOCK = 512,
    INPUT_BYTES = 128 * 1024,
    NAME_BYTES = 100 + 1 + 155 + 1,
    ENTRIES_MAX = 1 << 16,    /* of the archive, so that headers alone cannot go on for ever */
    TAIL_BYTES_MAX = 16 << 20 /* zeros after the end, as tape blocks ask for */
};

/* A ustar header, byte for byte. */
typedef struct {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6], version[2],
        user[32], group[32], major[8], minor[8], prefix[155], padding[12];
} header;
_Static_assert(sizeof(header) == BLOCK, "a tar header is one block");

typedef struct {
    const char *path; /* for messages */
    int fd;
    z_stream z;
    unsigned char *input; /* [INPUT_BYTES] */
    bool input_ended, member_ended;
    size_t file_limit, total_left;
    int entries;
} reader;

static snas_status fail(const reader *r, const char *problem)
{
    char shown[512];
    return snas_fail(SNAS_E_DATA, "'%s' is not a good .tar.gz: %s", snas_printable(shown, sizeof shown, r->path),
                     problem);
}

/* What is no archive from its first byte on may be another thing. */
static snas_status fail_inflate(const reader *r)
{
    const snas_bytes head = {.data = r->input, .size = (size_t)(r->z.next_in - r->input) + r->z.avail_in};
    const char *foreign = r->entries == 0 && r->z.total_out == 0 ? snas_foreign(head) : NULL;
    char shown[512];
    if (foreign != NULL) {
        return snas_fail(SNAS_E_DATA, "'%s' is no .tar.gz: it is %s", snas_printable(shown, sizeof shown, r->path),
                         foreign);
    }
    return fail(r, r->z.msg != NULL ? r->z.msg : "broken compression");
}

/* Fill the input when it is empty. */
static snas_status refill(reader *r)
{
    if (r->z.avail_in > 0 || r->input_ended) {
        return SNAS_OK;
    }
    ssize_t n;
    do {
        n = snas_files.read(r->fd, r->input, INPUT_BYTES);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        char shown[512];
        const int reason = errno;
        return snas_fail(SNAS_E_IO, "cannot read '%s': %s", snas_printable(shown, sizeof shown, r->path),
                         strerror(reason));
    }
    r->input_ended = n == 0;
    r->z.next_in = r->input;
    r->z.avail_in = (uInt)n;
    return SNAS_OK;
}

/* Inflate up to `size` bytes; *got is less only at the end of the archive. */
static snas_status inflate_some(reader *r, void *to, size_t size, size_t *got)
{
    *got = 0;
    while (*got < size) {
        SNAS_TRY(refill(r));
        if (r->z.avail_in == 0 && r->member_ended) {
            return SNAS_OK;
        }
        if (r->z.avail_in == 0) {
            return fail(r, "it is cut off");
        }
        if (r->member_ended) { /* gzip allows several members one after the other */
            inflateReset(&r->z);
            r->member_ended = false;
        }
        const size_t left = size - *got;
        const uInt room = left > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uInt)left;
        r->z.next_out = (unsigned char *)to + *got;
        r->z.avail_out = room;
        const int result = inflate(&r->z, Z_NO_FLUSH);
        *got += room - r->z.avail_out;
        if (result == Z_MEM_ERROR) {
            return SNAS_E_MEMORY; /* recorded by the arena */
        }
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
            return fail_inflate(r);
        }
        r->member_ended = result == Z_STREAM_END;
    }
    return SNAS_OK;
}

/* Exactly `size` bytes. */
static snas_status inflate_all(reader *r, void *to, size_t size)
{
    size_t got;
    SNAS_TRY(inflate_some(r, to, size, &got));
    return got == size ? SNAS_OK : fail(r, "the archive ends within an entry");
}

/* An octal field: spaces, digits, then spaces or zeros. */
static bool parse_octal(const char *field, size_t size, uint64_t *out)
{
    size_t i = 0;
    *out = 0;
    while (i < size && field[i] == ' ') {
        i++;
    }
    const size_t first = i;
    for (; i < size && field[i] >= '0' && field[i] <= '7'; i++) {
        *out = *out << 3 | (uint64_t)(field[i] - '0'); /* 12 digits at most: 36 bits */
    }
    const bool any = i > first;
    while (i < size && (field[i] == ' ' || field[i] == '\0')) {
        i++;
    }
    return any && i == size;
}

/* The sum of the header's bytes with its own field read as spaces. */
static uint64_t header_sum(const header *h)
{
    const unsigned char *bytes = (const unsigned char *)h;
    uint64_t sum = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        const bool own = i >= offsetof(header, checksum) && i < offsetof(header, type);
        sum += own ? ' ' : bytes[i];
    }
    return sum;
}

static bool is_zero(const header *h)
{
    static const header ZERO;
    return memcmp(h, &ZERO, sizeof ZERO) == 0;
}

/* prefix/name without a leading "./"; absolute paths and ".." are tricks. */
static snas_status entry_name(const reader *r, const header *h, char name[NAME_BYTES])
{
    const bool is_posix = memcmp(h->magic, "ustar", sizeof h->magic) == 0;
    const int prefix = is_posix ? (int)strnlen(h->prefix, sizeof h->prefix) : 0;
    snprintf(name, NAME_BYTES, "%.*s%s%.*s", prefix, h->prefix, prefix > 0 ? "/" : "", (int)sizeof h->name, h->name);
    while (snas_starts(name, "./")) {
        memmove(name, name + 2, strlen(name + 2) + 1);
    }
    bool bad = name[0] == '/';
    for (const char *part = name; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        bad = bad || (snas_starts(part, "..") && (part[2] == '/' || part[2] == '\0'));
    }
    if (bad) {
        char shown[NAME_BYTES], problem[NAME_BYTES + 64];
        snprintf(problem, sizeof problem, "the path '%s' leads outside the archive",
                 snas_printable(shown, sizeof shown, name));
        return fail(r, problem);
    }
    return SNAS_OK;
}

/* Check the header and read its size and name. */
static snas_status read_header(const reader *r, const header *h, char name[NAME_BYTES], uint64_t *size)
{
    uint64_t sum;
    if (!parse_octal(h->checksum, sizeof h->checksum, &sum) || sum != header_sum(h)) {
        return fail(r, "a header's checksum is wrong");
    }
    SNAS_TRY(entry_name(r, h, name));
    char shown[NAME_BYTES], problem[NAME_BYTES + 128];
    snas_printable(shown, sizeof shown, name);
    if (!parse_octal(h->size, sizeof h->size, size)) {
        const bool is_binary = ((unsigned char)h->size[0] & 0x80) != 0;
        snprintf(problem, sizeof problem, "the size of '%s' is %s", shown,
                 is_binary ? "8 GiB or more" : "not an octal number");
        return fail(r, problem);
    }
    if (*size > r->file_limit || *size > r->total_left) {
        snprintf(problem, sizeof problem, "'%s' has %llu bytes, allowed are %zu a file and %zu more in all", shown,
                 (unsigned long long)*size, r->file_limit, r->total_left);
        return fail(r, problem);
    }
    return SNAS_OK;
}

/* After the end stand only zeros, and then the gzip checksum, which inflate holds against the data. */
static snas_status read_tail(reader *r, header *block)
{
    for (size_t bytes = 0, got = BLOCK; got > 0; bytes += got) {
        if (bytes > TAIL_BYTES_MAX) {
            return fail(r, "too much follows its end");
        }
        SNAS_TRY(inflate_some(r, block, BLOCK, &got));
    }
    return SNAS_OK;
}

/* The archive's file data live in `data`, one at a time. */
static snas_status walk(reader *r, snas_arena *data, snas_targz_visit visit, void *context)
{
    header h;
    char name[NAME_BYTES];
    const snas_mark start = snas_arena_mark(data);
    for (;;) {
        size_t got;
        uint64_t size = 0;
        SNAS_TRY(inflate_some(r, &h, BLOCK, &got));
        if (got < BLOCK) {
            return fail(r, "its end mark is missing");
        }
        if (is_zero(&h)) {
            return read_tail(r, &h);
        }
        if (r->entries++ == ENTRIES_MAX) {
            return fail(r, "more than 65536 entries");
        }
        SNAS_TRY(read_header(r, &h, name, &size));
        const size_t padded = ((size_t)size + BLOCK - 1) / BLOCK * BLOCK;
        char *bytes;
        snas_arena_release(data, start);
        SNAS_NEW(data, bytes, padded);
        SNAS_TRY(inflate_all(r, bytes, padded));
        r->total_left -= (size_t)size;
        const bool is_regular = h.type == '0' || h.type == '\0' || h.type == '7';
        if (is_regular && !snas_ends(name, "/")) {
            SNAS_TRY(visit(context, name, (snas_bytes){.data = bytes, .size = (size_t)size}));
        }
    }
}

snas_status snas_targz_walk(snas_arena *mem, const char *path, size_t file_limit, size_t total_limit,
                            snas_targz_visit visit, void *context)
{
    reader r = {.path = path, .file_limit = file_limit, .total_left = total_limit};
    r.z = format_zlib_stream(mem);
    SNAS_NEW(mem, r.input, INPUT_BYTES);
    if (inflateInit2(&r.z, 15 + 16) != Z_OK) { /* the largest window, and gzip's frame */
        return snas_fail(SNAS_E_MEMORY, "out of memory: cannot start to inflate '%s'", path);
    }
    snas_arena *data;
    SNAS_TRY(snas_arena_create("an archive", 0, &data));
    int64_t bytes;
    snas_status status = snas_file_open(path, &r.fd, &bytes);
    if (status == SNAS_OK) {
        status = walk(&r, data, visit, context);
        (void)snas_files.close(r.fd);
    }
    snas_arena_destroy(data);
    return status;
}
