/* student.c -- Student's t distribution by the regularized incomplete beta function.
 *
 *      P(|T| > t) = I_x(v/2, 1/2),   x = v / (v + t^2)
 *
 * I_x(a, b) is its continued fraction (NIST DLMF 8.17.22), evaluated from the front by Lentz's method as Thompson and
 * Barnett have changed it:
 *
 *      I_x(a, b) = x^a (1-x)^b / (a B(a, b)) * 1 / (1 + d_1 / (1 + d_2 / (1 + ...)))
 *      d_2m = m (b-m) x / ((a+2m-1) (a+2m)),   d_2m+1 = -(a+m) (a+b+m) x / ((a+2m) (a+2m+1))
 *
 * It converges fast for x < (a+1) / (a+b+2); beyond that 1 - I_{1-x}(b, a) is taken.
 */
#include <assert.h>
#include <math.h>

#include "snas/study/statistics.h"

enum { TERMS_MAX = 10000, HALVINGS = 200 };

/* d_n of the continued fraction. */
static double coefficient(int n, double a, double b, double x)
{
    const int half = n / 2;
    const double m = half;
    return n % 2 == 0 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                      : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
}

/* A denominator that must not be 0. */
static double away_from_zero(double value)
{
    static const double least = 1e-300;
    return fabs(value) < least ? least : value;
}

/* 1 + d_1 / (1 + d_2 / (1 + ...)) */
static double fraction(double a, double b, double x)
{
    static const double enough = 1e-16;
    double value = 1, c = 1, d = 0, factor = 0;
    for (int n = 1; n < TERMS_MAX && fabs(factor - 1) > enough; n++) {
        const double dn = coefficient(n, a, b, x);
        d = 1 / away_from_zero(1 + dn * d);
        c = away_from_zero(1 + dn / c);
        factor = c * d;
        value *= factor;
    }
    return value;
}

/* I_x(a, b), y = 1 - x given beside x since one of them may be tiny. */
static double beta(double a, double b, double x, double y)
{
    if (x <= 0 || y <= 0) {
        return x <= 0 ? 0 : 1;
    }
    if (x > (a + 1) / (a + b + 2)) {
        return 1 - beta(b, a, y, x);
    }
    const double front = a * log(x) + b * log(y) + lgamma(a + b) - lgamma(a) - lgamma(b);
    return exp(front) / (a * fraction(a, b, x));
}

double snas_beta_regularized(double a, double b, double x)
{
    assert(a > 0 && b > 0 && x >= 0 && x <= 1);
    return beta(a, b, x, 1 - x);
}

double snas_student_two_sided(double t, double freedom)
{
    assert(freedom > 0);
    const double square = t * t, all = freedom + square;
    if (!isfinite(all)) {
        return isnan(t) ? t : 0;
    }
    return beta(freedom / 2, 0.5, freedom / all, square / all);
}

double snas_student_quantile(double p, double freedom)
{
    assert(p > 0 && p < 1);
    double low = 0, high = 1;
    while (snas_student_two_sided(high, freedom) > p) {
        low = high;
        high *= 2;
    }
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = low + (high - low) / 2;
        if (snas_student_two_sided(middle, freedom) > p) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}
