/* test_loader.c -- an epoch holds each picture once, and a batch depends on (seed, epoch, number) and on nothing else. */
#include <string.h>

#include "check.h"
#include "snas/base/rng.h"
#include "snas/data/dataset.h"

enum { COUNT = 53, TESTS = 10, SIDE = 8, SIZE = SIDE * SIDE * 3, BATCH = 10 };
static const snas_augment ALL = {.crop_pad = 2, .flip = true, .cutout = 4};
static const snas_augment NONE = {0};
static snas_arena *mem;
static snas_dataset set;

static int make_set(void **state)
{
    (void)state;
    const snas_dataset_request request = {
        .seed = 1, .train_count = COUNT, .test_count = TESTS, .side = SIDE};
    if (snas_arena_create("test", 0, &mem) != SNAS_OK) {
        return -1;
    }
    return snas_dataset_find("synthetic")->open(mem, &request, &set) == SNAS_OK ? 0 : -1;
}

static int drop_set(void **state)
{
    (void)state;
    snas_arena_destroy(mem);
    return 0;
}

static snas_loader make_loader(snas_augment augment, bool shuffle, uint64_t seed)
{
    snas_selection all;
    snas_loader loader;
    assert_ok(snas_selection_all(mem, &set.train, &all));
    assert_ok(snas_loader_create(mem, &set, all, augment, shuffle, seed, BATCH, &loader));
    return loader;
}

/* An epoch as one block; returns how many pictures it had. */
static int read_epoch(snas_loader *loader, int threads, int64_t epoch, float *images, int *labels)
{
    const snas_team team = {.threads = threads};
    int count = 0;
    for (int b = 0; b < snas_loader_batches(loader); b++) {
        count += snas_loader_batch(loader, &team, epoch, b, images + (size_t)count * SIZE,
                                   labels + count);
    }
    return count;
}

static float blocks[3][COUNT * SIZE];
static int labels[3][COUNT];

/* Which picture stands at `image` when it was only normalised; -1 none. */
static int which(const float *image)
{
    for (int i = 0; i < COUNT; i++) {
        const uint8_t *pixels = set.train.pixels + (size_t)i * SIZE;
        int same = 0;
        for (int j = 0; j < SIZE; j++) {
            same +=
                image[j] == ((float)pixels[j] / 255.0f - set.mean[j % 3]) / set.deviation[j % 3];
        }
        if (same == SIZE) {
            return i;
        }
    }
    return -1;
}

static void an_epoch_holds_each_picture_once_with_its_label(void **state)
{
    (void)state;
    snas_loader loader = make_loader(NONE, true, 7);
    assert_int_equal(snas_loader_batches(&loader), 6);
    for (int64_t epoch = 0; epoch < 3; epoch++) {
        int seen[COUNT] = {0};
        assert_int_equal(read_epoch(&loader, 2, epoch, blocks[0], labels[0]), COUNT);
        for (int i = 0; i < COUNT; i++) {
            const int picture = which(blocks[0] + (size_t)i * SIZE);
            assert_in_range(picture, 0, COUNT - 1);
            assert_int_equal(labels[0][i], set.train.labels[picture]);
            seen[picture]++;
        }
        for (int i = 0; i < COUNT; i++) {
            assert_int_equal(seen[i], 1);
        }
    }
}

static void without_shuffle_the_selections_order_stands(void **state)
{
    (void)state;
    snas_loader loader = make_loader(NONE, false, 7);
    read_epoch(&loader, 1, 5, blocks[0], labels[0]);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(which(blocks[0] + (size_t)i * SIZE), i);
    }
    static const int some[3] = {17, 4, 50};
    const snas_selection part = {.pictures = &set.train, .count = 3, .index = some};
    assert_ok(snas_loader_create(mem, &set, part, NONE, false, 7, BATCH, &loader));
    assert_int_equal(read_epoch(&loader, 1, 0, blocks[0], labels[0]), 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(which(blocks[0] + (size_t)i * SIZE), some[i]);
    }
}

static void one_two_and_three_threads_give_the_same_bytes(void **state)
{
    (void)state;
    for (int t = 0; t < 3; t++) {
        snas_loader loader = make_loader(ALL, true, 7);
        assert_int_equal(read_epoch(&loader, t + 1, 4, blocks[t], labels[t]), COUNT);
    }
    for (int t = 1; t < 3; t++) {
        assert_memory_equal(blocks[0], blocks[t], sizeof blocks[0]);
        assert_memory_equal(labels[0], labels[t], sizeof labels[0]);
    }
}

static void a_batch_does_not_depend_on_what_was_read_before(void **state)
{
    (void)state;
    const snas_team team = {.threads = 1};
    snas_loader walked = make_loader(ALL, true, 7), fresh = make_loader(ALL, true, 7);
    read_epoch(&walked, 1, 2, blocks[0], labels[0]);
    snas_loader_batch(&walked, &team, 9, 1, blocks[0], labels[0]);
    snas_loader_batch(&walked, &team, 3, 4, blocks[0], labels[0]);
    snas_loader_batch(&fresh, &team, 3, 4, blocks[1], labels[1]);
    assert_memory_equal(blocks[0], blocks[1], BATCH * SIZE * sizeof(float));
    assert_memory_equal(labels[0], labels[1], BATCH * sizeof(int));
}

static void epochs_and_seeds_differ(void **state)
{
    (void)state;
    snas_loader loader = make_loader(NONE, true, 7), other = make_loader(NONE, true, 8);
    read_epoch(&loader, 1, 0, blocks[0], labels[0]);
    read_epoch(&loader, 1, 1, blocks[1], labels[1]);
    read_epoch(&other, 1, 0, blocks[2], labels[2]);
    assert_true(memcmp(blocks[0], blocks[1], sizeof blocks[0]) != 0);
    assert_true(memcmp(blocks[0], blocks[2], sizeof blocks[0]) != 0);
    /* In the same order, only the augmentation can differ. */
    snas_loader still = make_loader(ALL, false, 7);
    read_epoch(&still, 1, 0, blocks[0], labels[0]);
    read_epoch(&still, 1, 1, blocks[1], labels[1]);
    assert_memory_equal(labels[0], labels[1], sizeof labels[0]);
    assert_true(memcmp(blocks[0], blocks[1], sizeof blocks[0]) != 0);
}

static void reading_takes_no_memory(void **state)
{
    (void)state;
    snas_loader loader = make_loader(ALL, true, 7);
    const long before = snas_heap_allocations();
    const size_t used = snas_arena_used(mem);
    read_epoch(&loader, 2, 0, blocks[0], labels[0]);
    read_epoch(&loader, 2, 1, blocks[0], labels[0]);
    assert_int_equal(snas_heap_allocations(), before);
    assert_int_equal(snas_arena_used(mem), used);
}

static void a_split_is_random_and_without_overlap(void **state)
{
    (void)state;
    snas_selection first, second, again, rest;
    assert_ok(snas_selection_split(mem, &set.train, 3, 30, 20, &first, &second));
    assert_ok(snas_selection_split(mem, &set.train, 3, 30, 20, &again, &rest));
    assert_int_equal(first.count, 30);
    assert_int_equal(second.count, 20);
    int seen[COUNT] = {0}, moved = 0;
    for (int i = 0; i < 50; i++) {
        const int index = i < 30 ? first.index[i] : second.index[i - 30];
        assert_in_range(index, 0, COUNT - 1);
        assert_int_equal(seen[index]++, 0);
        assert_int_equal(index, i < 30 ? again.index[i] : rest.index[i - 30]);
        moved += index != i;
    }
    assert_true(moved > 40);
    assert_fails(snas_selection_split(mem, &set.train, 3, 30, 24, &first, &second), SNAS_E_USAGE,
                 "cannot split 53 pictures into parts of 30 and 24");
    assert_fails(snas_selection_split(mem, &set.train, 3, -1, 24, &first, &second), SNAS_E_USAGE,
                 "-1");
    assert_ok(snas_selection_split(mem, &set.train, 3, 53, 0, &first, &second));
}

static void a_bad_request_is_refused_with_its_value(void **state)
{
    (void)state;
    static const struct {
        snas_augment augment;
        int batch;
        const char *part;
    } rows[] = {
        {{0},              0, "batch size 0"  },
        {{.crop_pad = -1}, 1, "crop border -1"},
        {{.crop_pad = 9},  1, "crop border 9" },
        {{.cutout = -2},   1, "cutout -2"     },
        {{.cutout = 17},   1, "cutout 17"     },
    };
    snas_selection all;
    snas_loader loader;
    assert_ok(snas_selection_all(mem, &set.train, &all));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_fails(
            snas_loader_create(mem, &set, all, rows[i].augment, true, 1, rows[i].batch, &loader),
            SNAS_E_USAGE, rows[i].part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_epoch_holds_each_picture_once_with_its_label),
        cmocka_unit_test(without_shuffle_the_selections_order_stands),
        cmocka_unit_test(one_two_and_three_threads_give_the_same_bytes),
        cmocka_unit_test(a_batch_does_not_depend_on_what_was_read_before),
        cmocka_unit_test(epochs_and_seeds_differ),
        cmocka_unit_test(reading_takes_no_memory),
        cmocka_unit_test(a_split_is_random_and_without_overlap),
        cmocka_unit_test(a_bad_request_is_refused_with_its_value),
    };
    return cmocka_run_group_tests(tests, make_set, drop_set);
}
