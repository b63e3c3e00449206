/* quantise.h -- numbers of 8 bits for those of a network: scales, zero points, multipliers, weights.
 *
 *     x = scale (q - zero),    q = round(x / scale) + zero, kept within -128..127
 *
 * Activations have a scale and a zero point a tensor, weights a scale an output channel and no zero point, as in the
 * 8-bit specification of TensorFlow Lite. Rounding is to the nearest, halves away from zero. What multiplies when the
 * network runs is a whole number and a shift: real = multiplier 2^(shift - 31).
 */
#ifndef SNAS_EXPORT_QUANTISE_H
#define SNAS_EXPORT_QUANTISE_H

#include <stdint.h>

/** Products of numbers that an accumulator of 32 bits can hold beside a bias: 2^30 / (255 * 127). */
enum { EXPORT_PRODUCTS_MOST = 33153 };

typedef struct {
    float scale; /* above 0 */
    int zero;    /* -128..127 */
} export_scale;

/** What an output's accumulator goes through: y = zero + (acc + bias) multiplier 2^(shift - 31). */
typedef struct {
    int32_t bias, multiplier, shift; /* shift: -31..30 */
} export_output;

/** The scale that covers least..most and 0; finite numbers. */
export_scale export_scale_make(float least, float most);

/** q of x. */
int export_quantised(export_scale scale, float x);

/** multiplier and shift of a real number >= 0: 2^30 <= multiplier < 2^31. Below 2^-32 both are 0; what is 2^30 or more
 *  becomes the largest that there is. */
void export_multiplier_make(double real, int32_t *multiplier, int32_t *shift);

/** An output channel: its weights and bias, and the scales of what the weights multiply and of the output. */
typedef struct {
    const float *weight;
    int64_t count;
    float bias;
    double x_scale, y_scale;
} export_channel;

/** Weights into `to` [count], and the rest. Their scale is the least that keeps weights within -127..127 and the bias
 *  within 2^30. */
export_output export_channel_quantise(const export_channel *channel, int8_t *to);

#endif
