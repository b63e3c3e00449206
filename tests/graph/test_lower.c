/* test_lower.c -- which plain operations become which fused ones, by small programs and the names they become.
 *
 * Every program begins with pictures and a 1x1 convolution, which becomes pointwise.
 */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "snas/base/arena.h"
#include "snas/base/text.h"
#include "snas/graph/program.h"

enum { CHANNELS = 4 };

static snas_window window(int kernel, int stride, int dilation)
{
    return (snas_window){.kernel = kernel,
                         .stride = stride,
                         .pad = dilation * (kernel - 1) / 2,
                         .dilation = dilation,
                         .channels = CHANNELS};
}

static int relu(snas_program *p, int x)
{
    return snas_program_op(p, SNAS_OP_RELU, x, (snas_window){0});
}

static int pointwise(snas_program *p, int x)
{
    return snas_program_conv(p, "pointwise", x, window(1, 1, 1));
}

static int norm(snas_program *p, int x)
{
    return snas_program_norm(p, "norm", x, true);
}

static int node(snas_program *p, int a, int b)
{
    const int inputs[] = {a, b}, slots[] = {SNAS_NONE, SNAS_NONE};
    return snas_program_mix(p, inputs, slots, slots, 2, (snas_shape){0});
}

/** relu, depthwise with that window, pointwise. */
static int separable(snas_program *p, int x, snas_window w)
{
    return pointwise(p, snas_program_depthwise(p, "depthwise", relu(p, x), w));
}

/* --- the programs ------------------------------------------------------------------------------------------------- */

static void separable_into_a_node(snas_program *p, int x)
{
    const int a = norm(p, separable(p, x, window(5, 2, 2)));
    node(p, a, norm(p, separable(p, x, window(3, 2, 1))));
}

static void separable_twice(snas_program *p, int x)
{
    separable(p, norm(p, separable(p, x, window(3, 1, 1))), window(3, 1, 1));
}

static void stride_of_three(snas_program *p, int x)
{
    separable(p, x, window(3, 3, 1));
}

static void even_window(snas_program *p, int x)
{
    separable(p, x, window(2, 1, 1));
}

static void padding_of_another_window(snas_program *p, int x)
{
    snas_window w = window(5, 1, 1);
    w.pad = 1;
    separable(p, x, w);
}

static void strided_pointwise(snas_program *p, int x)
{
    x = snas_program_depthwise(p, "depthwise", relu(p, x), window(3, 1, 1));
    snas_program_conv(p, "strided", x, window(1, 2, 1));
}

static void relu_that_all_readers_take(snas_program *p, int x)
{
    const int r = relu(p, x), a = pointwise(p, r);
    node(p, a, pointwise(p, snas_program_depthwise(p, "depthwise", r, window(3, 1, 1))));
}

static void relu_that_a_node_reads_too(snas_program *p, int x)
{
    const int r = relu(p, x);
    node(p, r, pointwise(p, snas_program_depthwise(p, "depthwise", r, window(3, 1, 1))));
}

static void depthwise_of_two_readers(snas_program *p, int x)
{
    const int d = snas_program_depthwise(p, "depthwise", relu(p, x), window(3, 1, 1)), a = pointwise(p, d);
    node(p, a, pointwise(p, d));
}

static void norm_of_two_readers(snas_program *p, int x)
{
    const int n = norm(p, x);
    node(p, n, separable(p, n, window(3, 1, 1)));
}

static void norm_that_a_convolution_reads(snas_program *p, int x)
{
    pointwise(p, relu(p, norm(p, x)));
}

static void norm_behind_a_concat(snas_program *p, int x)
{
    const int halves[] = {pointwise(p, x), pointwise(p, x)};
    norm(p, snas_program_concat(p, halves, 2));
}

static void norm_behind_a_relu(snas_program *p, int x)
{
    norm(p, relu(p, x));
}

static void pools_into_a_node(snas_program *p, int x)
{
    const int a = norm(p, snas_program_op(p, SNAS_OP_MAX_POOL, x, window(3, 1, 1)));
    node(p, a, snas_program_op(p, SNAS_OP_AVG_POOL, x, window(3, 1, 1)));
}

static void dilated_pool(snas_program *p, int x)
{
    norm(p, snas_program_op(p, SNAS_OP_MAX_POOL, x, window(3, 1, 2)));
}

static void pool_of_the_other_half(snas_program *p, int x)
{
    snas_window w = window(3, 2, 1);
    w.offset = 1;
    snas_program_op(p, SNAS_OP_AVG_POOL, x, w);
}

static void pool_of_a_large_window(snas_program *p, int x)
{
    snas_program_op(p, SNAS_OP_AVG_POOL, x, window(17, 1, 1));
}

static const struct {
    const char *name;
    void (*build)(snas_program *p, int x);
    const char *becomes; /* after the input and the first convolution */
} PROGRAMS[] = {
    {"separable into a node", separable_into_a_node, "separable norm-folded separable norm-folded node"},
    {"separable twice", separable_twice, "separable norm-folded separable"},
    {"stride of three", stride_of_three, "relu depthwise pointwise"},
    {"even window", even_window, "relu depthwise pointwise"},
    {"padding of another window", padding_of_another_window, "relu depthwise pointwise"},
    {"strided pointwise", strided_pointwise, "relu depthwise pointwise"},
    {"relu that all readers take", relu_that_all_readers_take, "pointwise separable node"},
    {"relu that a node reads too", relu_that_a_node_reads_too, "relu depthwise pointwise node"},
    {"depthwise of two readers", depthwise_of_two_readers, "relu depthwise pointwise pointwise node"},
    {"norm of two readers", norm_of_two_readers, "norm-folded node separable node"},
    {"norm that a convolution reads", norm_that_a_convolution_reads, "norm-folded node pointwise"},
    {"norm after a concat", norm_behind_a_concat, "pointwise pointwise concat norm-folded node"},
    {"norm after a relu", norm_behind_a_relu, "relu norm"},
    {"pools into a node", pools_into_a_node, "max-pooled norm-folded avg-pooled node"},
    {"dilated pool", dilated_pool, "max-pool norm"},
    {"pool of the other half", pool_of_the_other_half, "avg-pool"},
    {"pool of a large window", pool_of_a_large_window, "avg-pool"},
};

static void every_chain_becomes_the_operation_whose_row_matches(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof PROGRAMS / sizeof PROGRAMS[0]; i++) {
        snas_arena *mem;
        snas_program *p, *lowered;
        assert_ok(snas_arena_create("test", 0, &mem));
        assert_ok(snas_program_create(mem, &p));
        PROGRAMS[i].build(p, pointwise(p, snas_program_input(p, (snas_shape){18, 18, CHANNELS})));
        assert_int_equal(p->failed, SNAS_OK);
        assert_ok(snas_program_lower(p, &lowered));
        snas_text names = snas_text_make(mem);
        for (int op = 2; op < lowered->op_count; op++) {
            snas_text_add(&names, "%s%s", op == 2 ? "" : " ", snas_operations_f32[lowered->ops[op].kind]->name);
        }
        if (strcmp(names.data, PROGRAMS[i].becomes) != 0) {
            fail_msg("%s becomes '%s', not '%s'", PROGRAMS[i].name, names.data, PROGRAMS[i].becomes);
        }
        snas_arena_destroy(mem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chain_becomes_the_operation_whose_row_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
