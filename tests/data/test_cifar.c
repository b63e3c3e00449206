/* test_cifar.c -- CIFAR-10 and CIFAR-100 from folders and archives made here, and every fault that such files have. */
#include "cifar_fixture.h"
static snas_status open_at(place *at, const char *path)
{
    const snas_dataset_request request = {.path = path};
    return snas_dataset_find("cifar10")->open(at->mem, &request, &at->set);
}

/* All 15 + 6 records are there, in order, with channels last. */
static void check_pictures(const snas_dataset *set)
{
    assert_int_equal(set->train.count, 15);
    assert_int_equal(set->test.count, 6);
    int i = 0;
    for (int f = 0; f < FILES; f++) {
        const snas_pictures *part = f < 5 ? &set->train : &set->test;
        i = f == 5 ? 0 : i;
        for (int r = 0; r <= f; r++, i++) {
            assert_int_equal(part->labels[i], (f + r) % 10);
            const uint8_t *pixels = part->pixels + (size_t)i * 3 * PIXELS;
            for (int j = 0; j < 3 * PIXELS; j++) {
                assert_int_equal(pixels[j], plane_byte(f, r, j % 3, j / 3));
            }
        }
    }
}

static void a_folder_its_parent_and_the_variable_are_read(void **state)
{
    place *at = *state;
    const char *inner = join(at->folder, "cifar-10-batches-bin");
    write_batches(inner);
    assert_ok(open_at(at, inner));
    check_pictures(&at->set);
    assert_ok(open_at(at, at->folder));
    check_pictures(&at->set);
    assert_int_equal(setenv("SNAS_DATA", at->folder, 1), 0);
    assert_ok(open_at(at, NULL));
    check_pictures(&at->set);
    assert_non_null(strstr(at->set.source, at->folder));
    assert_non_null(strstr(at->set.source, "15 training and 6 test"));
    assert_int_equal(at->set.train.side, 32);
    assert_int_equal(at->set.train.channels, 3);
    assert_int_equal(at->set.classes, 10);
    assert_string_equal(at->set.class_names[3], "cat");
    assert_near((double)at->set.mean[1], 0.48215827, 1e-7);
    assert_near((double)at->set.deviation[2], 0.26158768, 1e-7);
}

static void an_archive_and_a_folder_that_holds_it_are_read(void **state)
{
    place *at = *state;
    write_batches(join(at->folder, "cifar-10-batches-bin"));
    shell("cd %s && tar czf %s cifar-10-batches-bin && rm -r cifar-10-batches-bin", at->folder,
          "cifar-10-binary.tar.gz");
    assert_ok(open_at(at, at->folder));
    check_pictures(&at->set);
    assert_ok(open_at(at, join(at->folder, "cifar-10-binary.tar.gz")));
    check_pictures(&at->set);
}

static void an_archive_that_lacks_a_file_or_is_cut_is_refused(void **state)
{
    place *at = *state;
    write_batches(join(at->folder, "b"));
    shell("cd %s && rm b/data_batch_3.bin && tar czf %s b", at->folder, "less.tar.gz");
    assert_fails(open_at(at, join(at->folder, "less.tar.gz")), SNAS_E_DATA, "holds no 'data_batch_3.bin'");
    shell("cd %s && head -c 300 less.tar.gz > %s", at->folder, "cut.tar.gz");
    assert_fails(open_at(at, join(at->folder, "cut.tar.gz")), SNAS_E_DATA, "cut.tar.gz");
}

static void a_truncated_and_an_empty_file_are_refused_with_their_size(void **state)
{
    place *at = *state;
    static const char zeros[2 * RECORD];
    write_batches(at->folder);
    write_bytes(join(at->folder, NAMES[1]), zeros, 2 * RECORD - 1);
    assert_fails(open_at(at, at->folder), SNAS_E_DATA,
                 "data_batch_2.bin' has 6145 bytes, allowed are whole records of 3073 bytes");
    write_bytes(join(at->folder, NAMES[1]), zeros, 0);
    assert_fails(open_at(at, at->folder), SNAS_E_DATA, "data_batch_2.bin' has 0 bytes");
}

static void a_label_out_of_range_is_named_with_file_and_record(void **state)
{
    place *at = *state;
    char bad[3 * RECORD] = {0};
    write_batches(at->folder);
    bad[2 * RECORD] = 17;
    write_bytes(join(at->folder, NAMES[5]), bad, sizeof bad);
    assert_fails(open_at(at, at->folder), SNAS_E_DATA,
                 "test_batch.bin' has label 17 in record 2 (from 0), allowed is 0 to 9");
    bad[2 * RECORD] = 10;
    write_bytes(join(at->folder, NAMES[5]), bad, sizeof bad);
    assert_fails(open_at(at, at->folder), SNAS_E_DATA, "label 10 in record 2");
    bad[2 * RECORD] = 9;
    write_bytes(join(at->folder, NAMES[5]), bad, sizeof bad);
    assert_ok(open_at(at, at->folder));
}

static void a_missing_batch_is_named(void **state)
{
    place *at = *state;
    write_batches(at->folder);
    assert_ok(snas_file_remove(join(at->folder, NAMES[4])));
    assert_fails(open_at(at, at->folder), SNAS_E_DATA, "data_batch_5.bin' is missing");
    write_batches(at->folder);
    assert_ok(snas_file_remove(join(at->folder, NAMES[0])));
    assert_fails(open_at(at, at->folder), SNAS_E_DATA, "data_batch_1.bin' is missing");
}

static void the_python_version_is_answered_with_the_binary_one(void **state)
{
    place *at = *state;
    const char *const answer = "download the binary version";
    const char *inner = join(at->folder, "cifar-10-batches-py");
    assert_ok(snas_folder_make(inner));
    write_bytes(join(inner, "data_batch_1"), "x", 1);
    assert_fails(open_at(at, inner), SNAS_E_DATA, answer);
    assert_fails(open_at(at, at->folder), SNAS_E_DATA, answer);
    assert_fails(open_at(at, join(inner, "data_batch_1")), SNAS_E_DATA, answer);
    assert_int_equal(setenv("SNAS_DATA", at->folder, 1), 0);
    char *home = getcwd(NULL, 0);
    assert_int_equal(chdir(at->folder), 0); /* so that data/ holds nothing */
    const snas_status status = open_at(at, NULL);
    assert_int_equal(chdir(home), 0);
    free(home);
    assert_fails(status, SNAS_E_DATA, answer);
    shell("cd %s && tar czf %s cifar-10-batches-py && cp py.tar.gz cifar-10-python.tar.gz", at->folder, "py.tar.gz");
    assert_fails(open_at(at, join(at->folder, "py.tar.gz")), SNAS_E_DATA, answer);
    assert_fails(open_at(at, join(at->folder, "cifar-10-python.tar.gz")), SNAS_E_DATA, answer);
}

static void what_is_not_found_says_where_it_looked_and_how_to_get_it(void **state)
{
    place *at = *state;
    assert_fails(open_at(at, at->folder), SNAS_E_DATA, "scripts/get-cifar10");
    assert_non_null(strstr(snas_error(), at->folder));
    assert_fails(open_at(at, join(at->folder, "nowhere")), SNAS_E_DATA, "scripts/get-cifar10");
    assert_non_null(strstr(snas_error(), "nowhere"));
    char *home = getcwd(NULL, 0);
    assert_int_equal(chdir(at->folder), 0);
    snas_status status = open_at(at, NULL);
    assert_fails(status, SNAS_E_DATA, "looked in 'data' and in $SNAS_DATA, which is not set");
    assert_non_null(strstr(snas_error(), "scripts/get-cifar10"));
    assert_int_equal(setenv("SNAS_DATA", "/tmp/snas-void", 1), 0);
    status = open_at(at, NULL);
    assert_fails(status, SNAS_E_DATA, "which is '/tmp/snas-void'");
    write_batches("data");
    assert_ok(open_at(at, NULL));
    assert_int_equal(chdir(home), 0);
    free(home);
    check_pictures(&at->set);
}

static void one_batch_file_is_answered_with_its_folder(void **state)
{
    place *at = *state;
    write_batches(at->folder);
    assert_fails(open_at(at, join(at->folder, NAMES[0])), SNAS_E_DATA, "give the folder");
}

/* --- CIFAR-100 ---------------------------------------------------------------------------------------------------- */

static snas_status open_hundred(place *at, const char *path, snas_labels labels)
{
    const snas_dataset_request request = {.path = path, .labels = labels};
    return snas_dataset_find("cifar100")->open(at->mem, &request, &at->set);
}

static void check_hundred(const snas_dataset *set, int per_class)
{
    assert_int_equal(set->classes, 100 / per_class);
    assert_int_equal(set->train.count, TRAIN_100);
    assert_int_equal(set->test.count, TEST_100);
    for (int f = 0; f < 2; f++) {
        const snas_pictures *part = f == 0 ? &set->train : &set->test;
        for (int r = 0; r < part->count; r++) {
            assert_int_equal(part->labels[r], fine_of(f, r) / per_class);
            const uint8_t *pixels = part->pixels + (size_t)r * 3 * PIXELS;
            for (int j = 0; j < 3 * PIXELS; j += 101) {
                assert_int_equal(pixels[j], plane_byte(f, r, j % 3, j / 3));
            }
        }
    }
}

static void a_hundred_fine_or_twenty_coarse_classes_are_read(void **state)
{
    place *at = *state;
    const char *inner = join(at->folder, "cifar-100-binary");
    write_hundred(inner);
    assert_ok(open_hundred(at, inner, SNAS_LABELS_FINE));
    check_hundred(&at->set, 1);
    assert_string_equal(at->set.name, "cifar100");
    assert_string_equal(at->set.class_names[0], "apple");
    assert_string_equal(at->set.class_names[99], "worm");
    assert_non_null(strstr(at->set.source, "120 training and 7 test pictures of 100 classes"));
    assert_near((double)at->set.mean[0], 0.5070751592371323, 1e-7);
    assert_near((double)at->set.deviation[2], 0.27615047132568404, 1e-7);
    for (int k = 1; k < 100; k++) { /* the published order is the alphabet's: none is missing or twice */
        assert_true(strcmp(at->set.class_names[k - 1], at->set.class_names[k]) < 0);
    }
    assert_ok(open_hundred(at, at->folder, SNAS_LABELS_COARSE));
    check_hundred(&at->set, 5);
    assert_string_equal(at->set.class_names[0], "aquatic_mammals");
    assert_string_equal(at->set.class_names[19], "vehicles_2");
    shell("cd %s && tar czf %s cifar-100-binary && rm -r cifar-100-binary", at->folder, "cifar-100-binary.tar.gz");
    assert_int_equal(setenv("SNAS_DATA", at->folder, 1), 0);
    assert_ok(open_hundred(at, NULL, SNAS_LABELS_FINE));
    check_hundred(&at->set, 1);
    assert_ok(open_hundred(at, join(at->folder, "cifar-100-binary.tar.gz"), SNAS_LABELS_COARSE));
    check_hundred(&at->set, 5);
}

static void names_of_the_classes_are_read_where_they_are(void **state)
{
    place *at = *state;
    write_hundred(at->folder);
    shell("cd %s && for i in $(seq 20); do echo kind_$i; done > %s", at->folder, "coarse_label_names.txt");
    assert_ok(open_hundred(at, at->folder, SNAS_LABELS_COARSE));
    assert_string_equal(at->set.class_names[19], "kind_20");
    assert_ok(open_hundred(at, at->folder, SNAS_LABELS_FINE));
    assert_string_equal(at->set.class_names[19], "cattle");
    shell("cd %s && for i in $(seq 99); do printf 'sort %%s\\r\\n' $i; done > %s", at->folder, "fine_label_names.txt");
    assert_fails(open_hundred(at, at->folder, SNAS_LABELS_FINE), SNAS_E_DATA,
                 "fine_label_names.txt' has 99 names, allowed is one a line of 100");
    shell("cd %s && printf 'last\\n\\n' >> %s", at->folder, "fine_label_names.txt");
    assert_ok(open_hundred(at, at->folder, SNAS_LABELS_FINE));
    assert_string_equal(at->set.class_names[98], "sort 99");
    assert_string_equal(at->set.class_names[99], "last");
}

static void both_labels_of_a_record_are_held_against_their_range(void **state)
{
    place *at = *state;
    static uint8_t record[2 * RECORD_100];
    write_hundred(at->folder);
    record[RECORD_100] = 20;
    write_bytes(join(at->folder, "test.bin"), record, sizeof record);
    assert_fails(open_hundred(at, at->folder, SNAS_LABELS_FINE), SNAS_E_DATA,
                 "test.bin' has coarse label 20 in record 1 (from 0), allowed is 0 to 19");
    record[RECORD_100] = 19;
    record[RECORD_100 + 1] = 100;
    write_bytes(join(at->folder, "test.bin"), record, sizeof record);
    assert_fails(open_hundred(at, at->folder, SNAS_LABELS_COARSE), SNAS_E_DATA,
                 "test.bin' has fine label 100 in record 1 (from 0), allowed is 0 to 99");
    write_bytes(join(at->folder, "test.bin"), record, sizeof record - 1);
    assert_fails(open_hundred(at, at->folder, SNAS_LABELS_FINE), SNAS_E_DATA,
                 "test.bin' has 6147 bytes, allowed are whole records of 3074 bytes");
}

static void a_hundred_in_python_is_answered_with_the_binary_version(void **state)
{
    place *at = *state;
    const char *const answer =
        "is the python version of CIFAR-100, download the binary version: cifar-100-binary.tar.gz";
    const char *inner = join(at->folder, "cifar-100-python");
    assert_ok(snas_folder_make(inner));
    write_bytes(join(inner, "train"), "x", 1);
    write_bytes(join(inner, "meta"), "x", 1);
    assert_fails(open_hundred(at, inner, SNAS_LABELS_FINE), SNAS_E_DATA, answer);
    assert_fails(open_hundred(at, at->folder, SNAS_LABELS_FINE), SNAS_E_DATA, answer);
    assert_fails(open_hundred(at, join(inner, "train"), SNAS_LABELS_FINE), SNAS_E_DATA, answer);
    assert_fails(open_hundred(at, join(inner, "meta"), SNAS_LABELS_FINE), SNAS_E_DATA, answer);
    shell("cd %s && tar czf %s cifar-100-python && cp py.tar.gz cifar-100-python.tar.gz", at->folder, "py.tar.gz");
    assert_fails(open_hundred(at, join(at->folder, "py.tar.gz"), SNAS_LABELS_FINE), SNAS_E_DATA, answer);
    assert_fails(open_hundred(at, join(at->folder, "cifar-100-python.tar.gz"), SNAS_LABELS_FINE), SNAS_E_DATA, answer);
}

static void one_cifar_is_not_taken_for_the_other(void **state)
{
    place *at = *state;
    write_hundred(at->folder);
    assert_fails(open_at(at, at->folder), SNAS_E_DATA,
                 "holds CIFAR-100, not CIFAR-10; to read it set 'data.dataset' to 'cifar100'");
    const snas_dataset_request coarse = {.path = at->folder, .labels = SNAS_LABELS_COARSE};
    assert_fails(snas_dataset_find("cifar10")->open(at->mem, &coarse, &at->set), SNAS_E_USAGE,
                 "CIFAR-10 has no coarse labels");
    assert_fails(open_hundred(at, join(at->folder, "nowhere"), SNAS_LABELS_FINE), SNAS_E_DATA, "scripts/get-cifar100");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_its_parent_and_the_variable_are_read, setup, teardown),
        cmocka_unit_test_setup_teardown(an_archive_and_a_folder_that_holds_it_are_read, setup, teardown),
        cmocka_unit_test_setup_teardown(an_archive_that_lacks_a_file_or_is_cut_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_truncated_and_an_empty_file_are_refused_with_their_size, setup, teardown),
        cmocka_unit_test_setup_teardown(a_label_out_of_range_is_named_with_file_and_record, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_batch_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(the_python_version_is_answered_with_the_binary_one, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_found_says_where_it_looked_and_how_to_get_it, setup, teardown),
        cmocka_unit_test_setup_teardown(one_batch_file_is_answered_with_its_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hundred_fine_or_twenty_coarse_classes_are_read, setup, teardown),
        cmocka_unit_test_setup_teardown(names_of_the_classes_are_read_where_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown(both_labels_of_a_record_are_held_against_their_range, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hundred_in_python_is_answered_with_the_binary_version, setup, teardown),
        cmocka_unit_test_setup_teardown(one_cifar_is_not_taken_for_the_other, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
