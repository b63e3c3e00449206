/* order.c -- numbers in order, and the one in the middle. */
#include "snas/base/order.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return isnan(x) || isnan(y) ? isnan(x) - isnan(y) : (x > y) - (x < y);
}

void snas_sort(double *values, int count)
{
    if (count > 0) {
        qsort(values, (size_t)count, sizeof *values, compare);
    }
}

double snas_median(const double *sorted, int count)
{
    return 0.5 * (sorted[(count - 1) / 2] + sorted[count / 2]);
}
