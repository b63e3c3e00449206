/* test_resize.c -- resizing gives Pillow's bytes, a window is a part of the whole, and light is kept. */
#include <stdlib.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "photo.h"

enum { WIDEST = 64, HIGHEST = 48 };

static uint8_t from[WIDEST * HIGHEST * 3], to[WIDEST * HIGHEST * 3];

static data_view picture(int width, int height)
{
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            for (int c = 0; c < 3; c++) {
                from[(y * width + x) * 3 + c] = (uint8_t)((x * x * 7 + y * 13 * (c + 1) + x * y * 3 + c * 50) / 3);
            }
        }
    }
    return (data_view){.width = width, .height = height, .stride = (size_t)width * 3, .pixels = from};
}

static data_box whole(int width, int height)
{
    return (data_box){.width = width, .height = height};
}

/* Sums s <- 31 s + byte (mod 2^32) and first bytes of Image.fromarray(picture).resize((W, H), Image.BILINEAR), from
 * Pillow 9.4. */
static void bytes_are_pillows(void **state)
{
    (void)state;
    static const struct {
        int width, height, new_width, new_height;
        uint32_t sum;
        uint8_t first[6];
    } GOLDEN[] = {
        {37, 23, 9, 5, 3824013590u, {27, 54, 80, 103, 124, 142}},
        {5, 7, 12, 16, 1886086258u, {0, 16, 33, 0, 16, 33}},
        {40, 30, 20, 30, 3426012786u, {2, 19, 35, 16, 33, 49}},
        {64, 48, 7, 6, 2504923721u, {90, 110, 128, 127, 125, 128}},
    };
    for (size_t i = 0; i < sizeof GOLDEN / sizeof GOLDEN[0]; i++) {
        const data_view view = picture(GOLDEN[i].width, GOLDEN[i].height);
        const int width = GOLDEN[i].new_width, height = GOLDEN[i].new_height;
        assert_ok(data_resize(mem, &view, width, height, whole(width, height), to));
        assert_memory_equal(to, GOLDEN[i].first, sizeof GOLDEN[i].first);
        uint32_t sum = 0;
        for (int b = 0; b < width * height * 3; b++) {
            sum = sum * 31u + to[b];
        }
        assert_int_equal(sum, GOLDEN[i].sum);
    }
}

static void a_window_is_a_part_of_the_whole(void **state)
{
    (void)state;
    enum { W = 31, H = 17 };
    static uint8_t part[W * H * 3];
    const data_view view = picture(WIDEST, HIGHEST);
    assert_ok(data_resize(mem, &view, W, H, whole(W, H), to));
    const data_box window = {.x = 5, .y = 3, .width = 20, .height = 11};
    assert_ok(data_resize(mem, &view, W, H, window, part));
    for (int y = 0; y < window.height; y++) {
        assert_memory_equal(part + y * window.width * 3, to + ((y + 3) * W + 5) * 3, (size_t)window.width * 3);
    }
}

static void a_part_is_resized_without_what_lies_around_it(void **state)
{
    (void)state;
    static uint8_t copy[20 * 10 * 3], want[7 * 4 * 3];
    data_view view = picture(WIDEST, HIGHEST);
    view = data_view_part(&view, (data_box){.x = 30, .y = 20, .width = 20, .height = 10});
    for (int y = 0; y < 10; y++) {
        memcpy(copy + (size_t)y * 60, view.pixels + (size_t)y * view.stride, 60);
    }
    const data_view alone = {.width = 20, .height = 10, .stride = 60, .pixels = copy};
    assert_ok(data_resize(mem, &view, 7, 4, whole(7, 4), to));
    assert_ok(data_resize(mem, &alone, 7, 4, whole(7, 4), want));
    assert_memory_equal(to, want, sizeof want);
}

static void the_same_size_changes_nothing_and_one_colour_stays(void **state)
{
    (void)state;
    data_view view = picture(WIDEST, HIGHEST);
    assert_ok(data_resize(mem, &view, WIDEST, HIGHEST, whole(WIDEST, HIGHEST), to));
    assert_memory_equal(to, from, sizeof from);
    memset(from, 201, sizeof from);
    for (int side = 1; side < HIGHEST; side++) {
        assert_ok(data_resize(mem, &view, side, side, whole(side, side), to));
        for (int b = 0; b < side * side * 3; b++) {
            assert_int_equal(to[b], 201);
        }
    }
}

/* Stripes of one pixel become their mean: without the wide triangle they would become black or white. */
static void stripes_do_not_alias(void **state)
{
    (void)state;
    data_view view = picture(WIDEST, HIGHEST);
    for (int b = 0; b < WIDEST * HIGHEST * 3; b++) {
        from[b] = (uint8_t)(b / 3 % 2 * 254);
    }
    assert_ok(data_resize(mem, &view, 8, 6, whole(8, 6), to));
    for (int b = 0; b < 8 * 6 * 3; b++) {
        assert_true(abs(to[b] - 127) <= 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_pillows),
        cmocka_unit_test(a_window_is_a_part_of_the_whole),
        cmocka_unit_test(a_part_is_resized_without_what_lies_around_it),
        cmocka_unit_test(the_same_size_changes_nothing_and_one_colour_stays),
        cmocka_unit_test(stripes_do_not_alias),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
