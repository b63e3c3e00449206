/* augment.c -- one training picture: random crop with a black border, flip, normalise, cutout.
 *
 *     crop     from[h + dy][w + dx], black outside;  dy, dx uniform in -pad..pad
 *     flip     w -> side-1-w with probability 1/2, or always
 *     normal   x = (byte/255 - mean[c]) / deviation[c]
 *     cutout   x = 0 on rows cy - [s/2] .. cy + [s/2] - 1 and columns alike, clipped; cy, cx uniform over the picture:
 *              so an odd s is as s - 1
 *
 * Pictures are [side][side][3]. Sources: torchvision's RandomCrop and RandomHorizontalFlip; DeVries and Taylor, cutout
 * (2017), with the hole clipped at the borders and halved as their code and DARTS' does it.
 */
#include <assert.h>

#include "parts.h"

data_normal data_normal_make(const float mean[3], const float deviation[3])
{
    data_normal normal;
    for (int c = 0; c < 3; c++) {
        for (int byte = 0; byte < 256; byte++) {
            normal.value[c][byte] = ((float)byte / 255.0f - mean[c]) / deviation[c];
        }
    }
    return normal;
}

/* Where a crop starts from the picture's corner, and whether it is mirrored. */
typedef struct {
    int dy, dx;
    bool mirror;
} placement;

/* The crop as normalised floats; what lies outside of the picture is black. */
static void crop(const data_normal *normal, int side, const placement *at, const uint8_t *from, float *to)
{
    static const uint8_t black[3] = {0, 0, 0};
    for (int h = 0; h < side; h++) {
        const int y = h + at->dy;
        for (int w = 0; w < side; w++, to += 3) {
            const int x = (at->mirror ? side - 1 - w : w) + at->dx;
            const bool inside = y >= 0 && y < side && x >= 0 && x < side;
            const uint8_t *pixel = inside ? from + ((int64_t)y * side + x) * 3 : black;
            for (int c = 0; c < 3; c++) {
                to[c] = normal->value[c][pixel[c]];
            }
        }
    }
}

static int clip(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* A square hole, `half` to both sides of (cy, cx), clipped at the borders. */
static void cut(int side, int half, int cy, int cx, float *to)
{
    const int top = clip(cy - half, 0, side), bottom = clip(cy + half, 0, side);
    const int left = clip(cx - half, 0, side), right = clip(cx + half, 0, side);
    for (int h = top; h < bottom; h++) {
        for (int64_t i = ((int64_t)h * side + left) * 3; i < ((int64_t)h * side + right) * 3; i++) {
            to[i] = 0.0f;
        }
    }
}

bool data_augment_is_none(const snas_augment *augment)
{
    return augment->crop_pad == 0 && !augment->flip && !augment->mirror && augment->cutout == 0;
}

void data_augment(const snas_augment *augment, const data_normal *normal, snas_rng rng, int side, const uint8_t *from,
                  float *to)
{
    assert(side > 0 && augment->crop_pad >= 0 && augment->cutout >= 0);
    placement at = {0};
    if (augment->crop_pad > 0) {
        const uint32_t places = 2 * (uint32_t)augment->crop_pad + 1;
        at.dy = (int)snas_rng_below(&rng, places) - augment->crop_pad;
        at.dx = (int)snas_rng_below(&rng, places) - augment->crop_pad;
    }
    at.mirror = augment->mirror || (augment->flip && snas_rng_below(&rng, 2) == 1);
    crop(normal, side, &at, from, to);
    if (augment->cutout > 0) {
        const int cy = (int)snas_rng_below(&rng, (uint32_t)side);
        const int cx = (int)snas_rng_below(&rng, (uint32_t)side);
        cut(side, augment->cutout / 2, cy, cx, to);
    }
}
