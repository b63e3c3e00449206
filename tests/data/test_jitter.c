/* test_jitter.c -- colours move as Pillow moves them, by amounts and in orders that are drawn evenly. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "photo.h"

enum { PIXELS = 8, BYTES = 3 * PIXELS, DRAWS = 24000 };

static const uint8_t PICTURE[BYTES] = {200, 30,  90,  10, 250, 128, 77,  77,  77, 0,  0,   255,
                                       255, 255, 255, 13, 57,  201, 240, 200, 20, 90, 120, 60};

static void move_one(data_move which, double amount, uint8_t *pixels)
{
    data_moves moves = {.order = {which, which, which, which}, .amount = {1.0, 1.0, 1.0, 0.0}};
    for (int i = 1; i < DATA_MOVES; i++) { /* the other places of the order: moves that do nothing */
        moves.order[i] = which == DATA_HUE ? DATA_BRIGHTNESS : DATA_HUE;
    }
    moves.amount[which] = amount;
    memcpy(pixels, PICTURE, BYTES);
    data_jitter_apply(&moves, PIXELS, pixels);
}

/* What Pillow 9.4 gives: ImageEnhance.Brightness, .Contrast, .Color, and hue as torchvision turns it in HSV bytes. A
 * step of those, 1/255 of a turn, is 6/255 of the distance of a pixel's largest and smallest channel: TURN_ALLOWED, of
 * 170 and 240. */
static void every_move_is_pillows(void **state)
{
    (void)state;
    enum { TURN_ALLOWED = 5 };
    static const struct {
        data_move which;
        double amount;
        uint8_t want[BYTES];
    } GOLDEN[] = {
        {DATA_BRIGHTNESS, 1.3, {255, 39,  116, 13, 255, 166, 100, 100, 100, 0,   0,   255,
                                255, 255, 255, 16, 74,  255, 255, 255, 26,  116, 156, 78}},
        {DATA_BRIGHTNESS, 0.7, {140, 21,  63,  7, 175, 89,  53,  53,  53, 0,  0,  178,
                                178, 178, 178, 9, 39,  140, 168, 140, 14, 63, 84, 42}},
        {DATA_CONTRAST, 1.3, {223, 2,   80,  0, 255, 130, 63,  63,  63, 0,  0,   255,
                              255, 255, 255, 0, 37,  225, 255, 223, 0,  80, 119, 41}},
        {DATA_CONTRAST, 0.7, {176, 57,  99,  43, 211, 125, 90,  90,  90, 36, 36,  214,
                              214, 214, 214, 45, 76,  177, 204, 176, 50, 99, 120, 78}},
        {DATA_SATURATION, 1.3, {233, 12,  90,  0, 255, 117, 77,  77,  77, 0,  0,   255,
                                255, 255, 255, 0, 56,  243, 254, 202, 0,  85, 124, 46}},
        {DATA_SATURATION, 0.7, {166, 47,  89,  56, 224, 138, 77,  77,  77, 8,  8,   187,
                                255, 255, 255, 27, 57,  158, 225, 197, 71, 94, 115, 73}},
        {DATA_HUE, 25.0 / 255.0, {200, 66,  31,  11, 236, 250, 77,  77,  77, 150, 0,   255,
                                  255, 255, 255, 80, 13,  201, 155, 240, 21, 60,  120, 64}},
        {DATA_HUE, -0.2, {106, 31,  200, 185, 250, 11,  77,  77, 77,  0,   255, 204,
                          255, 255, 255, 13,  201, 119, 240, 21, 103, 120, 77,  60}},
    };
    for (size_t i = 0; i < sizeof GOLDEN / sizeof GOLDEN[0]; i++) {
        uint8_t got[BYTES];
        move_one(GOLDEN[i].which, GOLDEN[i].amount, got);
        const int allowed = GOLDEN[i].which == DATA_HUE ? TURN_ALLOWED : 0;
        for (int b = 0; b < BYTES; b++) {
            if (abs(got[b] - GOLDEN[i].want[b]) > allowed) {
                fail_msg("case %zu, byte %d: %d, wanted %d", i, b, got[b], GOLDEN[i].want[b]);
            }
        }
    }
}

static void turns_of_a_third_swap_channels_and_whole_ones_change_nothing(void **state)
{
    (void)state;
    uint8_t got[BYTES];
    move_one(DATA_HUE, 1.0 / 3.0, got);
    for (int p = 0; p < BYTES; p += 3) {
        assert_true(abs(got[p + 1] - PICTURE[p]) <= 1);
        assert_true(abs(got[p + 2] - PICTURE[p + 1]) <= 1);
        assert_true(abs(got[p] - PICTURE[p + 2]) <= 1);
    }
    for (int turns = -1; turns < 2; turns++) {
        move_one(DATA_HUE, turns, got);
        assert_memory_equal(got, PICTURE, BYTES);
    }
}

static void no_jitter_changes_nothing(void **state)
{
    (void)state;
    const data_jitter none = {0};
    for (uint64_t step = 0; step < 20; step++) {
        snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, step);
        const data_moves moves = data_jitter_draw(&none, &rng);
        uint8_t got[BYTES];
        memcpy(got, PICTURE, BYTES);
        data_jitter_apply(&moves, PIXELS, got);
        assert_memory_equal(got, PICTURE, BYTES);
    }
}

static void orders_and_amounts_are_uniform(void **state)
{
    (void)state;
    enum { ORDERS = 256 };
    const data_jitter jitter = {0.4, 0.4, 0.4, 0.2};
    const double spread[DATA_MOVES] = {0.4, 0.4, 0.4, 0.2};
    int seen[ORDERS] = {0}, kinds = 0, low[DATA_MOVES] = {0};
    for (uint64_t step = 0; step < DRAWS; step++) {
        snas_rng rng = snas_rng_at(2, SNAS_STREAM_TEST, step);
        const data_moves moves = data_jitter_draw(&jitter, &rng);
        int order = 0;
        for (int i = 0; i < DATA_MOVES; i++) {
            order = order * 4 + (int)moves.order[i];
            const double still = i == DATA_HUE ? 0.0 : 1.0;
            assert_true(fabs(moves.amount[i] - still) <= spread[i]);
            low[i] += moves.amount[i] < still - spread[i] / 2.0;
        }
        seen[order]++;
    }
    for (int i = 0; i < ORDERS; i++) {
        kinds += seen[i] > 0;
        assert_true(seen[i] == 0 || abs(seen[i] - DRAWS / 24) < 6 * 32); /* sqrt(1000) is 32 */
    }
    assert_int_equal(kinds, 24);
    for (int i = 0; i < DATA_MOVES; i++) {
        assert_true(abs(low[i] - DRAWS / 4) < 6 * 68); /* sqrt(24000 * 3/16) is 67 */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_move_is_pillows),
        cmocka_unit_test(turns_of_a_third_swap_channels_and_whole_ones_change_nothing),
        cmocka_unit_test(no_jitter_changes_nothing),
        cmocka_unit_test(orders_and_amounts_are_uniform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
