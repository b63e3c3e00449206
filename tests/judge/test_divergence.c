/* test_divergence.c -- a run whose numbers are no longer finite: what it leaves, and going back with a lower rate. */
#include "snas/config/config.h"
#include "snas/learn/run_options.h"
#include "snas/search/search.h"
#include "snas/train/train.h"
#include "whole_fixture.h"

enum { ALL_STEPS = 2 * FIXTURE_STEPS };

static const double TOO_HIGH = 1e20;

static const char *const results[] = {"metrics.jsonl", "weights-last.safetensors", "weights-best.safetensors",
                                      "checkpoints/step-00000008.safetensors", NULL};

static const char *latest(const char *folder)
{
    return fixture_read(mem, folder, "checkpoints/LATEST").data;
}

static bool has_step(const char *folder, int step)
{
    return fixture_has(mem, folder, snas_format(mem, "checkpoints/step-%08d.safetensors", step));
}

/* A training in a new folder that is stopped after `steps` steps; config.train.weights.rate is TOO_HIGH from there. */
static const char *begin_well(snas_config *config, int steps)
{
    const char *folder = fixture_folder(mem);
    snas_run_options options = fixture_options(folder);
    options.stop_after_steps = steps;
    assert_fails(whole_train_start(config, &options), SNAS_E_INTERRUPTED, "");
    config->train.weights.rate = TOO_HIGH;
    return folder;
}

static void assert_goes_on_to_the_same_end(const char *folder, snas_config *config)
{
    const snas_run_options options = fixture_options(folder);
    config->train.weights.rate = fixture_config().train.weights.rate;
    assert_ok(snas_train_resume(config, &options));
    assert_same_run(whole, folder, results);
}

/* Step 6 is the first from weights of the high rate; step 5 has shown that its checkpoint is one to go from. */
static void a_step_that_diverges_goes_back_to_the_last_sound_checkpoint(void **state)
{
    (void)state;
    for (int keep = 1; keep <= 2; keep++) {
        for (int every = 0; every <= 1; every++) { /* steps a checkpoint; 0: an epoch */
            snas_config config = fixture_config();
            const char *folder = begin_well(&config, 5);
            const snas_run_options options = fixture_options(folder);
            config.keep_checkpoints = keep;
            config.checkpoint_steps = every;
            assert_fails(snas_train_resume(&config, &options), SNAS_E_NUMERIC,
                         snas_format(mem,
                                     "to go back to 'checkpoints/step-00000005.safetensors' with a lower learning "
                                     "rate: snas train --resume %s --set train.weights.rate=0.025",
                                     folder));
            assert_non_null(strstr(snas_error(), "the run diverged at step "));
            assert_string_equal(fixture_read(mem, folder, "STATUS").data, "failed\n");
            assert_string_equal(latest(folder), "step-00000005.safetensors\n");
            assert_goes_on_to_the_same_end(folder, &config);
            assert_int_equal(has_step(folder, 7), keep == 2 && every == 1);
            assert_int_equal(has_step(folder, 5), keep == 2 && every == 0);
            fixture_remove(mem, folder);
        }
    }
}

/* The last step before the test is taken at the high rate: its own loss is still a good one. */
static void a_test_that_finds_none_overwrites_nothing(void **state)
{
    (void)state;
    static const char *const kept[] = {"metrics.jsonl", "metrics.csv", "weights-last.safetensors",
                                       "weights-best.safetensors"};
    snas_config config = fixture_config();
    const char *folder = begin_well(&config, ALL_STEPS - 1);
    const snas_run_options options = fixture_options(folder);
    snas_bytes before[4];
    for (int i = 0; i < 4; i++) {
        before[i] = fixture_read(mem, folder, kept[i]);
    }
    assert_fails(snas_train_resume(&config, &options), SNAS_E_NUMERIC, "step-00000007.safetensors");
    for (int i = 0; i < 4; i++) {
        const snas_bytes now = fixture_read(mem, folder, kept[i]);
        assert_int_equal(now.size, before[i].size);
        assert_memory_equal(now.data, before[i].data, now.size);
    }
    assert_string_equal(latest(folder), "step-00000007.safetensors\n");
    assert_goes_on_to_the_same_end(folder, &config);
    fixture_remove(mem, folder);
}

/* No evaluation before the end: only the save of the checkpoint sees it. */
static void a_save_writes_no_number_that_is_none(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    config.train.evaluate_every = 2;
    const char *folder = begin_well(&config, FIXTURE_STEPS - 1);
    const snas_run_options options = fixture_options(folder);
    config.train.weights.rate = HUGE_VAL;
    assert_fails(snas_train_resume(&config, &options), SNAS_E_NUMERIC, "allowed are finite numbers; to go back to");
    assert_non_null(strstr(snas_error(), "step-00000004.safetensors' is not written: tensor 'model.stem.0.weight'"));
    assert_false(has_step(folder, FIXTURE_STEPS));
    assert_false(fixture_has(mem, folder, "weights-last.safetensors"));
    assert_string_equal(latest(folder), "step-00000003.safetensors\n");
    fixture_remove(mem, folder);
}

static void a_run_that_was_never_good_begins_again(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    const char *folder = fixture_folder(mem);
    const snas_run_options options = fixture_options(folder);
    config.train.weights.rate = TOO_HIGH;
    config.checkpoint_steps = 1;
    assert_fails(whole_train_start(&config, &options), SNAS_E_NUMERIC,
                 "; to begin again with a lower learning rate: snas train --resume ");
    assert_true(has_step(folder, 1));
    assert_string_equal(latest(folder), "step-00000000.safetensors\n");
    assert_goes_on_to_the_same_end(folder, &config);
    fixture_remove(mem, folder);
}

static void a_search_goes_back_too(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    const char *well = fixture_folder(mem), *folder = fixture_folder(mem);
    const snas_run_options smooth = fixture_options(well);
    snas_run_options options = fixture_options(folder);
    assert_ok(snas_search_start(&config, &smooth));
    options.stop_after_steps = ALL_STEPS - 1;
    assert_fails(snas_search_start(&config, &options), SNAS_E_INTERRUPTED, "");
    const snas_bytes found = fixture_read(mem, folder, "genotype.json");
    options.stop_after_steps = 0;
    config.search.weights.rate = TOO_HIGH;
    assert_fails(snas_search_resume(&config, &options), SNAS_E_NUMERIC,
                 snas_format(mem, "snas search --resume %s --set search.weights.rate=0.025", folder));
    assert_string_equal(fixture_read(mem, folder, "genotype.json").data, found.data);
    assert_string_equal(latest(folder), "step-00000007.safetensors\n");
    config.search.weights.rate = fixture_config().search.weights.rate;
    assert_ok(snas_search_resume(&config, &options));
    fixture_assert_same(mem, well, folder, "metrics.jsonl");
    fixture_assert_same(mem, well, folder, "checkpoints/step-00000008.safetensors");
    fixture_remove(mem, well);
    fixture_remove(mem, folder);
}

static int begin(void **state)
{
    const snas_config config = fixture_config();
    return whole_begin(state, &config, whole_train_start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_that_diverges_goes_back_to_the_last_sound_checkpoint),
        cmocka_unit_test(a_test_that_finds_none_overwrites_nothing),
        cmocka_unit_test(a_save_writes_no_number_that_is_none),
        cmocka_unit_test(a_run_that_was_never_good_begins_again),
        cmocka_unit_test(a_search_goes_back_too),
    };
    return cmocka_run_group_tests(tests, begin, whole_end);
}
