/* test_starts.c -- a start that fails or is killed at any call leaves a folder that can be resumed, or begun anew.
 *
 * A call that fails for ever after the n-th is a killed process, as far as the disk can tell.
 */
#include <errno.h>
#include <limits.h>

#include "arena_fixture.h"
#include "faults.h"
#include "run_fixture.h"
#include "snas/format/png.h"
#include "snas/learn/run_options.h"
#include "snas/loop/run_folder.h"
#include "snas/search/search.h"
#include "snas/train/train.h"

typedef struct {
    const char *name;
    snas_status (*start)(const snas_config *config, const snas_run_options *options);
    snas_status (*resume)(const snas_config *config, const snas_run_options *options);
} command;

static snas_status start_train(const snas_config *config, const snas_run_options *options)
{
    snas_genotype genotype;
    SNAS_TRY(snas_genotype_load(mem, "SNAS_mild", &genotype));
    return snas_train_start(config, &genotype, options);
}

static const command SEARCH = {"search", snas_search_start, snas_search_resume};
static const command TRAIN = {"train", start_train, snas_train_resume};

/* A run that is stopped after its first step, which is saved. */
static snas_run_options one_step(const char *folder)
{
    snas_run_options options = fixture_options(folder);
    options.stop_after_steps = 1;
    return options;
}

/* Go on by what the sentences say, and come to the same step as a run that nothing happened to. */
static void assert_goes_on(const command *c, const snas_config *config, const char *folder, const char *whole)
{
    const snas_run_options options = one_step(folder);
    const char *anew = snas_format(mem, "begin it anew by 'snas %s CONFIG --out %s'", c->name, folder);
    const snas_status status = c->resume(config, &options);
    if (status == SNAS_E_IO) {
        assert_non_null(strstr(snas_error(), "holds no env.json")); /* empty: nothing has begun */
        assert_false(fixture_has(mem, folder, "run.lock"));
    }
    if (status == SNAS_E_USAGE) {
        assert_non_null(strstr(snas_error(), anew));
    }
    if (status == SNAS_E_USAGE || status == SNAS_E_IO) {
        assert_fails(c->start(config, &options), SNAS_E_INTERRUPTED, "--resume");
    } else {
        assert_int_equal(status, SNAS_E_INTERRUPTED);
    }
    fixture_assert_same(mem, whole, folder, "checkpoints/step-00000001.safetensors");
    assert_string_equal(fixture_read(mem, folder, "STATUS").data, "interrupted\n");
}

/* Calls before the first step is saved. */
static void count_calls(void *context, const snas_progress *progress)
{
    int *calls = context;
    *calls = progress->done == 1 ? faults_calls() : *calls;
}

/* Let the n-th call of a start fail, for every n until a step is taken. */
static void walk(const command *c, const snas_config *config, bool killed)
{
    const char *whole = fixture_folder(mem);
    snas_run_options options = one_step(whole);
    int calls = 0, half_made = 0;
    options.progress = count_calls;
    options.context = &calls;
    faults_in_files(INT_MAX, EIO, false);
    assert_fails(c->start(config, &options), SNAS_E_INTERRUPTED, "--resume");
    for (int call = 0; call < calls; call++) {
        const char *folder = fixture_folder(mem);
        options = one_step(folder);
        faults_in_files(call, EIO, killed);
        (void)!c->start(config, &options);
        faults_clear();
        half_made += fixture_has(mem, folder, "run.lock") && !fixture_has(mem, folder, "env.json");
        assert_goes_on(c, config, folder, whole);
        fixture_remove(mem, folder);
    }
    assert_true(half_made > 10);
    fixture_remove(mem, whole);
}

static void a_search_whose_start_is_killed_at_any_call_goes_on(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    walk(&SEARCH, &config, true);
}

static void a_training_whose_start_fails_or_is_killed_at_any_call_goes_on(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    walk(&TRAIN, &config, false);
    walk(&TRAIN, &config, true);
}

/* Its run remembers the pictures in a file of its own. */
static void a_training_on_photographs_whose_start_is_killed_goes_on(void **state)
{
    (void)state;
    const char *pictures = fixture_folder(mem);
    snas_config config = fixture_config();
    snas_raster picture;
    assert_ok(snas_raster_create(mem, 12, 12, &picture));
    memset(picture.rgb, 40, 3 * 12 * 12);
    for (int i = 0; i < 40; i++) {
        const char *folder = snas_format(mem, "%s/%s", pictures, i % 2 == 0 ? "ant" : "bee");
        assert_ok(snas_folder_make(folder));
        assert_ok(snas_png_save(mem, snas_format(mem, "%s/%d.png", folder, i), &picture));
    }
    config.data.dataset = snas_dataset_find("folder");
    config.data.path = pictures;
    config.data.test_share = 0.2;
    config.data.centre = config.data.least_area = 1;
    config.train.side = FIXTURE_SIDE;
    walk(&TRAIN, &config, true);
    fixture_remove(mem, pictures);
}

static void what_another_start_has_made_of_the_folder_is_not_taken(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const char *folder = fixture_folder(mem);
    const snas_run_options options = fixture_options(folder);
    snas_run_folder mine, other;
    assert_ok(snas_run_folder_create(mem, &config, &options, &other));
    assert_fails(snas_run_folder_create(mem, &config, &options, &mine), SNAS_E_FAILED, "another process");
    assert_ok(snas_run_folder_declare(mem, "train", &config, &options, &other));
    (void)snas_run_folder_close(&other, SNAS_OK);
    assert_fails(snas_run_folder_create(mem, &config, &options, &mine), SNAS_E_USAGE, "by 'snas train --resume");
    fixture_remove(mem, folder);
}

static void a_foreign_file_beside_a_half_made_run_is_not_removed(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const char *folder = fixture_folder(mem);
    const snas_run_options options = one_step(folder);
    assert_ok(snas_file_replace_text(snas_format(mem, "%s/config.json", folder), "{}"));
    assert_fails(snas_search_start(&config, &options), SNAS_E_USAGE, "is not empty"); /* somebody's config */
    assert_ok(snas_file_replace_text(snas_format(mem, "%s/run.lock", folder), ""));
    assert_ok(snas_file_replace_text(snas_format(mem, "%s/letter", folder), "dear"));
    assert_fails(snas_search_start(&config, &options), SNAS_E_USAGE, "is not empty");
    assert_string_equal(fixture_read(mem, folder, "letter").data, "dear");
    assert_ok(snas_file_remove(snas_format(mem, "%s/letter", folder)));
    assert_fails(snas_search_start(&config, &options), SNAS_E_INTERRUPTED, "--resume");
    fixture_remove(mem, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_whose_start_is_killed_at_any_call_goes_on),
        cmocka_unit_test(a_training_whose_start_fails_or_is_killed_at_any_call_goes_on),
        cmocka_unit_test(a_training_on_photographs_whose_start_is_killed_goes_on),
        cmocka_unit_test(what_another_start_has_made_of_the_folder_is_not_taken),
        cmocka_unit_test(a_foreign_file_beside_a_half_made_run_is_not_removed),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
