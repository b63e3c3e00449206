/* test_axis.c -- ticks are round, lie in the range, and are written with the digits that tell them apart. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "arena_fixture.h"
#include "axis.h"
#include "check.h"

/* The ticks of a range as one text: "0 20 40". */
static const char *ticks(double least, double most, report_axis_wish wish)
{
    static char all[512];
    const report_axis axis = report_axis_fit((report_range){.least = least, .most = most}, wish);
    all[0] = 0;
    for (int i = 0; i < axis.count; i++) {
        char number[REPORT_NUMBER_MAX];
        report_axis_text(&axis, i, number);
        strcat(strcat(all, i > 0 ? " " : ""), number);
    }
    return all;
}

static void linear_ticks_are_round(void **state)
{
    (void)state;
    const report_axis_wish inside = {.ticks = 5}, ends = {.ticks = 5, .to_ticks = true};
    assert_string_equal(ticks(0, 100, inside), "0 20 40 60 80 100");
    assert_string_equal(ticks(3, 97, inside), "20 40 60 80");
    assert_string_equal(ticks(3, 97, ends), "0 20 40 60 80 100");
    assert_string_equal(ticks(0.11, 0.19, ends), "0.10 0.12 0.14 0.16 0.18 0.20");
    assert_string_equal(ticks(-1, 1, ends), "-1.0 -0.5 0 0.5 1.0");
    assert_string_equal(ticks(0, 3.3e6, ends), "0 1M 2M 3M 4M");
    assert_string_equal(ticks(12000, 12900, ends), "12.0k 12.2k 12.4k 12.6k 12.8k 13.0k");
    assert_string_equal(ticks(0, 2e-5, ends), "0 5e-6 1e-5 1.5e-5 2e-5");
    assert_string_equal(ticks(0, 0, ends), "0 0.2 0.4 0.6 0.8 1.0"); /* nothing below 0 where all is 0 */
}

static void whole_ticks_have_no_fraction(void **state)
{
    (void)state;
    assert_string_equal(ticks(0, 2, (report_axis_wish){.ticks = 8, .whole = true}), "0 1 2");
    assert_string_equal(ticks(0, 0, (report_axis_wish){.ticks = 8, .whole = true}), "0 1");
    assert_string_equal(ticks(0, 2, (report_axis_wish){.ticks = 5}), "0 0.5 1.0 1.5 2.0");
}

static void logarithmic_ticks_are_round(void **state)
{
    (void)state;
    const report_axis_wish wish = {.is_log = true, .ticks = 5, .to_ticks = true};
    assert_string_equal(ticks(0.003, 0.2, wish), "0.002 0.005 0.01 0.02 0.05 0.1 0.2");
    assert_string_equal(ticks(1e-5, 1, wish), "1e-5 0.0001 0.001 0.01 0.1 1");
    assert_string_equal(ticks(2e6, 4e8, wish), "2M 5M 10M 20M 50M 100M 200M 500M");
    assert_string_equal(ticks(1, 1e12, wish), "1 1000 1M 1G 1000G");
    assert_string_equal(ticks(90, 110, wish), "90 95 100 105 110");
}

static void the_range_of_values_is_what_can_be_shown(void **state)
{
    (void)state;
    report_range linear = report_range_empty(), log = report_range_empty();
    const double values[] = {(double)NAN, -3, 0, 2, (double)INFINITY, 7};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        report_range_see(&linear, values[i], false);
        report_range_see(&log, values[i], true);
    }
    assert_near(linear.least, -3, 0);
    assert_near(linear.most, 7, 0);
    assert_near(log.least, 2, 0);
    assert_near(log.most, 7, 0);
    /* nothing, or one value, gives an axis with room */
    const report_axis none = report_axis_fit(report_range_empty(), (report_axis_wish){.ticks = 5});
    const report_axis one = report_axis_fit((report_range){.least = 7, .most = 7}, (report_axis_wish){.ticks = 5});
    assert_true(none.low < none.high && one.low < 7 && one.high > 7);
    assert_near(report_axis_at(&one, 7), 0.5, 1e-9);
}

static void a_value_stands_between_the_ends(void **state)
{
    (void)state;
    const report_axis log = report_axis_fit((report_range){.least = 1, .most = 100},
                                            (report_axis_wish){.is_log = true, .ticks = 5, .to_ticks = true});
    assert_near(report_axis_at(&log, 10), 0.5, 1e-12);
    assert_near(report_axis_at(&log, 0), 0, 0); /* the lower end of a band */
    assert_near(report_axis_at(&log, 1e9), 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_ticks_are_round),          cmocka_unit_test(whole_ticks_have_no_fraction),
        cmocka_unit_test(logarithmic_ticks_are_round),     cmocka_unit_test(the_range_of_values_is_what_can_be_shown),
        cmocka_unit_test(a_value_stands_between_the_ends),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
