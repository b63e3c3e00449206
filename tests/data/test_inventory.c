/* test_inventory.c -- a folder is opened again with the pictures that it had, whatever has come and gone since. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "folder.h"
#include "parts.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/format/png.h"
#include "two_arenas_fixture.h"

enum { SIDE = 8, SIZE = SIDE * SIDE * 3 };

static char root[512];
static const char *list; /* the file of the pictures */

static const char *at(const char *name)
{
    return snas_format(mem, "%s/%s", root, name);
}

static void make_picture(const char *name, int width)
{
    snas_raster picture;
    assert_ok(snas_raster_create(mem, width, 9, &picture));
    memset(picture.rgb, 5 * width, (size_t)width * 9 * 3);
    assert_ok(snas_png_save(mem, at(name), &picture));
}

static snas_dataset_request request(const char *pictures)
{
    return (snas_dataset_request){.path = root,
                                  .photo = {.side = SIDE, .shorter = SIDE, .least_area = 1.0, .test_share = 0.3},
                                  .pictures = pictures};
}

static snas_dataset open_set(const char *pictures)
{
    const snas_dataset_request r = request(pictures);
    snas_dataset set;
    assert_ok(data_folder_open(mem, &r, &set));
    return set;
}

/* Two classes, one with names that want escapes; pictures are as wide as their numbers. */
static int setup(void **state)
{
    static int roots;
    char name[32];
    snprintf(name, sizeof name, "root%d", roots++);
    snprintf(root, sizeof root, "%s", scratch_path(name));
    arenas_setup(state);
    static const char *const FOLDERS[] = {"train/ant", "train/b\te\\e\n", "val/ant", "val/b\te\\e\n"};
    for (int f = 0; f < 4; f++) {
        assert_ok(snas_folder_make(at(FOLDERS[f])));
        for (int i = 10; i < 14; i++) {
            make_picture(snas_format(mem, "%s/%d%s.png", FOLDERS[f], i, f % 2 == 0 ? "" : "\t\\n\n"), i);
        }
    }
    list = at("pictures.txt");
    const snas_dataset set = open_set(NULL);
    assert_ok(snas_dataset_save_pictures(scratch, &set, list));
    return 0;
}

static void assert_same(const snas_dataset *a, const snas_dataset *b)
{
    assert_int_equal(a->identity, b->identity);
    assert_int_equal(a->classes, b->classes);
    assert_int_equal(a->train.count, b->train.count);
    assert_int_equal(a->test.count, b->test.count);
    assert_memory_equal(a->train.labels, b->train.labels, (size_t)a->train.count * sizeof(int));
    for (int i = 0; i < a->train.count; i++) {
        const char *x, *y;
        assert_ok(a->train.file(&a->train, i, mem, &x));
        assert_ok(b->train.file(&b->train, i, mem, &y));
        assert_string_equal(x, y);
    }
}

static void the_same_pictures_are_the_same_set(void **state)
{
    (void)state;
    const snas_dataset before = open_set(NULL), after = open_set(list);
    assert_same(&before, &after);
    assert_null(after.changed);
    const snas_dataset moved = open_set(list); /* and are written again to the same bytes */
    const char *again = at("again.txt");
    snas_bytes a, b;
    assert_ok(snas_dataset_save_pictures(scratch, &moved, again));
    assert_ok(snas_file_read(mem, list, 1 << 20, &a));
    assert_ok(snas_file_read(mem, again, 1 << 20, &b));
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
}

static snas_status prepare(const snas_dataset *set, int i, float *to)
{
    const float mean[3] = {0}, deviation[3] = {1.0f, 1.0f, 1.0f};
    const snas_augment none = {0};
    const data_normal normal = data_normal_make(mean, deviation);
    const data_task task = {.index = i, .augment = &none, .normal = &normal};
    return set->train.prepare(&set->train, &task, scratch, to);
}

static void what_is_gone_is_stood_in_for_and_what_came_is_left_out(void **state)
{
    (void)state;
    const snas_dataset before = open_set(NULL);
    float got[SIZE], want[SIZE];
    snas_flawed flawed;
    assert_ok(prepare(&before, 2, want)); /* 12, after 11 */
    assert_int_equal(unlink(at("train/ant/11.png")), 0);
    make_picture("train/ant/10a.png", 20);
    make_picture("val/ant/9.png", 20);
    const snas_dataset after = open_set(list);
    assert_same(&before, &after);
    assert_non_null(strstr(after.changed, "1 of the 16 pictures that the run began with is gone, the first is '"));
    assert_non_null(strstr(after.changed,
                           "train/ant/11.png'; the next of its class stands in for it; 2 pictures have come "
                           "since the run began and are left out"));
    assert_ok(prepare(&after, 1, got));
    assert_memory_equal(got, want, sizeof got);
    snas_pictures_flawed(&after.train, SNAS_FLAW_BROKEN, &flawed);
    assert_int_equal(flawed.count, 1);
    assert_non_null(strstr(flawed.first, "train/ant/11.png' is gone"));
    for (int i = 10; i < 14; i++) {
        (void)unlink(at(snas_format(mem, "train/ant/%d.png", i)));
    }
    const snas_dataset_request r = request(list);
    snas_dataset none;
    assert_fails(data_folder_open(mem, &r, &none), SNAS_E_DATA,
                 "none of the 4 pictures of the class 'ant' that the run began with is left in '");
}

static void a_division_is_kept_as_it_was(void **state)
{
    (void)state;
    snas_dataset_request r = request(NULL);
    snas_dataset before;
    snprintf(root + strlen(root), sizeof root - strlen(root), "/train");
    r.path = root;
    r.photo.test_share = 0.5;
    assert_ok(data_folder_open(mem, &r, &before));
    assert_ok(snas_dataset_save_pictures(scratch, &before, list));
    r.photo.split_seed = 99; /* of no interest now */
    r.pictures = list;
    snas_dataset after;
    assert_ok(data_folder_open(mem, &r, &after));
    assert_same(&before, &after);
    assert_string_equal(before.division, after.division);
    make_picture("ant/20.png", 20);
    assert_int_equal(unlink(at("ant/10.png")), 0);
    assert_ok(data_folder_open(mem, &r, &after));
    assert_same(&before, &after);
    assert_non_null(strstr(after.changed, "1 of the 8 pictures"));
    assert_non_null(strstr(after.changed, "; 1 picture has come since the run began and is left out"));
}

static void a_list_that_is_none_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } LISTS[] = {
        {"", "line 0 is not 'snas pictures 1'"},
        {"snas pictures 2\n", "line 1 is not 'snas pictures 1'"},
        {"snas pictures 1", "line 1 is cut off"},
        {"snas pictures 1\ntrain\ttrain\n\tant\n\t\t0.png", "line 4 is cut off"},
        {"snas pictures 1\ntrain\ttrain\n\tant\n\t\t0.png\n",
         "line 4 is the last one, and parts or classes are missing"},
        {"snas pictures 1\ntrain\ttrain\n\tant\n\tbee\ntest\tval\n\tant\n", "parts or classes are missing"},
        {"snas pictures 1\ntrain\ttrain\n\tant\ntest\tval\n\tbee\n", "line 5 names another class than the part before"},
        {"snas pictures 1\ntest\tval\n", "line 2 is no part 'train', then 'test'"},
        {"snas pictures 1\ntrain\n", "line 2 has no second text"},
        {"snas pictures 1\ntrain\t..\n", "line 2 names no folder of the root"},
        {"snas pictures 1\ntrain\ta/b\n", "line 2 names no folder of the root"},
        {"snas pictures 1\n\tant\n", "line 2 names no class"},
        {"snas pictures 1\ntrain\ttrain\n\t../ant\n", "line 3 names no class"},
        {"snas pictures 1\ntrain\ttrain\n\t\t0.png\n", "line 3 names no picture of a class"},
        {"snas pictures 1\ntrain\ttrain\n\tant\n\t\t../../0.png\n", "line 4 names no picture of a class"},
        {"snas pictures 1\ntrain\ttrain\n\tant\n\t\t.hidden\n", "line 4 names no picture of a class"},
        {"snas pictures 1\ntrain\ttrain\n\tant\n\t\t0.png\tx\n", "line 4 has too many tabs"},
        {"snas pictures 1\ntrain\ttrain\n\ta\\qt\n", "line 3 has an unknown escape"},
    };
    const snas_dataset_request r = request(list);
    snas_dataset set;
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++) {
        assert_ok(snas_file_replace_text(list, LISTS[i].text));
        assert_fails(data_folder_open(mem, &r, &set), SNAS_E_IO, LISTS[i].part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_pictures_are_the_same_set, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(what_is_gone_is_stood_in_for_and_what_came_is_left_out, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_division_is_kept_as_it_was, setup, arenas_teardown),
        cmocka_unit_test_setup_teardown(a_list_that_is_none_is_refused_with_its_line, setup, arenas_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
