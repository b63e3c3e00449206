/* test_safetensors.c -- what is written is read, bit for bit; damage is seen. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "faults.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/base/rng.h"
#include "snas/base/text.h"
#include "snas/format/safetensors.h"

static const char *path;

static int setup(void **state)
{
    path = scratch_path("test.safetensors");
    return arena_setup(state);
}

static const float F32[6] = {1, -2.5f, 3e38f, 1e-45f, 0, 7};
static const double F64[2] = {0.1, -1e300};
static const uint16_t BF16[3] = {0x3f80, 0xc040, 0x7f80}; /* 1, -3, infinity */
static const int64_t I64[2] = {INT64_MIN, 9007199254740993};
static const uint64_t U64[1] = {UINT64_MAX};
static const uint8_t U8[5] = {0, 1, 2, 254, 255};

static snas_named_tensor TENSORS[] = {
    {.name = "u8", .dtype = SNAS_U8, .dims = 1, .shape = {5}, .data = U8, .count = 5},
    {.name = "cells.0.weight", .dtype = SNAS_F32, .dims = 2, .shape = {2, 3}, .data = F32, .count = 6},
    {.name = "f64", .dtype = SNAS_F64, .dims = 3, .shape = {1, 2, 1}, .data = F64, .count = 2},
    {.name = "bf16", .dtype = SNAS_BF16, .dims = 1, .shape = {3}, .data = BF16, .count = 3},
    {.name = "i64 \"\n\xc3\xa9", .dtype = SNAS_I64, .dims = 1, .shape = {2}, .data = I64, .count = 2},
    {.name = "scalar", .dtype = SNAS_U64, .dims = 0, .data = U64, .count = 1},
    {.name = "empty", .dtype = SNAS_F32, .dims = 2, .shape = {0, 7}, .data = F32, .count = 0},
};
enum { COUNT = sizeof TENSORS / sizeof TENSORS[0] };
static snas_metadata METADATA[] = {{"format", "pt"}, {"config", "{\"a\": \"b\\n\"}"}};

static snas_tensor_file sample(void)
{
    return (snas_tensor_file){.tensors = TENSORS, .count = COUNT, .metadata = METADATA, .metadata_count = 2};
}

static void assert_is_sample(const snas_tensor_file *found)
{
    assert_int_equal(found->count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        const snas_named_tensor *a = &TENSORS[i], *b = snas_tensor_find(found, a->name);
        assert_non_null(b);
        assert_ptr_equal(b, &found->tensors[i]); /* the order is kept */
        assert_int_equal(a->dtype, b->dtype);
        assert_int_equal(a->dims, b->dims);
        assert_memory_equal(a->shape, b->shape, sizeof a->shape);
        assert_int_equal(a->count, b->count);
        assert_memory_equal(a->data, b->data, (size_t)a->count * snas_dtype_size(a->dtype));
        assert_int_equal((uintptr_t)b->data % 8, 0);
    }
    assert_string_equal(snas_metadata_find(found, "config"), METADATA[1].value);
}

static void what_is_saved_is_loaded_bit_for_bit(void **state)
{
    (void)state;
    snas_tensor_file file = sample(), found;
    assert_ok(snas_safetensors_save(mem, path, &file));
    assert_ok(snas_safetensors_load(mem, path, &found));
    assert_is_sample(&found);
    assert_int_equal(strlen(snas_metadata_find(&found, "snas.crc32c")), 8);
    assert_null(snas_tensor_find(&found, "none"));
    assert_null(snas_metadata_find(&found, "none"));
    snas_bytes first, second;
    assert_ok(snas_file_read(mem, path, 1 << 20, &first));
    assert_ok(snas_safetensors_save(mem, path, &found)); /* what was loaded, checksums and all, gives the same file */
    assert_ok(snas_file_read(mem, path, 1 << 20, &second));
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
}

static void the_layout_is_the_one_of_the_format(void **state)
{
    (void)state;
    snas_tensor_file file = sample();
    snas_bytes bytes;
    assert_ok(snas_safetensors_save(mem, path, &file));
    assert_ok(snas_file_read(mem, path, 1 << 20, &bytes));
    uint64_t N;
    memcpy(&N, bytes.data, 8);
    const char *header = (const char *)bytes.data + 8;
    assert_int_equal(header[0], '{');
    assert_int_equal((8 + N) % 64, 0);
    assert_int_equal(bytes.size, 8 + N + 5 + 24 + 16 + 6 + 16 + 8);
    assert_non_null(strstr(header, "\"cells.0.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[5,29]}"));
    assert_non_null(strstr(header, "\"empty\":{\"dtype\":\"F32\",\"shape\":[0,7],\"data_offsets\":[75,75]}} "));
    char crc[64];
    snprintf(crc, sizeof crc, "\"snas.crc32c\":\"%08" PRIx32 "\"", snas_crc32c(0, header + N, bytes.size - 8 - N));
    assert_non_null(strstr(header, crc));
    char *digits = strstr(header, "\"snas.header.crc32c\":\"") + strlen("\"snas.header.crc32c\":\"");
    char *copy = snas_arena_take(mem, bytes.size, 1);
    memcpy(copy, bytes.data, bytes.size);
    memset(copy + 8 + (digits - header), '0', 8);
    snprintf(crc, sizeof crc, "%08" PRIx32, snas_crc32c(0, copy, 8 + N));
    assert_memory_equal(digits, crc, 8);
}

static void crc32c_gives_the_published_value(void **state)
{
    (void)state;
    assert_int_equal(snas_crc32c(0, "123456789", 9), 0xe3069283);
    assert_int_equal(snas_crc32c(0, "", 0), 0);
    unsigned char zeros[32] = {0}, ones[32];
    memset(ones, 255, sizeof ones);
    assert_int_equal(snas_crc32c(0, zeros, 32), 0x8a9136aa); /* RFC 3720, appendix B.4 */
    assert_int_equal(snas_crc32c(0, ones, 32), 0x62a8ab43);
    for (size_t cut = 0; cut <= 32; cut++) {
        assert_int_equal(snas_crc32c(snas_crc32c(0, ones, cut), ones + cut, 32 - cut), 0x62a8ab43);
    }
}

static void every_cut_and_every_added_byte_is_refused(void **state)
{
    (void)state;
    snas_tensor_file file = sample(), found;
    snas_bytes whole;
    assert_ok(snas_safetensors_save(mem, path, &file));
    assert_ok(snas_file_read(mem, path, 1 << 20, &whole));
    for (size_t size = 0; size <= whole.size + 1; size++) { /* the 0 after the data is the added byte */
        const snas_mark mark = snas_arena_mark(mem);
        scratch_put(path, whole.data, size);
        assert_int_equal(snas_safetensors_load(mem, path, &found), size == whole.size ? SNAS_OK : SNAS_E_DATA);
        snas_arena_release(mem, mark);
    }
}

static void every_flipped_bit_is_seen(void **state)
{
    (void)state;
    snas_tensor_file file = sample(), found;
    snas_bytes whole;
    assert_ok(snas_safetensors_save(mem, path, &file));
    assert_ok(snas_file_read(mem, path, 1 << 20, &whole));
    char *copy = snas_arena_take(mem, whole.size, 1);
    for (size_t bit = 0; bit < 8 * whole.size; bit++) {
        const snas_mark mark = snas_arena_mark(mem);
        memcpy(copy, whole.data, whole.size);
        copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
        scratch_put(path, copy, whole.size);
        assert_int_equal(snas_safetensors_load(mem, path, &found), SNAS_E_DATA);
        snas_arena_release(mem, mark);
    }
}

static void random_damage_never_crashes(void **state)
{
    (void)state;
    snas_tensor_file file = sample(), found;
    snas_bytes whole;
    assert_ok(snas_safetensors_save(mem, path, &file));
    assert_ok(snas_file_read(mem, path, 1 << 20, &whole));
    snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, 0);
    for (int round = 0; round < 2000; round++) {
        const snas_mark mark = snas_arena_mark(mem);
        char *copy = snas_arena_take(mem, whole.size, 1);
        memcpy(copy, whole.data, whole.size);
        for (uint32_t n = 1 + snas_rng_below(&rng, 8); n > 0; n--) {
            copy[snas_rng_below(&rng, (uint32_t)whole.size)] = "{}[]\",:09 \\u"[snas_rng_below(&rng, 12)];
        }
        scratch_put(path, copy, whole.size);
        const bool same = memcmp(copy, whole.data, whole.size) == 0;
        assert_int_equal(snas_safetensors_load(mem, path, &found), same ? SNAS_OK : SNAS_E_DATA);
        snas_arena_release(mem, mark);
    }
}

static void real_dtypes_become_doubles_and_floats(void **state)
{
    (void)state;
    snas_tensor_file file = sample();
    double d[6];
    float f[6];
    assert_ok(snas_tensor_to_double(snas_tensor_find(&file, "cells.0.weight"), d));
    assert_true(d[1] == -2.5 && d[5] == 7);
    assert_ok(snas_tensor_to_float(snas_tensor_find(&file, "cells.0.weight"), f));
    assert_memory_equal(f, F32, sizeof F32);
    assert_ok(snas_tensor_to_double(snas_tensor_find(&file, "f64"), d));
    assert_true(d[0] == 0.1 && d[1] == -1e300);
    assert_ok(snas_tensor_to_float(snas_tensor_find(&file, "f64"), f));
    assert_true(f[0] == 0.1f && isinf(f[1]));
    assert_ok(snas_tensor_to_double(snas_tensor_find(&file, "bf16"), d));
    assert_true(d[0] == 1 && d[1] == -3 && isinf(d[2]));
    assert_fails(snas_tensor_to_float(snas_tensor_find(&file, "u8"), f), SNAS_E_DATA, "'u8' has the dtype U8");
    assert_fails(snas_tensor_to_double(snas_tensor_find(&file, "scalar"), d), SNAS_E_DATA, "U64");
}

static void half_precision_becomes_the_same_numbers(void **state)
{
    (void)state;
    static const struct {
        uint16_t bits;
        double value;
    } CASES[] = {
        {0x3c00, 1},       {0xc000, -2},           {0x3555, 0.333251953125}, {0x7bff, 65504},    {0x0400, 0x1p-14},
        {0x0001, 0x1p-24}, {0x83ff, -0x1.ff8p-15}, {0x8000, -0.0},           {0x7c00, HUGE_VAL}, {0xfc00, -HUGE_VAL},
    };
    enum { N = sizeof CASES / sizeof CASES[0] };
    uint16_t bits[N + 1] = {[N] = 0x7e01}; /* NaN */
    double d[N + 1];
    float f[N + 1];
    for (int i = 0; i < N; i++) {
        bits[i] = CASES[i].bits;
    }
    snas_named_tensor half = {
        .name = "h", .dtype = SNAS_F16, .dims = 1, .shape = {N + 1}, .data = bits, .count = N + 1};
    snas_tensor_file file = {.tensors = &half, .count = 1}, found;
    assert_ok(snas_safetensors_save(mem, path, &file));
    assert_ok(snas_safetensors_load(mem, path, &found));
    assert_ok(snas_tensor_to_double(&found.tensors[0], d));
    assert_ok(snas_tensor_to_float(&found.tensors[0], f));
    for (int i = 0; i < N; i++) {
        assert_true(d[i] == CASES[i].value && (double)f[i] == CASES[i].value);
        assert_true(signbit(d[i]) == signbit(CASES[i].value));
    }
    assert_true(isnan(d[N]) && isnan(f[N]));
}

static void a_file_of_another_kind_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *part;
        size_t size;
    } CASES[] = {
        {"PK\x03\x04 and more",
         "it is a zip archive, as torch.save writes .pt and .pth files; write the state dict "
         "with safetensors.torch.save_file instead",
         13},
        {"PK\x03\x04", "zip archive", 4},
        {"\x80\x02\x8a\x0al\xfc\x9c\x46\xf9 and more", "it is a Python pickle", 18},
        {"\x80\x04\x95 and more", "it is a Python pickle", 12},
        {"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 12\n", "'git lfs pull' fetches the file",
         66},
        {"\x89HDF\r\n\x1a\n and more", "an HDF5 file", 17},
        {"<!DOCTYPE html><html>", "a web page", 21},
        {"{\"data\": {}}", "it is a JSON text", 12},
        {"nothing known", "its header claims", 13},
        {"short", "5 bytes are too few", 5},
        {"", "0 bytes are too few", 0},
    };
    snas_tensor_file file;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        scratch_put(path, CASES[i].bytes, CASES[i].size);
        assert_fails(snas_safetensors_load(mem, path, &file), SNAS_E_DATA, CASES[i].part);
    }
    /* a header of 640 bytes begins as a pickle does, and is a header */
    char header[640] = "{}";
    memset(header + 2, ' ', sizeof header - 2);
    char whole[8 + sizeof header] = "\x80\x02";
    memcpy(whole + 8, header, sizeof header);
    scratch_put(path, whole, sizeof whole);
    assert_ok(snas_safetensors_load(mem, path, &file));
}

static void what_could_not_be_loaded_is_not_written(void **state)
{
    (void)state;
    snas_named_tensor twins[2] = {TENSORS[0], TENSORS[0]};
    snas_tensor_file file = sample(), twin = {.tensors = twins, .count = 2}, found;
    assert_ok(snas_safetensors_save(mem, path, &file));
    assert_fails(snas_safetensors_save(mem, path, &twin), SNAS_E_DATA, "'u8' is given twice");
    twins[1].name = "other";
    twins[1].count = 4; /* not what its shape says */
    assert_fails(snas_safetensors_save(mem, path, &twin), SNAS_E_DATA, "do not match its shape");
    assert_ok(snas_safetensors_load(mem, path, &found));
    assert_is_sample(&found);
}

static void numbers_that_are_none_are_not_saved_for_a_run(void **state)
{
    (void)state;
    static float f32[] = {1.0f, (float)NAN};
    static double f64[] = {-HUGE_VAL, 0.0};
    static uint16_t bf16[] = {0x3f80, 0x7f80}; /* 1, infinity */
    static uint16_t f16[] = {0x7bff, 0xfe00};  /* 65504, not a number */
    static const uint64_t whole[] = {UINT64_MAX, 0};
    const struct {
        snas_dtype dtype;
        const void *data;
        const char *part; /* of the sentence; NULL: saved */
    } rows[] = {{SNAS_F32, f32, "tensor 'second' holds nan in place 1, allowed are finite numbers"},
                {SNAS_F64, f64, "'second' holds -inf in place 0"},
                {SNAS_BF16, bf16, "'second' holds inf in place 1"},
                {SNAS_F16, f16, "'second' holds nan in place 1"},
                {SNAS_U64, whole, NULL}};
    snas_tensor_file old = sample(), found;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snas_named_tensor tensors[] = {TENSORS[0],
                                       {.name = "second", .dtype = rows[i].dtype, .dims = 1, .shape = {2}, .count = 2}};
        tensors[1].data = rows[i].data;
        const snas_tensor_file file = {.tensors = tensors, .count = 2};
        assert_ok(snas_safetensors_save(mem, path, &old));
        if (rows[i].part == NULL) {
            assert_ok(snas_safetensors_save_finite(mem, path, &file));
            continue;
        }
        assert_fails(snas_safetensors_save_finite(mem, path, &file), SNAS_E_NUMERIC, rows[i].part);
        assert_non_null(strstr(snas_error(), "is not written"));
        assert_ok(snas_safetensors_load(mem, path, &found));
        assert_is_sample(&found);
    }
}

static void every_failing_call_leaves_the_old_file_or_the_new(void **state)
{
    (void)state;
    snas_tensor_file file = sample(), one = sample(), found;
    one.count = 1;
    bool reached = true;
    for (int n = 0; reached; n++) {
        assert_ok(snas_safetensors_save(mem, path, &one));
        faults_in_files(n, ENOSPC, false);
        const snas_status status = snas_safetensors_save(mem, path, &file);
        reached = faults_calls() > n;
        faults_clear();
        assert_true(status == SNAS_OK || status == SNAS_E_IO);
        assert_ok(snas_safetensors_load(mem, path, &found));
        assert_true(found.count == COUNT || (found.count == 1 && status == SNAS_E_IO));
    }
}

static void every_heap_failure_is_reported_and_leaks_nothing(void **state)
{
    (void)state;
    int n = 0;
    for (snas_status status = SNAS_E_MEMORY; status != SNAS_OK; n++) {
        snas_tensor_file file = sample(), found;
        snas_arena *small = NULL;
        faults_in_heap(n, true);
        status = snas_arena_create("small", 64, &small);
        status = status == SNAS_OK ? snas_safetensors_save(small, path, &file) : status;
        status = status == SNAS_OK ? snas_safetensors_load(small, path, &found) : status;
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
        cmocka_unit_test(what_is_saved_is_loaded_bit_for_bit),
        cmocka_unit_test(the_layout_is_the_one_of_the_format),
        cmocka_unit_test(crc32c_gives_the_published_value),
        cmocka_unit_test(every_cut_and_every_added_byte_is_refused),
        cmocka_unit_test(every_flipped_bit_is_seen),
        cmocka_unit_test(random_damage_never_crashes),
        cmocka_unit_test(real_dtypes_become_doubles_and_floats),
        cmocka_unit_test(half_precision_becomes_the_same_numbers),
        cmocka_unit_test(a_file_of_another_kind_is_named),
        cmocka_unit_test(what_could_not_be_loaded_is_not_written),
        cmocka_unit_test(numbers_that_are_none_are_not_saved_for_a_run),
        cmocka_unit_test(every_failing_call_leaves_the_old_file_or_the_new),
        cmocka_unit_test(every_heap_failure_is_reported_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, setup, arena_teardown);
}
