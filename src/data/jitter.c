/* jitter.c -- colours moved at random: brightness, contrast, saturation, hue, in an order that is drawn too.
 *
 *     mixed        x <- clip(g + f (x - g)),   f uniform in 1 - d .. 1 + d, the fraction cut off
 *       brightness   g = 0
 *       contrast     g = the mean of the picture's greys, rounded
 *       saturation   g = the pixel's grey, 0.299 R + 0.587 G + 0.114 B
 *     hue          h <- h + t, t uniform in -hue .. hue turns, with saturation and value kept
 *
 * Bytes between any two of them. Source: torchvision's ColorJitter on Pillow's pictures; there hue is cut to 255 steps,
 * here it is not.
 */
#include <math.h>

#include "photo.h"

static int grey_of(const uint8_t *pixel)
{
    return (19595 * pixel[0] + 38470 * pixel[1] + 7471 * pixel[2] + 32768) >> 16; /* of 65536 */
}

static uint8_t clip(float value)
{
    return (uint8_t)(value <= 0.0f ? 0.0f : value >= 255.0f ? 255.0f : value);
}

static uint8_t mixed(int from, uint8_t value, float factor)
{
    return clip((float)from + factor * (float)(value - from));
}

static void brighten(double factor, int count, uint8_t *pixels)
{
    for (int i = 0; i < 3 * count; i++) {
        pixels[i] = mixed(0, pixels[i], (float)factor);
    }
}

static void contrast(double factor, int count, uint8_t *pixels)
{
    int64_t sum = 0;
    for (int i = 0; i < count; i++) {
        sum += grey_of(pixels + 3 * (size_t)i);
    }
    const int mean = (int)((double)sum / count + 0.5);
    for (int i = 0; i < 3 * count; i++) {
        pixels[i] = mixed(mean, pixels[i], (float)factor);
    }
}

static void saturate(double factor, int count, uint8_t *pixels)
{
    for (int i = 0; i < count; i++, pixels += 3) {
        const int grey = grey_of(pixels);
        for (int c = 0; c < 3; c++) {
            pixels[c] = mixed(grey, pixels[c], (float)factor);
        }
    }
}

/* Hue in sixths of a turn, 0..6, of a pixel whose largest channel is `most` and smallest `least`, most > least. */
static float hue_of(const uint8_t *pixel, int most, int least)
{
    const float r = pixel[0], g = pixel[1], b = pixel[2], range = (float)(most - least);
    if (pixel[0] == most) {
        return (g - b) / range + (g < b ? 6.0f : 0.0f);
    }
    return pixel[1] == most ? (b - r) / range + 2.0f : (r - g) / range + 4.0f;
}

/* A channel's way from `least` to `most`: 0..1, as its distance in sixths of a turn from hue h. */
static float part_of(float h, float at)
{
    float distance = fabsf(h - at);
    distance = distance > 3.0f ? 6.0f - distance : distance;
    return fminf(fmaxf(2.0f - distance, 0.0f), 1.0f);
}

static void turn(double turns, int count, uint8_t *pixels)
{
    const float sixths = 6.0f * (float)(turns - floor(turns));
    for (int i = 0; i < count; i++, pixels += 3) {
        int most = pixels[0], least = pixels[0];
        for (int c = 1; c < 3; c++) {
            most = pixels[c] > most ? pixels[c] : most;
            least = pixels[c] < least ? pixels[c] : least;
        }
        if (most == least) {
            continue; /* a grey has no hue */
        }
        float h = hue_of(pixels, most, least) + sixths;
        h -= h >= 6.0f ? 6.0f : 0.0f;
        for (int c = 0; c < 3; c++) {
            const float part = part_of(h, 2.0f * (float)c);
            pixels[c] = (uint8_t)((float)least + part * (float)(most - least) + 0.5f);
        }
    }
}

data_moves data_jitter_draw(const data_jitter *jitter, snas_rng *rng)
{
    const double spread[DATA_MOVES] = {[DATA_BRIGHTNESS] = jitter->brightness,
                                       [DATA_CONTRAST] = jitter->contrast,
                                       [DATA_SATURATION] = jitter->saturation,
                                       [DATA_HUE] = jitter->hue};
    data_moves moves = {.order = {DATA_BRIGHTNESS, DATA_CONTRAST, DATA_SATURATION, DATA_HUE}};
    for (int i = DATA_MOVES - 1; i > 0; i--) {
        const int j = (int)snas_rng_below(rng, (uint32_t)i + 1);
        const data_move kept = moves.order[i];
        moves.order[i] = moves.order[j];
        moves.order[j] = kept;
    }
    for (int i = 0; i < DATA_MOVES; i++) {
        const double still = i == DATA_HUE ? 0.0 : 1.0;
        moves.amount[i] = still + spread[i] * (2.0 * snas_rng_uniform(rng) - 1.0);
    }
    return moves;
}

void data_jitter_apply(const data_moves *moves, int count, uint8_t *pixels)
{
    static void (*const functions[DATA_MOVES])(double amount, int count, uint8_t *pixels) = {
        [DATA_BRIGHTNESS] = brighten, [DATA_CONTRAST] = contrast, [DATA_SATURATION] = saturate, [DATA_HUE] = turn};
    for (int i = 0; i < DATA_MOVES; i++) {
        functions[moves->order[i]](moves->amount[moves->order[i]], count, pixels);
    }
}
