/* test_folder.c -- folders of pictures: what is found in which order, what is refused, what becomes of broken pictures.
 * */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "parts.h"
#include "photo.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/format/png.h"
#include "two_arenas_fixture.h"

enum { SIDE = 16, SHORTER = 20, SIZE = SIDE * SIDE * 3 };

static char root[512];

/* A fresh root for every test. */
static int setup(void **state)
{
    static int roots;
    char name[32];
    snprintf(name, sizeof name, "root%d", roots++);
    snprintf(root, sizeof root, "%s", scratch_path(name));
    return arenas_setup(state);
}

static const char *at(const char *name)
{
    return snas_format(mem, "%s/%s", root, name);
}

static void make_folder(const char *name)
{
    assert_ok(snas_folder_make(at(name)));
}

/* A picture with a gradient that starts at `light`. */
static void make_picture(const char *name, int width, int height, int light)
{
    snas_raster picture;
    assert_ok(snas_raster_create(mem, width, height, &picture));
    for (int i = 0; i < width * height * 3; i++) {
        picture.rgb[i] = (uint8_t)(light + i / 3 % width + i / 3 / width);
    }
    assert_ok(snas_png_save(mem, at(name), &picture));
}

static void make_text(const char *name)
{
    assert_ok(snas_file_replace_text(at(name), "this is no picture"));
}

/* Two classes, three training pictures and a test picture each, of all shapes; class "b" comes before "c". */
static void make_set(void)
{
    static const char *const FOLDERS[] = {"train/c", "train/b", "val/b", "val/c"};
    for (size_t i = 0; i < sizeof FOLDERS / sizeof FOLDERS[0]; i++) {
        make_folder(FOLDERS[i]);
    }
    make_picture("train/c/3.png", 30, 40, 30);
    make_picture("train/c/1.png", 50, 20, 40);
    make_picture("train/c/2.png", 24, 24, 50);
    make_picture("train/b/10.png", 20, 33, 60);
    make_picture("train/b/9.png", 31, 21, 70);
    make_picture("train/b/1.JPEG", 64, 48, 80);
    make_picture("val/b/x.png", 41, 29, 90);
    make_picture("val/c/y.png", 17, 60, 100);
    make_text("train/.hidden");
    make_text("train/readme.txt");
}

static snas_dataset_request request(void)
{
    return (snas_dataset_request){.path = root,
                                  .photo = {.side = SIDE, .shorter = SHORTER, .least_area = 0.08, .test_share = 0.25}};
}

static void assert_refused(snas_status status, const char *part)
{
    const snas_dataset_request r = request();
    snas_dataset set;
    assert_fails(data_folder_open(mem, &r, &set), status, part);
}

static snas_dataset open_set(bool skip)
{
    snas_dataset_request r = request();
    snas_dataset set;
    r.photo.skip_broken = skip;
    assert_ok(data_folder_open(mem, &r, &set));
    return set;
}

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

static void an_undivided_folder_is_divided_by_the_seed(void **state)
{
    (void)state;
    enum { COUNT = 12 };
    for (int k = 0; k < 2; k++) {
        make_folder(k == 0 ? "cat" : "dog");
        for (int i = 0; i < COUNT; i++) {
            make_picture(snas_format(mem, "%s/%02d.png", k == 0 ? "cat" : "dog", i), 20 + i, 20, 0);
        }
    }
    int chosen[8] = {0};
    for (uint64_t seed = 0; seed < 8; seed++) {
        snas_dataset_request r = request();
        snas_dataset set;
        r.photo.split_seed = seed / 2; /* each twice */
        assert_ok(data_folder_open(mem, &r, &set));
        assert_int_equal(set.train.count, 2 * 9);
        assert_int_equal(set.test.count, 2 * 3);
        int seen[2][COUNT] = {{0}};
        for (int part = 0; part < 2; part++) {
            const snas_pictures *pictures = part == 0 ? &set.train : &set.test;
            for (int i = 0; i < pictures->count; i++) {
                snas_picture picture;
                assert_ok(pictures->read(pictures, i, scratch, &picture));
                seen[pictures->labels[i]][picture.width - 20]++;
                chosen[seed] = part == 1 ? chosen[seed] * 13 + picture.width : 0;
            }
        }
        for (int i = 0; i < 2 * COUNT; i++) {
            assert_int_equal(seen[i / COUNT][i % COUNT], 1);
        }
    }
    assert_int_equal(chosen[0], chosen[1]);
    assert_int_equal(chosen[2], chosen[3]);
    assert_true(chosen[0] != chosen[2] || chosen[0] != chosen[4]);
}

/* Twelve pictures in each of the classes `names` [count]. */
static void make_classes(const char *const *names, int count)
{
    for (int k = 0; k < count; k++) {
        make_folder(names[k]);
        for (int i = 0; i < 12; i++) {
            make_picture(snas_format(mem, "%s/%02d.png", names[k], i), 20 + i, 20, 0);
        }
    }
}

static void a_division_names_its_rule_and_its_pictures(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"cat", "dog"};
    snas_dataset_request r = request();
    snas_dataset one, other, more;
    make_classes(NAMES, 2);
    r.photo.split_seed = UINT64_MAX;
    assert_ok(data_folder_open(mem, &r, &one));
    r.photo.split_seed = 2;
    assert_ok(data_folder_open(mem, &r, &other));
    make_picture("cat/99.png", 20, 20, 1);
    assert_ok(data_folder_open(mem, &r, &more));
    const char *said = one.division;
    assert_memory_equal(said, "split_seed 18446744073709551615, test_share 0.25 of the pictures ", 65);
    assert_int_equal(snas_division_rule(said), strlen("split_seed 18446744073709551615, test_share 0.25"));
    assert_int_equal(snas_division_compare(said, said), SNAS_DIVISION_SAME);
    assert_int_equal(snas_division_compare(said, other.division), SNAS_DIVISION_ANOTHER);
    assert_int_equal(snas_division_compare(other.division, more.division), SNAS_DIVISION_OF_OTHERS);
    assert_int_equal(snas_division_compare(NULL, said), SNAS_DIVISION_UNKNOWN);
    assert_int_equal(snas_division_compare(said, NULL), SNAS_DIVISION_UNKNOWN);
}

/* Which of the class `label` test, by their widths of 20 to 39; at most `most` are not as `wanted`. */
static void check_tested(int label, bool *wanted, int most)
{
    const snas_dataset set = open_set(false);
    bool tested[20] = {false};
    int other = 0;
    for (int i = 0; i < set.test.count; i++) {
        snas_picture picture;
        assert_ok(set.test.read(&set.test, i, scratch, &picture));
        tested[picture.width - 20] |= set.test.labels[i] == label;
    }
    for (int i = 0; i < 20; i++) {
        other += tested[i] != wanted[i];
    }
    assert_true(other <= most);
    memcpy(wanted, tested, sizeof tested);
}

static void what_comes_or_goes_leaves_the_others_where_they_are(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"cat", "dog"};
    bool tested[20] = {false};
    make_classes(NAMES, 2);
    check_tested(1, tested, 3);
    make_folder("ant"); /* another class, before both */
    make_picture("ant/1.png", 20, 20, 0);
    make_picture("ant/2.png", 20, 20, 0);
    check_tested(2, tested, 0);
    make_picture("cat/00a.png", 39, 20, 0);
    check_tested(2, tested, 0);
    for (int i = 0; i < 12; i++) { /* 11 that stay: 3 of them are tested still */
        const char *name = at(snas_format(mem, "dog/%02d.png", i)), *away = at("dog.away");
        assert_int_equal(rename(name, away), 0);
        bool left[20];
        memcpy(left, tested, sizeof left);
        check_tested(2, left, tested[i] ? 2 : 0); /* a test picture that goes, and the one that takes its place */
        assert_int_equal(rename(away, name), 0);
    }
}

static void a_class_may_be_called_train(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"car", "bus", "train"};
    snas_dataset_request r = request();
    snas_dataset set;
    make_classes(NAMES, 3);
    assert_fails(data_folder_open(mem, &r, &set), SNAS_E_DATA,
                 "and none for the test pictures: 'val', 'valid', 'validation' or 'test'; if 'train' is a class, set "
                 "data.photos.layout=classes");
    r.photo.layout = SNAS_LAYOUT_CLASSES;
    assert_ok(data_folder_open(mem, &r, &set));
    assert_int_equal(set.classes, 3);
    assert_string_equal(set.class_names[2], "train");
    assert_int_equal(set.train.count + set.test.count, 36);
    assert_int_equal(rename(at("train"), at("tram")), 0);
    r.photo.layout = SNAS_LAYOUT_PARTS;
    assert_fails(data_folder_open(mem, &r, &set), SNAS_E_DATA,
                 "has no folder 'train', which data.photos.layout 'parts'");
}

static void assert_part(const char *part, int count)
{
    snas_dataset_request r = request();
    snas_dataset set;
    r.part = part;
    assert_ok(data_folder_open(mem, &r, &set));
    assert_int_equal(set.test.count, count);
    assert_true(part == NULL || set.note == NULL);
}

static void every_part_of_a_folder_can_be_tested_on(void **state)
{
    (void)state;
    make_set(); /* 6 to train, 2 to validate */
    make_folder("test/b");
    make_folder("test/c");
    make_picture("test/b/1.png", 20, 20, 0);
    make_picture("test/b/2.png", 20, 20, 0);
    make_picture("test/c/1.png", 20, 20, 0);
    assert_non_null(strstr(open_set(false).note, "/test' is not read: the test pictures are those of "));
    assert_part(NULL, 2);
    assert_part("val", 2);
    assert_part("test", 3);
    assert_part("train", 6);
    snas_dataset_request r = request();
    snas_dataset set;
    r.part = "all";
    assert_fails(data_folder_open(mem, &r, &set), SNAS_E_USAGE,
                 "has no part 'all', it has 'train' and 'val' and 'test'");
    assert_int_equal(rename(at("val"), at("away")), 0);
    r.part = "val";
    assert_fails(data_folder_open(mem, &r, &set), SNAS_E_USAGE, "has no part 'val', it has 'train' and 'test'");
    assert_null(open_set(false).note);
    assert_part(NULL, 3);
}

static void every_part_of_a_folder_of_classes_can_be_tested_on(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"cat", "dog"};
    make_classes(NAMES, 2);
    assert_part(NULL, 6);
    assert_part("test", 6);
    assert_part("train", 18);
    assert_part("all", 24);
    snas_dataset_request r = request();
    snas_dataset set;
    r.part = "val";
    assert_fails(data_folder_open(mem, &r, &set), SNAS_E_USAGE,
                 "has no part 'val': it is a folder of classes, of which");
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

static void one_picture_cannot_be_divided(void **state)
{
    (void)state;
    make_folder("cat");
    make_folder("dog");
    make_picture("cat/1.png", 20, 20, 0);
    make_picture("dog/1.png", 20, 20, 0);
    make_picture("dog/2.png", 20, 20, 0);
    assert_refused(SNAS_E_DATA, "cat' holds 1 picture");
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
        cmocka_unit_test_setup_teardown(an_undivided_folder_is_divided_by_the_seed, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_division_names_its_rule_and_its_pictures, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(what_comes_or_goes_leaves_the_others_where_they_are, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_class_may_be_called_train, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(every_part_of_a_folder_can_be_tested_on, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(every_part_of_a_folder_of_classes_can_be_tested_on, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_root_that_is_none_is_refused, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(an_empty_class_is_named, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_class_that_only_one_part_has_is_named, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_flat_test_folder_is_told_how_to_mend, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(links_in_a_circle_and_folders_in_classes_are_refused, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_pipe_among_the_pictures_is_named, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(one_picture_cannot_be_divided, setup, arenas_teardown),
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
