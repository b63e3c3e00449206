/* test_concrete.c -- the concrete relaxation: golden vector, gradient, weights of the score, statistics. */
#include <string.h>

#include "draw_fixture.h"

static const double DIFFERENCE = 1e-7; /* central difference in double, h = 1e-5 */
static const double ROUNDING = 1e-12;

static void the_golden_vector_of_the_concrete_relaxation_comes_out(void **state)
{
    (void)state;
    double log_alpha[3] = {1.0, 0.5, -0.2}, G[3] = {0.3, -0.1, 0.8}, z[3];
    const double g[3] = {0.7, -1.2, 0.4};
    const int type = 0;
    const snas_logits logits = {.types = 1, .edges = 1, .candidates = 3, .log_alpha = log_alpha};
    snas_draw draw = {.rows = 1, .type_of_row = &type, .temperature = 0.5, .gumbel = G, .z = z};
    const snas_estimator *concrete = snas_estimator_find("concrete");
    double d[3] = {0}, score[3] = {0};
    concrete->draw(&logits, &draw);
    concrete->grad(&logits, &draw, g, d);
    concrete->score(&logits, &draw, NULL, score);
    static const double Z[3] = {0.7082675386, 0.1170758367, 0.1746566247};
    static const double D[3] = {0.3893220264, -0.3805336813, -0.0087883451};
    static const double SCORE[3] = {0.0317443760, -0.4444676536, 0.4127232776};
    for (int k = 0; k < 3; k++) {
        assert_near(z[k], Z[k], 1e-10);
        assert_near(d[k], D[k], 1e-10);
        assert_near(score[k], SCORE[k], 1e-10);
    }
    assert_near(concrete->log_density(&logits, &draw), 0.0490386287, 1e-10);
}

/* sum c z: the loss whose gradient dz is c. */
static double linear_loss(const snas_estimator *estimator, const snas_logits *logits, snas_draw *draw, const double *c)
{
    double sum = 0;
    estimator->draw(logits, draw);
    for (int i = 0; i < DRAWN; i++) {
        sum += c[i] * draw->z[i];
    }
    return sum;
}

static void gradient_matches_central_difference(void **state)
{
    (void)state;
    static const double TAUS[] = {3, 1, 0.5, 0.1};
    const double h = 1e-5;
    const snas_estimator *estimator = snas_estimator_find("concrete");
    for (size_t t = 0; t < sizeof TAUS / sizeof TAUS[0]; t++) {
        snas_logits logits;
        snas_draw draw;
        make(estimator, 7 + t, TAUS[t], &logits, &draw);
        double c[DRAWN], d[LOGITS] = {0};
        snas_rng rng = snas_rng_at(t, SNAS_STREAM_TEST, 2);
        for (int i = 0; i < DRAWN; i++) {
            c[i] = snas_rng_normal(&rng);
        }
        estimator->grad(&logits, &draw, c, d);
        for (int i = 0; i < LOGITS; i++) {
            const double kept = logits.log_alpha[i];
            logits.log_alpha[i] = kept + h;
            const double up = linear_loss(estimator, &logits, &draw, c);
            logits.log_alpha[i] = kept - h;
            const double down = linear_loss(estimator, &logits, &draw, c);
            logits.log_alpha[i] = kept;
            assert_near(d[i], (up - down) / (2 * h), DIFFERENCE);
        }
    }
}

static void weights_of_the_score_count_for_their_row_and_edge(void **state)
{
    (void)state;
    const snas_estimator *estimator = snas_estimator_find("concrete");
    snas_logits logits;
    snas_draw draw;
    make(estimator, 9, 0.8, &logits, &draw);
    double weighted[LOGITS] = {0}, sum[LOGITS] = {0};
    const double weight[ROW_COUNT * EDGES] = {2, -3, 0.5, 7, -1, 0.25, -4, 5, 3};
    estimator->score(&logits, &draw, weight, weighted);
    for (int row = 0; row < ROW_COUNT; row++) {
        /* a draw of that row alone, whose score has the edges side by side */
        const snas_draw one = {.rows = 1,
                               .type_of_row = &TYPE_OF_ROW[row],
                               .temperature = draw.temperature,
                               .z = draw.z + row * EDGES * K};
        double alone[LOGITS] = {0};
        estimator->score(&logits, &one, NULL, alone);
        for (int n = 0; n < LOGITS; n++) {
            sum[n] += weight[row * EDGES + n / K % EDGES] * alone[n];
        }
    }
    for (int n = 0; n < LOGITS; n++) {
        assert_near(weighted[n], sum[n], ROUNDING);
    }
}

/* --- statistics: 40,000 draws with fixed seeds, so a verdict never changes by itself ------------------------------ */

enum { DRAWS = 40000 };

static void argmax_of_a_draw_follows_the_softmax_at_any_temperature(void **state)
{
    (void)state;
    static const double TAUS[] = {5, 1, 0.03};
    const double CHI_SQUARE = 23.5; /* 4 degrees of freedom, exceeded once in 10,000 */
    const snas_estimator *estimator = snas_estimator_find("concrete");
    for (size_t t = 0; t < sizeof TAUS / sizeof TAUS[0]; t++) {
        snas_logits logits;
        snas_draw draw;
        make(estimator, 31, TAUS[t], &logits, &draw);
        double p[LOGITS];
        int times[K] = {0};
        snas_logits_probabilities(&logits, p);
        for (uint64_t n = 0; n < DRAWS; n++) {
            snas_rng rng = snas_rng_at(n, SNAS_STREAM_TEST, 3 + t);
            snas_draw_noise(&logits, &draw, &rng);
            estimator->draw(&logits, &draw);
            int best = 0;
            for (int k = 1; k < K; k++) {
                best = draw.z[k] > draw.z[best] ? k : best;
            }
            times[best]++;
        }
        double chi_square = 0;
        for (int k = 0; k < K; k++) {
            const double off = times[k] - DRAWS * p[k];
            chi_square += off * off / (DRAWS * p[k]);
        }
        assert_true(chi_square < CHI_SQUARE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_golden_vector_of_the_concrete_relaxation_comes_out),
        cmocka_unit_test(gradient_matches_central_difference),
        cmocka_unit_test(weights_of_the_score_count_for_their_row_and_edge),
        cmocka_unit_test(argmax_of_a_draw_follows_the_softmax_at_any_temperature),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
