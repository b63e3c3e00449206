/* safetensors_crc.c -- the two checksums of our own in a safetensors file: of the header, and of the buffer. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "safetensors_header.h"
#include "snas/base/text.h"

uint32_t format_header_crc(uint64_t N, const char *header, const char *digits)
{
    const size_t before = (size_t)(digits - header);
    uint32_t crc = snas_crc32c(0, &N, sizeof N);
    crc = snas_crc32c(crc, header, before);
    crc = snas_crc32c(crc, "00000000", FORMAT_CRC_DIGITS);
    return snas_crc32c(crc, digits + FORMAT_CRC_DIGITS, (size_t)N - before - FORMAT_CRC_DIGITS);
}

snas_status format_crc_check(const char *path, const char *what, uint32_t found, const char *said)
{
    char digits[FORMAT_CRC_DIGITS + 1];
    snprintf(digits, sizeof digits, "%08" PRIx32, found);
    if (strncmp(digits, said, FORMAT_CRC_DIGITS) == 0 && strlen(said) >= FORMAT_CRC_DIGITS) {
        return SNAS_OK;
    }
    char shown[512], said_shown[32];
    return snas_fail(SNAS_E_DATA, "'%s' is damaged: the checksum of its %s is %s, it should be %.8s",
                     snas_printable(shown, sizeof shown, path), what, digits,
                     snas_printable(said_shown, sizeof said_shown, said));
}

snas_status format_header_check_crc(const char *path, const char *text, uint64_t N, const format_header *header,
                                    const char **buffer_said)
{
    const snas_tensor_file view = {.metadata = header->metadata, .metadata_count = header->metadata_count};
    *buffer_said = snas_metadata_find(&view, FORMAT_CRC_BUFFER);
    if ((*buffer_said == NULL) != (header->header_crc == NULL)) {
        return format_header_fail(path, "it has only one of the checksums '%s' and '%s'", FORMAT_CRC_BUFFER,
                                  FORMAT_CRC_HEADER);
    }
    if (*buffer_said == NULL) {
        return SNAS_OK;
    }
    return format_crc_check(path, "header", format_header_crc(N, text, header->header_crc), header->header_crc);
}
