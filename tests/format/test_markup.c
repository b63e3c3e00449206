/* test_markup.c -- markup is well formed, whatever bytes the values hold, and numbers are short. */
#include <locale.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/format/markup.h"

static void elements_nest_and_empty_ones_close_themselves(void **state)
{
    (void)state;
    snas_text text = snas_text_make(mem);
    snas_markup m = snas_markup_make(&text, "a-");
    snas_markup_start(&m, "svg");
    snas_markup_start(&m, "path");
    snas_markup_attribute(&m, "d", "M0 0");
    snas_markup_end(&m);
    snas_markup_start(&m, "g");
    snas_markup_end(&m);
    snas_markup_element(&m, "title", "one");
    snas_markup_end(&m);
    assert_ok(snas_text_done(&text));
    assert_string_equal(text.data, "<svg><path d=\"M0 0\"/><g></g><title>one</title></svg>");
}

static void text_and_values_are_escaped(void **state)
{
    (void)state;
    snas_text text = snas_text_make(mem);
    snas_markup m = snas_markup_make(&text, "");
    snas_markup_start(&m, "p");
    snas_markup_attribute(&m, "title", "\"a\" & b\n");
    snas_markup_text(&m, "1 < 2 > 0 & \xc3\xa9");
    snas_markup_raw(&m, "<br/>");
    snas_markup_end(&m);
    assert_string_equal(text.data, "<p title=\"&quot;a&quot; &amp; b\n\">1 &lt; 2 &gt; 0 &amp; \xc3\xa9<br/></p>");
}

static void what_xml_forbids_becomes_the_replacement_character(void **state)
{
    (void)state;
    /* a control, a byte that is no UTF-8, the noncharacter U+FFFF, a surrogate, and one that is allowed */
    static const char *const VALUES[][2] = {
        {"a\x01z", "a\xef\xbf\xbdz"},
        {"a\xffz", "a\xef\xbf\xbdz"},
        {"\xef\xbf\xbf", "\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
    };
    for (size_t i = 0; i < sizeof VALUES / sizeof VALUES[0]; i++) {
        snas_text text = snas_text_make(mem);
        snas_markup_add_escaped(&text, VALUES[i][0]);
        assert_string_equal(text.data, VALUES[i][1]);
    }
}

static void ids_carry_the_prefix_and_references_find_them(void **state)
{
    (void)state;
    snas_text text = snas_text_make(mem);
    snas_markup m = snas_markup_make(&text, "fig3-");
    snas_markup_start(&m, "rect");
    snas_markup_id(&m, "box");
    snas_markup_reference(&m, "fill", "ramp");
    snas_markup_reference(&m, "href", "box");
    snas_markup_end(&m);
    assert_string_equal(text.data, "<rect id=\"fig3-box\" fill=\"url(#fig3-ramp)\" href=\"#fig3-box\"/>");
}

static void numbers_are_short_and_the_same_in_every_locale(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } NUMBERS[] = {{0, "0"},       {-0.0, "0"},          {3, "3"},           {12.5, "12.5"},       {0.05, "0.05"},
                   {-0.5, "-0.5"}, {-0.004, "0"},        {1.005, "1"},       {99.999, "100"},      {-12.34, "-12.34"},
                   {1e-9, "0"},    {1234567, "1234567"}, {0.1 + 0.2, "0.3"}, {-1e9, "-1000000000"}};
    setlocale(LC_ALL, "de_DE.UTF-8"); /* where it is installed, the point would be a comma */
    for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++) {
        snas_text text = snas_text_make(mem);
        snas_markup_add_number(&text, NUMBERS[i].value);
        assert_string_equal(text.data, NUMBERS[i].text);
    }
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_nest_and_empty_ones_close_themselves),
        cmocka_unit_test(text_and_values_are_escaped),
        cmocka_unit_test(what_xml_forbids_becomes_the_replacement_character),
        cmocka_unit_test(ids_carry_the_prefix_and_references_find_them),
        cmocka_unit_test(numbers_are_short_and_the_same_in_every_locale),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
