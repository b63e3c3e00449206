/* test_jitter.c -- colours move as Pillow moves them, by amounts and in orders that are drawn evenly. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "photo.h"
#include "snas/format/safetensors.h"

enum { PIXELS = 8, BYTES = 3 * PIXELS, DRAWS = 24000 };

static const uint8_t PICTURE[BYTES] = {200, 30,  90,  10, 250, 128, 77,  77,  77, 0,  0,   255,
                                       255, 255, 255, 13, 57,  201, 240, 200, 20, 90, 120, 60};

static void move_one(data_move which, double amount, uint8_t *pixels)
{
    data_moves moves = {.order = {(int)which}, .amount = {1.0, 1.0, 1.0, 0.0}};
    for (int i = 1; i < DATA_MOVES; i++) { /* the other places of the order: moves that do nothing */
        moves.order[i] = which == DATA_HUE ? DATA_BRIGHTNESS : DATA_HUE;
    }
    moves.amount[which] = amount;
    memcpy(pixels, PICTURE, BYTES);
    data_jitter_apply(&moves, PIXELS, pixels);
}

/* What Pillow 9.4 gives: ImageEnhance.Brightness, .Contrast, .Color, and hue as torchvision turns it in HSV bytes. */
static void every_move_is_pillows(void **state)
{
    (void)state;
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
        {DATA_HUE, 0.5, {31,  200, 134, 250, 11,  140, 77, 77, 77,  255, 246, 0,
                         255, 255, 255, 201, 150, 13,  21, 67, 240, 88,  60,  120}},
        {DATA_HUE, 1e-9, {200, 31,  90,  11, 250, 123, 77,  77,  77, 0,  0,   255,
                          255, 255, 255, 13, 58,  201, 240, 196, 21, 91, 120, 60}},
    };
    for (size_t i = 0; i < sizeof GOLDEN / sizeof GOLDEN[0]; i++) {
        uint8_t got[BYTES];
        move_one(GOLDEN[i].which, GOLDEN[i].amount, got);
        for (int b = 0; b < BYTES; b++) {
            if (got[b] != GOLDEN[i].want[b]) {
                fail_msg("case %zu, byte %d: %d, wanted %d", i, b, got[b], GOLDEN[i].want[b]);
            }
        }
    }
}

/* All colours whose channels are multiples of STEP, red slowest: the checksum of what Pillow 9.4 and NumPy make of
 * them. */
static void hue_is_pillows_all_over_the_cube(void **state)
{
    (void)state;
    enum { STEP = 5, LEVELS = 52, COLOURS = LEVELS * LEVELS * LEVELS };
    static const struct {
        double turns;
        uint32_t crc;
    } GOLDEN[] = {{0.2, 0x2ff1e763},   {-0.2, 0x822c4111}, {0.07, 0xef0fa824},
                  {-0.45, 0x1b134731}, {0.5, 0xdfad1283},  {1e-9, 0x44cc0d86}};
    static uint8_t pixels[3 * COLOURS];
    for (size_t i = 0; i < sizeof GOLDEN / sizeof GOLDEN[0]; i++) {
        const data_moves moves = {.order = {0, 1, 2, DATA_HUE}, .amount = {1.0, 1.0, 1.0, GOLDEN[i].turns}};
        for (int colour = 0; colour < COLOURS; colour++) {
            pixels[3 * colour] = (uint8_t)(STEP * (colour / (LEVELS * LEVELS)));
            pixels[3 * colour + 1] = (uint8_t)(STEP * (colour / LEVELS % LEVELS));
            pixels[3 * colour + 2] = (uint8_t)(STEP * (colour % LEVELS));
        }
        data_jitter_apply(&moves, COLOURS, pixels);
        assert_int_equal(snas_crc32c(0, pixels, sizeof pixels), GOLDEN[i].crc);
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
        cmocka_unit_test(hue_is_pillows_all_over_the_cube),
        cmocka_unit_test(no_jitter_changes_nothing),
        cmocka_unit_test(orders_and_amounts_are_uniform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
