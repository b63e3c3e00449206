/* jitter.c -- colours moved at random: brightness, contrast, saturation, hue, in an order that is drawn too.
 *
 *     mixed        x <- clip(g + f (x - g)),   f uniform in 1 - d .. 1 + d, the fraction cut off
 *       brightness   g = 0
 *       contrast     g = the mean of the picture's greys, rounded
 *       saturation   g = the pixel's grey, 0.299 R + 0.587 G + 0.114 B
 *     hue          h <- h + t mod 256, t uniform in -hue .. hue times 255, its fraction cut off; of bytes h, s, v:
 *
 *       v = max(R, G, B)     s = 255 (v - min) / v     h = 255 of the way round the circle red, green, blue
 *       back: the channels are v, v (1 - s/255), and between them v (1 - s/255 f) or v (1 - s/255 (1 - f)), rounded,
 *       with f the fraction of 6 h / 255, whose whole part says which channel is which
 *
 * Bytes between any two of them, s and h with the fraction cut off: so even t = 0 moves colours a little. Source:
 * torchvision's ColorJitter on Pillow's pictures, of which these are the bytes.
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

enum { HUES = 256, SECTORS = 6 };

/* Hue, 0..255, of a pixel whose largest channel is `most`, `range` above the smallest, range > 0. */
static int hue_of(const uint8_t *pixel, int most, int range)
{
    float below[3]; /* how far a channel is from the largest, 0..1 */
    for (int c = 0; c < 3; c++) {
        below[c] = (float)(most - pixel[c]) / (float)range;
    }
    const int top = pixel[0] == most ? 0 : pixel[1] == most ? 1 : 2;
    const float third = below[(top + 2) % 3], other = below[(top + 1) % 3];
    const float sixths = top == 0 ? third - other : (float)(2.0 * top + (double)third - (double)other);
    const double turn = (double)sixths / 6.0 + 1.0; /* 5/6 to 11/6 */
    return (int)((double)(float)(turn >= 1.0 ? turn - 1.0 : turn) * 255.0);
}

/* The channel that is `part` of a full colour's distance below the largest one. */
static uint8_t lowered(int most, float saturation, double part)
{
    return (uint8_t)((double)most * (1.0 - (double)saturation * part) + 0.5);
}

/* Where the three channels stand in each sixth of the circle: the largest, the one that moves, the smallest. */
static const struct {
    uint8_t most, moving, least;
} CIRCLE[SECTORS] = {{0, 1, 2}, {1, 0, 2}, {1, 2, 0}, {2, 1, 0}, {2, 0, 1}, {0, 2, 1}};

/* Of every hue, which sixth of the circle it is in, and how far. */
typedef struct {
    int sector[HUES];
    float fraction[HUES];
} circle;

static circle make_circle(void)
{
    circle all;
    for (int hue = 0; hue < HUES; hue++) {
        const double sixths = hue * 6.0 / 255.0;
        const int whole = (int)sixths;
        all.sector[hue] = whole % SECTORS;
        all.fraction[hue] = (float)(sixths - whole);
    }
    return all;
}

static void colour_of(const circle *all, int hue, int saturation, int value, uint8_t *pixel)
{
    const int sector = all->sector[hue];
    const float full = (float)(saturation / 255.0);
    const double falling = (double)all->fraction[hue], rising = 1.0 - falling;
    pixel[CIRCLE[sector].most] = (uint8_t)value;
    pixel[CIRCLE[sector].moving] = lowered(value, full, sector % 2 == 0 ? rising : falling);
    pixel[CIRCLE[sector].least] = lowered(value, full, 1.0);
}

static void turn(double turns, int count, uint8_t *pixels)
{
    if (turns == 0.0) {
        return; /* no move at all, where hue is not to move */
    }
    const int steps = (int)(turns * 255.0);
    const circle all = make_circle();
    for (int i = 0; i < count; i++, pixels += 3) {
        int most = pixels[0], least = pixels[0];
        for (int c = 1; c < 3; c++) {
            most = pixels[c] > most ? pixels[c] : most;
            least = pixels[c] < least ? pixels[c] : least;
        }
        if (most == least) {
            continue; /* a grey has no hue */
        }
        const int saturation = (int)((double)((float)(most - least) / (float)most) * 255.0);
        const int hue = (hue_of(pixels, most, most - least) + steps) & (HUES - 1);
        if (saturation == 0) {
            pixels[0] = pixels[1] = pixels[2] = (uint8_t)most;
        } else {
            colour_of(&all, hue, saturation, most, pixels);
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
    snas_rng_shuffle(rng, moves.order, DATA_MOVES);
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
