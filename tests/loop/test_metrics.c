/* test_metrics.c -- rows of figures: their two forms, and their cut back to what a checkpoint counts. */
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

static void write_rows(const char *folder, int count)
{
    snas_metrics metrics;
    assert_ok(snas_metrics_open(mem, folder, 0, &metrics));
    for (int i = 1; i <= count; i++) {
        add(&metrics, i);
    }
    assert_ok(snas_metrics_save(&metrics));
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
    write_rows(cut, 3);
    snas_metrics metrics;
    assert_ok(snas_metrics_open(mem, cut, 1, &metrics));
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
    assert_ok(snas_metrics_open(mem, folder, 2, &metrics));
    assert_fails(snas_metrics_open(mem, folder, 3, &metrics), SNAS_E_IO, "fewer than the 3 lines");
    fixture_remove(mem, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_one_line_of_json_and_one_of_csv),
        cmocka_unit_test(rows_behind_the_checkpoint_are_cut_and_written_again_the_same),
        cmocka_unit_test(a_file_with_fewer_rows_than_the_checkpoint_counts_is_refused),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
