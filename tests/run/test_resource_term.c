/* test_resource_term.c -- the three ways of the resource term, against differences of what they estimate. */
#include "arena_fixture.h"
#include "resource_term.h"
#include "run_fixture.h"
#include "snas/base/rng.h"

enum { TYPES = 2, EDGES = 14, CANDIDATES = 8, COUNT = TYPES * EDGES * CANDIDATES, DRAWS = 4000 };

static const double step_size = 1e-5, tolerance = 1e-6; /* central differences in double: error of the square */
static const double lambda = 0.7;
static const double sigmas = 4.5; /* of 224 normal values one lies beyond with probability 0.0015 */

typedef struct {
    snas_search_config settings;
    snas_logits logits;
    snas_draw draw;
    int row_of_cell[3];
    run_resource resource;
} fixture;

static void make(fixture *f, snas_resource_gradient method, bool logarithmic)
{
    static const int type_of_row[TYPES] = {0, 1};
    f->settings = fixture_config().search;
    f->settings.resource_gradient = method;
    f->settings.penalty.logarithmic = logarithmic;
    for (int c = 0; c < f->settings.cells; c++) {
        f->row_of_cell[c] = snas_space_place(f->settings.space, c, f->settings.cells, 4).type;
    }
    assert_ok(snas_logits_create(mem, TYPES, EDGES, CANDIDATES, &f->logits));
    snas_logits_init(&f->logits, 11, 1.0, 0.5);
    assert_ok(snas_draw_create(mem, &f->logits, TYPES, type_of_row, &f->draw));
    f->draw.temperature = 0.8;
    assert_ok(run_resource_create(mem, &f->settings, FIXTURE_SIDE, TYPES, f->row_of_cell, &f->resource));
}

static void draw(fixture *f, uint64_t step)
{
    snas_rng rng = snas_rng_at(5, SNAS_STREAM_TEST, step);
    snas_draw_noise(&f->logits, &f->draw, &rng);
    f->settings.estimator->draw(&f->logits, &f->draw);
}

/* R, and its gradient with respect to the logits, the noise as it stands. */
static double gradient(fixture *f, double *d_log_alpha)
{
    double dz[COUNT] = {0};
    memset(d_log_alpha, 0, COUNT * sizeof d_log_alpha[0]);
    f->settings.estimator->draw(&f->logits, &f->draw);
    const double R = run_resource_add(&f->resource, &f->logits, &f->draw, lambda, dz, d_log_alpha);
    f->settings.estimator->grad(&f->logits, &f->draw, dz, d_log_alpha);
    return R;
}

static void assert_gradient_is_the_slope(fixture *f)
{
    double d_log_alpha[COUNT], ignored[COUNT];
    gradient(f, d_log_alpha);
    for (int i = 0; i < COUNT; i += 7) {
        double *at = &f->logits.log_alpha[i];
        const double kept = *at;
        *at = kept + step_size;
        const double above = gradient(f, ignored);
        *at = kept - step_size;
        const double below = gradient(f, ignored);
        *at = kept;
        assert_near(d_log_alpha[i], lambda * (above - below) / (2 * step_size), tolerance);
    }
}

static void reparametrization_and_discrete_give_the_slope_of_r(void **state)
{
    (void)state;
    const snas_resource_gradient gradients[] = {SNAS_RESOURCE_REPARAMETRIZATION, SNAS_RESOURCE_DISCRETE};
    for (int i = 0; i < 4; i++) {
        fixture f;
        make(&f, gradients[i / 2], i % 2 == 1);
        draw(&f, 0);
        if (i % 2 == 0) { /* linear costs are large numbers: compare them in their own unit */
            f.settings.penalty.only = &snas_cost_columns[SNAS_COST_SIZE];
        }
        assert_gradient_is_the_slope(&f);
    }
}

static void policy_gradient_is_the_score_times_the_cost(void **state)
{
    (void)state;
    fixture f;
    make(&f, SNAS_RESOURCE_POLICY_GRADIENT, true);
    draw(&f, 1);
    for (int baseline = 0; baseline < 2; baseline++) {
        f.settings.baseline = baseline == 1;
        double got[COUNT], score[COUNT] = {0};
        const double R = gradient(&f, got);
        const double cost =
            baseline == 1 ? snas_penalty_centred(&f.settings.penalty, &f.resource.table, f.draw.z, f.row_of_cell) : R;
        f.settings.estimator->score(&f.logits, &f.draw, NULL, score);
        for (int i = 0; i < COUNT; i++) {
            assert_near(got[i], lambda * cost * score[i], 1e-12);
        }
    }
}

/* Both estimate d E[R(Z)] / d log_alpha without bias: over many draws their difference is within its own error. */
static void policy_gradient_and_reparametrization_agree_in_the_mean(void **state)
{
    (void)state;
    fixture f;
    static double sum[COUNT], squares[COUNT];
    make(&f, SNAS_RESOURCE_POLICY_GRADIENT, true);
    f.settings.baseline = true;
    for (int n = 0; n < DRAWS; n++) {
        double score[COUNT], path[COUNT];
        draw(&f, (uint64_t)n + 100);
        f.settings.resource_gradient = SNAS_RESOURCE_POLICY_GRADIENT;
        gradient(&f, score);
        f.settings.resource_gradient = SNAS_RESOURCE_REPARAMETRIZATION;
        gradient(&f, path);
        for (int i = 0; i < COUNT; i++) {
            const double difference = score[i] - path[i];
            sum[i] += difference;
            squares[i] += difference * difference;
        }
    }
    for (int i = 0; i < COUNT; i++) {
        const double mean = sum[i] / DRAWS, error = sqrt(squares[i] / DRAWS / DRAWS);
        assert_near(mean / error, 0.0, sigmas);
    }
}

static void lambda_zero_reports_r_and_moves_nothing(void **state)
{
    (void)state;
    for (int method = 0; method < SNAS_RESOURCE_GRADIENT_COUNT; method++) {
        fixture f;
        double dz[COUNT] = {0}, d_log_alpha[COUNT] = {0};
        make(&f, (snas_resource_gradient)method, true);
        draw(&f, 2);
        assert_true(run_resource_add(&f.resource, &f.logits, &f.draw, 0.0, dz, d_log_alpha) > 0.0);
        for (int i = 0; i < COUNT; i++) {
            assert_true(dz[i] == 0.0 && d_log_alpha[i] == 0.0);
        }
    }
}

/* R does not change when every logit of an edge grows alike. */
static void gradients_of_an_edge_sum_to_zero(void **state)
{
    (void)state;
    for (int method = 0; method < SNAS_RESOURCE_POLICY_GRADIENT; method++) {
        fixture f;
        double d_log_alpha[COUNT];
        make(&f, (snas_resource_gradient)method, true);
        draw(&f, 3);
        gradient(&f, d_log_alpha);
        for (int edge = 0; edge < TYPES * EDGES; edge++) {
            double sum = 0.0;
            for (int k = 0; k < CANDIDATES; k++) {
                sum += d_log_alpha[edge * CANDIDATES + k];
            }
            assert_near(sum, 0.0, 1e-12);
        }
    }
}

static void expected_r_is_that_of_the_discrete_method(void **state)
{
    (void)state;
    fixture f;
    double d_log_alpha[COUNT], p[COUNT];
    make(&f, SNAS_RESOURCE_DISCRETE, true);
    draw(&f, 4);
    snas_logits_probabilities(&f.logits, p);
    assert_near(run_resource_expected(&f.resource, p), gradient(&f, d_log_alpha), 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reparametrization_and_discrete_give_the_slope_of_r),
        cmocka_unit_test(policy_gradient_is_the_score_times_the_cost),
        cmocka_unit_test(policy_gradient_and_reparametrization_agree_in_the_mean),
        cmocka_unit_test(lambda_zero_reports_r_and_moves_nothing),
        cmocka_unit_test(gradients_of_an_edge_sum_to_zero),
        cmocka_unit_test(expected_r_is_that_of_the_discrete_method),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
