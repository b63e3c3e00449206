/* test_augment.c -- crop, flip, normalisation and cutout against a naive version, and how often each happens. */
#include <string.h>

#include "check.h"
#include "parts.h"

enum { SIDE = 9, SIZE = SIDE * SIDE * 3, DRAWS = 4000 };
static const float MEAN[3] = {0.4f, 0.5f, 0.6f}, DEVIATION[3] = {0.2f, 0.25f, 0.3f};
static uint8_t from[SIZE];

static int make_picture(void **state)
{
    (void)state;
    for (int i = 0; i < SIZE; i++) {
        from[i] = (uint8_t)(i * 37 + 11);
    }
    return 0;
}

/* The same in the slow and plain way: pad a larger byte picture, cut, mirror a copy, normalise, zero by distance. */
static void naive(const snas_augment *augment, snas_rng rng, float *to)
{
    enum { ROOM = SIDE + 2 * SIDE };
    static uint8_t padded[ROOM][ROOM][3], cut[SIDE][SIDE][3], turned[SIDE][SIDE][3];
    memset(padded, 0, sizeof padded);
    for (int i = 0; i < SIZE; i++) {
        const int p = i / 3;
        padded[p / SIDE + augment->crop_pad][p % SIDE + augment->crop_pad][i % 3] = from[i];
    }
    const uint32_t places = 2 * (uint32_t)augment->crop_pad + 1;
    const int top = augment->crop_pad > 0 ? (int)snas_rng_below(&rng, places) : 0;
    const int left = augment->crop_pad > 0 ? (int)snas_rng_below(&rng, places) : 0;
    for (int h = 0; h < SIDE; h++) {
        memcpy(cut[h], padded[top + h][left], sizeof cut[h]);
    }
    const int mirror = augment->flip ? (int)snas_rng_below(&rng, 2) : 0;
    for (int h = 0; h < SIDE; h++) {
        for (int w = 0; w < SIDE; w++) {
            memcpy(turned[h][w], cut[h][mirror ? SIDE - 1 - w : w], 3);
        }
    }
    const int cy = augment->cutout > 0 ? (int)snas_rng_below(&rng, SIDE) : 0;
    const int cx = augment->cutout > 0 ? (int)snas_rng_below(&rng, SIDE) : 0;
    const int half = augment->cutout / 2; /* DARTS: y1 = clip(y - length // 2), y2 = clip(y + length // 2) */
    for (int i = 0; i < SIZE; i++) {
        const int h = i / 3 / SIDE, w = i / 3 % SIDE, c = i % 3;
        const int hole = h >= cy - half && h < cy + half && w >= cx - half && w < cx + half;
        to[i] = hole ? 0.0f : ((float)turned[h][w][c] / 255.0f - MEAN[c]) / DEVIATION[c];
    }
}

static void every_mixture_equals_the_naive_version(void **state)
{
    (void)state;
    const data_normal normal = data_normal_make(MEAN, DEVIATION);
    static const int pads[] = {0, 1, 4, SIDE}, holes[] = {0, 1, 4, 5, 2 * SIDE};
    float got[SIZE], want[SIZE];
    for (int mixture = 0; mixture < 4 * 2 * 5; mixture++) {
        const snas_augment augment = {
            .crop_pad = pads[mixture / 10], .flip = mixture % 2 == 1, .cutout = holes[mixture / 2 % 5]};
        for (uint64_t step = 0; step < 40; step++) {
            const snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, step);
            data_augment(&augment, &normal, rng, SIDE, from, got);
            naive(&augment, rng, want);
            assert_memory_equal(got, want, sizeof got);
        }
    }
}

static void nothing_asked_only_normalises(void **state)
{
    (void)state;
    const data_normal normal = data_normal_make(MEAN, DEVIATION);
    const snas_augment none = {0};
    float got[SIZE];
    data_augment(&none, &normal, snas_rng_at(1, SNAS_STREAM_TEST, 0), SIDE, from, got);
    for (int i = 0; i < SIZE; i++) {
        const double mean = (double)MEAN[i % 3], deviation = (double)DEVIATION[i % 3];
        assert_near((double)got[i], (from[i] / 255.0 - mean) / deviation, 1e-6);
    }
}

/* Each count is binomial; five deviations around what it should be. */
static void assert_share(int count, int draws, double share)
{
    const double slack = 5.0 * sqrt(draws * share * (1.0 - share));
    if (fabs(count - draws * share) > slack) {
        fail_msg("%d of %d, wanted about %g", count, draws, draws * share);
    }
}

/* A picture of one bright pixel in the middle shows where the crop and the mirror put it. */
static void crops_and_flips_are_uniform(void **state)
{
    (void)state;
    enum { PAD = 2, PLACES = 2 * PAD + 1, MIDDLE = SIDE / 2 };
    const float zero[3] = {0}, one[3] = {1.0f, 1.0f, 1.0f};
    const data_normal plain = data_normal_make(zero, one);
    const snas_augment crop = {.crop_pad = PAD}, flip = {.flip = true};
    uint8_t dot[SIZE] = {0};
    float to[SIZE];
    int seen[PLACES][PLACES] = {{0}}, mirrored = 0;
    dot[(MIDDLE * SIDE + MIDDLE) * 3] = 255;
    for (uint64_t step = 0; step < DRAWS; step++) {
        data_augment(&crop, &plain, snas_rng_at(2, SNAS_STREAM_TEST, step), SIDE, dot, to);
        for (int p = 0; p < SIDE * SIDE; p++) {
            if (to[p * 3] > 0.5f) {
                seen[p / SIDE - MIDDLE + PAD][p % SIDE - MIDDLE + PAD]++;
            }
        }
        data_augment(&flip, &plain, snas_rng_at(3, SNAS_STREAM_TEST, step), SIDE, from, to);
        mirrored += to[0] == (float)from[(SIDE - 1) * 3] / 255.0f;
    }
    for (int i = 0; i < PLACES * PLACES; i++) {
        assert_share(seen[i / PLACES][i % PLACES], DRAWS, 1.0 / (PLACES * PLACES));
    }
    assert_share(mirrored, DRAWS, 0.5);
}

/* A hole of side 2 around (cy, cx) holds the rows cy - 1 and cy: the last row is in one of them, every other in two. */
static void hole_centres_are_uniform_over_the_picture(void **state)
{
    (void)state;
    const data_normal normal = data_normal_make(MEAN, DEVIATION);
    const snas_augment cutout = {.cutout = 2};
    uint8_t white[SIZE];
    float to[SIZE];
    int seen[SIDE * SIDE] = {0};
    memset(white, 255, sizeof white);
    for (uint64_t step = 0; step < DRAWS; step++) {
        data_augment(&cutout, &normal, snas_rng_at(4, SNAS_STREAM_TEST, step), SIDE, white, to);
        for (int p = 0; p < SIDE * SIDE; p++) {
            seen[p] += to[p * 3] == 0.0f && to[p * 3 + 1] == 0.0f && to[p * 3 + 2] == 0.0f;
        }
    }
    for (int p = 0; p < SIDE * SIDE; p++) {
        const double rows = p / SIDE == SIDE - 1 ? 1.0 : 2.0, columns = p % SIDE == SIDE - 1 ? 1.0 : 2.0;
        assert_share(seen[p], DRAWS, rows / SIDE * columns / SIDE);
    }
}

/* 1 // 2 is 0, 17 // 2 is 8: as the published code, whose square of an odd side is one smaller. */
static void an_odd_hole_is_as_one_that_is_one_smaller(void **state)
{
    (void)state;
    const data_normal normal = data_normal_make(MEAN, DEVIATION);
    static const int odd[] = {1, 3, 7, 17};
    float got[SIZE], want[SIZE];
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        const snas_augment augment = {.cutout = odd[i]}, smaller = {.cutout = odd[i] - 1};
        for (uint64_t step = 0; step < 20; step++) {
            data_augment(&augment, &normal, snas_rng_at(5, SNAS_STREAM_TEST, step), SIDE, from, got);
            data_augment(&smaller, &normal, snas_rng_at(5, SNAS_STREAM_TEST, step), SIDE, from, want);
            assert_memory_equal(got, want, sizeof got);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mixture_equals_the_naive_version),
        cmocka_unit_test(nothing_asked_only_normalises),
        cmocka_unit_test(crops_and_flips_are_uniform),
        cmocka_unit_test(hole_centres_are_uniform_over_the_picture),
        cmocka_unit_test(an_odd_hole_is_as_one_that_is_one_smaller),
    };
    return cmocka_run_group_tests(tests, make_picture, NULL);
}
