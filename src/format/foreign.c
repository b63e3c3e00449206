/* foreign.c -- kinds of files that are met in the place of others, one row each, told by their first bytes. */
#include "snas/format/foreign.h"

#include <stddef.h>
#include <string.h>

#define MAGIC(bytes) .magic = (bytes), .size = sizeof(bytes) - 1
#define PICKLE(bytes)                                                                                                  \
    {                                                                                                                  \
        MAGIC(bytes), .what = "a Python pickle, as old versions of torch.save write it; write the state "              \
                              "dict with safetensors.torch.save_file instead"                                          \
    }

static const struct {
    size_t at; /* where the magic stands */
    const char *magic;
    size_t size;
    const char *what;
} KINDS[] = {
    {MAGIC("version https://git-lfs"),
     .what = "a Git LFS pointer in the place of the file; 'git lfs pull' fetches the file"},
    {MAGIC("PK\x03\x04"), .what = "a zip archive, as torch.save writes .pt and .pth files; write the state dict with "
                                  "safetensors.torch.save_file instead"},
    PICKLE("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46"), /* the number that torch.save once began with */
    PICKLE("\x80\x02}q"),                       /* a dictionary */
    PICKLE("\x80\x03}q"),
    PICKLE("\x80\x04\x95"), /* a frame */
    PICKLE("\x80\x05\x95"),
    {MAGIC("\x89HDF\r\n\x1a\n"), .what = "an HDF5 file"},
    {MAGIC("\x93NUMPY"), .what = "an array of NumPy"},
    {MAGIC("\x1f\x8b"), .what = "compressed by gzip"},
    {MAGIC("\xff\xfe"), .what = "text in UTF-16, where UTF-8 is read"},
    {MAGIC("\xfe\xff"), .what = "text in UTF-16, where UTF-8 is read"},
    {MAGIC("<!DOCTYPE"), .what = "a web page, as a failed download leaves it"},
    {MAGIC("<!doctype"), .what = "a web page, as a failed download leaves it"},
    {MAGIC("<html"), .what = "a web page, as a failed download leaves it"},
    {MAGIC("\xff\xd8\xff"), .what = "a JPEG"},
    {MAGIC("\x89PNG\r\n\x1a\n"), .what = "a PNG"},
    {MAGIC("GIF8"), .what = "a GIF"},
    {MAGIC("II*\0"), .what = "a TIFF"},
    {MAGIC("MM\0*"), .what = "a TIFF"},
    {.at = 8, MAGIC("WEBP"), .what = "a WebP"},
    {.at = 4, MAGIC("ftypavif"), .what = "an AVIF"},
    {.at = 4, MAGIC("ftyphei"), .what = "a HEIC, as some phones write it"},
    {.at = 4, MAGIC("ftypmif1"), .what = "a HEIC, as some phones write it"},
};

const char *snas_foreign(snas_bytes head)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        const size_t at = KINDS[i].at;
        if (head.size >= at + KINDS[i].size &&
            memcmp((const char *)head.data + at, KINDS[i].magic, KINDS[i].size) == 0) {
            return KINDS[i].what;
        }
    }
    return NULL;
}
