/* crop.c -- which part of a photograph a network sees: a random one in training, the middle in evaluation.
 *
 *     training     area = a W H, a uniform in least..1;  ratio = exp(u), u uniform in log 3/4 .. log 4/3
 *                  w = round(sqrt(area ratio)), h = round(sqrt(area / ratio)), at any place where it fits
 *     evaluation   the shorter side becomes `least`, the other by the same factor, rounded down; a square in the middle
 *
 * Source: torchvision's RandomResizedCrop, Resize and CenterCrop. Python rounds halves to the even number, and so does
 * rint; where a middle lies between two pixels the picture's parity decides.
 */
#include <assert.h>
#include <math.h>

#include "photo.h"

enum { TRIES = 10 };
static const double RATIO_LEAST = 3.0 / 4.0, RATIO_MOST = 4.0 / 3.0;

data_view data_view_part(const data_view *view, data_box part)
{
    assert(part.x >= 0 && part.y >= 0 && part.x + part.width <= view->width && part.y + part.height <= view->height);
    return (data_view){.width = part.width,
                       .height = part.height,
                       .stride = view->stride,
                       .pixels = view->pixels + view->stride * (size_t)part.y + 3 * (size_t)part.x};
}

/* The largest part in the middle whose sides have an allowed ratio. */
static data_box middle(int width, int height)
{
    const double ratio = (double)width / height;
    int w = width, h = height;
    if (ratio < RATIO_LEAST) {
        h = (int)rint(width / RATIO_LEAST);
    } else if (ratio > RATIO_MOST) {
        w = (int)rint(height * RATIO_MOST);
    }
    return (data_box){.x = (width - w) / 2, .y = (height - h) / 2, .width = w, .height = h};
}

data_box data_crop_draw(snas_rng *rng, int width, int height, double least)
{
    const double area = (double)width * height;
    const double low = log(RATIO_LEAST), high = log(RATIO_MOST);
    for (int i = 0; i < TRIES; i++) {
        const double target = area * (least + (1.0 - least) * snas_rng_uniform(rng));
        const double ratio = exp(low + (high - low) * snas_rng_uniform(rng));
        const int w = (int)rint(sqrt(target * ratio)), h = (int)rint(sqrt(target / ratio));
        if (w > 0 && w <= width && h > 0 && h <= height) {
            const int y = (int)snas_rng_below(rng, (uint32_t)(height - h) + 1);
            const int x = (int)snas_rng_below(rng, (uint32_t)(width - w) + 1);
            return (data_box){.x = x, .y = y, .width = w, .height = h};
        }
    }
    return middle(width, height);
}

data_centred data_centre(int width, int height, int least, int side)
{
    assert(side <= least);
    const int shorter = width < height ? width : height;
    data_centred to = {.width = (int)((int64_t)least * width / shorter),
                       .height = (int)((int64_t)least * height / shorter)};
    to.window = (data_box){.x = (int)rint((to.width - side) / 2.0),
                           .y = (int)rint((to.height - side) / 2.0),
                           .width = side,
                           .height = side};
    return to;
}
