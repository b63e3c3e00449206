/* photo.h -- photographs, pictures of any size: how a set of them becomes pictures of a batch. Private to the room.
 *
 * A set says how picture i is opened and decoded; photo.c does the rest with the parts that are declared below: a part
 * of it, resized; the draws of a crop; colours moved.
 */
#ifndef SNAS_DATA_PHOTO_H
#define SNAS_DATA_PHOTO_H

#include <stddef.h>
#include <stdint.h>

#include "snas/base/arena.h"
#include "snas/base/file.h"
#include "snas/base/rng.h"
#include "snas/data/dataset.h"

/** A picture, or a part of one, that lies in somebody's memory: pixel (x, y) at pixels + y * stride + 3 * x. */
typedef struct {
    int width, height;
    size_t stride; /* bytes from a row to the next */
    const uint8_t *pixels;
} data_view;

/** A part: its corner and its size. */
typedef struct {
    int x, y, width, height;
} data_box;

data_view data_view_part(const data_view *view, data_box part);

/** Resize to `width` x `height` and keep of that the part `window`, into to [window.height][window.width][3]:
 *
 *      out(X) = sum_x w(x) in(x) / sum_x w(x),   w(x) = max(0, 1 - |x + 1/2 - (X + 1/2) s| / max(s, 1)),   s = in / out
 *
 *  first along the rows, then along the columns, each rounded to a byte: bilinear where it grows, a triangle as wide as
 *  two steps where it shrinks. The same bytes as Pillow's BILINEAR. `scratch` holds a strip of the picture meanwhile.
 *  SNAS_E_MEMORY. */
SNAS_MUST_CHECK snas_status data_resize(snas_arena *scratch, const data_view *from, int width, int height,
                                        data_box window, uint8_t *to);

/** Where a training picture is cut out of one of `width` x `height`: area uniform in least..1 of the whole, the
 *  logarithm of the ratio of its sides uniform in log 3/4 .. log 4/3, ten tries; then the largest part in the middle
 *  whose ratio is allowed. As torchvision's RandomResizedCrop. */
data_box data_crop_draw(snas_rng *rng, int width, int height, double least);

/** A picture of `width` x `height` resized until its shorter side is `least`, and the square of `side` in its middle,
 *  side <= least. As torchvision's Resize and CenterCrop. */
typedef struct {
    int width, height; /* of the resized picture */
    data_box window;
} data_centred;
data_centred data_centre(int width, int height, int least, int side);

/** How far colours are moved; all zero: not. */
typedef struct {
    double brightness, contrast, saturation; /* factors uniform in 1 - d .. 1 + d; 0..1 */
    double hue;                              /* turns, uniform in -hue .. hue; 0..1/2 */
} data_jitter;

/** The four moves, and one picture's draw of them: in which order, and how far (factors, and turns). */
typedef enum { DATA_BRIGHTNESS, DATA_CONTRAST, DATA_SATURATION, DATA_HUE, DATA_MOVES } data_move;
typedef struct {
    int order[DATA_MOVES];     /* of data_move */
    double amount[DATA_MOVES]; /* by move; a factor 1 and no turns leave a picture as it is */
} data_moves;
data_moves data_jitter_draw(const data_jitter *jitter, snas_rng *rng);

/** Move the colours of `count` pixels [count][3] in place, each move rounded to bytes. As torchvision's ColorJitter. */
void data_jitter_apply(const data_moves *moves, int count, uint8_t *pixels);

/** A photograph on its way: its size, and its pixels as soon as they are wanted. */
typedef struct {
    int width, height;  /* of the whole */
    bool upright;       /* to be held as its file says */
    int orientation;    /* that the file says; 1: as it is stored */
    const char *name;   /* for messages */
    const char *damage; /* a sentence, once it is decoded; NULL: none */
    snas_bytes file;    /* encoded; {0} where the set has none */
    data_view view;     /* pixels NULL: not decoded yet */
} data_photo;

/** What a set of photographs brings. */
typedef struct data_photo_set data_photo_set;
struct data_photo_set {
    snas_photo_options options;
    const void *files; /* the set's own */
    const bool *gone;  /* [count] pictures that were there once; NULL: none */
    /** Picture i into *out; with `measure` its size is enough. Scratch as in snas_pictures. */
    snas_status (*open)(const data_photo_set *set, int i, bool measure, snas_arena *scratch, data_photo *out);
    /** Pixels of an opened picture, at sides divided by at most `shrink`. NULL: open always gives them. */
    snas_status (*decode)(data_photo *photo, int shrink, snas_arena *scratch);
    /** As in snas_pictures. */
    snas_status (*file)(const snas_pictures *pictures, int i, snas_arena *mem, const char **out);
};

/** Open and decode of a picture that is a file of its own: out->name is its path. */
SNAS_MUST_CHECK snas_status data_photo_open_file(data_photo *out, bool measure, snas_arena *scratch);
SNAS_MUST_CHECK snas_status data_photo_decode_file(data_photo *photo, int shrink, snas_arena *scratch);

/** Of ImageNet, pixels in 0..1: what a set takes that nobody has measured. */
extern const float data_photo_mean[3], data_photo_deviation[3];

/** Pictures of a set: `set` and `labels` [count] are borrowed. SNAS_E_USAGE when the options have a value that is not
 *  allowed. */
SNAS_MUST_CHECK snas_status data_photo_pictures(snas_arena *mem, const data_photo_set *set, int count,
                                                const int *labels, snas_pictures *out);

#endif
