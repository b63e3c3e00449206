/* softmax.c -- the softmax of one edge's K numbers, and its Jacobian's product.
 *
 *   y_k = exp(x_k - m) / sum_l exp(x_l - m),   m = max x,        dx_k += scale * y_k (dy_k - sum_l y_l dy_l)
 */
#include <math.h>

#include "estimators.h"

double arch_softmax(int K, const double *x, double *y)
{
    double largest = x[0], sum = 0;
    for (int k = 1; k < K; k++) {
        largest = fmax(largest, x[k]);
    }
    for (int k = 0; k < K; k++) {
        y[k] = exp(x[k] - largest);
        sum += y[k];
    }
    for (int k = 0; k < K; k++) {
        y[k] /= sum;
    }
    return largest + log(sum);
}

void arch_softmax_grad(int K, const double *y, const double *dy, double scale, double *dx)
{
    double mean = 0;
    for (int k = 0; k < K; k++) {
        mean += y[k] * dy[k];
    }
    for (int k = 0; k < K; k++) {
        dx[k] += scale * y[k] * (dy[k] - mean);
    }
}
