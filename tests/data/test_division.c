/* test_division.c -- which pictures of a folder train and which test: by its parts, or divided by a seed of its own. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder_fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_undivided_folder_is_divided_by_the_seed, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_division_names_its_rule_and_its_pictures, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(what_comes_or_goes_leaves_the_others_where_they_are, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_class_may_be_called_train, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(every_part_of_a_folder_can_be_tested_on, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(every_part_of_a_folder_of_classes_can_be_tested_on, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(one_picture_cannot_be_divided, setup, arenas_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
