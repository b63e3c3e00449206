/* node.c -- a node in one pass: the weighted sum of its inputs, batch norms applied on the way.
 *
 *     y = sum_k z_k m_k (s_k (u_k - centre_k) + t_k)                  one loop reads each u once; folded inputs
 *       + sum_j z_j m_j x_j                              inputs without a norm
 *
 * Backward with g = dL/dy: S0 = sum m g and S1 = sum m g (u - centre) a folded input (operation.h); dx_j += z_j m_j g and
 * dL/dz_j = sum m_j g x_j for the others.
 */
#include <string.h>

#include "rows.h"

enum {
    INPUTS_MAX = 128, /* of a node */
    TOGETHER = 4,     /* inputs a loop */
    TURN = 4096       /* floats a turn of one stream */
};

/** Scratch: vector pairs [inputs][2][C], the summed bias [C]. */
static size_t scratch_bytes(const snas_task *t)
{
    return sizeof(float) * (size_t)((2 * t->inputs + 1) * vec_padded(t->y.c));
}

static bool is_off(const snas_task *t, const snas_feed *feed, int k)
{
    return feed->sparse && feed_z(feed, t->terms[k].z_slot) == 0.0;
}

/** The inputs that take part in this picture, a vector pair each (coefficient, centre), and the summed bias. */
typedef struct {
    int count;
    const float *pixels[INPUTS_MAX];
    int ld[INPUTS_MAX];
    float *pairs; /* [count][2][C] */
    float *bias;  /* [C] */
} gathered;

static void add_vectors(const snas_term *term, float weight, int c, float *pair, float *bias)
{
    const snas_norm *norm = term->norm;
    const int cp = vec_padded(c);
    for (int i = 0; i < c; i++) {
        pair[i] = norm == NULL ? weight : weight * ((const float *)norm->scale)[i];
        pair[cp + i] = norm == NULL ? 0.0f : ((const float *)norm->centre)[i];
        bias[i] += norm == NULL ? 0.0f : weight * ((const float *)norm->shift)[i];
    }
}

static void gather(const snas_task *t, const snas_feed *feed, const snas_place *place, gathered *g)
{
    const int cp = vec_padded(t->y.c);
    g->count = 0;
    g->pairs = place->scratch;
    g->bias = g->pairs + (int64_t)t->inputs * 2 * cp;
    memset(g->bias, 0, (size_t)cp * sizeof *g->bias);
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        const float weight =
            (float)feed_z(feed, term->z_slot) * feed_mask(feed, term->mask_slot, place->image);
        if (weight == 0.0f) {
            continue;
        }
        add_vectors(term, weight, t->y.c, g->pairs + (int64_t)g->count * 2 * cp, g->bias);
        g->pixels[g->count] = view_at(&t->x[k], place->slot);
        g->ld[g->count++] = t->x[k].ld;
    }
}

/** y += inputs first .. first + count - 1 on pixels from..to. */
static inline __attribute__((always_inline)) void add_inputs(const snas_task *t, const gathered *g,
                                                             float *y, const int64_t *turn,
                                                             int first, const int count)
{
    const int c = t->y.c, cp = vec_padded(c);
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        vec coefficient[TOGETHER], centre[TOGETHER];
        for (int k = 0; k < count; k++) {
            const float *pair = g->pairs + (int64_t)(first + k) * 2 * cp;
            coefficient[k] = vec_load(pair + c0);
            centre[k] = vec_load(pair + cp + c0);
        }
        for (int64_t i = turn[0]; i < turn[1]; i++) {
            vec sum = vec_load_channels(y + i * t->y.ld, c0, c);
            for (int k = 0; k < count; k++) {
                const float *from = g->pixels[first + k] + i * g->ld[first + k];
                sum += coefficient[k] * (vec_load_channels(from, c0, c) - centre[k]);
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

static void forward(const snas_task *t, const snas_feed *feed, const snas_place *place)
{
    gathered g;
    const int64_t pixels = (int64_t)t->y.h * t->y.w, step = pixels_per_turn(t);
    float *y = view_at(&t->y, place->slot);
    gather(t, feed, place, &g);
    for (int64_t from = 0; from < pixels; from += step) {
        const int64_t turn[2] = {from, from + step < pixels ? from + step : pixels};
        start_with_bias(t, y, turn[0], turn[1], g.bias);
        int k = 0;
        for (; k + TOGETHER <= g.count; k += TOGETHER) {
            add_inputs(t, &g, y, turn, k, TOGETHER);
        }
        for (; k < g.count; k++) {
            add_inputs(t, &g, y, turn, k, 1);
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
