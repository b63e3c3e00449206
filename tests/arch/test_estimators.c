/* test_estimators.c -- what holds for every estimator of the table, and what each one's file promises. */
#include <string.h>

#include "draw_fixture.h"

static const double DIFFERENCE = 1e-7; /* central difference in double, h = 1e-5 */
static const double STEP = 1e-5;
static const double ROUNDING = 1e-12;

/* What an estimator is; a new one needs a row. */
static const struct {
    const char *name;
    bool one_hot, sparse, has_grad, has_score, observes;
} TRAITS[] = {
    {"concrete", false, false, true, true, false},   {"straight-through", true, false, true, true, false},
    {"gdas", true, true, true, true, false},         {"single-path", true, true, true, true, false},
    {"attention", false, false, true, false, false}, {"categorical", true, true, false, true, true},
    {"uniform", true, true, false, false, false},
};
enum { ESTIMATORS = sizeof TRAITS / sizeof TRAITS[0] };

/* Any numbers for dL/dz. */
static void fill_dz(double *dz)
{
    snas_rng rng = snas_rng_at(3, SNAS_STREAM_TEST, 2);
    for (int i = 0; i < DRAWN; i++) {
        dz[i] = snas_rng_normal(&rng);
    }
}

static void the_table_holds_these_estimators(void **state)
{
    (void)state;
    for (int i = 0; i < ESTIMATORS; i++) {
        const snas_estimator *estimator = snas_estimators[i];
        assert_non_null(estimator);
        assert_string_equal(estimator->name, TRAITS[i].name);
        assert_ptr_equal(snas_estimator_find(TRAITS[i].name), estimator);
        assert_true((estimator->grad != NULL) == TRAITS[i].has_grad);
        assert_true((estimator->score != NULL) == TRAITS[i].has_score);
        assert_true((estimator->log_density != NULL) == TRAITS[i].has_score);
        assert_true((estimator->observe != NULL) == TRAITS[i].observes);
        assert_true((estimator->state_count > 0) == TRAITS[i].observes);
        assert_true(estimator->one_path == TRAITS[i].sparse);
    }
    assert_null(snas_estimators[ESTIMATORS]);
    assert_null(snas_estimator_find("gumbel"));
}

static double row_sum(const double *row)
{
    double sum = 0;
    for (int k = 0; k < K; k++) {
        sum += row[k];
    }
    return sum;
}

static void rows_of_z_sum_to_one_and_are_one_hot_where_they_shall(void **state)
{
    (void)state;
    for (int i = 0; i < ESTIMATORS; i++) {
        snas_logits logits;
        snas_draw draw;
        make(snas_estimators[i], 5, 0.4, &logits, &draw);
        assert_true(draw.sparse == TRAITS[i].sparse);
        assert_true(draw.skipped_as_ones == (strcmp(TRAITS[i].name, "gdas") == 0));
        for (int n = 0; n < DRAWN; n += K) {
            int ones = 0, zeros = 0;
            for (int k = 0; k < K; k++) {
                ones += draw.z[n + k] == 1;
                zeros += draw.z[n + k] == 0;
            }
            assert_near(row_sum(draw.z + n), 1, ROUNDING);
            assert_true((ones == 1 && zeros == K - 1) == TRAITS[i].one_hot);
        }
    }
}

static void rows_of_gradient_and_score_sum_to_zero(void **state)
{
    (void)state;
    for (int i = 0; i < ESTIMATORS; i++) {
        snas_logits logits;
        snas_draw draw;
        make(snas_estimators[i], 5, 0.4, &logits, &draw);
        double d[LOGITS] = {0}, score[LOGITS] = {0}, dz[DRAWN], gradients = 0, scores = 0;
        const double weight[ROW_COUNT * EDGES] = {2, 1, -4, -3, 2, 0, 0.5, 3, 1};
        fill_dz(dz);
        if (TRAITS[i].has_grad) {
            snas_estimators[i]->grad(&logits, &draw, dz, d);
        }
        if (TRAITS[i].has_score) {
            snas_estimators[i]->score(&logits, &draw, weight, score);
        }
        for (int n = 0; n < LOGITS; n += K) {
            assert_near(row_sum(d + n), 0, ROUNDING);
            assert_near(row_sum(score + n), 0, ROUNDING);
            gradients += fabs(d[n]);
            scores += fabs(score[n]);
        }
        assert_true((gradients > 0.01) == TRAITS[i].has_grad); /* not all zero */
        assert_true((scores > 0.01) == TRAITS[i].has_score);
    }
}

static void score_is_the_gradient_of_the_density(void **state)
{
    (void)state;
    static const double TAUS[] = {3, 1, 0.3};
    for (int i = 0; i < ESTIMATORS; i++) {
        for (size_t t = 0; TRAITS[i].has_score && t < sizeof TAUS / sizeof TAUS[0]; t++) {
            const snas_estimator *estimator = snas_estimators[i];
            snas_logits logits;
            snas_draw draw;
            make(estimator, 17 + t, TAUS[t], &logits, &draw);
            double score[LOGITS] = {0};
            estimator->score(&logits, &draw, NULL, score);
            for (int n = 0; n < LOGITS; n++) {
                const double kept = logits.log_alpha[n];
                logits.log_alpha[n] = kept + STEP;
                const double up = estimator->log_density(&logits, &draw);
                logits.log_alpha[n] = kept - STEP;
                const double down = estimator->log_density(&logits, &draw);
                logits.log_alpha[n] = kept;
                assert_near(score[n], (up - down) / (2 * STEP), DIFFERENCE);
            }
        }
    }
}

static void nothing_overflows_at_a_low_temperature(void **state)
{
    (void)state;
    for (int i = 0; i < ESTIMATORS; i++) {
        const snas_estimator *estimator = snas_estimators[i];
        snas_logits logits;
        snas_draw draw;
        make(estimator, 3, 0.03, &logits, &draw);
        logits.log_alpha[0] = 800; /* its rivals' z underflow to 0 */
        estimator->draw(&logits, &draw);
        double d[LOGITS] = {0}, score[LOGITS] = {0}, dz[DRAWN];
        fill_dz(dz);
        if (TRAITS[i].has_grad) {
            estimator->grad(&logits, &draw, dz, d);
        }
        if (TRAITS[i].has_score) {
            estimator->score(&logits, &draw, NULL, score);
            assert_true(isfinite(estimator->log_density(&logits, &draw)));
        }
        if (TRAITS[i].observes) {
            double memory[4] = {2, 1};
            const snas_reward reward = {.value = 1, .decay = 0.9, .entropy = 1};
            assert_true(estimator->state_count <= 4);
            estimator->observe(&logits, &draw, &reward, memory, d);
        }
        for (int n = 0; n < LOGITS; n++) {
            assert_true(isfinite(d[n]) && isfinite(score[n]));
        }
    }
}

/* --- statistics: 40,000 draws with fixed seeds, so a verdict never changes by itself ------------------------------ */

enum { DRAWS = 40000 };

static void one_hot_draws_follow_their_probabilities(void **state)
{
    (void)state;
    const double CHI_SQUARE = 23.5; /* 4 degrees of freedom, exceeded once in 10,000 */
    for (int i = 0; i < ESTIMATORS; i++) {
        if (!TRAITS[i].one_hot) {
            continue;
        }
        snas_logits logits;
        snas_draw draw;
        make(snas_estimators[i], 31, 0.7, &logits, &draw);
        double p[LOGITS], times[K] = {0}, chi_square = 0;
        snas_logits_probabilities(&logits, p);
        for (uint64_t n = 0; n < DRAWS; n++) {
            snas_rng rng = snas_rng_at(n, SNAS_STREAM_TEST, 3);
            snas_draw_noise(&logits, &draw, &rng);
            snas_estimators[i]->draw(&logits, &draw);
            for (int k = 0; k < K; k++) {
                times[k] += draw.z[k];
            }
        }
        for (int k = 0; k < K; k++) {
            const double expected = DRAWS * (strcmp(TRAITS[i].name, "uniform") == 0 ? 1.0 / K : p[k]);
            chi_square += (times[k] - expected) * (times[k] - expected) / expected;
        }
        assert_true(chi_square < CHI_SQUARE);
    }
}

static void the_score_has_mean_zero(void **state)
{
    (void)state;
    const double SIGMAS = 4.5; /* of LOGITS entries, one in 10,000 runs would fail */
    for (int i = 0; i < ESTIMATORS; i++) {
        if (!TRAITS[i].has_score) {
            continue;
        }
        snas_logits logits;
        snas_draw draw;
        make(snas_estimators[i], 41, 0.7, &logits, &draw);
        double sum[LOGITS] = {0}, squares[LOGITS] = {0};
        for (uint64_t n = 0; n < DRAWS; n++) {
            snas_rng rng = snas_rng_at(n, SNAS_STREAM_TEST, 50);
            snas_draw_noise(&logits, &draw, &rng);
            snas_estimators[i]->draw(&logits, &draw);
            double score[LOGITS] = {0};
            snas_estimators[i]->score(&logits, &draw, NULL, score);
            for (int k = 0; k < LOGITS; k++) {
                sum[k] += score[k];
                squares[k] += score[k] * score[k];
            }
        }
        for (int k = 0; k < LOGITS; k++) {
            assert_true(squares[k] > 0);
            assert_true(fabs(sum[k]) < SIGMAS * sqrt(squares[k]));
        }
    }
}

/* --- one by one --------------------------------------------------------------------------------------------------- */

static void straight_through_and_gdas_have_the_gradient_of_the_relaxed_sample(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"straight-through", "gdas"};
    static const double TAUS[] = {10, 1, 0.1};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        const snas_estimator *estimator = snas_estimator_find(NAMES[i]), *concrete = snas_estimator_find("concrete");
        for (size_t t = 0; t < sizeof TAUS / sizeof TAUS[0]; t++) {
            snas_logits logits;
            snas_draw draw;
            double dz[DRAWN], z[DRAWN], d[LOGITS] = {0}, relaxed[LOGITS] = {0};
            make(estimator, 11 + t, TAUS[t], &logits, &draw);
            fill_dz(dz);
            estimator->grad(&logits, &draw, dz, d);
            memcpy(z, draw.z, sizeof z);
            concrete->draw(&logits, &draw); /* the same noise */
            concrete->grad(&logits, &draw, dz, relaxed);
            for (int n = 0; n < LOGITS; n++) {
                assert_near(d[n], relaxed[n], ROUNDING);
            }
            for (int n = 0; n < DRAWN; n++) { /* the 1 stands where the sample is largest */
                for (int k = n / K * K; k < n / K * K + K; k++) {
                    assert_true(z[n] == 0 || draw.z[n] >= draw.z[k]);
                }
            }
        }
    }
}

static void single_path_scores_the_drawn_candidate_by_its_own_gradient(void **state)
{
    (void)state;
    double log_alpha[3] = {log(1.0), log(2.0), log(5.0)}, G[3] = {0.2, 3.0, -1.0}, z[3], d[3] = {0};
    const double dz[3] = {100, -0.5, 7}; /* only the drawn candidate's counts */
    const int type = 0;
    const snas_logits logits = {.types = 1, .edges = 1, .candidates = 3, .log_alpha = log_alpha};
    snas_draw draw = {.rows = 1, .type_of_row = &type, .temperature = 0.1, .gumbel = G, .z = z};
    const snas_estimator *estimator = snas_estimator_find("single-path");
    estimator->draw(&logits, &draw);
    estimator->grad(&logits, &draw, dz, d);
    static const double Z[3] = {0, 1, 0}, D[3] = {0.5 / 8, -0.5 * 6 / 8, 0.5 * 5 / 8};
    for (int k = 0; k < 3; k++) {
        assert_near(z[k], Z[k], 0);
        assert_near(d[k], D[k], ROUNDING);
    }
}

static void attention_is_the_softmax_and_its_gradient(void **state)
{
    (void)state;
    const snas_estimator *attention = snas_estimator_find("attention");
    snas_logits logits;
    snas_draw draw;
    double dz[DRAWN], p[LOGITS], d[LOGITS] = {0};
    make(attention, 23, 0.1, &logits, &draw);
    fill_dz(dz);
    attention->grad(&logits, &draw, dz, d);
    snas_logits_probabilities(&logits, p);
    for (int row = 0; row < ROW_COUNT; row++) {
        assert_memory_equal(draw.z + row * EDGES * K, p + TYPE_OF_ROW[row] * EDGES * K, EDGES * K * sizeof *p);
    }
    for (int n = 0; n < LOGITS; n++) {
        const double kept = logits.log_alpha[n];
        double side[2] = {0};
        for (int s = 0; s < 2; s++) {
            logits.log_alpha[n] = kept + (s == 0 ? STEP : -STEP);
            attention->draw(&logits, &draw);
            for (int i = 0; i < DRAWN; i++) {
                side[s] += dz[i] * draw.z[i];
            }
        }
        logits.log_alpha[n] = kept;
        assert_near(d[n], (side[0] - side[1]) / (2 * STEP), DIFFERENCE);
    }
}

static void a_reward_counts_by_how_far_it_is_above_those_before_it(void **state)
{
    (void)state;
    const snas_estimator *categorical = snas_estimator_find("categorical");
    static const double REWARDS[] = {3, 5, -2, 4};
    snas_logits logits;
    snas_draw draw;
    double score[LOGITS] = {0}, memory[2] = {0}, sum = 0, weights = 0;
    make(categorical, 29, 1, &logits, &draw);
    categorical->score(&logits, &draw, NULL, score);
    for (size_t t = 0; t < sizeof REWARDS / sizeof REWARDS[0]; t++) {
        const snas_reward reward = {.value = REWARDS[t], .decay = 0.9};
        /* the mean of the rewards before it, 0.9^age their weights; the first has nothing to be held against */
        const double baseline = t == 0 ? REWARDS[0] : sum / weights;
        double d[LOGITS] = {0};
        categorical->observe(&logits, &draw, &reward, memory, d);
        for (int n = 0; n < LOGITS; n++) {
            assert_near(d[n], -(REWARDS[t] - baseline) * score[n], ROUNDING);
        }
        sum = 0.9 * sum + REWARDS[t];
        weights = 0.9 * weights + 1;
    }
}

static double sum_of_entropies(const snas_logits *logits)
{
    double sum = 0;
    for (int type = 0; type < TYPES; type++) {
        sum += EDGES * snas_logits_entropy(logits, type);
    }
    return sum;
}

static void the_entropy_bonus_has_the_gradient_of_the_entropy(void **state)
{
    (void)state;
    const snas_estimator *categorical = snas_estimator_find("categorical");
    const snas_reward reward = {.value = 7, .decay = 0.5, .entropy = 0.25};
    snas_logits logits;
    snas_draw draw;
    double memory[2] = {0}, d[LOGITS] = {0};
    make(categorical, 37, 1, &logits, &draw);
    categorical->observe(&logits, &draw, &reward, memory, d); /* the first reward: nothing but the bonus */
    for (int n = 0; n < LOGITS; n++) {
        const double kept = logits.log_alpha[n];
        logits.log_alpha[n] = kept + STEP;
        const double up = sum_of_entropies(&logits);
        logits.log_alpha[n] = kept - STEP;
        const double down = sum_of_entropies(&logits);
        logits.log_alpha[n] = kept;
        assert_near(d[n], -0.25 * (up - down) / (2 * STEP), DIFFERENCE);
    }
}

static void uniform_draws_do_not_know_the_logits(void **state)
{
    (void)state;
    const snas_estimator *uniform = snas_estimator_find("uniform");
    snas_logits logits;
    snas_draw draw;
    double z[DRAWN];
    make(uniform, 43, 1, &logits, &draw);
    memcpy(z, draw.z, sizeof z);
    for (int n = 0; n < LOGITS; n++) {
        logits.log_alpha[n] = n % K == 2 ? 50 : 0;
    }
    uniform->draw(&logits, &draw);
    assert_memory_equal(z, draw.z, sizeof z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_holds_these_estimators),
        cmocka_unit_test(rows_of_z_sum_to_one_and_are_one_hot_where_they_shall),
        cmocka_unit_test(rows_of_gradient_and_score_sum_to_zero),
        cmocka_unit_test(score_is_the_gradient_of_the_density),
        cmocka_unit_test(nothing_overflows_at_a_low_temperature),
        cmocka_unit_test(one_hot_draws_follow_their_probabilities),
        cmocka_unit_test(the_score_has_mean_zero),
        cmocka_unit_test(straight_through_and_gdas_have_the_gradient_of_the_relaxed_sample),
        cmocka_unit_test(single_path_scores_the_drawn_candidate_by_its_own_gradient),
        cmocka_unit_test(attention_is_the_softmax_and_its_gradient),
        cmocka_unit_test(a_reward_counts_by_how_far_it_is_above_those_before_it),
        cmocka_unit_test(the_entropy_bonus_has_the_gradient_of_the_entropy),
        cmocka_unit_test(uniform_draws_do_not_know_the_logits),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
