/* axis.c -- round ticks.
 *
 *   linear   step = 1, 2 or 5 times a power of ten, the least that gives no more ticks than wanted
 *   log      1, 2, 5 times the powers of ten; powers of ten alone where these are more than LOG_FINE times the ticks
 *            wanted; within LOG_COARSE decades the linear ticks
 */
#include "axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double LOG_FINE = 1.5, LOG_COARSE = 0.7;
static const double SLACK = 1e-9; /* of a step: what rounding may add to a tick */

report_range report_range_empty(void)
{
    return (report_range){.least = HUGE_VAL, .most = -HUGE_VAL};
}

void report_range_see(report_range *range, double value, bool is_log)
{
    if (isfinite(value) && (!is_log || value > 0)) {
        range->least = fmin(range->least, value);
        range->most = fmax(range->most, value);
    }
}

void report_range_pad(report_range *range, double part, bool is_log)
{
    if (range->least > range->most) {
        return;
    }
    const double factor = is_log ? pow(range->most / range->least, part) : 1;
    const double by = is_log ? 0 : part * (range->most - range->least);
    range->least = range->least / factor - by;
    range->most = range->most * factor + by;
}

static double round_step(double span, int wanted)
{
    static const double ROUND[] = {1, 2, 5, 10};
    const double power = pow(10, floor(log10(span / wanted)));
    for (int i = 0; i < 4; i++) {
        if (span / (ROUND[i] * power) <= wanted + SLACK) {
            return ROUND[i] * power;
        }
    }
    return 10 * power;
}

static void linear_ticks(report_axis *axis, report_axis_wish wish)
{
    const double round = round_step(axis->high - axis->low, wish.ticks), step = wish.whole ? fmax(round, 1) : round;
    const double first = wish.to_ticks ? floor(axis->low / step + SLACK) : ceil(axis->low / step - SLACK);
    const double last = wish.to_ticks ? ceil(axis->high / step - SLACK) : floor(axis->high / step + SLACK);
    axis->step = step;
    axis->count = 0;
    for (double n = first; n <= last && axis->count < REPORT_TICKS_MAX; n++) {
        axis->tick[axis->count++] = n * step;
    }
    if (wish.to_ticks) {
        axis->low = first * step;
        axis->high = last * step;
    }
}

/* 1, 2, 5, 10, 20, ...: the n-th, 1 at n = 0; every third is a power of ten. */
static double log_tick(int n)
{
    static const double ROUND[] = {1, 2, 5};
    const int decade = n >= 0 ? n / 3 : (n - 2) / 3;
    return ROUND[n - 3 * decade] * pow(10, decade);
}

static void log_ticks(report_axis *axis, report_axis_wish wish)
{
    const double decades = log10(axis->high / axis->low);
    if (decades < LOG_COARSE) {
        wish.to_ticks = false;
        linear_ticks(axis, wish);
        return;
    }
    const bool fine = 3 * decades <= LOG_FINE * wish.ticks;
    const int unit = fine ? 1 : 3, every = fine ? 1 : 3 * (int)ceil(decades / wish.ticks);
    int first = 3 * (int)floor(log10(axis->low) + SLACK);
    while (log_tick(first + unit) <= axis->low * (1 + SLACK)) {
        first += unit;
    }
    int last = first;
    while (log_tick(last) < axis->high * (1 - SLACK)) {
        last += unit;
    }
    axis->step = 0;
    axis->count = 0;
    for (int n = first; n <= last && axis->count < REPORT_TICKS_MAX; n += every) {
        const double at = log_tick(n);
        if (wish.to_ticks || (at >= axis->low * (1 - SLACK) && at <= axis->high * (1 + SLACK))) {
            axis->tick[axis->count++] = at;
        }
    }
    if (wish.to_ticks) {
        axis->low = log_tick(first);
        axis->high = log_tick(last);
    }
}

report_axis report_axis_fit(report_range range, report_axis_wish wish)
{
    const bool is_log = wish.is_log;
    report_axis axis = {.low = range.least, .high = range.most, .is_log = is_log};
    if (range.least > range.most) {
        axis.low = is_log ? 1 : 0;
        axis.high = is_log ? 10 : 1;
    }
    if (!(axis.high - axis.low > 1e-12 * fmax(fabs(axis.low), fabs(axis.high)))) {
        const double by = axis.low != 0 ? 0.1 * fabs(axis.low) : 1;
        axis.low -= wish.whole || axis.low == 0 ? 0 : by;
        axis.high += wish.whole ? 1 : by;
    }
    if (is_log) {
        log_ticks(&axis, wish);
    } else {
        linear_ticks(&axis, wish);
    }
    return axis;
}

double report_axis_at(const report_axis *axis, double value)
{
    if (axis->is_log) {
        return value <= axis->low ? 0 : fmin(log(value / axis->low) / log(axis->high / axis->low), 1);
    }
    return fmin(fmax((value - axis->low) / (axis->high - axis->low), 0), 1);
}

/* Digits after the point that tell multiples of `step` apart. */
static int digits_after(double step)
{
    return (int)fmax(0, ceil(-log10(step) - SLACK));
}

/* Without the zeros of an exponent: 2e-5, not 2e-05. */
static void small_text(double value, char *to)
{
    char digits[REPORT_NUMBER_MAX];
    snprintf(digits, sizeof digits, "%.4g", value);
    const char *e = strchr(digits, 'e');
    if (e == NULL) {
        memcpy(to, digits, sizeof digits);
        return;
    }
    int exponent = 0;
    sscanf(e + 1, "%d", &exponent);
    snprintf(to, REPORT_NUMBER_MAX, "%.*se%d", (int)(e - digits), digits, exponent);
}

void report_axis_text(const report_axis *axis, int tick, char *to)
{
    static const struct {
        double from, unit;
        const char *suffix;
    } UNITS[] = {{1e9, 1e9, "G"}, {1e6, 1e6, "M"}, {1e4, 1e3, "k"}};
    const double value = axis->tick[tick], size = fmax(fabs(axis->low), fabs(axis->high));
    const double step = axis->step > 0 ? axis->step : fabs(value);
    const double most = axis->step > 0 ? size : fabs(value);
    if (fabs(value) <= SLACK * axis->step) {
        snprintf(to, REPORT_NUMBER_MAX, "0");
        return;
    }
    for (int i = 0; i < 3; i++) {
        if (most >= UNITS[i].from * (1 - SLACK)) {
            snprintf(to, REPORT_NUMBER_MAX, "%.*f%s", digits_after(step / UNITS[i].unit), value / UNITS[i].unit,
                     UNITS[i].suffix);
            return;
        }
    }
    if (most < 1e-3) {
        small_text(value, to);
    } else {
        snprintf(to, REPORT_NUMBER_MAX, "%.*f", digits_after(step), value);
    }
}
