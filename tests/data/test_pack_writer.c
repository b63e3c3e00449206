/* test_pack_writer.c -- packed data sets: what goes in comes out, and damage done to it is found. */
#include <stdio.h>
#include <string.h>

#include "packed_fixture.h"
#include "photo.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/data/pack_writer.h"
#include "snas/format/image.h"
#include "two_arenas_fixture.h"

enum { CLASSES = 3, TRAIN = 7, TEST = 4, SQUARE = 6, LONGEST = 40 };

static int labels[TRAIN + TEST];
static uint8_t pixels[TRAIN + TEST][LONGEST * LONGEST * 3];

static int setup(void **state)
{
    path = scratch_path("set.pack");
    for (int i = 0; i < TRAIN + TEST; i++) {
        labels[i] = i % CLASSES;
        for (size_t j = 0; j < sizeof pixels[i]; j++) {
            pixels[i][j] = (uint8_t)(i * 37 + (int)j * (i + 3) / 5);
        }
    }
    return arenas_setup(state);
}

static snas_picture picture_of(int i)
{
    return (snas_picture){.height = 9 + i, .width = LONGEST - 2 * i, .pixels = pixels[i]};
}

static snas_status read_made(const snas_pictures *pictures, int i, snas_arena *arena, snas_picture *out)
{
    (void)arena;
    *out = picture_of(i + *(const int *)pictures->source);
    return SNAS_OK;
}

/* Photographs, or squares of SQUARE in memory. */
static snas_dataset made_set(bool squares)
{
    static const char *const names[CLASSES] = {"ant", "b\"e\"e", "caf\xc3\xa9"};
    static const int firsts[2] = {0, TRAIN};
    static uint8_t together[TRAIN + TEST][SQUARE * SQUARE * 3];
    snas_dataset set = {.name = "made",
                        .classes = CLASSES,
                        .class_names = names,
                        .mean = {0.485f, 0.1f, 0.3333333f},
                        .deviation = {0.229f, 1.0f / 3.0f, 1e-3f},
                        .source = "made here",
                        .train = {.count = TRAIN, .labels = labels, .source = &firsts[0], .read = read_made},
                        .test = {.count = TEST, .labels = labels + TRAIN, .source = &firsts[1], .read = read_made}};
    for (int i = 0; i < TRAIN + TEST && squares; i++) {
        memcpy(together[i], pixels[i], sizeof together[i]);
    }
    if (squares) {
        set.train = data_pictures_in_memory(TRAIN, SQUARE, together[0], labels);
        set.test = data_pictures_in_memory(TEST, SQUARE, together[TRAIN], labels + TRAIN);
    }
    return set;
}

static void pack_part(snas_pack_writer *writer, const snas_pack_fit *fit, const snas_pictures *from)
{
    for (int i = 0; i < from->count; i++) {
        snas_picture whole, fitted;
        const snas_mark mark = snas_arena_mark(scratch);
        assert_ok(from->read(from, i, scratch, &whole));
        assert_ok(snas_pack_fitted(fit, &whole, scratch, &fitted));
        assert_ok(snas_pack_add(writer, from->labels[i], &fitted));
        snas_arena_release(scratch, mark);
    }
    assert_ok(snas_pack_close_part(writer));
}

static int64_t pack(const snas_dataset *set, snas_pack_fit fit)
{
    snas_pack_writer *writer;
    int64_t bytes;
    assert_ok(snas_pack_begin(mem, path, set, &fit, &writer));
    pack_part(writer, &fit, &set->train);
    pack_part(writer, &fit, &set->test);
    assert_ok(snas_pack_finish(writer, &bytes));
    assert_int_equal(bytes, snas_file_size(path));
    return bytes;
}

static void assert_same_facts(const snas_dataset *found, const snas_dataset *wanted)
{
    assert_int_equal(found->classes, CLASSES);
    for (int k = 0; k < CLASSES; k++) {
        assert_string_equal(found->class_names[k], wanted->class_names[k]);
    }
    assert_memory_equal(found->mean, wanted->mean, sizeof found->mean);
    assert_memory_equal(found->deviation, wanted->deviation, sizeof found->deviation);
    assert_int_equal(found->train.count, TRAIN);
    assert_int_equal(found->test.count, TEST);
    assert_memory_equal(found->train.labels, labels, TRAIN * sizeof *labels);
    assert_memory_equal(found->test.labels, labels + TRAIN, TEST * sizeof *labels);
}

static void assert_same_picture(const snas_pictures *from, int i, const snas_picture *wanted)
{
    snas_picture found;
    const snas_mark mark = snas_arena_mark(scratch);
    assert_ok(from->read(from, i, scratch, &found));
    assert_int_equal(found.height, wanted->height);
    assert_int_equal(found.width, wanted->width);
    assert_memory_equal(found.pixels, wanted->pixels, (size_t)found.height * (size_t)found.width * 3);
    snas_arena_release(scratch, mark);
}

/* --- what goes in comes out --------------------------------------------------------------------------------------- */

static void photographs_come_out_as_they_went_in(void **state)
{
    (void)state;
    const snas_dataset made = made_set(false);
    pack(&made, (snas_pack_fit){0});
    const snas_dataset set = open_set();
    assert_same_facts(&set, &made);
    assert_null(set.train.pixels);
    assert_int_equal(set.train.side, 16);
    for (int i = TRAIN + TEST - 1; i >= 0; i--) {
        const snas_picture wanted = picture_of(i);
        assert_same_picture(i < TRAIN ? &set.train : &set.test, i < TRAIN ? i : i - TRAIN, &wanted);
    }
    assert_non_null(strstr(set.source, "7 training and 4 test"));
}

static void other_pictures_make_another_identity(void **state)
{
    (void)state;
    const snas_dataset made = made_set(false);
    pack(&made, (snas_pack_fit){0});
    const uint32_t first = open_set().identity;
    assert_true(first != 0);
    pixels[TRAIN][100] ^= 1; /* a single bit of a test picture */
    pack(&made, (snas_pack_fit){0});
    assert_true(open_set().identity != first);
    pixels[TRAIN][100] ^= 1;
    snas_dataset moved = made; /* where they came from does not matter */
    moved.source = "another place";
    pack(&moved, (snas_pack_fit){0});
    assert_int_equal(open_set().identity, first);
}

static void equal_squares_come_out_in_memory(void **state)
{
    (void)state;
    const snas_dataset made = made_set(true);
    pack(&made, (snas_pack_fit){0});
    const snas_dataset set = open_set();
    assert_same_facts(&set, &made);
    assert_int_equal(set.train.side, SQUARE);
    assert_memory_equal(set.train.pixels, made.train.pixels, TRAIN * SQUARE * SQUARE * 3);
    assert_memory_equal(set.test.pixels, made.test.pixels, TEST * SQUARE * SQUARE * 3);
}

static void a_shorter_side_shrinks_and_never_grows(void **state)
{
    (void)state;
    const snas_dataset made = made_set(false);
    pack(&made, (snas_pack_fit){.shorter = 12});
    const snas_dataset set = open_set();
    for (int i = 0; i < TRAIN; i++) {
        snas_picture found;
        const snas_picture whole = picture_of(i);
        assert_ok(set.train.read(&set.train, i, scratch, &found));
        assert_int_equal(found.height, whole.height < 12 ? whole.height : 12);
        assert_int_equal(found.width, whole.height < 12 ? whole.width : whole.width * 12 / whole.height);
    }
    const snas_picture small = picture_of(1);
    assert_same_picture(&set.train, 1, &small);
}

static void squares_are_the_middle_that_an_evaluation_sees(void **state)
{
    (void)state;
    const snas_dataset made = made_set(false);
    pack(&made, (snas_pack_fit){.side = 8});
    const snas_dataset set = open_set();
    assert_int_equal(set.train.side, 8);
    for (int i = 0; i < TRAIN; i++) {
        const snas_picture whole = picture_of(i);
        const data_view view = {
            .width = whole.width, .height = whole.height, .stride = 3 * (size_t)whole.width, .pixels = whole.pixels};
        uint8_t wanted[8 * 8 * 3];
        const data_centred at = data_centre(whole.width, whole.height, 8, 8);
        assert_ok(data_resize(scratch, &view, at.width, at.height, at.window, wanted));
        assert_memory_equal(set.train.pixels + (size_t)i * sizeof wanted, wanted, sizeof wanted);
    }
    pack(&made, (snas_pack_fit){.side = 64}); /* larger than any of them */
    assert_int_equal(open_set().train.side, 64);
    const snas_dataset squares = made_set(true);
    pack(&squares, (snas_pack_fit){.shorter = 4});
    assert_int_equal(open_set().train.side, 4);
    pack(&squares, (snas_pack_fit){.shorter = 40});
    assert_int_equal(open_set().train.side, SQUARE);
}

static void a_scaled_decode_changes_nothing(void **state)
{
    (void)state;
    const snas_dataset made = made_set(false);
    pack(&made, (snas_pack_fit){0});
    const snas_dataset set = open_set();
    const data_normal normal = data_normal_make(set.mean, set.deviation);
    float first[16 * 16 * 3], again[16 * 16 * 3];
    const snas_augment augment = {.photo = true, .flip = true, .cutout = 3};
    const data_task task = {.index = 2, .augment = &augment, .normal = &normal, .rng = snas_rng_at(1, 2, 3)};
    assert_ok(set.train.prepare(&set.train, &task, scratch, first));
    snas_dataset_request r = request();
    r.photo.scaled_decode = true; /* nothing to decode */
    snas_dataset scaled;
    assert_ok(data_packed_open(mem, &r, &scaled));
    assert_ok(scaled.train.prepare(&scaled.train, &task, scratch, again));
    assert_memory_equal(first, again, sizeof first);
}

static void names_that_are_too_long_are_refused_before_anything_is_written(void **state)
{
    (void)state;
    snas_dataset made = made_set(true);
    snas_pack_writer *writer;
    char *name = snas_arena_take(mem, 1 << 20, 1);
    memset(name, 'n', (1 << 20) - 1);
    const char *const names[CLASSES] = {name, "b", "c"};
    made.class_names = names;
    assert_ok(snas_file_remove(path));
    const int files = scratch_count();
    assert_fails(snas_pack_begin(mem, path, &made, &(snas_pack_fit){0}, &writer), SNAS_E_DATA,
                 "the names of the 3 classes take");
    assert_int_equal(scratch_count(), files);
}

/* --- damage ------------------------------------------------------------------------------------------------------- */

static void cut_files_are_refused_at_any_length(void **state)
{
    (void)state;
    for (int squares = 0; squares < 2; squares++) {
        const snas_dataset made = made_set(squares == 1);
        const int64_t bytes = pack(&made, (snas_pack_fit){0});
        for (int64_t at = bytes - 1; at >= 0; at -= bytes / 60) {
            const snas_dataset_request r = request();
            snas_dataset set;
            assert_ok(snas_file_cut(path, at));
            assert_int_equal(data_packed_open(mem, &r, &set), SNAS_E_DATA);
        }
    }
}

static void a_file_that_gets_shorter_stops_the_reading(void **state)
{
    (void)state;
    const snas_dataset made = made_set(false);
    const int64_t bytes = pack(&made, (snas_pack_fit){0});
    const snas_dataset set = open_set();
    snas_picture found;
    assert_ok(set.test.read(&set.test, TEST - 1, scratch, &found));
    assert_ok(snas_file_cut(path, bytes - 500));
    assert_fails(set.test.read(&set.test, TEST - 1, scratch, &found), SNAS_E_IO, "it has become shorter");
    assert_ok(set.train.read(&set.train, 0, scratch, &found));
}

static char told[512];
static int faults;

static void hear(void *context, const char *sentence)
{
    (void)context;
    snprintf(told, sizeof told, "%s", sentence);
    faults++;
}

static void a_flipped_byte_is_found_by_the_check(void **state)
{
    (void)state;
    for (int squares = 0; squares < 2; squares++) {
        const snas_fault_sink sink = {.fault = hear, .note = hear};
        const snas_dataset_request r = request();
        const snas_dataset made = made_set(squares == 1);
        const int64_t bytes = pack(&made, (snas_pack_fit){0});
        faults = 0;
        assert_ok(data_packed_check(&r, &sink));
        assert_int_equal(faults, 0);
        FILE *file = fopen(path, "r+b");
        assert_non_null(file);
        assert_int_equal(fseek(file, (long)bytes - 300, SEEK_SET), 0);
        const int byte = fgetc(file);
        assert_int_equal(fseek(file, (long)bytes - 300, SEEK_SET), 0);
        assert_true(fputc(byte ^ 16, file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_ok(data_packed_check(&r, &sink));
        assert_int_equal(faults, 1);
        assert_non_null(strstr(told, "the checksum of its buffer is"));
        if (squares == 1) { /* read whole, so it is seen without being asked for */
            assert_refused(SNAS_E_DATA, "the checksum of its buffer is");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(photographs_come_out_as_they_went_in),
        cmocka_unit_test(other_pictures_make_another_identity),
        cmocka_unit_test(equal_squares_come_out_in_memory),
        cmocka_unit_test(a_shorter_side_shrinks_and_never_grows),
        cmocka_unit_test(squares_are_the_middle_that_an_evaluation_sees),
        cmocka_unit_test(a_scaled_decode_changes_nothing),
        cmocka_unit_test(names_that_are_too_long_are_refused_before_anything_is_written),
        cmocka_unit_test(cut_files_are_refused_at_any_length),
        cmocka_unit_test(a_file_that_gets_shorter_stops_the_reading),
        cmocka_unit_test(a_flipped_byte_is_found_by_the_check),
    };
    return cmocka_run_group_tests(tests, setup, arenas_teardown);
}
