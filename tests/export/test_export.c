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

enum { SIDE = 8, CHANNELS = 2, CELLS = 3, CLASSES = 3, CALLS_MOST = 2000 };

/* Weights of a network with its initial values. */
static void put_weights(void)
{
    static const char *const NAMES[CLASSES] = {"ant", "bee", "cat"};
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
    put_weights();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    faults_clear();
    return 0;
}

static snas_status export_once(snas_export_format format)
{
    char weights[512], out[512];
    snprintf(weights, sizeof weights, "%s", scratch_path("w.safetensors"));
    snprintf(out, sizeof out, "%s%s", scratch_path("out"), snas_export_ending(format));
    const snas_export_request request = {.weights = weights, .out = out, .format = format};
    snas_exported exported;
    snas_arena *mem;
    SNAS_TRY(snas_arena_create("the export", 0, &mem));
    const snas_status status = snas_export(mem, &request, &exported);
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
    for (int format = 0; format < SNAS_EXPORT_COUNT; format++) {
        snas_status status = SNAS_E_MEMORY;
        const int blocks = faults_open_blocks();
        int call = 0;
        for (; status != SNAS_OK; call++) {
            assert_true(call < CALLS_MOST);
            faults_in_heap(call, true);
            status = export_once((snas_export_format)format);
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
    for (int format = 0; format < SNAS_EXPORT_COUNT; format++) {
        faults_in_files(CALLS_MOST, ENOSPC, false);
        assert_ok(export_once((snas_export_format)format));
        const int calls = faults_calls();
        int failed = 0;
        assert_true(calls < CALLS_MOST);
        for (int call = 0; call < calls; call++) {
            remove_files();
            faults_in_files(call, ENOSPC, false);
            const snas_status status = export_once((snas_export_format)format);
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
    return cmocka_run_group_tests(tests, setup, NULL);
}
