/* micro.c -- register blocks: matrix product and outer product.
 *
 * Every block is an inlined function with constant trip counts, so that its sums stay in registers; the public
 * functions are separate so that the compiler cannot merge them into something that spills.
 */
#include "micro.h"

#include <stdbool.h>

#define INLINE static inline __attribute__((always_inline))

/* ---- C = A B
 * --------------------------------------------------------------------------------------------------------- */

INLINE void multiply_block(const micro_product *p, const float *a, const float *b, float *c, const int rows,
                           const int vectors)
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
INLINE void multiply_strip(const micro_product *p, const float *a, const float *b, float *c, const int vectors)
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

/* ---- C += A^T B
 * ------------------------------------------------------------------------------------------------------ */

INLINE void outer_block(const micro_product *p, const float *a, const float *b, float *c, const int rows,
                        const int vectors)
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

INLINE void outer_strip(const micro_product *p, const float *a, const float *b, float *c, const int vectors)
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
