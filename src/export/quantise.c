/* quantise.c -- numbers of 8 bits for those of a network: scales, zero points, multipliers, weights. */
#include "quantise.h"

#include <float.h>
#include <math.h>

enum { LEAST = -128, MOST = 127, STEPS = MOST - LEAST, WEIGHT_MOST = 127, SHIFT_MOST = 30, SHIFT_LEAST = -31 };
static const double BIAS_MOST = 1073741824.0, TWO_TO_31 = 2147483648.0;

static double within(double x, double least, double most)
{
    return x < least ? least : x > most ? most : x;
}

export_scale export_scale_make(float least, float most)
{
    const double low = least < 0.0f ? (double)least : 0.0, high = most > 0.0f ? (double)most : 0.0;
    const float scale = (float)((high - low) / STEPS);
    if (scale < FLT_MIN) {
        return (export_scale){.scale = 1.0f, .zero = 0};
    }
    return (export_scale){.scale = scale, .zero = (int)within(round(LEAST - low / (double)scale), LEAST, MOST)};
}

int export_quantised(export_scale scale, float x)
{
    return (int)within(round((double)x / (double)scale.scale) + scale.zero, LEAST, MOST);
}

void export_multiplier_make(double real, int32_t *multiplier, int32_t *shift)
{
    int exponent;
    double whole = round(frexp(real, &exponent) * TWO_TO_31);
    if (whole >= TWO_TO_31) { /* it was rounded up to 1 */
        whole /= 2;
        exponent++;
    }
    if (exponent < SHIFT_LEAST) {
        whole = 0.0;
        exponent = 0;
    } else if (exponent > SHIFT_MOST) {
        whole = INT32_MAX;
        exponent = SHIFT_MOST;
    }
    *multiplier = (int32_t)whole;
    *shift = exponent;
}

/* The scale of a channel's weights. */
static double weight_scale(const export_channel *channel)
{
    double largest = 0.0;
    for (int64_t i = 0; i < channel->count; i++) {
        largest = fmax(largest, fabs((double)channel->weight[i]));
    }
    const double scale = fmax(largest / WEIGHT_MOST, fabs((double)channel->bias) / channel->x_scale / BIAS_MOST);
    return scale > 0.0 ? scale : 1.0;
}

export_output export_channel_quantise(const export_channel *channel, int8_t *to)
{
    const double scale = weight_scale(channel);
    for (int64_t i = 0; i < channel->count; i++) {
        to[i] = (int8_t)within(round((double)channel->weight[i] / scale), -WEIGHT_MOST, WEIGHT_MOST);
    }
    const double bias = round((double)channel->bias / (channel->x_scale * scale));
    export_output out = {.bias = (int32_t)within(bias, -BIAS_MOST, BIAS_MOST)};
    export_multiplier_make(channel->x_scale * scale / channel->y_scale, &out.multiplier, &out.shift);
    return out;
}
