/* node.c -- a node in one pass: the weighted sum of its inputs, batch norms applied on the way. Inputs that are stored
 * nowhere (pools) are made again, some rows at a time.
 *
 *     y = sum_k z_k m_k (s_k (u_k - centre_k) + t_k)                  one loop reads each u once; folded inputs
 *       + sum_j z_j m_j x_j                              inputs without a norm
 *
 * Backward with g = dL/dy: S0 = sum m g and S1 = sum m g (u - centre) a folded input (operation.h); dx_j += z_j m_j g
 * and dL/dz_j = sum m_j g x_j for the others. Where asked for, sum m g over pictures, pixels and channels, a mask.
 */
#include <stdbool.h>
#include <string.h>

#include "rows.h"

enum {
    INPUTS_MAX = 128, /* of a node */
    TOGETHER = 4,     /* inputs a loop */
    TURN = 4096       /* floats a turn of one stream, in whole rows */
};

/** Some rows of the picture, which all inputs go through before the next: pixels from..to - 1. */
typedef struct {
    int row, rows;
    int64_t from, to;
} line_turn;

static int rows_per_turn(const snas_task *t)
{
    const int rows = TURN / (t->y.c * t->y.w);
    return rows < 1 ? 1 : least(rows, t->y.h);
}

static line_turn turn_at(const snas_task *t, int row)
{
    const int rows = least(rows_per_turn(t), t->y.h - row);
    return (line_turn){row, rows, (int64_t)row * t->y.w, (int64_t)(row + rows) * t->y.w};
}

/** Scratch: [inputs] vector pairs and the bias, or sums of g in double; then a place for inputs that are made again. */
static int64_t vector_floats(const snas_task *t)
{
    return (int64_t)(2 * t->inputs + 2) * vec_padded(t->y.c);
}

static int64_t made_floats(const snas_task *t)
{
    return (int64_t)rows_per_turn(t) * t->y.w * vec_padded(t->y.c);
}

static float *recomputed_rows(const snas_task *t, const snas_context *context, int which)
{
    return (float *)context->scratch + vector_floats(t) + which * made_floats(t);
}

static size_t scratch_bytes(const snas_task *t)
{
    size_t producer = 0;
    bool makes = false;
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        if (term->recompute != NULL) {
            const size_t wanted = term->recompute_scratch(term->producer, rows_per_turn(t));
            producer = wanted > producer ? wanted : producer;
            makes = true;
        }
    }
    const int64_t floats = vector_floats(t) + (makes ? TOGETHER * made_floats(t) : 0);
    return sizeof(float) * (size_t)floats + producer;
}

/** Where pixel 0 of input k would be for its pixels of a turn to be found: in its pictures, or before the place `which`
 *  into which they are made. `ld`: floats between pixels, out. */
static const float *pixels_of(const snas_task *t, int k, const snas_context *context, const line_turn *turn, int which,
                              int *ld)
{
    const snas_term *term = &t->terms[k];
    if (term->recompute == NULL) {
        *ld = t->x[k].ld;
        return view_at(&t->x[k], context->slot);
    }
    float *recomputed = recomputed_rows(t, context, which);
    *ld = vec_padded(t->y.c);
    term->recompute(term->producer, context->slot, turn->row, turn->rows, recomputed,
                    recomputed_rows(t, context, TOGETHER));
    return recomputed - turn->from * *ld;
}

static bool is_off(const snas_task *t, const snas_feed *feed, int k)
{
    return feed->sparse && feed_z(feed, t->terms[k].z_slot) == 0.0;
}

/** The inputs that take part in this picture, a vector pair each (coefficient, centre), and the summed bias. */
typedef struct {
    int count;
    int input[INPUTS_MAX];
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

static void gather(const snas_task *t, const snas_feed *feed, const snas_context *context, gathered *g)
{
    const int cp = vec_padded(t->y.c);
    g->count = 0;
    g->pairs = context->scratch;
    g->bias = g->pairs + (int64_t)t->inputs * 2 * cp;
    memset(g->bias, 0, (size_t)cp * sizeof *g->bias);
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        const float weight = (float)feed_z(feed, term->z_slot) * feed_mask(feed, term->mask_slot, context->image);
        if (weight == 0.0f) {
            continue;
        }
        add_vectors(term, weight, t->y.c, g->pairs + (int64_t)g->count * 2 * cp, g->bias);
        g->input[g->count++] = k;
    }
}

/** Inputs first .. first + count - 1 in a turn: y = bias + them when they are the first ones, else y += them. */
static inline __attribute__((always_inline)) void add_inputs(const snas_task *t, const gathered *g,
                                                             const snas_context *context, const line_turn *turn,
                                                             int first, const int count)
{
    const int c = t->y.c, cp = vec_padded(c);
    float *y = view_at(&t->y, context->slot);
    const float *pixels[TOGETHER];
    int ld[TOGETHER];
    for (int k = 0; k < count; k++) {
        pixels[k] = pixels_of(t, g->input[first + k], context, turn, k, &ld[k]);
    }
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        const vec bias = vec_load(g->bias + c0);
        vec coefficient[TOGETHER], centre[TOGETHER];
        for (int k = 0; k < count; k++) {
            const float *pair = g->pairs + (int64_t)(first + k) * 2 * cp;
            coefficient[k] = vec_load(pair + c0);
            centre[k] = vec_load(pair + cp + c0);
        }
        for (int64_t i = turn->from; i < turn->to; i++) {
            vec sum = first == 0 ? bias : vec_load_channels(y + i * t->y.ld, c0, c);
            for (int k = 0; k < count; k++) {
                const vec u = vec_load_channels(pixels[k] + i * ld[k], c0, c);
                sum += coefficient[k] * (u - centre[k]);
            }
            vec_store_channels(y + i * t->y.ld, c0, c, sum);
        }
    }
}

/** The inputs of a turn, as many together as there are. */
static void sum_inputs(const snas_task *t, const gathered *g, const snas_context *context, const line_turn *turn)
{
    int k = 0;
    for (; k + TOGETHER <= g->count; k += TOGETHER) {
        add_inputs(t, g, context, turn, k, TOGETHER);
    }
    switch (g->count - k) {
    case 3:
        add_inputs(t, g, context, turn, k, 3);
        break;
    case 2:
        add_inputs(t, g, context, turn, k, 2);
        break;
    case 1:
        add_inputs(t, g, context, turn, k, 1);
        break;
    default:
        if (k == 0) { /* nothing is left of the node but its bias */
            add_inputs(t, g, context, turn, 0, 0);
        }
    }
}

static void forward(const snas_task *t, const snas_feed *feed, const snas_context *context)
{
    gathered g;
    gather(t, feed, context, &g);
    for (int row = 0; row < t->y.h; row += rows_per_turn(t)) {
        const line_turn turn = turn_at(t, row);
        sum_inputs(t, &g, context, &turn);
    }
}

/* --- backward ----------------------------------------------------------------------------------------------------- */

/** sums[c] += sum of g over a turn. */
static void sum_gradient(const snas_task *t, const float *g, const line_turn *turn, double *sums)
{
    const int c = t->y.c;
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        vec sum[2] = {{0}, {0}};
        int64_t i = turn->from;
        for (; i + 2 <= turn->to; i += 2) {
            sum[0] += vec_load_channels(g + i * t->dy.ld, c0, c);
            sum[1] += vec_load_channels(g + (i + 1) * t->dy.ld, c0, c);
        }
        for (; i < turn->to; i++) {
            sum[0] += vec_load_channels(g + i * t->dy.ld, c0, c);
        }
        sums_add(sums + c0, sum[0] + sum[1], c - c0);
    }
}

/** Folded input k: S1[c] += m * sum g (u - centre) over a turn. */
static void sum_products(const snas_task *t, int k, const snas_context *context, float mask, const line_turn *turn)
{
    const snas_norm *norm = t->terms[k].norm;
    const int c = t->y.c, g_ld = t->dy.ld;
    int u_ld;
    const float *g = view_at(&t->dy, context->slot);
    const float *u = pixels_of(t, k, context, turn, 0, &u_ld);
    double *s1 = (double *)snas_sharded_at(&norm->gradients, context->shard) + norm->c;
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        const vec centre = vec_load_channels(norm->centre, c0, c);
        vec sum[4] = {{0}, {0}, {0}, {0}};
        int64_t i = turn->from;
        for (; i + 4 <= turn->to; i += 4) {
            for (int j = 0; j < 4; j++) {
                sum[j] += vec_load_channels(g + (i + j) * g_ld, c0, c) *
                          (vec_load_channels(u + (i + j) * u_ld, c0, c) - centre);
            }
        }
        for (; i < turn->to; i++) {
            sum[0] += vec_load_channels(g + i * g_ld, c0, c) * (vec_load_channels(u + i * u_ld, c0, c) - centre);
        }
        sums_add(s1 + c0, ((sum[0] + sum[1]) + (sum[2] + sum[3])) * vec_all(mask), c - c0);
    }
}

/** One input without a norm: dx += weight g over a turn. */
static void pass_through(const snas_task *t, int k, const snas_context *context, float weight, const line_turn *turn)
{
    const int c = t->y.c;
    const float *g = view_at(&t->dy, context->slot);
    float *dx = view_at(&t->dx[k], context->slot);
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        for (int64_t i = turn->from; i < turn->to; i++) {
            float *to = dx + i * t->dx[k].ld;
            const vec vg = vec_load_channels(g + i * t->dy.ld, c0, c);
            vec_store_channels(to, c0, c, vec_load_channels(to, c0, c) + vec_all(weight) * vg);
        }
    }
}

/** One input without a norm: sum g x over a turn. */
static double product_with(const snas_task *t, int k, const snas_context *context, const line_turn *turn)
{
    const int c = t->y.c, g_ld = t->dy.ld;
    int x_ld;
    const float *g = view_at(&t->dy, context->slot);
    const float *x = pixels_of(t, k, context, turn, 0, &x_ld);
    double lanes[WIDTH] = {0.0}, total = 0.0;
    for (int c0 = 0; c0 < c; c0 += WIDTH) {
        vec sum[4] = {{0}, {0}, {0}, {0}};
        int64_t i = turn->from;
        for (; i + 4 <= turn->to; i += 4) {
            for (int j = 0; j < 4; j++) {
                sum[j] += vec_load_channels(g + (i + j) * g_ld, c0, c) * vec_load_channels(x + (i + j) * x_ld, c0, c);
            }
        }
        for (; i < turn->to; i++) {
            sum[0] += vec_load_channels(g + i * g_ld, c0, c) * vec_load_channels(x + i * x_ld, c0, c);
        }
        sums_add(lanes, (sum[0] + sum[1]) + (sum[2] + sum[3]), c - c0);
    }
    for (int j = 0; j < WIDTH; j++) {
        total += lanes[j];
    }
    return total;
}

/** What a turn adds to the sums of every input that runs, and to the gradients of those without a norm. */
static void backward_turn(const snas_task *t, const snas_feed *feed, const snas_context *context, const line_turn *turn)
{
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        const float mask = feed_mask(feed, term->mask_slot, context->image);
        if (mask == 0.0f || is_off(t, feed, k)) {
            continue;
        }
        if (term->norm != NULL) {
            sum_products(t, k, context, mask, turn);
        }
        if (t->dx[k].data != NULL) {
            pass_through(t, k, context, (float)feed_z(feed, term->z_slot) * mask, turn);
        }
        if (term->dz.first != NULL) { /* a mixing weight */
            *(double *)snas_sharded_at(&term->dz, context->shard) += (double)mask * product_with(t, k, context, turn);
        }
    }
}

/** `total` [C]: sums of g over the picture. */
static void sum_by_mask(const snas_task *t, const snas_feed *feed, const snas_context *context, const double *total)
{
    double sum = 0.0;
    for (int c = 0; c < t->y.c; c++) {
        sum += total[c];
    }
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        if (term->mask_sum.first != NULL) {
            const float mask = feed_mask(feed, term->mask_slot, context->image);
            *(double *)snas_sharded_at(&term->mask_sum, context->shard) += (double)mask * sum;
        }
    }
}

static void backward(const snas_task *t, const snas_feed *feed, const snas_context *context)
{
    const float *g = view_at(&t->dy, context->slot);
    double *total = context->scratch;
    memset(total, 0, (size_t)t->y.c * sizeof *total);
    for (int row = 0; row < t->y.h; row += rows_per_turn(t)) {
        const line_turn turn = turn_at(t, row);
        sum_gradient(t, g, &turn, total);
        backward_turn(t, feed, context, &turn);
    }
    if (feed->mask_sums != NULL) {
        sum_by_mask(t, feed, context, total);
    }
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        const float mask = feed_mask(feed, term->mask_slot, context->image);
        if (term->norm != NULL && !is_off(t, feed, k)) {
            double *s0 = snas_sharded_at(&term->norm->gradients, context->shard);
            for (int c = 0; c < t->y.c; c++) {
                s0[c] += (double)mask * total[c];
            }
        }
    }
}

/** dL/dz of the inputs without a norm; folded norms finalize theirs. */
static void backward_finalize(const snas_task *t, const snas_feed *feed)
{
    for (int k = 0; k < t->inputs; k++) {
        const snas_term *term = &t->terms[k];
        if (term->dz.first != NULL) {
            feed->dz[term->z_slot] = *(double *)snas_sharded_at(&term->dz, 0);
        }
        if (feed->mask_sums != NULL && term->mask_sum.first != NULL) {
            feed->mask_sums[term->mask_slot] = *(double *)snas_sharded_at(&term->mask_sum, 0);
        }
    }
}

const snas_operation SNAS_SET(snas_op_node) = {
    .name = "node",
    .brief = "weighted sum of the inputs, batch norms applied on the way",
    .lowered = true,
    .backward_reads_x = true,
    .backward_reads_y = true,
    .folds_norm = true,
    .chains = {{1, {SNAS_OP_MIX}}},
    .kernel = {
        .forward = forward, .backward = backward, .backward_finalize = backward_finalize, .scratch = scratch_bytes}};
