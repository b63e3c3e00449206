/* test_gradients.c -- every plain operation against central differences, in double, through a small program.
 *
 *     (L(w + h d) - L(w - h d)) / 2h  =  <grad L, d>       d random over all weights and all z
 */
#include "tiny.h"

static const double STEP = 1e-6;      /* h: rounding gives 1e-10, the third derivative 1e-12 */
static const double TOLERANCE = 1e-6; /* relative; a wrong term is off by 1e-2 and more */

typedef struct {
    const char *name;
    snas_op_kind kind;
    int kernel, stride, dilation, offset;
    bool affine;
} row;

/* ---- middles
 * ---------------------------------------------------------------------------------------------------------- */

static int one_operation(snas_program *p, int x, const void *context)
{
    const row *r = context;
    snas_window w = tiny_window(r->kernel, r->stride, r->dilation);
    w.offset = r->offset;
    switch (r->kind) {
    case SNAS_OP_CONV:
        w.channels = p->values[x].shape.c + 1;
        return snas_program_conv(p, "middle", x, w);
    case SNAS_OP_DEPTHWISE:
        return snas_program_depthwise(p, "middle", x, w);
    case SNAS_OP_NORM:
        return snas_program_norm(p, "middle", x, r->affine);
    default:
        return snas_program_op(p, r->kind, x, w);
    }
}

/* Three readers of one value, one of them twice, z and masks on some. */
static int mixed(snas_program *p, int x, const void *context)
{
    (void)context;
    const int r = snas_program_op(p, SNAS_OP_RELU, x, (snas_window){0});
    const int d = snas_program_depthwise(p, "middle", r, tiny_window(3, 1, 2));
    const int inputs[] = {x, r, d, x};
    const int z[] = {3, SNAS_NONE, 0, 5}, masks[] = {1, 2, SNAS_NONE, 1};
    return snas_program_mix(p, inputs, z, masks, 4, (snas_shape){0});
}

/* Parts of a concat that are read elsewhere too. */
static int side_by_side(snas_program *p, int x, const void *context)
{
    (void)context;
    snas_window one = tiny_window(1, 1, 1);
    one.channels = 3;
    const int parts[] = {snas_program_conv(p, "a", x, one),
                         snas_program_op(p, SNAS_OP_MAX_POOL, x, tiny_window(3, 1, 1)),
                         snas_program_mix(p, NULL, NULL, NULL, 0, p->values[x].shape)};
    const int all = snas_program_concat(p, parts, 3);
    const int back = snas_program_conv(p, "b", all, one);
    const int both[] = {back, parts[0]}, z[] = {1, 2};
    return snas_program_mix(p, both, z, NULL, 2, (snas_shape){0});
}

/* ---- the check
 * -------------------------------------------------------------------------------------------------------- */

static double moved(tiny *t, const double *weights, const double *z, const double *d, double h)
{
    const int64_t count = t->program->weight_count;
    double *to = snas_executor_weights(t->ex);
    for (int64_t i = 0; i < count; i++) {
        to[i] = weights[i] + h * d[i];
    }
    for (int i = 0; i < TINY_SLOTS; i++) {
        t->z[i] = z[i] + h * d[count + i];
    }
    return tiny_loss(t, SNAS_PASS_TRAIN);
}

static void check(const char *name, int h, int w, int c, tiny_middle middle, const void *context)
{
    snas_arena *mem;
    tiny t;
    assert_ok(snas_arena_create("test", 0, &mem));
    tiny_make(&t, mem, tiny_program(mem, h, w, c, middle, context), 1, true);
    const int64_t count = t.program->weight_count;
    double *d = snas_arena_take(mem, (size_t)count + TINY_SLOTS, sizeof *d);
    double *weights = snas_arena_take(mem, (size_t)count, sizeof *d), z[TINY_SLOTS];
    tiny_random(d, count + TINY_SLOTS, 9);
    memcpy(weights, snas_executor_weights(t.ex), (size_t)count * sizeof *d);
    memcpy(z, t.z, sizeof z);
    tiny_loss(&t, SNAS_PASS_TRAIN);
    snas_executor_backward(t.ex, &t.feed);
    const double *gradient = snas_executor_gradients(t.ex);
    double slope = 0.0, norm = 0.0;
    for (int64_t i = 0; i < count + TINY_SLOTS; i++) {
        const double g = i < count ? gradient[i] : t.dz[i - count];
        slope += g * d[i];
        norm += g * g;
    }
    const double wanted = (moved(&t, weights, z, d, STEP) - moved(&t, weights, z, d, -STEP)) / (2 * STEP);
    if (!(fabs(slope - wanted) <= TOLERANCE * fmax(fabs(wanted), 0.1 * sqrt(norm))) || norm == 0) {
        fail_msg("%s, %d x %d x %d: slope %.12g, central difference %.12g", name, h, w, c, slope, wanted);
    }
    snas_arena_destroy(mem);
}

static const struct {
    int h, w;
} SIDES[] = {{8, 8}, {7, 5}};
static const int CHANNELS[] = {1, 3, 16};

static void everywhere(const char *name, tiny_middle middle, const void *context)
{
    for (size_t s = 0; s < sizeof SIDES / sizeof SIDES[0]; s++) {
        for (size_t c = 0; c < sizeof CHANNELS / sizeof CHANNELS[0]; c++) {
            check(name, SIDES[s].h, SIDES[s].w, CHANNELS[c], middle, context);
        }
    }
}

static void gradient_of_every_operation_matches_central_difference(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"conv 1", SNAS_OP_CONV, 1, 1, 1, 0, false},
        {"conv 1, stride 2", SNAS_OP_CONV, 1, 2, 1, 0, false},
        {"conv 1, the other half", SNAS_OP_CONV, 1, 2, 1, 1, false},
        {"conv 3", SNAS_OP_CONV, 3, 1, 1, 0, false},
        {"conv 3, stride 2", SNAS_OP_CONV, 3, 2, 1, 0, false},
        {"conv 3, dilated", SNAS_OP_CONV, 3, 1, 2, 0, false},
        {"depthwise 3", SNAS_OP_DEPTHWISE, 3, 1, 1, 0, false},
        {"depthwise 3, stride 2", SNAS_OP_DEPTHWISE, 3, 2, 1, 0, false},
        {"depthwise 5", SNAS_OP_DEPTHWISE, 5, 1, 1, 0, false},
        {"depthwise 5, stride 2", SNAS_OP_DEPTHWISE, 5, 2, 1, 0, false},
        {"depthwise 3, dilated", SNAS_OP_DEPTHWISE, 3, 1, 2, 0, false},
        {"depthwise 5, dilated, stride 2", SNAS_OP_DEPTHWISE, 5, 2, 2, 0, false},
        {"relu", SNAS_OP_RELU, 0, 1, 1, 0, false},
        {"norm", SNAS_OP_NORM, 0, 1, 1, 0, false},
        {"norm, affine", SNAS_OP_NORM, 0, 1, 1, 0, true},
        {"max pool", SNAS_OP_MAX_POOL, 3, 1, 1, 0, false},
        {"max pool, stride 2", SNAS_OP_MAX_POOL, 3, 2, 1, 0, false},
        {"average pool", SNAS_OP_AVG_POOL, 3, 1, 1, 0, false},
        {"average pool, stride 2", SNAS_OP_AVG_POOL, 3, 2, 1, 0, false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        everywhere(ROWS[i].name, one_operation, &ROWS[i]);
    }
}

static void gradient_of_a_node_with_weights_and_masks_matches_central_difference(void **state)
{
    (void)state;
    everywhere("mix", mixed, NULL);
}

static void gradient_through_parts_of_a_concat_matches_central_difference(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof SIDES / sizeof SIDES[0]; s++) {
        check("concat", SIDES[s].h, SIDES[s].w, 3, side_by_side, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_of_every_operation_matches_central_difference),
        cmocka_unit_test(gradient_of_a_node_with_weights_and_masks_matches_central_difference),
        cmocka_unit_test(gradient_through_parts_of_a_concat_matches_central_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
