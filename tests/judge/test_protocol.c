/* test_protocol.c -- what a training can be told beyond the published protocol: each does what it says, and all of it
 * together is resumed to the same bytes. */
#include "snas/config/config.h"
#include "snas/format/json.h"
#include "snas/format/safetensors.h"
#include "snas/judge/evaluate.h"
#include "snas/learn/run_options.h"
#include "snas/space/genotype.h"
#include "snas/train/train.h"
#include "whole_fixture.h"

static const double FLOAT_SUM = 1e-6; /* a few float roundings of numbers around 1 */

static const char *const results[] = {"metrics.jsonl",
                                      "metrics.csv",
                                      "weights-last.safetensors",
                                      "weights-best.safetensors",
                                      "weights-average-last.safetensors",
                                      "weights-average-best.safetensors",
                                      "checkpoints/step-00000020.safetensors",
                                      NULL};
enum { ALL_STEPS = 5 * FIXTURE_STEPS };

/* Row `row` (from 0) of the metrics. */
static const snas_json *row_of(const char *folder, int row)
{
    const char *text = fixture_read(mem, folder, "metrics.jsonl").data;
    for (int i = 0; i < row; i++) {
        text = strchr(text, '\n') + 1;
    }
    const snas_json *root;
    assert_ok(snas_json_parse(mem, "metrics.jsonl", (snas_bytes){.data = text, .size = strcspn(text, "\n")}, &root));
    return root;
}

static const snas_json *member(const snas_json *row, const char *name)
{
    const snas_json *found = snas_json_find(row, name);
    if (found == NULL) {
        fail_msg("the row has no '%s'", name);
    }
    return found;
}

static double figure(const char *folder, int row, const char *name)
{
    return member(row_of(folder, row), name)->number;
}

static const char *train(const snas_config *config)
{
    const char *folder = fixture_folder(mem);
    const snas_run_options options = fixture_options(folder);
    assert_ok(whole_train_start(config, &options));
    return folder;
}

static void resume_is_bit_identical_from_every_step(void **state)
{
    (void)state;
    const snas_config config = fixture_busy_config();
    for (int stop = 1; stop <= ALL_STEPS; stop++) {
        const char *folder = fixture_folder(mem);
        snas_run_options options = fixture_options(folder);
        options.stop_after_steps = stop;
        assert_fails(whole_train_start(&config, &options), SNAS_E_INTERRUPTED, "snas train --resume");
        options.stop_after_steps = 0;
        options.team.threads = 1 + stop % 3;
        assert_ok(snas_train_resume(&config, &options));
        assert_same_run(whole, folder, results);
        fixture_remove(mem, folder);
    }
}

/* Sets the stop flag in the second batch of a phase, once. */
typedef struct {
    const char *phase;
    volatile sig_atomic_t stop;
    bool done;
} stopper;

static void stop_in_phase(void *context, const snas_progress *progress)
{
    stopper *s = context;
    if (!s->done && progress->step == 1 && strcmp(progress->phase, s->phase) == 0) {
        s->done = true;
        s->stop = 1;
    }
}

static void a_stop_while_an_epoch_is_judged_leaves_no_trace(void **state)
{
    (void)state;
    const snas_config config = fixture_busy_config();
    static const char *const phases[] = {"recalibrate", "test", "average"};
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
        stopper s = {.phase = phases[i]};
        const char *folder = fixture_folder(mem);
        snas_run_options options = fixture_options(folder);
        options.stop = &s.stop;
        options.progress = stop_in_phase;
        options.context = &s;
        assert_fails(whole_train_start(&config, &options), SNAS_E_INTERRUPTED, "go on with");
        s.stop = 0;
        assert_ok(snas_train_resume(&config, &options));
        assert_same_run(whole, folder, results);
        fixture_remove(mem, folder);
    }
}

static void epochs_between_two_evaluations_have_no_test_figures(void **state)
{
    (void)state;
    static const bool judged[] = {false, true, false, true, true};
    for (int epoch = 0; epoch < 5; epoch++) {
        const snas_json *row = row_of(whole, epoch);
        const snas_json_kind kind = judged[epoch] ? SNAS_JSON_NUMBER : SNAS_JSON_NULL;
        assert_int_equal(member(row, "test_accuracy")->kind, kind);
        assert_int_equal(member(row, "average_loss")->kind, kind);
        assert_int_equal(member(row, "train_loss")->kind, SNAS_JSON_NUMBER);
    }
    assert_int_equal(member(row_of(whole, 0), "best_accuracy")->kind, SNAS_JSON_NULL);
    assert_int_equal(member(row_of(whole, 2), "best_accuracy")->kind, SNAS_JSON_NUMBER);
    assert_int_equal((int)figure(whole, 2, "best_epoch"), 2);
}

static void how_often_a_run_is_judged_does_not_move_it(void **state)
{
    (void)state;
    snas_config config = fixture_busy_config();
    config.train.evaluate_every = 1;
    config.train.patience = 0;
    const char *folder = train(&config);
    for (int epoch = 0; epoch < 5; epoch++) {
        assert_true(figure(folder, epoch, "train_loss") == figure(whole, epoch, "train_loss"));
    }
    assert_true(figure(folder, 4, "test_loss") == figure(whole, 4, "test_loss"));
    assert_true(figure(folder, 4, "average_loss") == figure(whole, 4, "average_loss"));
    fixture_remove(mem, folder);
}

static void evaluation_of_saved_weights_repeats_the_figures_of_both_sets(void **state)
{
    (void)state;
    const snas_config config = fixture_busy_config();
    const snas_run_options options = fixture_options(NULL);
    const struct {
        const char *file, *loss, *accuracy;
    } sets[] = {
        {"weights-last.safetensors", "test_loss", "test_accuracy"},
        {"weights-average-last.safetensors", "average_loss", "average_accuracy"},
    };
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        snas_evaluated out;
        const snas_evaluation what = {.weights = in(whole, sets[i].file)};
        assert_ok(snas_evaluate(mem, &config, &what, &options, &out));
        assert_near(out.loss, figure(whole, 4, sets[i].loss), 1e-9);
        assert_true(out.accuracy == figure(whole, 4, sets[i].accuracy));
    }
    assert_true(figure(whole, 4, "test_loss") != figure(whole, 4, "average_loss"));
}

static void impatience_ends_a_run_and_a_resumed_one_stays_ended(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    config.train.epochs = 30;
    config.train.patience = 2;
    config.train.weights.rate = 1e-12; /* nothing moves: the first evaluation is the best */
    config.train.weights.rate_last = 1e-12;
    config.train.recalibration_batches = 2; /* nor do the norms that are judged */
    const char *folder = train(&config);
    const snas_run_options options = fixture_options(folder);
    assert_true(fixture_has(mem, folder, "checkpoints/step-00000012.safetensors"));
    assert_false(fixture_has(mem, folder, "checkpoints/step-00000016.safetensors"));
    assert_int_equal((int)figure(folder, 2, "best_epoch"), 1);
    const snas_bytes before = fixture_read(mem, folder, "metrics.jsonl");
    assert_ok(snas_train_resume(&config, &options));
    const snas_bytes after = fixture_read(mem, folder, "metrics.jsonl");
    assert_int_equal(before.size, after.size);
    config.train.patience = 3;
    assert_ok(snas_train_resume(&config, &options));
    assert_true(fixture_has(mem, folder, "checkpoints/step-00000016.safetensors"));
    fixture_remove(mem, folder);
}

static void the_training_loss_holds_the_auxiliary_one_as_it_is_weighted(void **state)
{
    (void)state;
    enum { SIDE = 32 }; /* the auxiliary classifier wants features of 8 x 8 */
    double loss[2], auxiliary[2];
    snas_config config = fixture_config();
    config.data.synthetic_side = SIDE;
    config.train.epochs = 1;
    config.train.weights.rate = 1e-12; /* nothing moves: both runs see the same network */
    for (int i = 0; i < 2; i++) {
        config.train.auxiliary = 0.5 + 0.5 * i;
        const char *folder = train(&config);
        loss[i] = figure(folder, 0, "train_loss");
        auxiliary[i] = figure(folder, 0, "train_auxiliary_loss");
        fixture_remove(mem, folder);
    }
    assert_near(auxiliary[1], auxiliary[0], FLOAT_SUM);
    assert_near(loss[1] - loss[0], 0.5 * auxiliary[0], FLOAT_SUM);
    assert_true(auxiliary[0] > 1.0);
    assert_null(snas_json_find(row_of(whole, 0), "train_auxiliary_loss"));
}

static int begin(void **state)
{
    const snas_config config = fixture_busy_config();
    return whole_begin(state, &config, whole_train_start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resume_is_bit_identical_from_every_step),
        cmocka_unit_test(a_stop_while_an_epoch_is_judged_leaves_no_trace),
        cmocka_unit_test(epochs_between_two_evaluations_have_no_test_figures),
        cmocka_unit_test(how_often_a_run_is_judged_does_not_move_it),
        cmocka_unit_test(evaluation_of_saved_weights_repeats_the_figures_of_both_sets),
        cmocka_unit_test(impatience_ends_a_run_and_a_resumed_one_stays_ended),
        cmocka_unit_test(the_training_loss_holds_the_auxiliary_one_as_it_is_weighted),
    };
    return cmocka_run_group_tests(tests, begin, whole_end);
}
