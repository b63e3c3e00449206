/* whole.c -- is a decimal number a whole one, however it is written: 3, 3.0, 1e3, 12.50e1.
 *
 *      text = [+-] digits [. digits] [(e|E) [+-] digits],   value = mantissa * 10^(exponent - digits after the point)
 *
 * Worked out on the digits, so that no rounding makes a whole number of one that is none, or another of a large one.
 */
#include "snas/base/text.h"

static const int64_t EXPONENT_MAX = 10000; /* beyond it no text of a sane length is whole and small */

typedef struct {
    const char *at, *end;
} digits;

static bool is_digit(const digits *d)
{
    return d->at < d->end && *d->at >= '0' && *d->at <= '9';
}

static bool accept(digits *d, char one, char other)
{
    const bool found = d->at < d->end && (*d->at == one || *d->at == other);
    d->at += found;
    return found;
}

/* Digits that are walked over; false when there are none. */
static bool skip_digits(digits *d)
{
    const char *from = d->at;
    while (is_digit(d)) {
        d->at++;
    }
    return d->at > from;
}

/* The exponent, bounded; 0 without one. False when it has no digits. */
static bool read_exponent(digits *d, int64_t *out)
{
    *out = 0;
    if (!accept(d, 'e', 'E')) {
        return true;
    }
    const bool negative = d->at < d->end && *d->at == '-';
    accept(d, '+', '-');
    const char *from = d->at;
    for (; is_digit(d); d->at++) {
        *out = *out < EXPONENT_MAX ? 10 * *out + (*d->at - '0') : *out;
    }
    *out = negative ? -*out : *out;
    return d->at > from;
}

/* The mantissa's digits, of which the first `kept` make the number and the others must be zeros; more than there are:
 * zeros after them. */
static bool read_mantissa(const char *from, const char *end, int64_t kept, int64_t *out)
{
    int64_t value = 0;
    for (const char *at = from; at < end; at++) {
        if (*at == '.') {
            continue;
        }
        if (kept > 0) {
            value = 10 * value + (*at - '0');
        } else if (*at != '0') {
            return false;
        }
        kept--;
        if (value > SNAS_WHOLE_MAX) {
            return false;
        }
    }
    for (; kept > 0 && value > 0; kept--) {
        value *= 10;
        if (value > SNAS_WHOLE_MAX) {
            return false;
        }
    }
    *out = value;
    return true;
}

bool snas_whole(const char *text, size_t size, int64_t *out)
{
    digits d = {.at = text, .end = text + size};
    const bool negative = size > 0 && *text == '-';
    accept(&d, '+', '-');
    const char *from = d.at;
    bool good = skip_digits(&d);
    int64_t kept = d.at - from, exponent;
    if (accept(&d, '.', '.')) {
        good = skip_digits(&d) && good;
    }
    const char *end = d.at;
    good = read_exponent(&d, &exponent) && good && d.at == d.end;
    kept += exponent;
    if (!good || !read_mantissa(from, end, kept, out)) {
        return false;
    }
    *out = negative ? -*out : *out;
    return true;
}
