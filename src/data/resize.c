/* resize.c -- a picture made larger or smaller by a triangle filter: bilinear that does not alias.
 *
 *     taps of output X     x from floor(c - r + 1/2) to floor(c + r + 1/2) - 1, inside the picture;
 *                          c = (X + 1/2) s,  r = max(s, 1),  s = in / out
 *     weight of tap x      max(0, 1 - |x + 1/2 - c| / r), over their sum, in units of 2^-22
 *
 * Rows first: a strip [rows needed][window.width][3] of bytes; then columns. Sums are 32-bit: 255 * 2^22 fits.
 * These are Pillow's definitions, and its precision: the bytes are equal.
 */
#include <math.h>
#include <string.h>

#include "photo.h"

enum { BITS = 22 };

/* The taps of one axis, for the outputs that are wanted. */
typedef struct {
    int count, room;   /* outputs; taps that each has room for */
    int *first, *taps; /* [count] */
    int32_t *weights;  /* [count][room] */
} axis;

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* The weights of one output, in doubles, then in units of 2^-22. */
static void weigh(double centre, double reach, int first, int taps, int32_t *weights, double *scratch)
{
    double sum = 0.0;
    for (int t = 0; t < taps; t++) {
        scratch[t] = larger(0.0, 1.0 - fabs((first + t - centre + 0.5) * (1.0 / reach)));
        sum += scratch[t];
    }
    for (int t = 0; t < taps; t++) {
        const double share = sum == 0.0 ? scratch[t] : scratch[t] / sum;
        weights[t] = (int32_t)(0.5 + share * (1 << BITS));
    }
}

/* Outputs start .. start + count - 1 of `to` that `from` becomes. */
static snas_status axis_make(snas_arena *mem, int from, int to, int start, int count, axis *out)
{
    const double step = (double)from / to, reach = larger(step, 1.0);
    double *scratch;
    *out = (axis){.count = count, .room = 2 * (int)ceil(reach) + 1};
    SNAS_NEW(mem, out->first, count);
    SNAS_NEW(mem, out->taps, count);
    SNAS_NEW(mem, out->weights, (size_t)count * (size_t)out->room);
    SNAS_NEW(mem, scratch, out->room);
    for (int i = 0; i < count; i++) {
        const double centre = (start + i + 0.5) * step;
        const int low = (int)(centre - reach + 0.5), high = (int)(centre + reach + 0.5);
        out->first[i] = low < 0 ? 0 : low;
        out->taps[i] = (high > from ? from : high) - out->first[i];
        weigh(centre, reach, out->first[i], out->taps[i], out->weights + (size_t)i * (size_t)out->room, scratch);
    }
    return SNAS_OK;
}

static uint8_t byte_of(int32_t sum)
{
    const int32_t value = sum >> BITS;
    return (uint8_t)(value > 255 ? 255 : value);
}

/* One row of the picture into one of the strip. */
static void along_row(const axis *a, const uint8_t *from, uint8_t *to)
{
    for (int i = 0; i < a->count; i++, to += 3) {
        const uint8_t *pixel = from + 3 * (size_t)a->first[i];
        const int32_t *weights = a->weights + (size_t)i * (size_t)a->room;
        int32_t r = 1 << (BITS - 1), g = r, b = r;
        for (int t = 0; t < a->taps[i]; t++, pixel += 3) {
            r += weights[t] * pixel[0];
            g += weights[t] * pixel[1];
            b += weights[t] * pixel[2];
        }
        to[0] = byte_of(r);
        to[1] = byte_of(g);
        to[2] = byte_of(b);
    }
}

/* `taps` rows of `size` bytes, one after the other, into one. */
static void along_columns(const int32_t *weights, int taps, size_t size, const uint8_t *from, int32_t *sums,
                          uint8_t *to)
{
    for (size_t i = 0; i < size; i++) {
        sums[i] = 1 << (BITS - 1);
    }
    for (int t = 0; t < taps; t++, from += size) {
        const int32_t weight = weights[t];
        for (size_t i = 0; i < size; i++) {
            sums[i] += weight * from[i];
        }
    }
    for (size_t i = 0; i < size; i++) {
        to[i] = byte_of(sums[i]);
    }
}

snas_status data_resize(snas_arena *scratch, const data_view *from, int width, int height, data_box window, uint8_t *to)
{
    axis rows, columns; /* of outputs along a row, and along a column */
    SNAS_TRY(axis_make(scratch, from->width, width, window.x, window.width, &rows));
    SNAS_TRY(axis_make(scratch, from->height, height, window.y, window.height, &columns));
    const int last = window.height - 1;
    const int top = columns.first[0], bottom = columns.first[last] + columns.taps[last];
    const size_t size = (size_t)window.width * 3;
    uint8_t *strip;
    int32_t *sums;
    SNAS_NEW(scratch, strip, size * (size_t)(bottom - top));
    SNAS_NEW(scratch, sums, size);
    for (int y = top; y < bottom; y++) {
        along_row(&rows, from->pixels + from->stride * (size_t)y, strip + size * (size_t)(y - top));
    }
    for (int i = 0; i < window.height; i++) {
        along_columns(columns.weights + (size_t)i * (size_t)columns.room, columns.taps[i], size,
                      strip + size * (size_t)(columns.first[i] - top), sums, to + size * (size_t)i);
    }
    return SNAS_OK;
}
