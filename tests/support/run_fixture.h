/* run_fixture.h -- a tiny search and a tiny training in a temporary folder, for tests of learn and above. */
#ifndef SNAS_TESTS_RUN_FIXTURE_H
#define SNAS_TESTS_RUN_FIXTURE_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/config/config.h"
#include "snas/learn/run_options.h"

enum { FIXTURE_SIDE = 8, FIXTURE_TRAIN = 64, FIXTURE_TEST = 24, FIXTURE_BATCH = 8, FIXTURE_STEPS = 4 };

/* Two epochs of four steps: 32 pictures to search on, 16 to validate. */
static inline snas_config fixture_config(void)
{
    const snas_weights_config weights = {.rate = 0.05,
                                         .pace_of_norms_and_biases = 1.0,
                                         .rate_last = 0.001,
                                         .schedule = snas_rate_schedule_find("cosine"),
                                         .momentum = 0.9,
                                         .decay = 3e-4,
                                         .clip = 5};
    return (snas_config){
        .seed = 7,
        .keep_checkpoints = 2,
        .shards = 16,
        .data = {.dataset = snas_dataset_find("synthetic"),
                 .synthetic_train = FIXTURE_TRAIN,
                 .synthetic_test = FIXTURE_TEST,
                 .synthetic_side = FIXTURE_SIDE,
                 .crop_pad = 1,
                 .flip = true},
        .search = {.space = snas_space_find("darts"),
                   .channels = 4,
                   .cells = 3,
                   .epochs = 2,
                   .batch = FIXTURE_BATCH,
                   .train_images = 32,
                   .validation_images = 16,
                   .cutout = 2,
                   .drop_path = 0.3,
                   .weights = weights,
                   .logit_mean = 1.0,
                   .logit_std = 0.01,
                   .adam = {.rate = 0.05, .beta1 = 0.5, .beta2 = 0.999, .eps = 1e-8, .decay = 1e-3},
                   .logit_clip = 10,
                   .estimator = snas_estimator_find("concrete"),
                   .temperature = snas_temperature_find("linear"),
                   .tau_first = 1.0,
                   .tau_last = 0.3,
                   .resource = true,
                   .penalty = {.logarithmic = true, .ratio = 1.0},
                   .resource_gradient = SNAS_RESOURCE_REPARAMETRIZATION,
                   .lambda = 1e-3,
                   .recalibration_batches = 2},
        .train = {.channels = 4,
                  .cells = 3,
                  .epochs = 2,
                  .batch = FIXTURE_BATCH,
                  .train_images = 32,
                  .cutout = 2,
                  .drop_path = 0.2,
                  .drop_path_ramp = true,
                  .evaluate_every = 1,
                  .weights = weights},
        .text = "{\"seed\": 7}\n",
    };
}

/* All of the training protocol at once: five epochs of four steps in parts of 3, 3 and 2, evaluated after epochs 2, 4
 * and 5. */
static inline snas_config fixture_busy_config(void)
{
    snas_config config = fixture_config();
    snas_train_config *train = &config.train;
    train->epochs = 5;
    train->micro_batch = 3;
    train->average_decay = 0.9;
    train->evaluate_every = 2;
    train->recalibration_batches = 2;
    train->patience = 3;
    train->label_smoothing = 0.1;
    train->weights.nesterov = true;
    train->weights.warmup = 2;
    train->weights.schedule = snas_rate_schedule_find("step");
    train->weights.step_epochs = 2;
    train->weights.step_factor = 0.5;
    train->weights.decay_norms_and_biases = false;
    return config;
}

/* A fresh folder of its own under /tmp, in the arena. */
static inline const char *fixture_folder(snas_arena *arena)
{
    char *path = snas_format(arena, "/tmp/snas-test-XXXXXX");
    assert_non_null(path);
    assert_non_null(mkdtemp(path));
    return path;
}

static inline snas_run_options fixture_options(const char *folder)
{
    return (snas_run_options){.folder = folder, .team = {.threads = 1}};
}

/* Remove a folder with all that is in it. */
static inline void fixture_remove(snas_arena *arena, const char *folder)
{
    const char *command = snas_format(arena, "rm -rf '%s'", folder);
    assert_true(snas_starts(folder, "/tmp/snas-test-"));
    assert_int_equal(system(command), 0);
}

static inline snas_bytes fixture_read(snas_arena *arena, const char *folder, const char *name)
{
    snas_bytes bytes;
    const char *path = snas_format(arena, "%s/%s", folder, name);
    assert_ok(snas_file_read(arena, path, (size_t)1 << 28, &bytes));
    return bytes;
}

/* Replace the file by its own bytes with one bit turned. */
static inline void fixture_flip(snas_arena *arena, const char *path, snas_bytes bytes, size_t bit)
{
    unsigned char *copy = snas_arena_take(arena, bytes.size, 1);
    memcpy(copy, bytes.data, bytes.size);
    copy[bit / 8] ^= (unsigned char)(1u << (bit % 8));
    assert_ok(snas_file_replace(path, &(snas_bytes){.data = copy, .size = bytes.size}, 1));
}

/* The same bytes under both folders. */
static inline void fixture_assert_same(snas_arena *arena, const char *a, const char *b, const char *name)
{
    const snas_bytes x = fixture_read(arena, a, name), y = fixture_read(arena, b, name);
    if (x.size != y.size || memcmp(x.data, y.data, x.size) != 0) {
        fail_msg("'%s' differs between %s and %s", name, a, b);
    }
}

static inline bool fixture_has(snas_arena *arena, const char *folder, const char *name)
{
    return snas_file_is(snas_format(arena, "%s/%s", folder, name));
}

#endif
