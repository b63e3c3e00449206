/* test_rate.c -- learning-rate schedules, the norm and the clipping factor. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "snas/optim/optim.h"

static const double EXACT = 1e-14; /* the same few operations in another order */
static const double NAIVE = 1e-10; /* sixteen million terms summed one after the other, in the test */

/* torch.optim.lr_scheduler.CosineAnnealingLR(SGD(lr=0.025), 10, 0.001), torch 1.13, after 0..10 epochs. */
static const double COSINE[11] = {0.025,
                                  0.024412678195541847,
                                  0.022708203932499373,
                                  0.020053423027509683,
                                  0.016708203932499374,
                                  0.013000000000000005,
                                  0.009291796067500635,
                                  0.0059465769724903255,
                                  0.0032917960675006327,
                                  0.0015873218044581577,
                                  0.001};

static void cosine_gives_pytorchs_rates(void **state)
{
    (void)state;
    const snas_rate_schedule *cosine = snas_rate_schedule_find("cosine");
    assert_non_null(cosine);
    for (int t = 0; t <= 10; t++) {
        assert_near(cosine->at(&(snas_rate){.first = 0.025, .last = 0.001}, t, 10), COSINE[t], EXACT);
    }
}

static void schedules_pass_through_their_points(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double first, last, progress, want;
    } points[] = {
        {"cosine", 0.1, 0.0, 1.0, 0.0},        {"linear", 0.1, 0.02, 0.0, 0.1},
        {"linear", 0.1, 0.02, 0.25, 0.08},     {"linear", 0.1, 0.02, 1.0, 0.02},
        {"exponential", 1.0, 0.01, 0.0, 1.0},  {"exponential", 1.0, 0.01, 0.5, 0.1},
        {"exponential", 1.0, 0.01, 1.0, 0.01}, {"exponential", 0.0, 0.0, 0.5, 0.0},
        {"constant", 0.1, 0.02, 0.9, 0.1},
    };
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        const snas_rate_schedule *row = snas_rate_schedule_find(points[i].name);
        assert_non_null(row);
        const snas_rate rate = {.first = points[i].first, .last = points[i].last};
        assert_near(row->at(&rate, points[i].progress, 1.0), points[i].want, EXACT);
    }
}

static void steps_give_pytorchs_rates(void **state)
{
    (void)state;
    /* torch.optim.lr_scheduler.StepLR(SGD(lr=0.1), 1, 0.97) after 249 epochs: 0.1 * 0.97^249. */
    const snas_rate_schedule *step = snas_rate_schedule_find("step");
    assert_non_null(step);
    assert_near(step->at(&(snas_rate){.first = 0.1, .factor = 0.97, .every = 1}, 249, 250), 5.083488346347185e-05,
                EXACT);
    const snas_rate rate = {.first = 1.0, .factor = 0.1, .every = 30};
    assert_near(step->at(&rate, 29, 90), 1.0, EXACT);
    assert_near(step->at(&rate, 30, 90), 0.1, EXACT);
    assert_near(step->at(&rate, 89, 90), 0.01, EXACT);
}

static void a_blend_weighs_both_vectors_and_is_the_same_for_any_threads(void **state)
{
    (void)state;
    enum { COUNT = 65536 + 5 };
    float *from = malloc(COUNT * sizeof *from), *first = malloc(COUNT * sizeof *first);
    float *to = malloc(COUNT * sizeof *to);
    assert_true(from != NULL && to != NULL && first != NULL);
    for (int threads = 1; threads <= 3; threads++) {
        const snas_team team = {.threads = threads};
        for (int i = 0; i < COUNT; i++) {
            from[i] = (float)(i % 97) / 31.0f;
            to[i] = (float)(i % 89) / 7.0f;
        }
        snas_blend_f32(&team, COUNT, 0.75, to, 0.25, from);
        assert_near((double)to[COUNT - 1], 0.75 * ((COUNT - 1) % 89 / 7.0) + 0.25 * ((COUNT - 1) % 97 / 31.0), 1e-5);
        if (threads == 1) {
            memcpy(first, to, COUNT * sizeof *to);
        }
        assert_memory_equal(first, to, COUNT * sizeof *to);
    }
    double wide[2] = {1.0, 3.0};
    const double other[2] = {0.1, 0.2};
    snas_blend_f64(&(snas_team){.threads = 1}, 2, 0.75, wide, 0.25, other);
    assert_near(wide[1], 0.75 * 3.0 + 0.25 * 0.2, 1e-15);
    free(from);
    free(first);
    free(to);
}

static void every_schedule_is_found_by_its_name_and_no_other_is(void **state)
{
    (void)state;
    int count = 0;
    for (const snas_rate_schedule *row = snas_rate_schedules; row->name != NULL; row++, count++) {
        assert_ptr_equal(snas_rate_schedule_find(row->name), row);
        assert_true(strlen(row->brief) > 10);
        const snas_rate rate = {.first = 0.3, .last = 0.1, .factor = 0.9, .every = 1};
        assert_near(row->at(&rate, 0.0, 7.0), 0.3, EXACT);
    }
    assert_int_equal(count, 5);
    assert_null(snas_rate_schedule_find("cosin"));
}

static void clipping_gives_pytorchs_factor(void **state)
{
    (void)state;
    /* torch.nn.utils.clip_grad_norm_ on (3, 4, 12, 0) with 5 leaves 1.1538460650887643 of the 3. */
    const double g[4] = {3.0, 4.0, 12.0, 0.0};
    const snas_team team = {.threads = 1};
    const double norm = snas_norm_f64(&team, 4, g);
    assert_near(norm, 13.0, EXACT);
    assert_near(3.0 * snas_clip_factor(norm, 5.0), 1.1538460650887643, EXACT);
    assert_true(snas_clip_factor(4.0, 5.0) == 1.0);
    assert_true(snas_clip_factor(1e9, 0.0) == 1.0);
    assert_true(snas_clip_factor(0.0, 5.0) == 1.0);
    assert_true(snas_clip_factor((double)INFINITY, 5.0) == 0.0);
}

static void the_norm_is_that_of_every_element_and_the_same_for_any_threads(void **state)
{
    (void)state;
    /* Lengths around the lanes, a unit, and what is summed at once (256 units). */
    static const int lengths[] = {0, 1, 7, 9, 65535, 65537, 200000, 256 * 65536 + 70000};
    const int most = lengths[sizeof lengths / sizeof *lengths - 1];
    float *f = malloc((size_t)most * sizeof *f);
    double *d = malloc((size_t)most * sizeof *d);
    assert_true(f != NULL && d != NULL);
    for (int i = 0; i < most; i++) {
        f[i] = (float)(i % 1000) / 1000.0f - 0.3f;
        d[i] = (double)f[i];
    }
    for (size_t c = 0; c < sizeof lengths / sizeof *lengths; c++) {
        double want = 0.0;
        for (int i = 0; i < lengths[c]; i++) {
            want += d[i] * d[i];
        }
        const snas_team one = {.threads = 1};
        const double first = snas_norm_f32(&one, lengths[c], f);
        assert_near(first / fmax(sqrt(want), 1.0), sqrt(want) / fmax(sqrt(want), 1.0), NAIVE);
        for (int threads = 1; threads <= 3; threads++) {
            const snas_team team = {.threads = threads};
            assert_true(snas_norm_f32(&team, lengths[c], f) == first);
            assert_true(snas_norm_f64(&team, lengths[c], d) == first);
        }
    }
    f[100000] = (float)NAN;
    const snas_team two = {.threads = 2};
    assert_true(isnan(snas_norm_f32(&two, 200000, f)));
    free(f);
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cosine_gives_pytorchs_rates),
        cmocka_unit_test(schedules_pass_through_their_points),
        cmocka_unit_test(steps_give_pytorchs_rates),
        cmocka_unit_test(a_blend_weighs_both_vectors_and_is_the_same_for_any_threads),
        cmocka_unit_test(every_schedule_is_found_by_its_name_and_no_other_is),
        cmocka_unit_test(clipping_gives_pytorchs_factor),
        cmocka_unit_test(the_norm_is_that_of_every_element_and_the_same_for_any_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
