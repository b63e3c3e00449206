/* test_packed.c -- packed data sets: what goes in comes out, and every lie that such a file can tell is refused. */
#include <stdio.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "parts.h"
#include "photo.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/data/pack_writer.h"
#include "snas/format/image.h"
#include "snas/format/safetensors.h"

enum { CLASSES = 3, TRAIN = 7, TEST = 4, SQUARE = 6, LONGEST = 40, SCRATCH_BYTES = 1 << 20 };

static snas_arena *scratch;
static const char *path;
static int labels[TRAIN + TEST];
static uint8_t pixels[TRAIN + TEST][LONGEST * LONGEST * 3];

static int setup(void **state)
{
    path = scratch_path("set.pack");
    for (int i = 0; i < TRAIN + TEST; i++) {
        labels[i] = i % CLASSES;
        for (size_t j = 0; j < sizeof pixels[i]; j++) {
            pixels[i][j] = (uint8_t)(i * 37 + (int)j * (i + 3) / 5);
        }
    }
    return arena_setup(state) == 0 &&
                   snas_arena_create("scratch", SCRATCH_BYTES, &scratch) == SNAS_OK
               ? 0
               : -1;
}

static int teardown(void **state)
{
    snas_arena_destroy(scratch);
    return arena_teardown(state);
}

static snas_picture picture_of(int i)
{
    return (snas_picture){.height = 9 + i, .width = LONGEST - 2 * i, .pixels = pixels[i]};
}

static snas_status read_made(const snas_pictures *pictures, int i, snas_arena *arena,
                             snas_picture *out)
{
    (void)arena;
    *out = picture_of(i + *(const int *)pictures->source);
    return SNAS_OK;
}

/* Photographs, or squares of SQUARE in memory. */
static snas_dataset made_set(bool squares)
{
    static const char *const names[CLASSES] = {"ant", "b\"e\"e", "caf\xc3\xa9"};
    static const int firsts[2] = {0, TRAIN};
    static uint8_t together[TRAIN + TEST][SQUARE * SQUARE * 3];
    snas_dataset set = {
        .name = "made",
        .classes = CLASSES,
        .class_names = names,
        .mean = {0.485f,                0.1f,              0.3333333f},
        .deviation = {              0.229f,          1.0f / 3.0f,             1e-3f          },
        .source = "made here",
        .train = { .count = TRAIN, .labels = labels, .source = &firsts[0],           .read = read_made},
        .test = {  .count = TEST, .labels = labels + TRAIN, .source = &firsts[1],           .read = read_made}
    };
    for (int i = 0; i < TRAIN + TEST && squares; i++) {
        memcpy(together[i], pixels[i], sizeof together[i]);
    }
    if (squares) {
        set.train = data_pictures_in_memory(TRAIN, SQUARE, together[0], labels);
        set.test = data_pictures_in_memory(TEST, SQUARE, together[TRAIN], labels + TRAIN);
    }
    return set;
}

static void pack_part(snas_pack_writer *writer, const snas_pack_fit *fit, const snas_pictures *from)
{
    for (int i = 0; i < from->count; i++) {
        snas_picture whole, fitted;
        const snas_mark mark = snas_arena_mark(scratch);
        assert_ok(from->read(from, i, scratch, &whole));
        assert_ok(snas_pack_fitted(fit, &whole, scratch, &fitted));
        assert_ok(snas_pack_add(writer, from->labels[i], &fitted));
        snas_arena_release(scratch, mark);
    }
    assert_ok(snas_pack_close_part(writer));
}

static int64_t pack(const snas_dataset *set, snas_pack_fit fit)
{
    snas_pack_writer *writer;
    int64_t bytes;
    assert_ok(snas_pack_begin(mem, path, set, &fit, &writer));
    pack_part(writer, &fit, &set->train);
    pack_part(writer, &fit, &set->test);
    assert_ok(snas_pack_finish(writer, &bytes));
    assert_int_equal(bytes, snas_file_size(path));
    return bytes;
}

static snas_dataset_request request(void)
{
    return (snas_dataset_request){
        .path = path, .photo = {.side = 16, .shorter = 20, .least_area = 0.08}
    };
}

static snas_dataset open_set(void)
{
    const snas_dataset_request r = request();
    snas_dataset set;
    assert_ok(data_packed_open(mem, &r, &set));
    return set;
}

static void assert_refused(snas_status status, const char *part)
{
    const snas_dataset_request r = request();
    snas_dataset set;
    assert_fails(data_packed_open(mem, &r, &set), status, part);
}

static void assert_same_facts(const snas_dataset *found, const snas_dataset *wanted)
{
    assert_int_equal(found->classes, CLASSES);
    for (int k = 0; k < CLASSES; k++) {
        assert_string_equal(found->class_names[k], wanted->class_names[k]);
    }
    assert_memory_equal(found->mean, wanted->mean, sizeof found->mean);
    assert_memory_equal(found->deviation, wanted->deviation, sizeof found->deviation);
    assert_int_equal(found->train.count, TRAIN);
    assert_int_equal(found->test.count, TEST);
    assert_memory_equal(found->train.labels, labels, TRAIN * sizeof *labels);
    assert_memory_equal(found->test.labels, labels + TRAIN, TEST * sizeof *labels);
}

static void assert_same_picture(const snas_pictures *from, int i, const snas_picture *wanted)
{
    snas_picture found;
    const snas_mark mark = snas_arena_mark(scratch);
    assert_ok(from->read(from, i, scratch, &found));
    assert_int_equal(found.height, wanted->height);
    assert_int_equal(found.width, wanted->width);
    assert_memory_equal(found.pixels, wanted->pixels,
                        (size_t)found.height * (size_t)found.width * 3);
    snas_arena_release(scratch, mark);
}

/* --- what goes in comes out -------------------------------------------------------------------------------------------------- */

static void photographs_come_out_as_they_went_in(void **state)
{
    (void)state;
    const snas_dataset made = made_set(false);
    pack(&made, (snas_pack_fit){0});
    const snas_dataset set = open_set();
    assert_same_facts(&set, &made);
    assert_null(set.train.pixels);
    assert_int_equal(set.train.side, 16);
    for (int i = TRAIN + TEST - 1; i >= 0; i--) {
        const snas_picture wanted = picture_of(i);
        assert_same_picture(i < TRAIN ? &set.train : &set.test, i < TRAIN ? i : i - TRAIN, &wanted);
    }
    assert_non_null(strstr(set.source, "7 training and 4 test"));
}

static void other_pictures_make_another_identity(void **state)
{
    (void)state;
    const snas_dataset made = made_set(false);
    pack(&made, (snas_pack_fit){0});
    const uint32_t first = open_set().identity;
    assert_true(first != 0);
    pixels[TRAIN][100] ^= 1; /* a single bit of a test picture */
    pack(&made, (snas_pack_fit){0});
    assert_true(open_set().identity != first);
    pixels[TRAIN][100] ^= 1;
    snas_dataset moved = made; /* where they came from does not matter */
    moved.source = "another place";
    pack(&moved, (snas_pack_fit){0});
    assert_int_equal(open_set().identity, first);
}

static void equal_squares_come_out_in_memory(void **state)
{
    (void)state;
    const snas_dataset made = made_set(true);
    pack(&made, (snas_pack_fit){0});
    const snas_dataset set = open_set();
    assert_same_facts(&set, &made);
    assert_int_equal(set.train.side, SQUARE);
    assert_memory_equal(set.train.pixels, made.train.pixels, TRAIN * SQUARE * SQUARE * 3);
    assert_memory_equal(set.test.pixels, made.test.pixels, TEST * SQUARE * SQUARE * 3);
}

static void a_shorter_side_shrinks_and_never_grows(void **state)
{
    (void)state;
    const snas_dataset made = made_set(false);
    pack(&made, (snas_pack_fit){.shorter = 12});
    const snas_dataset set = open_set();
    for (int i = 0; i < TRAIN; i++) {
        snas_picture found;
        const snas_picture whole = picture_of(i);
        assert_ok(set.train.read(&set.train, i, scratch, &found));
        assert_int_equal(found.height, whole.height < 12 ? whole.height : 12);
        assert_int_equal(found.width,
                         whole.height < 12 ? whole.width : whole.width * 12 / whole.height);
    }
    const snas_picture small = picture_of(1);
    assert_same_picture(&set.train, 1, &small);
}

static void squares_are_the_middle_that_an_evaluation_sees(void **state)
{
    (void)state;
    const snas_dataset made = made_set(false);
    pack(&made, (snas_pack_fit){.side = 8});
    const snas_dataset set = open_set();
    assert_int_equal(set.train.side, 8);
    for (int i = 0; i < TRAIN; i++) {
        const snas_picture whole = picture_of(i);
        const data_view view = {.width = whole.width,
                                .height = whole.height,
                                .stride = 3 * (size_t)whole.width,
                                .pixels = whole.pixels};
        int width, height;
        data_box window;
        uint8_t wanted[8 * 8 * 3];
        data_centre(whole.width, whole.height, 8, 8, &width, &height, &window);
        assert_ok(data_resize(scratch, &view, width, height, window, wanted));
        assert_memory_equal(set.train.pixels + (size_t)i * sizeof wanted, wanted, sizeof wanted);
    }
    pack(&made, (snas_pack_fit){.side = 64}); /* larger than any of them */
    assert_int_equal(open_set().train.side, 64);
    const snas_dataset squares = made_set(true);
    pack(&squares, (snas_pack_fit){.shorter = 4});
    assert_int_equal(open_set().train.side, 4);
    pack(&squares, (snas_pack_fit){.shorter = 40});
    assert_int_equal(open_set().train.side, SQUARE);
}

static void a_scaled_decode_changes_nothing(void **state)
{
    (void)state;
    const snas_dataset made = made_set(false);
    pack(&made, (snas_pack_fit){0});
    const snas_dataset set = open_set();
    const data_normal normal = data_normal_make(set.mean, set.deviation);
    float first[16 * 16 * 3], again[16 * 16 * 3];
    const snas_augment augment = {.photo = true, .flip = true, .cutout = 3};
    const data_task task = {
        .index = 2, .augment = &augment, .normal = &normal, .rng = snas_rng_at(1, 2, 3)};
    assert_ok(set.train.prepare(&set.train, &task, scratch, first));
    snas_dataset_request r = request();
    r.photo.scaled_decode = true; /* nothing to decode */
    snas_dataset scaled;
    assert_ok(data_packed_open(mem, &r, &scaled));
    assert_ok(scaled.train.prepare(&scaled.train, &task, scratch, again));
    assert_memory_equal(first, again, sizeof first);
}

/* --- what is refused ------------------------------------------------------------------------------------------------------------ */

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
    assert_refused(SNAS_E_IO, "is not a good safetensors file");
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
#define ABOUT                                                                                      \
    "{\"version\": 1, \"classes\": [\"a\", \"b\", \"c\"], \"mean\": [0, 0.5, 1], \"deviation\": "  \
    "[1, 1, 0.1]}"

static made_file good_file(bool squares)
{
    made_file file = {.count = squares ? 4 : 6, .about = ABOUT};
    static const char *const NAMES[2][3] = {
        {"train.labels", "train.pixels", "train.shapes"},
        {"test.labels",  "test.pixels",  "test.shapes" }
    };
    const int each = squares ? 2 : 3;
    for (int p = 0; p < 2; p++) {
        snas_named_tensor *row = file.rows + p * each;
        row[0] = (snas_named_tensor){
            .name = NAMES[p][0], .dtype = SNAS_I64, .dims = 1, .shape = {4}, .data = LABELS};
        row[1] = (snas_named_tensor){
            .name = NAMES[p][1], .dtype = SNAS_U8, .dims = 1, .shape = {30}, .data = BYTES};
        if (squares) {
            row[1].dims = 4;
            memcpy(row[1].shape, (int64_t[]){4, 5, 5, 3}, 4 * sizeof(int64_t));
        } else {
            row[2] = (snas_named_tensor){
                .name = NAMES[p][2], .dtype = SNAS_I64, .dims = 2, .shape = {4, 2},
                           .data = SHAPES
            };
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
    const snas_tensor_file whole = {.tensors = file->rows,
                                    .count = file->count,
                                    .metadata = &about,
                                    .metadata_count = file->about != NULL};
    assert_ok(snas_safetensors_save(mem, path, &whole));
}

static void a_description_that_is_none_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *about, *part;
    } CASES[] = {
        {NULL,                                                                    "has no 'snas.pack'"                                              },
        {"{",                                                                     "is not a good packed data set: snas.pack"                        },
        {"[]",                                                                    "it is of version 0, allowed is 1"                                },
        {"{\"version\": 2}",                                                      "it is of version 2, allowed is 1"                                },
        {"{\"version\": 1}",                                                      "it names 0 classes, allowed are 2"                               },
        {"{\"version\": 1, \"classes\": [\"a\"]}",                                "it names 1 classes, allowed are 2"                               },
        {"{\"version\": 1, \"classes\": [\"a\", 7]}",                             "the name of class 1 is a number"                                 },
        {"{\"version\": 1, \"classes\": [\"a\", \"b\"]}",
         "'mean' in its 'snas.pack' wants three numbers"                                                                                            },
        {"{\"version\": 1, \"classes\": [\"a\", \"b\"], \"mean\": [0, 1, 1.5]}",  "'mean'"                                                          },
        {"{\"version\": 1, \"classes\": [\"a\", \"b\"], \"mean\": [0, 1, 1, 1]}", "'mean'"                                                          },
        {"{\"version\": 1, \"classes\": [\"a\", \"b\"], \"mean\": [0, 1, 1], \"deviation\": [1, 0, "
         "1]}",                                                          "'deviation' in its 'snas.pack' wants three numbers, each above 0"},
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
                         MANY[8] = {16384, 16384, 1, 1, 1, 1, 1, 1},
                         LESS[8] = {1, 2, 3, 1, 1, 1, 2, 1};
    static const struct {
        int row;
        snas_named_tensor as; /* name NULL: the row's own */
        const char *part;
    } CASES[] = {
        {0,
         {.dtype = SNAS_I64, .dims = 1, .shape = {4}, .data = HIGH},
         "training picture 3 (from 0) has the label 3, allowed is 0 to 2"                                        },
        {3,
         {.dtype = SNAS_I64, .dims = 1, .shape = {4}, .data = LOW},
         "test picture 1 (from 0) has the label -1"                                                              },
        {0,
         {.dtype = SNAS_U64, .dims = 1, .shape = {4}, .data = LABELS},
         "'train.labels' is U64 with 1 dimensions, allowed is I64 [N]"                                           },
        {0,
         {.dtype = SNAS_I64, .dims = 1, .shape = {0}, .data = LABELS},
         "it has 0 training pictures"                                                                            },
        {0,
         {.dtype = SNAS_I64, .dims = 1, .shape = {3}, .data = LABELS},
         "3 labels and 4 sizes, allowed is one each"                                                             },
        {0,
         {.name = "labels", .dtype = SNAS_I64, .dims = 1, .shape = {4}, .data = LABELS},
         "it has no tensor 'train.labels'"                                                                       },
        {1,
         {.name = "pixels", .dtype = SNAS_U8, .dims = 1, .shape = {30}, .data = BYTES},
         "it has no tensor 'train.pixels'"                                                                       },
        {2,
         {.name = "shapes", .dtype = SNAS_I64, .dims = 2, .shape = {4, 2}, .data = SHAPES},
         "it has no tensor 'train.shapes'"                                                                       },
        {1,
         {.dtype = SNAS_U8, .dims = 2, .shape = {30, 1}, .data = BYTES},
         "'train.pixels' is U8 with 2 dimensions"                                                                },
        {4,
         {.dtype = SNAS_U8, .dims = 4, .shape = {1, 3, 10, 1}, .data = BYTES},
         "test pictures have 4 labels"                                                                           },
        {2, {.dtype = SNAS_I64, .dims = 2, .shape = {8, 1}, .data = SHAPES},                "allowed is one each"},
        {2,
         {.dtype = SNAS_I64, .dims = 2, .shape = {4, 2}, .data = ZERO},
         "training picture 2 (from 0) is 0 x 1 pixels, allowed are sides of 1 to 16384"                          },
        {2, {.dtype = SNAS_I64, .dims = 2, .shape = {4, 2}, .data = LONG},                  "is 1 x 16385 pixels"},
        {2, {.dtype = SNAS_I64, .dims = 2, .shape = {4, 2}, .data = MANY},                  "and 64000000 pixels"},
        {5,
         {.dtype = SNAS_I64, .dims = 2, .shape = {4, 2}, .data = LESS},
         "test pictures have 24 bytes by their sizes, 'test.pixels' has 30"                                      },
        {1,
         {.dtype = SNAS_U8, .dims = 1, .shape = {31}, .data = BYTES},
         "training pictures have 30 bytes by their sizes, 'train.pixels' has 31"                                 },
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
        {1, {3, 5, 5, 3}, "'train.pixels' has to be [4, S, S, 3]"                      },
        {3, {4, 3, 3, 5}, "'test.pixels' has to be [4, S, S, 3]"                       },
        {3, {4, 0, 0, 3}, "'test.pixels' has to be [4, S, S, 3]"                       },
        {3, {4, 2, 2, 3}, "its training pictures have the side 5, its test pictures 2" },
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

static void names_that_are_too_long_are_refused_before_anything_is_written(void **state)
{
    (void)state;
    snas_dataset made = made_set(true);
    snas_pack_writer *writer;
    char *name = snas_arena_take(mem, 1 << 20, 1);
    memset(name, 'n', (1 << 20) - 1);
    const char *const names[CLASSES] = {name, "b", "c"};
    made.class_names = names;
    assert_ok(snas_file_remove(path));
    const int files = scratch_count();
    assert_fails(snas_pack_begin(mem, path, &made, &(snas_pack_fit){0}, &writer), SNAS_E_DATA,
                 "the names of the 3 classes take");
    assert_int_equal(scratch_count(), files);
}

/* --- damage ------------------------------------------------------------------------------------------------------------------ */

static void cut_files_are_refused_at_any_length(void **state)
{
    (void)state;
    for (int squares = 0; squares < 2; squares++) {
        const snas_dataset made = made_set(squares == 1);
        const int64_t bytes = pack(&made, (snas_pack_fit){0});
        for (int64_t at = bytes - 1; at >= 0; at -= bytes / 60) {
            const snas_dataset_request r = request();
            snas_dataset set;
            assert_ok(snas_file_cut(path, at));
            assert_int_equal(data_packed_open(mem, &r, &set), SNAS_E_IO);
        }
    }
}

static void a_file_that_gets_shorter_stops_the_reading(void **state)
{
    (void)state;
    const snas_dataset made = made_set(false);
    const int64_t bytes = pack(&made, (snas_pack_fit){0});
    const snas_dataset set = open_set();
    snas_picture found;
    assert_ok(set.test.read(&set.test, TEST - 1, scratch, &found));
    assert_ok(snas_file_cut(path, bytes - 500));
    assert_fails(set.test.read(&set.test, TEST - 1, scratch, &found), SNAS_E_IO,
                 "it has become shorter");
    assert_ok(set.train.read(&set.train, 0, scratch, &found));
}

static char told[512];
static int faults;

static void hear(void *context, const char *sentence)
{
    (void)context;
    snprintf(told, sizeof told, "%s", sentence);
    faults++;
}

static void a_flipped_byte_is_found_by_the_check(void **state)
{
    (void)state;
    for (int squares = 0; squares < 2; squares++) {
        const snas_fault_sink sink = {.fault = hear, .note = hear};
        const snas_dataset_request r = request();
        const snas_dataset made = made_set(squares == 1);
        const int64_t bytes = pack(&made, (snas_pack_fit){0});
        faults = 0;
        assert_ok(data_packed_check(&r, &sink));
        assert_int_equal(faults, 0);
        FILE *file = fopen(path, "r+b");
        assert_non_null(file);
        assert_int_equal(fseek(file, (long)bytes - 300, SEEK_SET), 0);
        const int byte = fgetc(file);
        assert_int_equal(fseek(file, (long)bytes - 300, SEEK_SET), 0);
        assert_true(fputc(byte ^ 16, file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_ok(data_packed_check(&r, &sink));
        assert_int_equal(faults, 1);
        assert_non_null(strstr(told, "the checksum of its buffer is"));
        if (squares == 1) { /* read whole, so it is seen without being asked for */
            assert_refused(SNAS_E_IO, "the checksum of its buffer is");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(photographs_come_out_as_they_went_in),
        cmocka_unit_test(other_pictures_make_another_identity),
        cmocka_unit_test(equal_squares_come_out_in_memory),
        cmocka_unit_test(a_shorter_side_shrinks_and_never_grows),
        cmocka_unit_test(squares_are_the_middle_that_an_evaluation_sees),
        cmocka_unit_test(a_scaled_decode_changes_nothing),
        cmocka_unit_test(what_is_no_packed_set_is_refused),
        cmocka_unit_test(a_description_that_is_none_is_refused),
        cmocka_unit_test(labels_sizes_and_pixels_that_do_not_fit_are_refused),
        cmocka_unit_test(squares_that_are_none_are_refused),
        cmocka_unit_test(names_that_are_too_long_are_refused_before_anything_is_written),
        cmocka_unit_test(cut_files_are_refused_at_any_length),
        cmocka_unit_test(a_file_that_gets_shorter_stops_the_reading),
        cmocka_unit_test(a_flipped_byte_is_found_by_the_check),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
