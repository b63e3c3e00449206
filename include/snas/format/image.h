/* image.h -- a JPEG or a PNG, recognised by its first bytes and not by its name, as 8-bit RGB.
 *
 * Grey, palette and 16-bit pictures become RGB; alpha is dropped; CMYK and YCCK become RGB, inverted when an Adobe
 * marker says so; colour profiles are ignored; the EXIF orientation is reported. Sides are at most 16384, pixels 64
 * million, both checked before memory is taken for them. The file is in memory: who read it owns it. JPEG needs
 * libjpeg-turbo at build time.
 */
#ifndef SNAS_FORMAT_IMAGE_H
#define SNAS_FORMAT_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/base/arena.h"
#include "snas/base/file.h"

enum {
    SNAS_IMAGE_SIDE_MAX = 16384,
    SNAS_IMAGE_PIXELS_MAX = 64000000,
    SNAS_IMAGE_FILE_MAX = 256 << 20, /* bytes */
    SNAS_IMAGE_SHRINK_MAX = 8
};

typedef struct {
    const char *kind;  /* "JPEG", "PNG" */
    int width, height; /* of the file */
    int columns, rows; /* of the pixels: the same, or shrunk and rounded up */
    uint8_t *pixels;   /* [rows][columns][3]; NULL: only measured */
    /** EXIF orientation: 1 as it is stored; 2 mirrored left and right; 3 turned by 180 degrees; 4 mirrored top and
     *  bottom; 6 turned to the right, 8 to the left; 5 and 7 turned so and mirrored left and right. In a PNG it counts
     *  where it comes before the pixels. */
    int orientation;
    const char *damage; /* a sentence about the first fault that the decoder recovered from; NULL: none */
    int warnings;       /* faults that the decoder recovered from */
} snas_image;

/** Read kind and size and nothing else. `name` is for messages. SNAS_E_DATA with a sentence when it is neither a JPEG
 *  nor a PNG, has a broken header, or is beyond the limits. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_image_measure(snas_arena *mem, const char *name, snas_bytes file, snas_image *out);

/** Decode. `shrink` is 1, 2, 4 or 8: a JPEG is decoded to so much smaller sides (rounded up), which is faster and not
 *  the same as resizing; other kinds come whole. The pixels and all scratch are taken from `mem`. SNAS_E_DATA with a
 *  sentence on a broken or cut file; what libjpeg calls corrupt and repairs is counted in out->warnings. */
SNAS_MUST_CHECK snas_status snas_image_decode(snas_arena *mem, const char *name, snas_bytes file, int shrink,
                                              snas_image *out);

/** Apply the orientation, which becomes 1: pixels into `mem`, width and height exchanged by quarter turns. The same as
 *  Pillow's ImageOps.exif_transpose. Of a picture that was only measured, the size alone. SNAS_E_MEMORY. */
SNAS_MUST_CHECK snas_status snas_image_upright(snas_arena *mem, snas_image *image);

/** Whether JPEG can be read: the program was built with libjpeg-turbo. */
bool snas_jpeg_is_there(void);

/** Whether the first bytes are those of a JPEG or a PNG. */
bool snas_image_is(snas_bytes file);

#endif
