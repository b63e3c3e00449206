/* test_folder.c -- folders of pictures: what is found in which order, what is refused, what becomes of broken pictures.
 * */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder_fixture.h"
#include "photo.h"

/* --- what is found ------------------------------------------------------------------------------------------------ */

static void classes_and_pictures_come_in_the_order_of_their_names(void **state)
{
    (void)state;
    static const int WIDTHS[] = {64, 20, 31, 50, 24, 30}; /* 1.JPEG, 10, 9; 1, 2, 3 */
    make_set();
    const snas_dataset set = open_set(false);
    assert_int_equal(set.classes, 2);
    assert_string_equal(set.class_names[0], "b");
    assert_string_equal(set.class_names[1], "c");
    assert_int_equal(set.train.count, 6);
    assert_int_equal(set.test.count, 2);
    for (int i = 0; i < set.train.count; i++) {
        snas_picture picture;
        assert_ok(set.train.read(&set.train, i, scratch, &picture));
        assert_int_equal(picture.width, WIDTHS[i]);
        assert_int_equal(set.train.labels[i], i / 3);
    }
    assert_non_null(strstr(set.source, "6 training and 2 test"));
}

static void names_and_classes_make_the_identity(void **state)
{
    (void)state;
    make_set();
    const uint32_t first = open_set(false).identity;
    assert_true(first != 0);
    assert_int_equal(open_set(true).identity, first);
    char moved[600];
    snprintf(moved, sizeof moved, "%s-moved", root);
    assert_int_equal(rename(root, moved), 0); /* where it lies does not count */
    snas_dataset_request r = request();
    snas_dataset set;
    r.path = moved;
    assert_ok(data_folder_open(mem, &r, &set));
    assert_int_equal(set.identity, first);
    assert_int_equal(rename(moved, root), 0);
    static const struct {
        const char *from, *to;
    } MOVES[] = {
        {"train/b/9.png", "train/c/9.png"}, /* another class */
        {"train/b/9.png", "train/b/8.png"}, /* another name */
        {"train/b/9.png", "val/b/9.png"},   /* the other part */
        {"train/b/9.png", ".9.png"},        /* gone */
    };
    for (size_t i = 0; i < sizeof MOVES / sizeof MOVES[0]; i++) {
        assert_int_equal(rename(at(MOVES[i].from), at(MOVES[i].to)), 0);
        assert_true(open_set(false).identity != first);
        assert_int_equal(rename(at(MOVES[i].to), at(MOVES[i].from)), 0);
        assert_int_equal(open_set(false).identity, first);
    }
    assert_int_equal(rename(at("train/c"), at("train/d")), 0); /* a class by another name */
    assert_int_equal(rename(at("val/c"), at("val/d")), 0);
    assert_true(open_set(false).identity != first);
    assert_int_equal(rename(at("train/d"), at("train/c")), 0);
    assert_int_equal(rename(at("val/d"), at("val/c")), 0);
    assert_int_equal(open_set(false).identity, first);
    make_picture("val/c/z.png", 20, 20, 1); /* one more */
    assert_true(open_set(false).identity != first);
}

/* --- what is refused ---------------------------------------------------------------------------------------------- */

static void a_root_that_is_none_is_refused(void **state)
{
    (void)state;
    snas_dataset_request r = request();
    snas_dataset set;
    r.path = NULL;
    assert_fails(data_folder_open(mem, &r, &set), SNAS_E_USAGE, "wants 'data.path'");
    assert_refused(SNAS_E_DATA, "no folder");
    make_folder("train/a");
    r.path = at("file");
    make_text("file");
    assert_fails(data_folder_open(mem, &r, &set), SNAS_E_DATA, "is a file");
    assert_refused(SNAS_E_DATA, "and none for the test pictures");
    make_folder("test/a");
    assert_refused(SNAS_E_DATA, "holds 1 folders of classes, allowed are 2");
}

static void an_empty_class_is_named(void **state)
{
    (void)state;
    make_set();
    make_folder("train/d");
    make_folder("val/d");
    assert_refused(SNAS_E_DATA, "train/d' is empty, where pictures are wanted");
}

static void a_class_that_only_one_part_has_is_named(void **state)
{
    (void)state;
    make_set();
    make_folder("train/a");
    assert_refused(SNAS_E_DATA, "the class 'a' of");
    make_folder("val/a");
    make_folder("val/z");
    assert_refused(SNAS_E_DATA, "the class 'z' of");
    assert_int_equal(rename(at("val"), at("away")), 0);
    make_folder("val/b"); /* one of two */
    assert_refused(SNAS_E_DATA, "the class 'a' of");
}

static void a_flat_test_folder_is_told_how_to_mend(void **state)
{
    (void)state;
    make_set();
    assert_int_equal(rename(at("val"), at("away")), 0);
    make_folder("val");
    make_picture("val/1.png", 20, 20, 0);
    assert_refused(SNAS_E_DATA, "holds 1 files and no folder a class: sort them into folders");
}

static void links_in_a_circle_and_folders_in_classes_are_refused(void **state)
{
    (void)state;
    make_set();
    assert_int_equal(symlink("loop.png", at("train/c/loop.png")), 0);
    assert_refused(SNAS_E_DATA, "train/c/loop.png': Too many levels of symbolic links");
    assert_int_equal(unlink(at("train/c/loop.png")), 0);
    assert_int_equal(symlink("nowhere.png", at("train/c/gone.png")), 0);
    assert_refused(SNAS_E_DATA, "train/c/gone.png': No such file");
    assert_int_equal(unlink(at("train/c/gone.png")), 0);
    assert_int_equal(symlink("..", at("train/c/up")), 0);
    assert_refused(SNAS_E_DATA, "train/c' holds the folder 'up', allowed are pictures");
    assert_int_equal(unlink(at("train/c/up")), 0);
    assert_int_equal(symlink("../b/9.png", at("train/c/good.png")), 0);
    assert_int_equal(open_set(false).train.count, 7);
}

static void a_pipe_among_the_pictures_is_named(void **state)
{
    (void)state;
    make_set();
    assert_int_equal(mkfifo(at("val/c/x.jpg"), 0600), 0);
    assert_refused(SNAS_E_DATA, "val/c/x.jpg' is a named pipe, where pictures are wanted");
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    make_set();
    snas_dataset_request r = request();
    snas_dataset set;
    r.photo.shorter = SIDE - 1;
    assert_fails(data_folder_open(mem, &r, &set), SNAS_E_USAGE, "shorter side 15, allowed is 16");
    r = request();
    r.photo.hue = 0.6;
    assert_fails(data_folder_open(mem, &r, &set), SNAS_E_USAGE, "hue change 0.6, allowed is 0 to");
}

/* --- pictures of a batch ------------------------------------------------------------------------------------------ */

static const float MEAN[3] = {0.5f, 0.4f, 0.3f}, DEVIATION[3] = {0.2f, 0.25f, 0.3f};

static snas_status prepare(const snas_dataset *set, int i, snas_augment augment, uint64_t step, float *to)
{
    const data_normal normal = data_normal_make(MEAN, DEVIATION);
    const data_task task = {
        .index = i, .augment = &augment, .normal = &normal, .rng = snas_rng_at(1, SNAS_STREAM_TEST, step)};
    const snas_mark mark = snas_arena_mark(scratch);
    const snas_status status = set->train.prepare(&set->train, &task, scratch, to);
    snas_arena_release(scratch, mark);
    return status;
}

static void evaluation_takes_the_middle(void **state)
{
    (void)state;
    make_set();
    const snas_dataset set = open_set(false);
    snas_picture picture;
    assert_ok(set.train.read(&set.train, 3, scratch, &picture)); /* 50 x 20 becomes 50 x 20 */
    float got[SIZE];
    assert_ok(prepare(&set, 3, (snas_augment){0}, 0, got));
    for (int i = 0; i < SIZE; i++) {
        const int x = 17 + i / 3 % SIDE, y = 2 + i / 3 / SIDE; /* (50 - 16) / 2, (20 - 16) / 2 */
        const double byte = picture.pixels[(y * 50 + x) * 3 + i % 3];
        assert_near((double)got[i], (byte / 255.0 - (double)MEAN[i % 3]) / (double)DEVIATION[i % 3], 1e-6);
    }
}

static void training_pictures_depend_on_their_place_alone(void **state)
{
    (void)state;
    make_set();
    snas_dataset set = open_set(false);
    const snas_augment augment = {.photo = true, .flip = true};
    float first[SIZE], again[SIZE], other[SIZE];
    int different = 0;
    for (uint64_t step = 0; step < 20; step++) {
        assert_ok(prepare(&set, 4, augment, step, first));
        assert_ok(prepare(&set, 4, augment, step, again));
        assert_ok(prepare(&set, 4, augment, step + 1, other));
        assert_memory_equal(first, again, sizeof first);
        different += memcmp(first, other, sizeof first) != 0;
    }
    assert_true(different >= 19);
}

static void a_broken_picture_is_named_or_replaced_by_the_next_of_its_class(void **state)
{
    (void)state;
    make_set();
    make_text("train/b/9.png"); /* picture 2, the last of its class: picture 0 stands in */
    const snas_augment augment = {.photo = true};
    float got[SIZE], want[SIZE];
    snas_flawed flawed;
    const snas_dataset strict = open_set(false), lenient = open_set(true);
    assert_fails(prepare(&strict, 2, augment, 5, got), SNAS_E_DATA, "train/b/9.png' is neither a JPEG nor a PNG");
    assert_ok(prepare(&lenient, 2, augment, 5, got));
    assert_ok(prepare(&strict, 0, augment, 5, want));
    assert_memory_equal(got, want, sizeof got);
    for (uint64_t step = 0; step < 3; step++) { /* however often it is met */
        assert_ok(prepare(&lenient, 2, augment, step, got));
    }
    snas_pictures_flawed(&lenient.train, SNAS_FLAW_BROKEN, &flawed);
    assert_int_equal(flawed.count, 1);
    assert_non_null(strstr(flawed.first, "9.png"));
    snas_pictures_flawed(&lenient.train, SNAS_FLAW_DAMAGED, &flawed);
    assert_int_equal(flawed.count, 0);
    assert_string_equal(flawed.first, "");
    make_text("train/b/10.png"); /* picture 1, which comes before it */
    assert_ok(prepare(&lenient, 1, augment, 0, got));
    snas_pictures_flawed(&lenient.train, SNAS_FLAW_BROKEN, &flawed);
    assert_int_equal(flawed.count, 2);
    assert_non_null(strstr(flawed.first, "10.png"));
    make_text("train/b/1.JPEG");
    make_text("train/b/10.png");
    assert_fails(prepare(&lenient, 2, augment, 5, got), SNAS_E_DATA,
                 "no picture of class 0 can be read, the last one: ");
}

static void a_file_that_vanishes_is_no_broken_picture(void **state)
{
    (void)state;
    make_set();
    const snas_dataset lenient = open_set(true);
    float got[SIZE];
    assert_int_equal(unlink(at("train/b/9.png")), 0);
    assert_fails(prepare(&lenient, 2, (snas_augment){0}, 0, got), SNAS_E_IO, "train/b/9.png': No such file");
}

static void batches_are_the_same_for_any_number_of_workers(void **state)
{
    (void)state;
    enum { BATCH = 4, BATCHES = 2, EPOCHS = 3 };
    make_set();
    make_text("train/b/10.png");
    const snas_dataset set = open_set(true);
    static float want[EPOCHS][BATCHES][BATCH * SIZE];
    for (int workers = 0; workers < 4; workers++) {
        snas_arena *own;
        snas_selection all;
        snas_loader *loader;
        assert_ok(snas_arena_create("loader", 0, &own));
        assert_ok(snas_selection_all(own, &set.train, &all));
        const snas_loader_request r = {.dataset = &set,
                                       .selection = all,
                                       .augment = {.photo = true, .flip = true, .cutout = 3},
                                       .shuffle = true,
                                       .seed = 7,
                                       .batch = BATCH,
                                       .workers = workers,
                                       .queue = 2,
                                       .team = {.threads = 1}};
        assert_ok(snas_loader_create(own, &r, &loader));
        for (int b = 0; b < EPOCHS * BATCHES; b++) {
            snas_loaded loaded;
            assert_ok(snas_loader_take(loader, b / BATCHES, b % BATCHES, &loaded));
            float *kept = want[b / BATCHES][b % BATCHES];
            const size_t bytes = (size_t)loaded.count * SIZE * sizeof *kept;
            if (workers == 0) {
                memcpy(kept, loaded.images, bytes);
            }
            assert_memory_equal(kept, loaded.images, bytes);
        }
        snas_arena_destroy(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(classes_and_pictures_come_in_the_order_of_their_names, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(names_and_classes_make_the_identity, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_root_that_is_none_is_refused, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(an_empty_class_is_named, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_class_that_only_one_part_has_is_named, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_flat_test_folder_is_told_how_to_mend, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(links_in_a_circle_and_folders_in_classes_are_refused, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_pipe_among_the_pictures_is_named, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(options_out_of_range_are_refused, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(evaluation_takes_the_middle, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(training_pictures_depend_on_their_place_alone, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_broken_picture_is_named_or_replaced_by_the_next_of_its_class, setup,
                                        arenas_teardown),
        cmocka_unit_test_setup_teardown(a_file_that_vanishes_is_no_broken_picture, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(batches_are_the_same_for_any_number_of_workers, setup, arenas_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
