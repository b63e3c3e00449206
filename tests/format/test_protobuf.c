/* test_protobuf.c -- the bytes of messages: values, lists, nested messages of any length, borrowed bytes. */
#include <stdlib.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "faults.h"
#include "snas/base/file.h"
#include "snas/format/protobuf.h"

enum { LARGE = 1 << 20 };

/* The whole message in one piece. */
static snas_bytes whole_of(const snas_protobuf *message)
{
    const snas_bytes *parts;
    int count;
    assert_ok(snas_protobuf_parts(message, &parts, &count));
    snas_text all = snas_text_make(mem);
    for (int i = 0; i < count; i++) {
        snas_text_add_bytes(&all, parts[i].data, parts[i].size);
    }
    assert_ok(snas_text_done(&all));
    assert_int_equal(all.size, snas_protobuf_size(message));
    return (snas_bytes){.data = all.data, .size = all.size};
}

/* `digits`: two hexadecimal ones a byte; blanks between them do not count. */
static void assert_bytes(const snas_protobuf *message, const char *digits)
{
    static const char DIGITS[] = "0123456789abcdef";
    const snas_bytes found = whole_of(message);
    snas_text text = snas_text_make(mem), wanted = snas_text_make(mem);
    for (size_t i = 0; i < found.size; i++) {
        const unsigned char byte = ((const unsigned char *)found.data)[i];
        snas_text_add(&text, "%c%c", DIGITS[byte >> 4], DIGITS[byte & 15]);
    }
    for (; *digits != '\0'; digits++) {
        snas_text_add(&wanted, "%s", *digits == ' ' ? "" : (char[]){*digits, '\0'});
    }
    assert_string_equal(text.data, wanted.data);
}

static void whole_numbers_are_varints(void **state)
{
    (void)state;
    static const struct {
        int number;
        int64_t value;
        const char *bytes;
    } CASES[] = {
        {1, 0, "08 00"},
        {1, 1, "08 01"},
        {15, 127, "78 7f"},
        {16, 128, "8001 8001"},
        {1, 150, "08 9601"},
        {1, 16384, "08 808001"},
        {1, INT64_MAX, "08 ffffffffffffffff7f"},
        {1, -1, "08 ffffffffffffffffff01"},
        {1, INT64_MIN, "08 80808080808080808001"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        snas_protobuf message = snas_protobuf_make(mem);
        snas_protobuf_int(&message, CASES[i].number, CASES[i].value);
        assert_bytes(&message, CASES[i].bytes);
    }
}

static void other_values_have_their_wire_types(void **state)
{
    (void)state;
    snas_protobuf message = snas_protobuf_make(mem);
    assert_bytes(&message, "");
    snas_protobuf_double(&message, 1, 1.0);
    snas_protobuf_float(&message, 2, 0.5f);
    snas_protobuf_text(&message, 3, "testing");
    snas_protobuf_text(&message, 4, "");
    snas_protobuf_bytes(&message, 5, (snas_bytes){.data = "\0\xff", .size = 2});
    assert_bytes(&message, "09 000000000000f03f  15 0000003f  1a 07 74657374696e67  22 00  2a 02 00ff");
}

static void lists_are_packed_and_empty_ones_leave_nothing(void **state)
{
    (void)state;
    static const int64_t INTS[] = {3, 270, 86942, -1};
    static const float FLOATS[] = {1.0f, -2.0f};
    static const double DOUBLES[] = {1.0};
    snas_protobuf message = snas_protobuf_make(mem);
    snas_protobuf_ints(&message, 1, INTS, 0);
    snas_protobuf_floats(&message, 2, FLOATS, 0);
    snas_protobuf_doubles(&message, 3, DOUBLES, 0);
    assert_bytes(&message, "");
    snas_protobuf_ints(&message, 4, INTS, 4);
    snas_protobuf_floats(&message, 5, FLOATS, 2);
    snas_protobuf_doubles(&message, 6, DOUBLES, 1);
    assert_bytes(&message,
                 "22 10 03 8e02 9ea705 ffffffffffffffffff01  2a 08 0000803f 000000c0  32 08 000000000000f03f");
}

static void nested_messages_carry_their_length(void **state)
{
    (void)state;
    snas_protobuf message = snas_protobuf_make(mem);
    const snas_protobuf_nested outer = snas_protobuf_open(&message, 1);
    const snas_protobuf_nested empty = snas_protobuf_open(&message, 2);
    snas_protobuf_close(&message, empty);
    const snas_protobuf_nested inner = snas_protobuf_open(&message, 3);
    snas_protobuf_int(&message, 1, 150);
    snas_protobuf_close(&message, inner);
    snas_protobuf_close(&message, outer);
    snas_protobuf_int(&message, 4, 1);
    assert_bytes(&message, "0a 07  12 00  1a 03 08 9601  20 01");
}

/* --- lengths of several bytes, read by a reader of our own -------------------------------------------------------- */

static uint64_t read_varint(snas_bytes bytes, size_t *at)
{
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        assert_true(*at < bytes.size && shift < 64);
        const unsigned char byte = ((const unsigned char *)bytes.data)[(*at)++];
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            return value;
        }
    }
}

/* The field at `at`, which has to be one with a length. */
static snas_bytes read_sized(snas_bytes bytes, size_t *at, int number)
{
    assert_int_equal(read_varint(bytes, at), number << 3 | 2);
    const uint64_t size = read_varint(bytes, at);
    assert_true(size <= bytes.size - *at);
    const snas_bytes found = {.data = (const char *)bytes.data + *at, .size = (size_t)size};
    *at += found.size;
    return found;
}

/* { 1: { 2: FILL, 3: { 4: FILL }, 5: "end" }, 6: FILL }, every fill copied or borrowed. */
static snas_protobuf nest(snas_bytes fill, void (*add)(snas_protobuf *, int, snas_bytes))
{
    snas_protobuf message = snas_protobuf_make(mem);
    const snas_protobuf_nested outer = snas_protobuf_open(&message, 1);
    add(&message, 2, fill);
    const snas_protobuf_nested inner = snas_protobuf_open(&message, 3);
    add(&message, 4, fill);
    snas_protobuf_close(&message, inner);
    snas_protobuf_text(&message, 5, "end");
    snas_protobuf_close(&message, outer);
    add(&message, 6, fill);
    return message;
}

static void assert_fill(snas_bytes found, snas_bytes fill)
{
    assert_int_equal(found.size, fill.size);
    assert_memory_equal(found.data, fill.data, fill.size);
}

static void assert_nest(const snas_protobuf *message, snas_bytes fill)
{
    size_t at = 0, in_outer = 0, in_inner = 0;
    const snas_bytes all = whole_of(message);
    const snas_bytes outer = read_sized(all, &at, 1);
    assert_fill(read_sized(outer, &in_outer, 2), fill);
    const snas_bytes inner = read_sized(outer, &in_outer, 3);
    assert_fill(read_sized(inner, &in_inner, 4), fill);
    assert_int_equal(in_inner, inner.size);
    assert_fill(read_sized(outer, &in_outer, 5), (snas_bytes){.data = "end", .size = 3});
    assert_int_equal(in_outer, outer.size);
    assert_fill(read_sized(all, &at, 6), fill);
    assert_int_equal(at, all.size);
}

static snas_bytes make_fill(size_t size)
{
    unsigned char *fill = snas_arena_take(mem, size, 1);
    for (size_t i = 0; i < size; i++) {
        fill[i] = (unsigned char)(i * 31 + 7);
    }
    return (snas_bytes){.data = fill, .size = size};
}

static void lengths_of_any_size_are_right_copied_or_borrowed(void **state)
{
    (void)state;
    static const size_t SIZES[] = {1, 50, 119, 120, 121, 128, 16000, 16383, 16384, LARGE, 3 * LARGE};
    for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
        const snas_mark mark = snas_arena_mark(mem);
        const snas_bytes fill = make_fill(SIZES[i]);
        const snas_protobuf copied = nest(fill, snas_protobuf_bytes), borrowed = nest(fill, snas_protobuf_borrow);
        assert_nest(&copied, fill);
        assert_nest(&borrowed, fill);
        snas_arena_release(mem, mark);
    }
}

static void borrowed_bytes_are_never_copied(void **state)
{
    (void)state;
    const snas_bytes *parts;
    int count, found = 0;
    const snas_bytes fill = make_fill(LARGE);
    const size_t before = snas_arena_used(mem);
    const snas_protobuf message = nest(fill, snas_protobuf_borrow);
    assert_ok(snas_protobuf_parts(&message, &parts, &count));
    assert_true(snas_arena_used(mem) - before < 10000);
    for (int i = 0; i < count; i++) {
        found += parts[i].data == fill.data;
    }
    assert_int_equal(found, 3);
}

static void memory_that_is_out_is_told_at_the_end(void **state)
{
    (void)state;
    const snas_bytes fill = make_fill(20000);
    snas_arena *whole = mem;
    snas_status status = SNAS_E_MEMORY;
    int n = 0;
    for (; status != SNAS_OK; n++) {
        const snas_bytes *parts;
        int count;
        faults_in_heap(n, true);
        status = snas_arena_create("small", 64, &mem);
        if (status == SNAS_OK) {
            snas_protobuf message = nest(fill, snas_protobuf_borrow);
            snas_protobuf_bytes(&message, 7, fill);
            status = snas_protobuf_parts(&message, &parts, &count);
            assert_true(status == SNAS_OK || status == SNAS_E_MEMORY);
            snas_arena_destroy(mem);
        }
        faults_clear();
    }
    mem = whole;
    assert_true(n > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_are_varints),
        cmocka_unit_test(other_values_have_their_wire_types),
        cmocka_unit_test(lists_are_packed_and_empty_ones_leave_nothing),
        cmocka_unit_test(nested_messages_carry_their_length),
        cmocka_unit_test(lengths_of_any_size_are_right_copied_or_borrowed),
        cmocka_unit_test(borrowed_bytes_are_never_copied),
        cmocka_unit_test(memory_that_is_out_is_told_at_the_end),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
