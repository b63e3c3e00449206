/* latency_fit.c -- least squares without negative answers: the normal equations, one unknown at a time.
 *
 *      A = X^T X,   g = X^T y,      b_j <- max(0, b_j + (g_j - sum_i A_ji b_i) / A_jj)      until nothing moves
 *
 * The sum of squares is convex and falls with every step, so this comes to the minimum. An unknown that no row asks for
 * stays 0.
 */
#include "latency_fit.h"

#include <math.h>

enum { SWEEPS_MAX = 20000 };
static const double SETTLED = 1e-9; /* of the largest unknown */

/* One round over the unknowns; the largest move. */
static double sweep(const double *A, const double *g, int n, double *b)
{
    double moved = 0.0;
    for (int j = 0; j < n; j++) {
        double rest = g[j];
        for (int i = 0; i < n; i++) {
            rest -= A[j * n + i] * b[i];
        }
        const double diagonal = A[j * n + j];
        const double next = diagonal > 0.0 ? fmax(0.0, b[j] + rest / diagonal) : 0.0;
        moved = fmax(moved, fabs(next - b[j]));
        b[j] = next;
    }
    return moved;
}

snas_status judge_latency_fit(snas_arena *mem, const double *X, const double *y, int rows, int columns, double *b)
{
    double *A, *g, largest = 1.0;
    SNAS_NEW(mem, A, (size_t)columns * (size_t)columns);
    SNAS_NEW(mem, g, columns);
    for (int r = 0; r < rows; r++) {
        const double *x = X + (size_t)r * (size_t)columns;
        for (int j = 0; j < columns; j++) {
            g[j] += x[j] * y[r];
            for (int i = 0; i < columns; i++) {
                A[j * columns + i] += x[j] * x[i];
            }
        }
    }
    for (int j = 0; j < columns; j++) {
        b[j] = 0.0;
    }
    for (int i = 0; i < SWEEPS_MAX && sweep(A, g, columns, b) > SETTLED * largest; i++) {
        largest = 0.0;
        for (int j = 0; j < columns; j++) {
            largest = fmax(largest, b[j]);
        }
    }
    return SNAS_OK;
}
