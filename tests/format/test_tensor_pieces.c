/* test_tensor_pieces.c -- what is written piece by piece is a file like any other; what is read in place is what it
 * holds. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arena_fixture.h"
#include "check.h"
#include "faults.h"
#include "scratch.h"
#include "snas/format/tensor_pieces.h"

enum { PIXELS = 1000003, LABELS = 5 };

static const char *path;
static uint8_t pixels[PIXELS];
static const int64_t LABEL[LABELS] = {3, -1, INT64_MAX, 0, 7};

static int setup(void **state)
{
    path = scratch_path("pieces.safetensors");
    for (int i = 0; i < PIXELS; i++) {
        pixels[i] = (uint8_t)(i * 31 + i / 257);
    }
    return arena_setup(state);
}

static snas_status write_all(snas_arena *arena, int64_t *bytes)
{
    snas_named_tensor rows[] = {{.name = "pixels", .dtype = SNAS_U8, .dims = 1},
                                {.name = "labels", .dtype = SNAS_I64, .dims = 2}};
    snas_metadata about[] = {{"note", "two \"tensors\""}};
    const snas_tensor_file plan = {.tensors = rows, .count = 2, .metadata = about, .metadata_count = 1};
    snas_tensor_writer *writer;
    SNAS_TRY(snas_tensor_writer_open(arena, path, &plan, &writer));
    for (size_t at = 0, size = 1; at < PIXELS; at += size, size *= 3) { /* small ones and large ones */
        size = size < PIXELS - at ? size : PIXELS - at;
        SNAS_TRY(snas_tensor_writer_add(writer, pixels + at, size));
    }
    snas_tensor_writer_close(writer, (int64_t[]){PIXELS});
    SNAS_TRY(snas_tensor_writer_add(writer, LABEL, sizeof LABEL));
    snas_tensor_writer_close(writer, (int64_t[]){LABELS, 1});
    return snas_tensor_writer_commit(writer, bytes);
}

/* In an arena of its own, as whoever writes a large file does. */
static snas_status write_file(int64_t *bytes)
{
    snas_arena *arena;
    assert_ok(snas_arena_create("writer", 0, &arena));
    const snas_status status = write_all(arena, bytes);
    snas_arena_destroy(arena);
    return status;
}

static void what_is_written_in_pieces_is_loaded_whole(void **state)
{
    (void)state;
    int64_t bytes;
    snas_tensor_file file;
    assert_ok(write_file(&bytes));
    assert_int_equal(bytes, snas_file_size(path));
    assert_ok(snas_safetensors_load(mem, path, &file));
    assert_int_equal(file.count, 2);
    assert_int_equal(file.tensors[0].count, PIXELS);
    assert_memory_equal(file.tensors[0].data, pixels, PIXELS);
    assert_int_equal(file.tensors[1].shape[1], 1);
    assert_memory_equal(file.tensors[1].data, LABEL, sizeof LABEL);
    assert_string_equal(snas_metadata_find(&file, "note"), "two \"tensors\"");
    assert_int_equal(strlen(snas_metadata_find(&file, "snas.crc32c")), 8);
}

static void a_map_knows_every_place(void **state)
{
    (void)state;
    int64_t bytes, labels[LABELS];
    uint8_t some[100];
    snas_tensor_map map;
    assert_ok(write_file(&bytes));
    assert_ok(snas_tensor_map_open(mem, path, &map));
    const int p = snas_tensor_map_find(&map, "pixels"), l = snas_tensor_map_find(&map, "labels");
    assert_int_equal(snas_tensor_map_find(&map, "others"), -1);
    assert_null(map.head.tensors[p].data);
    assert_int_equal(map.place[p] % 64, 0);
    assert_ok(snas_held_read(map.file, map.place[p] + 5000, sizeof some, some));
    assert_memory_equal(some, pixels + 5000, sizeof some);
    assert_ok(snas_tensor_map_read(&map, l, labels));
    assert_memory_equal(labels, LABEL, sizeof LABEL);
    assert_ok(snas_tensor_map_check(mem, &map));
    snas_tensor_file file;
    assert_ok(snas_safetensors_load(mem, path, &file));
    assert_string_equal(map.buffer_said, snas_metadata_find(&file, "snas.crc32c"));
}

/* Flip a bit of the byte at `place`. */
static void flip(int64_t place, int bit)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, (long)place, SEEK_SET), 0);
    const int byte = fgetc(file);
    assert_int_equal(fseek(file, (long)place, SEEK_SET), 0);
    assert_int_equal(fputc(byte ^ (1 << bit), file), byte ^ (1 << bit));
    assert_int_equal(fclose(file), 0);
}

static void every_spoiled_bit_of_the_header_is_seen(void **state)
{
    (void)state;
    int64_t bytes;
    snas_tensor_map map;
    assert_ok(write_file(&bytes));
    assert_ok(snas_tensor_map_open(mem, path, &map));
    const int64_t header = map.buffer;
    for (int64_t i = 0; i < header; i++) {
        const snas_mark mark = snas_arena_mark(mem);
        flip(i, (int)(i % 8));
        assert_int_equal(snas_tensor_map_open(mem, path, &map), SNAS_E_DATA);
        flip(i, (int)(i % 8));
        snas_arena_release(mem, mark);
    }
    assert_ok(snas_tensor_map_open(mem, path, &map));
}

static void a_flipped_byte_of_the_buffer_is_found_by_the_check(void **state)
{
    (void)state;
    int64_t bytes;
    snas_tensor_map map;
    assert_ok(write_file(&bytes));
    flip(bytes - 41, 3);
    assert_ok(snas_tensor_map_open(mem, path, &map));
    assert_fails(snas_tensor_map_check(mem, &map), SNAS_E_DATA, "the checksum of its buffer is");
}

static void a_file_cut_at_any_length_is_refused(void **state)
{
    (void)state;
    int64_t bytes;
    snas_tensor_map map;
    assert_ok(write_file(&bytes));
    for (int64_t at = bytes - 1; at >= 0; at -= at < 2000 ? 7 : 9001) {
        const snas_mark mark = snas_arena_mark(mem);
        assert_ok(snas_file_cut(path, at));
        assert_int_equal(snas_tensor_map_open(mem, path, &map), SNAS_E_DATA);
        snas_arena_release(mem, mark);
    }
}

static void a_file_that_gets_shorter_meanwhile_is_told(void **state)
{
    (void)state;
    int64_t bytes, labels[LABELS];
    snas_tensor_map map;
    assert_ok(write_file(&bytes));
    assert_ok(snas_tensor_map_open(mem, path, &map));
    assert_ok(snas_file_cut(path, bytes - 8));
    assert_fails(snas_tensor_map_read(&map, 1, labels), SNAS_E_IO, "it has become shorter");
    assert_fails(snas_tensor_map_check(mem, &map), SNAS_E_IO, "it has become shorter");
}

static void a_failing_call_leaves_the_old_file_and_no_other(void **state)
{
    (void)state;
    int64_t bytes;
    int n = 0;
    bool reached = true;
    for (; reached; n++) {
        assert_ok(snas_file_replace_text(path, "old"));
        const int files = scratch_count();
        faults_in_files(n, ENOSPC, false);
        const snas_status status = write_file(&bytes);
        reached = faults_calls() > n;
        faults_clear();
        assert_int_equal(faults_open_files(), 0);
        assert_int_equal(scratch_count(), files);
        assert_true(status == SNAS_E_IO || !reached || snas_file_size(path) == bytes);
        assert_true(status == SNAS_OK || snas_file_size(path) == 3 || snas_file_size(path) == bytes);
    }
    assert_true(n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_in_pieces_is_loaded_whole),
        cmocka_unit_test(a_map_knows_every_place),
        cmocka_unit_test(every_spoiled_bit_of_the_header_is_seen),
        cmocka_unit_test(a_flipped_byte_of_the_buffer_is_found_by_the_check),
        cmocka_unit_test(a_file_cut_at_any_length_is_refused),
        cmocka_unit_test(a_file_that_gets_shorter_meanwhile_is_told),
        cmocka_unit_test(a_failing_call_leaves_the_old_file_and_no_other),
    };
    return cmocka_run_group_tests(tests, setup, arena_teardown);
}
