/* test_safetensors_header.c -- every lie that the header of a file can tell is refused, and costs little. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/format/safetensors.h"

static const char *path;

static int setup(void **state)
{
    path = scratch_path("test.safetensors");
    return arena_setup(state);
}

/* Write a file with this header and `buffer` bytes of 1, and load it. */
static snas_status load_made(uint64_t N, const char *header, size_t buffer, snas_tensor_file *out)
{
    const size_t size = strlen(header);
    char *bytes = snas_arena_take(mem, 8 + size + buffer, 1);
    memcpy(bytes, &N, 8);
    memcpy(bytes + 8, header, size);
    memset(bytes + 8 + size, 1, buffer);
    scratch_put(path, bytes, 8 + size + buffer);
    return snas_safetensors_load(mem, path, out);
}

static void any_order_of_keys_and_space_is_read(void **state)
{
    (void)state;
    const char *header = " \n{ \"b\" : {\"data_offsets\":[4,8] ,\t\"shape\":[ ], \"dtype\":\"F32\"},"
                         "\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}, \"__metadata__\":{} }\r\n ";
    snas_tensor_file found;
    assert_ok(load_made(strlen(header), header, 8, &found));
    assert_int_equal(found.count, 2);
    assert_int_equal(snas_tensor_find(&found, "b")->count, 1);
    assert_ok(load_made(2, "{}", 0, &found));
    assert_int_equal(found.count, 0);
}

#define A(dtype, shape, offsets) "\"a\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
#define B(dtype, shape, offsets) "\"b\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void every_lie_of_a_header_is_refused(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        const char *header;
        size_t buffer;
        const char *part;
    } CASES[] = {
        /* places */
        {"{" A("U8", "[4]", "[0,4]") "," B("U8", "[4]", "[5,9]") "}", 9, "'b' is at 5..9 where 4 must begin"},
        {"{" A("U8", "[4]", "[0,4]") "," B("U8", "[4]", "[3,7]") "}", 7, "'b' is at 3..7 where 4 must begin"},
        {"{" A("U8", "[4]", "[0,4]") "," B("U8", "[4]", "[0,4]") "}", 4, "a hole or an overlap"},
        {"{" A("U8", "[4]", "[1,5]") "}", 5, "where 0 must begin"},
        {"{" A("U8", "[4]", "[4,0]") "}", 4, "hole or an overlap"},
        {"{" A("U8", "[0]", "[1,0]") "}", 0, "hole or an overlap"},
        {"{" A("U8", "[4]", "[0,4]") "}", 5, "fill 4 bytes, the file has 5"},
        {"{" A("U8", "[4]", "[0,4]") "}", 3, "fill 4 bytes, the file has 3"},
        {"{}", 1, "fill 0 bytes, the file has 1"},
        /* sizes */
        {"{" A("F32", "[4]", "[0,4]") "}", 4, "do not match its shape"},
        {"{" A("U8", "[]", "[0,4]") "}", 4, "do not match its shape"},
        {"{" A("U8", "[0]", "[0,4]") "}", 4, "do not match its shape"},
        {"{" A("U8", "[2,18446744073709551614]", "[0,4]") "}", 4, "not a whole number from 0 to 2^48-1"},
        {"{" A("U8", "[4294967296,4294967296]", "[0,0]") "}", 0, "do not match its shape"},
        {"{" A("F64", "[281474976710655,4096]", "[0,0]") "}", 0, "do not match its shape"},
        {"{" A("U8", "[281474976710656]", "[0,0]") "}", 0, "not a whole number"},
        {"{" A("U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]") "}", 1, "too many numbers"},
        /* numbers */
        {"{" A("U8", "[-1]", "[0,1]") "}", 1, "not a whole number"},
        {"{" A("U8", "[1.0]", "[0,1]") "}", 1, "not a whole number"},
        {"{" A("U8", "[1e0]", "[0,1]") "}", 1, "not a whole number"},
        {"{" A("U8", "[01]", "[0,1]") "}", 1, "not a whole number"},
        {"{" A("U8", "[1]", "[0,99999999999999999999999]") "}", 1, "not a whole number"},
        {"{" A("U8", "[\"1\"]", "[0,1]") "}", 1, "not a whole number"},
        {"{" A("U8", "[1]", "[0]") "}", 1, "data_offsets wants two"},
        {"{" A("U8", "[1]", "[0,1,2]") "}", 1, "too many numbers"},
        {"{" A("U8", "[1]", "[]") "}", 1, "data_offsets wants two"},
        {"{" A("U8", "[1,]", "[0,1]") "}", 1, "not a whole number"},
        {"{" A("U8", "[[1]]", "[0,1]") "}", 1, "not a whole number"},
        /* names and keys */
        {"{" A("U8", "[1]", "[0,1]") "," A("U8", "[1]", "[1,2]") "}", 2, "'a' is given twice"},
        {"{" A("U8", "[1]", "[0,1]") ",\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2,
         "'a' is given twice"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "given twice"},
        {"{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "'k' is given twice"},
        {"{\"__metadata__\":{\"k\":1}}", 0, "a string is missing"},
        {"{\"__metadata__\":{\"k\":{}}}", 0, "a string is missing"},
        {"{\"__metadata__\":[]}", 0, "'{' is missing"},
        {"{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "a key given twice"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "data_offsets is missing"},
        {"{\"a\":{}}", 1, "is missing"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":1}}", 1, "an unknown key"},
        {"{" A("F8_E4M3", "[4]", "[0,4]") "}", 4, "dtype 'F8_E4M3', allowed are F32 F64 F16 BF16 I64 U64 U8"},
        {"{" A("F33", "[1]", "[0,4]") "}", 4, "has the dtype 'F33'"},
        {"{" A("f32", "[1]", "[0,4]") "}", 4, "has the dtype 'f32'"},
        {"{\"a\":{\"dtype\":1,\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "a string is missing"},
        /* syntax */
        {"", 0, "'{' is missing"},
        {"[]", 0, "'{' is missing"},
        {"{", 0, "a string is missing"},
        {"{}x", 0, "something follows"},
        {"{}{}", 0, "something follows"},
        {"{\"a\"}", 0, "':' is missing"},
        {"{\"a\":1}", 0, "'{' is missing"},
        {"{" A("U8", "[1]", "[0,1]") ",}", 1, "a string is missing"},
        {"{" A("U8", "[1}", "[0,1]") "}", 1, "']' is missing"},
        {"{\"\xff\":{}}", 0, "broken UTF-8"},
        {"{\"\\u0000\":{}}", 0, "\\u0000"},
        {"{\"\x01\":{}}", 0, "control byte"},
        {"{\"a", 0, "closing quote"},
        /* checksums */
        {"{\"__metadata__\":{\"snas.crc32c\":\"00000000\"}}", 0, "only one of the checksums"},
        {"{\"__metadata__\":{\"snas.header.crc32c\":\"00000000\"}}", 0, "only one of the checksums"},
        {"{\"__metadata__\":{\"snas.header.crc32c\":\"0\"}}", 0, "eight digits"},
        {"{\"__metadata__\":{\"snas.crc32c\":\"00000000\",\"snas.header.crc32c\":\"00000000\"}}", 0,
         "is damaged: the checksum of its header"},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        snas_tensor_file found;
        const char *header = CASES[i].header;
        assert_fails(load_made(strlen(header), header, CASES[i].buffer, &found), SNAS_E_DATA, CASES[i].part);
        assert_int_equal(found.count, 0);
    }
}

static void a_lie_about_the_header_s_length_is_refused(void **state)
{
    (void)state;
    static const uint64_t LIES[] = {1ull << 63, UINT64_MAX, UINT64_MAX - 7, 100000000, (8 << 20) + 1, 9, 3};
    snas_tensor_file found;
    for (size_t i = 0; i < sizeof LIES / sizeof LIES[0]; i++) {
        assert_fails(load_made(LIES[i], "{}", 0, &found), SNAS_E_DATA, "its header claims");
    }
    assert_fails(load_made(0, "{}", 0, &found), SNAS_E_DATA, "'{' is missing");
    assert_fails(load_made(1, "{}", 0, &found), SNAS_E_DATA, "a string is missing");
    for (size_t size = 0; size < 8; size++) {
        scratch_put(path, "\0\0\0\0\0\0\0", size);
        assert_fails(snas_safetensors_load(mem, path, &found), SNAS_E_DATA, "too few");
    }
}

static void hostile_headers_cost_little(void **state)
{
    (void)state;
    enum { BIG = 8 << 20 };
    static const char *const UNITS[] = {"[", "{\"a\":", "{\"a\":{},", "\"", "{\"__metadata__\":{\"a\":\"b\","};
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++) {
        snas_arena *mine;
        snas_tensor_file found;
        char *text = calloc(BIG + 8, 1);
        const uint64_t N = BIG;
        memcpy(text, &N, 8);
        for (size_t at = 0; at < BIG; at++) {
            text[8 + at] = UNITS[i][at % strlen(UNITS[i])];
        }
        scratch_put(path, text, BIG + 8);
        free(text);
        assert_ok(snas_arena_create("mine", 0, &mine));
        assert_int_equal(snas_safetensors_load(mine, path, &found), SNAS_E_DATA);
        assert_true(snas_arena_used(mine) < 64 << 20);
        snas_arena_destroy(mine);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_of_keys_and_space_is_read),
        cmocka_unit_test(every_lie_of_a_header_is_refused),
        cmocka_unit_test(a_lie_about_the_header_s_length_is_refused),
        cmocka_unit_test(hostile_headers_cost_little),
    };
    return cmocka_run_group_tests(tests, setup, arena_teardown);
}
