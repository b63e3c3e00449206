/* peak.c -- what this instruction set could do at best: multiply-adds that touch nothing but registers.
 *
 *      x_j <- x_j * a + b,   j = 0..CHAINS-1       CHAINS independent sums hide the latency of a multiply-add
 */
#include "vec.h"

enum { CHAINS = 12, ROUND = 1024 };

int64_t SNAS_SET(kernel_peak)(int64_t rounds, float *keep);

int64_t SNAS_SET(kernel_peak)(int64_t rounds, float *keep)
{
    /* different starts, else a compiler may find chains to be one */
    const vec a = vec_all(0.9999f), b = vec_all(1e-4f), start = vec_all(*keep);
    vec x0 = start, x1 = start + 1.0f, x2 = start + 2.0f, x3 = start + 3.0f;
    vec x4 = start + 4.0f, x5 = start + 5.0f, x6 = start + 6.0f, x7 = start + 7.0f;
    vec x8 = start + 8.0f, x9 = start + 9.0f, x10 = start + 10.0f, x11 = start + 11.0f;
    for (int64_t i = 0; i < rounds * ROUND; i++) {
        x0 = x0 * a + b, x1 = x1 * a + b, x2 = x2 * a + b, x3 = x3 * a + b;
        x4 = x4 * a + b, x5 = x5 * a + b, x6 = x6 * a + b, x7 = x7 * a + b;
        x8 = x8 * a + b, x9 = x9 * a + b, x10 = x10 * a + b, x11 = x11 * a + b;
    }
    const vec sum = x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11;
    *keep = sum[0];
    return rounds * ROUND * CHAINS * WIDTH * 2;
}
