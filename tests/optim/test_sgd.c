/* test_sgd.c -- SGD against PyTorch's numbers, the equations written out, ranges without decay, and any number of
 * threads.
 *
 * The golden numbers come from torch 1.13 in float64: five steps of torch.optim.SGD from w = (1, -2, 0.5, 3) on the
 * gradients g[t][k] = cos(0.7 t + 0.9 k).
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "snas/optim/optim.h"

enum { WEIGHTS = 4, STEPS = 5, MANY = 3 * 65536 + 1234 };
static const double EXACT = 1e-14; /* the same few operations in another order */
static const double SINGLE = 1e-6; /* a few roundings of float */
static const double START[WEIGHTS] = {1.0, -2.0, 0.5, 3.0};
static const snas_team ONE = {.threads = 1};

static double gradient(int t, int k)
{
    return cos(0.7 * t + 0.9 * k);
}

static const struct {
    const char *name;
    snas_sgd sgd;
    double want[WEIGHTS];
} GOLDEN[] = {
    {"plain", {.rate = 0.1}, {0.9512259115083785, -1.8088041896378702, 0.7864725317169972, 3.164952552339908}},
    {"momentum",
     {.rate = 0.1, .momentum = 0.9},
     {0.47154267000773775, -1.7910444030951491, 1.288235093916267, 3.7709939865333784}},
    {"decay",
     {.rate = 0.025, .momentum = 0.9, .decay = 3e-4},
     {0.8677916303793521, -1.9475626506661394, 0.6970065484520236, 3.192447818017712}},
    {"nesterov",
     {.rate = 0.1, .momentum = 0.9, .decay = 5e-4, .nesterov = true},
     {0.47502167950174823, -1.6190103953331416, 1.495278348101963, 3.8560419355685296}},
};
enum { GOLDEN_COUNT = sizeof GOLDEN / sizeof *GOLDEN };

static void five_steps_in_double_give_pytorchs_weights(void **state)
{
    (void)state;
    for (int c = 0; c < GOLDEN_COUNT; c++) {
        double w[WEIGHTS], m[WEIGHTS] = {0}, g[WEIGHTS];
        memcpy(w, START, sizeof w);
        for (int t = 0; t < STEPS; t++) {
            for (int k = 0; k < WEIGHTS; k++) {
                g[k] = gradient(t, k);
            }
            snas_sgd_step_f64(&ONE, &GOLDEN[c].sgd, &(snas_sgd_vectors_f64){WEIGHTS, w, m, g}, 1.0);
        }
        for (int k = 0; k < WEIGHTS; k++) {
            assert_near(w[k], GOLDEN[c].want[k], EXACT);
        }
    }
}

static void five_steps_in_float_give_pytorchs_weights(void **state)
{
    (void)state;
    for (int c = 0; c < GOLDEN_COUNT; c++) {
        float w[WEIGHTS], m[WEIGHTS] = {0}, g[WEIGHTS];
        for (int k = 0; k < WEIGHTS; k++) {
            w[k] = (float)START[k];
        }
        for (int t = 0; t < STEPS; t++) {
            for (int k = 0; k < WEIGHTS; k++) {
                g[k] = (float)gradient(t, k);
            }
            snas_sgd_step_f32(&ONE, &GOLDEN[c].sgd, &(snas_sgd_vectors_f32){WEIGHTS, w, m, g}, 1.0);
        }
        for (int k = 0; k < WEIGHTS; k++) {
            assert_near((double)w[k], GOLDEN[c].want[k], SINGLE);
        }
    }
}

/* By hand: w = 2, m = 1, g = 3, scale 1/2, rate 0.1, momentum 0.5, decay 0.25:
 * d = 1.5 + 0.5 = 2, m = 0.5 + 2 = 2.5; w = 2 - 0.25 = 1.75, with Nesterov w = 2 - 0.1*(2 + 1.25) = 1.675. */
static void a_step_is_the_equation_with_its_scale(void **state)
{
    (void)state;
    static const double want[2] = {1.75, 1.675};
    for (int nesterov = 0; nesterov < 2; nesterov++) {
        const snas_sgd sgd = {.rate = 0.1, .momentum = 0.5, .decay = 0.25, .nesterov = nesterov == 1};
        double w = 2.0, m = 1.0;
        const double g = 3.0;
        snas_sgd_step_f64(&ONE, &sgd, &(snas_sgd_vectors_f64){1, &w, &m, &g}, 0.5);
        assert_near(w, want[nesterov], EXACT);
        assert_near(m, 2.5, EXACT);
    }
}

static void frozen_weights_and_their_momentum_stay(void **state)
{
    (void)state;
    const snas_sgd_range ranges[] = {{.first = 1, .count = 2, .decays = true, .frozen = true, .pace = 1},
                                     {.first = 3, .count = 1, .decays = false, .pace = 1}};
    const snas_sgd sgd = {.rate = 0.5, .momentum = 0.9, .decay = 0.1, .ranges = ranges, .range_count = 2};
    double w[] = {1, 2, 3, 4, 5}, m[] = {1, 1, 1, 1, 1};
    const double g[] = {1, 1, 1, 1, 1};
    snas_sgd_step_f64(&ONE, &sgd, &(snas_sgd_vectors_f64){5, w, m, g}, 1.0);
    const double want_w[] = {0.0, 2, 3, 3.05, 3.8}, want_m[] = {2.0, 1, 1, 1.9, 2.4};
    for (int i = 0; i < 5; i++) {
        assert_near(w[i], want_w[i], EXACT);
        assert_near(m[i], want_m[i], EXACT);
    }
}

/* PyTorch's parameter groups with learning rates of their own: momentum and decay are those of all. */
static void a_range_has_a_pace_of_its_own(void **state)
{
    (void)state;
    const snas_sgd_range ranges[] = {{.first = 1, .count = 2, .decays = true, .pace = 4}};
    for (int nesterov = 0; nesterov < 2; nesterov++) {
        const snas_sgd sgd = {
            .rate = 0.5, .momentum = 0.9, .decay = 0.1, .nesterov = nesterov == 1, .ranges = ranges, .range_count = 1};
        double w[] = {1, 1, 1, 1}, m[] = {1, 1, 1, 1};
        const double g[] = {1, 1, 1, 1};
        snas_sgd_step_f64(&ONE, &sgd, &(snas_sgd_vectors_f64){4, w, m, g}, 1.0);
        for (int i = 0; i < 4; i++) { /* d = 1.1, m = 2.0, a move of 2.0 or 1.1 + 0.9 * 2.0 */
            const double pace = i == 1 || i == 2 ? 4 : 1, move = nesterov == 1 ? 2.9 : 2.0;
            assert_near(m[i], 2.0, EXACT);
            assert_near(w[i], 1 - 0.5 * pace * move, EXACT);
        }
    }
}

static void ranges_are_exempt_from_decay_and_the_rest_is_not(void **state)
{
    (void)state;
    /* The second range crosses the border between two units of work; the last is empty. */
    const snas_sgd_range ranges[] = {
        {.first = 0, .count = 3, .pace = 1},      {.first = 5, .count = 2, .decays = true, .pace = 1},
        {.first = 65530, .count = 10, .pace = 1}, {.first = 100000, .count = 1, .pace = 1},
        {.first = 100001, .count = 4, .pace = 1}, {.first = MANY - 1, .count = 0, .pace = 1}};
    const snas_sgd sgd = {.rate = 1.0, .decay = 0.5, .ranges = ranges, .range_count = 6};
    double *w = calloc(MANY, sizeof *w), *m = calloc(MANY, sizeof *m), *g = calloc(MANY, sizeof *g);
    assert_true(w != NULL && m != NULL && g != NULL);
    for (int i = 0; i < MANY; i++) {
        w[i] = 1.0;
    }
    snas_sgd_step_f64(&ONE, &sgd, &(snas_sgd_vectors_f64){MANY, w, m, g}, 1.0);
    for (int i = 0; i < MANY; i++) {
        const int exempt = i < 3 || (i >= 65530 && i < 65540) || (i >= 100000 && i < 100005);
        if (w[i] != (exempt ? 1.0 : 0.5)) {
            fail_msg("weight %d is %g", i, w[i]);
        }
    }
    free(w);
    free(m);
    free(g);
}

static void one_two_and_three_threads_give_the_same_bytes(void **state)
{
    (void)state;
    const snas_sgd_range range = {.first = 1000, .count = 70000, .pace = 1};
    const snas_sgd sgd = {
        .rate = 0.025, .momentum = 0.9, .decay = 3e-4, .nesterov = true, .ranges = &range, .range_count = 1};
    float *w[3], *m = malloc(MANY * sizeof *m), *g = malloc(MANY * sizeof *g);
    double norm[3];
    assert_true(m != NULL && g != NULL);
    for (int threads = 1; threads <= 3; threads++) {
        const snas_team team = {.threads = threads};
        float *x = w[threads - 1] = malloc(MANY * sizeof *x);
        assert_non_null(x);
        for (int i = 0; i < MANY; i++) {
            x[i] = (float)cos(i);
            m[i] = 0.0f;
            g[i] = (float)sin(3.0 * i);
        }
        for (int t = 0; t < 3; t++) {
            snas_sgd_step_f32(&team, &sgd, &(snas_sgd_vectors_f32){MANY, x, m, g}, 0.7);
        }
        norm[threads - 1] = snas_norm_f32(&team, MANY, x);
    }
    for (int i = 1; i < 3; i++) {
        assert_memory_equal(w[0], w[i], MANY * sizeof(float));
        assert_true(norm[0] == norm[i]);
    }
    for (int i = 0; i < 3; i++) {
        free(w[i]);
    }
    free(m);
    free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_steps_in_double_give_pytorchs_weights),
        cmocka_unit_test(five_steps_in_float_give_pytorchs_weights),
        cmocka_unit_test(a_step_is_the_equation_with_its_scale),
        cmocka_unit_test(frozen_weights_and_their_momentum_stay),
        cmocka_unit_test(a_range_has_a_pace_of_its_own),
        cmocka_unit_test(ranges_are_exempt_from_decay_and_the_rest_is_not),
        cmocka_unit_test(one_two_and_three_threads_give_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
