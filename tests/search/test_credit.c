/* test_credit.c -- `snas credit`: what its figures are, for any number of threads, and who has no checkpoint. */
#include <string.h>

#include "arena_fixture.h"
#include "run_fixture.h"
#include "snas/search/credit.h"
#include "snas/search/search.h"

enum { EDGES = 6, K = 5, COUNT = EDGES * K, NEWEST = -1 };

/* A search in the smaller space: the logits' deviation at its start, and its epochs. */
static snas_config small_config(double std, int epochs)
{
    snas_config config = fixture_config();
    config.search.space = snas_space_find("nas-bench-201");
    config.search.epochs = epochs;
    config.search.logit_std = std;
    config.search.drop_path = 0;
    config.search.tau_last = config.search.tau_first; /* the same after any step */
    config.search.adam.rate = 1e-3;
    return config;
}

static void measure(const char *folder, double std, int draws, int threads, snas_credit *out)
{
    const snas_config config = small_config(std, 1);
    snas_run_options options = fixture_options(folder);
    const snas_credit_request request = {.step = NEWEST, .draws = draws};
    options.team.threads = threads;
    assert_ok(snas_credit_measure(mem, &config, &options, &request, out));
}

static const char *run(double std, int epochs)
{
    const snas_config config = small_config(std, epochs);
    const char *folder = fixture_folder(mem);
    const snas_run_options options = fixture_options(folder);
    assert_ok(snas_search_start(&config, &options));
    return folder;
}

static double sum(const double *values)
{
    double all = 0;
    for (int k = 0; k < K; k++) {
        all += values[k];
    }
    return all;
}

static double correlation(const double *a, const double *b)
{
    double ab = 0, aa = 0, bb = 0;
    for (int k = 0; k < K; k++) {
        const double off_a = a[k] - sum(a) / K, off_b = b[k] - sum(b) / K;
        ab += off_a * off_b;
        aa += off_a * off_a;
        bb += off_b * off_b;
    }
    return ab / sqrt(aa * bb);
}

static void figures_are_what_they_say_for_any_number_of_threads(void **state)
{
    (void)state;
    const char *folder = run(0.5, 1);
    snas_credit one, two;
    measure(folder, 0.5, 5, 1, &one);
    measure(folder, 0.5, 5, 2, &two);
    assert_memory_equal(one.effect, two.effect, COUNT * sizeof(double));
    for (int i = 0; i < SNAS_CREDIT_METHODS; i++) {
        const snas_credit_figures *f = &one.of[i];
        assert_memory_equal(f->mean, two.of[i].mean, COUNT * sizeof(double));
        assert_memory_equal(f->variance, two.of[i].variance, COUNT * sizeof(double));
        for (int e = 0; e < EDGES; e++) {
            const double *mean = f->mean + e * K, *p = one.p + e * K, *effect = one.effect + e * K;
            double expected = 0;
            for (int k = 0; k < K; k++) {
                expected += p[k] * effect[k];
            }
            assert_near(sum(mean), 0, 1e-9); /* so does every draw's gradient */
            if (isnan(f->correlation[e])) {  /* `none` in every draw: DSNAS has no gradient then */
                assert_true(mean[0] == 0 && mean[1] == 0);
            } else {
                assert_near(f->correlation[e], correlation(mean, effect), 1e-9);
            }
            for (int k = 0; k < K; k++) {
                assert_near(one.measured[e * K + k], p[k] * (effect[k] - expected), 1e-12);
            }
        }
        assert_true(fabs(f->cosine) <= 1 && f->norm > 0 && f->spread > 0);
    }
}

/* Logits so far apart that the same path is drawn every time: the effect of what is drawn is the loss of the draws. */
static void the_effect_of_the_drawn_path_is_its_loss(void **state)
{
    (void)state;
    snas_credit c;
    measure(run(2000, 1), 2000, 3, 2, &c);
    for (int e = 0; e < EDGES; e++) {
        int best = 0, others = 0;
        for (int k = 1; k < K; k++) {
            best = c.p[e * K + k] > c.p[e * K + best] ? k : best;
        }
        assert_true(c.p[e * K + best] == 1);
        assert_near(c.effect[e * K + best], c.loss, 1e-5); /* single precision, other kernels run */
        for (int k = 0; k < K; k++) {
            others += fabs(c.effect[e * K + k] - c.loss) > 1e-4;
            assert_near(c.of[SNAS_CREDIT_METHODS - 1].mean[e * K + k], 0, 1e-12); /* a certain draw has no score */
        }
        assert_true(others > 0);
    }
}

/* One more draw moves mean and variance as it must: d = 3 mean_3 - 2 mean_2, 2 var_3 = var_2 + 2/3 (d - mean_2)^2. */
static void variances_are_those_of_one_draw(void **state)
{
    (void)state;
    const char *folder = run(0.5, 1);
    snas_credit two, three;
    measure(folder, 0.5, 2, 2, &two);
    measure(folder, 0.5, 3, 2, &three);
    for (int m = 0; m < SNAS_CREDIT_METHODS; m++) {
        for (int i = 0; i < COUNT; i++) {
            const double off = 3 * (three.of[m].mean[i] - two.of[m].mean[i]);
            const double wanted = (two.of[m].variance[i] + 2 * off * off / 3) / 2;
            assert_true(fabs(three.of[m].variance[i] - wanted) <= 1e-9 * wanted + 1e-18);
        }
    }
}

/* After some epochs gradients point where the effects do, those through the sample with few draws; and the reward's,
 * which are unbiased, are the measured ones within their own standard errors. */
static void gradients_point_where_the_effects_do(void **state)
{
    (void)state;
    enum { DRAWS = 80, REINFORCE = SNAS_CREDIT_METHODS - 1 };
    const double SIGMAS = 4.5;
    snas_credit c;
    measure(run(0.3, 15), 0.3, DRAWS, 2, &c);
    for (int m = 0; m < SNAS_CREDIT_METHODS; m++) {
        const snas_credit_figures *f = &c.of[m];
        print_message("%-16s cosine %.3f, |mean| %.3g, deviation %.3g\n", snas_credit_methods[m].method, f->cosine,
                      f->norm, f->spread);
        assert_true(f->cosine > (m == REINFORCE ? 0.1 : 0.3));
    }
    const snas_credit_figures *f = &c.of[REINFORCE];
    for (int i = 0; i < COUNT; i++) {
        assert_true(fabs(f->mean[i] - c.measured[i]) < SIGMAS * sqrt(f->variance[i] / DRAWS));
    }
}

static void a_step_without_a_checkpoint_is_refused(void **state)
{
    (void)state;
    const char *folder = run(1, 1);
    const snas_config config = small_config(1, 1);
    const snas_run_options options = fixture_options(folder);
    const snas_credit_request request = {.step = FIXTURE_STEPS + 1, .draws = 2};
    snas_credit c;
    assert_fails(snas_credit_measure(mem, &config, &options, &request, &c), SNAS_E_USAGE,
                 "has no checkpoint of step 5, allowed: 4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_what_they_say_for_any_number_of_threads),
        cmocka_unit_test(the_effect_of_the_drawn_path_is_its_loss),
        cmocka_unit_test(variances_are_those_of_one_draw),
        cmocka_unit_test(gradients_point_where_the_effects_do),
        cmocka_unit_test(a_step_without_a_checkpoint_is_refused),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
