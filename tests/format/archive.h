/* archive.h -- tests write .tar.gz archives with it, good ones and tricky ones. */
#ifndef SNAS_TESTS_ARCHIVE_H
#define SNAS_TESTS_ARCHIVE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

typedef struct {
    gzFile gz;
} archive;

static inline archive archive_open(const char *path)
{
    return (archive){.gz = gzopen(path, "wb")};
}

static inline void archive_close(archive *a, int zero_blocks)
{
    static const char ZERO[512];
    for (int i = 0; i < zero_blocks; i++) {
        gzwrite(a->gz, ZERO, 512);
    }
    gzclose(a->gz);
}

/* A header with a correct checksum; `size_field` is the 12 raw bytes of the size. */
static inline void archive_header(archive *a, const char *prefix, const char *name, char type,
                                  const char size_field[12])
{
    unsigned char h[512] = {0};
    unsigned sum = 0;
    strncpy((char *)h, name, 100);
    memcpy(h + 100, "0000644", 8);
    memcpy(h + 108, "0000000", 8);
    memcpy(h + 116, "0000000", 8);
    memcpy(h + 124, size_field, 12);
    memcpy(h + 136, "00000000000", 12);
    memset(h + 148, ' ', 8);
    h[156] = (unsigned char)type;
    memcpy(h + 257, "ustar\00000", 8);
    strncpy((char *)h + 345, prefix, 155);
    for (int i = 0; i < 512; i++) {
        sum += h[i];
    }
    snprintf((char *)h + 148, 8, "%06o", sum);
    gzwrite(a->gz, h, 512);
}

/* An entry of `size` bytes, header, data and padding. */
static inline void archive_add(archive *a, const char *prefix, const char *name, char type, const void *data,
                               unsigned size)
{
    static const char ZERO[512];
    char field[13];
    snprintf(field, sizeof field, "%011o", size);
    archive_header(a, prefix, name, type, field);
    gzwrite(a->gz, data, size);
    gzwrite(a->gz, ZERO, (512 - size % 512) % 512);
}

#endif
