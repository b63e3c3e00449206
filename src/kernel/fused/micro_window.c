/* micro_window.c -- register blocks of a depthwise window and of its weights' gradient.
 *
 * Neighbouring outputs share pixels of the plane: of a row of taps, a block of 8 outputs with 5 taps meets 12 pixels
 * and not 40. So a block loads each pixel once and gives it to all outputs that it meets: 40 multiply-adds for 12
 * loads. That wants the window's columns, step and distance of taps as constants: a row of WINDOWS each, and a loop for
 * any other.
 */
#include <stdbool.h>
#include <stddef.h>

#include "micro.h"

#define INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

enum {
    OUTPUTS = 8, /* of a block */
    COLUMNS_MAX = 5,
/* Rows of taps whose weight gradients are summed together, with few columns and with more, and the outputs of a block
 * then: so many sums and d, and a pixel, are in registers. */
#ifdef SNAS_MANY_REGISTERS
    TAP_ROWS_FEW = 3,
    TAP_ROWS_MORE = 3, /* of 5 columns: 15 sums */
    LEFT = 8,
#else
    TAP_ROWS_FEW = 3,  /* of 3 columns: 9 sums */
    TAP_ROWS_MORE = 2, /* of 5 columns: 10 */
    LEFT = 4,
#endif
    TAP_ROWS_MAX = 3,
    FEW = 3,                               /* pixels that share a pointer: at 0, 1 and 2 times their distance */
    POINTERS_MAX = (7 * 2 + 8 + FEW) / FEW /* of the pixels that a block meets */
};

INLINE int tap_rows(const int columns)
{
    return columns <= 3 ? TAP_ROWS_FEW : TAP_ROWS_MORE;
}

/** The output of a block that pixel j of a line meets with tap b, or -1. */
INLINE int output_of(int j, int b, int step, int tap, int outputs)
{
    const int rest = j - b * tap;
    return rest >= 0 && rest % step == 0 && rest / step < outputs ? rest / step : -1;
}

INLINE int pixels_met(int columns, int step, int tap, int outputs)
{
    return (outputs - 1) * step + (columns - 1) * tap + 1;
}

/* --- out ---------------------------------------------------------------------------------------------------------- */

/** A row of taps, into the sums of a block. */
INLINE void add_taps(const micro_window *w, const float *plane, const float *weights, vec *sum, const int columns,
                     const int step, const int tap, const int outputs)
{
    vec weight[COLUMNS_MAX];
    UNROLL
    for (int b = 0; b < columns; b++) {
        weight[b] = vec_load(weights + b * w->c);
    }
    UNROLL
    for (int j = 0; j < pixels_met(columns, step, tap, outputs); j++) {
        const vec pixel = vec_keep(vec_load(plane + j * w->c));
        UNROLL
        for (int b = 0; b < columns; b++) {
            const int i = output_of(j, b, step, tap, outputs);
            if (i >= 0) {
                sum[i] += weight[b] * pixel;
            }
        }
    }
}

/** `square`: as many rows of taps as columns, and no loop over them. */
INLINE void depthwise_block(const micro_window *w, const float *plane, const float *weights, float *out,
                            const int columns, const int step, const int tap, const bool square, const int outputs)
{
    vec sum[OUTPUTS];
    UNROLL
    for (int i = 0; i < outputs; i++) {
        sum[i] = (vec){0};
    }
    if (square) {
        UNROLL
        for (int a = 0; a < columns; a++, plane += w->tap_row, weights += columns * w->c) {
            add_taps(w, plane, weights, sum, columns, step, tap, outputs);
        }
    } else {
        for (int a = 0; a < w->rows; a++, plane += w->tap_row, weights += columns * w->c) {
            add_taps(w, plane, weights, sum, columns, step, tap, outputs);
        }
    }
    UNROLL
    for (int i = 0; i < outputs; i++) {
        vec_store(out + i * w->c, sum[i]);
    }
}

INLINE void depthwise_walk(const micro_window *w, const float *plane, const float *weights, float *out,
                           const int columns, const int step, const int tap, const bool square)
{
    const int ahead = step * w->c;
    for (int y = 0; y < w->lines; y++, plane += w->line, out += w->out_line) {
        for (int c = 0; c < w->c; c += WIDTH) {
            int i = 0;
            for (; i + OUTPUTS <= w->pixels; i += OUTPUTS) {
                depthwise_block(w, plane + i * ahead + c, weights + c, out + i * w->c + c, columns, step, tap, square,
                                OUTPUTS);
            }
            if (i < w->pixels && w->pixels >= OUTPUTS) {
                i = w->pixels - OUTPUTS; /* the last ones again */
                depthwise_block(w, plane + i * ahead + c, weights + c, out + i * w->c + c, columns, step, tap, square,
                                OUTPUTS);
                continue;
            }
            for (; i < w->pixels; i++) {
                depthwise_block(w, plane + i * ahead + c, weights + c, out + i * w->c + c, columns, step, tap, square,
                                1);
            }
        }
    }
}

/* --- dw ----------------------------------------------------------------------------------------------------------- */

/** Pointers to pixels 0, FEW, 2 FEW, ... of a line, a register each. */
INLINE void point_at(const float *plane, int64_t c, const float **at, const int pixels)
{
    UNROLL
    for (int j = 0; j < pixels; j += FEW) {
        at[j / FEW] = vec_keep_pointer(plane + j * c);
    }
}

INLINE vec pixel_at(const float *const *at, int64_t c, const int j)
{
    return vec_load(at[j / FEW] + j % FEW * c);
}

/** Outputs of a line, into the sums of some rows of taps. */
INLINE void weights_block(const micro_window w, const float *plane, const float *d, vec *sum, const int rows,
                          const int columns, const int step, const int tap, const int outputs)
{
    const int64_t c = w.c;
    const float *at[POINTERS_MAX];
    vec left[LEFT];
    point_at(d, c, at, outputs);
    UNROLL
    for (int i = 0; i < outputs; i++) {
        left[i] = vec_keep(pixel_at(at, c, i));
    }
    UNROLL
    for (int a = 0; a < rows; a++, plane += w.tap_row) {
        point_at(plane, c, at, pixels_met(columns, step, tap, outputs));
        UNROLL
        for (int j = 0; j < pixels_met(columns, step, tap, outputs); j++) {
            const vec pixel = vec_keep(pixel_at(at, c, j));
            UNROLL
            for (int b = 0; b < columns; b++) {
                const int i = output_of(j, b, step, tap, outputs);
                if (i >= 0) {
                    sum[a * columns + b] += left[i] * pixel;
                }
            }
        }
    }
}

/** All outputs, for some rows of taps and one vector of channels. */
INLINE void weights_rows(const micro_window w, const float *plane, const float *d, float *dw, const int rows,
                         const int columns, const int step, const int tap)
{
    const int64_t c = w.c;
    vec sum[TAP_ROWS_MAX * COLUMNS_MAX];
    UNROLL
    for (int t = 0; t < rows * columns; t++) {
        sum[t] = vec_load(dw + t * c);
    }
    for (int y = 0; y < w.lines; y++, plane += w.line, d += w.out_line) {
        const float *pixels = plane, *left = d;
        int i = 0;
        for (; i + LEFT <= w.pixels; i += LEFT, pixels += LEFT * step * c, left += LEFT * c) {
            weights_block(w, pixels, left, sum, rows, columns, step, tap, LEFT);
        }
        for (; i < w.pixels; i++, pixels += step * c, left += c) {
            weights_block(w, pixels, left, sum, rows, columns, step, tap, 1);
        }
    }
    UNROLL
    for (int t = 0; t < rows * columns; t++) {
        vec_store(dw + t * c, sum[t]);
    }
}

INLINE void weights_walk(const micro_window w, const float *plane, const float *d, float *dw, const int columns,
                         const int step, const int tap)
{
    const int together = tap_rows(columns);
    for (int c = 0; c < w.c; c += WIDTH) {
        int a = 0;
        for (; a + together <= w.rows; a += together) {
            weights_rows(w, plane + a * w.tap_row + c, d + c, dw + a * columns * w.c + c, together, columns, step, tap);
        }
        if (together > 2 && a + 2 == w.rows) {
            weights_rows(w, plane + a * w.tap_row + c, d + c, dw + a * columns * w.c + c, 2, columns, step, tap);
            continue;
        }
        for (; a < w.rows; a++) {
            weights_rows(w, plane + a * w.tap_row + c, d + c, dw + a * columns * w.c + c, 1, columns, step, tap);
        }
    }
}

/* --- the windows -------------------------------------------------------------------------------------------------- */

typedef void (*walk)(const micro_window *w, const float *plane, const float *in, float *out);

typedef struct {
    int columns, step, tap;
    walk depthwise, weights;
} window_row;

#define WINDOW(columns, step, tap)                                                                                     \
    __attribute__((noinline)) static void depthwise_##columns##step##tap(const micro_window *w, const float *plane,    \
                                                                         const float *weights, float *out)             \
    {                                                                                                                  \
        if (w->rows == (columns)) {                                                                                    \
            depthwise_walk(w, plane, weights, out, columns, step, tap, true);                                          \
        } else {                                                                                                       \
            depthwise_walk(w, plane, weights, out, columns, step, tap, false);                                         \
        }                                                                                                              \
    }                                                                                                                  \
    __attribute__((noinline)) static void weights_##columns##step##tap(const micro_window *w, const float *plane,      \
                                                                       const float *d, float *dw)                      \
    {                                                                                                                  \
        weights_walk(*w, plane, d, dw, columns, step, tap);                                                            \
    }
#define ROW(columns, step, tap)                                                                                        \
    {                                                                                                                  \
        columns, step, tap, depthwise_##columns##step##tap, weights_##columns##step##tap                               \
    }

WINDOW(1, 1, 1)
WINDOW(2, 1, 1)
WINDOW(3, 1, 1)
WINDOW(3, 1, 2)
WINDOW(3, 2, 1)
WINDOW(3, 2, 2)
WINDOW(5, 1, 1)
WINDOW(5, 1, 2)
WINDOW(5, 2, 1)
WINDOW(5, 2, 2)

static const window_row WINDOWS[] = {
    ROW(1, 1, 1), ROW(2, 1, 1), ROW(3, 1, 1), ROW(3, 1, 2), ROW(3, 2, 1),
    ROW(3, 2, 2), ROW(5, 1, 1), ROW(5, 1, 2), ROW(5, 2, 1), ROW(5, 2, 2),
};

static const window_row *window_find(const micro_window *w)
{
    for (size_t i = 0; i < sizeof WINDOWS / sizeof *WINDOWS; i++) {
        const window_row *row = &WINDOWS[i];
        if (row->columns == w->columns && row->step == w->step && row->tap == w->tap) {
            return row;
        }
    }
    return NULL;
}

/** Any other window: one tap after the other. */
static void depthwise_any(const micro_window *w, const float *plane, const float *weights, float *out)
{
    const int ahead = w->step * w->c, taps = w->rows * w->columns;
    for (int y = 0; y < w->lines; y++) {
        for (int i = 0; i < w->pixels * w->c; i += WIDTH) {
            const int c = i % w->c;
            vec sum = {0};
            for (int t = 0; t < taps; t++) {
                const int at = t / w->columns * w->tap_row + t % w->columns * w->tap * w->c;
                sum += vec_load(weights + t * w->c + c) * vec_load(plane + y * w->line + i / w->c * ahead + at + c);
            }
            vec_store(out + y * w->out_line + i, sum);
        }
    }
}

static void weights_any(const micro_window *w, const float *plane, const float *d, float *dw)
{
    const int ahead = w->step * w->c, taps = w->rows * w->columns;
    for (int t = 0; t < taps; t++) {
        const float *from = plane + t / w->columns * w->tap_row + t % w->columns * w->tap * w->c;
        for (int c = 0; c < w->c; c += WIDTH) {
            vec sum = vec_load(dw + t * w->c + c);
            for (int i = 0; i < w->lines * w->pixels; i++) {
                const int y = i / w->pixels, x = i % w->pixels;
                sum += vec_load(d + y * w->out_line + x * w->c + c) * vec_load(from + y * w->line + x * ahead + c);
            }
            vec_store(dw + t * w->c + c, sum);
        }
    }
}

void SNAS_SET(micro_depthwise)(const micro_window *w, const float *plane, const float *weights, float *out)
{
    const window_row *row = window_find(w);
    (row == NULL ? depthwise_any : row->depthwise)(w, plane, weights, out);
}

void SNAS_SET(micro_depthwise_weights)(const micro_window *w, const float *plane, const float *d, float *dw)
{
    const window_row *row = window_find(w);
    (row == NULL ? weights_any : row->weights)(w, plane, d, dw);
}
