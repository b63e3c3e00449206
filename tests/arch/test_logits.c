/* test_logits.c -- logits, their probabilities and entropy, and the schedules of the temperature. */
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/arch/estimator.h"
#include "snas/arch/temperature.h"

enum { TYPES = 2, EDGES = 14, K = 8, LOGITS = TYPES * EDGES * K };

static void initial_logits_have_the_asked_mean_and_deviation(void **state)
{
    (void)state;
    snas_logits logits, again;
    assert_ok(snas_logits_create(mem, TYPES, EDGES, K, &logits));
    assert_ok(snas_logits_create(mem, TYPES, EDGES, K, &again));
    snas_logits_init(&logits, 5, 1, 0.01);
    snas_logits_init(&again, 5, 1, 0.01);
    assert_memory_equal(logits.log_alpha, again.log_alpha, LOGITS * sizeof(double));
    double mean = 0, square = 0;
    for (int i = 0; i < LOGITS; i++) {
        mean += logits.log_alpha[i] / LOGITS;
        square += (logits.log_alpha[i] - 1) * (logits.log_alpha[i] - 1) / LOGITS;
    }
    assert_near(mean, 1, 0.003);              /* 4 deviations of a mean of 224 */
    assert_near(sqrt(square) / 0.01, 1, 0.2); /* 4 deviations of a deviation */
    snas_logits_init(&again, 6, 1, 0.01);
    assert_memory_not_equal(logits.log_alpha, again.log_alpha, LOGITS * sizeof(double));
}

static void probabilities_are_the_softmax_and_do_not_overflow(void **state)
{
    (void)state;
    double log_alpha[4] = {log(1.0), log(2.0), log(5.0), log(2.0)}, p[4];
    const snas_logits logits = {.types = 1, .edges = 1, .candidates = 4, .log_alpha = log_alpha};
    snas_logits_probabilities(&logits, p);
    for (int k = 0; k < 4; k++) {
        assert_near(p[k], exp(log_alpha[k]) / 10, 1e-15);
        log_alpha[k] += 5000;
    }
    snas_logits_probabilities(&logits, p);
    assert_near(p[2], 0.5, 1e-12);
}

static void gradient_of_probabilities_matches_central_difference(void **state)
{
    (void)state;
    const double h = 1e-5;
    snas_logits logits;
    assert_ok(snas_logits_create(mem, 1, 2, K, &logits));
    snas_logits_init(&logits, 8, 0, 1);
    double dp[2 * K], d[2 * K] = {0}, p[2 * K];
    for (int i = 0; i < 2 * K; i++) {
        dp[i] = i % 5 - 1.5;
    }
    snas_logits_probabilities_grad(&logits, dp, d);
    for (int i = 0; i < 2 * K; i++) {
        double side[2] = {0};
        const double kept = logits.log_alpha[i];
        for (int s = 0; s < 2; s++) {
            logits.log_alpha[i] = kept + (s == 0 ? h : -h);
            snas_logits_probabilities(&logits, p);
            for (int n = 0; n < 2 * K; n++) {
                side[s] += dp[n] * p[n];
            }
        }
        logits.log_alpha[i] = kept;
        assert_near(d[i], (side[0] - side[1]) / (2 * h), 1e-8);
    }
}

static void entropy_is_log_k_when_uniform_and_zero_when_certain(void **state)
{
    (void)state;
    snas_logits logits;
    assert_ok(snas_logits_create(mem, TYPES, EDGES, K, &logits));
    for (int e = 0; e < EDGES; e++) {
        logits.log_alpha[(EDGES + e) * K + e % K] = 100;
    }
    assert_near(snas_logits_entropy(&logits, 0), log(8.0), 1e-12);
    assert_near(snas_logits_entropy(&logits, 1), 0, 1e-12);
    /* the floor: p = (1 - q, q) with q = 1e-6 counts -q ln 1e-4 */
    double two[2] = {0, log(1e-6 / (1 - 1e-6))};
    const snas_logits floor = {.types = 1, .edges = 1, .candidates = 2, .log_alpha = two};
    assert_near(snas_logits_entropy(&floor, 0) * 1e6, (-(1 - 1e-6) * log(1 - 1e-6) - 1e-6 * log(1e-4)) * 1e6, 1e-8);
}

static void temperatures_begin_and_end_where_asked(void **state)
{
    (void)state;
    for (const snas_temperature *row = snas_temperatures; row->name != NULL; row++) {
        assert_ptr_equal(snas_temperature_find(row->name), row);
        assert_near(row->at(1, 0.03, 0), 1, 0);
        assert_near(row->at(1, 0.03, 1), strcmp(row->name, "constant") == 0 ? 1 : 0.03, 0);
    }
    assert_near(snas_temperature_find("linear")->at(1, 0.03, 0.25), 0.7575, 1e-15);
    assert_near(snas_temperature_find("exponential")->at(1, 0.04, 0.5), 0.2, 1e-15);
    assert_null(snas_temperature_find("cosine"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(initial_logits_have_the_asked_mean_and_deviation),
        cmocka_unit_test(probabilities_are_the_softmax_and_do_not_overflow),
        cmocka_unit_test(gradient_of_probabilities_matches_central_difference),
        cmocka_unit_test(entropy_is_log_k_when_uniform_and_zero_when_certain),
        cmocka_unit_test(temperatures_begin_and_end_where_asked),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
