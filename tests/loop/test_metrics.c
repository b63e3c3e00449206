/* test_metrics.c -- rows of figures: their two forms, and their cut back to what a checkpoint counts. */
#include <stdio.h>

#include "arena_fixture.h"
#include "run_fixture.h"
#include "snas/learn/run_options.h"
#include "snas/loop/metrics.h"

static snas_metrics_row row_of(int epoch)
{
    snas_metrics_row row = {0};
    snas_metrics_row_add_whole(&row, "epoch", epoch);
    snas_metrics_row_add(&row, "loss", 0.5 * epoch);
    snas_metrics_row_add(&row, "ratio", epoch == 2 ? (double)NAN : 1.0 / 3.0);
    row.genotype = "{\n  \"normal\": [\n    [\"none\", 0]\n  ]\n}\n";
    return row;
}

static void add(snas_metrics *metrics, int epoch)
{
    const snas_metrics_row row = row_of(epoch);
    assert_ok(snas_metrics_add(metrics, &row));
}

static snas_status open_rows(const char *folder, int64_t rows, const char *sum, snas_metrics *out)
{
    snas_metrics_mark mark = {.rows = rows};
    snprintf(mark.sum.text, sizeof mark.sum.text, "%s", sum);
    return snas_metrics_open(mem, mem, folder, &mark, out);
}

/* The checksum of what it has written. */
static const char *write_rows(const char *folder, int count)
{
    snas_metrics metrics;
    assert_ok(open_rows(folder, 0, "", &metrics));
    for (int i = 1; i <= count; i++) {
        add(&metrics, i);
    }
    assert_ok(snas_metrics_save(&metrics));
    return snas_format(mem, "%s", snas_metrics_sum_of(&metrics).text);
}

static void a_row_is_one_line_of_json_and_one_of_csv(void **state)
{
    (void)state;
    const char *folder = fixture_folder(mem);
    write_rows(folder, 2);
    assert_string_equal(fixture_read(mem, folder, "metrics.jsonl").data,
                        "{\"epoch\": 1, \"loss\": 0.5, \"ratio\": 0.3333333333333333, \"genotype\": "
                        "{\"normal\": [[\"none\", 0]]}}\n"
                        "{\"epoch\": 2, \"loss\": 1, \"ratio\": null, \"genotype\": "
                        "{\"normal\": [[\"none\", 0]]}}\n");
    assert_string_equal(fixture_read(mem, folder, "metrics.csv").data,
                        "epoch,loss,ratio\n1,0.5,0.3333333333333333\n2,1,\n");
    fixture_remove(mem, folder);
}

static void rows_behind_the_checkpoint_are_cut_and_written_again_the_same(void **state)
{
    (void)state;
    const char *whole = fixture_folder(mem), *cut = fixture_folder(mem);
    write_rows(whole, 3);
    const char *sum = write_rows(cut, 1);
    write_rows(cut, 3);
    snas_metrics metrics;
    assert_ok(open_rows(cut, 1, sum, &metrics));
    assert_ok(snas_metrics_save(&metrics));
    assert_string_equal(fixture_read(mem, cut, "metrics.csv").data, "epoch,loss,ratio\n1,0.5,0.3333333333333333\n");
    add(&metrics, 2);
    add(&metrics, 3);
    assert_ok(snas_metrics_save(&metrics));
    fixture_assert_same(mem, whole, cut, "metrics.jsonl");
    fixture_assert_same(mem, whole, cut, "metrics.csv");
    fixture_remove(mem, whole);
    fixture_remove(mem, cut);
}

static void a_file_with_fewer_rows_than_the_checkpoint_counts_is_refused(void **state)
{
    (void)state;
    const char *folder = fixture_folder(mem);
    snas_metrics metrics;
    write_rows(folder, 2);
    assert_ok(open_rows(folder, 2, "", &metrics));
    assert_fails(open_rows(folder, 3, "", &metrics), SNAS_E_IO,
                 "/metrics.jsonl' has 2 rows, where the checkpoint counts 3; to go on put it back as it was, or move "
                 "'metrics.jsonl' and 'metrics.csv' out of");
    fixture_remove(mem, folder);
}

static void every_turned_bit_of_the_rows_is_refused(void **state)
{
    (void)state;
    const char *folder = fixture_folder(mem);
    const char *sum = write_rows(folder, 3), *path = snas_format(mem, "%s/metrics.jsonl", folder);
    const snas_bytes bytes = fixture_read(mem, folder, "metrics.jsonl");
    snas_metrics metrics;
    assert_ok(open_rows(folder, 3, sum, &metrics));
    assert_null(metrics.mended);
    for (size_t bit = 0; bit < 8 * bytes.size; bit += 11) {
        fixture_flip(mem, path, bytes, bit);
        assert_fails(open_rows(folder, 3, sum, &metrics), SNAS_E_IO, "; to go on put it back as it was, or move");
    }
    fixture_flip(mem, path, bytes, 8 * 20);
    assert_fails(open_rows(folder, 3, sum, &metrics), SNAS_E_IO,
                 snas_format(mem, "is not as the run has written it: the checksum of its first 3 rows is"));
    fixture_remove(mem, folder);
}

static void a_changed_table_is_made_anew_of_the_rows(void **state)
{
    (void)state;
    const char *folder = fixture_folder(mem), *whole = fixture_folder(mem);
    const char *sum = write_rows(folder, 2), *path = snas_format(mem, "%s/metrics.csv", folder);
    const char *const texts[] = {"epoch;loss;ratio\r\n1;0,5;0,33\r\n2;1;\r\n",
                                 "epoch,loss,ratio\n1,0.5,0.3333333333333333\n", ""};
    snas_metrics metrics;
    write_rows(whole, 3);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_ok(snas_file_replace_text(path, texts[i]));
        assert_ok(open_rows(folder, 2, sum, &metrics));
        assert_non_null(strstr(metrics.mended, "metrics.csv was not as the run has written it"));
        assert_ok(snas_metrics_save(&metrics));
        assert_ok(open_rows(folder, 2, sum, &metrics));
        assert_null(metrics.mended);
    }
    assert_ok(snas_file_remove(path));
    assert_ok(open_rows(folder, 2, sum, &metrics));
    assert_non_null(metrics.mended);
    add(&metrics, 3);
    assert_ok(snas_metrics_save(&metrics));
    fixture_assert_same(mem, whole, folder, "metrics.csv");
    fixture_remove(mem, folder);
    fixture_remove(mem, whole);
}

static void rows_that_were_moved_away_begin_anew(void **state)
{
    (void)state;
    const char *folder = fixture_folder(mem);
    const char *sum = write_rows(folder, 2);
    snas_metrics metrics;
    assert_ok(snas_file_remove(snas_format(mem, "%s/metrics.jsonl", folder)));
    assert_fails(open_rows(folder, 2, sum, &metrics), SNAS_E_IO, "to go on put it back"); /* the table would be lost */
    assert_ok(snas_file_remove(snas_format(mem, "%s/metrics.csv", folder)));
    assert_ok(open_rows(folder, 2, sum, &metrics));
    assert_int_equal(metrics.rows, 0);
    assert_non_null(strstr(metrics.mended, "begin anew"));
    add(&metrics, 3);
    assert_ok(snas_metrics_save(&metrics));
    assert_string_equal(fixture_read(mem, folder, "metrics.csv").data, "epoch,loss,ratio\n3,1.5,0.3333333333333333\n");
    fixture_remove(mem, folder);
}

static void a_line_that_is_no_row_of_figures_is_refused(void **state)
{
    (void)state;
    const char *folder = fixture_folder(mem), *path = snas_format(mem, "%s/metrics.jsonl", folder);
    const char *const lines[] = {"[1]\n", "{\"x\": {}}\n", "{\"epoch\": 1\n", "7\n"};
    snas_metrics metrics;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_ok(snas_file_replace_text(path, lines[i]));
        assert_fails(open_rows(folder, 1, "", &metrics), SNAS_E_IO, "; to go on put it back"); /* an older checkpoint */
    }
    fixture_remove(mem, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_one_line_of_json_and_one_of_csv),
        cmocka_unit_test(rows_behind_the_checkpoint_are_cut_and_written_again_the_same),
        cmocka_unit_test(a_file_with_fewer_rows_than_the_checkpoint_counts_is_refused),
        cmocka_unit_test(every_turned_bit_of_the_rows_is_refused),
        cmocka_unit_test(a_changed_table_is_made_anew_of_the_rows),
        cmocka_unit_test(rows_that_were_moved_away_begin_anew),
        cmocka_unit_test(a_line_that_is_no_row_of_figures_is_refused),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
