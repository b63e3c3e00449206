/* test_synthetic.c -- the built-in pictures: the same for a seed, balanced, and not to be told apart by colour. */
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/data/dataset.h"

enum { TRAIN = 2000, TEST = 1000, CLASSES = 10 };
/* Chance is 10 %, with a deviation of 0.95 % on 1,000 pictures. */
static const double COLOUR_MOST = 0.20;
static snas_dataset open_set(uint64_t seed, int train, int test, int side)
{
    snas_dataset set;
    const snas_dataset_request request = {.seed = seed, .train_count = train, .test_count = test, .side = side};
    assert_ok(snas_dataset_find("synthetic")->open(mem, &request, &set));
    return set;
}

static void a_seed_gives_the_same_pictures_and_another_gives_others(void **state)
{
    (void)state;
    const snas_dataset a = open_set(5, 30, 10, 0), b = open_set(5, 30, 10, 0);
    const snas_dataset c = open_set(6, 30, 10, 0);
    assert_int_equal(a.train.side, 32);
    assert_memory_equal(a.train.pixels, b.train.pixels, 30 * 3072);
    assert_memory_equal(a.test.pixels, b.test.pixels, 10 * 3072);
    assert_true(memcmp(a.train.pixels, c.train.pixels, 3072) != 0);
}

static void test_pictures_stand_behind_the_training_ones(void **state)
{
    (void)state;
    const snas_dataset a = open_set(5, 20, 15, 16), b = open_set(5, 35, 1, 16);
    assert_memory_equal(a.test.pixels, b.train.pixels + 20 * 768, 15 * 768);
    for (int i = 0; i < 15; i++) {
        assert_int_equal(a.test.labels[i], b.train.labels[20 + i]);
    }
}

static void labels_are_balanced(void **state)
{
    (void)state;
    const snas_dataset set = open_set(1, 200, 100, 8);
    int seen[CLASSES] = {0};
    for (int i = 0; i < 200; i++) {
        assert_in_range(set.train.labels[i], 0, CLASSES - 1);
        seen[set.train.labels[i]]++;
    }
    for (int k = 0; k < CLASSES; k++) {
        assert_int_equal(seen[k], 20);
        assert_true(strlen(set.class_names[k]) > 3);
    }
}

/* The mean colour of picture i. */
static void mean_colour(const snas_pictures *pictures, int i, double mean[3])
{
    const int n = pictures->side * pictures->side;
    const uint8_t *pixel = pictures->pixels + (size_t)i * (size_t)n * 3;
    mean[0] = mean[1] = mean[2] = 0.0;
    for (int p = 0; p < n * 3; p++) {
        mean[p % 3] += pixel[p] / 255.0 / n;
    }
}

static int nearest_class(double centre[CLASSES][3], const double colour[3])
{
    int best = 0;
    double least = 1e9;
    for (int k = 0; k < CLASSES; k++) {
        double distance = 0.0;
        for (int c = 0; c < 3; c++) {
            distance += (centre[k][c] - colour[c]) * (centre[k][c] - colour[c]);
        }
        if (distance < least) {
            least = distance;
            best = k;
        }
    }
    return best;
}

static void mean_colours_do_not_tell_the_class(void **state)
{
    (void)state;
    const snas_dataset set = open_set(3, TRAIN, TEST, 32);
    double centre[CLASSES][3] = {{0}}, colour[3];
    for (int i = 0; i < TRAIN; i++) {
        mean_colour(&set.train, i, colour);
        for (int c = 0; c < 3; c++) {
            centre[set.train.labels[i]][c] += colour[c] * CLASSES / TRAIN;
        }
    }
    int right = 0;
    for (int i = 0; i < TEST; i++) {
        mean_colour(&set.test, i, colour);
        right += nearest_class(centre, colour) == set.test.labels[i];
    }
    if (right >= COLOUR_MOST * TEST) {
        fail_msg("mean colours tell %d of %d pictures", right, TEST);
    }
}

/* Otherwise a loader's floats would not be near mean 0 and deviation 1. */
static void the_stated_mean_and_deviation_are_those_of_the_pictures(void **state)
{
    (void)state;
    const snas_dataset set = open_set(4, TRAIN, 1, 32);
    const int64_t n = (int64_t)TRAIN * 1024;
    for (int c = 0; c < 3; c++) {
        double sum = 0.0, squares = 0.0;
        for (int64_t i = 0; i < n; i++) {
            const double x = set.train.pixels[i * 3 + c] / 255.0;
            sum += x;
            squares += x * x;
        }
        const double mean = sum / (double)n;
        assert_near((double)set.mean[c], mean, 0.02);
        assert_near((double)set.deviation[c], sqrt(squares / (double)n - mean * mean), 0.01);
    }
}

static void a_bad_request_is_refused_with_its_value(void **state)
{
    (void)state;
    static const struct {
        snas_dataset_request request;
        const char *part;
    } rows[] = {
        {{.side = 7}, "side 7, allowed is 8 to 256"},
        {{.side = 257}, "side 257"},
        {{.side = -1}, "side -1"},
        {{.train_count = -5}, "training pictures -5, allowed is 1 to "},
        {{.test_count = -1}, "test pictures -1"},
    };
    snas_dataset set;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_fails(snas_dataset_find("synthetic")->open(mem, &rows[i].request, &set), SNAS_E_USAGE, rows[i].part);
    }
}

static void a_set_of_two_parts_is_tested_on_either(void **state)
{
    (void)state;
    const snas_dataset_row *row = snas_dataset_find("synthetic");
    snas_dataset_request request = {.train_count = 20, .test_count = 10, .side = 8};
    snas_dataset set;
    assert_ok(snas_dataset_open(mem, row, &request, &set));
    assert_int_equal(set.test.count, 10);
    request.part = "test";
    assert_ok(snas_dataset_open(mem, row, &request, &set));
    assert_int_equal(set.test.count, 10);
    request.part = "train";
    assert_ok(snas_dataset_open(mem, row, &request, &set));
    assert_int_equal(set.test.count, 20);
    assert_ptr_equal(set.test.pixels, set.train.pixels);
    request.part = "val";
    assert_fails(snas_dataset_open(mem, row, &request, &set), SNAS_E_USAGE,
                 "the data set 'synthetic' has no part 'val', it has 'train' and 'test'");
}

static void every_data_set_is_found_by_its_name_and_no_other_is(void **state)
{
    (void)state;
    int count = 0;
    for (const snas_dataset_row *row = snas_datasets; row->name != NULL; row++, count++) {
        assert_ptr_equal(snas_dataset_find(row->name), row);
        assert_true(strlen(row->brief) > 10);
    }
    assert_true(count >= 3);
    assert_non_null(snas_dataset_find("cifar10"));
    assert_non_null(snas_dataset_find("cifar100"));
    assert_null(snas_dataset_find("cifar"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_gives_the_same_pictures_and_another_gives_others),
        cmocka_unit_test(test_pictures_stand_behind_the_training_ones),
        cmocka_unit_test(labels_are_balanced),
        cmocka_unit_test(mean_colours_do_not_tell_the_class),
        cmocka_unit_test(the_stated_mean_and_deviation_are_those_of_the_pictures),
        cmocka_unit_test(a_bad_request_is_refused_with_its_value),
        cmocka_unit_test(a_set_of_two_parts_is_tested_on_either),
        cmocka_unit_test(every_data_set_is_found_by_its_name_and_no_other_is),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
