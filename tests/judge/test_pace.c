/* test_pace.c -- hours from the pace of an epoch, and epochs from hours; and that steps are timed without a trace. */
#include <math.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/judge/pace.h"

enum { MOST = 100000 };

static void epochs_are_those_that_fit(void **state)
{
    (void)state;
    const snas_pace pace = {.known = true, .step = 1, .epoch = 100, .end = 60};
    assert_int_equal(snas_pace_epochs(&pace, 1.0, MOST), 35); /* 3540 seconds beside the end */
    assert_true(snas_pace_hours(&pace, 35) <= 1.0 && snas_pace_hours(&pace, 36) > 1.0);
    assert_int_equal(snas_pace_epochs(&pace, 0.001, MOST), 1);
    assert_int_equal(snas_pace_epochs(&pace, 1e6, MOST), MOST);
}

static snas_pace pace_of(const char *set, bool train)
{
    const char *sets[] = {"data.dataset=synthetic", "data.synthetic.train=64", "data.synthetic.test=64",
                          "data.synthetic.side=8",  "search.channels=2",       "search.cells=3",
                          "search.batch=8",         "search.epochs=3",         "train.channels=2",
                          "train.cells=3",          "train.batch=8",           set};
    snas_config config;
    snas_genotype genotype;
    snas_estimate estimate;
    snas_pace pace;
    const snas_run_options options = {.team = {.threads = 1}};
    assert_ok(snas_config_load(mem, NULL, sets, sizeof sets / sizeof sets[0], &config));
    assert_ok(snas_genotype_load(mem, "DARTS_V2", &genotype));
    assert_ok(train ? snas_train_estimate(&config, &genotype, &options, &estimate)
                    : snas_search_estimate(&config, &options, &estimate));
    assert_ok(snas_pace_measure(&config, train ? &genotype : NULL, &options, &estimate, &pace));
    assert_true(pace.known && pace.step > 0.0);
    assert_true(pace.epoch > pace.step * (double)estimate.steps_per_epoch); /* it is judged too */
    return pace;
}

static void every_kind_of_run_has_a_pace(void **state)
{
    (void)state;
    assert_true(pace_of("seed=1", false).end == 0.0);
    assert_true(pace_of("search.logits.warmup=2", false).end == 0.0);
    assert_true(pace_of("search.method=reinforce", false).end == 0.0);
    assert_true(pace_of("search.method=random", false).end > 0.0);
    assert_true(pace_of("train.average_decay=0.9", true).end == 0.0);
}

/* Each of two steps has its share of the epochs: with none or all of them there is one. */
static void smaller_pictures_of_the_first_epochs_are_timed_too(void **state)
{
    (void)state;
    static const char *const sets[] = {"data.dataset=synthetic", "data.synthetic.train=32", "data.synthetic.test=10",
                                       "data.synthetic.side=64", "train.channels=4",        "train.cells=3",
                                       "train.batch=32",         "train.epochs=10",         "train.small_side=8",
                                       "train.small_share=0.9"};
    snas_config config;
    snas_genotype genotype;
    snas_estimate small, whole;
    snas_pace first, last;
    const snas_run_options options = {.team = {.threads = 1}};
    assert_ok(snas_config_load(mem, NULL, sets, sizeof sets / sizeof sets[0], &config));
    assert_ok(snas_genotype_load(mem, "DARTS_V2", &genotype));
    assert_ok(snas_train_estimate(&config, &genotype, &options, &small));
    assert_ok(snas_pace_measure(&config, &genotype, &options, &small, &first));
    config.train.small_share = 0.0;
    assert_ok(snas_train_estimate(&config, &genotype, &options, &whole));
    assert_ok(snas_pace_measure(&config, &genotype, &options, &whole, &last));
    assert_true(small.activation_bytes > whole.activation_bytes && small.parameter_bytes == whole.parameter_bytes);
    assert_true(first.step < 0.7 * last.step); /* 0.1 of it, and 1/64 of the arithmetic for the rest */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epochs_are_those_that_fit),
        cmocka_unit_test(every_kind_of_run_has_a_pace),
        cmocka_unit_test(smaller_pictures_of_the_first_epochs_are_timed_too),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
