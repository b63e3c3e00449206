/* photo.h -- pictures of any size: parts of them, resized; the draws of a crop; colours moved. Private to the room. */
#ifndef SNAS_DATA_PHOTO_H
#define SNAS_DATA_PHOTO_H

#include <stddef.h>
#include <stdint.h>

#include "snas/base/arena.h"
#include "snas/base/rng.h"

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
SNAS_MUST_CHECK snas_status data_resize(snas_arena *scratch, const data_view *from, int width,
                                        int height, data_box window, uint8_t *to);

/** Where a training picture is cut out of one of `width` x `height`: area uniform in least..1 of the whole, the logarithm
 *  of the ratio of its sides uniform in log 3/4 .. log 4/3, ten tries; then the largest part in the middle whose ratio
 *  is allowed. As torchvision's RandomResizedCrop. */
data_box data_crop_draw(snas_rng *rng, int width, int height, double least);

/** Sizes of a picture of `width` x `height` whose shorter side becomes `least`; then the square of `side` in its middle,
 *  side <= least. As torchvision's Resize and CenterCrop. */
void data_centre(int width, int height, int least, int side, int *new_width, int *new_height,
                 data_box *window);

/** How far colours are moved; all zero: not. */
typedef struct {
    double brightness, contrast, saturation; /* factors uniform in 1 - d .. 1 + d; 0..1 */
    double hue;                              /* turns, uniform in -hue .. hue; 0..1/2 */
} data_jitter;

/** The four moves, and one picture's draw of them: in which order, and how far (factors, and turns). */
typedef enum { DATA_BRIGHTNESS, DATA_CONTRAST, DATA_SATURATION, DATA_HUE, DATA_MOVES } data_move;
typedef struct {
    data_move order[DATA_MOVES];
    double amount[DATA_MOVES]; /* by move; a factor 1 and no turns leave a picture as it is */
} data_moves;
data_moves data_jitter_draw(const data_jitter *jitter, snas_rng *rng);

/** Move the colours of `count` pixels [count][3] in place, each move rounded to bytes. As torchvision's ColorJitter. */
void data_jitter_apply(const data_moves *moves, int count, uint8_t *pixels);

#endif
