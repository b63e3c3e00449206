/* micro_runs.c -- register blocks of a dense convolution, read from a plane where its pixels lie.
 *
 *     out[q, m] = sum_r v[q, r] w[r, m],     dw[r, m] += sum_q v[q, r] d[q, m]        r = (tap row, tap, channel)
 *
 * v[q, .] is nowhere written: in a plane whose pixels lie side by side the channels of neighbouring taps do too, so
 * what an output reads is a few runs of consecutive floats, and a step further for the next output. A block keeps the
 * sums of some outputs (of some r) times one to three vectors of channels in registers: a float of v is loaded once for
 * all vectors, a vector of w (of d) once for all outputs (all r). An odd number of vectors is three and pairs: a single
 * one would load a float for each of its multiply-adds.
 *
 * Sums over r are in order, and those over q are in order too: how they are cut into blocks changes no byte. Blocks are
 * inlined functions of the struct's copy, with constant trip counts: so their sums and its fields stay in registers.
 */
#include <stdbool.h>

#include "micro.h"

#define INLINE static inline __attribute__((always_inline))
#define APART __attribute__((noinline)) static
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#define TWICE _Pragma("clang loop unroll_count(2)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#define TWICE _Pragma("GCC unroll 2")
#endif

enum {
    PAIR = BLOCK, /* outputs, or r, of a block of two vectors */
#ifdef SNAS_MANY_REGISTERS
    SINGLE = 16, /* of a block of one vector: more of them, since each loads a float of its own */
    TRIPLE = 8,  /* of three: 8 x 3 accumulators of 32 registers */
#else
    SINGLE = 12,
    TRIPLE = 4, /* 4 x 3 of 16 */
#endif
    VECTORS = 3,        /* of a block at most */
    FOUR = 4,           /* of the blocks of what is left over */
    FEW = SINGLE / FOUR /* outputs that share a pointer */
};

/* --- out ---------------------------------------------------------------------------------------------------------- */

/** A run of some outputs: sum[i][j] += plane[i * step + k] w[k][j] for all k. */
INLINE void add_run(const micro_runs w, const float *plane, const float *weights, vec (*sum)[VECTORS],
                    const int outputs, const int vectors)
{
    const float *left[FOUR]; /* at outputs 0, FEW, 2 FEW, ...: a register each, and two for the steps between */
    UNROLL
    for (int i = 0; i < outputs; i += FEW) {
        left[i / FEW] = vec_keep_pointer(plane + (int64_t)i * w.step);
    }
    TWICE
    for (int k = 0; k < w.length; k++, weights += w.n) {
        vec right[VECTORS];
        UNROLL
        for (int j = 0; j < vectors; j++) {
            right[j] = vec_load(weights + j * WIDTH);
        }
        UNROLL
        for (int i = 0; i < outputs; i++) {
            const vec all = vec_all(left[i / FEW][(int64_t)(i % FEW) * w.step]);
            UNROLL
            for (int j = 0; j < vectors; j++) {
                sum[i][j] += all * right[j];
            }
        }
        UNROLL
        for (int i = 0; i < outputs; i += FEW) {
            left[i / FEW]++;
        }
    }
}

/** Channels `first`.. of some outputs of a line. */
INLINE void convolve_block(const micro_runs w, const float *plane, const float *weights, float *out, int first,
                           const int outputs, const int vectors)
{
    vec sum[SINGLE][VECTORS];
    UNROLL
    for (int i = 0; i < outputs; i++) {
        UNROLL
        for (int j = 0; j < vectors; j++) {
            sum[i][j] = (vec){0};
        }
    }
    for (int a = 0; a < w.rows; a++, plane += w.tap_row) {
        for (int b = 0; b < w.columns; b++, weights += (int64_t)w.length * w.n) {
            add_run(w, plane + (int64_t)b * w.tap, weights, sum, outputs, vectors);
        }
    }
    const bool whole = first + vectors * WIDTH <= w.c;
    UNROLL
    for (int i = 0; i < outputs; i++, out += w.out_step) {
        UNROLL
        for (int j = 0; j < vectors; j++) {
            if (whole) {
                vec_store(out + first + j * WIDTH, sum[i][j]);
            } else {
                vec_store_channels(out, first + j * WIDTH, w.c, sum[i][j]);
            }
        }
    }
}

/** As many blocks of `outputs` as there are from output `i` up to `end`. Returns the first output that is not done. */
INLINE int convolve_blocks(const micro_runs w, const float *plane, const float *weights, float *out, int i, int end,
                           int first, const int outputs, const int vectors)
{
    for (; i + outputs <= end; i += outputs) {
        convolve_block(w, plane + (int64_t)i * w.step, weights, out + (int64_t)i * w.out_step, first, outputs, vectors);
    }
    return i;
}

/** Of `pixels` outputs those that go in blocks of `outputs`: all that fill some, or a block less where the rest then
 *  fills blocks of FOUR. */
INLINE int in_blocks(int pixels, const int outputs)
{
    const int most = pixels / outputs * outputs;
    const bool less = (pixels - most) % FOUR != 0 && most > 0 && (pixels - most + outputs) % FOUR == 0;
    return less ? most - outputs : most;
}

INLINE void convolve_strip(const micro_runs w, const float *plane, const float *weights, float *out, int first,
                           const int outputs, const int vectors)
{
    const int end = in_blocks(w.pixels, outputs);
    for (int y = 0; y < w.lines; y++, plane += w.line, out += w.out_line) {
        int i = convolve_blocks(w, plane, weights, out, 0, end, first, outputs, vectors);
        i = convolve_blocks(w, plane, weights, out, i, w.pixels, first, FOUR, vectors);
        convolve_blocks(w, plane, weights, out, i, w.pixels, first, 1, vectors);
    }
}

APART void convolve_triple(const micro_runs *w, const float *plane, const float *weights, float *out, int first)
{
    convolve_strip(*w, plane, weights, out, first, TRIPLE, 3);
}

APART void convolve_pair(const micro_runs *w, const float *plane, const float *weights, float *out, int first)
{
    convolve_strip(*w, plane, weights, out, first, PAIR, 2);
}

APART void convolve_single(const micro_runs *w, const float *plane, const float *weights, float *out, int first)
{
    convolve_strip(*w, plane, weights, out, first, SINGLE, 1);
}

/** Three vectors and pairs. */
static bool is_odd(const micro_runs *w)
{
    return w->n / WIDTH % 2 == 1 && w->n > WIDTH;
}

void SNAS_SET(micro_convolve)(const micro_runs *w, const float *plane, const float *weights, float *out)
{
    int j = 0;
    if (is_odd(w)) {
        convolve_triple(w, plane, weights, out, 0);
        j = 3 * WIDTH;
    }
    for (; j + 2 * WIDTH <= w->n; j += 2 * WIDTH) {
        convolve_pair(w, plane, weights + j, out, j);
    }
    if (j < w->n) {
        convolve_single(w, plane, weights + j, out, j);
    }
}

/* --- dw ----------------------------------------------------------------------------------------------------------- */

/** Some r of a run, `plane` at the first of them. */
INLINE void weights_block(const micro_runs w, const float *plane, const float *d, float *dw, const int taken,
                          const int vectors)
{
    vec sum[SINGLE][VECTORS];
    UNROLL
    for (int r = 0; r < taken; r++) {
        UNROLL
        for (int j = 0; j < vectors; j++) {
            sum[r][j] = (vec){0};
        }
    }
    for (int y = 0; y < w.lines; y++) {
        const float *left = plane + (int64_t)y * w.line, *from = d + (int64_t)y * w.out_line;
        for (int i = 0; i < w.pixels; i++, left += w.step, from += w.out_step) {
            vec right[VECTORS];
            UNROLL
            for (int j = 0; j < vectors; j++) {
                right[j] = vec_load(from + j * WIDTH);
            }
            UNROLL
            for (int r = 0; r < taken; r++) {
                const vec all = vec_all(left[r]);
                UNROLL
                for (int j = 0; j < vectors; j++) {
                    sum[r][j] += all * right[j];
                }
            }
        }
    }
    UNROLL
    for (int r = 0; r < taken; r++, dw += w.n) {
        UNROLL
        for (int j = 0; j < vectors; j++) {
            vec_store(dw + j * WIDTH, vec_load(dw + j * WIDTH) + sum[r][j]);
        }
    }
}

INLINE int weights_blocks(const micro_runs w, const float *plane, const float *d, float *dw, int k, const int taken,
                          const int vectors)
{
    for (; k + taken <= w.length; k += taken) {
        weights_block(w, plane + k, d, dw + (int64_t)k * w.n, taken, vectors);
    }
    return k;
}

INLINE void weights_strip(const micro_runs w, const float *plane, const float *d, float *dw, const int taken,
                          const int vectors)
{
    const int more = vectors == 1 ? 2 * FOUR : FOUR; /* at a time of those that `taken` leaves: 8 sums still, and 4 */
    for (int run = 0; run < w.rows * w.columns; run++, dw += (int64_t)w.length * w.n) {
        const float *left = plane + (int64_t)(run / w.columns) * w.tap_row + (int64_t)(run % w.columns) * w.tap;
        int k = weights_blocks(w, left, d, dw, 0, taken, vectors);
        k = weights_blocks(w, left, d, dw, k, more, vectors);
        k = weights_blocks(w, left, d, dw, k, more / 2, vectors);
        weights_blocks(w, left, d, dw, k, 1, vectors);
    }
}

APART void weights_triple(const micro_runs *w, const float *plane, const float *d, float *dw)
{
    weights_strip(*w, plane, d, dw, TRIPLE, 3);
}

APART void weights_pair(const micro_runs *w, const float *plane, const float *d, float *dw)
{
    weights_strip(*w, plane, d, dw, PAIR, 2);
}

APART void weights_single(const micro_runs *w, const float *plane, const float *d, float *dw)
{
    weights_strip(*w, plane, d, dw, SINGLE, 1);
}

void SNAS_SET(micro_convolve_weights)(const micro_runs *w, const float *plane, const float *d, float *dw)
{
    int j = 0;
    if (is_odd(w)) {
        weights_triple(w, plane, d, dw);
        j = 3 * WIDTH;
    }
    for (; j + 2 * WIDTH <= w->n; j += 2 * WIDTH) {
        weights_pair(w, plane, d + j, dw + j);
    }
    if (j < w->n) {
        weights_single(w, plane, d + j, dw + j);
    }
}
