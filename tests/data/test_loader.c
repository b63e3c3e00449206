/* test_loader.c -- an epoch holds each picture once, and a batch depends on (seed, epoch, number) and on nothing else.
 * */
#include <string.h>

#include "check.h"
#include "faults.h"
#include "parts.h"
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
    const snas_dataset_request request = {.seed = 1, .train_count = COUNT, .test_count = TESTS, .side = SIDE};
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

static snas_loader_request request_of(snas_augment augment, bool shuffle, uint64_t seed)
{
    snas_loader_request request = {
        .dataset = &set, .augment = augment, .shuffle = shuffle, .seed = seed, .batch = BATCH, .team = {.threads = 1}};
    assert_ok(snas_selection_all(mem, &set.train, &request.selection));
    return request;
}

static snas_loader *create(const snas_loader_request *request)
{
    snas_loader *loader;
    assert_ok(snas_loader_create(mem, request, &loader));
    return loader;
}

static snas_loader *make_loader(snas_augment augment, bool shuffle, uint64_t seed)
{
    const snas_loader_request request = request_of(augment, shuffle, seed);
    return create(&request);
}

/* One batch; returns how many pictures it had. */
static int read_batch(snas_loader *loader, int64_t epoch, int b, float *images, int *labels)
{
    snas_loaded loaded;
    assert_ok(snas_loader_take(loader, epoch, b, &loaded));
    memcpy(images, loaded.images, (size_t)loaded.count * SIZE * sizeof(float));
    memcpy(labels, loaded.labels, (size_t)loaded.count * sizeof(int));
    return loaded.count;
}

/* An epoch as one block; returns how many pictures it had. */
static int read_epoch(snas_loader *loader, int64_t epoch, float *images, int *labels)
{
    int count = 0;
    for (int b = 0; b < snas_loader_batches(loader); b++) {
        count += read_batch(loader, epoch, b, images + (size_t)count * SIZE, labels + count);
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
            same += image[j] == ((float)pixels[j] / 255.0f - set.mean[j % 3]) / set.deviation[j % 3];
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
    snas_loader *loader = make_loader(NONE, true, 7);
    assert_int_equal(snas_loader_batches(loader), 6);
    for (int64_t epoch = 0; epoch < 3; epoch++) {
        int seen[COUNT] = {0};
        assert_int_equal(read_epoch(loader, epoch, blocks[0], labels[0]), COUNT);
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
    snas_loader *loader = make_loader(NONE, false, 7);
    read_epoch(loader, 5, blocks[0], labels[0]);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(which(blocks[0] + (size_t)i * SIZE), i);
    }
    static const int some[3] = {17, 4, 50};
    snas_loader_request part = request_of(NONE, false, 7);
    part.selection = (snas_selection){.pictures = &set.train, .count = 3, .index = some};
    loader = create(&part);
    assert_int_equal(read_epoch(loader, 0, blocks[0], labels[0]), 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(which(blocks[0] + (size_t)i * SIZE), some[i]);
    }
}

static void one_two_and_three_threads_give_the_same_bytes(void **state)
{
    (void)state;
    for (int t = 0; t < 3; t++) {
        snas_loader_request request = request_of(ALL, true, 7);
        request.team.threads = t + 1;
        assert_int_equal(read_epoch(create(&request), 4, blocks[t], labels[t]), COUNT);
    }
    for (int t = 1; t < 3; t++) {
        assert_memory_equal(blocks[0], blocks[t], sizeof blocks[0]);
        assert_memory_equal(labels[0], labels[t], sizeof labels[0]);
    }
}

static void a_batch_does_not_depend_on_what_was_read_before(void **state)
{
    (void)state;
    snas_loader *walked = make_loader(ALL, true, 7), *fresh = make_loader(ALL, true, 7);
    read_epoch(walked, 2, blocks[0], labels[0]);
    read_batch(walked, 9, 1, blocks[0], labels[0]);
    read_batch(walked, 3, 4, blocks[0], labels[0]);
    read_batch(fresh, 3, 4, blocks[1], labels[1]);
    assert_memory_equal(blocks[0], blocks[1], BATCH * SIZE * sizeof(float));
    assert_memory_equal(labels[0], labels[1], BATCH * sizeof(int));
}

static void epochs_and_seeds_differ(void **state)
{
    (void)state;
    snas_loader *loader = make_loader(NONE, true, 7), *other = make_loader(NONE, true, 8);
    read_epoch(loader, 0, blocks[0], labels[0]);
    read_epoch(loader, 1, blocks[1], labels[1]);
    read_epoch(other, 0, blocks[2], labels[2]);
    assert_true(memcmp(blocks[0], blocks[1], sizeof blocks[0]) != 0);
    assert_true(memcmp(blocks[0], blocks[2], sizeof blocks[0]) != 0);
    /* In the same order, only the augmentation can differ. */
    snas_loader *still = make_loader(ALL, false, 7);
    read_epoch(still, 0, blocks[0], labels[0]);
    read_epoch(still, 1, blocks[1], labels[1]);
    assert_memory_equal(labels[0], labels[1], sizeof labels[0]);
    assert_true(memcmp(blocks[0], blocks[1], sizeof blocks[0]) != 0);
}

static void reading_takes_no_memory(void **state)
{
    (void)state;
    snas_loader *loader = make_loader(ALL, true, 7);
    const long before = snas_heap_allocations();
    const size_t used = snas_arena_used(mem);
    read_epoch(loader, 0, blocks[0], labels[0]);
    read_epoch(loader, 1, blocks[0], labels[0]);
    assert_int_equal(snas_heap_allocations(), before);
    assert_int_equal(snas_arena_used(mem), used);
}

static void a_split_is_random_and_without_overlap(void **state)
{
    (void)state;
    snas_selection first, second, again, rest;
    assert_ok(snas_selection_split(mem, &set.train, (snas_split){3, 30, 20}, &first, &second));
    assert_ok(snas_selection_split(mem, &set.train, (snas_split){3, 30, 20}, &again, &rest));
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
    assert_fails(snas_selection_split(mem, &set.train, (snas_split){3, 30, 24}, &first, &second), SNAS_E_USAGE,
                 "cannot split 53 pictures into parts of 30 and 24");
    assert_fails(snas_selection_split(mem, &set.train, (snas_split){3, -1, 24}, &first, &second), SNAS_E_USAGE, "-1");
    assert_ok(snas_selection_split(mem, &set.train, (snas_split){3, 53, 0}, &first, &second));
}

/* Two epochs and a bit with some way of reading must be those without workers. */
static void check_workers(int workers, int queue, int batch)
{
    snas_loader_request request = request_of(ALL, true, 7);
    request.batch = batch;
    snas_loader *plain = create(&request);
    request.workers = workers;
    request.queue = queue;
    snas_loader *ahead = create(&request);
    for (int64_t epoch = 3; epoch < 6; epoch++) {
        memset(blocks[1], 0, sizeof blocks[1]);
        assert_int_equal(read_epoch(plain, epoch, blocks[0], labels[0]), COUNT);
        assert_int_equal(read_epoch(ahead, epoch, blocks[1], labels[1]), COUNT);
        assert_memory_equal(blocks[0], blocks[1], sizeof blocks[0]);
        assert_memory_equal(labels[0], labels[1], sizeof labels[0]);
    }
    /* as a resumed run does: somewhere else, and on from there */
    for (int b = snas_loader_batches(plain) / 2; b < snas_loader_batches(plain); b++) {
        const int count = read_batch(plain, 9, b, blocks[0], labels[0]);
        assert_int_equal(read_batch(ahead, 9, b, blocks[1], labels[1]), count);
        assert_memory_equal(blocks[0], blocks[1], (size_t)count * SIZE * sizeof(float));
    }
}

static void any_number_of_workers_and_any_queue_give_the_same_bytes(void **state)
{
    (void)state;
    static const struct {
        int workers, queue, batch;
    } rows[] = {
        {1, 1, BATCH}, {1, 4, BATCH}, {2, 2, BATCH}, {3, 1, BATCH}, {5, 9, BATCH}, {2, 5, COUNT}, {2, 3, 40},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_workers(rows[i].workers, rows[i].queue, rows[i].batch);
    }
}

static void workers_take_no_memory_behind_create(void **state)
{
    (void)state;
    snas_loader_request request = request_of(ALL, true, 7);
    request.workers = 2;
    request.queue = 3;
    const size_t planned = snas_loader_bytes(&request), empty = snas_arena_used(mem);
    snas_loader *loader = create(&request);
    const size_t used = snas_arena_used(mem);
    assert_true(used - empty >= planned && used - empty < planned + 65536); /* the slots of four batches */
    const long before = snas_heap_allocations();
    read_epoch(loader, 0, blocks[0], labels[0]);
    read_epoch(loader, 1, blocks[0], labels[0]);
    assert_int_equal(snas_heap_allocations(), before);
    assert_int_equal(snas_arena_used(mem), used);
}

/* Pictures that are no longer in memory: they come through the scratch arena, and two of them cannot be read. */
enum { BAD_FIRST = 23, BAD_SECOND = 27 };

static snas_status prepare_some(const snas_pictures *pictures, const struct snas_picture_task *task,
                                snas_arena *scratch, float *to)
{
    const snas_pictures *all = pictures->source;
    float *copy;
    snas_picture stored;
    SNAS_TRY(pictures->read(all, task->index, scratch, &stored));
    assert_ptr_equal(stored.pixels, all->pixels + (size_t)task->index * SIZE);
    SNAS_NEW(scratch, copy, SIZE);
    if (task->index == BAD_FIRST || task->index == BAD_SECOND) {
        return snas_fail(SNAS_E_DATA, "picture %d is broken", task->index);
    }
    SNAS_TRY(all->prepare(all, task, scratch, copy));
    memcpy(to, copy, SIZE * sizeof(float));
    return SNAS_OK;
}

/* The training pictures, as if each had to be read when it is wanted. */
static snas_pictures pictures_on_demand(void)
{
    snas_pictures some = set.train;
    some.source = &set.train;
    some.pixels = NULL;
    some.scratch_bytes = 4096;
    some.prepare = prepare_some;
    return some;
}

static void a_picture_that_cannot_be_read_fails_its_batch_alone(void **state)
{
    (void)state;
    const snas_pictures some = pictures_on_demand();
    for (int workers = 0; workers <= 3; workers++) {
        snas_loader_request request = request_of(NONE, false, 7);
        request.selection.pictures = &some;
        request.workers = workers;
        request.queue = 2;
        request.team.threads = 2;
        snas_arena *own; /* the workers must end before `some` does */
        snas_loader *loader;
        assert_ok(snas_arena_create("own", 0, &own));
        assert_ok(snas_loader_create(own, &request, &loader));
        const long before = snas_heap_allocations();
        for (int b = 0; b < snas_loader_batches(loader); b++) {
            snas_loaded loaded;
            if (b != BAD_FIRST / BATCH) {
                assert_ok(snas_loader_take(loader, 0, b, &loaded));
                assert_int_equal(which(loaded.images), b * BATCH);
                continue;
            }
            for (int again = 0; again < 2; again++) {
                assert_fails(snas_loader_take(loader, 0, b, &loaded), SNAS_E_DATA, "picture 23 is broken");
            }
        }
        assert_int_equal(snas_heap_allocations(), before);
        snas_arena_destroy(own);
    }
}

static snas_status create_and_read(const snas_loader_request *request)
{
    snas_arena *own;
    snas_loader *loader;
    snas_loaded loaded;
    SNAS_TRY(snas_arena_create("own", 64, &own));
    snas_status status = snas_loader_create(own, request, &loader);
    for (int b = 0; b < 2 && status == SNAS_OK; b++) {
        status = snas_loader_take(loader, 0, b, &loaded);
    }
    snas_arena_destroy(own);
    return status;
}

static void without_memory_a_loader_fails_and_leaves_nothing_behind(void **state)
{
    (void)state;
    const snas_pictures some = pictures_on_demand();
    snas_loader_request request = request_of(NONE, false, 7);
    request.selection.pictures = &some;
    request.workers = 2;
    request.queue = 2;
    int n = 0;
    for (;; n++) {
        const int blocks_before = faults_open_blocks();
        faults_in_heap(n, true);
        const snas_status status = create_and_read(&request);
        faults_clear();
        assert_int_equal(faults_open_blocks(), blocks_before);
        if (status == SNAS_OK) {
            break;
        }
        assert_int_equal(status, SNAS_E_MEMORY);
        assert_non_null(strstr(snas_error(), "out of memory"));
    }
    assert_true(n > 4);
}

static void a_bad_request_is_refused_with_its_value(void **state)
{
    (void)state;
    static const struct {
        snas_augment augment;
        int batch, workers, queue;
        const char *part;
    } rows[] = {
        {{0}, 0, 0, 1, "batch size 0"},
        {{.crop_pad = -1}, 1, 0, 1, "crop border -1"},
        {{.crop_pad = 9}, 1, 0, 1, "crop border 9"},
        {{.cutout = -2}, 1, 0, 1, "cutout -2"},
        {{.cutout = 17}, 1, 0, 1, "cutout 17"},
        {{0}, 1, -1, 1, "-1 workers"},
        {{0}, 1, 2, 0, "2 workers with 0 batches"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snas_loader *loader;
        snas_loader_request request = request_of(rows[i].augment, true, 1);
        request.batch = rows[i].batch;
        request.workers = rows[i].workers;
        request.queue = rows[i].queue;
        assert_fails(snas_loader_create(mem, &request, &loader), SNAS_E_USAGE, rows[i].part);
    }
}

/* Without shuffling: every picture is itself or its mirror image, the other one in the next epoch, and back. */
static void alternating_flips_take_turns(void **state)
{
    (void)state;
    static const snas_augment TURNS = {.flip = true, .alternates = true};
    static float plain[COUNT * SIZE];
    snas_loader *loader = make_loader(TURNS, false, 3);
    read_epoch(make_loader(NONE, false, 3), 0, plain, labels[0]);
    for (int64_t epoch = 0; epoch < 3; epoch++) {
        assert_int_equal(read_epoch(loader, epoch, blocks[epoch], labels[epoch]), COUNT);
    }
    int mirrored = 0;
    for (int i = 0; i < COUNT; i++) {
        const float *image = plain + (size_t)i * SIZE;
        float turned[SIZE];
        for (int p = 0; p < SIDE * SIDE; p++) {
            memcpy(turned + (size_t)p * 3, image + (size_t)(p / SIDE * SIDE + SIDE - 1 - p % SIDE) * 3,
                   3 * sizeof(float));
        }
        const bool turns = memcmp(blocks[0] + (size_t)i * SIZE, image, sizeof turned) != 0;
        assert_memory_equal(blocks[0] + (size_t)i * SIZE, turns ? turned : image, sizeof turned);
        assert_memory_equal(blocks[1] + (size_t)i * SIZE, turns ? image : turned, sizeof turned);
        assert_memory_equal(blocks[2] + (size_t)i * SIZE, blocks[0] + (size_t)i * SIZE, sizeof turned);
        mirrored += turns;
    }
    assert_true(mirrored > COUNT / 4 && mirrored < COUNT * 3 / 4);
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
        cmocka_unit_test(any_number_of_workers_and_any_queue_give_the_same_bytes),
        cmocka_unit_test(workers_take_no_memory_behind_create),
        cmocka_unit_test(a_picture_that_cannot_be_read_fails_its_batch_alone),
        cmocka_unit_test(without_memory_a_loader_fails_and_leaves_nothing_behind),
        cmocka_unit_test(a_bad_request_is_refused_with_its_value),
        cmocka_unit_test(alternating_flips_take_turns),
    };
    return cmocka_run_group_tests(tests, make_set, drop_set);
}
