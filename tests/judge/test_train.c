/* test_train.c -- a whole training, small: what it leaves behind, resuming, and reading its weights again. */
#include "snas/config/config.h"
#include "snas/format/json.h"
#include "snas/format/safetensors.h"
#include "snas/judge/estimate.h"
#include "snas/judge/evaluate.h"
#include "snas/learn/run_options.h"
#include "snas/learn/tally.h"
#include "snas/space/genotype.h"
#include "snas/train/train.h"
#include "whole_fixture.h"

static const char *const results[] = {"metrics.jsonl",
                                      "metrics.csv",
                                      "genotype.json",
                                      "weights-last.safetensors",
                                      "weights-best.safetensors",
                                      "checkpoints/step-00000008.safetensors",
                                      NULL};
enum { ALL_STEPS = 2 * FIXTURE_STEPS };

static void resume_is_bit_identical_from_every_step(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    for (int stop = 1; stop <= ALL_STEPS; stop++) {
        const char *folder = fixture_folder(mem);
        snas_run_options options = fixture_options(folder);
        options.stop_after_steps = stop;
        assert_fails(whole_train_start(&config, &options), SNAS_E_INTERRUPTED, "snas train --resume");
        options.stop_after_steps = 0;
        assert_ok(snas_train_resume(&config, &options));
        assert_same_run(whole, folder, results);
        fixture_remove(mem, folder);
    }
}

static void weights_say_what_network_they_are(void **state)
{
    (void)state;
    snas_tensor_file file;
    const snas_json *root;
    assert_ok(snas_safetensors_load(mem, in(whole, "weights-last.safetensors"), &file));
    const char *text = snas_metadata_find(&file, "snas.child");
    assert_non_null(text);
    assert_ok(snas_json_parse(mem, "child", (snas_bytes){.data = text, .size = strlen(text)}, &root));
    assert_int_equal((int)snas_json_find(root, "channels")->number, 4);
    assert_int_equal((int)snas_json_find(root, "epoch")->number, 2);
    assert_string_equal(snas_metadata_find(&file, "snas.genotype"), fixture_read(mem, whole, "genotype.json").data);
    assert_non_null(snas_tensor_find(&file, "classifier.weight"));
}

static void evaluation_of_the_weights_repeats_the_figures(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    snas_run_options options = fixture_options(NULL);
    snas_evaluated last, best;
    options.team.threads = 8;
    assert_ok(snas_evaluate(mem, &config,
                            &(snas_evaluation){.weights = in(whole, "weights-last.safetensors"), .genotype = NULL},
                            &options, &last));
    assert_true(last.accuracy == last_figure(whole, "test_accuracy"));
    assert_near(last.loss, last_figure(whole, "test_loss"), 1e-12);
    assert_int_equal(last.images, FIXTURE_TEST);
    assert_ok(snas_evaluate(mem, &config,
                            &(snas_evaluation){.weights = in(whole, "weights-best.safetensors"), .genotype = NULL},
                            &options, &best));
    assert_true(best.accuracy == last_figure(whole, "best_accuracy"));
    assert_true(best.accuracy >= last.accuracy && best.accuracy_top5 >= best.accuracy);
}

static void an_evaluation_tells_what_was_taken_for_what(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const snas_run_options options = fixture_options(NULL);
    static const int top[] = {1, 5, 10};
    snas_evaluated out;
    const snas_evaluation what = {
        .weights = in(whole, "weights-last.safetensors"), .top = top, .top_count = 3, .confusion_most = 10};
    assert_ok(snas_evaluate(mem, &config, &what, &options, &out));
    int64_t all = 0, right = 0;
    for (int i = 0; i < out.classes * out.classes; i++) {
        all += out.confusion[i];
        right += i % (out.classes + 1) == 0 ? out.confusion[i] : 0;
    }
    assert_int_equal(out.classes, 10);
    assert_int_equal(all, FIXTURE_TEST);
    assert_near((double)right / FIXTURE_TEST, out.accuracy, 1e-15);
    assert_near(out.top[0], out.accuracy, 1e-15);
    assert_near(out.top[1], out.accuracy_top5, 1e-15);
    assert_true(out.top[2] == 1.0);
    assert_non_null(out.class_names);
}

/* The weights' own file has them already, as the training's last evaluation found them. */
static void weights_say_how_each_class_was_told(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const snas_run_options options = fixture_options(NULL);
    const snas_evaluation what = {.weights = in(whole, "weights-last.safetensors"), .confusion_most = 10};
    snas_tensor_file file;
    snas_evaluated found;
    snas_tally *tally;
    assert_ok(snas_safetensors_load(mem, what.weights, &file));
    assert_ok(snas_tally_read(mem, what.weights, snas_metadata_find(&file, "snas.test"), &tally));
    assert_ok(snas_evaluate(mem, &config, &what, &options, &found));
    assert_non_null(tally);
    assert_true(tally->images == FIXTURE_TEST && tally->classes == found.classes);
    assert_memory_equal(tally->confusion, found.confusion, 100 * sizeof *tally->confusion);
    assert_memory_equal(tally->correct, found.correct, 10 * sizeof *tally->correct);
    assert_true(snas_tally_top(tally, 1) == last_figure(whole, "test_accuracy"));
}

static void a_recalibration_comes_before_the_test(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const snas_run_options options = fixture_options(NULL);
    snas_evaluated plain, once, again, all;
    snas_evaluation what = {.weights = in(whole, "weights-last.safetensors")};
    assert_ok(snas_evaluate(mem, &config, &what, &options, &plain));
    what.recalibration_batches = 2;
    assert_ok(snas_evaluate(mem, &config, &what, &options, &once));
    assert_ok(snas_evaluate(mem, &config, &what, &options, &again));
    what.recalibration_batches = 1000;
    assert_ok(snas_evaluate(mem, &config, &what, &options, &all));
    assert_int_equal(plain.recalibration_batches, 0);
    assert_int_equal(once.recalibration_batches, 2);
    assert_int_equal(all.recalibration_batches, FIXTURE_STEPS); /* there are no more */
    assert_true(once.loss == again.loss);
    assert_true(once.loss != plain.loss && once.loss != all.loss);
}

static void weights_without_a_description_need_a_genotype(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const char *folder = fixture_folder(mem), *bare = in(folder, "bare.safetensors");
    const snas_genotype genotype = whole_genotype();
    const snas_run_options options = fixture_options(folder);
    snas_tensor_file file;
    snas_evaluated described, given;
    assert_ok(snas_safetensors_load(mem, in(whole, "weights-last.safetensors"), &file));
    assert_ok(snas_evaluate(mem, &config,
                            &(snas_evaluation){.weights = in(whole, "weights-last.safetensors"), .genotype = NULL},
                            &options, &described));
    file.metadata_count = 0;
    assert_ok(snas_safetensors_save(mem, bare, &file));
    assert_fails(snas_evaluate(mem, &config, &(snas_evaluation){.weights = bare, .genotype = NULL}, &options, &given),
                 SNAS_E_USAGE, "give its genotype");
    assert_ok(
        snas_evaluate(mem, &config, &(snas_evaluation){.weights = bare, .genotype = &genotype}, &options, &given));
    assert_true(given.accuracy == described.accuracy);
    assert_near(given.loss, described.loss, 1e-6); /* the mean and deviation of the file are floats in text */
    fixture_remove(mem, folder);
}

/* weights-last of the whole run with one number changed. */
static const char *damaged(const char *folder, const char *name, float value)
{
    const char *path = in(folder, "damaged.safetensors");
    snas_tensor_file file;
    assert_ok(snas_safetensors_load(mem, in(whole, "weights-last.safetensors"), &file));
    for (int i = 0; i < file.count; i++) {
        snas_named_tensor *tensor = &file.tensors[i];
        if (strcmp(tensor->name, name) == 0) {
            float *copy = snas_arena_take(mem, (size_t)tensor->count, sizeof *copy);
            memcpy(copy, tensor->data, (size_t)tensor->count * sizeof *copy);
            copy[0] = value;
            tensor->data = copy;
        }
    }
    assert_ok(snas_safetensors_save(mem, path, &file));
    return path;
}

static void weights_that_are_none_have_no_accuracy(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        float value;
        const char *part;
    } rows[] = {
        {"stem.0.weight", NAN, "tensor 'stem.0.weight' holds nan in place 0"},
        {"classifier.bias", INFINITY, "tensor 'classifier.bias' holds inf in place 0"},
        {"stem.1.running_var", -1.0f, "tensor 'stem.1.running_var' holds -1 in place 0"},
        {"stem.1.running_mean", -3e38f, "the network's output is not finite for 8 of the 8 pictures of batch 1"},
        {"stem.1.running_mean", 3e38f, "numbers within the network are not finite for 8 of the 8 pictures of batch 1"}};
    const snas_config config = fixture_config();
    const char *folder = fixture_folder(mem);
    const snas_run_options options = fixture_options(folder);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snas_evaluated out;
        const char *logits = in(folder, "logits.safetensors");
        const snas_evaluation what = {.weights = damaged(folder, rows[i].name, rows[i].value), .logits = logits};
        assert_fails(snas_evaluate(mem, &config, &what, &options, &out), SNAS_E_NUMERIC, rows[i].part);
        assert_false(snas_file_is(logits));
    }
    fixture_remove(mem, folder);
}

#define NORMALISED "\"mean\": [0, 0, 0], \"deviation\": [1, 1, 1]"

static void a_broken_description_is_refused(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const char *folder = fixture_folder(mem), *path = in(folder, "w.safetensors");
    const snas_run_options options = fixture_options(folder);
    const char *const texts[] = {
        "{\"channels\"",
        "[]",
        "{\"channels\": 0, \"cells\": 3, \"classes\": 10, \"side\": 8, " NORMALISED "}",
        "{\"channels\": 4, \"cells\": 1e9, \"classes\": 10, \"side\": 8, " NORMALISED "}",
        "{\"channels\": 4, \"cells\": 3, \"classes\": 10, \"side\": 8, \"mean\": [0, 0], "
        "\"deviation\": [1, 1, 1]}",
        "{\"channels\": 4, \"cells\": 3, \"classes\": 10, \"side\": 8, \"mean\": [0, 0, 0], "
        "\"deviation\": [1, 0, 1]}",
        "{\"channels\": 4, \"cells\": 3, \"classes\": 3, \"side\": 8, \"class_names\": [\"a\", \"b\"], " NORMALISED "}",
        "{\"channels\": 4, \"cells\": 3, \"classes\": 2, \"side\": 8, \"class_names\": [\"a\", 1], " NORMALISED "}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        snas_metadata metadata[] = {
            {"snas.child", texts[i]},
            {"snas.genotype", "{}"},
        };
        snas_evaluated out;
        const snas_tensor_file file = {.metadata = metadata, .metadata_count = 2};
        assert_ok(snas_safetensors_save(mem, path, &file));
        assert_fails(snas_evaluate(mem, &config, &(snas_evaluation){.weights = path, .genotype = NULL}, &options, &out),
                     SNAS_E_DATA, "w.safetensors");
    }
    fixture_remove(mem, folder);
}

/* The test pictures have a part of a batch at their end, and are walked through again in the second epoch. */
static void workers_change_nothing(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    const char *folder = fixture_folder(mem);
    snas_run_options options = fixture_options(folder);
    config.data.workers = 2;
    config.data.queue = 5;
    options.team.threads = 8;
    assert_ok(whole_train_start(&config, &options));
    assert_same_run(whole, folder, results);
    assert_non_null(strstr(fixture_read(mem, folder, "timing.jsonl").data, "\"data_wait_seconds\""));
    fixture_remove(mem, folder);
}

static void an_estimate_counts_the_child(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const snas_run_options options = fixture_options(NULL);
    snas_estimate estimate;
    snas_evaluated evaluated;
    const snas_genotype genotype = whole_genotype();
    assert_ok(snas_train_estimate(&config, &genotype, &options, &estimate));
    assert_ok(snas_evaluate(mem, &config,
                            &(snas_evaluation){.weights = in(whole, "weights-last.safetensors"), .genotype = NULL},
                            &options, &evaluated));
    assert_int_equal(estimate.parameters, evaluated.parameters);
    assert_int_equal(estimate.macs, evaluated.macs);
    assert_int_equal(estimate.steps, ALL_STEPS);
}

static int begin(void **state)
{
    const snas_config config = fixture_config();
    return whole_begin(state, &config, whole_train_start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resume_is_bit_identical_from_every_step),
        cmocka_unit_test(weights_say_what_network_they_are),
        cmocka_unit_test(evaluation_of_the_weights_repeats_the_figures),
        cmocka_unit_test(an_evaluation_tells_what_was_taken_for_what),
        cmocka_unit_test(weights_say_how_each_class_was_told),
        cmocka_unit_test(a_recalibration_comes_before_the_test),
        cmocka_unit_test(weights_without_a_description_need_a_genotype),
        cmocka_unit_test(a_broken_description_is_refused),
        cmocka_unit_test(weights_that_are_none_have_no_accuracy),
        cmocka_unit_test(workers_change_nothing),
        cmocka_unit_test(an_estimate_counts_the_child),
    };
    return cmocka_run_group_tests(tests, begin, whole_end);
}
