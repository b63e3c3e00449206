/* The numbers of 8-bit networks: known values at the ends, at ties, below zero. */
#include <math.h>
#include <stdint.h>

#include "check.h"
#include "quantise.h"

static void a_scale_covers_the_range_and_zero(void **state)
{
    (void)state;
    static const struct {
        float least, most, scale;
        int zero;
    } CASES[] = {
        {-1.0f, 1.0f, 2.0f / 255, -1}, /* 127.5 - 128: a half goes away from zero */
        {0.0f, 2.55f, 0.01f, -128},    {-2.55f, 0.0f, 0.01f, 127}, {1.0f, 2.55f, 0.01f, -128},
        {-2.55f, -1.0f, 0.01f, 127},   {-0.55f, 2.0f, 0.01f, -73}, {0.0f, 0.0f, 1.0f, 0},
        {-1e-45f, 0.0f, 1.0f, 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const export_scale scale = export_scale_make(CASES[i].least, CASES[i].most);
        assert_near((double)scale.scale, (double)CASES[i].scale, 1e-9);
        assert_int_equal(scale.zero, CASES[i].zero);
        assert_int_equal(export_quantised(scale, 0.0f), scale.zero);
    }
}

static void numbers_round_to_the_nearest_and_stay_within_8_bits(void **state)
{
    (void)state;
    const export_scale scale = {.scale = 0.5f, .zero = 10};
    static const struct {
        float x;
        int q;
    } CASES[] = {{0.0f, 10},   {0.24f, 10},  {0.25f, 11},    {-0.25f, 9},
                 {58.5f, 127}, {1e30f, 127}, {-69.0f, -128}, {-1e30f, -128}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        assert_int_equal(export_quantised(scale, CASES[i].x), CASES[i].q);
    }
}

static void a_real_number_becomes_a_multiplier_and_a_shift(void **state)
{
    (void)state;
    static const struct {
        double real;
        int32_t multiplier, shift;
    } CASES[] = {
        {1.0, 1 << 30, 1},     {0.5, 1 << 30, 0},
        {0.25, 1 << 30, -1},   {0.75, 3 << 29, 0},
        {0.1, 1717986918, -3},                                     /* 0.8 2^31 = 1717986918.4 */
        {3.0, 3 << 29, 2},     {1.0 - 1e-12, 1 << 30, 1},          /* 2^31 after rounding */
        {0.0, 0, 0},           {1.0 / 4294967296.0, 1 << 30, -31}, /* 2^-32 */
        {1e-10, 0, 0},         {1e30, INT32_MAX, 30},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        int32_t multiplier, shift;
        export_multiplier_make(CASES[i].real, &multiplier, &shift);
        assert_int_equal(multiplier, CASES[i].multiplier);
        assert_int_equal(shift, CASES[i].shift);
    }
}

static void a_channel_has_its_own_scale(void **state)
{
    (void)state;
    const float weight[] = {0.5f, -1.27f, 0.004f, 0.0f};
    const export_channel channel = {.weight = weight, .count = 4, .bias = -0.3f, .x_scale = 0.5, .y_scale = 0.01};
    int8_t q[4];
    const export_output out = export_channel_quantise(&channel, q);
    assert_int_equal(q[0], 50);
    assert_int_equal(q[1], -127);
    assert_int_equal(q[2], 0);
    assert_int_equal(q[3], 0);
    assert_int_equal(out.bias, -60);                               /* -0.3 / (0.5 0.01) */
    assert_near(ldexp(out.multiplier, out.shift - 31), 0.5, 1e-6); /* 0.5 0.01 / 0.01 */
}

static void a_bias_without_weights_is_kept(void **state)
{
    (void)state;
    const float zero = 0.0f;
    const export_channel channel = {.weight = &zero, .count = 1, .bias = 2.0f, .x_scale = 0.25, .y_scale = 0.1};
    int8_t q;
    export_output out = export_channel_quantise(&channel, &q);
    assert_int_equal(q, 0);
    assert_int_equal(out.bias, 1 << 30);
    assert_near(ldexp(out.multiplier, out.shift - 31), 20 / ldexp(1.0, 30), 1e-15); /* 2.0 / 0.1 */
    const export_channel nothing = {.weight = &zero, .count = 1, .bias = 0.0f, .x_scale = 0.25, .y_scale = 0.1};
    out = export_channel_quantise(&nothing, &q);
    assert_int_equal(out.bias, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scale_covers_the_range_and_zero),
        cmocka_unit_test(numbers_round_to_the_nearest_and_stay_within_8_bits),
        cmocka_unit_test(a_real_number_becomes_a_multiplier_and_a_shift),
        cmocka_unit_test(a_channel_has_its_own_scale),
        cmocka_unit_test(a_bias_without_weights_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
