/* test_adam.c -- Adam against PyTorch's numbers and against a first step worked out by hand.
 *
 * The golden numbers come from torch 1.13 in float64: five steps of torch.optim.Adam from w = (1, -2, 0.5, 3) on the
 * gradients g[t][k] = cos(0.7 t + 0.9 k).
 */
#include <string.h>

#include "check.h"
#include "snas/optim/optim.h"

enum { WEIGHTS = 4, STEPS = 5 };
static const double EXACT = 1e-14; /* the same few operations in another order */
static const double START[WEIGHTS] = {1.0, -2.0, 0.5, 3.0};

static const struct {
    const char *name;
    snas_adam adam;
    double want[WEIGHTS];
} GOLDEN[] = {
    {"defaults",
     {.rate = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8},
     {0.9967667793000192, -2.000351387122708, 0.5046303286990406, 3.0040500567228974}},
    {"the logits' of the published code",
     {.rate = 3e-4, .beta1 = 0.5, .beta2 = 0.999, .eps = 1e-8, .decay = 1e-3},
     {0.9994587088319117, -1.9996353297189733, 0.5014498090070892, 3.0008950654265334}},
    {"no first moment, large eps",
     {.rate = 1e-2, .beta1 = 0.0, .beta2 = 0.9, .eps = 1e-3, .decay = 0.1},
     {0.9949745762084775, -1.9618635773358313, 0.5467680897942467, 3.002369201983091}},
};

static void five_steps_give_pytorchs_weights(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof GOLDEN / sizeof *GOLDEN; c++) {
        double w[WEIGHTS], m[WEIGHTS] = {0}, v[WEIGHTS] = {0}, g[WEIGHTS];
        memcpy(w, START, sizeof w);
        for (int t = 0; t < STEPS; t++) {
            for (int k = 0; k < WEIGHTS; k++) {
                g[k] = cos(0.7 * t + 0.9 * k);
            }
            snas_adam_step(&GOLDEN[c].adam, t + 1, &(snas_adam_vectors){WEIGHTS, w, m, v, g}, 1.0);
        }
        for (int k = 0; k < WEIGHTS; k++) {
            assert_near(w[k], GOLDEN[c].want[k], EXACT);
        }
    }
}

/* Step 1 from m = v = 0: m' = d and v' = d^2 whatever the betas, so w moves by rate * d / (|d| + eps);
 * w = 2, g = 3, scale 1/2, decay 1/4: d = 1.5 + 0.5 = 2, so w = 2 - 0.1 * 2 / 2.5. */
static void a_first_step_moves_by_the_rate_whatever_the_betas(void **state)
{
    (void)state;
    const snas_adam adam = {.rate = 0.1, .beta1 = 0.7, .beta2 = 0.95, .eps = 0.5, .decay = 0.25};
    double w = 2.0, m = 0.0, v = 0.0;
    const double g = 3.0;
    snas_adam_step(&adam, 1, &(snas_adam_vectors){1, &w, &m, &v, &g}, 0.5);
    assert_near(w, 1.92, EXACT);
    assert_near(m, 0.6, EXACT);
    assert_near(v, 0.2, EXACT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_steps_give_pytorchs_weights),
        cmocka_unit_test(a_first_step_moves_by_the_rate_whatever_the_betas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
