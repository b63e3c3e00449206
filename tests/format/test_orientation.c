/* test_orientation.c -- pictures are held as their EXIF data says, found where it may stand and nowhere else. */
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "image_kinds.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/format/image.h"
#include "snas/format/png.h"

/* What Pillow's ImageOps.exif_transpose makes of the rows "ABC" and "DEF", row after row. */
static const struct {
    int columns, rows;
    const char *letters;
} HELD[] = {[1] = {3, 2, "ABCDEF"}, [2] = {3, 2, "CBAFED"}, [3] = {3, 2, "FEDCBA"}, [4] = {3, 2, "DEFABC"},
            [5] = {2, 3, "ADBECF"}, [6] = {2, 3, "DAEBFC"}, [7] = {2, 3, "FCEBDA"}, [8] = {2, 3, "CFBEAD"}};

static void all_eight_are_pillows(void **state)
{
    (void)state;
    for (int orientation = 1; orientation <= 8; orientation++) {
        uint8_t pixels[18];
        for (int i = 0; i < 18; i++) {
            pixels[i] = (uint8_t)("ABCDEF"[i / 3] + 32 * (i % 3));
        }
        snas_image image = {
            .width = 30, .height = 20, .columns = 3, .rows = 2, .pixels = pixels, .orientation = orientation};
        assert_ok(snas_image_upright(mem, &image));
        assert_int_equal(image.columns, HELD[orientation].columns);
        assert_int_equal(image.rows, HELD[orientation].rows);
        assert_int_equal(image.width, 10 * HELD[orientation].columns);
        assert_int_equal(image.height, 10 * HELD[orientation].rows);
        assert_int_equal(image.orientation, 1);
        for (int i = 0; i < 18; i++) {
            assert_int_equal(image.pixels[i], HELD[orientation].letters[i / 3] + 32 * (i % 3));
        }
    }
}

/* --- EXIF data ---------------------------------------------------------------------------------------------------- */

/* Two entries, the second of them an orientation, in the order of the bytes that is asked for; 38 bytes. */
static void make_exif(bool little, int type, int many, int value, uint8_t to[38])
{
    static const uint8_t LITTLE[38] = {'I', 'I', 42, 0, 8, 0, 0, 0, 2, 0, 0x0f, 0x01, 2, 0, 1, 0, 0, 0, 'x', 0, 0, 0},
                         BIG[38] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 2, 0x01, 0x0f, 0, 2, 0, 0, 0, 1, 'x', 0, 0, 0};
    memcpy(to, little ? LITTLE : BIG, 38);
    const int width = type == 4 ? 4 : 2;
    const int last = little ? 0 : 1;
    to[22 + last] = 0x12;
    to[23 - last] = 0x01;
    to[24 + last] = (uint8_t)type;
    to[26 + 3 * last] = (uint8_t)many;
    to[30 + (little ? 0 : width - 1)] = (uint8_t)value;
}

static void both_orders_of_bytes_and_both_types_are_read(void **state)
{
    (void)state;
    uint8_t exif[38];
    for (int i = 0; i < 4 * 8; i++) {
        make_exif(i % 2 == 0, i / 2 % 2 == 0 ? 3 : 4, 1, 1 + i / 4, exif);
        assert_int_equal(format_exif_orientation(exif, sizeof exif), 1 + i / 4);
        for (size_t size = 0; size < 32; size++) { /* cut off before the number is whole */
            assert_int_equal(format_exif_orientation(exif, size), 1);
        }
    }
}

static void what_is_no_orientation_is_upright(void **state)
{
    (void)state;
    static const struct {
        int type, many, value;
    } OTHERS[] = {{3, 1, 0}, {3, 1, 9}, {3, 2, 6}, {3, 0, 6}, {1, 1, 6}, {5, 1, 6}};
    uint8_t exif[38];
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
        make_exif(i % 2 == 0, OTHERS[i].type, OTHERS[i].many, OTHERS[i].value, exif);
        assert_int_equal(format_exif_orientation(exif, sizeof exif), 1);
    }
    make_exif(true, 3, 1, 6, exif);
    exif[4] = exif[5] = exif[6] = exif[7] = 0xff; /* a directory beyond the end */
    assert_int_equal(format_exif_orientation(exif, sizeof exif), 1);
    make_exif(true, 3, 1, 6, exif);
    exif[8] = exif[9] = 0xff; /* more entries than there are: the one is found */
    assert_int_equal(format_exif_orientation(exif, sizeof exif), 6);
    exif[22] = 0; /* and without it the end */
    assert_int_equal(format_exif_orientation(exif, sizeof exif), 1);
    memset(exif, 'M', sizeof exif);
    assert_int_equal(format_exif_orientation(exif, sizeof exif), 1);
}

/* --- in a file ---------------------------------------------------------------------------------------------------- */

static uint32_t png_crc(const uint8_t *data, size_t size)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
        }
    }
    return ~crc;
}

static void put_u32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        to[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

/* A PNG whose eXIf chunk stands right after its head (33 bytes), or as its last but one chunk. */
static snas_bytes with_chunk(snas_bytes png, const uint8_t exif[38], bool first)
{
    enum { HEAD = 33, END = 12, CHUNK = 12 + 38 };
    const size_t at = first ? HEAD : png.size - END;
    uint8_t *bytes = snas_arena_take(mem, png.size + CHUNK, 1);
    memcpy(bytes, png.data, at);
    put_u32(bytes + at, 38);
    memcpy(bytes + at + 4, "eXIf", 4);
    memcpy(bytes + at + 8, exif, 38);
    put_u32(bytes + at + 46, png_crc(bytes + at + 4, 42));
    memcpy(bytes + at + CHUNK, (const char *)png.data + at, png.size - at);
    return (snas_bytes){bytes, png.size + CHUNK};
}

static void a_png_tells_it_before_its_pixels(void **state)
{
    (void)state;
    snas_raster raster;
    snas_bytes file;
    snas_image image;
    uint8_t exif[38];
    const char *path = scratch_path("small.png");
    assert_ok(snas_raster_create(mem, 3, 2, &raster));
    assert_ok(snas_png_save(mem, path, &raster));
    assert_ok(snas_file_read(mem, path, 1 << 20, &file));
    make_exif(false, 3, 1, 8, exif);
    assert_ok(snas_image_measure(mem, "a.png", with_chunk(file, exif, true), &image));
    assert_int_equal(image.orientation, 8);
    assert_ok(snas_image_decode(mem, "a.png", with_chunk(file, exif, true), 1, &image));
    assert_int_equal(image.orientation, 8);
    assert_ok(snas_image_upright(mem, &image));
    assert_int_equal(image.columns, 2);
    assert_ok(snas_image_decode(mem, "a.png", with_chunk(file, exif, false), 1, &image));
    assert_int_equal(image.orientation, 1);
    assert_ok(snas_image_decode(mem, "a.png", file, 1, &image));
    assert_int_equal(image.orientation, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_eight_are_pillows),
        cmocka_unit_test(both_orders_of_bytes_and_both_types_are_read),
        cmocka_unit_test(what_is_no_orientation_is_upright),
        cmocka_unit_test(a_png_tells_it_before_its_pixels),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
