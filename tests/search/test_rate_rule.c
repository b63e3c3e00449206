/* test_rate_rule.c -- the logits' rate where the config leaves it open. */
#include "arena_fixture.h"
#include "rate_rule.h"
#include "run_fixture.h"
#include "snas/search/search.h"

/* c of the rule: its rate for one step. */
static double constant(void)
{
    const snas_search_config one = {.adam = {.rate = (double)NAN}, .epochs = 1};
    return search_logit_rate(&one, 1);
}

static void the_rate_falls_with_the_root_of_the_steps(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    assert_true(search_logit_rate(&config.search, 1000) == 0.05); /* the config's own */
    config.search.adam.rate = (double)NAN;
    config.search.epochs = 10;
    const double rate = search_logit_rate(&config.search, 100);
    assert_near(rate * sqrt(1000), constant(), 1e-12);
    assert_near(search_logit_rate(&config.search, 400), rate / 2, 1e-12);
    config.search.logit_warmup = 6; /* in which no logit moves */
    assert_near(search_logit_rate(&config.search, 250), rate, 1e-12);
}

static snas_status load(const char *set, snas_config *out)
{
    return snas_config_load(mem, NULL, &set, 1, out);
}

static void null_stays_null_in_the_config_of_a_run(void **state)
{
    (void)state;
    snas_config config;
    assert_ok(load("search.logits.rate=null", &config));
    assert_true(isnan(config.search.adam.rate));
    assert_non_null(strstr(config.text, "\"rate\": null"));
    const char *const sgd[] = {"search.logits.rate=null", "search.logits.optimizer=sgd"};
    assert_fails(snas_config_load(mem, NULL, sgd, 2, &config), SNAS_E_USAGE,
                 "search.logits.rate: found null, allowed a number with search.logits.optimizer 'sgd'");
    assert_fails(load("search.logits.rate=0", &config), SNAS_E_USAGE, "a number above 0 to 100, or null");
    assert_fails(load("search.logits.eps=null", &config), SNAS_E_USAGE, "found null, allowed a number above 0 to 1");
}

/* A run keeps its columns: null stays null, and a number may become another. */
static void a_resumed_run_keeps_null(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"search\": {\"logits\": {\"rate\": null}}}", "{}"};
    const char *folder = fixture_folder(mem);
    const char *path = snas_format(mem, "%s/config.json", folder);
    for (int number = 0; number < 2; number++) {
        const char *const to_number[] = {"search.logits.rate=0.01"}, *const to_null[] = {"search.logits.rate=null"};
        snas_config config;
        assert_ok(snas_file_replace_text(path, texts[number]));
        const snas_status becomes_number = snas_config_resume(mem, path, to_number, 1, &config);
        assert_int_equal(becomes_number, number ? SNAS_OK : SNAS_E_USAGE);
        const snas_status becomes_null = snas_config_resume(mem, path, to_null, 1, &config);
        assert_int_equal(becomes_null, number ? SNAS_E_USAGE : SNAS_OK);
    }
    fixture_remove(mem, folder);
}

static void a_search_moves_by_it_and_says_so(void **state)
{
    (void)state;
    const char *metrics[2];
    const double rate = constant() / sqrt(2 * FIXTURE_STEPS);
    const char *sentence = snas_format(mem, "a rate of %.4g for 8 steps", rate);
    for (int null = 0; null < 2; null++) {
        snas_config config = fixture_config();
        const char *folder = fixture_folder(mem);
        const snas_run_options options = fixture_options(folder);
        config.search.adam.rate = null ? (double)NAN : rate;
        assert_ok(snas_search_start(&config, &options));
        metrics[null] = fixture_read(mem, folder, "metrics.jsonl").data;
        const bool said = strstr(fixture_read(mem, folder, "log.txt").data, sentence) != NULL;
        assert_int_equal(said, null);
        fixture_remove(mem, folder);
    }
    const char *figure = strstr(metrics[1], snas_format(mem, "\"logit_rate\": %.8f", rate));
    assert_non_null(figure);
    assert_null(strstr(metrics[0], "logit_rate"));
    /* all else is the same run */
    const char *rest = strstr(metrics[0], "\"train_loss\"");
    assert_memory_equal(strstr(metrics[1], "\"train_loss\""), rest, 60);
    const char *last[2];
    for (int i = 0; i < 2; i++) {
        last[i] = strrchr(metrics[i], '{'); /* of the last genotype */
        assert_non_null(last[i]);
    }
    assert_string_equal(last[0], last[1]);
}

static void logits_that_rest_have_no_rate(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    const char *folder = fixture_folder(mem);
    const snas_run_options options = fixture_options(folder);
    config.search.adam.rate = (double)NAN;
    config.search.estimator = snas_estimator_find("uniform");
    config.search.level = SNAS_LEVEL_WEIGHTS;
    config.search.resource_gradient = SNAS_RESOURCE_DISCRETE;
    config.search.random_cells = 1;
    config.search.random_batches = 1;
    assert_ok(snas_search_start(&config, &options));
    assert_null(strstr(fixture_read(mem, folder, "metrics.jsonl").data, "logit_rate"));
    fixture_remove(mem, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rate_falls_with_the_root_of_the_steps),
        cmocka_unit_test(null_stays_null_in_the_config_of_a_run),
        cmocka_unit_test(a_resumed_run_keeps_null),
        cmocka_unit_test(a_search_moves_by_it_and_says_so),
        cmocka_unit_test(logits_that_rest_have_no_rate),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
