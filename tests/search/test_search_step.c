/* test_search_step.c -- a step of the search without a loop: its noise, and what moves when the estimator has no
 * gradient. */
#include <string.h>

#include "arena_fixture.h"
#include "run_fixture.h"
#include "snas/learn/run_network.h"
#include "snas/search/search_step.h"

static const snas_team one = {.threads = 1};

/* All candidates alike: no noise, no temperature, no gradient through the sample. */
static void draw_evenly(const snas_logits *logits, snas_draw *draw)
{
    for (int i = 0; i < draw->rows * logits->edges * logits->candidates; i++) {
        draw->z[i] = 1.0 / logits->candidates;
    }
}

static const snas_estimator even = {.name = "even", .draw = draw_evenly, .state_count = 2};

/* A searcher of the fixture's search with this estimator, and one step of it, after `before` others. */
static void take_step(const snas_config *config, int64_t before, snas_searcher *out, snas_searched *done)
{
    static float images[FIXTURE_BATCH * FIXTURE_SIDE * FIXTURE_SIDE * 3];
    static const int labels[FIXTURE_BATCH] = {0, 1, 2, 3, 4, 5, 6, 7};
    const snas_search_config *settings = &config->search;
    const snas_network_spec spec = {.space = settings->space,
                                    .channels = settings->channels,
                                    .cells = settings->cells,
                                    .classes = 10,
                                    .side = FIXTURE_SIDE};
    const snas_network_options options = snas_run_network_options(FIXTURE_BATCH, config->shards, false, NULL);
    const snas_step_input input = {
        .seed = 1, .global_step = before, .count = FIXTURE_BATCH, .images = images, .labels = labels};
    snas_network *network;
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        images[i] = (float)((i * 7919) % 101) / 50.0f - 1.0f;
    }
    assert_ok(snas_network_create(mem, &one, &spec, &options, &network));
    snas_network_init(network, 1);
    const snas_searcher_spec searcher = {.settings = settings,
                                         .team = &one,
                                         .network = network,
                                         .cell_side = snas_network_cell_side(&spec),
                                         .seed = 1,
                                         .steps_per_epoch = 4};
    assert_ok(snas_searcher_create(mem, &searcher, out));
    assert_ok(snas_search_step(out, &(snas_search_input){.train = input}, done));
}

static void an_estimator_without_a_gradient_leaves_the_logits_to_the_price(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    config.search.estimator = &even;
    for (int priced = 0; priced < 2; priced++) {
        snas_searcher searcher;
        snas_searched done;
        config.search.resource = priced == 1;
        config.search.resource_gradient = SNAS_RESOURCE_DISCRETE;
        take_step(&config, 0, &searcher, &done);
        const snas_distribution *d = &searcher.distribution;
        double largest = 0.0;
        for (int i = 0; i < d->logits.types * d->logits.edges * d->logits.candidates; i++) {
            largest = fmax(largest, fabs(d->d_log_alpha[i]));
        }
        assert_true((largest > 0.0) == (priced == 1));
        assert_true(isfinite(done.loss) && done.penalty > 0.0);
        assert_true(d->state[0] == 0.0 && d->state[1] == 0.0);
    }
}

/* Only the drawn candidate of an edge runs, but the logits hear of the others too. */
static void gdas_has_gradients_of_what_it_skips(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    config.search.estimator = snas_estimator_find("gdas");
    config.search.resource = false;
    snas_searcher searcher;
    snas_searched done;
    take_step(&config, 0, &searcher, &done);
    const snas_distribution *d = &searcher.distribution;
    int skipped = 0, heard = 0;
    for (int i = 0; i < d->draw.rows * d->logits.edges * d->logits.candidates; i++) {
        skipped += d->draw.z[i] == 0.0;
        heard += d->draw.z[i] == 0.0 && d->dz[i] != 0.0;
    }
    assert_true(skipped > 0 && heard == skipped);
}

/* The noise of a step is named by seed and step, whatever went before. */
static void every_step_has_noise_of_its_own(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    for (int64_t before = 0; before < 3; before++) {
        snas_searcher searcher;
        snas_searched done;
        take_step(&config, before, &searcher, &done);
        const snas_distribution *d = &searcher.distribution;
        snas_rng rng = snas_rng_at(1, SNAS_STREAM_GUMBEL, (uint64_t)before);
        for (int i = 0; i < d->draw.rows * d->logits.edges * d->logits.candidates; i++) {
            assert_true(d->draw.gumbel[i] == snas_rng_gumbel(&rng));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_estimator_without_a_gradient_leaves_the_logits_to_the_price),
        cmocka_unit_test(gdas_has_gradients_of_what_it_skips),
        cmocka_unit_test(every_step_has_noise_of_its_own),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
