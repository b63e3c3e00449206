/* test_program.c -- programs as they are planned and run: memory that does not overlap, threads that change no bit,
 * evaluation by hand.
 */
#include <limits.h>
#include <stdio.h>

#include "bind.h"
#include "tiny.h"

/* --- a cell's worth of everything --------------------------------------------------------------------------------- */

static int branch(snas_program *p, int x, int i)
{
    char name[32];
    snas_window one = tiny_window(1, 1, 1);
    one.channels = p->values[x].shape.c;
    snprintf(name, sizeof name, "branch%d.dw", i);
    int y = snas_program_op(p, SNAS_OP_RELU, x, (snas_window){0});
    y = snas_program_depthwise(p, name, y, tiny_window(3, 1, 1 + i % 2));
    snprintf(name, sizeof name, "branch%d.pw", i);
    y = snas_program_conv(p, name, y, one);
    snprintf(name, sizeof name, "branch%d.norm", i);
    return snas_program_norm(p, name, y, true);
}

static int pooled(snas_program *p, int x, int i)
{
    char name[32];
    snprintf(name, sizeof name, "pool%d.norm", i);
    const snas_op_kind kind = i % 2 == 0 ? SNAS_OP_MAX_POOL : SNAS_OP_AVG_POOL;
    return snas_program_norm(p, name, snas_program_op(p, kind, x, tiny_window(3, 1, 1)), false);
}

static int cell(snas_program *p, int x, const void *context)
{
    (void)context;
    const int first[] = {branch(p, x, 0), x, pooled(p, x, 1)}, z0[] = {0, 1, 2};
    const int a = snas_program_mix(p, first, z0, NULL, 3, (snas_shape){0});
    const int second[] = {branch(p, a, 2), pooled(p, x, 3), branch(p, x, 4)}, z1[] = {3, 4, 5};
    const int masks[] = {1, 2, SNAS_NONE};
    const int b = snas_program_mix(p, second, z1, masks, 3, (snas_shape){0});
    const int nothing = snas_program_mix(p, NULL, NULL, NULL, 0, p->values[x].shape);
    const int nodes[] = {a, b, nothing};
    return snas_program_concat(p, nodes, 3);
}

static int two_cells(snas_program *p, int x, const void *context)
{
    snas_window one = tiny_window(1, 2, 1);
    one.channels = 4;
    const int y = cell(p, x, context);
    return snas_program_norm(p, "between", snas_program_conv(p, "between.conv", y, one), true);
}

/* A batch norm that many read, so it has to be written. */
static int written_norm(snas_program *p, int x, const void *context)
{
    snas_window one = tiny_window(1, 1, 1);
    one.channels = p->values[x].shape.c;
    x = snas_program_op(p, SNAS_OP_RELU, x, (snas_window){0});
    x = snas_program_norm(p, "before", snas_program_conv(p, "before.conv", x, one), true);
    return two_cells(p, x, context);
}

/* One candidate of an edge from x: a value behind its gate. */
static int candidate(snas_program *p, int x, int slot)
{
    p->gate = slot;
    const int y = slot % 3 == 0   ? branch(p, branch(p, x, 2 * slot), 2 * slot + 1)
                  : slot % 3 == 1 ? branch(p, x, 2 * slot)
                                  : snas_program_op(p, SNAS_OP_AVG_POOL, branch(p, x, 2 * slot), tiny_window(3, 1, 1));
    p->gate = SNAS_NONE;
    return y;
}

enum { EDGE_SLOTS = 3 };

/* Two nodes, three edges of three candidates each: x -> a, x -> b, a -> b. */
static int edges(snas_program *p, int x, const void *context)
{
    (void)context;
    int first[EDGE_SLOTS], second[2 * EDGE_SLOTS], z0[EDGE_SLOTS], z1[2 * EDGE_SLOTS];
    for (int k = 0; k < EDGE_SLOTS; k++) {
        z0[k] = k;
        first[k] = candidate(p, x, k);
    }
    const int a = snas_program_mix(p, first, z0, NULL, EDGE_SLOTS, (snas_shape){0});
    for (int k = 0; k < 2 * EDGE_SLOTS; k++) {
        z1[k] = EDGE_SLOTS + k;
        second[k] = candidate(p, k < EDGE_SLOTS ? x : a, z1[k]);
    }
    p->edge_slots = EDGE_SLOTS;
    return snas_program_mix(p, second, z1, NULL, 2 * EDGE_SLOTS, (snas_shape){0});
}

static snas_arena *arena(void)
{
    snas_arena *mem;
    assert_ok(snas_arena_create("test", 0, &mem));
    return mem;
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static bool lives(const snas_block *block, int stage)
{
    const bool has_gap = stage >= block->gap_first && stage < block->gap_end;
    return stage >= block->first && stage <= block->last && !has_gap;
}

static bool live_at_once(const snas_block *a, const snas_block *b)
{
    for (int stage = a->first; stage <= a->last; stage++) {
        if (lives(a, stage) && lives(b, stage)) {
            return true;
        }
    }
    return false;
}

/* Written by candidates of one edge that are not the same. */
static bool on_other_paths(const snas_program *p, int v, int w)
{
    const int a = p->ops[p->values[v].producer].gate, b = p->ops[p->values[w].producer].gate;
    return a != SNAS_NONE && b != SNAS_NONE && a != b && a / EDGE_SLOTS == b / EDGE_SLOTS;
}

/* Pairs of blocks that live at once and share memory, as only those of two paths may; and the plan's size. */
static int assert_apart(const snas_program *p, const graph_plan_options *options, int64_t *picture)
{
    graph_schedule schedule;
    graph_plan plan;
    assert_ok(graph_schedule_make(p, options->training, &schedule));
    assert_ok(graph_plan_make(p, &schedule, options, &plan));
    int met = 0, shared = 0;
    for (int i = 0; i < 2 * p->value_count; i++) {
        const snas_block *a = i % 2 == 0 ? &plan.values[i / 2] : &plan.gradients[i / 2];
        if (a->last < a->first) {
            continue;
        }
        assert_true(a->offset >= 0 && a->offset + a->size <= plan.picture);
        for (int j = 0; j < i; j++) {
            const snas_block *b = j % 2 == 0 ? &plan.values[j / 2] : &plan.gradients[j / 2];
            const bool live = live_at_once(a, b);
            if (live && a->offset < b->offset + b->size && b->offset < a->offset + a->size) {
                if (!options->single_path || !on_other_paths(p, i / 2, j / 2)) {
                    fail_msg("blocks %d and %d live at once and share memory", i, j);
                }
                shared++;
            }
            met += live;
        }
    }
    assert_true(met > 0);
    *picture = plan.picture;
    return shared;
}

static void no_two_live_blocks_overlap(void **state)
{
    (void)state;
    snas_arena *mem = arena();
    const snas_program *p = tiny_program(mem, 8, 6, 5, written_norm, NULL);
    snas_program *lowered;
    assert_ok(snas_program_lower(p, &lowered));
    for (int training = 0; training < 2; training++) {
        const graph_plan_options options = {.training = training};
        int64_t picture;
        assert_int_equal(assert_apart(p, &options, &picture), 0);
        assert_int_equal(assert_apart(lowered, &options, &picture), 0);
    }
    snas_arena_destroy(mem);
}

static void only_values_of_different_paths_share_memory(void **state)
{
    (void)state;
    snas_arena *mem = arena();
    const snas_program *p = tiny_program(mem, 8, 6, 5, edges, NULL);
    snas_program *lowered;
    assert_ok(snas_program_lower(p, &lowered));
    for (int i = 0; i < 4; i++) {
        const snas_program *program = i % 2 == 0 ? p : lowered;
        const graph_plan_options all = {.training = i / 2}, one = {.training = i / 2, .single_path = true};
        int64_t of_all, of_one;
        assert_int_equal(assert_apart(program, &all, &of_all), 0);
        assert_true(assert_apart(program, &one, &of_one) > 0);
        assert_true(of_one < of_all);
    }
    snas_arena_destroy(mem);
}

static void a_written_norm_rests_between_its_readers_and_no_longer(void **state)
{
    (void)state;
    snas_arena *mem = arena();
    const snas_program *p = tiny_program(mem, 8, 6, 5, written_norm, NULL);
    snas_program *lowered;
    graph_schedule schedule;
    graph_plan plan;
    int rested = 0, read = 0;
    assert_ok(snas_program_lower(p, &lowered));
    assert_ok(graph_schedule_make(lowered, true, &schedule));
    assert_ok(graph_plan_make(lowered, &schedule, &(graph_plan_options){.training = true}, &plan));
    for (int v = 0; v < lowered->value_count; v++) {
        const snas_block *block = &plan.values[v];
        if (block->gap_end <= block->gap_first) {
            continue;
        }
        const int source = graph_source(lowered, lowered->ops[lowered->values[v].producer].inputs[0]);
        assert_true(lives(&plan.values[source], block->gap_end)); /* what it is made from */
        assert_true(block->gap_first > block->first && block->gap_end <= block->last);
        for (int i = lowered->values[v].producer + 1; i < lowered->op_count; i++) {
            for (int k = 0; k < lowered->ops[i].input_count; k++) {
                for (int pass = 0; pass < PASS_COUNT; pass++) {
                    const int stage = schedule.stage[pass][i];
                    if (stage != SNAS_NONE && graph_source(lowered, lowered->ops[i].inputs[k]) == v) {
                        assert_true(lives(block, stage));
                        read++;
                    }
                }
            }
        }
        rested++;
    }
    assert_true(rested > 0 && read > 0);
    snas_arena_destroy(mem);
}

/* Every piece is listed once: adding them up and taking them cannot differ. */
static void what_is_measured_is_what_is_taken(void **state)
{
    (void)state;
    static const snas_team TEAM = {.threads = 3};
    for (int i = 0; i < 8; i++) {
        const snas_executor_options options = {.batch = 5,
                                               .training = i % 2 == 1,
                                               .f64 = i == 6,
                                               .recompute = i / 2 == 1,
                                               .kernels = i / 2 == 2 ? "plain" : NULL};
        snas_arena *mem = arena(), *again = arena();
        size_t parameters, activations;
        const snas_program *p = tiny_program(mem, 8, 8, 6, two_cells, NULL);
        snas_executor *ex;
        assert_ok(snas_executor_measure(mem, &TEAM, p, &options, &parameters, &activations));
        assert_ok(snas_executor_create(mem, &TEAM, p, &options, &ex));
        assert_ok(graph_bind(ex, again));
        assert_int_equal(snas_arena_used(again), parameters + activations);
        snas_arena_destroy(again);
        snas_arena_destroy(mem);
    }
}

static void a_batch_beyond_all_memory_is_refused(void **state)
{
    (void)state;
    static const snas_team TEAM = {.threads = 1};
    const snas_executor_options options = {.batch = INT_MAX, .training = true, .f64 = true};
    snas_arena *mem = arena();
    size_t parameters, activations;
    const snas_program *p = tiny_program(mem, 3000, 3000, 400, NULL, NULL);
    assert_fails(snas_executor_measure(mem, &TEAM, p, &options, &parameters, &activations), SNAS_E_USAGE,
                 "a batch of 2147483647 needs more memory than can be addressed");
    snas_arena_destroy(mem);
}

static void evaluation_needs_less_memory_than_training(void **state)
{
    (void)state;
    snas_arena *mem = arena();
    const snas_program *p = tiny_program(mem, 8, 8, 4, two_cells, NULL);
    const snas_team team = {.threads = 1};
    size_t parameters[2], activations[2];
    for (int training = 0; training < 2; training++) {
        const snas_executor_options options = {.batch = 8, .training = training, .f64 = true};
        assert_ok(snas_executor_measure(mem, &team, p, &options, &parameters[training], &activations[training]));
    }
    assert_true(activations[0] < activations[1] / 4);
    assert_true(parameters[0] < parameters[1]);
    snas_arena_destroy(mem);
}

/* --- running ------------------------------------------------------------------------------------------------------ */

static void any_number_of_threads_gives_the_same_bytes(void **state)
{
    (void)state;
    snas_arena *mem = arena();
    const snas_program *p = tiny_program(mem, 8, 6, 5, two_cells, NULL);
    tiny t[3];
    for (int i = 0; i < 3; i++) {
        tiny_make(&t[i], mem, p, i + 1, true);
        tiny_loss(&t[i], SNAS_PASS_TRAIN);
        snas_executor_backward(t[i].ex, &t[i].feed);
    }
    for (int i = 1; i < 3; i++) {
        assert_memory_equal(t[i].losses, t[0].losses, sizeof t[0].losses);
        assert_memory_equal(t[i].dz, t[0].dz, TINY_SLOTS * sizeof(double));
        assert_memory_equal(snas_executor_gradients(t[i].ex), snas_executor_gradients(t[0].ex),
                            (size_t)p->weight_count * sizeof(double));
        assert_memory_equal(snas_executor_buffers(t[i].ex), snas_executor_buffers(t[0].ex),
                            (size_t)p->buffer_values * sizeof(double));
    }
    snas_arena_destroy(mem);
}

static void evaluation_in_a_training_plan_equals_an_evaluation_plan(void **state)
{
    (void)state;
    snas_arena *mem = arena();
    const snas_program *p = tiny_program(mem, 8, 6, 5, two_cells, NULL);
    tiny t[3];
    const int threads[] = {1, 1, 3};
    for (int i = 0; i < 3; i++) {
        tiny_make(&t[i], mem, p, threads[i], i == 0);
        tiny_loss(&t[i], SNAS_PASS_EVALUATE);
        assert_memory_equal(t[i].logits, t[0].logits, sizeof t[0].logits);
        assert_memory_equal(t[i].losses, t[0].losses, sizeof t[0].losses);
    }
    assert_true(fabs(t[0].logits[0] - t[0].logits[TINY_CLASSES]) > 1e-6);
    snas_arena_destroy(mem);
}

static void evaluation_between_steps_leaves_the_step_as_it_was(void **state)
{
    (void)state;
    snas_arena *mem = arena();
    const snas_program *p = tiny_program(mem, 8, 6, 5, two_cells, NULL);
    tiny a, b;
    tiny_make(&a, mem, p, 1, true);
    tiny_make(&b, mem, p, 2, true);
    tiny_loss(&b, SNAS_PASS_EVALUATE);
    tiny_loss(&a, SNAS_PASS_TRAIN);
    tiny_loss(&b, SNAS_PASS_TRAIN);
    snas_executor_backward(a.ex, &a.feed);
    snas_executor_backward(b.ex, &b.feed);
    assert_memory_equal(snas_executor_gradients(a.ex), snas_executor_gradients(b.ex),
                        (size_t)p->weight_count * sizeof(double));
    snas_arena_destroy(mem);
}

/* A picture of one pixel value, so that the network can be worked out on paper: 1x1 windows, no border. */
static void evaluation_uses_the_running_statistics(void **state)
{
    (void)state;
    snas_arena *mem = arena();
    snas_program *p;
    assert_ok(snas_program_create(mem, &p));
    const snas_window one = {.kernel = 1, .stride = 1, .dilation = 1, .channels = 1};
    int x = snas_program_input(p, (snas_shape){2, 2, 3});
    x = snas_program_norm(p, "norm", snas_program_conv(p, "conv", x, one), true);
    x = snas_program_op(p, SNAS_OP_GLOBAL_POOL, x, (snas_window){0});
    snas_program_op(p, SNAS_OP_LOSS, snas_program_linear(p, "fc", x, TINY_CLASSES), (snas_window){0});
    tiny t;
    tiny_make(&t, mem, p, 1, false);
    const double *w = snas_executor_weights(t.ex), *r = snas_executor_buffers(t.ex);
    tiny_loss(&t, SNAS_PASS_EVALUATE);
    for (int n = 0; n < TINY_BATCH; n++) {
        double mean = 0.0;
        for (int i = 0; i < 4; i++) {
            const double *pixel = t.images + (n * 4 + i) * 3;
            const double u = w[0] * pixel[0] + w[1] * pixel[1] + w[2] * pixel[2];
            mean += (w[3] * (u - r[0]) / sqrt(r[1] + p->norm_eps) + w[4]) / 4;
        }
        for (int m = 0; m < TINY_CLASSES; m++) {
            assert_near(t.logits[n * TINY_CLASSES + m], w[5 + m] * mean + w[5 + TINY_CLASSES + m], 1e-14);
        }
    }
    snas_arena_destroy(mem);
}

static void recalibration_takes_the_mean_over_batches(void **state)
{
    (void)state;
    snas_arena *mem = arena();
    const snas_program *p = tiny_program(mem, 6, 6, 3, NULL, NULL);
    tiny t;
    tiny_make(&t, mem, p, 1, true);
    double *running = snas_executor_buffers(t.ex), first[6];
    tiny_loss(&t, SNAS_PASS_RECALIBRATE);
    memcpy(first, running, sizeof first);
    for (int i = 0; i < TINY_BATCH * 36 * 3; i++) {
        t.images[i] *= 2.0;
    }
    t.feed.recalibrated = 1;
    tiny_loss(&t, SNAS_PASS_RECALIBRATE);
    for (int c = 0; c < 3; c++) { /* the stem is linear: twice the mean, four times the variance */
        assert_near(running[c], 1.5 * first[c], 1e-12);
        assert_near(running[3 + c], 2.5 * first[3 + c], 1e-12);
    }
    snas_arena_destroy(mem);
}

static void a_pass_with_the_batch_s_statistics_leaves_the_running_ones_alone(void **state)
{
    (void)state;
    snas_arena *mem = arena();
    const snas_program *p = tiny_program(mem, 6, 6, 3, NULL, NULL);
    tiny t;
    tiny_make(&t, mem, p, 1, true);
    double *running = snas_executor_buffers(t.ex), before[6];
    memcpy(before, running, sizeof before);
    const double batch = tiny_loss(&t, SNAS_PASS_BATCH);
    assert_memory_equal(running, before, sizeof before);
    assert_true(tiny_loss(&t, SNAS_PASS_EVALUATE) != batch);
    assert_true(tiny_loss(&t, SNAS_PASS_TRAIN) == batch);
    assert_memory_not_equal(running, before, sizeof before);
    snas_arena_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_two_live_blocks_overlap),
        cmocka_unit_test(only_values_of_different_paths_share_memory),
        cmocka_unit_test(a_written_norm_rests_between_its_readers_and_no_longer),
        cmocka_unit_test(what_is_measured_is_what_is_taken),
        cmocka_unit_test(a_batch_beyond_all_memory_is_refused),
        cmocka_unit_test(evaluation_needs_less_memory_than_training),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(evaluation_in_a_training_plan_equals_an_evaluation_plan),
        cmocka_unit_test(evaluation_between_steps_leaves_the_step_as_it_was),
        cmocka_unit_test(evaluation_uses_the_running_statistics),
        cmocka_unit_test(recalibration_takes_the_mean_over_batches),
        cmocka_unit_test(a_pass_with_the_batch_s_statistics_leaves_the_running_ones_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
