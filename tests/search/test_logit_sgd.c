/* test_logit_sgd.c -- the logits moved by SGD, as the published code does it on one GPU. */
#include "arena_fixture.h"
#include "run_fixture.h"
#include "snas/format/safetensors.h"
#include "snas/search/search.h"

static const double ABOUT = 1e-2; /* of 1; Adam's first step is off by a factor */

/* The distance between the logits after one step and the initial ones, over all of both cell types. */
static double moved(const snas_config *config)
{
    const char *folder = fixture_folder(mem);
    snas_run_options options = fixture_options(folder);
    const int E = snas_space_edge_count(config->search.space), K = config->search.space->candidate_count;
    snas_tensor_file file;
    snas_logits first;
    double sum = 0.0;
    options.stop_after_steps = 1;
    assert_fails(snas_search_start(config, &options), SNAS_E_INTERRUPTED, "stopped at step 1");
    assert_ok(snas_safetensors_load(mem, snas_format(mem, "%s/checkpoints/step-00000001.safetensors", folder), &file));
    assert_ok(snas_logits_create(mem, 2, E, K, &first));
    snas_logits_init(&first, config->seed, config->search.logit_mean, config->search.logit_std);
    for (int type = 0; type < 2; type++) {
        const char *name = snas_format(mem, "%s_log_alpha", config->search.space->type_names[type]);
        const double *log_alpha = snas_tensor_find(&file, name)->data;
        for (int i = 0; i < E * K; i++) {
            sum += pow(log_alpha[i] - first.log_alpha[type * E * K + i], 2);
        }
    }
    fixture_remove(mem, folder);
    return sqrt(sum);
}

static void sgd_moves_the_logits_along_the_clipped_gradient(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    config.search.logit_optimizer = SNAS_LOGITS_SGD;
    config.search.adam.decay = 0.0;
    config.search.adam.rate = 0.5;
    config.search.logit_clip = 1e-3; /* below any gradient's norm: the step is rate * clip long */
    assert_near(moved(&config) / 5e-4, 1.0, ABOUT);
    config.search.logit_optimizer = SNAS_LOGITS_ADAM;
    assert_true(moved(&config) > 1.0); /* the sign of every gradient, times the rate */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sgd_moves_the_logits_along_the_clipped_gradient),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
