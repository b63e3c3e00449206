/* test_run_read.c -- a run's folder read by others. */
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "snas/base/lock.h"
#include "snas/format/json.h"
#include "snas/loop/run_read.h"
#include "snas/search/saved_logits.h"
#include "snas/search/search.h"
#include "whole_fixture.h"

static void a_finished_search_is_read_back(void **state)
{
    (void)state;
    snas_run_record run;
    assert_ok(snas_run_read(mem, whole, &run));
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
    const snas_bytes file = fixture_read(mem, whole, "metrics.jsonl");
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
    const char *path = snas_format(mem, "%s/metrics.jsonl", whole);
    assert_ok(snas_file_replace_text(path, "{\"epoch\": 1, \"test_loss\": null}\n"));
    assert_ok(snas_run_read(mem, whole, &run));
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

/* Steps in the lines of timing.jsonl, and how many lines there are. */
static int timed_steps(const char *run, int *lines)
{
    int steps = 0;
    *lines = 0;
    for (const char *at = fixture_read(mem, run, "timing.jsonl").data; (at = strstr(at, "\"steps\": ")) != NULL; at++) {
        steps += atoi(at + strlen("\"steps\": "));
        ++*lines;
    }
    return steps;
}

static void what_a_run_takes_is_told_over_a_stop(void **state)
{
    (void)state;
    int lines;
    snas_run_record stopped, resumed;
    const snas_config config = fixture_config();
    snas_run_options options = fixture_options(fixture_folder(mem));
    options.stop_after_steps = 2;
    assert_int_equal(snas_search_start(&config, &options), SNAS_E_INTERRUPTED);
    assert_int_equal(timed_steps(options.folder, &lines), 2);
    assert_int_equal(lines, 1);
    assert_ok(snas_run_read(mem, options.folder, &stopped));
    assert_true(stopped.usage.processor_seconds > 0 && stopped.usage.peak_bytes > 1 << 20);
    assert_true(stopped.usage.seconds > 0 && stopped.usage.seconds < 600);
    options.stop_after_steps = 0;
    assert_ok(snas_search_resume(&config, &options));
    assert_int_equal(timed_steps(options.folder, &lines), 2 * FIXTURE_STEPS);
    assert_int_equal(lines, 3);
    assert_ok(snas_run_read(mem, options.folder, &resumed));
    assert_true(resumed.usage.processor_seconds > stopped.usage.processor_seconds);
    assert_true(resumed.usage.peak_bytes >= stopped.usage.peak_bytes);
    fixture_remove(mem, options.folder);
}

static void usage_is_summed_and_a_broken_line_passed_over(void **state)
{
    (void)state;
    snas_run_record run;
    const char *path = snas_format(mem, "%s/timing.jsonl", whole);
    assert_ok(snas_file_replace_text(path, "{\"epoch\": 0, \"seconds\": 2}\n"
                                           "{\"epoch\": 1, \"seconds\": 3, \"processor_seconds\": 5.5, "
                                           "\"peak_bytes\": 300}\n{\"epoch\": 2, \"sec\n"
                                           "{\"epoch\": 1, \"seconds\": 1, \"processor_seconds\": 0.5, "
                                           "\"peak_bytes\": 200}\n{\"epo"));
    assert_ok(snas_run_read(mem, whole, &run));
    assert_int_equal(run.timing_count, 3);
    assert_true(snas_metrics_row_find(&run.timing[2], "seconds")->value == 1);
    assert_true(run.usage.seconds == 6 && run.usage.processor_seconds == 6 && run.usage.peak_bytes == 300);
    assert_ok(snas_file_remove(path));
    assert_ok(snas_run_read(mem, whole, &run));
    assert_true(isnan(run.usage.seconds) && isnan(run.usage.processor_seconds) && isnan(run.usage.peak_bytes));
}

static void the_newest_logits_are_those_of_the_last_genotype(void **state)
{
    (void)state;
    snas_run_record run;
    snas_saved_logits logits;
    snas_genotype genotype;
    assert_ok(snas_run_read(mem, whole, &run));
    const snas_space *space = run.config.search.space;
    assert_ok(snas_saved_logits_read(mem, whole, space, &logits));
    assert_true(logits.step == 2 * FIXTURE_STEPS && !logits.unranked);
    const int edges = 2 * snas_space_edge_count(space), K = space->candidate_count;
    for (int e = 0; e < edges; e++) {
        double sum = 0;
        for (int k = 0; k < K; k++) {
            sum += logits.probabilities[e * K + k];
        }
        assert_true(fabs(sum - 1) < 1e-12);
    }
    const char *text = run.rows[1].genotype;
    assert_ok(snas_genotype_parse(mem, "row", (snas_bytes){text, strlen(text)}, &genotype));
    const snas_genotype likeliest = snas_genotype_derive(space, logits.probabilities, SNAS_RULE_EDGE);
    assert_memory_equal(likeliest.nodes, genotype.nodes, sizeof genotype.nodes);
}

static void a_line_that_is_not_whole_yet_is_no_row(void **state)
{
    (void)state;
    snas_run_record run;
    const char *path = snas_format(mem, "%s/metrics.jsonl", whole);
    assert_ok(snas_file_replace_text(path, "{\"epoch\": 1, \"train_loss\": 2.5}\n{\"epoch\": 2, \"train_lo"));
    assert_ok(snas_run_read(mem, whole, &run));
    assert_int_equal(run.row_count, 1);
    assert_true(snas_metrics_row_find(&run.rows[0], "train_loss")->value == 2.5);
}

/* Of a process that is gone nobody holds the lock, whatever STATUS says. */
static void a_run_is_worked_on_while_its_lock_is_held(void **state)
{
    (void)state;
    const char *path = snas_format(mem, "%s/run.lock", whole);
    assert_false(snas_run_is_worked_on(whole));
    const int fd = open(path, O_RDWR);
    assert_int_equal(snas_lock_take(fd), 0);
    assert_true(snas_run_is_worked_on(whole));
    close(fd);
    assert_false(snas_run_is_worked_on(whole));
}

static int begin(void **state)
{
    const snas_config config = fixture_config();
    return whole_begin(state, &config, snas_search_start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finished_search_is_read_back),
        cmocka_unit_test(the_newest_logits_are_those_of_the_last_genotype),
        cmocka_unit_test(a_figure_that_is_null_is_not_a_number),
        cmocka_unit_test(a_line_that_is_not_whole_yet_is_no_row),
        cmocka_unit_test(a_run_is_worked_on_while_its_lock_is_held),
        cmocka_unit_test(what_is_no_run_is_refused),
        cmocka_unit_test(what_a_run_takes_is_told_over_a_stop),
        cmocka_unit_test(usage_is_summed_and_a_broken_line_passed_over),
    };
    return cmocka_run_group_tests(tests, begin, whole_end);
}
