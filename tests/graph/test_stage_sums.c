/* test_stage_sums.c -- what a stage sums lies in its rows: a norm over parts that are written in different stages, the
 * fused program against the plain one.
 */
#include "tiny.h"

enum { CHANNELS = 4, SIDE = 6, PIXELS = SIDE * SIDE * 3 };
static const double TOLERANCE = 1e-4; /* relative, of floats; a lost part is off by 1e-1 and more */

/* norm(concat(a(x), b(relu(norm(c(x)))))): b's pictures are there a stage after a's. */
static int parts_of_two_stages(snas_program *p, int x, const void *context)
{
    (void)context;
    snas_window one = tiny_window(1, 1, 1);
    one.channels = CHANNELS;
    const int a = snas_program_conv(p, "a", x, one);
    const int c = snas_program_norm(p, "c.norm", snas_program_conv(p, "c", x, one), true);
    const int b = snas_program_conv(p, "b", snas_program_op(p, SNAS_OP_RELU, c, (snas_window){0}), one);
    const int parts[] = {a, b};
    const int inputs[] = {snas_program_norm(p, "norm", snas_program_concat(p, parts, 2), true)};
    const int z[] = {1};
    return snas_program_mix(p, inputs, z, NULL, 1, (snas_shape){0});
}

/** A step of the program in float. */
typedef struct {
    double loss, dz[TINY_SLOTS];
    const float *gradients, *buffers;
} float_step;

static float_step step_of(snas_arena *mem, const snas_program *p, const char *kernels)
{
    const snas_executor_options options = {.batch = TINY_BATCH, .training = true, .kernels = kernels};
    snas_team *team = snas_arena_take(mem, 1, sizeof *team);
    snas_executor *ex;
    double losses[TINY_BATCH], z[TINY_SLOTS], numbers[TINY_BATCH * PIXELS];
    float images[TINY_BATCH * PIXELS], logits[TINY_BATCH * TINY_CLASSES];
    int labels[TINY_BATCH], ranks[TINY_BATCH];
    float_step out = {0};
    assert_non_null(team);
    *team = (snas_team){.threads = 2};
    assert_ok(snas_executor_create(mem, team, p, &options, &ex));
    double *weights = snas_arena_take(mem, (size_t)p->weight_count, sizeof *weights);
    assert_non_null(weights);
    tiny_random(weights, p->weight_count, 4);
    tiny_random(numbers, TINY_BATCH * PIXELS, 1);
    tiny_random(z, TINY_SLOTS, 2);
    for (int64_t i = 0; i < p->weight_count; i++) {
        ((float *)snas_executor_weights(ex))[i] = (float)weights[i];
    }
    for (int i = 0; i < TINY_BATCH * PIXELS; i++) {
        images[i] = (float)numbers[i];
    }
    for (int i = 0; i < TINY_BATCH; i++) {
        labels[i] = i % TINY_CLASSES;
    }
    snas_feed feed = {.count = TINY_BATCH,
                      .mode = SNAS_PASS_TRAIN,
                      .images = images,
                      .labels = labels,
                      .z = z,
                      .dz = out.dz,
                      .losses = losses,
                      .ranks = ranks,
                      .logits = logits};
    snas_executor_forward(ex, &feed);
    snas_executor_backward(ex, &feed);
    for (int i = 0; i < TINY_BATCH; i++) {
        out.loss += losses[i];
    }
    out.gradients = snas_executor_gradients(ex);
    out.buffers = snas_executor_buffers(ex);
    return out;
}

static void a_norm_over_parts_of_two_stages_is_that_of_the_whole(void **state)
{
    (void)state;
    snas_arena *mem;
    assert_ok(snas_arena_create("test", 0, &mem));
    const snas_program *p = tiny_program(mem, SIDE, SIDE, CHANNELS, parts_of_two_stages, NULL);
    const float_step plain = step_of(mem, p, "plain"), fused = step_of(mem, p, NULL);
    assert_near(fused.loss, plain.loss, TOLERANCE);
    assert_near(fused.dz[1], plain.dz[1], TOLERANCE);
    for (int64_t i = 0; i < p->buffer_values; i++) {
        assert_near((double)fused.buffers[i], (double)plain.buffers[i], TOLERANCE);
    }
    for (int64_t i = 0; i < p->weight_count; i++) {
        assert_near((double)fused.gradients[i], (double)plain.gradients[i], TOLERANCE);
    }
    snas_arena_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_norm_over_parts_of_two_stages_is_that_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
