/* test_bench_kernels.c -- what a benchmark of the kernels alone says: every fused one, in every kernel set. */
#include "snas/judge/bench_kernels.h"

#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/kernel/operation.h"
#include "snas/kernel/sets.h"

static const double share_most = 1.2; /* a peak measured beside other work may be too low */

static const snas_kernel_row *find(const snas_kernels_benched *b, const char *kernel, const char *window, int channels)
{
    for (int i = 0; i < b->row_count; i++) {
        const snas_kernel_row *row = &b->rows[i];
        if (strcmp(row->kernel, kernel) == 0 && strcmp(row->window, window) == 0 && row->channels == channels) {
            return row;
        }
    }
    fail_msg("no row of %s %s with %d channels", kernel, window, channels);
    return NULL;
}

static void check_row(const snas_kernel_row *row)
{
    for (int k = 0; k < SNAS_DISTANCES; k++) {
        assert_true(row->at[k].forward_s > 0.0 && row->at[k].backward_s > 0.0);
        assert_true((row->macs > 0) == (row->at[k].forward_share > 0.0));
        assert_true(row->at[k].forward_share < share_most && row->at[k].backward_share < share_most);
    }
}

static void every_fused_kernel_is_measured_in_every_set(void **state)
{
    (void)state;
    for (const snas_kernel_set *set = snas_kernel_sets; set->name != NULL; set++) {
        if (!set->runs()) {
            continue;
        }
        const snas_mark mark = snas_arena_mark(mem);
        const snas_bench_kernels_options options = {.kernels = set->name, .pictures = 2, .rounds = 1};
        snas_kernels_benched b;
        assert_ok(snas_bench_kernels(mem, &options, &b));
        assert_string_equal(b.kernel_set, set->name);
        for (int kind = 0; kind < SNAS_OP_COUNT; kind++) {
            bool found = set->operations[kind] == NULL;
            for (int i = 0; i < b.row_count; i++) {
                found = found || strcmp(b.rows[i].kernel, set->operations[kind]->name) == 0;
            }
            assert_true(found);
        }
        for (int i = 0; i < b.row_count; i++) {
            check_row(&b.rows[i]);
        }
        snas_arena_release(mem, mark);
    }
}

static void products_are_those_of_what_is_measured(void **state)
{
    (void)state;
    const snas_bench_kernels_options options = {.pictures = 1, .rounds = 1};
    snas_kernels_benched b;
    assert_ok(snas_bench_kernels(mem, &options, &b));
    assert_int_equal(find(&b, "separable", "3x3", 16)->macs, 32 * 32 * (9 * 16 + 16 * 16));
    assert_int_equal(find(&b, "separable", "5x5 dil", 8)->macs, 32 * 32 * (25 * 8 + 8 * 8));
    assert_int_equal(find(&b, "separable", "3x3 / 2", 32)->macs, 8 * 8 * (9 * 32 + 32 * 32));
    assert_int_equal(find(&b, "pointwise", "1x1", 64)->macs, 8 * 8 * 64 * 64);
    assert_int_equal(find(&b, "dense", "3x3", 64)->macs, 8 * 8 * 9 * 64 * 64);
    assert_int_equal(find(&b, "max-pooled", "3x3", 16)->macs, 0);
    assert_int_equal(find(&b, "node", "", 16)->macs, 0);
}

static void plain_kernels_are_refused(void **state)
{
    (void)state;
    const snas_bench_kernels_options options = {.kernels = "plain", .pictures = 1, .rounds = 1};
    snas_kernels_benched b;
    assert_fails(snas_bench_kernels(mem, &options, &b), SNAS_E_USAGE,
                 "there are no fused kernels in the kernel set 'plain'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fused_kernel_is_measured_in_every_set),
        cmocka_unit_test(products_are_those_of_what_is_measured),
        cmocka_unit_test(plain_kernels_are_refused),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
