/* Formats under faults: every allocation and every system call of an export fails once, and nothing half-done stays. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "faults.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/export/export.h"
#include "snas/learn/child_file.h"
#include "snas/learn/run_network.h"

/* INT8: C in 8 bits, behind the formats. */
enum { SIDE = 8, CHANNELS = 2, CELLS = 3, CLASSES = 10, CALLS_MOST = 2000, INT8 = SNAS_EXPORT_COUNT, CASES };

static snas_arena *of_config;
static snas_config config;

/* Pictures that are made. */
static void load_config(void)
{
    static const char *const SETS[] = {"data.dataset=synthetic", "data.synthetic.side=8", "data.synthetic.train=10",
                                       "data.synthetic.test=10"};
    assert_ok(snas_arena_create("config", 0, &of_config));
    assert_ok(snas_config_load(of_config, NULL, SETS, sizeof SETS / sizeof SETS[0], &config));
}

/* Weights of a network with its initial values. */
static void put_weights(void)
{
    static const char *const NAMES[CLASSES] = {"ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen", "ibis", "jay"};
    const snas_team team = snas_team_make(1);
    snas_arena *mem;
    snas_genotype genotype;
    snas_network *network;
    snas_tensor_file file;
    assert_ok(snas_arena_create("weights", 0, &mem));
    assert_ok(snas_genotype_load(mem, "SNAS_aggressive", &genotype));
    const snas_child child = {.channels = CHANNELS,
                              .cells = CELLS,
                              .classes = CLASSES,
                              .side = SIDE,
                              .shorter = SIDE,
                              .class_names = NAMES,
                              .dataset = "made up",
                              .mean = {0.5f, 0.5f, 0.5f},
                              .deviation = {0.25f, 0.25f, 0.25f}};
    const snas_child_weights weights = {.child = &child, .genotype = &genotype};
    const snas_network_spec spec = snas_child_spec(&weights);
    const snas_network_options how = snas_run_network_options(1, 0, false, "plain");
    assert_ok(snas_network_create(mem, &team, &spec, &how, &network));
    snas_network_init(network, 1);
    assert_ok(snas_child_file(mem, &child, &genotype, network, &file));
    assert_ok(snas_safetensors_save(mem, scratch_path("w.safetensors"), &file));
    snas_arena_destroy(mem);
}

static int setup(void **state)
{
    (void)state;
    load_config();
    put_weights();
    return 0;
}

static int release_config(void **state)
{
    (void)state;
    snas_arena_destroy(of_config);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    faults_clear();
    return 0;
}

static snas_status export_into(snas_arena *mem, int kind)
{
    char weights[512], out[512];
    const snas_export_format format = kind == INT8 ? SNAS_EXPORT_C : (snas_export_format)kind;
    snprintf(weights, sizeof weights, "%s", scratch_path("w.safetensors"));
    snprintf(out, sizeof out, "%s%s", scratch_path("out"), snas_export_ending(format));
    const snas_export_calibration calibration = {.config = &config, .pictures = 2, .team = snas_team_make(1)};
    const snas_export_request request = {
        .weights = weights, .out = out, .format = format, .int8 = kind == INT8 ? &calibration : NULL};
    snas_exported exported;
    return snas_export(mem, &request, &exported);
}

static snas_status export_once(int kind)
{
    snas_arena *mem;
    SNAS_TRY(snas_arena_create("the export", 0, &mem));
    const snas_status status = export_into(mem, kind);
    snas_arena_destroy(mem);
    return status;
}

/* Take away what an export has written. */
static void remove_files(void)
{
    static const char *const ENDINGS[] = {".onnx", ".py", ".c", ".h"};
    char path[512];
    for (size_t i = 0; i < sizeof ENDINGS / sizeof ENDINGS[0]; i++) {
        snprintf(path, sizeof path, "%s%s", scratch_path("out"), ENDINGS[i]);
        assert_ok(snas_file_remove(path));
    }
}

static void without_memory_nothing_is_written_and_nothing_leaks(void **state)
{
    (void)state;
    for (int format = 0; format < CASES; format++) {
        snas_status status = SNAS_E_MEMORY;
        const int blocks = faults_open_blocks();
        int call = 0;
        for (; status != SNAS_OK; call++) {
            assert_true(call < CALLS_MOST);
            faults_in_heap(call, true);
            status = export_once(format);
            faults_clear();
            assert_int_equal(faults_open_blocks(), blocks);
            assert_true(status == SNAS_OK || status == SNAS_E_MEMORY);
            if (status != SNAS_OK) {
                assert_int_equal(scratch_count(), 1);
                assert_non_null(strstr(snas_error(), "memory"));
            }
        }
        assert_true(call > 3);
        remove_files();
    }
}

static void a_call_that_fails_leaves_no_temporary_file(void **state)
{
    (void)state;
    for (int format = 0; format < CASES; format++) {
        faults_in_files(CALLS_MOST, ENOSPC, false);
        assert_ok(export_once(format));
        const int calls = faults_calls();
        int failed = 0;
        assert_true(calls < CALLS_MOST);
        for (int call = 0; call < calls; call++) {
            remove_files();
            faults_in_files(call, ENOSPC, false);
            const snas_status status = export_once(format);
            faults_clear();
            assert_true(status == SNAS_OK || status == SNAS_E_IO);
            failed += status != SNAS_OK;
            remove_files();
            assert_int_equal(scratch_count(), 1);
        }
        assert_true(failed > calls / 2);
    }
}

static void identifiers_are_of_letters_digits_and_underscores(void **state)
{
    (void)state;
    static const char *const PAIRS[][2] = {
        {"child", "child"}, {"1st-child", "n1st_child"}, {"", "n"}, {"a.b c", "a_b_c"}, {"\xc3\xa9", "__"}};
    snas_arena *mem;
    assert_ok(snas_arena_create("names", 0, &mem));
    for (size_t i = 0; i < sizeof PAIRS / sizeof PAIRS[0]; i++) {
        assert_string_equal(snas_export_identifier(mem, PAIRS[i][0]), PAIRS[i][1]);
    }
    snas_arena_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(without_memory_nothing_is_written_and_nothing_leaks, teardown),
        cmocka_unit_test_teardown(a_call_that_fails_leaves_no_temporary_file, teardown),
        cmocka_unit_test(identifiers_are_of_letters_digits_and_underscores),
    };
    return cmocka_run_group_tests(tests, setup, release_config);
}
