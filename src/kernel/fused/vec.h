/* vec.h -- vectors of SNAS_WIDTH floats in plain C, and the names of this build.
 *
 * Each file of this folder is built once a row of src/kernel/kernels.cmake: instruction set and width. Inside kernels
 * channels are padded to whole vectors with zeros; tensors are not, so their last vector of a pixel may be partial.
 * Only those partial loads and stores use intrinsics, and the larger of two.
 */
#ifndef SNAS_KERNEL_VEC_H
#define SNAS_KERNEL_VEC_H

#include <stdint.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#define SNAS_JOIN_(a, b) a##_##b
#define SNAS_JOIN(a, b) SNAS_JOIN_(a, b)
#define SNAS_SET(name) SNAS_JOIN(name, SNAS_SET_NAME)

enum {
    WIDTH = SNAS_WIDTH,
#ifdef SNAS_MANY_REGISTERS
    BLOCK = 8, /* rows of a register block: 8 x 2 accumulators of 32 registers */
#else
    BLOCK = 6, /* 6 x 2 of 16 */
#endif
};

typedef float vec __attribute__((vector_size(4 * SNAS_WIDTH)));
typedef int32_t vec_mask __attribute__((vector_size(4 * SNAS_WIDTH)));
typedef float vec_unaligned __attribute__((vector_size(4 * SNAS_WIDTH), aligned(4), may_alias));

static inline vec vec_load(const float *p)
{
    return *(const vec_unaligned *)p;
}

static inline void vec_store(float *p, vec v)
{
    *(vec_unaligned *)p = v;
}

static inline vec vec_all(float x)
{
    return x - (vec){0};
}

/** v, in a register from here on: else the compiler reads it from memory again for every use. */
static inline vec vec_keep(vec v)
{
#if defined(__x86_64__)
    __asm__("" : "+v"(v));
#elif defined(__aarch64__)
    __asm__("" : "+w"(v));
#endif
    return v;
}

/** p, in a register of its own from here on: the compiler forgets how far it is from other pointers. */
static inline const float *vec_keep_pointer(const float *p)
{
#if defined(__x86_64__) || defined(__aarch64__)
    __asm__("" : "+r"(p));
#endif
    return p;
}

/** v where mask, else 0. */
static inline vec vec_where(vec_mask mask, vec v)
{
    return (vec)(mask & (vec_mask)v);
}

/** a where mask, else b. */
static inline vec vec_choose(vec_mask mask, vec a, vec b)
{
    return (vec)((mask & (vec_mask)a) | (~mask & (vec_mask)b));
}

/** a > b ? a : b; b when either is NaN */
static inline vec vec_larger(vec a, vec b)
{
#if defined(__AVX512F__) && SNAS_WIDTH == 16
    return (vec)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__) && SNAS_WIDTH == 8
    return (vec)_mm256_max_ps((__m256)a, (__m256)b);
#else
    return vec_choose(a > b, a, b);
#endif
}

/** The larger one, NaN when either is. */
static inline vec vec_larger_or_nan(vec a, vec b)
{
#if defined(__AVX512F__) && SNAS_WIDTH == 16
    return (vec)_mm512_mask_max_ps((__m512)a, _mm512_cmp_ps_mask((__m512)a, (__m512)a, _CMP_ORD_Q), (__m512)a,
                                   (__m512)b);
#elif defined(__AVX2__) && SNAS_WIDTH == 8
    return (vec)_mm256_or_ps(_mm256_max_ps((__m256)a, (__m256)b),
                             _mm256_cmp_ps((__m256)a, (__m256)a, _CMP_UNORD_Q)); /* of all ones: NaN */
#else
    return vec_choose((a > b) | (a != a), a, b); // NOLINT(misc-redundant-expression): only NaN differs from itself
#endif
}

/** max(v, 0); NaN stays NaN. */
static inline vec vec_relu(vec v)
{
    return vec_larger((vec){0}, v);
}

/* The first n < WIDTH floats, zeros after; and their storing. Masked where the instruction set has it. */
#if defined(__AVX512VL__) && SNAS_WIDTH == 16
static inline vec vec_load_part(const float *p, int n)
{
    return (vec)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1u), p);
}

static inline void vec_store_part(float *p, vec v, int n)
{
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1u), (__m512)v);
}
#elif defined(__AVX512VL__) && SNAS_WIDTH == 8
static inline vec vec_load_part(const float *p, int n)
{
    return (vec)_mm256_maskz_loadu_ps((__mmask8)((1u << n) - 1u), p);
}

static inline void vec_store_part(float *p, vec v, int n)
{
    _mm256_mask_storeu_ps(p, (__mmask8)((1u << n) - 1u), (__m256)v);
}
#elif defined(__AVX2__) && SNAS_WIDTH == 8
/** Lanes below n: all ones. */
static inline __m256i vec_lanes(int n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static inline vec vec_load_part(const float *p, int n)
{
    return (vec)_mm256_maskload_ps(p, vec_lanes(n));
}

static inline void vec_store_part(float *p, vec v, int n)
{
    _mm256_maskstore_ps(p, vec_lanes(n), (__m256)v);
}
#else
static inline vec vec_load_part(const float *p, int n)
{
    vec v = {0};
    for (int i = 0; i < n; i++) {
        v[i] = p[i];
    }
    return v;
}

static inline void vec_store_part(float *p, vec v, int n)
{
    for (int i = 0; i < n; i++) {
        p[i] = v[i];
    }
}
#endif

/** Channels c0.. of a pixel of c channels: a whole vector, or what is left. */
static inline vec vec_load_channels(const float *pixel, int c0, int c)
{
    return c - c0 >= WIDTH ? vec_load(pixel + c0) : vec_load_part(pixel + c0, c - c0);
}

static inline void vec_store_channels(float *pixel, int c0, int c, vec v)
{
    if (c - c0 >= WIDTH) {
        vec_store(pixel + c0, v);
    } else {
        vec_store_part(pixel + c0, v, c - c0);
    }
}

/** Rounded up to whole vectors. */
static inline int vec_padded(int c)
{
    return (c + WIDTH - 1) / WIDTH * WIDTH;
}

#endif
