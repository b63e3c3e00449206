/* synthetic.c -- pictures made from nothing but (seed, index): ten textures and shapes that only their form tells
 * apart.
 *
 *     picture[y,x,c] = back[c] + (fore[c] - back[c]) * mask(u, v) + shade(x, y) + noise
 *     (u, v)         = rotate((x, y) - centre) / scale,    x, y in -1..1
 *     mask           = clip(1/2 + sharp * field(u, v), 0, 1)
 *
 * `field` is the class: positive inside the form. Colours, position, scale, angle, shade and noise come from the same
 * distributions for every class, so a mean colour says nothing. Labels are index mod 10: balanced. Test pictures have
 * the indices after the training ones. No form changes its class when mirrored left and right.
 */
#include <math.h>
#include <string.h>

#include "parts.h"
#include "snas/base/text.h"

enum { CLASSES = 10, SIDE_MIN = 8, SIDE_MAX = 256, COUNT_MAX = 1 << 20 };
enum { SIDE_DEFAULT = 32, TRAIN_DEFAULT = 5000, TEST_DEFAULT = 1000 };
static const float PI = 3.14159265f;
static const float CONTRAST_MIN = 0.35f; /* distance of the two colours, of at most sqrt(3) */
static const float NOISE = 0.30f;        /* width of the uniform noise on each channel */
static const float SHADE = 0.12f;        /* the slope of the light over half a picture, at most */

static float stripes(float u, float v)
{
    (void)v;
    return cosf(2.0f * PI * u);
}

static float checkers(float u, float v)
{
    return 2.0f * cosf(PI * u) * cosf(PI * v);
}

static float rings(float u, float v)
{
    return cosf(2.0f * PI * sqrtf(u * u + v * v));
}

static float dots(float u, float v)
{
    const float du = u - roundf(u), dv = v - roundf(v);
    return 4.0f * (0.38f - sqrtf(du * du + dv * dv));
}

static float disc(float u, float v)
{
    return 1.0f - sqrtf(u * u + v * v);
}

static float square(float u, float v)
{
    return 0.88f - fmaxf(fabsf(u), fabsf(v));
}

/* Three half planes at 120 degrees. */
static float triangle(float u, float v)
{
    const float slant = 0.8660254f * fabsf(u) + 0.5f * v;
    return 0.66f - fmaxf(slant, -v);
}

static float cross(float u, float v)
{
    const float a = fabsf(u), b = fabsf(v);
    return fmaxf(fminf(1.1f - a, 0.36f - b), fminf(1.1f - b, 0.36f - a));
}

/* A class: its field, whether it fills the picture, and its angle in degrees around a middle (either sign of it). */
static const struct {
    const char *name;
    float (*field)(float u, float v);
    bool fills;
    float angle, spread;
} FORMS[CLASSES] = {
    {"vertical stripes", stripes, true, 0.0f, 14.0f},
    {"horizontal stripes", stripes, true, 90.0f, 14.0f},
    {"diagonal stripes", stripes, true, 45.0f, 14.0f},
    {"checkers", checkers, true, 0.0f, 45.0f},
    {"rings", rings, true, 0.0f, 45.0f},
    {"dots", dots, true, 0.0f, 45.0f},
    {"disc", disc, false, 0.0f, 45.0f},
    {"square", square, false, 0.0f, 45.0f},
    {"triangle", triangle, false, 0.0f, 60.0f},
    {"cross", cross, false, 0.0f, 45.0f},
};

/* What differs from picture to picture of one class. */
typedef struct {
    float fore[3], back[3]; /* 0..1 */
    float x, y;             /* centre */
    float scale;            /* of the form's unit, in half sides */
    float cosine, sine;     /* of the angle */
    float slope_x, slope_y; /* of the light */
} look;

static float between(snas_rng *rng, float low, float high)
{
    return low + (high - low) * (float)snas_rng_uniform(rng);
}

/* Two colours that can be told apart, alike in distribution. */
static void draw_colours(snas_rng *rng, look *out)
{
    float distance;
    do {
        distance = 0.0f;
        for (int c = 0; c < 3; c++) {
            out->fore[c] = between(rng, 0.0f, 1.0f);
            out->back[c] = between(rng, 0.0f, 1.0f);
            distance += (out->fore[c] - out->back[c]) * (out->fore[c] - out->back[c]);
        }
    } while (distance < CONTRAST_MIN * CONTRAST_MIN);
}

static look draw_look(snas_rng *rng, int form)
{
    look out;
    draw_colours(rng, &out);
    out.x = between(rng, -0.45f, 0.45f);
    out.y = between(rng, -0.45f, 0.45f);
    out.scale = FORMS[form].fills ? between(rng, 0.26f, 0.62f) : between(rng, 0.30f, 0.62f);
    const float side = snas_rng_below(rng, 2) == 1 ? 1.0f : -1.0f;
    const float degrees = side * FORMS[form].angle + between(rng, -FORMS[form].spread, FORMS[form].spread);
    out.cosine = cosf(degrees * PI / 180.0f);
    out.sine = sinf(degrees * PI / 180.0f);
    out.slope_x = between(rng, -SHADE, SHADE);
    out.slope_y = between(rng, -SHADE, SHADE);
    return out;
}

/* One picture into to [side][side][3]. */
static void draw(uint64_t seed, int64_t index, int side, uint8_t *to)
{
    snas_rng rng = snas_rng_at(seed, SNAS_STREAM_SYNTHETIC, (uint64_t)index);
    const int form = (int)(index % CLASSES);
    const look at = draw_look(&rng, form);
    const float pixel = 2.0f / (float)side; /* in half sides */
    const float sharp = FORMS[form].fills ? 1.5f : at.scale / pixel;
    for (int row = 0; row < side; row++) {
        const float y = ((float)row + 0.5f) * pixel - 1.0f;
        for (int column = 0; column < side; column++, to += 3) {
            const float x = ((float)column + 0.5f) * pixel - 1.0f;
            const float dx = (x - at.x) / at.scale, dy = (y - at.y) / at.scale;
            const float u = at.cosine * dx + at.sine * dy, v = at.cosine * dy - at.sine * dx;
            const float mask = fminf(fmaxf(0.5f + sharp * FORMS[form].field(u, v), 0.0f), 1.0f);
            const float light = at.slope_x * x + at.slope_y * y;
            const uint32_t grain = snas_rng_u32(&rng); /* a byte of noise a channel */
            for (int c = 0; c < 3; c++) {
                const float noise = NOISE * ((float)((grain >> (8 * c)) & 255u) / 255.0f - 0.5f);
                const float value = at.back[c] + (at.fore[c] - at.back[c]) * mask + light + noise;
                to[c] = (uint8_t)(fminf(fmaxf(value, 0.0f), 1.0f) * 255.0f + 0.5f);
            }
        }
    }
}

static snas_status make(snas_arena *mem, uint64_t seed, int64_t first, int count, int side, snas_pictures *out)
{
    const size_t size = (size_t)side * (size_t)side * 3;
    uint8_t *pixels;
    int *labels;
    SNAS_NEW(mem, pixels, (size_t)count * size);
    SNAS_NEW(mem, labels, count);
    for (int i = 0; i < count; i++) {
        draw(seed, first + i, side, pixels + (size_t)i * size);
        labels[i] = (int)((first + i) % CLASSES);
    }
    *out = data_pictures_in_memory(count, side, pixels, labels);
    return SNAS_OK;
}

static snas_status check_range(const char *what, int value, int low, int high)
{
    if (value < low || value > high) {
        return snas_fail(SNAS_E_USAGE, "synthetic data set with %s %d, allowed is %d to %d", what, value, low, high);
    }
    return SNAS_OK;
}

snas_status data_synthetic_open(snas_arena *mem, const snas_dataset_request *request, snas_dataset *out)
{
    const int side = request->side == 0 ? SIDE_DEFAULT : request->side;
    const int train = request->train_count == 0 ? TRAIN_DEFAULT : request->train_count;
    const int test = request->test_count == 0 ? TEST_DEFAULT : request->test_count;
    if (request->labels != SNAS_LABELS_FINE) {
        return snas_fail(SNAS_E_USAGE, "synthetic pictures have no %s labels, allowed is 'fine'",
                         snas_labels_names[request->labels]);
    }
    SNAS_TRY(check_range("side", side, SIDE_MIN, SIDE_MAX));
    SNAS_TRY(check_range("training pictures", train, 1, COUNT_MAX));
    SNAS_TRY(check_range("test pictures", test, 1, COUNT_MAX));
    const char **names;
    SNAS_NEW(mem, names, CLASSES);
    for (int k = 0; k < CLASSES; k++) {
        names[k] = FORMS[k].name;
    }
    *out = (snas_dataset){.name = "synthetic",
                          .classes = CLASSES,
                          .class_names = names,
                          .mean = {0.5f, 0.5f, 0.5f},
                          .deviation = {0.29f, 0.29f, 0.29f}}; /* measured on 8,000 pictures of side 32 */
    SNAS_TRY(make(mem, request->seed, 0, train, side, &out->train));
    SNAS_TRY(make(mem, request->seed, train, test, side, &out->test));
    out->source = snas_format(mem, "synthetic pictures of side %d, seed %llu: %d training and %d test", side,
                              (unsigned long long)request->seed, train, test);
    return snas_taken(out->source);
}
