/* test_method_runs.c -- every method, estimator and level as a whole search: stops and threads change nothing, its dry
 * run and its bench work. */
#include "arena_fixture.h"
#include "run_fixture.h"
#include "snas/format/safetensors.h"
#include "snas/judge/bench.h"
#include "snas/judge/estimate.h"
#include "snas/search/search.h"

static const char *const results[] = {"metrics.jsonl", "genotype.json", "logits_normal.png",
                                      "checkpoints/step-00000008.safetensors"};

/* A way to search: a row of the table, one of its estimators and one of its levels. */
typedef void each_way(snas_config *config);

static void for_every_way(each_way *call)
{
    for (const snas_search_method *m = snas_search_methods; m->name != NULL; m++) {
        for (int e = 0; m->estimators[e] != NULL; e++) {
            for (int l = 0; m->levels[l] != NULL; l++) {
                snas_config config = fixture_config();
                config.search.method = m;
                config.search.estimator = snas_estimator_find(m->estimators[e]);
                config.search.level = snas_search_level_find(m->levels[l]);
                config.search.logit_images = 16;
                config.search.random_cells = 3;
                config.search.reward_decay = 0.9;
                config.search.stop_unchanged = 2; /* of two epochs: its count is kept, and ends nothing */
                config.search.resource_gradient =
                    config.search.estimator->grad != NULL ? SNAS_RESOURCE_REPARAMETRIZATION : SNAS_RESOURCE_DISCRETE;
                print_message("%s, %s, %s\n", m->name, m->estimators[e], m->levels[l]);
                call(&config);
            }
        }
    }
}

static void assert_resumes(snas_config *config)
{
    const char *whole = fixture_folder(mem), *folder = fixture_folder(mem);
    const snas_run_options options = fixture_options(whole);
    snas_run_options stopped = fixture_options(folder);
    assert_ok(snas_search_start(config, &options));
    stopped.team = snas_team_make(2);
    stopped.stop_after_steps = 3;
    assert_fails(snas_search_start(config, &stopped), SNAS_E_INTERRUPTED, "step 3");
    stopped.team.threads = 1;
    assert_fails(snas_search_resume(config, &stopped), SNAS_E_INTERRUPTED, "step 6");
    stopped.stop_after_steps = 0;
    config->data.workers = 1;
    config->data.queue = 2;
    assert_ok(snas_search_resume(config, &stopped));
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        fixture_assert_same(mem, whole, folder, results[i]);
    }
    fixture_remove(mem, whole);
    fixture_remove(mem, folder);
}

static void every_way_resumes_to_the_same_bytes_for_any_threads(void **state)
{
    (void)state;
    for_every_way(assert_resumes);
}

/* Memory is planned for the candidates that run: one an edge where the estimator draws no more, else all. */
static void assert_memory_follows(const snas_config *config, size_t activation_bytes)
{
    const snas_run_options options = fixture_options("nowhere");
    snas_config all = *config;
    snas_estimate of_all;
    all.search.estimator = snas_estimator_find("concrete");
    assert_ok(snas_search_estimate(&all, &options, &of_all));
    if (config->search.estimator->one_path) {
        assert_true((double)activation_bytes < 0.8 * (double)of_all.activation_bytes);
    } else {
        assert_int_equal(activation_bytes, of_all.activation_bytes);
    }
}

static void assert_estimated_and_measured(snas_config *config)
{
    const snas_run_options options = fixture_options("nowhere");
    const snas_bench_options bench = {.team = {.threads = 1}, .steps = 2};
    const bool takes = snas_search_levels[config->search.level].logit_pictures;
    snas_estimate estimate;
    snas_benched benched;
    assert_ok(snas_search_estimate(config, &options, &estimate));
    assert_int_equal(estimate.train_images, 32);
    assert_int_equal(estimate.logit_images, takes ? 16 : 0);
    assert_int_equal(estimate.validation_images, 16);
    assert_memory_follows(config, estimate.activation_bytes);
    if (config->search.level != SNAS_LEVEL_SINGLE) { /* that is test_bench.c's */
        assert_ok(snas_bench(mem, config, &bench, &benched));
        assert_true(benched.step_s_median > 0.0);
        assert_true(benched.allocations_per_step == 0.0);
        /* one path runs one candidate of eight; what stands outside of the edges runs in any case */
        const double share = (double)benched.macs / (double)estimate.macs;
        assert_true(config->search.estimator->one_path ? share < 0.5 : share == 1.0);
        const int passes = snas_search_levels[config->search.level].passes;
        assert_near(benched.gflops, 2e-9 * passes * (double)benched.macs * benched.images_per_s, 1e-9);
    }
}

static void every_way_is_estimated_and_measured(void **state)
{
    (void)state;
    for_every_way(assert_estimated_and_measured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_resumes_to_the_same_bytes_for_any_threads),
        cmocka_unit_test(every_way_is_estimated_and_measured),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
