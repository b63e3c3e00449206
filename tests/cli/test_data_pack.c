/* test_data_pack.c -- packing a folder: the same training, the same bytes for any number of threads, no fault half
 * done. */
#include <errno.h>
#include <stdio.h>

#include "arena_fixture.h"
#include "faults.h"
#include "run_fixture.h"
#include "scratch.h"
#include "snas/format/png.h"
#include "snas/survey/data_pack.h"
#include "snas/train/train.h"

enum { CLASSES = 2, TRAIN = 12, TEST = 4 }; /* pictures a class */

static const char *root, *out;

static void make_picture(const char *path, int width, int height, int light)
{
    snas_raster picture;
    assert_ok(snas_raster_create(mem, width, height, &picture));
    for (int i = 0; i < width * height * 3; i++) {
        picture.rgb[i] = (uint8_t)(light + 5 * (i / 3 % width) + 3 * (i / 3 / width) * (i % 3));
    }
    assert_ok(snas_png_save(mem, path, &picture));
}

static const char *picture_path(int part, int k, int i)
{
    return snas_format(mem, "%s/%s/class%d/%02d.png", root, part == 0 ? "train" : "val", k, i);
}

static int setup(void **state)
{
    if (arena_setup(state) != 0) {
        return -1;
    }
    root = scratch_path("set");
    out = scratch_path("set.pack");
    for (int part = 0; part < 2; part++) {
        for (int k = 0; k < CLASSES; k++) {
            assert_ok(snas_folder_make(snas_format(mem, "%s/%s/class%d", root, part == 0 ? "train" : "val", k)));
            for (int i = 0; i < (part == 0 ? TRAIN : TEST); i++) {
                make_picture(picture_path(part, k, i), 10 + 2 * i, 30 - i, 90 * k + 7 * i);
            }
        }
    }
    return 0;
}

static snas_config config_of(const char *dataset, const char *path)
{
    snas_config config = fixture_config();
    config.data.dataset = snas_dataset_find(dataset);
    config.data.path = path;
    config.data.centre = 0.875;
    config.data.least_area = 0.25;
    config.data.hue = 0.1;
    config.data.brightness = 0.4;
    config.data.workers = 1;
    config.data.queue = 1;
    config.search.side = config.train.side = 16;
    config.train.train_images = 0;
    return config;
}

static snas_status pack(int threads, snas_packed *packed)
{
    const snas_config config = config_of("folder", root);
    const snas_pack_request request = {.path = out, .team = {.threads = threads}};
    return snas_data_pack(mem, &config, &request, packed);
}

static snas_bytes content(const char *path)
{
    snas_bytes bytes;
    assert_ok(snas_file_read(mem, path, (size_t)1 << 28, &bytes));
    return bytes;
}

static void assert_same_file(const char *path, snas_bytes wanted)
{
    const snas_bytes found = content(path);
    assert_int_equal(found.size, wanted.size);
    assert_memory_equal(found.data, wanted.data, wanted.size);
}

static void the_bytes_do_not_depend_on_the_threads(void **state)
{
    (void)state;
    snas_packed packed;
    assert_ok(pack(1, &packed));
    assert_int_equal(packed.train, CLASSES * TRAIN);
    assert_int_equal(packed.test, CLASSES * TEST);
    assert_int_equal(packed.side, 0);
    assert_int_equal(packed.bytes, snas_file_size(out));
    const snas_bytes first = content(out);
    for (int threads = 2; threads < 6; threads++) {
        assert_ok(pack(threads, &packed));
        assert_same_file(out, first);
    }
}

static const char *trained(const char *dataset, const char *path)
{
    snas_genotype genotype;
    const snas_config config = config_of(dataset, path);
    const char *folder = fixture_folder(mem);
    const snas_run_options options = {.folder = folder, .team = {.threads = 1}};
    assert_ok(snas_genotype_load(mem, "SNAS_mild", &genotype));
    assert_ok(snas_train_start(&config, &genotype, &options));
    return folder;
}

static void training_from_the_file_is_training_from_the_folder(void **state)
{
    (void)state;
    snas_packed packed;
    assert_ok(pack(2, &packed));
    const char *packed_run = trained("packed", out), *folder_run = trained("folder", root);
    snas_tensor_file ours, theirs;
    fixture_assert_same(mem, packed_run, folder_run, "metrics.jsonl");
    assert_ok(snas_safetensors_load(mem, snas_format(mem, "%s/weights-last.safetensors", packed_run), &ours));
    assert_ok(snas_safetensors_load(mem, snas_format(mem, "%s/weights-last.safetensors", folder_run), &theirs));
    assert_int_equal(ours.count, theirs.count);
    for (int i = 0; i < ours.count; i++) {
        assert_int_equal(ours.tensors[i].count, theirs.tensors[i].count);
        assert_memory_equal(ours.tensors[i].data, theirs.tensors[i].data,
                            (size_t)ours.tensors[i].count * snas_dtype_size(ours.tensors[i].dtype));
    }
    fixture_remove(mem, packed_run);
    fixture_remove(mem, folder_run);
}

static void a_broken_picture_stops_it_or_is_left_out(void **state)
{
    (void)state;
    snas_packed packed;
    const char *one = picture_path(0, 0, 3), *other = picture_path(1, 1, 0);
    const snas_bytes good = content(one), good_too = content(other);
    assert_ok(pack(1, &packed));
    const snas_bytes before = content(out);
    assert_ok(snas_file_cut(one, 60));
    assert_ok(snas_file_replace_text(other, "no picture"));
    for (int threads = 1; threads < 4; threads++) {
        assert_fails(pack(threads, &packed), SNAS_E_DATA, "train/class0/03.png' is not a good PNG");
        assert_same_file(out, before);
        snas_config config = config_of("folder", root);
        const snas_pack_request request = {.path = scratch_path("less"), .team = {.threads = threads}};
        config.data.broken = SNAS_BROKEN_SKIP;
        assert_ok(snas_data_pack(mem, &config, &request, &packed));
        assert_int_equal(packed.broken, 2);
        assert_non_null(strstr(packed.sentence, "train/class0/03.png"));
        assert_int_equal(packed.train, CLASSES * TRAIN - 1);
        assert_int_equal(packed.test, CLASSES * TEST - 1);
    }
    assert_ok(snas_file_replace(one, &good, 1));
    assert_ok(snas_file_replace(other, &good_too, 1));
    assert_ok(snas_file_remove(scratch_path("less")));
}

static void every_failing_call_leaves_the_old_file_and_no_other(void **state)
{
    (void)state;
    snas_packed packed;
    assert_ok(pack(1, &packed));
    const snas_bytes whole = content(out);
    int n = 0, failed = 0;
    for (bool reached = true; reached; n++) {
        assert_ok(snas_file_replace_text(out, "old"));
        const int files = scratch_count();
        faults_in_files(n, EIO, false);
        const snas_status status = pack(1, &packed);
        reached = faults_calls() > n;
        faults_clear();
        assert_int_equal(faults_open_files(), 0);
        assert_int_equal(scratch_count(), files);
        const bool is_old = snas_file_size(out) == 3;
        failed += status != SNAS_OK;
        if (!is_old) {
            assert_same_file(out, whole);
        }
        assert_true(status == SNAS_OK ? !is_old : status == SNAS_E_IO);
    }
    assert_true(failed >= CLASSES * (TRAIN + TEST) * 2); /* an open and a read a picture at least */
}

static void without_memory_nothing_is_written(void **state)
{
    (void)state;
    snas_packed packed;
    int n = 0;
    assert_ok(pack(1, &packed)); /* what is made once is made */
    for (snas_status status = SNAS_E_MEMORY; status != SNAS_OK; n++) {
        assert_ok(snas_file_replace_text(out, "old"));
        const int files = scratch_count();
        faults_in_heap(n, true);
        status = pack(1, &packed);
        faults_clear();
        assert_int_equal(faults_open_blocks(), 0);
        assert_int_equal(scratch_count(), files);
        assert_true(status == SNAS_OK || snas_file_size(out) == 3);
        assert_true(status == SNAS_OK || status == SNAS_E_MEMORY);
    }
    assert_true(n > CLASSES * (TRAIN + TEST)); /* an arena a picture at least */
}

static volatile sig_atomic_t stop;

static void stop_later(void *context, int64_t done, int64_t all)
{
    (void)context;
    assert_int_equal(all, CLASSES * (TRAIN + TEST));
    stop = done > 0;
}

static void a_stop_leaves_nothing_behind(void **state)
{
    (void)state;
    snas_packed packed;
    const snas_config config = config_of("folder", root);
    const snas_pack_request request = {
        .path = scratch_path("stopped"), .team = {.threads = 1}, .stop = &stop, .progress = stop_later};
    const int files = scratch_count();
    assert_fails(snas_data_pack(mem, &config, &request, &packed), SNAS_E_INTERRUPTED, "stopped; '");
    assert_int_equal(scratch_count(), files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_do_not_depend_on_the_threads),
        cmocka_unit_test(training_from_the_file_is_training_from_the_folder),
        cmocka_unit_test(a_broken_picture_stops_it_or_is_left_out),
        cmocka_unit_test(every_failing_call_leaves_the_old_file_and_no_other),
        cmocka_unit_test(without_memory_nothing_is_written),
        cmocka_unit_test(a_stop_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, setup, arena_teardown);
}
