/* safetensors_header.h -- the JSON header of a safetensors file as plain rows, before they are held against the file.
 * */
#ifndef SNAS_FORMAT_SAFETENSORS_HEADER_H
#define SNAS_FORMAT_SAFETENSORS_HEADER_H

#include "snas/base/text.h"
#include "snas/format/safetensors.h"

/* The layout's numbers, and the two keys of ours in the metadata. */
enum { FORMAT_PREFIX_BYTES = 8, FORMAT_HEADER_MAX = 8 << 20, FORMAT_CRC_DIGITS = 8 };
#define FORMAT_NUMBER_MAX (((int64_t)1 << 48) - 1) /* of a dimension or an offset */
#define FORMAT_CRC_BUFFER "snas.crc32c"
#define FORMAT_CRC_HEADER "snas.header.crc32c"

typedef struct {
    snas_named_tensor tensor; /* data still NULL */
    int64_t begin, end;       /* within the buffer, end exclusive */
} format_entry;

typedef struct {
    format_entry *entries; /* in the order of the header */
    int count;
    snas_metadata *metadata;
    int metadata_count;
    const char *header_crc; /* the eight digits of FORMAT_CRC_HEADER inside the raw header; NULL when there are none */
} format_header;

/** Parse `size` bytes of header into the arena. `path` is for messages. SNAS_E_DATA on any fault: syntax, a twice-given
 *  name or key, an unknown dtype, a number outside 0..2^48-1, more than 8 dimensions. */
SNAS_MUST_CHECK snas_status format_header_parse(snas_arena *mem, const char *path, const char *text, size_t size,
                                                format_header *out);

/** Hold the rows against the buffer's size and set each tensor's count: no hole, no overlap, nothing left over, every
 *  size as its shape says. `mem` is scratch. */
SNAS_MUST_CHECK snas_status format_header_check(snas_arena *mem, const char *path, const format_header *header,
                                                int64_t buffer_size);

/** CRC of the N and the header, with the digits at `digits` (inside `header`) taken as zeros. */
uint32_t format_header_crc(uint64_t N, const char *header, const char *digits);

/** Both checksums are there or none, and the header's is right; *buffer_said: the buffer's digits, NULL for none. */
SNAS_MUST_CHECK snas_status format_header_check_crc(const char *path, const char *text, uint64_t N,
                                                    const format_header *header, const char **buffer_said);

/** SNAS_E_DATA unless `said` is `found` in digits; `what` is "header" or "buffer". */
SNAS_MUST_CHECK snas_status format_crc_check(const char *path, const char *what, uint32_t found, const char *said);

size_t format_tensor_bytes(const snas_named_tensor *tensor);

/** The N and the header of a file with these tensors, with spaces after it up to a multiple of 64 that is at least
 *  `least`. What is formed is read back, so that no file is written that cannot be loaded. */
SNAS_MUST_CHECK snas_status format_header_form(snas_arena *mem, const char *path, const snas_tensor_file *file,
                                               uint32_t buffer_crc, size_t least, snas_text *text);

/** What that takes at most, in bytes, whatever the tensors' shapes. */
SNAS_MUST_CHECK snas_status format_header_room(snas_arena *mem, const snas_tensor_file *file, size_t *out);

/** SNAS_E_DATA: "'path' is not a good safetensors file: ...", printf form. */
snas_status format_header_fail(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
