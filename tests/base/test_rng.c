/* test_rng.c -- Philox gives the published words, and the distributions are the ones they are named after. */
#include <string.h>

#include "check.h"
#include "rng_philox.h"
#include "snas/base/rng.h"

static void philox_gives_the_published_vectors(void **state)
{
    (void)state;
    /* The known answers of the Random123 library of the paper's authors. */
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } VECTORS[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof VECTORS / sizeof VECTORS[0]; i++) {
        uint32_t out[4];
        base_philox(VECTORS[i].counter, VECTORS[i].key, out);
        assert_memory_equal(out, VECTORS[i].out, sizeof out);
    }
}

static void a_place_always_gives_the_same_words(void **state)
{
    (void)state;
    snas_rng a = snas_rng_at(7, SNAS_STREAM_TEST, 3), b = snas_rng_at(7, SNAS_STREAM_TEST, 3);
    const uint32_t key[2] = {7, 0}, counter[4] = {1, 3, 0, SNAS_STREAM_TEST};
    uint32_t second_block[4];
    base_philox(counter, key, second_block);
    for (int i = 0; i < 1000; i++) {
        const uint32_t word = snas_rng_u32(&a);
        assert_int_equal(word, snas_rng_u32(&b));
        if (i >= 4 && i < 8) {
            assert_int_equal(word, second_block[i - 4]);
        }
    }
}

static void places_that_differ_in_one_thing_differ(void **state)
{
    (void)state;
    static const struct {
        uint64_t seed;
        int stream;
        uint64_t step;
    } PLACES[] = {{1, 1000, 1},
                  {2, 1000, 1},
                  {1, 999, 1},
                  {1, 1000, 2},
                  {0, 1000, 1},
                  {1 + (1ull << 32), 1000, 1},
                  {1, 1000, 1 + (1ull << 32)}};
    enum { COUNT = sizeof PLACES / sizeof PLACES[0] };
    uint32_t first[COUNT][4];
    for (int i = 0; i < COUNT; i++) {
        snas_rng rng = snas_rng_at(PLACES[i].seed, (snas_stream)PLACES[i].stream, PLACES[i].step);
        for (int w = 0; w < 4; w++) {
            first[i][w] = snas_rng_u32(&rng);
        }
        for (int j = 0; j < i; j++) {
            assert_memory_not_equal(first[i], first[j], sizeof first[i]);
        }
    }
}

static void the_counter_runs_past_32_bits(void **state)
{
    (void)state;
    snas_rng low = snas_rng_at(1, SNAS_STREAM_TEST, 0), high = low;
    high.counter = (uint64_t)1 << 32;
    assert_int_not_equal(snas_rng_u32(&low), snas_rng_u32(&high));
}

/* Pearson's statistic of `counts` against `expected`. */
static double chi_square(const long *counts, const double *expected, int bins)
{
    double sum = 0;
    for (int i = 0; i < bins; i++) {
        const double d = (double)counts[i] - expected[i];
        sum += d * d / expected[i];
    }
    return sum;
}

/* Upper 0.1 % points of chi-square: a fixed seed passes or fails for ever, and p > 1e-3 is the goal. */
enum { DRAWS = 1000000, BINS = 100 };
static const double CHI_99_AT_001 = 148.230;

static void gumbel_draws_fit_their_distribution(void **state)
{
    (void)state;
    /* F(g) = exp(-exp(-g)): F(draw) must be uniform. */
    long counts[BINS] = {0};
    double expected[BINS];
    snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < DRAWS; i++) {
        const double g = snas_rng_gumbel(&rng);
        assert_true(isfinite(g));
        counts[(int)(exp(-exp(-g)) * BINS * 0.9999999999)]++;
    }
    for (int i = 0; i < BINS; i++) {
        expected[i] = (double)DRAWS / BINS;
    }
    assert_true(chi_square(counts, expected, BINS) < CHI_99_AT_001);
}

static void gumbel_argmax_draws_from_the_softmax(void **state)
{
    (void)state;
    /* argmax_k(log p_k + G_k) = k with probability p_k, which is what a search relies on. */
    static const double P[4] = {0.1, 0.2, 0.3, 0.4};
    static const double CHI_3_AT_001 = 16.266;
    long counts[4] = {0};
    double expected[4];
    snas_rng rng = snas_rng_at(2, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < DRAWS / 4; i++) {
        int best = 0;
        double most = -HUGE_VAL;
        for (int k = 0; k < 4; k++) {
            const double v = log(P[k]) + snas_rng_gumbel(&rng);
            best = v > most ? k : best;
            most = v > most ? v : most;
        }
        counts[best]++;
    }
    for (int k = 0; k < 4; k++) {
        expected[k] = P[k] * (DRAWS / 4);
    }
    assert_true(chi_square(counts, expected, 4) < CHI_3_AT_001);
}

static void uniform_stays_inside_and_fits(void **state)
{
    (void)state;
    long counts[BINS] = {0};
    double expected[BINS];
    snas_rng rng = snas_rng_at(3, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < DRAWS; i++) {
        const double u = snas_rng_uniform(&rng);
        assert_true(u > 0 && u < 1);
        counts[(int)(u * BINS)]++;
    }
    for (int i = 0; i < BINS; i++) {
        expected[i] = (double)DRAWS / BINS;
    }
    assert_true(chi_square(counts, expected, BINS) < CHI_99_AT_001);
}

static void uniform_is_finite_through_two_logarithms_at_both_ends(void **state)
{
    (void)state;
    /* The least and the greatest words that a block can hold. */
    for (int end = 0; end < 2; end++) {
        snas_rng rng = {.left = 4};
        memset(rng.block, end == 0 ? 0 : 255, sizeof rng.block);
        const double u = snas_rng_uniform(&rng);
        assert_true(u > 0 && u < 1);
        assert_true(isfinite(-log(-log(u))));
    }
}

static void normal_has_mean_0_deviation_1_and_thin_tails(void **state)
{
    (void)state;
    double sum = 0, squares = 0, fourths = 0;
    snas_rng rng = snas_rng_at(4, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < DRAWS; i++) {
        const double x = snas_rng_normal(&rng);
        sum += x;
        squares += x * x;
        fourths += x * x * x * x;
    }
    /* Five deviations of each estimate: 1e-3, sqrt(2)*1e-3, sqrt(96)*1e-3. */
    assert_near(sum / DRAWS, 0.0, 0.005);
    assert_near(squares / DRAWS, 1.0, 0.0071);
    assert_near(fourths / DRAWS, 3.0, 0.0164);
}

static void below_is_fair_and_in_range(void **state)
{
    (void)state;
    static const uint32_t SIZES[] = {1, 2, 7, 100};
    for (size_t s = 0; s < 4; s++) {
        long counts[100] = {0};
        double expected[100];
        const int n = (int)SIZES[s];
        snas_rng rng = snas_rng_at(5, SNAS_STREAM_TEST, s);
        for (int i = 0; i < DRAWS / 4; i++) {
            const uint32_t k = snas_rng_below(&rng, SIZES[s]);
            assert_true(k < SIZES[s]);
            counts[k]++;
        }
        for (int k = 0; k < n; k++) {
            expected[k] = (double)(DRAWS / 4) / n;
        }
        assert_true(chi_square(counts, expected, n) < n - 1 + 5 * sqrt(2.0 * n));
    }
    /* With n = 3 * 2^30 a plain remainder or product gives the first third of the results twice as often. */
    const uint32_t n = 3u << 30;
    long low = 0;
    snas_rng rng = snas_rng_at(6, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < 100000; i++) {
        low += snas_rng_below(&rng, n) % 3 == 0;
    }
    assert_near((double)low / 100000, 1.0 / 3, 0.0075);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_vectors),
        cmocka_unit_test(a_place_always_gives_the_same_words),
        cmocka_unit_test(places_that_differ_in_one_thing_differ),
        cmocka_unit_test(the_counter_runs_past_32_bits),
        cmocka_unit_test(gumbel_draws_fit_their_distribution),
        cmocka_unit_test(gumbel_argmax_draws_from_the_softmax),
        cmocka_unit_test(uniform_stays_inside_and_fits),
        cmocka_unit_test(uniform_is_finite_through_two_logarithms_at_both_ends),
        cmocka_unit_test(normal_has_mean_0_deviation_1_and_thin_tails),
        cmocka_unit_test(below_is_fair_and_in_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
