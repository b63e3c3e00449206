/* test_skip_below.c -- candidates of little weight do not run: which, what their step is, and what does not move. */
#include "step_fixture.h"

enum { NOTHING = 0, SOMETHING = 1 };

static const double BELOW[] = {[NOTHING] = 1e-300, [SOMETHING] = 0.05};

static void make(step_fixture *f, const char *estimator, double below)
{
    step_make(f, estimator, SNAS_LEVEL_SINGLE);
    snas_search_config *s = &f->config.search;
    s->skip_below = below;
    s->resource = false;
    s->tau_first = s->tau_last = 0.5;
    const snas_searcher_spec again = {.settings = s,
                                      .team = &step_team,
                                      .network = f->network,
                                      .cell_side = FIXTURE_SIDE,
                                      .seed = 1,
                                      .steps_per_epoch = 100};
    assert_ok(snas_searcher_create(mem, &again, &f->searcher));
}

/* The loss of the training batch with these weights on the candidates. */
static double loss_under(step_fixture *f, const double *weights)
{
    const snas_step_input *input = &f->input.train;
    const snas_batch batch = {.count = input->count,
                              .images = input->images,
                              .labels = input->labels,
                              .z = weights,
                              .row_of_cell = f->searcher.distribution.row_of_cell};
    snas_outcome outcome;
    snas_network_forward(f->network, &batch, SNAS_MODE_BATCH, &outcome);
    return outcome.loss;
}

static void a_candidate_runs_by_its_weight_over_tau_and_the_largest_always(void **state)
{
    (void)state;
    static const double ABSURD = 0.999;
    static const double LIMITS[] = {1e-300, 0.05, 0.3, ABSURD};
    for (size_t i = 0; i < sizeof LIMITS / sizeof LIMITS[0]; i++) {
        step_fixture f;
        make(&f, "concrete", LIMITS[i]);
        snas_distribution *d = &f.searcher.distribution;
        const int K = d->logits.candidates;
        int skipped = 0, edges_without = 0;
        snas_distribution_noise(d, 5, SNAS_STREAM_GUMBEL, 3);
        snas_distribution_draw(d, 0.5);
        for (int e = 0; e < d->draw.rows * d->logits.edges; e++) {
            int run = 0;
            for (int k = 0; k < K; k++) {
                const double z = d->draw.z[e * K + k], w = d->weights[e * K + k];
                assert_true(w == z || w == 0.0);
                assert_true(z / 0.5 < LIMITS[i] || w == z);
                run += w > 0.0;
                skipped += w == 0.0;
            }
            edges_without += run == 0;
            assert_true(LIMITS[i] < ABSURD || run >= 1);
        }
        assert_int_equal(edges_without, 0);
        assert_true((skipped > 0) == (i > 0));
        assert_true(d->sparse);
    }
}

/* The way of steps that skip is that of steps that do not, to the byte, as long as there is nothing to skip. */
static void nothing_to_skip_changes_nothing(void **state)
{
    (void)state;
    step_fixture f[2];
    snas_searched done[2];
    for (int i = 0; i < 2; i++) {
        make(&f[i], "concrete", i == 0 ? 0.0 : BELOW[NOTHING]);
        assert_ok(snas_search_step(&f[i].searcher, &f[i].input, &done[i]));
    }
    const size_t weights = (size_t)snas_network_weight_count(f[0].network) * sizeof(double);
    const double *figures[] = {&done[0].loss, &done[1].loss, &done[0].penalty, &done[1].penalty,
                               &done[0].norm, &done[1].norm, &done[0].reward,  &done[1].reward};
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i += 2) {
        assert_memory_equal(figures[i], figures[i + 1], sizeof(double));
    }
    assert_int_equal(done[0].correct, done[1].correct);
    assert_memory_equal(snas_network_weights(f[0].network), snas_network_weights(f[1].network), weights);
    assert_memory_equal(f[0].searcher.distribution.logits.log_alpha, f[1].searcher.distribution.logits.log_alpha,
                        (size_t)f[0].count * sizeof(double));
}

/* d_log_alpha is the derivative of the loss with those candidates at weight 0, whatever the logits: central
 * differences through the softmax. */
static void the_gradient_is_that_of_the_loss_without_them(void **state)
{
    (void)state;
    static const struct {
        const char *estimator;
        double tau, below;
    } CASES[] = {{"concrete", 0.5, 0.05}, {"attention", 1.0, 0.125}};
    static const double STEP = 1e-5;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        step_fixture f;
        make(&f, CASES[i].estimator, CASES[i].below);
        snas_distribution *d = &f.searcher.distribution;
        const int entries = d->draw.rows * d->logits.edges * d->logits.candidates;
        double *log_alpha = step_copy(d->logits.log_alpha, f.count), *moved = step_copy(d->weights, entries);
        snas_searched done;
        assert_ok(snas_search_step(&f.searcher, &f.input, &done));
        const double *gradient = step_copy(d->d_log_alpha, f.count), *weights = step_copy(d->weights, entries);
        /* the step has moved everything: again from the start */
        make(&f, CASES[i].estimator, CASES[i].below);
        d = &f.searcher.distribution;
        snas_network_init(f.network, 1);
        snas_distribution_noise(d, f.input.train.seed, SNAS_STREAM_GUMBEL, (uint64_t)f.input.train.global_step);
        d->draw.temperature = CASES[i].tau;
        double largest = 0.0;
        int skipped = 0;
        for (int n = 0; n < f.count; n += 7) {
            double loss[2];
            for (int side = 0; side < 2; side++) {
                memcpy(d->logits.log_alpha, log_alpha, (size_t)f.count * sizeof *log_alpha);
                d->logits.log_alpha[n] += side == 0 ? STEP : -STEP;
                d->settings->estimator->draw(&d->logits, &d->draw);
                for (int k = 0; k < entries; k++) {
                    moved[k] = weights[k] == 0.0 ? 0.0 : d->draw.z[k];
                }
                loss[side] = loss_under(&f, moved);
            }
            const double slope = (loss[0] - loss[1]) / (2 * STEP);
            assert_near(gradient[n], slope, 1e-6 * (1 + fabs(slope)));
            largest = fmax(largest, fabs(slope));
        }
        for (int k = 0; k < entries; k++) {
            skipped += weights[k] == 0.0;
        }
        assert_true(skipped > 0 && largest > 1e-3);
    }
}

/* Two steps with other draws: what the second leaves out stays as it was, though it has a momentum. */
static void what_does_not_run_does_not_move(void **state)
{
    (void)state;
    step_fixture f;
    snas_searched done;
    int rested = 0;
    make(&f, "concrete", BELOW[SOMETHING]);
    assert_ok(snas_search_step(&f.searcher, &f.input, &done));
    f.input.train.global_step = 4;
    const double *before = step_copy(snas_network_weights(f.network), f.searcher.descent.count);
    assert_ok(snas_search_step(&f.searcher, &f.input, &done));
    const double *after = snas_network_weights(f.network);
    for (int i = 0; i < snas_network_parameter_count(f.network); i++) {
        const snas_parameter *p = snas_network_parameter(f.network, i);
        const bool same = memcmp(before + p->first, after + p->first, (size_t)p->count * sizeof *before) == 0;
        assert_int_equal(same, !snas_network_parameter_ran(f.network, i));
        rested += same;
    }
    assert_true(rested > 0 && rested < snas_network_parameter_count(f.network));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_candidate_runs_by_its_weight_over_tau_and_the_largest_always),
        cmocka_unit_test(nothing_to_skip_changes_nothing),
        cmocka_unit_test(the_gradient_is_that_of_the_loss_without_them),
        cmocka_unit_test(what_does_not_run_does_not_move),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
