/* test_crop.c -- drawn crops have the area, ratio and place that they should; the middle lies where torchvision's does.
 * */
#include "check.h"
#include "photo.h"

enum { DRAWS = 20000, WIDTH = 500, HEIGHT = 375 };

static void drawn_crops_lie_inside_and_have_allowed_ratios(void **state)
{
    (void)state;
    static const int SIDES[][2] = {{500, 375}, {1, 1}, {3, 200}, {200, 3}, {64, 64}};
    for (size_t i = 0; i < sizeof SIDES / sizeof SIDES[0]; i++) {
        for (uint64_t step = 0; step < 500; step++) {
            snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, step);
            const data_box box = data_crop_draw(&rng, SIDES[i][0], SIDES[i][1], 0.08);
            assert_true(box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0);
            assert_true(box.x + box.width <= SIDES[i][0] && box.y + box.height <= SIDES[i][1]);
            const double w = box.width, h = box.height;
            assert_true((w + 0.51) / (h - 0.51) >= 0.75 || h < 1.5);
            assert_true((w - 0.51) / (h + 0.51) <= 4.0 / 3.0);
        }
    }
}

/* Of the draws that fit at the first try the area is uniform but for large ones, which fit less often: so the smaller
 * half is held against what is uniform in 0.08..0.3. */
static void areas_places_and_ratios_are_uniform(void **state)
{
    (void)state;
    enum { PARTS = 4 };
    int by_area[PARTS] = {0}, by_ratio[PARTS] = {0}, by_place[PARTS] = {0}, small = 0;
    for (uint64_t step = 0; step < DRAWS; step++) {
        snas_rng rng = snas_rng_at(2, SNAS_STREAM_TEST, step);
        const data_box box = data_crop_draw(&rng, WIDTH, HEIGHT, 0.08);
        const double w = box.width, h = box.height;
        const double area = w * h / (WIDTH * HEIGHT);
        if (area >= 0.3 || area < 0.08) {
            continue;
        }
        small++;
        by_area[(int)(PARTS * (area - 0.08) / (0.3 - 0.08))]++;
        const double ratio = (log(w / h) - log(0.75)) / (log(4.0 / 3.0) - log(0.75));
        by_ratio[ratio < 0.0 ? 0 : ratio >= 1.0 ? PARTS - 1 : (int)(PARTS * ratio)]++;
        by_place[PARTS * box.x / (WIDTH - box.width + 1)]++;
    }
    assert_true(small > DRAWS / 5);
    for (int p = 0; p < PARTS; p++) {
        const double want = (double)small / PARTS, slack = 6.0 * sqrt(want);
        assert_true(fabs(by_area[p] - want) < slack);
        assert_true(fabs(by_ratio[p] - want) < slack);
        assert_true(fabs(by_place[p] - want) < slack);
    }
}

static void a_long_picture_gives_its_middle(void **state)
{
    (void)state;
    snas_rng rng = snas_rng_at(3, SNAS_STREAM_TEST, 0);
    data_box box = data_crop_draw(&rng, 1000, 30, 1.0);
    assert_int_equal(box.width, 40);
    assert_int_equal(box.height, 30);
    assert_int_equal(box.x, 480);
    box = data_crop_draw(&rng, 30, 1000, 1.0);
    assert_int_equal(box.width, 30);
    assert_int_equal(box.height, 40);
    assert_int_equal(box.y, 480);
}

/* int(256 * 500 / 375) = 341; round((341 - 224) / 2) = round(58.5) = 58, round(59.5) = 60. */
static void the_middle_is_torchvisions(void **state)
{
    (void)state;
    static const struct {
        int width, height, least, side, new_width, new_height, x, y;
    } CASES[] = {
        {500, 375, 256, 224, 341, 256, 58, 16}, {375, 500, 256, 224, 256, 341, 16, 58},
        {100, 100, 32, 32, 32, 32, 0, 0},       {343, 256, 256, 224, 343, 256, 60, 16},
        {10, 4, 64, 56, 160, 64, 52, 4},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const data_centred at = data_centre(CASES[i].width, CASES[i].height, CASES[i].least, CASES[i].side);
        assert_int_equal(at.width, CASES[i].new_width);
        assert_int_equal(at.height, CASES[i].new_height);
        assert_int_equal(at.window.x, CASES[i].x);
        assert_int_equal(at.window.y, CASES[i].y);
        assert_int_equal(at.window.width, CASES[i].side);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_crops_lie_inside_and_have_allowed_ratios),
        cmocka_unit_test(areas_places_and_ratios_are_uniform),
        cmocka_unit_test(a_long_picture_gives_its_middle),
        cmocka_unit_test(the_middle_is_torchvisions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
