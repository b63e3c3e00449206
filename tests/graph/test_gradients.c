/* test_gradients.c -- every plain operation of the table against central differences, in double, in small programs.
 *
 *     (L(w + h d) - L(w - h d)) / 2h  =  <grad L, d>       d random over all weights and all z
 *
 * The program's first convolution stands before what is tested, so its weights' gradient holds the gradient that the
 * tested operation passes on. A kind of the table without a row here fails.
 */
#include "tiny.h"

static const double STEP = 1e-6;      /* h: rounding gives 1e-10, the third derivative 1e-12 */
static const double TOLERANCE = 1e-6; /* relative; a wrong term is off by 1e-2 and more */
static const double AUXILIARY = 0.4;  /* weight of an auxiliary loss */

/** One case of a kind. Without a `build` the operation is added as its row says, with one channel more. */
typedef struct {
    snas_op_kind kind;
    const char *what;
    int kernel, stride, dilation, offset;
    tiny_middle build;
} gradient_case;

/* --- middles ------------------------------------------------------------------------------------------------------ */

static int one_operation(snas_program *p, int x, const void *context)
{
    const gradient_case *c = context;
    snas_window w = tiny_window(c->kernel, c->stride, c->dilation);
    w.offset = c->offset;
    w.channels = p->values[x].shape.c + 1;
    return snas_program_layer(p, c->kind, "middle", x, w);
}

static int plain_norm(snas_program *p, int x, const void *context)
{
    (void)context;
    return snas_program_norm(p, "middle", x, false);
}

static int affine_norm(snas_program *p, int x, const void *context)
{
    (void)context;
    return snas_program_norm(p, "middle", x, true);
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
    one.channels = p->values[x].shape.c;
    const int parts[] = {snas_program_conv(p, "a", x, one),
                         snas_program_op(p, SNAS_OP_MAX_POOL, x, tiny_window(3, 1, 1)),
                         snas_program_mix(p, NULL, NULL, NULL, 0, p->values[x].shape)};
    const int all = snas_program_concat(p, parts, 3);
    const int back = snas_program_conv(p, "b", all, one);
    const int both[] = {back, parts[0]}, z[] = {1, 2};
    return snas_program_mix(p, both, z, NULL, 2, (snas_shape){0});
}

static int pixel(snas_program *p, int x)
{
    return snas_program_op(p, SNAS_OP_GLOBAL_POOL, x, (snas_window){0});
}

static int linear(snas_program *p, int x, const void *context)
{
    (void)context;
    return snas_program_linear(p, "middle", pixel(p, x), 6);
}

/* The program's own loss is behind all of these. */
static int nothing(snas_program *p, int x, const void *context)
{
    (void)p;
    (void)context;
    return x;
}

static int auxiliary(snas_program *p, int x, const void *context)
{
    (void)context;
    p->auxiliary = AUXILIARY;
    snas_program_op(p, SNAS_OP_LOSS, snas_program_linear(p, "auxiliary", pixel(p, x), TINY_CLASSES), (snas_window){0});
    p->auxiliary = 0.0;
    return x;
}

static const gradient_case CASES[] = {
    {SNAS_OP_CONV, "1", 1, 1, 1, 0, NULL},
    {SNAS_OP_CONV, "1, stride 2", 1, 2, 1, 0, NULL},
    {SNAS_OP_CONV, "1, stride 2, the other half", 1, 2, 1, 1, NULL},
    {SNAS_OP_CONV, "3", 3, 1, 1, 0, NULL},
    {SNAS_OP_CONV, "3, stride 2", 3, 2, 1, 0, NULL},
    {SNAS_OP_CONV, "3, dilated", 3, 1, 2, 0, NULL},
    {SNAS_OP_DEPTHWISE, "3", 3, 1, 1, 0, NULL},
    {SNAS_OP_DEPTHWISE, "3, stride 2", 3, 2, 1, 0, NULL},
    {SNAS_OP_DEPTHWISE, "5", 5, 1, 1, 0, NULL},
    {SNAS_OP_DEPTHWISE, "5, stride 2", 5, 2, 1, 0, NULL},
    {SNAS_OP_DEPTHWISE, "3, dilated", 3, 1, 2, 0, NULL},
    {SNAS_OP_DEPTHWISE, "5, dilated, stride 2", 5, 2, 2, 0, NULL},
    {SNAS_OP_RELU, "", 0, 1, 1, 0, NULL},
    {SNAS_OP_NORM, "without gamma and beta", 0, 1, 1, 0, plain_norm},
    {SNAS_OP_NORM, "affine", 0, 1, 1, 0, affine_norm},
    {SNAS_OP_MAX_POOL, "3", 3, 1, 1, 0, NULL},
    {SNAS_OP_MAX_POOL, "3, stride 2", 3, 2, 1, 0, NULL},
    {SNAS_OP_AVG_POOL, "3", 3, 1, 1, 0, NULL},
    {SNAS_OP_AVG_POOL, "3, stride 2", 3, 2, 1, 0, NULL},
    {SNAS_OP_MIX, "of readers with weights and masks", 0, 1, 1, 0, mixed},
    {SNAS_OP_CONCAT, "of parts that are read elsewhere too", 0, 1, 1, 0, side_by_side},
    {SNAS_OP_GLOBAL_POOL, "", 0, 1, 1, 0, NULL},
    {SNAS_OP_LINEAR, "", 0, 1, 1, 0, linear},
    {SNAS_OP_LOSS, "of the network", 0, 1, 1, 0, nothing},
    {SNAS_OP_LOSS, "of an auxiliary classifier", 0, 1, 1, 0, auxiliary},
};

/* --- the check ---------------------------------------------------------------------------------------------------- */

/** The step's loss: the network's, and an auxiliary one with its weight. */
static double total_loss(tiny *t, double *auxiliary_losses)
{
    double sum = tiny_loss(t, SNAS_PASS_TRAIN);
    for (int i = 0; i < TINY_BATCH; i++) {
        sum += AUXILIARY * auxiliary_losses[i] / TINY_BATCH;
    }
    return sum;
}

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
    return total_loss(t, t->feed.auxiliary_losses);
}

static void check(const gradient_case *c, int h, int w, int channels)
{
    snas_arena *mem;
    tiny t;
    double auxiliary_losses[TINY_BATCH] = {0};
    assert_ok(snas_arena_create("test", 0, &mem));
    tiny_make(&t, mem, tiny_program(mem, h, w, channels, c->build == NULL ? one_operation : c->build, c), 1, true);
    t.feed.auxiliary_losses = auxiliary_losses;
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
        fail_msg("%s %s, %d x %d x %d: slope %.12g, central difference %.12g", snas_operations_f64[c->kind]->name,
                 c->what, h, w, channels, slope, wanted);
    }
    snas_arena_destroy(mem);
}

/** Every case of a kind at every shape; returns how many there are. */
static int check_kind(snas_op_kind kind)
{
    static const int SIDES[][2] = {{8, 8}, {7, 5}}, CHANNELS[] = {1, 3, 16};
    int cases = 0;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        if (CASES[i].kind != kind) {
            continue;
        }
        cases++;
        for (size_t s = 0; s < sizeof SIDES / sizeof SIDES[0]; s++) {
            for (size_t c = 0; c < sizeof CHANNELS / sizeof CHANNELS[0]; c++) {
                check(&CASES[i], SIDES[s][0], SIDES[s][1], CHANNELS[c]);
            }
        }
    }
    return cases;
}

static void gradient_of_every_operation_matches_central_difference(void **state)
{
    (void)state;
    for (int kind = 0; kind < SNAS_OP_COUNT; kind++) {
        const snas_operation *row = snas_operations_f64[kind];
        /* fused kinds are held against these; pictures have no gradient */
        if (row == NULL || row->lowered || kind == SNAS_OP_INPUT) {
            continue;
        }
        if (check_kind((snas_op_kind)kind) == 0) {
            fail_msg("no case for the operation '%s'", row->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_of_every_operation_matches_central_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
