/* image_kinds.h -- what a kind of picture offers to image.c: its first bytes, and one function. */
#ifndef SNAS_FORMAT_IMAGE_KINDS_H
#define SNAS_FORMAT_IMAGE_KINDS_H

#include "snas/format/image.h"

/** What is asked of a decoder. */
typedef struct {
    snas_arena *mem;  /* for pixels and scratch */
    const char *name; /* for messages */
    snas_bytes file;
    bool measure; /* only width and height */
    int shrink;   /* 1, 2, 4, 8; a kind that cannot ignores it */
} format_image_task;

typedef struct {
    const char *name, *magic;
    size_t magic_size;
    /** Fill width, height, columns, rows, orientation, warnings, the first one in damage and, unless only
     *  measured, pixels. */
    snas_status (*decode)(const format_image_task *task, snas_image *out);
} format_image_kind;

/** How EXIF data (from its TIFF header on) says that its picture is to be held, 1 to 8; 1 where it does not say. */
int format_exif_orientation(const uint8_t *data, size_t size);

snas_status format_jpeg_decode(const format_image_task *task, snas_image *out);
snas_status format_png_decode(const format_image_task *task, snas_image *out);

#endif
