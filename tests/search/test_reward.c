/* test_reward.c -- the logits of REINFORCE: score times reward less baseline, worked out from the network alone. */
#include "step_fixture.h"

static const double CLOSE = 1e-12;

static void make(step_fixture *f, snas_reward_measure measure)
{
    step_make(f, "categorical", SNAS_LEVEL_REWARD);
    f->config.search.resource = false;
    f->config.search.reward = measure;
    f->config.search.reward_decay = 0.75;
}

/* What the drawn path is worth on the logits' batch; leaves the draw. */
static double worth(step_fixture *f, snas_reward_measure measure)
{
    snas_distribution *d = &f->searcher.distribution;
    snas_outcome outcome;
    snas_distribution_noise(d, 5, SNAS_STREAM_GUMBEL_LOGITS, 3);
    snas_distribution_draw(d, 1.0);
    const snas_batch batch = {.count = FIXTURE_BATCH,
                              .images = f->input.logits.images,
                              .labels = f->input.logits.labels,
                              .z = d->draw.z,
                              .row_of_cell = d->row_of_cell,
                              .sparse = true};
    snas_network_forward(f->network, &batch, SNAS_MODE_BATCH, &outcome);
    return measure == SNAS_REWARD_ACCURACY ? (double)outcome.correct / FIXTURE_BATCH : -outcome.loss;
}

static void the_gradient_is_the_score_times_reward_less_baseline(void **state)
{
    (void)state;
    static const double BASELINE = 0.125, ENTROPY = 0.03;
    for (int measure = 0; measure < SNAS_REWARD_COUNT; measure++) {
        step_fixture f, explicit;
        snas_searched done;
        make(&f, (snas_reward_measure)measure);
        make(&explicit, (snas_reward_measure)measure);
        f.config.search.reward_entropy = ENTROPY;
        double *kept = f.searcher.distribution.state;
        kept[0] = BASELINE; /* the sum of rewards and of weights: a mean of BASELINE */
        kept[1] = 1.0;
        const double R = worth(&explicit, (snas_reward_measure)measure);
        snas_distribution *d = &explicit.searcher.distribution;
        double *p = snas_arena_take(mem, (size_t)f.count, sizeof *p);
        double *wanted = snas_arena_take(mem, (size_t)f.count, sizeof *wanted);
        snas_logits_probabilities(&d->logits, p);
        const int K = d->logits.candidates;
        for (int e = 0; e < f.count; e += K) {
            double H = 0.0;
            for (int k = e; k < e + K; k++) {
                H -= p[k] * log(p[k]);
            }
            for (int k = e; k < e + K; k++) {
                wanted[k] = -(R - BASELINE) * (d->draw.z[k] - p[k]) + ENTROPY * p[k] * (log(p[k]) + H);
            }
        }
        assert_ok(snas_search_step(&f.searcher, &f.input, &done));
        assert_near(done.reward, R, CLOSE);
        assert_true(fabs(R - BASELINE) > 1e-3);
        assert_true(step_gap(f.searcher.distribution.d_log_alpha, wanted, f.count) < CLOSE);
        assert_near(kept[0] / kept[1], (0.75 * BASELINE + 0.25 * R) / (0.75 + 0.25), CLOSE);
    }
}

static void the_reward_leaves_running_statistics_to_the_training_batch(void **state)
{
    (void)state;
    step_fixture f, other;
    snas_searched done;
    make(&f, SNAS_REWARD_ACCURACY);
    make(&other, SNAS_REWARD_ACCURACY);
    f.searcher.adam.rate = 0.0;
    assert_ok(snas_search_step(&f.searcher, &f.input, &done));
    snas_distribution_noise(&other.searcher.distribution, 5, SNAS_STREAM_GUMBEL, 3);
    snas_distribution_draw(&other.searcher.distribution, 1.0);
    step_pass(&other, 0, SNAS_MODE_TRAIN);
    assert_true(step_gap(snas_network_buffers(f.network), snas_network_buffers(other.network),
                         snas_network_buffer_values(f.network)) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradient_is_the_score_times_reward_less_baseline),
        cmocka_unit_test(the_reward_leaves_running_statistics_to_the_training_batch),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
