/* test_page.c -- parts of a page from what stands in memory: escaping, numbers in words, classes, strips. */
#include <math.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "page_parts.h"
#include "scratch.h"
#include "settings.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/page/page.h"
#include "snas/search/derive.h"

static snas_text text;

static page_writer writer(void)
{
    text = snas_text_make(mem);
    return (page_writer){.mem = mem, .text = &text, .m = snas_markup_make(&text, ""), .scope = "", .level = 2};
}

static int count_of(const char *needle)
{
    int count = 0;
    for (const char *at = text.data; (at = strstr(at, needle)) != NULL; at++) {
        count++;
    }
    return count;
}

static void numbers_are_told_in_words(void **state)
{
    (void)state;
    static const struct {
        page_kind kind;
        double value;
        const char *text;
    } rows[] = {
        {PAGE_SHARE, 0.10166666, "10.17 %"},
        {PAGE_REAL, 0.025, "0.025"},
        {PAGE_LOSS, 2.3575, "2.3575"},
        {PAGE_LOSS, 4.168e17, "4.168e+17"},
        {PAGE_COUNT, 0, "0"},
        {PAGE_COUNT, 13694, "13,694"},
        {PAGE_COUNT, 333.4, "333.4"},
        {PAGE_COUNT, 3306122, "3.31 M"},
        {PAGE_COUNT, 1.5e9, "1.50 G"},
        {PAGE_SECONDS, 12.34, "12.3 s"},
        {PAGE_SECONDS, 245, "4 min 05 s"},
        {PAGE_SECONDS, 7980, "2 h 13 min"},
        {PAGE_BYTES, 53321728, "51 MiB"},
        {PAGE_BYTES, 2e10, "18.6 GiB"},
        {PAGE_COUNT, -1234, "-1,234"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(page_number(mem, rows[i].kind, rows[i].value), rows[i].text);
    }
}

static void a_number_has_all_its_digits_beside_it(void **state)
{
    (void)state;
    page_writer w = writer();
    page_data(&w, PAGE_SHARE, 0.10166666666666667);
    page_data(&w, PAGE_REAL, (double)NAN);
    assert_string_equal(text.data, "<data value=\"0.10166666666666667\">10.17 %</data>"
                                   "<span class=\"none\">\xe2\x80\x93</span>");
}

/* Names of classes come from folders that anybody may have named. */
static void every_budget_of_a_search_has_its_figures_in_the_two_charts(void **state)
{
    (void)state;
    for (int i = 0; i < SNAS_DERIVE_BUDGETS; i++) {
        static const char *const figures[] = {"expected_share", "child_share", "multiplier"};
        for (int f = 0; f < 3; f++) {
            const char *name = snas_format(mem, "budget_%s_%s", snas_derive_budget_names[i], figures[f]);
            const page_figure_row *row = page_figure_find(name);
            assert_non_null(row);
            assert_int_equal(row->chart, f == 2 ? PAGE_CHART_MULTIPLIER : PAGE_CHART_BUDGET);
        }
    }
}

static void names_of_classes_are_escaped(void **state)
{
    (void)state;
    static const char *const names[] = {"<script>alert(1)</script>", "\"&'\x1b[31m"};
    snas_tally *tally;
    assert_ok(snas_tally_create(mem, 2, true, &tally));
    const float logits[] = {1, 2, 1, 2};
    snas_tally_add(tally, logits, (const int[]){0, 1}, 2);
    const page_run run = {.tests = {{"weights <b>", tally, names}}, .test_count = 1};
    page_writer w = writer();
    assert_ok(page_classes(&w, &run));
    assert_int_equal(count_of("<script"), 0);
    assert_int_equal(count_of("<b>"), 0);
    assert_int_equal(count_of("\x1b"), 0);
    assert_true(count_of("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3); /* in the list, in the matrix twice */
    assert_int_equal(count_of("<td class=\"hit\""), 2);
    assert_non_null(strstr(text.data, "<td class=\"miss strong\" style=\"--part:1.000\"><data>1</data></td>"));
}

static void of_many_classes_the_most_frequent_pairs_are_told(void **state)
{
    (void)state;
    enum { MANY = 40 };
    snas_tally *tally;
    static float logits[MANY];
    assert_ok(snas_tally_create(mem, MANY, true, &tally));
    logits[7] = 1;
    for (int i = 0; i < 5; i++) {
        snas_tally_add(tally, logits, (const int[]){3}, 1);
    }
    const page_run run = {.tests = {{"weights", tally, NULL}}, .test_count = 1};
    page_writer w = writer();
    assert_ok(page_classes(&w, &run));
    assert_int_equal(count_of("class=\"matrix\""), 0);
    assert_non_null(strstr(text.data, "<tr><td>3</td><td>7</td><td class=\"n\"><data value=\"5\">5</data></td>"
                                      "<td class=\"n\"><data value=\"1\">100.00 %</data></td></tr>"));
}

/* Three epochs: the first edge changes after the second one, all others stay. */
static void a_strip_tells_which_candidate_led_when(void **state)
{
    (void)state;
    static const char before[] =
        "{\"space\": \"nas-bench-201\", \"cell\": [[[\"skip_connect\", 0]], [[\"none\", 0], [\"none\", 1]], "
        "[[\"none\", 0], [\"none\", 1], [\"avg_pool_3x3\", 2]]]}";
    static const char after[] =
        "{\"space\": \"nas-bench-201\", \"cell\": [[[\"nor_conv_3x3\", 0]], [[\"none\", 0], [\"none\", 1]], "
        "[[\"none\", 0], [\"none\", 1], [\"avg_pool_3x3\", 2]]]}";
    const snas_metrics_row rows[] = {{.genotype = before}, {.genotype = before}, {.genotype = after}};
    page_run run = {.name = "run", .record = {.command = "search", .rows = rows, .row_count = 3}};
    run.record.config.search.space = snas_space_find("nas-bench-201");
    page_writer w = writer();
    assert_ok(page_winners(&w, &run));
    assert_int_equal(count_of("class=\"strip\""), 6);
    assert_int_equal(count_of("title=\"skip_connect, epochs 1 to 2\""), 1);
    assert_int_equal(count_of("title=\"nor_conv_3x3, epoch 3\""), 1);
    assert_int_equal(count_of("title=\"none, epochs 1 to 3\""), 4);
    assert_non_null(strstr(text.data, "Edges that changed in the last epoch: 1 of 6."));
}

static void what_differs_from_the_defaults_comes_first(void **state)
{
    (void)state;
    const char *const sets[] = {"search.space=nas-bench-201", "search.method=darts", "train.epochs=7"};
    page_run run = {0};
    assert_ok(snas_config_load(mem, NULL, sets, 3, &run.record.config));
    assert_ok(page_settings_read(mem, &run));
    /* neither the level of the method nor the defaults of the space are a choice of the user's */
    assert_int_equal(run.differing, 3);
    assert_string_equal(run.settings[0].key, "search.method");
    assert_string_equal(run.settings[0].value, "darts");
    assert_string_equal(run.settings[0].fallback, "snas");
    assert_string_equal(run.settings[1].key, "search.space");
    assert_string_equal(run.settings[2].key, "train.epochs");
    assert_string_equal(run.settings[2].fallback, "600");
    assert_true(run.setting_count > 100);
}

static const char *sign_of(const char *set)
{
    snas_config config;
    snas_text sign = snas_text_make(mem);
    assert_ok(snas_config_load(mem, NULL, &set, 1, &config));
    assert_ok(page_settings_sign(&config, &sign));
    return sign.data;
}

static void configs_that_differ_in_the_seed_alone_are_alike(void **state)
{
    (void)state;
    assert_string_equal(sign_of("seed=1"), sign_of("seed=2"));
    assert_string_not_equal(sign_of("seed=1"), sign_of("search.batch=32"));
}

static void what_is_no_run_is_refused(void **state)
{
    (void)state;
    const char *folder = scratch_path("");
    snas_page page;
    assert_fails(snas_page_make(mem, &folder, 1, &page), SNAS_E_IO, "is neither a run nor a study");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_told_in_words),
        cmocka_unit_test(a_number_has_all_its_digits_beside_it),
        cmocka_unit_test(every_budget_of_a_search_has_its_figures_in_the_two_charts),
        cmocka_unit_test(names_of_classes_are_escaped),
        cmocka_unit_test(of_many_classes_the_most_frequent_pairs_are_told),
        cmocka_unit_test(a_strip_tells_which_candidate_led_when),
        cmocka_unit_test(what_differs_from_the_defaults_comes_first),
        cmocka_unit_test(configs_that_differ_in_the_seed_alone_are_alike),
        cmocka_unit_test(what_is_no_run_is_refused),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
