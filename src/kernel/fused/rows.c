/* rows.c -- what fused kernels do with pixels before and after the arithmetic. */
#include <string.h>

#include "rows.h"

void SNAS_SET(rows_sum_moments)(const snas_task *t, const snas_context *context, int y, const float *u, int ld,
                                int64_t count)
{
    const int c = t->y.c;
    float *first = (float *)snas_sharded_at(&t->norm->pivots, context->shard) + t->norm_first;
    double *s0 = (double *)snas_sharded_at(&t->norm->moments, context->shard) + t->norm_first, *s1 = s0 + t->norm->c;
    if (y == 0 && context->opens) {
        memcpy(first, u, (size_t)c * sizeof *first);
    }
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        const vec pivot = vec_load_channels(first, c0, c);
        vec sum[2] = {{0}, {0}}, squares[2] = {{0}, {0}};
        int64_t i = 0;
        for (; i + 2 <= count; i += 2) {
            const vec a = vec_load_channels(u + i * ld, c0, c) - pivot;
            const vec b = vec_load_channels(u + (i + 1) * ld, c0, c) - pivot;
            sum[0] += a, sum[1] += b;
            squares[0] += a * a, squares[1] += b * b;
        }
        for (; i < count; i++) {
            const vec a = vec_load_channels(u + i * ld, c0, c) - pivot;
            sum[0] += a;
            squares[0] += a * a;
        }
        sums_add(s0 + c0, sum[0] + sum[1], c - c0);
        sums_add(s1 + c0, squares[0] + squares[1], c - c0);
    }
}

/** du = m A g + B (u - centre) + D on channels c0.. of all rows. */
static void behind_norm(const snas_task *t, const float *g, float mask, const float *u, int ld, int rows, float *du)
{
    const snas_norm *norm = t->norm;
    const int c = t->y.c, cp = vec_padded(c), g_ld = norm->g.ld; /* stores might change what a struct says */
    const float *a = (const float *)norm->a + t->norm_first;
    const float *b = (const float *)norm->b + t->norm_first;
    const float *d = (const float *)norm->d + t->norm_first;
    const float *centre = (const float *)norm->centre + t->norm_first;
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        const vec va = vec_load_channels(a, c0, c) * vec_all(mask);
        const vec vb = vec_load_channels(b, c0, c), vd = vec_load_channels(d, c0, c);
        const vec vm = vec_load_channels(centre, c0, c);
        const float *from_g = g, *from_u = u;
        float *to = du + c0;
        for (int r = 0; r < rows; r++, from_g += g_ld, from_u += ld, to += cp) {
            const vec vg = vec_load_channels(from_g, c0, c), vu = vec_load_channels(from_u, c0, c);
            vec_store(to, va * vg + (vb * (vu - vm) + vd));
        }
    }
}

void SNAS_SET(rows_gradient)(const snas_task *t, const snas_feed *feed, const snas_context *context, int y, int rows,
                             const float *u, int ld, float *du)
{
    const int c = t->y.c, cp = vec_padded(c);
    if (t->norm != NULL) {
        const float *g = view_row(&t->norm->g, context->slot, y) + t->norm_first;
        behind_norm(t, g, feed_mask(feed, t->norm->mask_slot, context->image), u, ld, rows, du);
        return;
    }
    const float *dy = view_row(&t->dy, context->slot, y);
    const int dy_ld = t->dy.ld;
    const vec weight = vec_all((float)feed_z(feed, t->z_slot) * feed_mask(feed, t->mask_slot, context->image));
    for (int r = 0; r < rows; r++, dy += dy_ld, du += cp) {
        for (int c0 = 0; c0 < c; c0 += WIDTH) {
            vec_store(du + c0, weight * vec_load_channels(dy, c0, c));
        }
    }
}

void SNAS_SET(rows_output_gradient)(const snas_task *t, const snas_feed *feed, const snas_context *context, int y,
                                    int rows, float *du)
{
    const float *u = t->norm == NULL ? NULL : view_row(&t->y, context->slot, y);
    SNAS_SET(rows_gradient)(t, feed, context, y, rows, u, t->y.ld, du);
}
