/* test_json.c -- good documents give values with their places; everything that JSON forbids is refused with a place. */
#include <stdlib.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "faults.h"
#include "scratch.h"
#include "snas/base/text.h"
#include "snas/format/json.h"

static snas_status parse(const char *text, const snas_json **out)
{
    /* A copy of exactly its size on the heap: AddressSanitizer sees one byte too far. */
    const size_t size = strlen(text);
    char *copy = malloc(size > 0 ? size : 1);
    memcpy(copy, text, size);
    const snas_status status = snas_json_parse(mem, "t.json", (snas_bytes){.data = copy, .size = size}, out);
    free(copy);
    return status;
}

static void values_come_with_their_places(void **state)
{
    (void)state;
    const snas_json *root;
    assert_ok(parse("{\"a\": [1, -2.5e2, true, null],\n\t\"\xc3\xa9\": {\"\xc3\xa9\": "
                    "\"x\\u00e9\\ud83d\\ude00\\n\"},"
                    " \"b\":false}  \n",
                    &root));
    assert_int_equal(root->kind, SNAS_JSON_OBJECT);
    assert_int_equal(root->count, 3);
    assert_null(root->parent);
    assert_null(root->key);
    const snas_json *a = snas_json_find(root, "a");
    assert_int_equal(a->count, 4);
    assert_int_equal(a->key_line, 1);
    assert_int_equal(a->key_column, 2);
    assert_int_equal(a->column, 7);
    assert_true(a->first->is_integer && a->first->number == 1 && a->first->column == 8);
    assert_true(a->first->next->is_integer && a->first->next->number == -250);
    assert_true(a->first->next->next->kind == SNAS_JSON_BOOL && a->first->next->next->number == 1);
    assert_int_equal(a->first->next->next->next->kind, SNAS_JSON_NULL);
    assert_ptr_equal(a->first->parent, a);
    const snas_json *inner = snas_json_find(snas_json_find(root, "\xc3\xa9"), "\xc3\xa9");
    assert_string_equal(inner->string, "x\xc3\xa9\xf0\x9f\x98\x80\n");
    assert_int_equal(inner->line, 2);
    assert_int_equal(inner->column, 13); /* characters, not bytes */
    assert_int_equal(inner->key_column, 8);
    const snas_json *b = snas_json_find(root, "b");
    assert_true(b->kind == SNAS_JSON_BOOL && b->number == 0);
    assert_null(snas_json_find(root, "A")); /* exact, unlike cJSON's */
    assert_null(snas_json_find(a, "a"));
    assert_null(snas_json_find(NULL, "a"));
    assert_string_equal(snas_json_kind_name(a->kind), "an array");
}

static void any_value_can_be_the_document(void **state)
{
    (void)state;
    static const char *const GOOD[] = {"1", "-0", "0.5", "1E+3", "\"\"", "null", " true ", "[]", "{}", "[[],{}]"};
    const snas_json *root;
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        assert_ok(parse(GOOD[i], &root));
    }
}

static void integers_are_exact_up_to_2_to_the_53(void **state)
{
    (void)state;
    const snas_json *root;
    assert_ok(parse("[9007199254740992, 9007199254740993, -9007199254740992, 1.0, 1e2, 123456789012345678901, 1.5, "
                    "15e-1, 1.00000000000000000001]",
                    &root));
    const bool wanted[] = {true, false, true, true, true, false, false, false, false};
    const snas_json *item = root->first;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++, item = item->next) {
        assert_int_equal(item->is_integer, wanted[i]);
    }
    assert_true(root->first->number == 0x1p53);
}

static void a_byte_order_mark_is_passed_over(void **state)
{
    (void)state;
    const snas_json *root;
    assert_ok(parse("\xef\xbb\xbf{\"a\": 1}", &root));
    assert_int_equal(root->column, 1);
    assert_int_equal(root->first->column, 7);
    assert_fails(parse("\xef\xbb\xbf", &root), SNAS_E_DATA, "t.json:1:1: the text ends");
    assert_fails(parse(" \xef\xbb\xbf{}", &root), SNAS_E_DATA, "t.json:1:2: byte 0xef");
}

static void what_json_forbids_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } CASES[] = {
        {"", "t.json:1:1: the text ends"},
        {"   \n ", "t.json:2:2: the text ends"},
        {"{\"a\":1,\n \"b\":2,\n \"a\":3}", "t.json:3:2: the key 'a' is given twice, first in line 1"},
        {"{\"a\":1,\"\\u0061\":3}", "t.json:1:8: the key 'a' is given twice"},
        {"[{\"x\":{\"k\":1,\"j\":0,\"k\":1}}]", "'k' is given twice"},
        {"[01]", "t.json:1:2: a number with a leading zero"},
        {"[-01]", "leading zero"},
        {"[1.]", "digits after its point"},
        {"[.5]", "'.' stands where a value is wanted"},
        {"[+1]", "'+' stands where a value"},
        {"[-]", "without digits"},
        {"[1e]", "exponent"},
        {"[1e+]", "exponent"},
        {"[1e999]", "t.json:1:2: a number too big"},
        {"[-1e999]", "too big"},
        {"[0x10]", "'x' stands where ',' or ']'"},
        {"[NaN]", "'N' stands"},
        {"[Infinity]", "'I' stands"},
        {"[tru]", "'t' stands"},
        {"[truefalse]", "'f' stands where ','"},
        {"\"\\u0000\"", "\\u0000 is not allowed"},
        {"\"\\ud800\"", "half a surrogate pair"},
        {"\"\\udc00\"", "half a surrogate pair"},
        {"\"\\ud800\\u0041\"", "half a surrogate pair"},
        {"\"\\u12\"", "four hexadecimal"},
        {"\"\\u12", "four hexadecimal"},
        {"\"\\x41\"", "unknown escape"},
        {"\"a\nb\"", "control byte"},
        {"\"a", "without its closing quote"},
        {"\"a\\", "without its closing quote"},
        {"\"\xc3\"", "t.json:1:2: broken UTF-8"},
        {"\"\xc0\x80\"", "broken UTF-8"},
        {"\"\xed\xa0\x80\"", "broken UTF-8"},
        {"\xef\xbb\xbf\xef\xbb\xbf{}", "byte 0xef stands where a value"},
        {"{} {}", "t.json:1:4: something follows"},
        {"{},", "follows the document"},
        {"[1,]", "']' stands where a value"},
        {"{\"a\":1,}", "'}' stands where a key"},
        {"{a:1}", "'a' stands where a key"},
        {"{'a':1}", "stands where a key"},
        {"{\"a\" 1}", "'1' stands where ':'"},
        {"{\"a\":}", "'}' stands where a value"},
        {"[1 2]", "'2' stands where ',' or ']'"},
        {"[1}", "'}' stands where ',' or ']'"},
        {"[1", "the text ends where ',' or ']'"},
        {"{\"a\":1", "the text ends where ',' or '}'"},
        {"[1] // no", "follows the document"},
        {"/* no */ 1", "'/' stands"},
        {"\f1", "byte 0x0c"},
        {"[0.00000000000000000000000000000000000000000000000000000000000001]", "60 characters"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const snas_json *root;
        assert_fails(parse(CASES[i].text, &root), SNAS_E_DATA, CASES[i].part);
        assert_null(root);
    }
}

static void an_embedded_zero_byte_is_refused(void **state)
{
    (void)state;
    const snas_json *root;
    assert_fails(snas_json_parse(mem, "t", (snas_bytes){"[1]\0", 4}, &root), SNAS_E_DATA, "follows the document");
    assert_fails(snas_json_parse(mem, "t", (snas_bytes){"\"a\0b\"", 5}, &root), SNAS_E_DATA, "control byte");
    assert_fails(snas_json_parse(mem, "t", (snas_bytes){"[\0]", 3}, &root), SNAS_E_DATA, "byte 0x00");
    assert_fails(snas_json_parse(mem, "t", (snas_bytes){"\"\\\0\"", 4}, &root), SNAS_E_DATA, "unknown escape");
}

static void depth_is_limited_to_32(void **state)
{
    (void)state;
    const snas_json *root;
    for (int depth = 32; depth <= 33; depth++) {
        char text[128] = "";
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        const snas_status status = parse(text, &root);
        assert_int_equal(status, depth == 32 ? SNAS_OK : SNAS_E_DATA);
    }
    assert_non_null(strstr(snas_error(), "t.json:1:33: nested too deep"));
    char wide[128] = "[[]"; /* forty lists beside each other are not deep */
    for (int i = 0; i < 39; i++) {
        strcat(wide, ",[]");
    }
    assert_ok(parse(strcat(wide, "]"), &root));
    char *deep = malloc(1000001);
    memset(deep, '[', 1000000);
    deep[1000000] = '\0';
    assert_fails(parse(deep, &root), SNAS_E_DATA, "nested too deep");
    free(deep);
}

static void size_is_limited_and_a_full_text_is_read_quickly(void **state)
{
    (void)state;
    const snas_json *root;
    char *text = malloc(SNAS_JSON_BYTES_MAX + 2);
    text[0] = '[';
    for (size_t i = 1; i < SNAS_JSON_BYTES_MAX - 1; i += 2) {
        text[i] = '1';
        text[i + 1] = ',';
    }
    text[SNAS_JSON_BYTES_MAX - 1] = ']';
    text[SNAS_JSON_BYTES_MAX - 2] = ' ';
    text[SNAS_JSON_BYTES_MAX - 3] = '1';
    text[SNAS_JSON_BYTES_MAX] = '\0';
    assert_ok(parse(text, &root)); /* half a million values on one line: would take minutes were columns counted anew */
    assert_int_equal(root->count, SNAS_JSON_BYTES_MAX / 2 - 1);
    text[SNAS_JSON_BYTES_MAX] = ' ';
    text[SNAS_JSON_BYTES_MAX + 1] = '\0';
    assert_fails(parse(text, &root), SNAS_E_DATA, "too many");
    free(text);
}

static void every_cut_of_a_document_is_refused(void **state)
{
    (void)state;
    const char *whole = "{\"a\": [1, -2.5e2, true], \"b\": {\"c\": \"x\\u00e9\\ud83d\\ude00\xc3\xa9\"}}";
    const snas_json *root;
    for (size_t size = 0; size < strlen(whole); size++) {
        char cut[128] = "";
        memcpy(cut, whole, size);
        assert_int_equal(parse(cut, &root), SNAS_E_DATA);
    }
    assert_ok(parse(whole, &root));
}

static void what_a_text_writes_is_read_back(void **state)
{
    (void)state;
    const char *strings[] = {"", "plain", "q\"uote\\ \n\t\r\b\f \x01\x1f\x7f", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        snas_text text = snas_text_make(mem);
        const snas_json *root;
        snas_text_add_json(&text, strings[i]);
        assert_ok(parse(text.data, &root));
        assert_string_equal(root->string, strings[i]);
    }
}

static void a_file_is_loaded_or_its_fault_is_named(void **state)
{
    (void)state;
    const snas_json *root;
    const char *path = scratch_path("c.json");
    assert_ok(snas_file_replace_text(path, "{\"a\": 1}"));
    assert_ok(snas_json_load(mem, path, &root));
    assert_true(snas_json_find(root, "a")->number == 1);
    assert_ok(snas_file_replace_text(path, "{\"a\": 01}"));
    assert_fails(snas_json_load(mem, path, &root), SNAS_E_DATA, "c.json:1:7:");
    assert_fails(snas_json_load(mem, scratch_path("none"), &root), SNAS_E_IO, "No such file");
}

static void every_heap_failure_is_reported_and_leaks_nothing(void **state)
{
    (void)state;
    const char *text = "{\"a\": [1, 2, {\"b\": \"c\"}], \"d\": \"e\", \"f\": null}";
    const snas_json *root;
    int n = 0;
    for (snas_status status = SNAS_E_MEMORY; status != SNAS_OK; n++) {
        snas_arena *small = NULL;
        faults_in_heap(n, true);
        status = snas_arena_create("small", 64, &small);
        status = status == SNAS_OK
                     ? snas_json_parse(small, "t", (snas_bytes){.data = text, .size = strlen(text)}, &root)
                     : status;
        snas_arena_destroy(small);
        faults_clear();
        assert_int_equal(faults_open_blocks(), 0);
        assert_true(status == SNAS_OK || status == SNAS_E_MEMORY);
    }
    assert_true(n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_with_their_places),
        cmocka_unit_test(any_value_can_be_the_document),
        cmocka_unit_test(integers_are_exact_up_to_2_to_the_53),
        cmocka_unit_test(a_byte_order_mark_is_passed_over),
        cmocka_unit_test(what_json_forbids_is_refused_with_its_place),
        cmocka_unit_test(an_embedded_zero_byte_is_refused),
        cmocka_unit_test(depth_is_limited_to_32),
        cmocka_unit_test(size_is_limited_and_a_full_text_is_read_quickly),
        cmocka_unit_test(every_cut_of_a_document_is_refused),
        cmocka_unit_test(what_a_text_writes_is_read_back),
        cmocka_unit_test(a_file_is_loaded_or_its_fault_is_named),
        cmocka_unit_test(every_heap_failure_is_reported_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
