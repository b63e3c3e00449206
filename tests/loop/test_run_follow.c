/* test_run_follow.c -- whether a process works on a run, and what has changed there, seen from outside. */
#include <time.h>

#include "arena_fixture.h"
#include "run_fixture.h"
#include "snas/loop/run_folder.h"
#include "snas/loop/run_follow.h"

static snas_run_folder make(const char *path)
{
    const snas_config config = fixture_config();
    const snas_run_options options = fixture_options(path);
    snas_run_folder folder;
    assert_ok(snas_run_folder_create(mem, &config, &options, &folder));
    assert_ok(snas_run_folder_declare(mem, "search", &config, &options, &folder));
    return folder;
}

static void a_run_goes_on_while_its_lock_is_held_or_as_its_status_says(void **state)
{
    (void)state;
    const char *path = fixture_folder(mem), *lock = snas_format(mem, "%s/run.lock", path);
    assert_false(snas_run_goes_on(path));
    snas_run_folder folder = make(path);
    assert_true(snas_run_goes_on(path));
    assert_ok(snas_run_folder_close(&folder, SNAS_OK));
    assert_false(snas_run_goes_on(path));
    assert_ok(snas_file_replace_text(snas_format(mem, "%s/STATUS", path), "running\n"));
    assert_false(snas_run_goes_on(path)); /* killed */
    assert_ok(snas_file_remove(lock));
    assert_true(snas_run_goes_on(path));
    fixture_remove(mem, path);
}

static void pause_for(long milliseconds)
{
    const struct timespec pause = {.tv_nsec = milliseconds * 1000000};
    (void)nanosleep(&pause, NULL);
}

static void a_change_of_figures_or_status_is_seen_once(void **state)
{
    (void)state;
    const char *path = fixture_folder(mem), *rows = snas_format(mem, "%s/metrics.jsonl", path);
    snas_run_look look = {0};
    assert_int_equal(snas_run_epoch_seconds(path), 0);
    snas_run_folder folder = make(path);
    assert_true(snas_run_has_changed(path, &look));
    assert_false(snas_run_has_changed(path, &look));
    assert_ok(snas_file_replace_text(rows, "{}\n"));
    assert_true(snas_run_has_changed(path, &look));
    assert_false(snas_run_has_changed(path, &look));
    assert_ok(snas_file_replace_text(rows, "{}\n")); /* the same again: an epoch may be told anew */
    assert_true(snas_run_has_changed(path, &look));
    assert_ok(snas_run_folder_close(&folder, SNAS_OK));
    assert_true(snas_run_has_changed(path, &look));
    pause_for(20);
    const double seconds = snas_run_epoch_seconds(path);
    assert_true(seconds > 0.01 && seconds < 60);
    fixture_remove(mem, path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_goes_on_while_its_lock_is_held_or_as_its_status_says),
        cmocka_unit_test(a_change_of_figures_or_status_is_seen_once),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
