/* test_run_folder.c -- the folder of a run: refused, locked, swept, told its status. */
#include "arena_fixture.h"
#include "run_fixture.h"
#include "snas/learn/run_options.h"
#include "snas/loop/run_folder.h"

static void make(const char *path, snas_run_folder *folder)
{
    const snas_config config = fixture_config();
    const snas_run_options options = fixture_options(path);
    assert_ok(snas_run_folder_create(mem, &config, &options, folder));
    assert_ok(snas_run_folder_declare(mem, "search", &config, &options, folder));
}

static void a_new_folder_holds_config_environment_and_status(void **state)
{
    (void)state;
    const char *path = fixture_folder(mem);
    snas_run_folder folder;
    make(path, &folder);
    assert_string_equal(fixture_read(mem, path, "config.json").data, fixture_config().text);
    assert_string_equal(fixture_read(mem, path, "STATUS").data, "running\n");
    assert_non_null(strstr(fixture_read(mem, path, "env.json").data, "\"threads\": 1"));
    assert_ok(snas_run_folder_close(&folder, SNAS_OK));
    assert_string_equal(fixture_read(mem, path, "STATUS").data, "done\n");
    fixture_remove(mem, path);
}

static void closing_keeps_the_sentence_of_a_failure(void **state)
{
    (void)state;
    const char *path = fixture_folder(mem);
    snas_run_folder folder;
    make(path, &folder);
    const snas_status status = snas_fail(SNAS_E_NUMERIC, "the loss is %s", "lost");
    assert_fails(snas_run_folder_close(&folder, status), SNAS_E_NUMERIC, "the loss is lost");
    assert_string_equal(fixture_read(mem, path, "STATUS").data, "failed\n");
    assert_non_null(strstr(fixture_read(mem, path, "log.txt").data, "failed: the loss is lost"));
    fixture_remove(mem, path);
}

static void a_locked_run_is_refused_until_it_is_closed(void **state)
{
    (void)state;
    const char *path = fixture_folder(mem);
    snas_run_folder folder, second;
    make(path, &folder);
    assert_fails(snas_run_folder_open(mem, "search", path, &second), SNAS_E_FAILED, "another process");
    (void)snas_run_folder_close(&folder, SNAS_OK);
    assert_ok(snas_run_folder_open(mem, "search", path, &second));
    (void)snas_run_folder_close(&second, SNAS_OK);
    fixture_remove(mem, path);
}

static void a_folder_in_use_for_something_else_is_refused(void **state)
{
    (void)state;
    const char *path = fixture_folder(mem);
    assert_ok(snas_run_folder_vacant(mem, path));
    assert_ok(snas_run_folder_vacant(mem, snas_format(mem, "%s/new", path)));
    assert_ok(snas_file_replace_text(snas_format(mem, "%s/letter", path), "dear"));
    assert_fails(snas_run_folder_vacant(mem, path), SNAS_E_USAGE, "not empty");
    assert_fails(snas_run_folder_vacant(mem, snas_format(mem, "%s/letter", path)), SNAS_E_USAGE, "is a file");
    fixture_remove(mem, path);
}

static void opening_sweeps_what_interrupted_writes_left(void **state)
{
    (void)state;
    const char *path = fixture_folder(mem);
    snas_run_folder folder;
    make(path, &folder);
    (void)snas_run_folder_close(&folder, SNAS_E_INTERRUPTED);
    assert_string_equal(fixture_read(mem, path, "STATUS").data, "interrupted\n");
    assert_ok(snas_folder_make(snas_format(mem, "%s/checkpoints", path)));
    assert_ok(snas_file_replace_text(snas_format(mem, "%s/checkpoints/.step.1.2.tmp", path), "half"));
    assert_ok(snas_run_folder_open(mem, "search", path, &folder));
    assert_false(fixture_has(mem, path, "checkpoints/.step.1.2.tmp"));
    assert_true(fixture_has(mem, path, "config.json"));
    (void)snas_run_folder_close(&folder, SNAS_OK);
    fixture_remove(mem, path);
}

/* A link planted in the run's folder; what it leads to must stay as it is. */
static void plant(const char *folder, const char *name, const char *target)
{
    const char *at = snas_format(mem, "%s/%s", folder, name);
    assert_ok(snas_file_remove(at));
    assert_int_equal(symlink(target, at), 0);
}

static void links_in_the_place_of_what_a_run_adds_to_are_refused(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"run.lock", "log.txt", "timing.jsonl", "checkpoints", "tensorboard"};
    const char *outside = fixture_folder(mem), *target = snas_format(mem, "%s/target", outside);
    const char *hidden = snas_format(mem, "%s/.other.tmp", outside);
    snas_run_folder folder;
    assert_ok(snas_file_replace_text(hidden, "of another program"));
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        const char *const leads_to[] = {target, "/nowhere/missing", outside};
        for (size_t k = 0; k < sizeof leads_to / sizeof leads_to[0]; k++) {
            const char *path = fixture_folder(mem);
            make(path, &folder);
            (void)snas_run_folder_close(&folder, SNAS_E_INTERRUPTED);
            plant(path, NAMES[i], leads_to[k]);
            assert_fails(snas_run_folder_open(mem, "search", path, &folder), SNAS_E_IO,
                         snas_format(mem, "%s' is a symbolic link, which is not followed for writing", NAMES[i]));
            assert_false(snas_file_is(target));
            assert_true(snas_file_is(hidden));
            fixture_remove(mem, path);
        }
    }
    fixture_remove(mem, outside);
}

static void links_planted_while_a_run_goes_on_lead_nowhere(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"log.txt", "timing.jsonl", "STATUS", "config.json", "env.json"};
    const char *outside = fixture_folder(mem), *target = snas_format(mem, "%s/target", outside);
    const char *path = fixture_folder(mem);
    const snas_config config = fixture_config();
    const snas_run_options options = fixture_options(path);
    snas_run_folder folder;
    make(path, &folder);
    assert_ok(snas_file_replace_text(target, "mine"));
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        plant(path, NAMES[i], target);
    }
    snas_run_say(&folder, SNAS_LOG_DEBUG, "a word");
    snas_run_folder_timing(&folder, "a second\n");
    assert_ok(snas_run_folder_configure(&folder, &config));
    assert_ok(snas_run_folder_declare(mem, "search", &config, &options, &folder));
    assert_ok(snas_run_folder_close(&folder, SNAS_OK));
    assert_string_equal(fixture_read(mem, outside, "target").data, "mine");
    assert_string_equal(fixture_read(mem, path, "STATUS").data, "done\n");
    assert_string_equal(fixture_read(mem, path, "config.json").data, config.text);
    fixture_remove(mem, path);
    fixture_remove(mem, outside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_folder_holds_config_environment_and_status),
        cmocka_unit_test(closing_keeps_the_sentence_of_a_failure),
        cmocka_unit_test(a_locked_run_is_refused_until_it_is_closed),
        cmocka_unit_test(a_folder_in_use_for_something_else_is_refused),
        cmocka_unit_test(opening_sweeps_what_interrupted_writes_left),
        cmocka_unit_test(links_in_the_place_of_what_a_run_adds_to_are_refused),
        cmocka_unit_test(links_planted_while_a_run_goes_on_lead_nowhere),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
