/* pooled.c -- pools with statistics; nothing but x is kept for the backward pass.
 *
 *     max: u = max over the window's pixels inside the picture; du goes to the first largest in row order
 *     avg: u = mean over them; du is shared alike
 */
#include <string.h>

#include "rows.h"

/** The pixels under one output, cut to the picture. */
typedef struct {
    int y0, y1, x0, x1;
} box;

static box box_at(const snas_task *t, int y, int x)
{
    const snas_window *w = &t->window;
    const int top = y * w->stride - w->pad, left = x * w->stride - w->pad;
    const snas_view *v = &t->x[0];
    return (box){.y0 = top < 0 ? 0 : top,
                 .y1 = top + w->kernel > v->h ? v->h : top + w->kernel,
                 .x0 = left < 0 ? 0 : left,
                 .x1 = left + w->kernel > v->w ? v->w : left + w->kernel};
}

static float *pixel(const snas_view *v, float *picture, int y, int x)
{
    return picture + ((int64_t)y * v->w + x) * v->ld;
}

/* A window that lies inside the picture and has nine pixels takes the unrolled path. */
static inline bool is_nine(const box *b)
{
    return b->y1 - b->y0 == 3 && b->x1 - b->x0 == 3;
}

static inline vec larger(vec a, vec b)
{
    return vec_choose(a > b, a, b);
}

static inline vec largest(const snas_view *v, float *picture, const box *b, int c0)
{
    const float *at = pixel(v, picture, b->y0, b->x0);
    const int64_t row = (int64_t)v->w * v->ld, ld = v->ld;
    const int c = v->c;
    if (is_nine(b)) {
        vec best = vec_load_channels(at, c0, c);
        for (int y = 0; y < 3; y++) {
            for (int x = 0; x < 3; x++) {
                best = larger(vec_load_channels(at + y * row + x * ld, c0, c), best);
            }
        }
        return best;
    }
    vec best = vec_load_channels(at, c0, c);
    for (int y = b->y0; y < b->y1; y++) {
        for (int x = b->x0; x < b->x1; x++) {
            best = larger(vec_load_channels(pixel(v, picture, y, x), c0, c), best);
        }
    }
    return best;
}

static inline vec mean(const snas_view *v, float *picture, const box *b, int c0)
{
    const float *at = pixel(v, picture, b->y0, b->x0);
    const int64_t row = (int64_t)v->w * v->ld, ld = v->ld;
    vec sum = {0};
    if (is_nine(b)) {
        for (int y = 0; y < 3; y++) {
            for (int x = 0; x < 3; x++) {
                sum += vec_load_channels(at + y * row + x * ld, c0, v->c);
            }
        }
        return sum * vec_all(1.0f / 9.0f);
    }
    for (int y = b->y0; y < b->y1; y++) {
        for (int x = b->x0; x < b->x1; x++) {
            sum += vec_load_channels(pixel(v, picture, y, x), c0, v->c);
        }
    }
    return sum * vec_all(1.0f / (float)((b->y1 - b->y0) * (b->x1 - b->x0)));
}

typedef vec (*gather_box)(const snas_view *v, float *picture, const box *b, int c0);

static inline __attribute__((always_inline)) void walk_forward(const snas_task *t,
                                                               const snas_feed *feed,
                                                               const snas_place *place,
                                                               gather_box gather)
{
    const int c = t->y.c;
    float *picture = view_at(&t->x[0], place->slot);
    for (int y = 0; y < t->y.h; y++) {
        float *row = view_row(&t->y, place->slot, y);
        for (int x = 0; x < t->y.w; x++) {
            const box b = box_at(t, y, x);
            for (int c0 = 0; c0 < c; c0 += WIDTH) {
                vec_store_channels(row + (int64_t)x * t->y.ld, c0, c,
                                   gather(&t->x[0], picture, &b, c0));
            }
        }
        if (t->norm != NULL && feed->mode != SNAS_PASS_EVALUATE) {
            SNAS_SET(rows_sum_moments)(t, feed, place, row, t->y.w);
        }
    }
}

static void max_forward(const snas_task *t, const snas_feed *feed, const snas_place *place)
{
    walk_forward(t, feed, place, largest);
}

static void avg_forward(const snas_task *t, const snas_feed *feed, const snas_place *place)
{
    walk_forward(t, feed, place, mean);
}

/** dx += v in one place. */
static inline void add_at(float *to, int c0, int c, vec v)
{
    vec_store_channels(to, c0, c, vec_load_channels(to, c0, c) + v);
}

/** dx += du at the first largest pixel. */
static inline void give_largest(const snas_task *t, const snas_place *place, const box *b, int c0,
                                vec du)
{
    const snas_view *v = &t->x[0], *vd = &t->dx[0];
    float *picture = view_at(v, place->slot), *gradient = view_at(vd, place->slot);
    const vec best = largest(v, picture, b, c0);
    vec_mask open = ~(vec_mask){0};
    for (int y = b->y0; y < b->y1; y++) {
        for (int x = b->x0; x < b->x1; x++) {
            const vec here = vec_load_channels(pixel(v, picture, y, x), c0, v->c);
            const vec_mask taken = (here == best) & open;
            add_at(pixel(vd, gradient, y, x), c0, v->c, vec_where(taken, du));
            open &= ~taken;
        }
    }
}

/** dx += du / count at every pixel. */
static inline void give_all(const snas_task *t, const snas_place *place, const box *b, int c0,
                            vec du)
{
    const snas_view *vd = &t->dx[0];
    float *gradient = view_at(vd, place->slot);
    const vec share = du * vec_all(1.0f / (float)((b->y1 - b->y0) * (b->x1 - b->x0)));
    for (int y = b->y0; y < b->y1; y++) {
        for (int x = b->x0; x < b->x1; x++) {
            add_at(pixel(vd, gradient, y, x), c0, vd->c, share);
        }
    }
}

typedef void (*give_box)(const snas_task *t, const snas_place *place, const box *b, int c0, vec du);

static inline __attribute__((always_inline)) void walk_backward(const snas_task *t,
                                                                const snas_feed *feed,
                                                                const snas_place *place,
                                                                give_box give)
{
    const int c = t->y.c, cp = vec_padded(c);
    float *du = place->scratch;
    for (int y = 0; y < t->y.h; y++) {
        SNAS_SET(rows_output_gradient)(t, feed, place, y, t->y.w, du);
        for (int x = 0; x < t->y.w; x++) {
            const box b = box_at(t, y, x);
            for (int c0 = 0; c0 < c; c0 += WIDTH) {
                give(t, place, &b, c0, vec_load(du + x * cp + c0));
            }
        }
    }
}

static void max_backward(const snas_task *t, const snas_feed *feed, const snas_place *place)
{
    walk_backward(t, feed, place, give_largest);
}

static void avg_backward(const snas_task *t, const snas_feed *feed, const snas_place *place)
{
    walk_backward(t, feed, place, give_all);
}

static size_t scratch_bytes(const snas_task *t)
{
    return sizeof(float) * (size_t)(t->y.w * vec_padded(t->y.c));
}

const snas_kernel SNAS_SET(kernel_max_pooled) = {
    .forward = max_forward, .backward = max_backward, .scratch = scratch_bytes};
const snas_kernel SNAS_SET(kernel_avg_pooled) = {
    .forward = avg_forward, .backward = avg_backward, .scratch = scratch_bytes};
