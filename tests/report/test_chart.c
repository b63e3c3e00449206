/* test_chart.c -- charts: what is drawn of numbers that cannot be shown; gaps, bands, legends, names. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/report/chart.h"

static const char *svg(snas_drawing drawing)
{
    snas_text text = snas_text_make(mem);
    assert_ok(snas_drawing_inline(drawing, "c-", &text));
    return text.data;
}

static int occurrences(const char *in, const char *what)
{
    int count = 0;
    for (const char *at = in; (at = strstr(at, what)) != NULL; at += strlen(what)) {
        count++;
    }
    return count;
}

static void a_line_has_a_gap_where_there_is_no_number(void **state)
{
    (void)state;
    const double y[] = {1, 2, (double)NAN, 3, 4, (double)INFINITY, 5};
    const snas_series series = {.name = "loss", .y = y, .count = 7};
    const snas_line_chart chart = {.axes = {.title = "Loss", .x_whole = true}, .series = &series, .count = 1};
    const char *text = svg(snas_line_chart_drawing(&chart));
    assert_int_equal(occurrences(text, "stroke-linejoin"), 2 + 5 + 7 + 1 + 1); /* y 1 .. 5, x 0 .. 6, axis, legend */
    assert_int_equal(occurrences(text, "<rect"), 1);                           /* a lone point is a dot */
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "inf"));
    assert_non_null(strstr(text, ">loss</text>"));
}

static void what_a_logarithmic_axis_cannot_show_is_left_out(void **state)
{
    (void)state;
    const double y[] = {0.1, 0, 10, 20}, low[] = {0.01, 0, 0, 10}, high[] = {1, 1, 20, 30};
    const snas_series series = {.y = y, .low = low, .high = high, .count = 4};
    const snas_line_chart chart = {.axes = {.y_log = true}, .series = &series, .count = 1};
    const char *text = svg(snas_line_chart_drawing(&chart));
    assert_int_equal(occurrences(text, "fill-opacity"), 1); /* one band: of the last two; the first is a bar of error */
    assert_null(strstr(text, "nan"));
}

static void a_chart_of_nothing_says_so(void **state)
{
    (void)state;
    const double nothing[] = {(double)NAN, (double)NAN};
    const snas_series series = {.name = "loss", .y = nothing, .count = 2};
    const snas_line_chart empty = {.series = NULL}, nan = {.series = &series, .count = 1};
    const snas_scatter scatter = {.points = NULL};
    assert_non_null(strstr(svg(snas_line_chart_drawing(&empty)), "no number to show yet"));
    assert_non_null(strstr(svg(snas_line_chart_drawing(&nan)), "no number to show yet"));
    assert_non_null(strstr(svg(snas_scatter_drawing(&scatter)), "no number to show yet"));
}

static void bars_say_their_numbers(void **state)
{
    (void)state;
    const snas_bar bars[] = {{.name = "concrete", .value = 94.126, .error = 0.31, .note = "4 seeds"},
                             {.name = "a < b", .value = 93.5, .error = (double)NAN},
                             {.name = "failed", .value = (double)NAN}};
    snas_bar_chart chart = {.bars = bars, .count = 3, .decimals = 2};
    const char *text = svg(snas_bar_chart_drawing(&chart));
    assert_non_null(strstr(text, ">94.13 \xc2\xb1 0.31  4 seeds</text>"));
    assert_non_null(strstr(text, ">93.50</text>"));
    assert_non_null(strstr(text, ">a &lt; b</text>"));
    assert_non_null(strstr(text, ">-</text>"));
    assert_int_equal(occurrences(text, "<rect"), 2); /* a bar each, none for what has no value */
    assert_int_equal(occurrences(text, "--snas-paper"), 0);
    chart.from_least = true; /* then the bars are broken, to say that they do not begin at 0 */
    assert_int_equal(occurrences(svg(snas_bar_chart_drawing(&chart)), "--snas-paper"), 4);
}

static void a_name_without_room_is_left_to_the_hint(void **state)
{
    (void)state;
    enum { COUNT = 30 };
    snas_scatter_point points[COUNT];
    for (int i = 0; i < COUNT; i++) { /* all at nearly one place, and one elsewhere */
        points[i] = (snas_scatter_point){.x = i == 0 ? 100 : 1 + 0.001 * i, .y = i == 0 ? 100 : 1, .name = "seed"};
    }
    const snas_scatter chart = {.points = points, .count = COUNT};
    const char *text = svg(snas_scatter_drawing(&chart));
    assert_int_equal(occurrences(text, "<title>seed: "), COUNT);
    assert_true(occurrences(text, ">seed</text>") >= 2 && occurrences(text, ">seed</text>") < 6);
}

static void charts_are_pixels_too(void **state)
{
    (void)state;
    const double y[] = {3, 1, 2}, low[] = {2, 0, 1}, high[] = {4, 2, 3};
    const snas_series series = {
        .name = "x", .y = y, .low = low, .high = high, .count = 3, .dashed = true, .dots = true};
    const snas_chart_mark mark = {.x = 1, .name = "best"};
    const snas_line_chart chart = {.series = &series, .count = 1, .marks = &mark, .mark_count = 1};
    snas_raster raster;
    assert_ok(snas_drawing_raster(mem, snas_line_chart_drawing(&chart), &raster));
    assert_int_equal(raster.width, 640);
    assert_int_equal(raster.height, 360);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_a_gap_where_there_is_no_number),
        cmocka_unit_test(what_a_logarithmic_axis_cannot_show_is_left_out),
        cmocka_unit_test(a_chart_of_nothing_says_so),
        cmocka_unit_test(bars_say_their_numbers),
        cmocka_unit_test(a_name_without_room_is_left_to_the_hint),
        cmocka_unit_test(charts_are_pixels_too),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
