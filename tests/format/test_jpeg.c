/* test_jpeg.c -- every colour of JPEG becomes RGB; cut, swollen and endless ones are refused in bounded memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/base/rng.h"
#include "snas/format/image.h"

enum { WIDTH = 37, HEIGHT = 23 };

/* How a picture is stored. */
typedef struct {
    const char *name;
    J_COLOR_SPACE given, stored;
    int channels;
    bool progressive, arithmetic, adobe;
    const JSAMPLE *inks; /* four of them all over the picture; NULL: the smooth one */
} kind;

/* A smooth picture: what a JPEG of high quality keeps. R, G, B, or the grey. */
static int smooth(int x, int y, int channel)
{
    return 40 + 3 * x + 2 * y + 20 * channel;
}

/* The samples that are given to the encoder for the wanted colour. */
static void fill_row(const kind *k, int y, int width, JSAMPLE *row)
{
    for (int x = 0; x < width; x++) {
        for (int channel = 0; channel < k->channels; channel++) {
            int light = channel == 3 ? 255 : smooth(x % WIDTH, y % HEIGHT, channel);
            light = k->inks != NULL ? 255 - k->inks[channel] : light;
            const bool turned = k->channels == 4 && !k->adobe; /* ink instead of light */
            *row++ = (JSAMPLE)(turned ? 255 - light : light);
        }
    }
}

static snas_bytes encode(const kind *k, int width, int height)
{
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_compress(&cinfo);
    jpeg_mem_dest(&cinfo, &bytes, &size);
    cinfo.image_width = (JDIMENSION)width;
    cinfo.image_height = (JDIMENSION)height;
    cinfo.input_components = k->channels;
    cinfo.in_color_space = k->given;
    jpeg_set_defaults(&cinfo);
    jpeg_set_colorspace(&cinfo, k->stored);
    jpeg_set_quality(&cinfo, 98, TRUE);
    for (int c = 0; c < cinfo.num_components; c++) {
        cinfo.comp_info[c].h_samp_factor = cinfo.comp_info[c].v_samp_factor = 1;
    }
    cinfo.arith_code = k->arithmetic;
    cinfo.write_Adobe_marker = k->adobe;
    if (k->progressive) {
        jpeg_simple_progression(&cinfo);
    }
    jpeg_start_compress(&cinfo, TRUE);
    JSAMPLE *row = malloc((size_t)width * 4);
    for (int y = 0; y < height; y++) {
        fill_row(k, y, width, row);
        JSAMPROW line = row;
        jpeg_write_scanlines(&cinfo, &line, 1);
    }
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    char *copy = snas_arena_take(mem, size, 1);
    memcpy(copy, bytes, size);
    free(row);
    free(bytes);
    return (snas_bytes){.data = copy, .size = size};
}

static const kind RGB = {.given = JCS_RGB, .stored = JCS_YCbCr, .channels = 3};

static void every_kind_becomes_rgb(void **state)
{
    (void)state;
    static const kind KINDS[] = {
        {"YCbCr", JCS_RGB, JCS_YCbCr, 3, false, false, false, NULL},
        {"RGB", JCS_RGB, JCS_RGB, 3, false, false, true, NULL},
        {"grey", JCS_GRAYSCALE, JCS_GRAYSCALE, 1, false, false, false, NULL},
        {"CMYK", JCS_CMYK, JCS_CMYK, 4, false, false, false, NULL},
        {"Adobe CMYK", JCS_CMYK, JCS_CMYK, 4, false, false, true, NULL},
        {"YCCK", JCS_CMYK, JCS_YCCK, 4, false, false, true, NULL},
        {"progressive", JCS_RGB, JCS_YCbCr, 3, true, false, false, NULL},
        {"arithmetic", JCS_RGB, JCS_YCbCr, 3, false, true, false, NULL},
    };
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        snas_image image, measured;
        const snas_bytes file = encode(&KINDS[i], WIDTH, HEIGHT);
        assert_ok(snas_image_decode(mem, KINDS[i].name, file, 1, &image));
        assert_string_equal(image.kind, "JPEG");
        assert_int_equal(image.columns, WIDTH);
        assert_int_equal(image.rows, HEIGHT);
        assert_int_equal(image.warnings, 0);
        for (int p = 0; p < WIDTH * HEIGHT * 3; p++) {
            const int channel = KINDS[i].channels == 1 ? 0 : p % 3;
            const int want = smooth(p / 3 % WIDTH, p / 3 / WIDTH, channel);
            if (abs(image.pixels[p] - want) > 4) {
                fail_msg("%s: pixel %d is %d, wanted %d", KINDS[i].name, p, image.pixels[p], want);
            }
        }
        assert_ok(snas_image_measure(mem, KINDS[i].name, file, &measured));
        assert_int_equal(measured.width, WIDTH);
        assert_int_equal(measured.height, HEIGHT);
        assert_null(measured.pixels);
    }
}

/* Black ink takes off what cyan has left: (255 - 100)(255 - 51) / 255 = 124. */
static void inks_take_off_light_one_behind_the_other(void **state)
{
    (void)state;
    for (int adobe = 0; adobe < 2; adobe++) {
        const JSAMPLE inks[4] = {100, 0, 255, 51};
        const kind k = {.given = JCS_CMYK, .stored = JCS_CMYK, .channels = 4, .adobe = adobe == 1, .inks = inks};
        snas_image image;
        assert_ok(snas_image_decode(mem, "ink", encode(&k, WIDTH, HEIGHT), 1, &image));
        for (int p = 0; p < WIDTH * HEIGHT; p++) {
            assert_true(abs(image.pixels[3 * p] - 124) <= 1);
            assert_true(abs(image.pixels[3 * p + 1] - 204) <= 1);
            assert_true(image.pixels[3 * p + 2] <= 1);
        }
    }
}

static void shrunk_pictures_are_smaller_and_alike(void **state)
{
    (void)state;
    const snas_bytes file = encode(&RGB, 2 * WIDTH, 2 * HEIGHT);
    for (int shrink = 1; shrink <= SNAS_IMAGE_SHRINK_MAX; shrink *= 2) {
        snas_image image;
        assert_ok(snas_image_decode(mem, "picture", file, shrink, &image));
        assert_int_equal(image.width, 2 * WIDTH);
        assert_int_equal(image.columns, (2 * WIDTH + shrink - 1) / shrink);
        assert_int_equal(image.rows, (2 * HEIGHT + shrink - 1) / shrink);
        const int want = smooth(shrink / 2, shrink / 2, 0);
        assert_true(abs(image.pixels[0] - want) <= 8);
    }
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    for (int progressive = 0; progressive < 2; progressive++) {
        kind k = RGB;
        k.progressive = progressive == 1;
        const snas_bytes whole = encode(&k, WIDTH, HEIGHT);
        for (size_t size = 3; size < whole.size; size++) {
            const snas_mark mark = snas_arena_mark(mem);
            snas_image image;
            const snas_bytes cut = {.data = whole.data, .size = size};
            assert_fails(snas_image_decode(mem, "cut.jpg", cut, 1, &image), SNAS_E_DATA,
                         "'cut.jpg' is not a good JPEG: it is cut off");
            assert_null(image.pixels);
            snas_arena_release(mem, mark);
        }
    }
}

static void what_is_no_picture_is_told_by_its_first_bytes(void **state)
{
    (void)state;
    static const char *const OTHERS[] = {"GIF89a", "BM", "\xff\xd8", "<html>", "RIFFxxxxWEBP"};
    snas_image image;
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
        const snas_bytes file = {.data = OTHERS[i], .size = strlen(OTHERS[i])};
        assert_fails(snas_image_decode(mem, "a.jpg", file, 1, &image), SNAS_E_DATA,
                     "'a.jpg' is neither a JPEG nor a PNG by its first bytes");
    }
    assert_fails(snas_image_decode(mem, "a.jpg", (snas_bytes){0}, 1, &image), SNAS_E_DATA, "'a.jpg' is empty");
    static const struct {
        const char *text, *part;
        size_t size;
    } KNOWN[] = {{"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer in the place of the file", 42},
                 {"RIFF\1\2\3\4WEBPVP8 ", "first bytes: it is a WebP", 16},
                 {"\0\0\0\x18"
                  "ftypheic",
                  "a HEIC", 12},
                 {"GIF89a", "a GIF", 6}};
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
        const snas_bytes file = {.data = KNOWN[i].text, .size = KNOWN[i].size};
        assert_fails(snas_image_decode(mem, "a.jpg", file, 1, &image), SNAS_E_DATA, KNOWN[i].part);
    }
}

/* A copy of the file in which the frame's header (SOF0, SOF2) claims these sides. */
static snas_bytes claim(snas_bytes file, int width, int height)
{
    unsigned char *bytes = snas_arena_take(mem, file.size, 1);
    memcpy(bytes, file.data, file.size);
    size_t i = 0;
    while (bytes[i] != 0xff || (bytes[i + 1] != 0xc0 && bytes[i + 1] != 0xc2)) {
        i++;
        assert_true(i + 9 < file.size);
    }
    bytes[i + 5] = (unsigned char)(height >> 8);
    bytes[i + 6] = (unsigned char)height;
    bytes[i + 7] = (unsigned char)(width >> 8);
    bytes[i + 8] = (unsigned char)width;
    return (snas_bytes){.data = bytes, .size = file.size};
}

static void pictures_beyond_the_limits_are_refused_before_they_cost_memory(void **state)
{
    (void)state;
    static const struct {
        int width, height;
        const char *part;
    } CLAIMS[] = {
        {65500, 65500, "65500 x 65500 pixels, allowed are sides of 16384"},
        {65535, 65535, "is not a good JPEG"},
        {16385, 1, "16385 x 1 pixels, allowed"},
        {16384, 16384, "64 million pixels"},
        {8000, 8000, "8000 x 8000 pixels cannot come from"},
        {0, 8, "is not a good JPEG"},
    };
    for (int progressive = 0; progressive < 2; progressive++) {
        kind k = RGB;
        k.progressive = progressive == 1;
        const snas_bytes small = encode(&k, 8, 8);
        for (size_t i = 0; i < sizeof CLAIMS / sizeof CLAIMS[0]; i++) {
            const snas_bytes file = claim(small, CLAIMS[i].width, CLAIMS[i].height);
            snas_image image;
            const size_t used = snas_arena_used(mem);
            assert_fails(snas_image_decode(mem, "big.jpg", file, 1, &image), SNAS_E_DATA, CLAIMS[i].part);
            assert_int_equal(snas_arena_used(mem), used);
        }
    }
}

/* A progressive file whose last scan comes again and again. */
static void endless_scans_are_refused(void **state)
{
    (void)state;
    enum { TIMES = 5000 };
    kind k = RGB;
    k.progressive = true;
    const snas_bytes whole = encode(&k, WIDTH, HEIGHT);
    const unsigned char *bytes = whole.data;
    size_t last = whole.size - 2; /* of the marker EOI */
    while (bytes[last] != 0xff || bytes[last + 1] != 0xda) {
        last--;
    }
    const size_t scan = whole.size - 2 - last;
    unsigned char *longer = snas_arena_take(mem, whole.size + scan * TIMES, 1);
    memcpy(longer, bytes, whole.size - 2);
    for (size_t i = 0; i < TIMES; i++) {
        memcpy(longer + whole.size - 2 + scan * i, bytes + last, scan);
    }
    const size_t size = whole.size + scan * TIMES;
    memcpy(longer + size - 2, "\xff\xd9", 2);
    snas_image image;
    assert_fails(snas_image_decode(mem, "long.jpg", (snas_bytes){longer, size}, 1, &image), SNAS_E_DATA,
                 "more than 200 scans");
}

static void damage_is_counted_or_refused_and_never_crashes(void **state)
{
    (void)state;
    snas_rng rng = snas_rng_at(2, SNAS_STREAM_TEST, 0);
    int repaired = 0;
    for (int round = 0; round < 2000; round++) {
        const snas_mark mark = snas_arena_mark(mem);
        kind k = RGB;
        k.progressive = round % 2 == 1;
        k.arithmetic = round % 5 == 1;
        const snas_bytes file = encode(&k, WIDTH, HEIGHT);
        unsigned char *copy = snas_arena_take(mem, file.size, 1);
        memcpy(copy, file.data, file.size);
        for (uint32_t n = 1 + snas_rng_below(&rng, 4); n > 0; n--) {
            copy[3 + snas_rng_below(&rng, (uint32_t)file.size - 3)] = (unsigned char)snas_rng_u32(&rng);
        }
        snas_image image;
        const snas_status status = snas_image_decode(mem, "hurt.jpg", (snas_bytes){copy, file.size}, 1, &image);
        assert_true(status == SNAS_OK || status == SNAS_E_DATA);
        repaired += status == SNAS_OK && image.warnings > 0;
        assert_true((status == SNAS_OK && image.warnings > 0) == (image.damage != NULL));
        assert_true(image.damage == NULL || strstr(image.damage, "'hurt.jpg' is a damaged JPEG: ") == image.damage);
        snas_arena_release(mem, mark);
    }
    assert_true(repaired > 10);
}

/* The file with markers APP1 after its start that hold `contents` [count], with EXIF's name in front. */
static snas_bytes with_exif(snas_bytes file, const char *const *contents, int count)
{
    enum { EXIF = 26, MARKER = 4 + 6 + EXIF };
    unsigned char *bytes = snas_arena_take(mem, file.size + (size_t)count * MARKER, 1), *at = bytes + 2;
    memcpy(bytes, file.data, 2);
    for (int i = 0; i < count; i++, at += MARKER) {
        memcpy(at,
               "\xff\xe1\x00\x22"
               "Exif\0",
               10);
        memcpy(at + 10, contents[i], EXIF);
    }
    memcpy(at, (const char *)file.data + 2, file.size - 2);
    return (snas_bytes){bytes, file.size + (size_t)count * MARKER};
}

static void the_first_exif_data_says_how_it_is_held(void **state)
{
    (void)state;
    static const char RIGHT[] = "MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
                      LEFT[] = "II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0\0\0\0\0";
    const char *const both[] = {LEFT, RIGHT};
    const snas_bytes plain = encode(&RGB, WIDTH, HEIGHT);
    snas_image image, upright;
    assert_ok(snas_image_decode(mem, "a.jpg", plain, 1, &image));
    assert_int_equal(image.orientation, 1);
    assert_ok(snas_image_decode(mem, "a.jpg", with_exif(plain, both, 2), 1, &image));
    assert_int_equal(image.orientation, 8);
    assert_int_equal(image.columns, WIDTH);
    assert_ok(snas_image_decode(mem, "a.jpg", with_exif(plain, both + 1, 1), 1, &image));
    assert_int_equal(image.orientation, 6);
    upright = image;
    assert_ok(snas_image_upright(mem, &upright));
    assert_int_equal(upright.columns, HEIGHT);
    assert_memory_equal(upright.pixels + 3 * (HEIGHT - 1), image.pixels, 3); /* the first pixel stands top right */
    assert_ok(snas_image_measure(mem, "a.jpg", with_exif(plain, both + 1, 1), &image));
    assert_int_equal(image.orientation, 6);
    for (size_t size = 3; size < 40; size++) { /* cut in the marker */
        const snas_bytes cut = {with_exif(plain, both, 1).data, size};
        assert_fails(snas_image_measure(mem, "a.jpg", cut, &image), SNAS_E_DATA, "is not a good JPEG: it is cut off");
    }
}

static void bytes_behind_the_picture_do_not_matter(void **state)
{
    (void)state;
    const snas_bytes whole = encode(&RGB, WIDTH, HEIGHT);
    char *longer = snas_arena_take(mem, whole.size + 100, 1);
    memcpy(longer, whole.data, whole.size);
    snas_image image;
    assert_ok(snas_image_decode(mem, "tail.jpg", (snas_bytes){longer, whole.size + 100}, 1, &image));
    assert_int_equal(image.columns, WIDTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_becomes_rgb),
        cmocka_unit_test(inks_take_off_light_one_behind_the_other),
        cmocka_unit_test(shrunk_pictures_are_smaller_and_alike),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(what_is_no_picture_is_told_by_its_first_bytes),
        cmocka_unit_test(pictures_beyond_the_limits_are_refused_before_they_cost_memory),
        cmocka_unit_test(endless_scans_are_refused),
        cmocka_unit_test(damage_is_counted_or_refused_and_never_crashes),
        cmocka_unit_test(the_first_exif_data_says_how_it_is_held),
        cmocka_unit_test(bytes_behind_the_picture_do_not_matter),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
