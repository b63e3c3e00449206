/* order.h -- numbers in order, and the one in the middle. */
#ifndef SNAS_BASE_ORDER_H
#define SNAS_BASE_ORDER_H

/** Ascending; NaN last. */
void snas_sort(double *values, int count);

/** The middle of numbers in order, the mean of two where they are even in number; count > 0. */
double snas_median(const double *sorted, int count);

#endif
