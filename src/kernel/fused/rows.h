/* rows.h -- what fused kernels do with pixels before and after the arithmetic: apply norms, sum statistics.
 *
 * "Rows" are consecutive pixels; [rows][c] with a given distance between pixels. Sums of up to CHUNK rows are kept in
 * float vectors, then added to the shard's double sums.
 */
#ifndef SNAS_KERNEL_ROWS_H
#define SNAS_KERNEL_ROWS_H

#include "snas/kernel/operation.h"
#include "vec.h"

/** Pixels that a kernel takes through all its steps at a time: whole picture rows, about this many pixels. */
enum { CHUNK = 64 };

enum { LINE = 64 }; /* bytes of a cache line */

/** Picture rows a chunk of a picture `w` pixels wide. */
static inline int rows_per_chunk(int w)
{
    return w >= CHUNK ? 1 : CHUNK / w;
}

static inline int least(int a, int b)
{
    return a < b ? a : b;
}

static inline float *view_at(const snas_view *v, int slot)
{
    return (float *)v->data + (int64_t)slot * v->stride;
}

/** First pixel of the block of channels that begins with c0. */
static inline float *view_block(const snas_view *v, int slot, int c0)
{
    return view_at(v, slot) + c0 / v->block * v->block_step;
}

/** First pixel of picture row y. */
static inline float *view_row(const snas_view *v, int slot, int y)
{
    return view_at(v, slot) + (int64_t)y * v->w * v->ld;
}

static inline float feed_mask(const snas_feed *feed, int slot, int image)
{
    return slot < 0 || feed->masks == NULL ? 1.0f : ((const float *)feed->masks)[(int64_t)slot * feed->batch + image];
}

static inline double feed_z(const snas_feed *feed, int slot)
{
    return slot < 0 ? 1.0 : feed->z[slot];
}

/** Add a vector of sums to doubles, at most n of it. */
static inline void sums_add(double *to, vec v, int n)
{
    for (int i = 0; i < (n < WIDTH ? n : WIDTH); i++) {
        to[i] += (double)v[i];
    }
}

/** Prefetch part `part` of `parts` of what the next pass reads. (The
 *  compiler takes out calls of a function that does no more than that; it cannot when there is no call.) */
static inline __attribute__((always_inline)) void prefetch_rows(const snas_context *context, int part, int parts)
{
    for (int i = 0; i < SNAS_PREFETCHES; i++) {
        const snas_prefetch *prefetch = &context->prefetch[i];
        const int64_t lines = (prefetch->end - prefetch->at) / LINE;
        const int64_t from = lines * part / parts, to = lines * (part + 1) / parts;
        for (int64_t line = from; line < to; line++) {
            __builtin_prefetch(prefetch->at + line * LINE, 0, 2);
        }
    }
}

/** Statistics of output pixels u[count], `ld` floats apart, fresh from row y on: the sums of u - pivot and of its
 *  square, for the folded norm after the output. The pivot is the output's first pixel of the shard's first
 *  picture. */
void SNAS_SET(rows_sum_moments)(const snas_task *t, const snas_context *context, int y, const float *u, int ld,
                                int64_t count);

/** The gradient at a fused kernel's output, [rows][cp] from row y of picture `context`:
 *  du = m A g + B (u - centre) + D after a folded norm, else z m dy with the weight and mask of t (operation.h).
 *  Padded channels are zero. u: its pixels, `ld` apart. */
void SNAS_SET(rows_gradient)(const snas_task *t, const snas_feed *feed, const snas_context *context, int y, int rows,
                             const float *u, int ld, float *du);

/** The same with u from where it is stored. */
void SNAS_SET(rows_output_gradient)(const snas_task *t, const snas_feed *feed, const snas_context *context, int y,
                                    int rows, float *du);

#endif
