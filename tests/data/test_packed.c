/* test_packed.c -- every lie that a packed data set can tell is refused; the files are written tensor by tensor. */
#include <string.h>

#include "packed_fixture.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/format/safetensors.h"

static int setup(void **state)
{
    path = scratch_path("set.pack");
    return arena_setup(state);
}

static void what_is_no_packed_set_is_refused(void **state)
{
    (void)state;
    snas_dataset_request r = request();
    snas_dataset set;
    r.path = NULL;
    assert_fails(data_packed_open(mem, &r, &set), SNAS_E_USAGE, "wants 'data.path'");
    r.path = scratch_path("");
    assert_fails(data_packed_open(mem, &r, &set), SNAS_E_DATA, "the data set is 'folder'");
    r.path = scratch_path("nothing");
    assert_fails(data_packed_open(mem, &r, &set), SNAS_E_DATA, "no file '");
    r = request();
    r.labels = SNAS_LABELS_COARSE;
    assert_fails(data_packed_open(mem, &r, &set), SNAS_E_USAGE, "no coarse labels");
    assert_ok(snas_file_replace_text(path, "this is no packed data set"));
    assert_refused(SNAS_E_DATA, "is not a good safetensors file");
}

/* The parts of a file that is good as it stands. */
typedef struct {
    snas_named_tensor rows[6];
    int count;
    const char *about;
} made_file;

static const int64_t LABELS[4] = {0, 1, 2, 1};
static const int64_t SHAPES[8] = {1, 2, 3, 1, 1, 1, 2, 2}; /* 2 + 3 + 1 + 4 pixels */
static const uint8_t BYTES[400];
#define ABOUT                                                                                                          \
    "{\"version\": 1, \"classes\": [\"a\", \"b\", \"c\"], \"mean\": [0, 0.5, 1], \"deviation\": "                      \
    "[1, 1, 0.1]}"

static made_file good_file(bool squares)
{
    made_file file = {.count = squares ? 4 : 6, .about = ABOUT};
    static const char *const NAMES[2][3] = {{"train.labels", "train.pixels", "train.shapes"},
                                            {"test.labels", "test.pixels", "test.shapes"}};
    const int each = squares ? 2 : 3;
    for (int p = 0; p < 2; p++) {
        snas_named_tensor *row = file.rows + p * each;
        row[0] = (snas_named_tensor){.name = NAMES[p][0], .dtype = SNAS_I64, .dims = 1, .shape = {4}, .data = LABELS};
        row[1] = (snas_named_tensor){.name = NAMES[p][1], .dtype = SNAS_U8, .dims = 1, .shape = {30}, .data = BYTES};
        if (squares) {
            row[1].dims = 4;
            memcpy(row[1].shape, (int64_t[]){4, 5, 5, 3}, 4 * sizeof(int64_t));
        } else {
            row[2] =
                (snas_named_tensor){.name = NAMES[p][2], .dtype = SNAS_I64, .dims = 2, .shape = {4, 2}, .data = SHAPES};
        }
    }
    return file;
}

static void save(made_file *file)
{
    snas_metadata about = {"snas.pack", file->about};
    for (int i = 0; i < file->count; i++) {
        snas_named_tensor *row = &file->rows[i];
        row->count = 1;
        for (int k = 0; k < row->dims; k++) {
            row->count *= row->shape[k];
        }
    }
    const snas_tensor_file whole = {
        .tensors = file->rows, .count = file->count, .metadata = &about, .metadata_count = file->about != NULL};
    assert_ok(snas_safetensors_save(mem, path, &whole));
}

static void a_description_that_is_none_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *about, *part;
    } CASES[] = {
        {NULL, "has no 'snas.pack'"},
        {"{", "is not a good packed data set: snas.pack"},
        {"[]", "it is of version 0, allowed is 1"},
        {"{\"version\": 2}", "it is of version 2, allowed is 1"},
        {"{\"version\": 1}", "it names 0 classes, allowed are 2"},
        {"{\"version\": 1, \"classes\": [\"a\"]}", "it names 1 classes, allowed are 2"},
        {"{\"version\": 1, \"classes\": [\"a\", 7]}", "the name of class 1 is a number"},
        {"{\"version\": 1, \"classes\": [\"a\", \"b\"]}", "'mean' in its 'snas.pack' wants three numbers"},
        {"{\"version\": 1, \"classes\": [\"a\", \"b\"], \"mean\": [0, 1, 1.5]}", "'mean'"},
        {"{\"version\": 1, \"classes\": [\"a\", \"b\"], \"mean\": [0, 1, 1, 1]}", "'mean'"},
        {"{\"version\": 1, \"classes\": [\"a\", \"b\"], \"mean\": [0, 1, 1], \"deviation\": [1, 0, "
         "1]}",
         "'deviation' in its 'snas.pack' wants three numbers, each above 0"},
    };
    made_file file = good_file(false);
    save(&file);
    assert_int_equal(open_set().train.count, 4);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        file.about = CASES[i].about;
        save(&file);
        assert_refused(SNAS_E_DATA, CASES[i].part);
    }
}

static void labels_sizes_and_pixels_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const int64_t HIGH[4] = {0, 1, 2, 3}, LOW[4] = {0, -1, 2, 1};
    static const int64_t ZERO[8] = {1, 2, 3, 1, 1, 0, 2, 2}, LONG[8] = {1, 2, 16385, 1, 1, 1, 2, 2},
                         MANY[8] = {16384, 16384, 1, 1, 1, 1, 1, 1}, LESS[8] = {1, 2, 3, 1, 1, 1, 2, 1};
    static const struct {
        int row;
        snas_named_tensor as; /* name NULL: the row's own */
        const char *part;
    } CASES[] = {
        {0,
         {.dtype = SNAS_I64, .dims = 1, .shape = {4}, .data = HIGH},
         "training picture 3 (from 0) has the label 3, allowed is 0 to 2"},
        {3, {.dtype = SNAS_I64, .dims = 1, .shape = {4}, .data = LOW}, "test picture 1 (from 0) has the label -1"},
        {0,
         {.dtype = SNAS_U64, .dims = 1, .shape = {4}, .data = LABELS},
         "'train.labels' is U64 with 1 dimensions, allowed is I64 [N]"},
        {0, {.dtype = SNAS_I64, .dims = 1, .shape = {0}, .data = LABELS}, "it has 0 training pictures"},
        {0, {.dtype = SNAS_I64, .dims = 1, .shape = {3}, .data = LABELS}, "3 labels and 4 sizes, allowed is one each"},
        {0,
         {.name = "labels", .dtype = SNAS_I64, .dims = 1, .shape = {4}, .data = LABELS},
         "it has no tensor 'train.labels'"},
        {1,
         {.name = "pixels", .dtype = SNAS_U8, .dims = 1, .shape = {30}, .data = BYTES},
         "it has no tensor 'train.pixels'"},
        {2,
         {.name = "shapes", .dtype = SNAS_I64, .dims = 2, .shape = {4, 2}, .data = SHAPES},
         "it has no tensor 'train.shapes'"},
        {1, {.dtype = SNAS_U8, .dims = 2, .shape = {30, 1}, .data = BYTES}, "'train.pixels' is U8 with 2 dimensions"},
        {4, {.dtype = SNAS_U8, .dims = 4, .shape = {1, 3, 10, 1}, .data = BYTES}, "test pictures have 4 labels"},
        {2, {.dtype = SNAS_I64, .dims = 2, .shape = {8, 1}, .data = SHAPES}, "allowed is one each"},
        {2,
         {.dtype = SNAS_I64, .dims = 2, .shape = {4, 2}, .data = ZERO},
         "training picture 2 (from 0) is 0 x 1 pixels, allowed are sides of 1 to 16384"},
        {2, {.dtype = SNAS_I64, .dims = 2, .shape = {4, 2}, .data = LONG}, "is 1 x 16385 pixels"},
        {2, {.dtype = SNAS_I64, .dims = 2, .shape = {4, 2}, .data = MANY}, "and 64000000 pixels"},
        {5,
         {.dtype = SNAS_I64, .dims = 2, .shape = {4, 2}, .data = LESS},
         "test pictures have 24 bytes by their sizes, 'test.pixels' has 30"},
        {1,
         {.dtype = SNAS_U8, .dims = 1, .shape = {31}, .data = BYTES},
         "training pictures have 30 bytes by their sizes, 'train.pixels' has 31"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        made_file file = good_file(false);
        snas_named_tensor *row = &file.rows[CASES[i].row];
        const char *name = row->name;
        *row = CASES[i].as;
        row->name = row->name == NULL ? name : row->name;
        save(&file);
        assert_refused(SNAS_E_DATA, CASES[i].part);
    }
}

static void squares_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct {
        int row;
        int64_t shape[4];
        const char *part;
    } CASES[] = {
        {1, {4, 5, 4, 3}, "'train.pixels' has to be [4, S, S, 3] with S from 1 to 4096"},
        {1, {3, 5, 5, 3}, "'train.pixels' has to be [4, S, S, 3]"},
        {3, {4, 3, 3, 5}, "'test.pixels' has to be [4, S, S, 3]"},
        {3, {4, 0, 0, 3}, "'test.pixels' has to be [4, S, S, 3]"},
        {3, {4, 2, 2, 3}, "its training pictures have the side 5, its test pictures 2"},
    };
    made_file file = good_file(true);
    save(&file);
    assert_int_equal(open_set().test.side, 5);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        file = good_file(true);
        memcpy(file.rows[CASES[i].row].shape, CASES[i].shape, sizeof CASES[i].shape);
        save(&file);
        assert_refused(SNAS_E_DATA, CASES[i].part);
    }
    file = good_file(true);
    file.rows[3].dims = 1;
    file.rows[3].shape[0] = 300;
    save(&file);
    assert_refused(SNAS_E_DATA, "'test.pixels' has to be");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_packed_set_is_refused),
        cmocka_unit_test(a_description_that_is_none_is_refused),
        cmocka_unit_test(labels_sizes_and_pixels_that_do_not_fit_are_refused),
        cmocka_unit_test(squares_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, arena_teardown);
}
