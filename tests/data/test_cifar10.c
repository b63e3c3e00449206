/* test_cifar10.c -- CIFAR-10 from folders and archives made here, and every fault that such files have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/data/dataset.h"

enum { PIXELS = 1024, RECORD = 3073, FILES = 6, PATH_ROOM = 512 };
static const char *const NAMES[FILES] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                         "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};

/* A folder of its own for each test, and an arena. */
typedef struct {
    char folder[64];
    snas_arena *mem;
    snas_dataset set;
} place;

static place here; /* of the running test */

static const char *join(const char *a, const char *b)
{
    return snas_format(here.mem, "%s/%s", a, b);
}

static void shell(const char *format, const char *a, const char *b)
{
    char command[2 * PATH_ROOM];
    snprintf(command, sizeof command, format, a, b);
    assert_int_equal(system(command), 0);
}

static void write_bytes(const char *path, const void *data, size_t size)
{
    const snas_bytes part = {data, size};
    assert_ok(snas_file_replace(path, &part, 1));
}

static uint8_t plane_byte(int file, int record, int c, int p)
{
    return (uint8_t)(file * 31 + record * 7 + c * 101 + p + p / 32);
}

/* File f holds f + 1 records; record r has label (f + r) % 10. */
static void write_batches(const char *folder)
{
    uint8_t data[FILES * RECORD];
    assert_ok(snas_folder_make(folder));
    for (int f = 0; f < FILES; f++) {
        for (int r = 0; r <= f; r++) {
            data[r * RECORD] = (uint8_t)((f + r) % 10);
            for (int i = 0; i < 3 * PIXELS; i++) {
                data[r * RECORD + 1 + i] = plane_byte(f, r, i / PIXELS, i % PIXELS);
            }
        }
        write_bytes(join(folder, NAMES[f]), data, (size_t)(f + 1) * RECORD);
    }
}

static int setup(void **state)
{
    strcpy(here.folder, "/tmp/snas-cifar10-XXXXXX");
    if (mkdtemp(here.folder) == NULL || snas_arena_create("test", 0, &here.mem) != SNAS_OK) {
        return -1;
    }
    unsetenv("SNAS_DATA");
    *state = &here;
    return 0;
}

static int teardown(void **state)
{
    place *at = *state;
    snas_arena_destroy(at->mem);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", at->folder);
    return system(command);
}

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
    assert_fails(open_at(at, join(at->folder, "less.tar.gz")), SNAS_E_DATA,
                 "holds no 'data_batch_3.bin'");
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
    shell("cd %s && tar czf %s cifar-10-batches-py && cp py.tar.gz cifar-10-python.tar.gz",
          at->folder, "py.tar.gz");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_its_parent_and_the_variable_are_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_archive_and_a_folder_that_holds_it_are_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_archive_that_lacks_a_file_or_is_cut_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_truncated_and_an_empty_file_are_refused_with_their_size,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_label_out_of_range_is_named_with_file_and_record, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_missing_batch_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(the_python_version_is_answered_with_the_binary_one, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_not_found_says_where_it_looked_and_how_to_get_it,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(one_batch_file_is_answered_with_its_folder, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
