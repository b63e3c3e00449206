/* png.h -- 8-bit RGB pictures written and read with libpng's row interface. */
#ifndef SNAS_FORMAT_PNG_H
#define SNAS_FORMAT_PNG_H

#include <stdint.h>

#include "snas/base/arena.h"

typedef struct {
    int width, height;
    uint8_t *rgb; /* [height][width][3] */
} snas_raster;

/** A white picture in the arena. */
SNAS_MUST_CHECK snas_status snas_raster_create(snas_arena *mem, int width, int height, snas_raster *out);

/** Replace `path` by the picture as PNG; a symbolic link at `path` is itself replaced. */
SNAS_MUST_CHECK snas_status snas_png_save(snas_arena *mem, const char *path, const snas_raster *picture);

/** Read a PNG of any kind as 8-bit RGB; sides at most 16384, 64 million pixels; SNAS_E_DATA on a broken file. */
SNAS_MUST_CHECK snas_status snas_png_load(snas_arena *mem, const char *path, snas_raster *out);

#endif
