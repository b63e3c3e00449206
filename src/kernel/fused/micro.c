/* micro.c -- register blocks: matrix product, outer product, depthwise window and its weight gradient.
 *
 * Every block is an inlined function with constant trip counts, so that its sums stay in registers; the public functions
 * are separate so that the compiler cannot merge them into something that spills.
 */
#include "micro.h"

#include <stdbool.h>

#define INLINE static inline __attribute__((always_inline))

/* ---- C = A B --------------------------------------------------------------------------------------------------------- */

INLINE void multiply_block(const micro_product *p, const float *a, const float *b, float *c,
                           const int rows, const int vectors)
{
    vec sum[BLOCK][2];
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < vectors; j++) {
            sum[i][j] = (vec){0};
        }
    }
    for (int k = 0; k < p->k; k++) {
        vec right[2];
        for (int j = 0; j < vectors; j++) {
            right[j] = vec_load(b + (int64_t)k * p->n + j * WIDTH);
        }
        for (int i = 0; i < rows; i++) {
            const vec left = vec_all(a[(int64_t)i * p->lda + k]);
            for (int j = 0; j < vectors; j++) {
                sum[i][j] += left * right[j];
            }
        }
    }
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < vectors; j++) {
            vec_store(c + (int64_t)i * p->ldc + j * WIDTH, sum[i][j]);
        }
    }
}

/** All rows of a strip of columns. A last partial block is computed over rows already done, if there are any. */
INLINE void multiply_strip(const micro_product *p, const float *a, const float *b, float *c,
                           const int vectors)
{
    int i = 0;
    for (; i + BLOCK <= p->rows; i += BLOCK) {
        multiply_block(p, a + (int64_t)i * p->lda, b, c + (int64_t)i * p->ldc, BLOCK, vectors);
    }
    if (i < p->rows && p->rows >= BLOCK) {
        i = p->rows - BLOCK;
        multiply_block(p, a + (int64_t)i * p->lda, b, c + (int64_t)i * p->ldc, BLOCK, vectors);
        return;
    }
    for (; i < p->rows; i++) {
        multiply_block(p, a + (int64_t)i * p->lda, b, c + (int64_t)i * p->ldc, 1, vectors);
    }
}

void SNAS_SET(micro_multiply)(const micro_product *p, const float *a, const float *b, float *c)
{
    int j = 0;
    for (; j + 2 * WIDTH <= p->n; j += 2 * WIDTH) {
        multiply_strip(p, a, b + j, c + j, 2);
    }
    if (j < p->n) {
        multiply_strip(p, a, b + j, c + j, 1);
    }
}

/* ---- C += A^T B ------------------------------------------------------------------------------------------------------ */

INLINE void outer_block(const micro_product *p, const float *a, const float *b, float *c,
                        const int rows, const int vectors)
{
    vec sum[BLOCK][2];
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < vectors; j++) {
            sum[i][j] = (vec){0};
        }
    }
    for (int r = 0; r < p->rows; r++) {
        vec right[2];
        for (int j = 0; j < vectors; j++) {
            right[j] = vec_load(b + (int64_t)r * p->n + j * WIDTH);
        }
        for (int i = 0; i < rows; i++) {
            const vec left = vec_all(a[(int64_t)r * p->lda + i]);
            for (int j = 0; j < vectors; j++) {
                sum[i][j] += left * right[j];
            }
        }
    }
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < vectors; j++) {
            float *at = c + (int64_t)i * p->n + j * WIDTH;
            vec_store(at, vec_load(at) + sum[i][j]);
        }
    }
}

INLINE void outer_strip(const micro_product *p, const float *a, const float *b, float *c,
                        const int vectors)
{
    int i = 0;
    for (; i + BLOCK <= p->k; i += BLOCK) {
        outer_block(p, a + i, b, c + (int64_t)i * p->n, BLOCK, vectors);
    }
    for (; i < p->k; i += 4) {
        outer_block(p, a + i, b, c + (int64_t)i * p->n, 4, vectors);
    }
}

void SNAS_SET(micro_outer)(const micro_product *p, const float *a, const float *b, float *c)
{
    int j = 0;
    for (; j + 2 * WIDTH <= p->n; j += 2 * WIDTH) {
        outer_strip(p, a, b + j, c + j, 2);
    }
    if (j < p->n) {
        outer_strip(p, a, b + j, c + j, 1);
    }
}

/* ---- depthwise ------------------------------------------------------------------------------------------------------- */

INLINE void depthwise_block(const micro_window *w, const float *plane, const float *weights,
                            float *out, const int rows, const int columns, const int pixels)
{
    for (int c = 0; c < w->c; c += WIDTH) {
        vec sum[8];
        for (int i = 0; i < pixels; i++) {
            sum[i] = (vec){0};
        }
        for (int a = 0; a < rows; a++) {
            for (int b = 0; b < columns; b++) {
                const float *from = plane + (int64_t)a * w->tap_row + b * w->tap + c;
                const vec weight = vec_load(weights + (a * columns + b) * w->c + c);
                for (int i = 0; i < pixels; i++) {
                    sum[i] += weight * vec_load(from + i * w->step);
                }
            }
        }
        for (int i = 0; i < pixels; i++) {
            vec_store(out + i * w->c + c, sum[i]);
        }
    }
}

INLINE void depthwise_row(const micro_window *w, const float *plane, const float *weights,
                          float *out, const int rows, const int columns)
{
    int i = 0;
    for (; i + 8 <= w->pixels; i += 8) {
        depthwise_block(w, plane + i * w->step, weights, out + i * w->c, rows, columns, 8);
    }
    if (i < w->pixels && w->pixels >= 8) {
        i = w->pixels - 8; /* the last eight again */
        depthwise_block(w, plane + i * w->step, weights, out + i * w->c, rows, columns, 8);
        return;
    }
    for (; i + 4 <= w->pixels; i += 4) {
        depthwise_block(w, plane + i * w->step, weights, out + i * w->c, rows, columns, 4);
    }
    for (; i < w->pixels; i++) {
        depthwise_block(w, plane + i * w->step, weights, out + i * w->c, rows, columns, 1);
    }
}

__attribute__((noinline)) static void depthwise_3(const micro_window *w, const float *plane,
                                                  const float *weights, float *out)
{
    depthwise_row(w, plane, weights, out, 3, 3);
}

__attribute__((noinline)) static void depthwise_5(const micro_window *w, const float *plane,
                                                  const float *weights, float *out)
{
    depthwise_row(w, plane, weights, out, 5, 5);
}

void SNAS_SET(micro_depthwise)(const micro_window *w, const float *plane, const float *weights,
                               float *out)
{
    if (w->rows == 3 && w->columns == 3) {
        depthwise_3(w, plane, weights, out);
    } else if (w->rows == 5 && w->columns == 5) {
        depthwise_5(w, plane, weights, out);
    } else {
        depthwise_row(w, plane, weights, out, w->rows, w->columns);
    }
}

/* ---- depthwise weight gradient --------------------------------------------------------------------------------------- */

enum { TAPS_MAX = BLOCK == 8 ? 25 : 10 };

/** Rows first.. of taps, `rows` of them: kernel * rows sums in registers. */
INLINE void weights_block(const micro_window *w, const float *plane, const float *d, float *dw,
                          const int kernel, const int rows)
{
    for (int c = 0; c < w->c; c += WIDTH) {
        vec sum[TAPS_MAX];
        for (int t = 0; t < rows * kernel; t++) {
            sum[t] = vec_load(dw + t * w->c + c);
        }
        for (int i = 0; i < w->pixels; i++) {
            const vec left = vec_load(d + i * w->c + c);
            const float *from = plane + i * w->step + c;
            for (int a = 0; a < rows; a++) {
                for (int b = 0; b < kernel; b++) {
                    sum[a * kernel + b] +=
                        left * vec_load(from + (int64_t)a * w->tap_row + b * w->tap);
                }
            }
        }
        for (int t = 0; t < rows * kernel; t++) {
            vec_store(dw + t * w->c + c, sum[t]);
        }
    }
}

__attribute__((noinline)) static void weights_3(const micro_window *w, const float *plane,
                                                const float *d, float *dw)
{
    weights_block(w, plane, d, dw, 3, 3);
}

__attribute__((noinline)) static void weights_5(const micro_window *w, const float *plane,
                                                const float *d, float *dw)
{
#ifdef SNAS_MANY_REGISTERS
    weights_block(w, plane, d, dw, 5, 5);
#else
    weights_block(w, plane, d, dw, 5, 2);
    weights_block(w, plane + 2 * w->tap_row, d, dw + 10 * w->c, 5, 2);
    weights_block(w, plane + 4 * w->tap_row, d, dw + 20 * w->c, 5, 1);
#endif
}

void SNAS_SET(micro_depthwise_weights)(const micro_window *w, const float *plane, const float *d,
                                       float *dw)
{
    if (w->rows == 3 && w->columns == 3) {
        weights_3(w, plane, d, dw);
    } else if (w->rows == 5 && w->columns == 5) {
        weights_5(w, plane, d, dw);
    } else {
        for (int tap = 0; tap < w->rows * w->columns; tap++) {
            const int64_t from =
                (int64_t)(tap / w->columns) * w->tap_row + tap % w->columns * w->tap;
            weights_block(w, plane + from, d, dw + tap * w->c, 1, 1);
        }
    }
}
