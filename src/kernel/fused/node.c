/* node.c -- a node in one pass: the weighted sum of its inputs, batch norms applied on the way.
 *
 *     y = sum_k z_k m_k (s_k u_k + t_k)                  one loop reads each u once; folded inputs
 *       + sum_j z_j m_j x_j                              inputs without a norm
 *
 * Backward with g = dL/dy: S0 = sum m g and S1 = sum m g (u - centre) a folded input (operation.h); dx_j += z_j m_j g and
 * dL/dz_j = sum m_j g x_j for the others.
 */
#include <string.h>

#include "rows.h"

enum {
    STATE_FLOATS = 16,
    TOGETHER = 4,
    TURN = 4096
}; /* inputs a loop; floats a turn of one stream */

/** Scratch: coefficient vectors [inputs][C], the summed bias [C]. */
static size_t scratch_bytes(const snas_task *t)
{
    return sizeof(float) * (size_t)((t->inputs + 1) * vec_padded(t->y.c));
}

static bool is_off(const snas_task *t, const snas_feed *feed, int k)
{
    return feed->sparse && feed_z(feed, t->terms[k].z_slot) == 0.0;
}

/** The inputs that take part in this picture, with their coefficients, and the bias. Returns how many. */
static int coefficients(const snas_task *t, const snas_feed *feed, const snas_place *place,
                        const float **inputs, int *lds, float *vectors, float *bias)
{
    const int c = t->y.c, cp = vec_padded(c);
    int count = 0;
    memset(bias, 0, (size_t)cp * sizeof *bias);
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        const float weight =
            (float)feed_z(feed, term->z_slot) * feed_mask(feed, term->mask_slot, place->image);
        if (weight == 0.0f) {
            continue;
        }
        float *vector = vectors + (int64_t)count * cp;
        const float *scale = term->norm == NULL ? NULL : term->norm->scale;
        const float *shift = term->norm == NULL ? NULL : term->norm->shift;
        for (int i = 0; i < c; i++) {
            vector[i] = scale == NULL ? weight : weight * scale[i];
            bias[i] += shift == NULL ? 0.0f : weight * shift[i];
        }
        inputs[count] = view_at(&t->x[k], place->slot);
        lds[count++] = t->x[k].ld;
    }
    return count;
}

/** y (+)= sum of up to TOGETHER inputs on pixels from.. */
static void add_inputs(const snas_task *t, float *y, int64_t from, int64_t to,
                       const float *const *inputs, const int *lds, const float *vectors,
                       const int count)
{
    const int c = t->y.c, cp = vec_padded(c);
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        vec coefficient[TOGETHER];
        for (int k = 0; k < count; k++) {
            coefficient[k] = vec_load(vectors + (int64_t)k * cp + c0);
        }
        for (int64_t i = from; i < to; i++) {
            vec sum = vec_load_channels(y + i * t->y.ld, c0, c);
            for (int k = 0; k < count; k++) {
                sum += coefficient[k] * vec_load_channels(inputs[k] + i * lds[k], c0, c);
            }
            vec_store_channels(y + i * t->y.ld, c0, c, sum);
        }
    }
}

static void start_with_bias(const snas_task *t, float *y, int64_t from, int64_t to,
                            const float *bias)
{
    for (int64_t i = from; i < to; i++) {
        memcpy(y + i * t->y.ld, bias, (size_t)t->y.c * sizeof *y);
    }
}

static int64_t pixels_per_turn(const snas_task *t)
{
    return t->y.c >= TURN ? 1 : TURN / t->y.c;
}

enum { INPUTS_MAX = 128 };

static void forward(const snas_task *t, const snas_feed *feed, const snas_place *place)
{
    const float *inputs[INPUTS_MAX];
    int lds[INPUTS_MAX];
    const int cp = vec_padded(t->y.c);
    const int64_t pixels = (int64_t)t->y.h * t->y.w, turn = pixels_per_turn(t);
    float *vectors = place->scratch;
    float *bias = vectors + (int64_t)t->inputs * cp, *y = view_at(&t->y, place->slot);
    const int count = coefficients(t, feed, place, inputs, lds, vectors, bias);
    for (int64_t from = 0; from < pixels; from += turn) {
        const int64_t to = from + turn < pixels ? from + turn : pixels;
        start_with_bias(t, y, from, to, bias);
        int k = 0;
        for (; k + TOGETHER <= count; k += TOGETHER) {
            add_inputs(t, y, from, to, inputs + k, lds + k, vectors + (int64_t)k * cp, TOGETHER);
        }
        for (; k < count; k++) {
            add_inputs(t, y, from, to, inputs + k, lds + k, vectors + (int64_t)k * cp, 1);
        }
    }
}

/* ---- backward -------------------------------------------------------------------------------------------------------- */

/** sums[c] += m * sum of g over a turn. */
static void sum_gradient(const snas_task *t, const float *g, int64_t from, int64_t to, double *sums)
{
    const int c = t->y.c;
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        vec sum[2] = {{0}, {0}};
        int64_t i = from;
        for (; i + 2 <= to; i += 2) {
            sum[0] += vec_load_channels(g + i * t->dy.ld, c0, c);
            sum[1] += vec_load_channels(g + (i + 1) * t->dy.ld, c0, c);
        }
        for (; i < to; i++) {
            sum[0] += vec_load_channels(g + i * t->dy.ld, c0, c);
        }
        sums_add(sums + c0, sum[0] + sum[1], c - c0);
    }
}

/** Folded input k: S1[c] += m * sum g (u - centre) over a turn. */
static void sum_products(const snas_task *t, int k, const snas_place *place, float mask,
                         int64_t from, int64_t to)
{
    const snas_norm *norm = t->terms[k].norm;
    const int c = t->y.c, g_ld = t->dy.ld, u_ld = t->x[k].ld;
    const float *g = view_at(&t->dy, place->slot), *u = view_at(&t->x[k], place->slot);
    double *s1 = norm_sums(norm, place->shard) + norm->c;
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        const vec centre = vec_load_channels(norm->centre, c0, c);
        vec sum[4] = {{0}, {0}, {0}, {0}};
        int64_t i = from;
        for (; i + 4 <= to; i += 4) {
            for (int j = 0; j < 4; j++) {
                sum[j] += vec_load_channels(g + (i + j) * g_ld, c0, c) *
                          (vec_load_channels(u + (i + j) * u_ld, c0, c) - centre);
            }
        }
        for (; i < to; i++) {
            sum[0] += vec_load_channels(g + i * g_ld, c0, c) *
                      (vec_load_channels(u + i * u_ld, c0, c) - centre);
        }
        sums_add(s1 + c0, ((sum[0] + sum[1]) + (sum[2] + sum[3])) * vec_all(mask), c - c0);
    }
}

/** One input without a norm: dx += weight g; returns sum g x over the picture. */
static double pass_through(const snas_task *t, const float *g, int k, float weight,
                           const snas_place *place)
{
    const int c = t->y.c;
    const float *x = view_at(&t->x[k], place->slot);
    float *dx = t->dx[k].data == NULL ? NULL : view_at(&t->dx[k], place->slot);
    double total = 0.0;
    for (int64_t i = 0; i < (int64_t)t->y.h * t->y.w; i++) {
        vec sum = {0};
        for (int c0 = 0; c0 < c; c0 += WIDTH) {
            const vec vg = vec_load_channels(g + i * t->dy.ld, c0, c);
            sum += vg * vec_load_channels(x + i * t->x[k].ld, c0, c);
            if (dx != NULL) {
                float *to = dx + i * t->dx[k].ld;
                vec_store_channels(to, c0, c, vec_load_channels(to, c0, c) + vec_all(weight) * vg);
            }
        }
        for (int j = 0; j < WIDTH; j++) {
            total += (double)sum[j];
        }
    }
    return total;
}

static void fold_turn(const snas_task *t, const snas_feed *feed, const snas_place *place,
                      int64_t from, int64_t to)
{
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        const float mask = feed_mask(feed, term->mask_slot, place->image);
        if (term->norm != NULL && mask != 0.0f && !is_off(t, feed, k)) {
            sum_products(t, k, place, mask, from, to);
        }
    }
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_place *place)
{
    const int64_t pixels = (int64_t)t->y.h * t->y.w, turn = pixels_per_turn(t);
    const float *g = view_at(&t->dy, place->slot);
    double *total = place->scratch;
    memset(total, 0, (size_t)t->y.c * sizeof *total);
    for (int64_t from = 0; from < pixels; from += turn) {
        const int64_t to = from + turn < pixels ? from + turn : pixels;
        sum_gradient(t, g, from, to, total);
        fold_turn(t, feed, place, from, to);
    }
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        const float mask = feed_mask(feed, term->mask_slot, place->image);
        if (is_off(t, feed, k)) {
            continue;
        }
        if (term->norm != NULL) {
            double *s0 = norm_sums(term->norm, place->shard);
            for (int c = 0; c < t->y.c; c++) {
                s0[c] += (double)mask * total[c];
            }
            continue;
        }
        const double product =
            pass_through(t, g, k, (float)feed_z(feed, term->z_slot) * mask, place);
        if (term->dz != NULL) {
            term->dz[place->shard] += (double)mask * product;
        }
    }
}

/** dL/dz of the inputs without a norm; folded norms settle theirs. */
static void backward_settle(const snas_task *t, const snas_feed *feed)
{
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        double sum = 0.0;
        for (int shard = 0; term->dz != NULL && shard < SNAS_SHARDS; shard++) {
            sum += term->dz[shard];
            term->dz[shard] = 0.0;
        }
        if (term->dz != NULL) {
            feed->dz[term->z_slot] = sum;
        }
    }
}

static size_t scratch_bytes_both(const snas_task *t)
{
    const size_t sums = (size_t)t->y.c * sizeof(double);
    const size_t vectors = scratch_bytes(t);
    return vectors > sums ? vectors : sums;
}

const snas_kernel SNAS_SET(kernel_node) = {.forward = forward,
                                           .backward = backward,
                                           .backward_settle = backward_settle,
                                           .scratch = scratch_bytes_both};
