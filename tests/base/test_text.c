/* test_text.c -- texts grow and escape rightly, numbers read back, near names are found, bad bytes are shown. */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "faults.h"
#include "snas/base/rng.h"
#include "snas/base/text.h"

static void a_text_grows_and_keeps_its_end(void **state)
{
    (void)state;
    snas_text text = snas_text_make(mem);
    assert_string_equal(text.data, "");
    for (int i = 0; i < 10000; i++) {
        snas_text_add(&text, "%04d", i);
    }
    assert_ok(snas_text_done(&text));
    assert_int_equal(text.size, 40000);
    assert_int_equal(strlen(text.data), 40000);
    assert_memory_equal(text.data + 4 * 5678, "5678", 4);
}

static void a_failed_growth_is_remembered(void **state)
{
    (void)state;
    snas_arena *small;
    faults_in_heap(1, true);
    assert_ok(snas_arena_create("small", 512, &small));
    snas_text text = snas_text_make(small);
    for (int i = 0; i < 100; i++) {
        snas_text_add(&text, "ten bytes.");
        snas_text_add_json(&text, "more");
    }
    assert_fails(snas_text_done(&text), SNAS_E_MEMORY, "out of memory");
    assert_true(strlen(text.data) == text.size);
    snas_text none = snas_text_make(small);
    while (!none.failed) {
        none = snas_text_make(small);
    }
    snas_text_add(&none, "x");
    assert_string_equal(none.data, "");
    assert_null(snas_format(small, "%600d", 1));
    snas_arena_destroy(small);
    faults_clear();
}

static void json_strings_are_escaped(void **state)
{
    (void)state;
    snas_text text = snas_text_make(mem);
    snas_text_add_json(&text, "a\"b\\c\n\t\x01\x7f\xc3\xa9\xff");
    assert_string_equal(text.data, "\"a\\\"b\\\\c\\n\\t\\u0001\\u007f\xc3\xa9\xef\xbf\xbd\"");
    text = snas_text_make(mem);
    snas_text_add_json(&text, "\xc2\x9b\xc2\x80\xc2\xa0"); /* two controls of eight bits, and a space that is none */
    assert_string_equal(text.data, "\"\\u009b\\u0080\xc2\xa0\"");
}

static const char *real_form(double value)
{
    snas_text text = snas_text_make(mem);
    snas_text_add_real(&text, value);
    return text.data;
}
static void reals_are_short_and_read_back(void **state)
{
    (void)state;
    assert_string_equal(real_form(0.1), "0.1");
    assert_string_equal(real_form(1), "1");
    assert_string_equal(real_form(10), "10");
    assert_string_equal(real_form(-250000), "-250000");
    assert_string_equal(real_form(1e20), "1e+20");
    assert_string_equal(real_form(-2.5e-10), "-2.5e-10");
    assert_string_equal(real_form(nan("")), "null");
    assert_string_equal(real_form(-HUGE_VAL), "null");
    const double hard[] = {DBL_MAX, DBL_MIN, DBL_TRUE_MIN, 1.0 / 3, 0x1p53 + 1, -0.0};
    for (size_t i = 0; i < sizeof hard / sizeof hard[0]; i++) {
        assert_true(strtod(real_form(hard[i]), NULL) == hard[i]);
    }
    snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < 10000; i++) {
        const snas_mark mark = snas_arena_mark(mem);
        const double value = snas_rng_normal(&rng) * pow(10, snas_rng_below(&rng, 40));
        assert_true(strtod(real_form(value), NULL) == value);
        snas_arena_release(mem, mark);
    }
}

static const char *op_name(const void *context, int i)
{
    return ((const char *const *)context)[i];
}
static void a_whole_number_is_one_however_it_is_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool whole;
        int64_t value;
    } CASES[] = {
        {"3", true, 3},
        {"3.0", true, 3},
        {"1e3", true, 1000},
        {"+12.50E1", true, 125},
        {"-0.0", true, 0},
        {"-7e0", true, -7},
        {"1500e-2", true, 15},
        {"007", true, 7},
        {"9007199254740992", true, INT64_C(9007199254740992)},
        {"-9007199254740992.000", true, -INT64_C(9007199254740992)},
        {"0e999999999999999999", true, 0},
        {"0.000e-99999999999", true, 0},
        {"9007199254740993", false, 0},
        {"1e16", false, 0},
        {"1e99999999999999999999", false, 0},
        {"1e-1", false, 0},
        {"1e-99999999999999999999", false, 0},
        {"1.00000000000000000001", false, 0},
        {"3.5", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"3.", false, 0},
        {".5", false, 0},
        {"3e", false, 0},
        {"3e+", false, 0},
        {"3x", false, 0},
        {" 3", false, 0},
        {"3 ", false, 0},
        {"0x10", false, 0},
        {"nan", false, 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        int64_t value = -1;
        const bool whole = snas_whole(CASES[i].text, strlen(CASES[i].text), &value);
        if (whole != CASES[i].whole || (whole && value != CASES[i].value)) {
            fail_msg("'%s': %d, %lld", CASES[i].text, whole, (long long)value);
        }
    }
    int64_t value;
    assert_true(snas_whole("12,5", 2, &value) && value == 12);
}

static void the_nearest_name_is_found(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"search", "train", "derive", "epochs", "seed", "tau"};
    static const char *const CASES[][2] = {{"serach", "search"}, {"trian", "train"}, {"derive", "derive"},
                                           {"epoch", "epochs"},  {"sed", "seed"},    {"tua", "tau"},
                                           {"xyz", NULL},        {"", NULL},         {"trxyn", NULL}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const char *found = snas_nearest(CASES[i][0], op_name, NAMES, 6);
        if (CASES[i][1] == NULL) {
            assert_null(found);
        } else {
            assert_non_null(found);
            assert_string_equal(found, CASES[i][1]);
        }
    }
    char endless[500];
    memset(endless, 'a', sizeof endless);
    endless[499] = '\0';
    assert_null(snas_nearest(endless, op_name, NAMES, 6));
}

static void bytes_that_could_steer_a_terminal_are_shown(void **state)
{
    (void)state;
    char to[64];
    assert_string_equal(snas_printable(to, sizeof to, "a\x1b[31m\n\xc3\xa9\xff"), "a\\x1b[31m\\x0a\xc3\xa9\\xff");
    assert_string_equal(snas_printable(to, sizeof to, "\xc2\x9b"), "\\xc2\\x9b");
    for (size_t capacity = 1; capacity < 12; capacity++) {
        snas_printable(to, capacity, "ab\x01\xc3\xa9z");
        assert_true(strlen(to) < capacity);
        assert_true(strncmp(to, "ab\\x01\xc3\xa9z", strlen(to)) == 0);
        assert_int_not_equal(to[strlen(to) > 0 ? strlen(to) - 1 : 0], '\xc3'); /* never half a letter */
    }
}

static void utf8_is_judged_by_the_unicode_table(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        int size;
    } CASES[] = {{"a", 1},
                 {"\xc3\xa9", 2},
                 {"\xe2\x82\xac", 3},
                 {"\xf0\x9f\x98\x80", 4},
                 {"\xf4\x8f\xbf\xbf", 4},
                 {"\x80", 0},             /* a tail without a head */
                 {"\xc0\x80", 0},         /* 0 in two bytes */
                 {"\xc1\xbf", 0},         /* too long a form */
                 {"\xe0\x9f\xbf", 0},     /* too long a form */
                 {"\xed\xa0\x80", 0},     /* half a surrogate pair */
                 {"\xf0\x8f\xbf\xbf", 0}, /* too long a form */
                 {"\xf4\x90\x80\x80", 0}, /* beyond U+10FFFF */
                 {"\xf5\x80\x80\x80", 0},
                 {"\xff", 0},
                 {"\xe2\x82", 0}, /* cut */
                 {"\xe2\x28\xa1", 0},
                 {"\xf0\x9f\x98z", 0}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        assert_int_equal(snas_utf8_size(CASES[i].bytes, strlen(CASES[i].bytes)), CASES[i].size);
    }
    assert_int_equal(snas_utf8_size("a", 0), 0);
}

static void starts_ends_and_format_do_what_they_say(void **state)
{
    (void)state;
    assert_true(snas_starts("a.png", "a.") && !snas_starts("a", "a.") && snas_starts("a", ""));
    assert_true(snas_ends("a.png", ".png") && !snas_ends("png", ".png") && snas_ends("a", ""));
    assert_string_equal(snas_format(mem, "%s-%d", "step", 12), "step-12");
}

static void items_of_a_list_are_parted_and_nothing_else(void **state)
{
    (void)state;
    snas_text text = snas_text_make(mem);
    snas_text_next(&text, ", ");
    snas_text_add(&text, "{\"a\": [");
    for (int i = 0; i < 3; i++) {
        snas_text_next(&text, ", ");
        snas_text_add(&text, "%d", i);
    }
    snas_text_add(&text, "]");
    snas_text_next(&text, ",\n");
    snas_text_add_json(&text, "[");
    snas_text_next(&text, ", ");
    snas_text_add(&text, "1}");
    assert_string_equal(text.data, "{\"a\": [0, 1, 2],\n\"[\", 1}");
}

static void the_name_of_a_path_is_its_last_part(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {{"run", "run"},     {"a/run", "run"}, {"/a/b.json", "b.json"},
                                           {"a/run//", "run"}, {".", "."},       {"./", "."},
                                           {"/", ""},          {"", ""}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        assert_string_equal(snas_path_name(mem, CASES[i][0]), CASES[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_grows_and_keeps_its_end),
        cmocka_unit_test(a_failed_growth_is_remembered),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test(items_of_a_list_are_parted_and_nothing_else),
        cmocka_unit_test(reals_are_short_and_read_back),
        cmocka_unit_test(a_whole_number_is_one_however_it_is_written),
        cmocka_unit_test(the_nearest_name_is_found),
        cmocka_unit_test(bytes_that_could_steer_a_terminal_are_shown),
        cmocka_unit_test(utf8_is_judged_by_the_unicode_table),
        cmocka_unit_test(starts_ends_and_format_do_what_they_say),
        cmocka_unit_test(the_name_of_a_path_is_its_last_part),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
