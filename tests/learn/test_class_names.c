/* test_class_names.c -- classes matched by name: the same, in another order, renamed, twice. */
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/learn/class_names.h"

enum { CLASSES = 4 };

static void classes_are_matched_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *known[CLASSES], *found[CLASSES];
        snas_class_match wanted;
        int map[CLASSES];
    } rows[] = {
        {{"b", "a", "d", "c"}, {"b", "a", "d", "c"}, {.same = true, .stranger = -1, .lacking = -1}, {0, 1, 2, 3}},
        {{"a", "b", "c", "d"}, {"d", "a", "c", "b"}, {.stranger = -1, .lacking = -1}, {3, 0, 2, 1}},
        {{"apple", "berry", "cactus", "d"},
         {"berry", "cactus", "d", "zebra"},
         {.stranger = 3, .lacking = 0},
         {1, 2, 3, -1}},
        {{"a", "b", "c", "d"}, {"w", "x", "y", "z"}, {.stranger = 0, .lacking = 0}, {-1, -1, -1, -1}},
        {{"z", "a", "b", "c"}, {"c", "b", "a", "A"}, {.stranger = 3, .lacking = 0}, {3, 2, 1, -1}},
        {{"x", "x", "a", "b"},
         {"a", "x", "b", "x"},
         {.stranger = -1, .lacking = -1},
         {2, 0, 3, 1}}, /* twins in order */
        {{"x", "x", "a", "b"}, {"x", "a", "a", "b"}, {.stranger = 2, .lacking = 1}, {0, 2, -1, 3}},
        /* a name that is no UTF-8 as it comes back from a file's JSON */
        {{"caf\xef\xbf\xbd", "b", "c", "d"}, {"b", "caf\xe9", "c", "d"}, {.stranger = -1, .lacking = -1}, {1, 0, 2, 3}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const snas_class_lists lists = {CLASSES, rows[i].known, rows[i].found};
        snas_class_match match;
        assert_ok(snas_class_names_match(mem, &lists, &match));
        assert_memory_equal(match.map, rows[i].map, sizeof rows[i].map);
        assert_int_equal(match.same, rows[i].wanted.same);
        assert_int_equal(match.stranger, rows[i].wanted.stranger);
        assert_int_equal(match.lacking, rows[i].wanted.lacking);
    }
}

static void names_come_back_from_their_text(void **state)
{
    (void)state;
    static const char *const names[] = {"a \"b\"", "", "be\n\x1b[31mrry"};
    const char *text;
    const char *const *again;
    const snas_json *list;
    assert_ok(snas_class_names_write(mem, names, 3, &text));
    assert_ok(snas_json_parse(mem, "names", (snas_bytes){text, strlen(text)}, &list));
    assert_ok(snas_class_names_read(mem, list, 3, &again));
    for (int k = 0; k < 3; k++) {
        assert_string_equal(again[k], names[k]);
    }
    assert_ok(snas_class_names_read(mem, list, 4, &again)); /* one too few */
    assert_null(again);
    assert_ok(snas_class_names_write(mem, NULL, 3, &text));
    assert_null(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_matched_by_name),
        cmocka_unit_test(names_come_back_from_their_text),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
