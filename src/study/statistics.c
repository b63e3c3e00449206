/* statistics.c -- means, standard deviations and errors of a few numbers, and t-tests between two such samples. */
#include "snas/study/statistics.h"

#include <math.h>

static const double BEYOND = 0.05;    /* what the interval of a difference leaves out */
static const double ROUNDING = 1e-14; /* relative error of a difference of two numbers, some units in the last place */

/* A running mean and sum of squares about it (Welford), so that digits survive a small spread. */
typedef struct {
    int count;
    double mean, squares, least, most;
} moments;

static void take(moments *m, double x)
{
    m->least = m->count == 0 || x < m->least ? x : m->least;
    m->most = m->count == 0 || x > m->most ? x : m->most;
    m->count++;
    const double off = x - m->mean;
    m->mean += off / m->count;
    m->squares += off * (x - m->mean);
}

static snas_sample sample_of(const moments *m)
{
    const double none = (double)NAN;
    const double deviation = m->count > 1 ? sqrt(m->squares / (m->count - 1)) : none;
    return (snas_sample){.count = m->count,
                         .mean = m->count > 0 ? m->mean : none,
                         .deviation = deviation,
                         .error = m->count > 1 ? deviation / sqrt(m->count) : none,
                         .least = m->count > 0 ? m->least : none,
                         .median = none,
                         .most = m->count > 0 ? m->most : none};
}

/* The number that `rank` others of `count` are below or before: NaN for a rank that there is not. */
static double ranked(const double *numbers, int count, int rank)
{
    for (int i = 0; i < count; i++) {
        int before = 0;
        for (int j = 0; j < count; j++) {
            before += numbers[j] < numbers[i] || (!(numbers[j] > numbers[i]) && !isnan(numbers[j]) && j < i);
        }
        if (!isnan(numbers[i]) && before == rank) {
            return numbers[i];
        }
    }
    return (double)NAN;
}

snas_sample snas_sample_of(const double *numbers, int count)
{
    moments m = {0};
    for (int i = 0; i < count; i++) {
        if (!isnan(numbers[i])) {
            take(&m, numbers[i]);
        }
    }
    snas_sample sample = sample_of(&m);
    sample.median = (ranked(numbers, count, (m.count - 1) / 2) + ranked(numbers, count, m.count / 2)) / 2;
    return sample;
}

/* t, p and the interval from difference, error and freedom. An error that is no more than what rounding leaves of
 * numbers of this size is none. */
static void conclude(snas_t_test *test, double size)
{
    test->t = test->p = test->lowest = test->highest = (double)NAN;
    if (!(test->error > ROUNDING * size)) {
        return;
    }
    const double half = snas_student_quantile(BEYOND, test->freedom) * test->error;
    test->t = test->difference / test->error;
    test->p = snas_student_two_sided(test->t, test->freedom);
    test->lowest = test->difference - half;
    test->highest = test->difference + half;
}

snas_t_test snas_t_test_paired(const double *a, const double *b, int count)
{
    moments m = {0};
    double size = 0;
    for (int i = 0; i < count; i++) {
        if (!isnan(a[i]) && !isnan(b[i])) {
            take(&m, a[i] - b[i]);
            size = fmax(size, fmax(fabs(a[i]), fabs(b[i])));
        }
    }
    const snas_sample differences = sample_of(&m);
    snas_t_test test = {.paired = true,
                        .count = {differences.count, differences.count},
                        .difference = differences.mean,
                        .error = differences.error,
                        .freedom = differences.count - 1};
    if (differences.count < 2) {
        test.difference = test.freedom = (double)NAN;
    }
    conclude(&test, size);
    return test;
}

snas_t_test snas_t_test_welch(const snas_sample *a, const snas_sample *b)
{
    const double va = a->error * a->error, vb = b->error * b->error, all = va + vb;
    snas_t_test test = {.count = {a->count, b->count},
                        .difference = a->mean - b->mean,
                        .error = sqrt(all),
                        .freedom = all * all / (va * va / (a->count - 1) + vb * vb / (b->count - 1))};
    if (a->count < 2 || b->count < 2) {
        test.difference = test.error = test.freedom = (double)NAN;
    }
    conclude(&test, fmax(fabs(a->mean), fabs(b->mean)));
    return test;
}
