/* test_saving.c -- a write that fails is made good: nothing of a run is lost that a later save can still write. */
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "faults.h"
#include "snas/format/json.h"
#include "snas/format/safetensors.h"
#include "snas/search/search.h"
#include "snas/train/train.h"
#include "whole_fixture.h"

static const char *const of_train[] = {"metrics.jsonl",
                                       "metrics.csv",
                                       "weights-last.safetensors",
                                       "weights-best.safetensors",
                                       "weights-average-last.safetensors",
                                       "weights-average-best.safetensors",
                                       "checkpoints/LATEST",
                                       NULL};
static const char *const of_search[] = {
    "metrics.jsonl",   "metrics.csv",       "genotype.json",     "genotype.txt",       "cell_normal.png",
    "cell_reduce.png", "logits_normal.png", "logits_reduce.png", "checkpoints/LATEST", NULL};

/* Two sets of weights, recalibrated; a rate that changes nothing, so that the first epoch stays the best. */
static snas_config config_of_train(void)
{
    snas_config config = fixture_config();
    config.train.epochs = 3;
    config.train.average_decay = 0.9;
    config.train.recalibration_batches = 2;
    config.train.weights.rate = config.train.weights.rate_last = 1e-12;
    config.train.weights.decay = 0;
    return config;
}

static snas_status train(const snas_config *config, const snas_run_options *options)
{
    snas_genotype genotype;
    SNAS_TRY(snas_genotype_load(mem, "SNAS_mild", &genotype));
    return snas_train_start(config, &genotype, options);
}

/* --- one call fails ----------------------------------------------------------------------------------------------- */

typedef struct {
    int first, last; /* calls before the first step, and in all */
} span;

static void note_calls(void *context, const snas_progress *progress)
{
    span *calls = context;
    calls->first = progress->done == 1 ? faults_calls() : calls->first;
}

typedef snas_status start_run(const snas_config *config, const snas_run_options *options);

/* In each of so many runs one call after the start fails, spread over all of them: what the run leaves is the same. */
static void walk(start_run *start, const snas_config *config, const char *const *files, int runs)
{
    const char *sound = fixture_folder(mem);
    snas_run_options options = fixture_options(sound);
    span calls = {0};
    options.progress = note_calls;
    options.context = &calls;
    faults_in_files(INT_MAX, EIO, false);
    assert_ok(start(config, &options));
    calls.last = faults_calls();
    assert_true(calls.last > calls.first + 100);
    for (int i = 0; i < runs; i++) {
        const int call = calls.first + (int)((int64_t)(calls.last - calls.first) * i / runs);
        const char *folder = fixture_folder(mem);
        options = fixture_options(folder);
        faults_in_files(call, EIO, false);
        assert_ok(start(config, &options));
        faults_clear();
        if (call < calls.last - 10) { /* the last words, STATUS, are a warning when they cannot be written */
            assert_same_run(sound, folder, files);
        }
        fixture_remove(mem, folder);
    }
    faults_clear();
    fixture_remove(mem, sound);
}

static void one_failed_call_of_a_training_changes_nothing(void **state)
{
    (void)state;
    const snas_config config = config_of_train();
    walk(train, &config, of_train, 67);
}

static void one_failed_call_of_a_search_changes_nothing(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    config.search.channels = 2;
    walk(snas_search_start, &config, of_search, 7);
}

/* --- a file cannot be written for a while ------------------------------------------------------------------------- */

/* A folder in the place of a file: it cannot be replaced until the folder is gone. */
typedef struct {
    const char *blocked; /* path */
    int64_t from, until; /* steps of the run */
} block;

static void turn_block(void *context, const snas_progress *progress)
{
    const block *b = context;
    if (strcmp(progress->phase, "train") != 0 && strcmp(progress->phase, "search") != 0) {
        return;
    }
    if (progress->done == b->from) {
        (void)unlink(b->blocked);
        assert_ok(snas_folder_make(b->blocked));
    }
    if (progress->done == b->until) {
        assert_int_equal(rmdir(b->blocked), 0);
    }
}

static snas_run_options blocked_options(const char *folder, block *b, const char *name, int64_t from, int64_t until)
{
    snas_run_options options = fixture_options(folder);
    *b = (block){.blocked = snas_format(mem, "%s/%s", folder, name), .from = from, .until = until};
    options.progress = turn_block;
    options.context = b;
    return options;
}

static void the_best_weights_are_written_as_soon_as_they_can_be(void **state)
{
    (void)state;
    const snas_config config = config_of_train();
    static const char *const names[] = {"weights-best.safetensors", "weights-last.safetensors",
                                        "weights-average-best.safetensors", "metrics.jsonl"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *folder = fixture_folder(mem);
        block b;
        const snas_run_options options = blocked_options(folder, &b, names[i], 2, 6);
        assert_ok(train(&config, &options));
        assert_same_run(whole, folder, of_train);
        fixture_remove(mem, folder);
    }
}

static void a_file_that_fails_does_not_keep_others_from_being_written(void **state)
{
    (void)state;
    const snas_config config = config_of_train();
    const char *folder = fixture_folder(mem);
    block b;
    snas_run_options options = blocked_options(folder, &b, "weights-last.safetensors", 2, 100);
    options.stop_after_steps = FIXTURE_STEPS + 1;
    assert_fails(train(&config, &options), SNAS_E_INTERRUPTED, "--resume");
    assert_true(fixture_has(mem, folder, "weights-best.safetensors"));
    assert_true(fixture_has(mem, folder, "weights-average-last.safetensors"));
    assert_true(fixture_has(mem, folder, "weights-average-best.safetensors"));
    assert_string_equal(fixture_read(mem, folder, "checkpoints/LATEST").data, "step-00000005.safetensors\n");
    fixture_remove(mem, folder);
}

static void weights_that_could_not_be_written_outlive_the_process_in_its_checkpoint(void **state)
{
    (void)state;
    const snas_config config = config_of_train();
    const char *folder = fixture_folder(mem);
    block b;
    snas_run_options options = blocked_options(folder, &b, "weights-best.safetensors", 2, 100);
    options.stop_after_steps = 2 * FIXTURE_STEPS + 1;
    assert_fails(train(&config, &options), SNAS_E_INTERRUPTED, "stopped at step 9 and saved");
    assert_non_null(strstr(fixture_read(mem, folder, "log.txt").data,
                           "not all results could be written; the run writes them when it goes on: cannot write"));
    snas_tensor_file file;
    const char *path = snas_format(mem, "%s/checkpoints/step-00000009.safetensors", folder);
    assert_ok(snas_safetensors_load(mem, path, &file));
    assert_non_null(snas_tensor_find(&file, "unsaved.weights-best.classifier.weight"));
    assert_non_null(snas_metadata_find(&file, "unsaved.weights-best.snas.child"));
    assert_int_equal(rmdir(b.blocked), 0);
    options = fixture_options(folder);
    assert_ok(snas_train_resume(&config, &options));
    assert_same_run(whole, folder, of_train);
    fixture_assert_same(mem, whole, folder, "checkpoints/step-00000012.safetensors");
    fixture_remove(mem, folder);
}

static void weights_that_cannot_be_written_until_the_end_are_told_and_written_later(void **state)
{
    (void)state;
    const snas_config config = config_of_train();
    const char *folder = fixture_folder(mem);
    block b;
    snas_run_options options = blocked_options(folder, &b, "weights-best.safetensors", 2, 100);
    assert_fails(train(&config, &options), SNAS_E_IO,
                 "the run has come to its end, but not all of it could be written: "
                 "cannot write");
    assert_non_null(strstr(snas_error(), "'snas train --resume "));
    assert_string_equal(fixture_read(mem, folder, "STATUS").data, "failed\n");
    options = fixture_options(folder);
    assert_fails(snas_train_resume(&config, &options), SNAS_E_IO, "weights-best");
    assert_int_equal(rmdir(b.blocked), 0);
    assert_ok(snas_train_resume(&config, &options));
    assert_same_run(whole, folder, of_train);
    fixture_assert_same(mem, whole, folder, "checkpoints/step-00000012.safetensors");
    fixture_remove(mem, folder);
}

static void a_new_best_takes_the_place_of_one_that_could_not_be_written(void **state)
{
    (void)state;
    const snas_config config = fixture_busy_config();
    const char *folder = fixture_folder(mem), *sound = fixture_folder(mem);
    block b;
    snas_run_options options = fixture_options(sound);
    assert_ok(train(&config, &options));
    options = blocked_options(folder, &b, "weights-best.safetensors", 1, 5 * FIXTURE_STEPS - 1);
    assert_ok(train(&config, &options));
    assert_same_run(sound, folder, of_train);
    fixture_remove(mem, folder);
    fixture_remove(mem, sound);
}

static void a_search_whose_genotype_could_not_be_written_writes_it_when_it_goes_on(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    const char *folder = fixture_folder(mem), *sound = fixture_folder(mem);
    block b;
    snas_run_options options = fixture_options(sound);
    assert_ok(snas_search_start(&config, &options));
    options = blocked_options(folder, &b, "genotype.json", FIXTURE_STEPS + 1, 100);
    assert_fails(snas_search_start(&config, &options), SNAS_E_IO, "not all of it could be written");
    fixture_assert_same(mem, sound, folder, "cell_normal.png");
    fixture_assert_same(mem, sound, folder, "checkpoints/step-00000008.safetensors");
    assert_int_equal(rmdir(b.blocked), 0);
    options = fixture_options(folder);
    assert_ok(snas_search_resume(&config, &options));
    assert_same_run(sound, folder, of_search);
    fixture_remove(mem, folder);
    fixture_remove(mem, sound);
}

static void a_checkpoint_with_weights_of_a_strange_name_is_refused(void **state)
{
    (void)state;
    float number = 1;
    const char *const names[] = {"unsaved.../x.weight", "unsaved.weights", "unsaved..x"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snas_named_tensor tensor = {.name = names[i], .dtype = SNAS_F32, .data = &number, .count = 1};
        const snas_tensor_file file = {.tensors = &tensor, .count = 1};
        snas_unsaved unsaved = {0};
        assert_fails(snas_unsaved_unpack(mem, &unsaved, &file), SNAS_E_IO, "which no run has written");
        assert_int_equal(unsaved.count, 0);
    }
}

static void without_memory_for_a_copy_the_run_ends(void **state)
{
    (void)state;
    float number = 1;
    snas_unsaved unsaved = {0};
    snas_named_tensor tensor = {.name = "w", .dtype = SNAS_F32, .data = &number, .count = 1};
    const snas_tensor_file file = {.tensors = &tensor, .count = 1};
    faults_in_heap(0, true);
    const snas_status status = snas_unsaved_write(mem, &unsaved, "/nowhere", "weights-best", &file);
    faults_clear();
    assert_int_equal(status, SNAS_E_MEMORY);
    assert_int_equal(unsaved.count, 0);
}

static int begin(void **state)
{
    const snas_config config = config_of_train();
    return whole_begin(state, &config, train);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_failed_call_of_a_training_changes_nothing),
        cmocka_unit_test(one_failed_call_of_a_search_changes_nothing),
        cmocka_unit_test(the_best_weights_are_written_as_soon_as_they_can_be),
        cmocka_unit_test(a_file_that_fails_does_not_keep_others_from_being_written),
        cmocka_unit_test(weights_that_could_not_be_written_outlive_the_process_in_its_checkpoint),
        cmocka_unit_test(weights_that_cannot_be_written_until_the_end_are_told_and_written_later),
        cmocka_unit_test(a_new_best_takes_the_place_of_one_that_could_not_be_written),
        cmocka_unit_test(a_search_whose_genotype_could_not_be_written_writes_it_when_it_goes_on),
        cmocka_unit_test(a_checkpoint_with_weights_of_a_strange_name_is_refused),
        cmocka_unit_test(without_memory_for_a_copy_the_run_ends),
    };
    return cmocka_run_group_tests(tests, begin, whole_end);
}
