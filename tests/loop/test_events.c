/* test_events.c -- event files: writes that fail are taken back and repeated, damaged ends are cut, tags. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "arena_fixture.h"
#include "event_tags.h"
#include "faults.h"
#include "run_fixture.h"
#include "snas/format/png.h"
#include "snas/format/tfrecord.h"
#include "snas/loop/events.h"

static snas_arena *scratch; /* another one than `mem`, which the events grow in */

static int setup(void **state)
{
    return arena_setup(state) == 0 && snas_arena_create("scratch", 0, &scratch) == SNAS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    snas_arena_destroy(scratch);
    return arena_teardown(state);
}

static snas_metrics_row row_of(int64_t step)
{
    snas_metrics_row row = {.genotype = "{}"};
    snas_metrics_row_add_whole(&row, "step", step);
    snas_metrics_row_add(&row, "train_loss", 0.5);
    snas_metrics_row_add(&row, "test_loss", (double)NAN);
    return row;
}

static snas_events open_at(const char *folder, int64_t step, const char *rows)
{
    snas_events events;
    const snas_events_start start = {.folder = folder, .config = "{\n  \"seed\": 1\n}\n", .step = step, .rows = rows};
    assert_ok(snas_events_open(mem, scratch, &start, &events));
    return events;
}

static void add_row(snas_events *events, int64_t step)
{
    const snas_metrics_row row = row_of(step);
    snas_events_row(scratch, events, &row);
}

/* Whole records of this process's file; the file has nothing beyond them. */
static int count_records(const snas_events *events)
{
    snas_bytes file, data;
    int count = 0;
    assert_ok(snas_file_read(mem, events->path, 1 << 24, &file));
    for (size_t at = 0; at < file.size; count++) {
        const char *record = (const char *)file.data + at;
        assert_true(file.size - at >= SNAS_TFRECORD_HEAD);
        const int64_t size = snas_tfrecord_size(record, (int64_t)(file.size - at));
        assert_true(size > 0 && snas_tfrecord_check(record, (size_t)size, &data));
        at += (size_t)size;
    }
    return count;
}

/* Files in the folder of the events. */
static int count_files(const snas_events *events)
{
    int count = 0;
    DIR *directory = opendir(events->folder);
    assert_non_null(directory);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        count += entry->d_name[0] != '.';
    }
    closedir(directory);
    return count;
}

static void a_write_that_fails_is_taken_back_and_repeated(void **state)
{
    (void)state;
    for (int call = 0; call < 3; call++) {
        const char *folder = fixture_folder(mem);
        snas_events events = open_at(folder, 0, "");
        add_row(&events, 4);
        assert_ok(snas_events_save(&events));
        assert_int_equal(count_records(&events), 4); /* version, start, config, row */
        add_row(&events, 8);
        faults_in_files(call, ENOSPC, false);
        assert_fails(snas_events_save(&events), SNAS_E_IO, "No space left");
        faults_clear();
        add_row(&events, 12);
        assert_ok(snas_events_save(&events));
        assert_int_equal(count_records(&events), 6);
        fixture_remove(mem, folder);
    }
}

static void half_a_write_leaves_no_half_record(void **state)
{
    (void)state;
    const char *folder = fixture_folder(mem);
    snas_events events = open_at(folder, 0, "");
    assert_ok(snas_events_save(&events));
    add_row(&events, 4);
    faults_in_files(1, 0, true); /* one byte a write: slow, and whole in the end */
    assert_ok(snas_events_save(&events));
    faults_clear();
    assert_int_equal(count_records(&events), 4);
    const snas_bytes half = {.data = events.path, .size = 20};
    add_row(&events, 8);
    faults_in_files(1, ENOSPC, false);
    assert_fails(snas_events_save(&events), SNAS_E_IO, "No space left");
    faults_clear();
    assert_ok(snas_file_append_bytes_nofollow(events.path, half)); /* what the disk took of it */
    assert_ok(snas_events_save(&events));
    assert_int_equal(count_records(&events), 5);
    fixture_remove(mem, folder);
}

static void a_resumed_run_takes_up_the_rows_that_the_files_lack(void **state)
{
    (void)state;
    const char *folder = fixture_folder(mem);
    snas_events first = open_at(folder, 0, "");
    add_row(&first, 4);
    add_row(&first, 8);
    assert_ok(snas_events_save(&first));
    snas_events second = open_at(folder, 12, "{\"step\": 4}\n{\"step\": 8}\n{\"step\": 12}\n");
    assert_ok(snas_events_save(&second));
    assert_int_equal(second.last, 12);
    assert_int_equal(count_records(&second), 3); /* version, start, row */
    assert_true(strcmp(first.path, second.path) < 0);
    snas_events third = open_at(folder, 4, "{\"step\": 4}\n");
    assert_int_equal(third.last, 4);
    assert_ok(snas_events_save(&third));
    assert_int_equal(count_records(&first), 4);
    assert_int_equal(count_files(&third), 1); /* the second had nothing up to step 4, the third has nothing to tell */
    fixture_remove(mem, folder);
}

static void every_damaged_byte_ends_what_is_kept(void **state)
{
    (void)state;
    const char *folder = fixture_folder(mem);
    snas_events events = open_at(folder, 0, "");
    add_row(&events, 4);
    assert_ok(snas_events_save(&events));
    const int64_t whole = events.size;
    add_row(&events, 8);
    assert_ok(snas_events_save(&events));
    snas_bytes file;
    assert_ok(snas_file_read(mem, events.path, 1 << 24, &file));
    for (size_t byte = (size_t)whole; byte < file.size; byte += 3) {
        const snas_mark mark = snas_arena_mark(mem);
        fixture_flip(mem, events.path, file, 8 * byte);
        const snas_events after = open_at(folder, 100, "");
        assert_int_equal(after.last, 4);
        assert_int_equal(snas_file_size(events.path), whole);
        snas_arena_release(mem, mark);
    }
    fixture_remove(mem, folder);
}

static void a_picture_is_read_or_its_fault_is_told(void **state)
{
    (void)state;
    const char *folder = fixture_folder(mem), *path = snas_format(mem, "%s/cell.png", folder);
    snas_raster picture;
    snas_events events = open_at(folder, 0, "");
    add_row(&events, 4);
    assert_ok(snas_events_picture(scratch, &events, "cell/normal", path)); /* there is none */
    assert_ok(snas_raster_create(mem, 20, 10, &picture));
    assert_ok(snas_png_save(mem, path, &picture));
    assert_ok(snas_events_picture(scratch, &events, "cell/normal", path));
    assert_ok(snas_events_save(&events));
    assert_int_equal(count_records(&events), 5);
    assert_ok(snas_file_replace_text(path, "no picture"));
    assert_fails(snas_events_picture(scratch, &events, "cell/normal", path), SNAS_E_DATA, "neither a JPEG nor a PNG");
    fixture_remove(mem, folder);
}

static void figures_are_grouped_by_their_tags(void **state)
{
    (void)state;
    static const char *const PAIRS[][2] = {
        {"train_loss", "loss/train"},         {"validation_accuracy", "accuracy/validation"},
        {"entropy_normal", "entropy/normal"}, {"entropy_cell", "entropy/cell"},
        {"skips_reduce", "skips/reduce"},     {"child_parameters", "cost/parameters"},
        {"temperature", "temperature"},       {"a_figure_to_come", "a_figure_to_come"},
    };
    for (size_t i = 0; i < sizeof PAIRS / sizeof PAIRS[0]; i++) {
        assert_string_equal(event_tag(PAIRS[i][0]).text, PAIRS[i][1]);
    }
}

static void memory_that_is_out_is_told(void **state)
{
    (void)state;
    const char *folder = fixture_folder(mem);
    const snas_events_start start = {.folder = folder, .config = "{}", .rows = ""};
    snas_status status = SNAS_E_MEMORY;
    for (int n = 0; status != SNAS_OK; n++) {
        snas_arena *small = NULL, *other = NULL;
        snas_events events = {0};
        const snas_metrics_row row = row_of(4);
        faults_in_heap(n, true);
        status = snas_arena_create("small", 64, &small);
        status = status == SNAS_OK ? snas_arena_create("other", 64, &other) : status;
        status = status == SNAS_OK ? snas_events_open(small, other, &start, &events) : status;
        if (status == SNAS_OK) {
            snas_events_row(other, &events, &row);
            status = snas_events_save(&events);
        }
        snas_arena_destroy(other);
        snas_arena_destroy(small);
        faults_clear();
        assert_true(status == SNAS_OK || status == SNAS_E_MEMORY);
    }
    fixture_remove(mem, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_write_that_fails_is_taken_back_and_repeated),
        cmocka_unit_test(half_a_write_leaves_no_half_record),
        cmocka_unit_test(a_resumed_run_takes_up_the_rows_that_the_files_lack),
        cmocka_unit_test(every_damaged_byte_ends_what_is_kept),
        cmocka_unit_test(a_picture_is_read_or_its_fault_is_told),
        cmocka_unit_test(figures_are_grouped_by_their_tags),
        cmocka_unit_test(memory_that_is_out_is_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
