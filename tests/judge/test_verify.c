/* test_verify.c -- `snas verify` from below: what it refuses, and the slope of the logits through the relaxation.
 *
 * The case is made here, by the network itself: it has to agree with itself. Cases of PyTorch's: tests/parity.
 */
#include "verify_fixture.h"

static void the_slope_of_the_logits_matches_a_central_difference(void **state)
{
    static const double STEP = 1e-6, TOLERANCE = 1e-6;
    fixture *f = *state;
    double d[TYPES * ROW], slope = 0.0, sides[2], kept[TYPES * ROW];
    snas_rng rng = snas_rng_at(6, SNAS_STREAM_TEST, 1);
    memcpy(kept, f->log_alpha, sizeof kept);
    for (int i = 0; i < TYPES * ROW; i++) {
        d[i] = snas_rng_normal(&rng);
        slope += d[i] * f->d_log_alpha[i];
    }
    for (int s = 0; s < 2; s++) {
        for (int i = 0; i < TYPES * ROW; i++) {
            f->log_alpha[i] = kept[i] + (s == 0 ? STEP : -STEP) * d[i];
        }
        step(f);
        sides[s] = f->total;
    }
    const double wanted = (sides[0] - sides[1]) / (2 * STEP);
    assert_true(fabs(wanted) > 1e-3);
    assert_near(slope / wanted, 1.0, TOLERANCE);
}

static void a_case_of_its_own_passes_in_both_precisions(void **state)
{
    snas_verified verified;
    for (int f64 = 0; f64 < 2; f64++) {
        assert_ok(verify(*state, f64, &verified));
        assert_true(verified.pass);
        assert_true(verified.supernet);
    }
    for (int i = 0; i < SNAS_MEASURE_COUNT; i++) {
        assert_true(verified.measures[i].error < 1e-12);
        assert_true(verified.measures[i].allowed == 1e-9);
    }
}

static void allowances_follow_the_error_of_pytorch(void **state)
{
    snas_verified verified;
    assert_ok(verify(*state, false, &verified));
    assert_near(verified.measures[SNAS_MEASURE_LOGITS].allowed, 5e-3, 1e-12);
    assert_near(verified.measures[SNAS_MEASURE_LOSS].allowed, 1e-5, 1e-12);
    assert_true(isinf(verified.measures[SNAS_MEASURE_GRAD_MAX].allowed));
}

static void a_spoiled_number_is_named(void **state)
{
    fixture *f = *state;
    const struct {
        const char *name;
        snas_measure measure;
    } rows[] = {
        {"expect.logits", SNAS_MEASURE_LOGITS},
        {"expect.loss", SNAS_MEASURE_LOSS},
        {"expect.penalty", SNAS_MEASURE_PENALTY},
        {"input.gumbel_reduce", SNAS_MEASURE_Z},
        {"grad.classifier.weight", SNAS_MEASURE_GRAD_MAX},
        {"grad.normal_log_alpha", SNAS_MEASURE_ALPHA},
        {"after.stem.1.running_var", SNAS_MEASURE_RUNNING},
        {"cells.1._ops.0._ops.4.op.1.weight", SNAS_MEASURE_LOGITS},
    };
    snas_verified verified;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double *number = numbers(f, rows[i].name);
        const double kept = number[0];
        number[0] += 1e-3;
        assert_ok(verify(f, true, &verified));
        number[0] = kept;
        assert_false(verified.pass);
        assert_false(verified.measures[rows[i].measure].pass);
    }
}

/* SGD at rate 0.5, decay 0.1, momentum 0: what the classifier's weights and their momentum come to follows by hand.
 * Adam's first step moves a logit by its rate, against the gradient. */
static void a_case_may_say_how_weights_and_logits_move(void **state)
{
    enum { COUNT = CLASSES * 4 * 4 * CHANNELS * 4 };
    fixture *f = *state;
    const snas_named_tensor *weight = tensor(f, "classifier.weight"), *slope = tensor(f, "grad.classifier.weight");
    double momentum[COUNT], change[COUNT], logits[ROW];
    snas_verified verified;
    assert_true(weight->count <= COUNT);
    for (int64_t i = 0; i < weight->count; i++) {
        const double w = ((const double *)weight->data)[i];
        momentum[i] = ((const double *)slope->data)[i] + 0.1 * w;
        change[i] = w - 0.5 * momentum[i] - w;
    }
    for (int i = 0; i < ROW; i++) {
        logits[i] = -0.25 * f->d_log_alpha[i] / (fabs(f->d_log_alpha[i]) + 1e-3);
    }
    add_vector(f, "momentum.classifier.weight", momentum, weight->count);
    add_vector(f, "change.classifier.weight", change, weight->count);
    add_vector(f, "change.normal_log_alpha", logits, ROW);
    f->metadata[0].value = STEP(", \"weights\": {\"rate\": 0.5, \"momentum\": 0, \"decay\": 0.1}, \"logits\": {"
                                "\"rate\": 0.25, \"beta1\": 0.5, \"beta2\": 0.999, \"eps\": 1e-3, \"decay\": 0, "
                                "\"clip\": 0}");
    assert_ok(verify(f, true, &verified));
    assert_true(verified.pass);
    const struct {
        double *number;
        snas_measure measure;
    } rows[] = {{momentum, SNAS_MEASURE_MOMENTUM}, {change, SNAS_MEASURE_CHANGE}, {logits, SNAS_MEASURE_LOGIT_CHANGE}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const double kept = rows[i].number[0];
        rows[i].number[0] += 1e-3;
        assert_ok(verify(f, true, &verified));
        rows[i].number[0] = kept;
        assert_false(verified.pass);
        assert_false(verified.measures[rows[i].measure].pass);
    }
}

static void a_number_that_is_none_does_not_pass(void **state)
{
    fixture *f = *state;
    snas_verified verified;
    for (int f64 = 0; f64 < 2; f64++) {
        numbers(f, "grad.stem.0.weight")[0] = (double)NAN;
        assert_ok(verify(f, f64, &verified));
        assert_false(verified.pass);
        assert_string_equal(verified.worst, "stem.0.weight");
    }
}

static void a_missing_gradient_counts_as_zero(void **state)
{
    fixture *f = *state;
    snas_verified verified;
    tensor(f, "grad.classifier.weight")->name = "unheard.of";
    assert_ok(verify(f, true, &verified));
    assert_false(verified.pass);
    assert_string_equal(verified.worst, "classifier.weight");
}

/* Numbers that were made with 16 shards come back to the last bit with 16 and not with 1. */
static void a_case_may_say_its_shards(void **state)
{
    fixture *f = *state;
    snas_verified verified;
    f->metadata[0].value = STEP(", \"shards\": 16");
    assert_ok(verify(f, true, &verified));
    assert_true(verified.measures[SNAS_MEASURE_GRAD_ALL].error == 0.0);
    f->metadata[0].value = STEP(", \"shards\": 1");
    assert_ok(verify(f, true, &verified));
    assert_true(verified.pass && verified.measures[SNAS_MEASURE_GRAD_ALL].error > 0.0);
}

static void files_that_are_no_case_are_refused_with_a_sentence(void **state)
{
    fixture *f = *state;
    const struct {
        const char *config, *part;
    } configs[] = {
        {"{}", "no key 'channels'"},
        {"[1", "config"},
        {"{\"channels\": 4.5}", "an integer"},
        {"{\"channels\": 0}", "between"},
        {STEP(", \"shards\": 65"), "'shards' of its config is 65, it has to be between 1 and 64"},
        {STEP(", \"drop_path\": 1"), "'drop_path' of its config is 1, it has to be between 0 and 0.99"},
        {STEP(", \"seed\": true"), "'seed' of its config is true or false, it has to be an integer"},
        {STEP(", \"label_smoothing\": 0.1"), "'label_smoothing' of its config belongs to a child, this is a case of "
                                             "a supernet"},
        {STEP(", \"space\": \"dart\""), "'space' of its config is 'dart', it has to be the name of a search space"},
        {STEP(", \"method\": \"snakes\""), "'method' of its config is 'snakes', it has to be the name of a method"},
        {STEP(", \"estimator\": \"concrte\""),
         "'estimator' of its config is 'concrte', with the method 'snas' it has to be 'concrete'"},
        {STEP(", \"level\": 2"), "'level' of its config is '', with the method 'snas' it has to be 'single', "},
        {STEP(", \"level\": \"bilevel\""), "tensor 'input.logit_images' is missing"},
        {STEP(", \"reward_measure\": \"luck\""),
         "'reward_measure' of its config is 'luck', it has to be the name of a"},
        {STEP(", \"resource_method\": 1"), "'resource_method' of its config is '', it has to be the name of a method"},
        {STEP(", \"method\": \"darts\", \"level\": \"single\", \"resource_method\": \"policy_gradient\""),
         "'resource_method' of its config is 'policy_gradient', with the method 'darts' it has to be 'discrete', "},
        {STEP(", \"logits\": {\"rate\": 0.1}"), "its config has no key 'logits.beta1'"},
        {STEP(", \"temperature_schedule\": \"slow\""), "'temperature_schedule' of its config is 'slow'"},
    };
    snas_verified verified;
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        f->metadata[0].value = configs[i].config;
        assert_fails(verify(f, true, &verified), SNAS_E_DATA, configs[i].part);
    }
    f->metadata[0] = (snas_metadata){.key = "other", .value = CONFIG};
    assert_fails(verify(f, true, &verified), SNAS_E_DATA, "no key 'config'");
    f->metadata[0].key = "config";
    f->labels[0] = CLASSES;
    assert_fails(verify(f, true, &verified), SNAS_E_DATA, "label 3");
    f->labels[0] = 0;
    snas_named_tensor *images = tensor(f, "input.images");
    images->shape[1] = SIDE;
    images->shape[2] = 3;
    assert_fails(verify(f, true, &verified), SNAS_E_DATA, "input.images");
    images->shape[1] = 3;
    images->shape[2] = SIDE;
    tensor(f, "after.stem.1.running_var")->name = "gone";
    assert_fails(verify(f, true, &verified), SNAS_E_DATA, "after.stem.1.running_var");
    assert_fails(
        snas_verify(f->mem, scratch_path("none"), &(snas_verify_options){.team = TEAM, .f64 = true}, &verified),
        SNAS_E_IO, "none");
}

static const char NO_CHILD[] =
    "{\"channels\": 4, \"cells\": 3, \"classes\": 3, \"image\": 8, \"batch\": 2, \"temperature\": 1, "
    "\"resource_lambda\": 0, "
    "\"log_penalty\": true, \"no_pool_bn\": false, \"genotype\": {\"normal\": [[[\"none\", 0]], [], [], []], "
    "\"reduce\": [[], [], [], []]}";

static void a_child_is_refused_what_belongs_to_a_search_and_to_another_space(void **state)
{
    static const char *const PAIRS[][2] = {
        {", \"temperature_last\": 1}",
         "'temperature_last' of its config belongs to a supernet, this is a case of a child"},
        {", \"space\": \"nas-bench-201\"}", "its genotype is of the space 'darts', its config of 'nas-bench-201'"},
    };
    fixture *f = *state;
    snas_verified verified;
    for (size_t i = 0; i < sizeof PAIRS / sizeof PAIRS[0]; i++) {
        f->metadata[0].value = snas_format(f->mem, "%s%s", NO_CHILD, PAIRS[i][0]);
        assert_fails(verify(f, true, &verified), SNAS_E_DATA, PAIRS[i][1]);
    }
}

/* Each key that may be missing moves the numbers: it is not read and forgotten. */
static void the_keys_that_may_be_missing_reach_the_step(void **state)
{
    static const char *const KEYS[] = {
        ", \"drop_path\": 0.5, \"seed\": 3",
        ", \"drop_path\": 0.5, \"seed\": 4",
        ", \"resource_method\": \"discrete\"",
        ", \"resource_method\": \"policy_gradient\"",
        ", \"resource_method\": \"policy_gradient\", \"resource_baseline\": true",
    };
    enum { COUNT = sizeof KEYS / sizeof KEYS[0] };
    fixture *f = *state;
    double seen[COUNT];
    snas_verified verified;
    for (int i = 0; i < COUNT; i++) {
        f->metadata[0].value =
            snas_format(f->mem, "%.*s%s}", (int)sizeof CONFIG - 2, CONFIG, KEYS[i]); /* without its last brace */
        assert_ok(verify(f, true, &verified));
        assert_false(verified.pass);
        seen[i] = verified.measures[SNAS_MEASURE_ALPHA].error;
        for (int j = 0; j < i; j++) {
            assert_true(seen[i] != seen[j]);
        }
    }
}

/* The batch and the noise once more, for the logits. */
static void add_second_batch(fixture *f, const int64_t *labels)
{
    const int64_t shape[4] = {BATCH, 3, SIDE, SIDE}, batch = BATCH;
    add(f, "input.logit_images", SNAS_F64, f->pixels_first, 4, shape);
    add(f, "input.logit_labels", SNAS_I64, labels, 1, &batch);
    for (int t = 0; t < TYPES; t++) {
        add_vector(f, snas_format(f->mem, "input.logit_gumbel_%s", TYPE_NAMES[t]), f->draw.gumbel + t * ROW, ROW);
    }
}

/* The gradient of the logits stays, and running statistics move twice. */
static void a_case_of_two_levels_has_a_second_batch(void **state)
{
    fixture *f = *state;
    int64_t labels[BATCH] = {f->labels[0], f->labels[1]};
    snas_verified verified;
    f->metadata[0].value = STEP(", \"method\": \"snas\", \"level\": \"bilevel\"");
    add_second_batch(f, labels);
    assert_ok(verify(f, true, &verified));
    for (int i = 0; i < SNAS_MEASURE_COUNT; i++) {
        assert_int_equal(verified.measures[i].error < 1e-12, i != SNAS_MEASURE_RUNNING);
    }
    labels[0] = 1;
    assert_ok(verify(f, true, &verified));
    for (int i = 0; i < SNAS_MEASURE_GRAD_MEDIAN; i++) {
        assert_true(verified.measures[i].error < 1e-12);
    }
    assert_true(verified.measures[SNAS_MEASURE_ALPHA].error > 1e-2);
}

/* Keys and tensors of rewards and of the second order move the logits' gradient: none is read and forgotten. */
static void what_a_level_is_given_reaches_the_step(void **state)
{
    static const char REINFORCE[] = ", \"method\": \"reinforce\", \"resource_method\": \"discrete\"";
    static const char SECOND[] = ", \"method\": \"darts\", \"level\": \"bilevel-second-order\"";
    static const char AHEAD[] = ", \"weights\": {\"rate\": 0.1, \"momentum\": 0.9, \"decay\": 0}";
    static const struct {
        const char *method, *more, *tensor;
    } ROWS[] = {{REINFORCE, "", NULL},
                {REINFORCE, ", \"reward_entropy\": 0.5", NULL},
                {REINFORCE, ", \"reward_measure\": \"loss\", \"reward_entropy\": 0.5", "input.estimator_state"},
                {REINFORCE, ", \"reward_entropy\": 0.5", NULL}, /* the state is there now */
                {SECOND, "", NULL},
                {SECOND, AHEAD, NULL},
                {SECOND, AHEAD, "input.momentum.classifier.bias"}};
    enum { COUNT = sizeof ROWS / sizeof ROWS[0] };
    static const double GIVEN[CLASSES] = {0.25, 1.0, -0.5};
    fixture *f = *state;
    double seen[COUNT];
    snas_verified verified;
    add_second_batch(f, f->labels);
    for (int i = 0; i < COUNT; i++) {
        if (ROWS[i].tensor != NULL) {
            add_vector(f, ROWS[i].tensor, GIVEN, i == COUNT - 1 ? CLASSES : 2);
        }
        f->metadata[0].value =
            snas_format(f->mem, "%.*s%s%s}", (int)sizeof CONFIG - 2, CONFIG, ROWS[i].method, ROWS[i].more);
        assert_ok(verify(f, true, &verified));
        seen[i] = verified.measures[SNAS_MEASURE_ALPHA].error;
        for (int j = 0; j < i; j++) {
            assert_true(seen[i] != seen[j]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_slope_of_the_logits_matches_a_central_difference, make, unmake),
        cmocka_unit_test_setup_teardown(a_case_of_its_own_passes_in_both_precisions, make, unmake),
        cmocka_unit_test_setup_teardown(allowances_follow_the_error_of_pytorch, make, unmake),
        cmocka_unit_test_setup_teardown(a_spoiled_number_is_named, make, unmake),
        cmocka_unit_test_setup_teardown(a_case_may_say_how_weights_and_logits_move, make, unmake),
        cmocka_unit_test_setup_teardown(a_number_that_is_none_does_not_pass, make, unmake),
        cmocka_unit_test_setup_teardown(a_missing_gradient_counts_as_zero, make, unmake),
        cmocka_unit_test_setup_teardown(a_case_may_say_its_shards, make, unmake),
        cmocka_unit_test_setup_teardown(files_that_are_no_case_are_refused_with_a_sentence, make, unmake),
        cmocka_unit_test_setup_teardown(a_child_is_refused_what_belongs_to_a_search_and_to_another_space, make, unmake),
        cmocka_unit_test_setup_teardown(the_keys_that_may_be_missing_reach_the_step, make, unmake),
        cmocka_unit_test_setup_teardown(a_case_of_two_levels_has_a_second_batch, make, unmake),
        cmocka_unit_test_setup_teardown(what_a_level_is_given_reaches_the_step, make, unmake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
