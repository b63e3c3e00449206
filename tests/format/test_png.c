/* test_png.c -- pictures survive a round trip; any kind of PNG becomes RGB; broken and swollen ones are refused. */
#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "arena_fixture.h"
#include "check.h"
#include "faults.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/base/rng.h"
#include "snas/format/png.h"

static const char *path;

static int setup(void **state)
{
    path = scratch_path("test.png");
    return arena_setup(state);
}

static snas_raster sample(int width, int height)
{
    snas_raster picture;
    snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, (uint64_t)width);
    assert_ok(snas_raster_create(mem, width, height, &picture));
    for (int i = 0; i < width * height * 3; i++) {
        assert_int_equal(picture.rgb[i], 255);
        picture.rgb[i] = (uint8_t)snas_rng_below(&rng, 256);
    }
    return picture;
}

static void a_saved_picture_is_loaded(void **state)
{
    (void)state;
    static const int SIDES[][2] = {{1, 1}, {5, 3}, {200, 301}};
    for (size_t i = 0; i < sizeof SIDES / sizeof SIDES[0]; i++) {
        snas_raster saved = sample(SIDES[i][0], SIDES[i][1]), loaded;
        assert_ok(snas_png_save(mem, path, &saved));
        assert_ok(snas_png_load(mem, path, &loaded));
        assert_int_equal(loaded.width, saved.width);
        assert_int_equal(loaded.height, saved.height);
        assert_memory_equal(loaded.rgb, saved.rgb, (size_t)(saved.width * saved.height * 3));
    }
}

enum { SIDE = 9 };

/* Write a picture of any kind whose pixel (x, y) has all its samples near 20*x + y. */
static void write_kind(int colour, int depth, int interlace, int channels)
{
    FILE *file = fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, SIDE, SIDE, depth, colour, interlace, 0, 0);
    if (colour == PNG_COLOR_TYPE_PALETTE) {
        png_color palette[256];
        for (int i = 0; i < 256; i++) {
            palette[i] = (png_color){(png_byte)i, (png_byte)i, (png_byte)i};
        }
        png_set_PLTE(png, info, palette, 256);
    }
    png_write_info(png, info);
    static png_byte rows[SIDE][SIDE * 8];
    png_bytep pointers[SIDE];
    memset(rows, 0, sizeof rows);
    for (int y = 0; y < SIDE; y++) {
        pointers[y] = rows[y];
        for (int s = 0; s < SIDE * channels * (depth / 8); s++) {
            rows[y][s] = (png_byte)(20 * (s / (channels * (depth / 8))) + y);
        }
    }
    png_write_image(png, pointers);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    fclose(file);
}

static void every_kind_becomes_rgb(void **state)
{
    (void)state;
    static const int KINDS[][3] = {
        {PNG_COLOR_TYPE_GRAY, 8, 1},       {PNG_COLOR_TYPE_GRAY, 16, 1}, {PNG_COLOR_TYPE_GRAY_ALPHA, 8, 2},
        {PNG_COLOR_TYPE_PALETTE, 8, 1},    {PNG_COLOR_TYPE_RGB, 8, 3},   {PNG_COLOR_TYPE_RGB, 16, 3},
        {PNG_COLOR_TYPE_RGB_ALPHA, 16, 4},
    };
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        for (int interlace = 0; interlace < 2; interlace++) {
            snas_raster loaded;
            write_kind(KINDS[i][0], KINDS[i][1], interlace, KINDS[i][2]);
            assert_ok(snas_png_load(mem, path, &loaded));
            assert_int_equal(loaded.width, SIDE);
            for (int p = 0; p < SIDE * SIDE * 3; p++) {
                assert_int_equal(loaded.rgb[p], 20 * (p / 3 % SIDE) + p / 3 / SIDE);
            }
        }
    }
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    snas_raster picture = sample(8, 8), loaded;
    snas_bytes whole;
    assert_ok(snas_png_save(mem, path, &picture));
    assert_ok(snas_file_read(mem, path, 1 << 20, &whole));
    for (size_t size = 0; size < whole.size; size++) {
        scratch_put(path, whole.data, size);
        assert_fails(snas_png_load(mem, path, &loaded), SNAS_E_DATA, "is not a good PNG");
        assert_null(loaded.rgb);
    }
    scratch_put(path, "GIF89a, not a PNG at all", 24);
    assert_fails(snas_png_load(mem, path, &loaded), SNAS_E_DATA, "is not a good PNG");
    assert_fails(snas_png_load(mem, scratch_path("none.png"), &loaded), SNAS_E_IO, "No such file");
}

static void random_damage_never_crashes(void **state)
{
    (void)state;
    snas_raster picture = sample(8, 8), loaded;
    snas_bytes whole;
    assert_ok(snas_png_save(mem, path, &picture));
    assert_ok(snas_file_read(mem, path, 1 << 20, &whole));
    snas_rng rng = snas_rng_at(2, SNAS_STREAM_TEST, 0);
    for (int round = 0; round < 2000; round++) {
        const snas_mark mark = snas_arena_mark(mem);
        char *copy = snas_arena_take(mem, whole.size, 1);
        memcpy(copy, whole.data, whole.size);
        for (uint32_t n = 1 + snas_rng_below(&rng, 4); n > 0; n--) {
            copy[snas_rng_below(&rng, (uint32_t)whole.size)] = (char)snas_rng_u32(&rng);
        }
        scratch_put(path, copy, whole.size);
        const snas_status status = snas_png_load(mem, path, &loaded);
        assert_true(status == SNAS_OK || status == SNAS_E_DATA);
        snas_arena_release(mem, mark);
    }
}

/* The picture's header claims these sides, with a right checksum. */
static void write_claim(uint32_t width, uint32_t height)
{
    snas_raster picture = sample(1, 1);
    snas_bytes whole;
    assert_ok(snas_png_save(mem, path, &picture));
    assert_ok(snas_file_read(mem, path, 1 << 20, &whole));
    unsigned char *bytes = snas_arena_take(mem, whole.size, 1);
    memcpy(bytes, whole.data, whole.size);
    for (int i = 0; i < 4; i++) {
        bytes[16 + i] = (unsigned char)(width >> (24 - 8 * i));
        bytes[20 + i] = (unsigned char)(height >> (24 - 8 * i));
    }
    const uLong crc = crc32(0, bytes + 12, 17);
    for (int i = 0; i < 4; i++) {
        bytes[29 + i] = (unsigned char)(crc >> (24 - 8 * i));
    }
    scratch_put(path, bytes, whole.size);
}

static void pictures_beyond_the_limits_are_refused_before_they_cost_memory(void **state)
{
    (void)state;
    static const uint32_t CLAIMS[][2] = {{30000, 30000}, {16385, 1}, {1, 16385}, {16384, 16384}, {0, 1}, {1u << 31, 1}};
    for (size_t i = 0; i < sizeof CLAIMS / sizeof CLAIMS[0]; i++) {
        snas_raster loaded;
        write_claim(CLAIMS[i][0], CLAIMS[i][1]);
        const size_t before = snas_arena_used(mem);
        assert_fails(snas_png_load(mem, path, &loaded), SNAS_E_DATA, "is not a good PNG");
        assert_int_equal(snas_arena_used(mem), before);
    }
    snas_raster loaded;
    write_claim(30000, 40000);
    assert_fails(snas_png_load(mem, path, &loaded), SNAS_E_DATA, "30000 x 40000 pixels, allowed");
}

static void every_fault_of_files_and_memory_is_reported(void **state)
{
    (void)state;
    snas_raster picture = sample(20, 20), loaded;
    assert_ok(snas_png_save(mem, path, &picture));
    for (int n = 0; n < 6; n++) {
        faults_in_files(n, ENOSPC, false);
        assert_fails(snas_png_save(mem, path, &picture), SNAS_E_IO, "No space left");
        faults_clear();
        assert_ok(snas_png_load(mem, path, &loaded));
    }
    int n = 0;
    for (snas_status status = SNAS_E_MEMORY; status != SNAS_OK; n++) {
        snas_arena *small = NULL;
        faults_in_heap(n, true);
        status = snas_arena_create("small", 64, &small);
        status = status == SNAS_OK ? snas_png_save(small, path, &picture) : status;
        status = status == SNAS_OK ? snas_png_load(small, path, &loaded) : status;
        snas_arena_destroy(small);
        faults_clear();
        assert_int_equal(faults_open_blocks(), 0);
        assert_true(status == SNAS_OK || status == SNAS_E_MEMORY);
    }
    assert_true(n > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_saved_picture_is_loaded),
        cmocka_unit_test(every_kind_becomes_rgb),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(random_damage_never_crashes),
        cmocka_unit_test(pictures_beyond_the_limits_are_refused_before_they_cost_memory),
        cmocka_unit_test(every_fault_of_files_and_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, setup, arena_teardown);
}
