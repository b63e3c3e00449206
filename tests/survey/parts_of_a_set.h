/* parts_of_a_set.h -- a data set made in the test: pictures of several sizes, any of which can be broken. */
#ifndef SNAS_TESTS_PARTS_OF_A_SET_H
#define SNAS_TESTS_PARTS_OF_A_SET_H

#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/base/rng.h"
#include "snas/config/config.h"

enum { TRAIN = 40, TEST = 12, CLASSES = 4, SIDE_MOST = 6, BYTES = SIDE_MOST * SIDE_MOST * 3 };

/* Training pictures first, then the test's. */
static struct {
    uint8_t pixels[TRAIN + TEST][BYTES];
    int labels[TRAIN + TEST];
    int shape_of[TRAIN + TEST]; /* the picture whose size it has */
    bool unreadable[TRAIN + TEST];
    snas_status open_status;
} made;

static inline int height_of(int i)
{
    return 1 + made.shape_of[i] % SIDE_MOST;
}

static inline int width_of(int i)
{
    return 2 + made.shape_of[i] % (SIDE_MOST - 1);
}

static inline snas_status made_read(const snas_pictures *pictures, int i, snas_arena *scratch, snas_picture *out)
{
    const int first = *(const int *)pictures->source;
    uint8_t *copy;
    if (made.unreadable[first + i]) {
        return snas_fail(SNAS_E_DATA, "picture %d is broken", first + i);
    }
    SNAS_NEW(scratch, copy, BYTES);
    memcpy(copy, made.pixels[first + i], BYTES);
    *out = (snas_picture){.height = height_of(first + i), .width = width_of(first + i), .pixels = copy};
    return SNAS_OK;
}

static inline snas_status made_open(snas_arena *arena, const snas_dataset_request *request, snas_dataset *out)
{
    static const int firsts[2] = {0, TRAIN};
    static const char *const names[CLASSES] = {"zero", "one", "two", "three"};
    (void)arena;
    (void)request;
    const snas_pictures part = {.side = SIDE_MOST, .channels = 3, .scratch_bytes = 256, .read = made_read};
    if (made.open_status != SNAS_OK) {
        return snas_fail(made.open_status, "it does not open");
    }
    *out = (snas_dataset){.name = "made",
                          .classes = CLASSES,
                          .class_names = names,
                          .mean = {0.3f, 0.4f, 0.5f},
                          .deviation = {0.2f, 0.2f, 0.2f},
                          .train = part,
                          .test = part,
                          .source = "made here"};
    out->train.count = TRAIN;
    out->train.labels = made.labels;
    out->train.source = &firsts[0];
    out->test.count = TEST;
    out->test.labels = made.labels + TRAIN;
    out->test.source = &firsts[1];
    return SNAS_OK;
}

static inline snas_config config_of(void)
{
    static const snas_dataset_row row = {.name = "made", .open = made_open};
    return (snas_config){.data = {.dataset = &row}};
}

/* Picture `to` becomes that of `from`; its label stays. */
static inline void copy_picture(int from, int to)
{
    memcpy(made.pixels[to], made.pixels[from], BYTES);
    made.shape_of[to] = made.shape_of[from];
}

static inline void paint_picture(int i, int byte)
{
    memset(made.pixels[i], byte, BYTES);
}

static inline int make_set(void **state)
{
    memset(&made, 0, sizeof made);
    snas_rng rng = snas_rng_at(5, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < TRAIN + TEST; i++) {
        made.labels[i] = i % CLASSES;
        made.shape_of[i] = i;
        for (int j = 0; j < BYTES; j++) {
            made.pixels[i][j] = (uint8_t)snas_rng_below(&rng, 256);
        }
    }
    return arena_setup(state);
}

#endif
