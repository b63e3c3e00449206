/* test_run_read.c -- a run's folder read by others. */
#include <math.h>

#include "arena_fixture.h"
#include "run_fixture.h"
#include "snas/format/json.h"
#include "snas/loop/run_read.h"
#include "snas/search/search.h"

static const char *folder;

static void a_finished_search_is_read_back(void **state)
{
    (void)state;
    snas_run_record run;
    assert_ok(snas_run_read(mem, folder, &run));
    assert_string_equal(run.command, "search");
    assert_string_equal(run.status, "done");
    assert_int_equal(run.config.seed, 7);
    assert_int_equal(run.row_count, 2);
    for (int i = 0; i < 2; i++) {
        const snas_metrics_figure *epoch = snas_metrics_row_find(&run.rows[i], "epoch");
        assert_non_null(epoch);
        assert_true(epoch->whole && epoch->value == i + 1.0);
        assert_true(snas_metrics_row_find(&run.rows[i], "train_loss")->value > 0.0);
        assert_null(snas_metrics_row_find(&run.rows[i], "no such figure"));
    }
    /* written again, the row is the line */
    const snas_bytes file = fixture_read(mem, folder, "metrics.jsonl");
    snas_text text = snas_text_make(mem);
    for (int i = 0; i < 2; i++) {
        snas_metrics_row_json(&text, &run.rows[i]);
        snas_text_add(&text, "\n");
    }
    assert_int_equal(text.size, file.size);
    assert_memory_equal(text.data, file.data, file.size);
}

static void a_figure_that_is_null_is_not_a_number(void **state)
{
    (void)state;
    snas_run_record run;
    const char *path = snas_format(mem, "%s/metrics.jsonl", folder);
    assert_ok(snas_file_replace_text(path, "{\"epoch\": 1, \"test_loss\": null}\n"));
    assert_ok(snas_run_read(mem, folder, &run));
    assert_int_equal(run.row_count, 1);
    assert_true(isnan(snas_metrics_row_find(&run.rows[0], "test_loss")->value));
    assert_null(run.rows[0].genotype);
}

static void what_is_no_run_is_refused(void **state)
{
    (void)state;
    snas_run_record run;
    const char *empty = fixture_folder(mem);
    assert_fails(snas_run_read(mem, empty, &run), SNAS_E_IO, "is not a run");
    fixture_remove(mem, empty);
}

static int begin(void **state)
{
    if (arena_setup(state) != 0) {
        return -1;
    }
    const snas_config config = fixture_config();
    folder = fixture_folder(mem);
    const snas_run_options options = fixture_options(folder);
    assert_ok(snas_search_start(&config, &options));
    return 0;
}

static int end(void **state)
{
    fixture_remove(mem, folder);
    return arena_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finished_search_is_read_back),
        cmocka_unit_test(a_figure_that_is_null_is_not_a_number),
        cmocka_unit_test(what_is_no_run_is_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
