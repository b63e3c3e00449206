/* statistics.h -- what a few runs say: means with their spread, and whether two of them differ.
 *
 * A sample is what the runs of one variant gave, one number a seed. Everything is in the unit of the numbers.
 */
#ifndef SNAS_STUDY_STATISTICS_H
#define SNAS_STUDY_STATISTICS_H

#include <stdbool.h>

typedef struct {
    int count;
    double mean;      /* NaN: there is no number */
    double deviation; /* standard deviation, divided by count - 1; NaN with fewer than two numbers */
    double error;     /* standard error of the mean: deviation / sqrt(count) */
    double least, median, most;
} snas_sample;

/** What the numbers that are no NaN say. */
snas_sample snas_sample_of(const double *numbers, int count);

/** A two-sided t-test of the hypothesis that two means are equal, with the 95 % interval of their difference. */
typedef struct {
    bool paired;
    int count[2];           /* numbers of a and of b; paired: both the pairs */
    double difference;      /* mean of a less mean of b */
    double error, freedom;  /* standard error of the difference, degrees of freedom */
    double t, p;            /* NaN where the numbers do not spread: nothing can be said of chance then */
    double lowest, highest; /* the interval */
} snas_t_test;

/** Of pairs a[i], b[i] that belong together, such as two methods with one seed. Pairs with a NaN are left out. All
 *  figures are NaN with fewer than two pairs.
 *
 *      t = mean(d) / (sd(d) / sqrt(n)),   d = a - b,   n - 1 degrees of freedom */
snas_t_test snas_t_test_paired(const double *a, const double *b, int count);

/** Of two samples that do not belong together and may spread differently (Welch). All figures are NaN with fewer than
 *  two numbers in one of them.
 *
 *      t = (mean a - mean b) / s,   s^2 = va + vb,   va = var(a) / na
 *      degrees of freedom (Welch-Satterthwaite): s^4 / (va^2 / (na - 1) + vb^2 / (nb - 1)) */
snas_t_test snas_t_test_welch(const snas_sample *a, const snas_sample *b);

/** The regularized incomplete beta function I_x(a, b) for a, b > 0 and x in 0..1, to about 13 digits. */
double snas_beta_regularized(double a, double b, double x);

/** P(|T| > |t|) for T of Student's distribution with `freedom` > 0 degrees of freedom, whole or not. */
double snas_student_two_sided(double t, double freedom);

/** The t for which P(|T| > t) is `p`, 0 < p < 1. */
double snas_student_quantile(double p, double freedom);

#endif
