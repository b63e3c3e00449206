/* test_statistics.c -- means, spreads and t-tests against numbers computed with 40 digits, and against printed tables.
 */
#include "snas/study/statistics.h"

#include "check.h"

static const double ROUNDING = 1e-12; /* relative */

#define assert_relative(a, b)                                                                                          \
    do {                                                                                                               \
        const double one_ = (a), other_ = (b);                                                                         \
        if (!(fabs(one_ - other_) <= ROUNDING * fabs(other_))) {                                                       \
            fail_msg("%s = %.17g, wanted %.17g", #a, one_, other_);                                                    \
        }                                                                                                              \
    } while (0)

static void incomplete_beta_has_its_known_values(void **state)
{
    (void)state;
    static const struct {
        double a, b, x, value;
    } known[] = {
        {0.5, 0.5, 0.25, 1.0 / 3.0}, /* 2 asin(sqrt x) / pi */
        {2, 3, 0.4, 0.5248},         /* a polynomial */
        {10, 0.5, 0.97, 0.44080415359575816},
        {30, 40, 0.5, 0.88579988732335151},
        {0.1, 5, 0.001, 0.61289835937499448},
        {200, 300, 0.41, 0.67762816477217895},
        {3, 4, 0, 0},
        {3, 4, 1, 1},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_relative(snas_beta_regularized(known[i].a, known[i].b, known[i].x), known[i].value);
        assert_near(snas_beta_regularized(known[i].b, known[i].a, 1 - known[i].x), 1 - known[i].value, ROUNDING);
    }
}

static void student_tails_have_their_known_values(void **state)
{
    (void)state;
    static const struct {
        double t, freedom, p;
    } known[] = {
        {1, 1, 0.5}, /* Cauchy's quartile */
        {2.5, 2, 0.12961172022151081},
        {0.5, 3, 0.65144796484815099},
        {1e-6, 5, 0.99999924078662036},
        {12.5, 9, 5.4343131817806518e-7},
        {1.96, 1000, 0.050273184955748718},
        {3.2, 2.7, 0.057078155844629773},
        {45, 1.5, 0.0024973446398172783},
        {30, 30, 6.251791630608888e-24},
        {0, 4, 1},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_relative(snas_student_two_sided(known[i].t, known[i].freedom), known[i].p);
        assert_relative(snas_student_two_sided(-known[i].t, known[i].freedom), known[i].p);
    }
    assert_true(snas_student_two_sided((double)INFINITY, 3) == 0);
    assert_true(isnan(snas_student_two_sided((double)NAN, 3)));
}

/* The first four stand in every printed table: 12.706, 4.303, 2.776, 3.250. */
static void student_quantiles_have_their_known_values(void **state)
{
    (void)state;
    static const struct {
        double p, freedom, t;
    } known[] = {
        {0.05, 1, 12.706204736174704}, {0.05, 2, 4.3026527297494637},   {0.05, 4, 2.7764451051977943},
        {0.01, 9, 3.2498355415921263}, {0.05, 3.7, 2.8675207071911893}, {0.5, 10, 0.69981206131243163},
        {1e-6, 5, 28.47847346298421},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_relative(snas_student_quantile(known[i].p, known[i].freedom), known[i].t);
    }
}

static const double A[] = {93.73, 93.67, 91.88, 92.4, 93.1};
static const double B[] = {92.1, 93.0, 90.5, 92.6, 91.7};
static const double C[] = {87.1, 85.2, 90.3};

static void a_sample_has_mean_deviation_and_error(void **state)
{
    (void)state;
    const double holes[] = {A[0], (double)NAN, A[1], A[2], A[3], (double)NAN, A[4]};
    const snas_sample whole = snas_sample_of(A, 5), holed = snas_sample_of(holes, 7);
    for (int i = 0; i < 2; i++) {
        const snas_sample *s = i == 0 ? &whole : &holed;
        assert_int_equal(s->count, 5);
        assert_relative(s->mean, 92.956);
        assert_relative(s->deviation, 0.80568604307136908);
        assert_relative(s->error, 0.36031375216608094);
        assert_true(s->least == A[2] && s->median == A[4] && s->most == A[0]);
    }
    const snas_sample one = snas_sample_of(A, 1), none = snas_sample_of(NULL, 0);
    assert_true(one.count == 1 && one.mean == A[0] && isnan(one.deviation) && isnan(one.error));
    assert_true(none.count == 0 && isnan(none.mean) && isnan(none.median) && isnan(none.most));
    const double even[] = {4, 2, (double)NAN, 2, 3}; /* 2 2 3 4 */
    assert_true(snas_sample_of(even, 5).median == 2.5 && one.median == A[0]);
}

static void a_large_mean_leaves_the_deviation_its_digits(void **state)
{
    (void)state;
    const double numbers[] = {1e9 + 1, 1e9 + 2, 1e9 + 3};
    assert_relative(snas_sample_of(numbers, 3).deviation, 1);
}

static void pairs_are_tested_by_their_differences(void **state)
{
    (void)state;
    const snas_t_test test = snas_t_test_paired(A, B, 5);
    assert_true(test.paired && test.count[0] == 5 && test.count[1] == 5);
    assert_relative(test.difference, 0.976);
    assert_relative(test.error, 0.33521038170080592);
    assert_true(test.freedom == 4);
    assert_relative(test.t, 2.9116043335171367);
    assert_relative(test.p, 0.043608076081072563);
    assert_near(test.lowest, 0.045306776515313108, 1e-11);
    assert_relative(test.highest, 1.9066932234846869);
    const snas_t_test other = snas_t_test_paired(B, A, 5);
    assert_true(other.t == -test.t && other.p == test.p);
}

static void a_pair_with_a_hole_is_left_out(void **state)
{
    (void)state;
    const double a[] = {A[0], (double)NAN, A[1], A[2], A[3], A[4], 1};
    const double b[] = {B[0], 1, B[1], B[2], B[3], B[4], (double)NAN};
    const snas_t_test test = snas_t_test_paired(a, b, 7);
    assert_int_equal(test.count[0], 5);
    assert_relative(test.p, 0.043608076081072563);
}

static void samples_of_other_seeds_are_tested_by_welch(void **state)
{
    (void)state;
    const snas_sample a = snas_sample_of(A, 5), c = snas_sample_of(C, 3);
    const snas_t_test test = snas_t_test_welch(&a, &c);
    assert_true(!test.paired && test.count[0] == 5 && test.count[1] == 3);
    assert_relative(test.difference, 5.4226666666666667);
    assert_relative(test.error, 1.5311010562482296);
    assert_relative(test.freedom, 2.2375364694233812);
    assert_relative(test.t, 3.5416778301715947);
    assert_relative(test.p, 0.060396232436730842);
    assert_relative(test.lowest, -0.53830310231931294);
    assert_relative(test.highest, 11.383636435652646);
}

/* 46.5 - 44.5 and 51.75 - 49.75 in per cent: the differences are equal but for their last bits. */
static void what_rounding_leaves_is_no_spread(void **state)
{
    (void)state;
    const double a[] = {0.445, 0.4975}, b[] = {0.465, 0.5175};
    assert_true(a[0] - b[0] > a[1] - b[1] || a[0] - b[0] < a[1] - b[1]);
    const snas_t_test test = snas_t_test_paired(a, b, 2);
    assert_true(fabs(test.difference + 0.02) < 1e-12);
    assert_true(isnan(test.t) && isnan(test.p) && isnan(test.lowest) && isnan(test.highest));
}

static void too_few_numbers_or_no_spread_say_nothing(void **state)
{
    (void)state;
    const double same[] = {1, 2, 3}, shifted[] = {2, 3, 4}, constant[] = {5, 5};
    const snas_t_test one = snas_t_test_paired(A, B, 1), equal = snas_t_test_paired(shifted, same, 3);
    assert_true(isnan(one.difference) && isnan(one.p));
    assert_true(equal.difference == 1 && isnan(equal.t) && isnan(equal.p) && isnan(equal.lowest));
    const snas_sample single = snas_sample_of(A, 1), many = snas_sample_of(A, 5), flat = snas_sample_of(constant, 2);
    assert_true(isnan(snas_t_test_welch(&single, &many).difference));
    assert_true(isnan(snas_t_test_welch(&many, &single).p));
    const snas_t_test flats = snas_t_test_welch(&flat, &flat);
    assert_true(flats.difference == 0 && isnan(flats.p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(incomplete_beta_has_its_known_values),
        cmocka_unit_test(student_tails_have_their_known_values),
        cmocka_unit_test(student_quantiles_have_their_known_values),
        cmocka_unit_test(a_sample_has_mean_deviation_and_error),
        cmocka_unit_test(a_large_mean_leaves_the_deviation_its_digits),
        cmocka_unit_test(pairs_are_tested_by_their_differences),
        cmocka_unit_test(a_pair_with_a_hole_is_left_out),
        cmocka_unit_test(samples_of_other_seeds_are_tested_by_welch),
        cmocka_unit_test(too_few_numbers_or_no_spread_say_nothing),
        cmocka_unit_test(what_rounding_leaves_is_no_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
