/* test_checkpoint.c -- the state of a run in a file: every number back, broken files refused, old ones removed. */
#include "arena_fixture.h"
#include "run_fixture.h"
#include "snas/base/version.h"
#include "snas/learn/run_options.h"
#include "snas/loop/checkpoint.h"

enum { MOMENTS = 5, FLIPS = 200 };

/* A small network, and one row of every type beside it. */
typedef struct {
    snas_checkpoint checkpoint;
    double alpha[2][3];
    float momentum[MOMENTS];
    int64_t step;
    uint64_t word;
} fixture;

static void make(fixture *f, const char *folder)
{
    const snas_network_spec spec = {
        .space = snas_space_find("darts"), .channels = 4, .cells = 3, .classes = 10, .side = FIXTURE_SIDE};
    const snas_network_options options = {.batch = 2, .dtype = SNAS_F32, .norm_momentum = 0.1, .norm_eps = 1e-5};
    const snas_team team = {.threads = 1};
    *f = (fixture){.checkpoint = {.folder = folder, .command = "search", .config = "{}\n", .shards = 32, .keep = 2}};
    assert_ok(snas_network_create(mem, &team, &spec, &options, &f->checkpoint.network));
    const snas_checkpoint_row rows[] = {
        {.name = "alpha", .dtype = SNAS_F64, .dims = 2, .shape = {2, 3}, .data = f->alpha},
        {.name = "momentum", .dtype = SNAS_F32, .dims = 1, .shape = {MOMENTS}, .data = f->momentum},
        {.name = "step", .dtype = SNAS_I64, .data = &f->step},
        {.name = "word", .dtype = SNAS_U64, .data = &f->word},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snas_checkpoint_add(&f->checkpoint, rows[i]);
    }
}

/* A run in a folder of its own, with a checkpoint of each of the first `steps` steps. */
static const char *begin(fixture *f, int steps)
{
    const char *folder = fixture_folder(mem);
    make(f, folder);
    for (int step = 1; step <= steps; step++) {
        assert_ok(snas_checkpoint_save(mem, &f->checkpoint, step));
    }
    return folder;
}

static void fill(fixture *f)
{
    snas_network_init(f->checkpoint.network, 3);
    for (int i = 0; i < 6; i++) {
        f->alpha[i / 3][i % 3] = 1.0 / (i + 3);
    }
    for (int i = 0; i < MOMENTS; i++) {
        f->momentum[i] = 0.1f * (float)i;
    }
    f->step = INT64_MIN + 5;
    f->word = UINT64_MAX - 1;
}

static const char *newest(const char *folder)
{
    const char *path;
    assert_ok(snas_checkpoint_newest(mem, folder, &path));
    return path;
}

static snas_status restore(const fixture *f, const char *path)
{
    snas_tensor_file file;
    bool same;
    SNAS_TRY(snas_checkpoint_read(mem, path, &file));
    return snas_checkpoint_restore(mem, &f->checkpoint, path, &file, &same);
}

static void assert_same_state(const fixture *a, const fixture *b)
{
    assert_memory_equal(a->alpha, b->alpha, sizeof a->alpha);
    assert_memory_equal(a->momentum, b->momentum, sizeof a->momentum);
    assert_true(a->step == b->step && a->word == b->word);
    const size_t bytes = (size_t)snas_network_weight_count(a->checkpoint.network) * sizeof(float);
    assert_memory_equal(snas_network_weights(a->checkpoint.network), snas_network_weights(b->checkpoint.network),
                        bytes);
}

static void every_state_comes_back(void **state)
{
    (void)state;
    fixture saved, loaded;
    const char *folder = fixture_folder(mem);
    make(&saved, folder);
    make(&loaded, folder);
    fill(&saved);
    assert_ok(snas_checkpoint_save(mem, &saved.checkpoint, 12));
    assert_string_equal(fixture_read(mem, folder, "checkpoints/LATEST").data, "step-00000012.safetensors\n");
    assert_ok(restore(&loaded, newest(folder)));
    assert_same_state(&saved, &loaded);
    fixture_remove(mem, folder);
}

static void a_restored_state_saves_to_the_same_bytes(void **state)
{
    (void)state;
    fixture saved, loaded;
    const char *a = fixture_folder(mem), *b = fixture_folder(mem);
    make(&saved, a);
    make(&loaded, b);
    fill(&saved);
    assert_ok(snas_checkpoint_save(mem, &saved.checkpoint, 12));
    assert_ok(restore(&loaded, newest(a)));
    assert_ok(snas_checkpoint_save(mem, &loaded.checkpoint, 12));
    fixture_assert_same(mem, a, b, "checkpoints/step-00000012.safetensors");
    fixture_remove(mem, a);
    fixture_remove(mem, b);
}

static void old_checkpoints_are_removed_and_later_ones_left(void **state)
{
    (void)state;
    fixture f;
    const char *folder = begin(&f, 0);
    assert_null(newest(folder));
    const int64_t steps[] = {10, 20, 30, 5, 15};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        assert_ok(snas_checkpoint_save(mem, &f.checkpoint, steps[i]));
    }
    assert_false(fixture_has(mem, folder, "checkpoints/step-00000010.safetensors"));
    assert_true(fixture_has(mem, folder, "checkpoints/step-00000005.safetensors"));
    assert_true(fixture_has(mem, folder, "checkpoints/step-00000015.safetensors"));
    assert_true(fixture_has(mem, folder, "checkpoints/step-00000020.safetensors"));
    assert_true(fixture_has(mem, folder, "checkpoints/step-00000030.safetensors"));
    assert_non_null(strstr(newest(folder), "step-00000015"));
    fixture_remove(mem, folder);
}

static void the_spared_one_stays_and_is_gone_back_to(void **state)
{
    (void)state;
    fixture f;
    const char *name, *folder = fixture_folder(mem);
    make(&f, folder);
    f.checkpoint.keep = 1;
    for (int64_t step = 1; step <= 5; step++) {
        f.checkpoint.spared = step <= 3 ? 0 : 3;
        assert_ok(snas_checkpoint_save(mem, &f.checkpoint, step));
    }
    assert_true(snas_checkpoint_before(folder, 5) == 3);
    assert_true(snas_checkpoint_before(folder, 3) == -1);
    assert_ok(snas_checkpoint_go_back(mem, &f.checkpoint, &name));
    assert_string_equal(name, "step-00000003.safetensors");
    assert_non_null(strstr(newest(folder), name));
    assert_true(fixture_has(mem, folder, "checkpoints/step-00000005.safetensors")); /* left alone */
    f.checkpoint.spared = 2;
    assert_ok(snas_checkpoint_go_back(mem, &f.checkpoint, &name));
    assert_null(name);
    assert_string_equal(fixture_read(mem, folder, "checkpoints/LATEST").data, "step-00000000.safetensors\n");
    assert_null(newest(folder)); /* the beginning has no file */
    f.checkpoint.spared = -1;
    assert_ok(snas_checkpoint_prune(mem, &f.checkpoint, 5));
    assert_true(snas_checkpoint_before(folder, 5) == -1);
    fixture_remove(mem, folder);
}

static void a_state_that_is_none_is_neither_saved_nor_restored(void **state)
{
    (void)state;
    fixture f, loaded;
    const char *folder = begin(&f, 0);
    make(&loaded, folder);
    fill(&f);
    assert_ok(snas_checkpoint_save(mem, &f.checkpoint, 1));
    f.alpha[1][2] = (double)NAN;
    assert_fails(snas_checkpoint_save(mem, &f.checkpoint, 2), SNAS_E_NUMERIC,
                 "step-00000002.safetensors' is not written: tensor 'alpha' holds nan in place 5");
    assert_non_null(strstr(newest(folder), "step-00000001"));
    const char *path = snas_format(mem, "%s/checkpoints/step-00000002.safetensors", folder);
    const char *const names[] = {"alpha", "momentum", "model.classifier.bias"};
    for (int i = 0; i < 3; i++) { /* as an older version has written them */
        snas_tensor_file file;
        assert_ok(snas_safetensors_load(mem, newest(folder), &file));
        snas_named_tensor *tensor = &file.tensors[snas_tensor_find(&file, names[i]) - file.tensors];
        const size_t bytes = (size_t)tensor->count * snas_dtype_size(tensor->dtype);
        unsigned char *copy = snas_arena_take(mem, bytes, 1);
        memcpy(copy, tensor->data, bytes);
        memset(copy, 0xff, snas_dtype_size(tensor->dtype)); /* NaN */
        tensor->data = copy;
        assert_ok(snas_safetensors_save(mem, path, &file));
        assert_fails(restore(&loaded, path), SNAS_E_IO, snas_format(mem, "'%s' holds nan in place 0", names[i]));
        assert_non_null(strstr(snas_error(), "to go on from the one before it, write 'step-00000001.safetensors'"));
    }
    fixture_remove(mem, folder);
}

/* A bit of the padding, or of the config that is kept for people, may turn unnoticed: then the state is unharmed. */
static void a_turned_bit_is_refused_or_harmless(void **state)
{
    (void)state;
    fixture f, loaded;
    const char *folder = begin(&f, 0);
    make(&loaded, folder);
    fill(&f);
    assert_ok(snas_checkpoint_save(mem, &f.checkpoint, 1));
    assert_ok(snas_checkpoint_save(mem, &f.checkpoint, 2));
    const char *path = newest(folder);
    const snas_bytes bytes = fixture_read(mem, folder, "checkpoints/step-00000002.safetensors");
    const uint64_t header = 8 + *(const uint64_t *)bytes.data;
    snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, 0);
    int refused = 0;
    for (int i = 0; i < FLIPS; i++) {
        const snas_mark mark = snas_arena_mark(mem);
        const uint64_t range = i % 2 == 0 ? bytes.size : header;
        fixture_flip(mem, path, bytes, snas_rng_below(&rng, (uint32_t)(8 * range)));
        const snas_status status = restore(&loaded, path);
        if (status == SNAS_OK) {
            assert_same_state(&f, &loaded);
        } else if (status == SNAS_E_IO) {
            refused++;
            assert_non_null(strstr(snas_error(), "write 'step-00000001.safetensors' into"));
        }
        snas_arena_release(mem, mark);
    }
    assert_true(refused > FLIPS / 2);
    fixture_remove(mem, folder);
}

static void a_broken_checkpoint_without_one_before_says_so(void **state)
{
    (void)state;
    fixture f;
    const char *folder = begin(&f, 1);
    const char *path = newest(folder);
    assert_ok(snas_file_cut(path, 100));
    assert_fails(restore(&f, path), SNAS_E_IO, "there is none before it");
    fixture_remove(mem, folder);
}

static void missing_and_misshapen_rows_are_named(void **state)
{
    (void)state;
    fixture f;
    const char *folder = begin(&f, 1);
    const char *path = newest(folder);
    f.checkpoint.rows[1].shape[0] = MOMENTS - 1;
    assert_fails(restore(&f, path), SNAS_E_IO, "tensor 'momentum'");
    f.checkpoint.rows[1].shape[0] = MOMENTS;
    f.checkpoint.rows[0].name = "beta";
    assert_fails(restore(&f, path), SNAS_E_IO, "no tensor 'beta'");
    f.checkpoint.rows[0].name = "alpha";
    f.checkpoint.command = "train";
    assert_fails(restore(&f, path), SNAS_E_USAGE, "written by 'snas search'");
    fixture_remove(mem, folder);
}

static void other_pictures_are_refused_where_both_are_known(void **state)
{
    (void)state;
    fixture f;
    const char *folder = begin(&f, 1); /* an older one, or a set of fixed files */
    const char *unknown = newest(folder);
    f.checkpoint.pictures = 0x0abcdef1;
    assert_ok(restore(&f, unknown));
    assert_ok(snas_checkpoint_save(mem, &f.checkpoint, 2));
    const char *known = newest(folder);
    assert_ok(restore(&f, known));
    f.checkpoint.pictures++;
    assert_fails(restore(&f, known), SNAS_E_DATA, "had the checksum 0abcdef1 and have 0abcdef2 now");
    f.checkpoint.pictures = 0;
    assert_ok(restore(&f, known));
    f.checkpoint.genotype = "{}";
    f.checkpoint.pictures = 7;
    assert_ok(snas_checkpoint_save(mem, &f.checkpoint, 3));
    f.checkpoint.pictures = 8;
    assert_fails(restore(&f, newest(folder)), SNAS_E_DATA, "00000007");
    fixture_remove(mem, folder);
}

/* The newest checkpoint again, `key` of its metadata replaced; value NULL: taken out. */
static const char *told_otherwise(const char *folder, const char *key, const char *value)
{
    const char *path = newest(folder), *copy = snas_format(mem, "%s/other.safetensors", folder);
    snas_tensor_file file;
    assert_ok(snas_checkpoint_read(mem, path, &file));
    for (int i = 0; i < file.metadata_count; i++) {
        if (strcmp(file.metadata[i].key, key) == 0) {
            file.metadata[i] = value == NULL ? file.metadata[--file.metadata_count] : (snas_metadata){key, value};
            break;
        }
    }
    assert_ok(snas_safetensors_save(mem, copy, &file));
    return copy;
}

static void another_arithmetic_is_refused_with_what_can_be_done(void **state)
{
    (void)state;
    fixture f;
    const char *folder = begin(&f, 1);
    const char *here = snas_format(mem, "%d", SNAS_ARITHMETIC);
    assert_ok(restore(&f, told_otherwise(folder, "snas.arithmetic", here)));
    const char *next = snas_format(mem, "%d", SNAS_ARITHMETIC + 1);
    const char *sentence = snas_format(mem,
                                       "(arithmetic %s, here %s), so the run cannot go on here; go on with the "
                                       "version that began it, or begin a new run ('snas derive', 'eval'",
                                       next, here);
    assert_fails(restore(&f, told_otherwise(folder, "snas.arithmetic", next)), SNAS_E_USAGE, sentence);
    assert_fails(restore(&f, told_otherwise(folder, "snas.arithmetic", NULL)), SNAS_E_USAGE, "(arithmetic 1, here ");
    fixture_remove(mem, folder);
}

static void another_number_of_shards_is_refused(void **state)
{
    (void)state;
    fixture f;
    const char *folder = begin(&f, 1);
    f.checkpoint.shards = 64;
    assert_fails(restore(&f, newest(folder)), SNAS_E_USAGE,
                 "written by a run with 32 shards, its config now says 64: a run keeps its number of shards; put "
                 "'shards' back, or begin a new run");
    f.checkpoint.shards = 32;
    assert_ok(restore(&f, newest(folder)));
    assert_fails(restore(&f, told_otherwise(folder, "snas.shards", NULL)), SNAS_E_USAGE, "an unknown number of shards");
    fixture_remove(mem, folder);
}

static void a_latest_that_names_no_checkpoint_is_refused(void **state)
{
    (void)state;
    fixture f;
    const char *folder = fixture_folder(mem), *path;
    make(&f, folder);
    assert_ok(snas_checkpoint_save(mem, &f.checkpoint, 1));
    assert_ok(snas_file_replace_text(snas_format(mem, "%s/checkpoints/LATEST", folder), "../../passwd\n"));
    assert_fails(snas_checkpoint_newest(mem, folder, &path), SNAS_E_IO, "names no checkpoint");
    fixture_remove(mem, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_comes_back),
        cmocka_unit_test(a_restored_state_saves_to_the_same_bytes),
        cmocka_unit_test(old_checkpoints_are_removed_and_later_ones_left),
        cmocka_unit_test(the_spared_one_stays_and_is_gone_back_to),
        cmocka_unit_test(a_state_that_is_none_is_neither_saved_nor_restored),
        cmocka_unit_test(a_turned_bit_is_refused_or_harmless),
        cmocka_unit_test(a_broken_checkpoint_without_one_before_says_so),
        cmocka_unit_test(missing_and_misshapen_rows_are_named),
        cmocka_unit_test(other_pictures_are_refused_where_both_are_known),
        cmocka_unit_test(another_arithmetic_is_refused_with_what_can_be_done),
        cmocka_unit_test(another_number_of_shards_is_refused),
        cmocka_unit_test(a_latest_that_names_no_checkpoint_is_refused),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
