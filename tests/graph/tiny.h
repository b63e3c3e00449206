/* tiny.h -- a small program with everything it needs to run a step in double: for the tests of this room.
 *
 *     x -> conv 3x3, 3 -> C -> (what is tested) -> norm, relu, mean, linear, loss
 *
 * The norm and relu after make the gradient that arrives differ from pixel to pixel.
 */
#ifndef SNAS_TESTS_TINY_H
#define SNAS_TESTS_TINY_H

#include <string.h>

#include "check.h"
#include "snas/base/rng.h"
#include "snas/base/text.h"
#include "snas/graph/executor.h"

enum { TINY_BATCH = 5, TINY_CLASSES = 4, TINY_SLOTS = 8 };

typedef struct tiny tiny;
typedef int (*tiny_middle)(snas_program *p, int x, const void *context);

struct tiny {
    snas_arena *mem;
    snas_team team;
    const snas_program *program;
    snas_executor *ex;
    snas_feed feed;
    double *images, *z, *dz, *masks;
    int labels[TINY_BATCH], ranks[TINY_BATCH];
    double losses[TINY_BATCH], logits[TINY_BATCH * TINY_CLASSES];
};

static inline snas_window tiny_window(int kernel, int stride, int dilation)
{
    return (snas_window){.kernel = kernel, .stride = stride, .pad = dilation * (kernel - 1) / 2, .dilation = dilation};
}

static inline snas_program *tiny_program(snas_arena *mem, int h, int w, int c, tiny_middle middle, const void *context)
{
    snas_program *p;
    assert_ok(snas_program_create(mem, &p));
    snas_window stem = tiny_window(3, 1, 1);
    stem.channels = c;
    int x = snas_program_input(p, (snas_shape){h, w, 3});
    x = snas_program_conv(p, "stem", x, stem);
    x = middle == NULL ? x : middle(p, x, context);
    x = snas_program_norm(p, "last", x, true);
    x = snas_program_op(p, SNAS_OP_RELU, x, (snas_window){0});
    x = snas_program_op(p, SNAS_OP_GLOBAL_POOL, x, (snas_window){0});
    x = snas_program_linear(p, "classifier", x, TINY_CLASSES);
    snas_program_op(p, SNAS_OP_LOSS, x, (snas_window){0});
    p->z_slots = TINY_SLOTS;
    p->mask_slots = TINY_SLOTS;
    assert_int_equal(p->failed, SNAS_OK);
    return p;
}

/* Numbers in (-1, 1), the same for the same stream step. */
static inline void tiny_random(double *to, int64_t count, uint64_t step)
{
    snas_rng rng = snas_rng_at(5, SNAS_STREAM_TEST, step);
    for (int64_t i = 0; i < count; i++) {
        to[i] = 2.0 * snas_rng_uniform(&rng) - 1.0;
    }
}

/* An executor of the program in double with random weights, pictures, z and masks. */
static inline void tiny_make(tiny *t, snas_arena *mem, const snas_program *program, int threads, bool training)
{
    const snas_shape *shape = &program->values[0].shape;
    const int64_t pixels = (int64_t)TINY_BATCH * shape->h * shape->w * 3;
    *t = (tiny){.mem = mem, .team = {.threads = threads}, .program = program};
    const snas_executor_options options = {.batch = TINY_BATCH + 1, .training = training, .f64 = true};
    assert_ok(snas_executor_create(mem, &t->team, program, &options, &t->ex));
    t->images = snas_arena_take(mem, (size_t)pixels, sizeof(double));
    t->z = snas_arena_take(mem, TINY_SLOTS, sizeof(double));
    t->dz = snas_arena_take(mem, TINY_SLOTS, sizeof(double));
    t->masks = snas_arena_take(mem, (size_t)TINY_SLOTS * (TINY_BATCH + 1), sizeof(double));
    tiny_random(t->images, pixels, 1);
    tiny_random(t->z, TINY_SLOTS, 2);
    tiny_random(t->masks, (int64_t)TINY_SLOTS * (TINY_BATCH + 1), 3);
    tiny_random(snas_executor_weights(t->ex), program->weight_count, 4);
    double *buffers = snas_executor_buffers(t->ex);
    tiny_random(buffers, program->buffer_values, 5);
    for (int64_t i = 0; i < program->buffer_values; i++) {
        buffers[i] = buffers[i] * buffers[i] + 0.5; /* a variance is positive */
    }
    for (int i = 0; i < TINY_BATCH; i++) {
        t->labels[i] = i % TINY_CLASSES;
    }
    t->feed = (snas_feed){.count = TINY_BATCH,
                          .images = t->images,
                          .labels = t->labels,
                          .label_smoothing = 0.1,
                          .z = t->z,
                          .dz = t->dz,
                          .masks = t->masks,
                          .losses = t->losses,
                          .ranks = t->ranks,
                          .logits = t->logits};
}

static inline double tiny_loss(tiny *t, snas_pass_mode mode)
{
    double sum = 0.0;
    t->feed.mode = mode;
    snas_executor_forward(t->ex, &t->feed);
    for (int i = 0; i < TINY_BATCH; i++) {
        sum += t->losses[i] / TINY_BATCH;
    }
    return sum;
}

#endif
