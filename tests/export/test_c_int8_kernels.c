/* The kernels of an exported file of 8-bit numbers, by values worked out by hand. */
#include <stdint.h>
#include <string.h>

#include "c_int8.inc"
#include "check.h"

enum { ONE = 1 << 30 }; /* with shift 1: a multiplier of 1 */

/* The double rounding: 2^30 and shift 1 are 1, shift 0 one half, shift -1 a quarter. */
static void a_product_rounds_twice(void **state)
{
    (void)state;
    static const struct {
        int32_t x, multiplier, shift, y;
    } CASES[] = {
        {7, ONE, 1, 7},
        {-7, ONE, 1, -7},
        {INT32_MAX, ONE, 0, ONE}, /* 2^30 - 1/2: a half goes up */
        {INT32_MIN, ONE, 0, -ONE},
        {1, ONE, 0, 1},   /* 1/2 -> 1 */
        {-1, ONE, 0, 0},  /* -1/2 -> 0: up */
        {-3, ONE, 0, -1}, /* -3/2 -> -1: up */
        {3, ONE, 0, 2},
        {1, ONE, -1, 1},   /* 1/4 -> 1/2, 1 -> 1/2 away from zero: 1, by rounding twice */
        {-1, ONE, -1, 0},  /* -1/4: -1/2 -> 0 -> 0 */
        {-2, ONE, -1, -1}, /* -1/2: -1 -> -1/2 away from zero: -1 */
        {-6, ONE, -1, -2}, /* -3/2: -3 -> -3/2 -> -2 */
        {5, ONE, -1, 2},   /* 5/4: 5/2 -> 3 -> 3/2 -> 2 */
        {100, 1717986918, -3, 10},
        {-100, 1717986918, -3, -10},
        {INT32_MAX, INT32_MAX, 0, INT32_MAX - 1},
        {INT32_MIN, INT32_MIN, 0, INT32_MAX}, /* the one that saturates */
        {INT32_MIN, INT32_MAX, 0, INT32_MIN + 1},
        {INT32_MAX, ONE, 2, ONE}, /* the shift to the left saturates first */
        {INT32_MIN, ONE, 30, -ONE},
        {ONE, ONE, 2, ONE},
        {INT32_MAX, INT32_MAX, -31, 1},
        {INT32_MIN, ONE, -31, -1}, /* -2^30 / 2^31: -1/2 away from zero */
        {ONE, ONE, -31, 0},
        {12345, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        assert_int_equal(scaled(CASES[i].x, CASES[i].multiplier, CASES[i].shift), CASES[i].y);
    }
}

static void eight_bits_saturate(void **state)
{
    (void)state;
    assert_int_equal(narrowed(127), 127);
    assert_int_equal(narrowed(128), 127);
    assert_int_equal(narrowed((int64_t)INT32_MAX + 127), 127);
    assert_int_equal(narrowed(-128), -128);
    assert_int_equal(narrowed(-129), -128);
    assert_int_equal(narrowed((int64_t)INT32_MIN - 128), -128);
}

/* A picture [3][3][2] with channels of another one beside them; zero point 1. */
static const int8_t PICTURE[3 * 3 * 3] = {2,  11, 99, 3,  12, 99, 4,  13, 99, 5,  14, 99, 6, -3,
                                          99, 7,  16, 99, 8,  17, 99, 9,  18, 99, 10, 19, 99};

static layer layer_of_picture(int channels, int to_side)
{
    return (layer){.height = 3,
                   .width = 3,
                   .channels = 2,
                   .step = 3,
                   .zero = 1,
                   .to_height = to_side,
                   .to_width = to_side,
                   .to_channels = channels,
                   .to_step = channels,
                   .to_zero = -5,
                   .kernel = 1,
                   .stride = 1,
                   .dilation = 1};
}

static void a_convolution_sums_bias_and_products(void **state)
{
    (void)state;
    static const int8_t WEIGHTS[2 * 2] = {1, 2, -1, 0};
    static const output OUTPUTS[2] = {{.bias = 3, .multiplier = ONE, .shift = 1}, {.bias = 0, .multiplier = ONE}};
    int8_t y[3 * 3 * 2];
    const layer l = layer_of_picture(2, 3);
    convolve(&l, PICTURE, y, WEIGHTS, OUTPUTS);
    assert_int_equal(y[0], 1 + 2 * 10 + 3 - 5);
    assert_int_equal(y[1], 0 - 5); /* -1/2: up */
    assert_int_equal(y[4 * 2], 5 - 2 * 4 + 3 - 5);
    layer rectified = l;
    rectified.rectify = 1;
    convolve(&rectified, PICTURE, y, WEIGHTS, OUTPUTS);
    assert_int_equal(y[4 * 2], 5 + 3 - 5);
}

static void outside_of_the_picture_all_is_zero(void **state)
{
    (void)state;
    static const int8_t WEIGHTS[9 * 2] = {1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
    static const output OUTPUT = {.multiplier = ONE, .shift = 1};
    int8_t y[2 * 2];
    layer l = layer_of_picture(1, 2);
    l.kernel = 3;
    l.stride = 2;
    l.pad = 1;
    convolve(&l, PICTURE, y, WEIGHTS, &OUTPUT);
    assert_int_equal(y[0], 1 + 2 + 4 + 5 - 5);
    assert_int_equal(y[3], 5 + 6 + 8 + 9 - 5);
    l.kernel = 1;
    l.pad = 0;
    l.offset = 1; /* the second half of a factorized reduction: its last row and column are outside */
    convolve(&l, PICTURE, y, WEIGHTS, &OUTPUT);
    assert_int_equal(y[0], 5 - 5);
    assert_int_equal(y[3], -5);
}

static void a_depthwise_convolution_keeps_channels_apart(void **state)
{
    (void)state;
    static const int8_t WEIGHTS[9 * 2] = {1, 0, 1, 0, 1, 0, 1, 0, 1, 2, 1, 0, 1, 0, 1, 0, 1, 0};
    static const output OUTPUTS[2] = {{.multiplier = ONE, .shift = 1}, {.bias = 1, .multiplier = ONE, .shift = 1}};
    int8_t y[3 * 3 * 2];
    layer l = layer_of_picture(2, 3);
    l.kernel = 3;
    l.pad = 1;
    depthwise(&l, PICTURE, y, WEIGHTS, OUTPUTS);
    assert_int_equal(y[4 * 2], 45 - 5);
    assert_int_equal(y[4 * 2 + 1], 2 * -4 + 1 - 5);
    l.rectify = 1;
    depthwise(&l, PICTURE, y, WEIGHTS, OUTPUTS);
    assert_int_equal(y[4 * 2 + 1], 1 - 5);
}

static void pools_take_what_is_inside(void **state)
{
    (void)state;
    static const int8_t WEIGHTS[2] = {1, -1};
    static const output LARGEST[2] = {{.multiplier = ONE, .shift = 1}, {.bias = 2, .multiplier = ONE, .shift = 1}};
    static const output MEAN[2] = {{.multiplier = 1908874354, .shift = -5}, /* 1 / 36 */
                                   {.multiplier = 1908874354, .shift = -5}};
    int8_t y[3 * 3 * 2];
    layer l = layer_of_picture(2, 3);
    l.kernel = 3;
    l.pad = 1;
    pool(&l, PICTURE, y, 0, WEIGHTS, LARGEST);
    assert_int_equal(y[0], 5 - 5);
    assert_int_equal(y[8 * 2 + 1], -18 + 2 - 5);
    pool(&l, PICTURE, y, 36, WEIGHTS, MEAN);
    assert_int_equal(y[0], 3 - 5);     /* of 1, 2, 4, 5 */
    assert_int_equal(y[1 * 2], 4 - 5); /* of 1 .. 6: 3.5, away from zero */
    assert_int_equal(y[4 * 2], 5 - 5); /* of 1 .. 9 */
    assert_int_equal(y[1], -8 - 5);    /* of 10, 11, 13, -4, negative: -7.5, away from zero */
}

static void a_node_adds_inputs_of_different_scales(void **state)
{
    (void)state;
    static const int8_t FROM[] = {10, 99, 20, 99, 1, 2};
    static const term TERMS[2] = {{.at = 0, .step = 2, .zero = 4, .multiplier = ONE}, /* a half: the largest */
                                  {.at = 4, .step = 1, .zero = -1, .multiplier = ONE, .shift = -1}}; /* half of it */
    static const output OUTPUT = {.multiplier = ONE, .shift = -18};                                  /* 2 2^-20 */
    int8_t y[2];
    const layer l = {.to_height = 1, .to_width = 2, .to_channels = 1, .to_step = 1, .to_zero = 7};
    node(&l, FROM, y, 2, TERMS, &OUTPUT);
    assert_int_equal(y[0], 6 + 1 + 7);
    assert_int_equal(y[1], 16 + 2 + 7); /* 16 + 1.5, away from zero: 18 */
}

static void means_and_empty_nodes(void **state)
{
    (void)state;
    static const output OUTPUTS[2] = {{.multiplier = 1908874354, .shift = -3}, /* 1 / 9 */
                                      {.multiplier = 1908874354, .shift = -3}};
    int8_t y[4] = {1, 1, 1, 1};
    layer l = layer_of_picture(2, 1);
    mean(&l, PICTURE, y, OUTPUTS);
    assert_int_equal(y[0], 5 - 5);
    assert_int_equal(y[1], 12 - 5); /* 107 / 9 = 11.9 */
    l.to_width = 2;
    l.to_channels = 1;
    l.to_step = 3;
    l.to_zero = -128;
    clear(&l, y);
    assert_int_equal(y[0], -128);
    assert_int_equal(y[1], 7);
    assert_int_equal(y[3], -128);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_rounds_twice),
        cmocka_unit_test(eight_bits_saturate),
        cmocka_unit_test(a_convolution_sums_bias_and_products),
        cmocka_unit_test(outside_of_the_picture_all_is_zero),
        cmocka_unit_test(a_depthwise_convolution_keeps_channels_apart),
        cmocka_unit_test(pools_take_what_is_inside),
        cmocka_unit_test(a_node_adds_inputs_of_different_scales),
        cmocka_unit_test(means_and_empty_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
