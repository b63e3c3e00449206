/* test_sets.c -- kernel sets: what the rows of the table have to be, and the sentence when a name is not among them. */
#include "check.h"

#include <string.h>

#include "snas/kernel/sets.h"

static void every_set_has_every_fused_operation(void **state)
{
    (void)state;
    for (const snas_kernel_set *set = snas_kernel_sets; set->name != NULL; set++) {
        for (int kind = 0; kind < SNAS_OP_COUNT; kind++) {
            const bool fused = snas_operations_f32[kind]->chains[0].length > 0;
            assert_int_equal(set->operations[kind] != NULL, fused);
            assert_int_equal(snas_operations_f64[kind] == NULL, fused);
            if (fused) {
                assert_string_equal(set->operations[kind]->name, snas_operations_f32[kind]->name);
            }
        }
    }
}

#if defined(__x86_64__)
#define SENTENCE "no kernel set 'sse9'; there are plain, baseline, avx2 and avx512, and the best here is"
#elif defined(__aarch64__)
#define SENTENCE "no kernel set 'sse9'; there are plain, baseline and neon, and the best here is neon"
#else
#define SENTENCE "no kernel set 'sse9'; there are plain and baseline, and the best here is baseline"
#endif

static void an_unknown_set_is_refused_with_the_names_of_all(void **state)
{
    (void)state;
    const char *name;
    assert_fails(snas_kernel_set_choose("sse9", &name), SNAS_E_USAGE, SENTENCE);
    for (const snas_kernel_set *set = snas_kernel_sets; set->name != NULL; set++) {
        assert_non_null(strstr(snas_error(), set->name));
    }
    assert_ok(snas_kernel_set_choose("", &name));
    assert_string_equal(name, snas_kernel_set_name());
}

/* Of a set with two widths, the row that channels run on; NULL where no set has two. */
static const snas_kernel_set *row_of(int channels)
{
    for (const snas_kernel_set *set = snas_kernel_sets; set->name != NULL; set++) {
        for (const snas_kernel_set *row = set; row->name != NULL && set[1].name != NULL; row++) {
            const bool two = strcmp(set->name, set[1].name) == 0 && strcmp(row->name, set->name) == 0;
            if (two && snas_kernel_find(set->name, SNAS_OP_SEPARABLE, channels) ==
                           &row->operations[SNAS_OP_SEPARABLE]->kernel) {
                return row;
            }
        }
    }
    return NULL;
}

static void channels_run_on_the_fewest_vectors(void **state)
{
    (void)state;
    static const struct {
        int channels, width;
    } ROWS[] = {{3, 8}, {8, 8}, {9, 16}, {16, 16}, {24, 16}, {36, 16}, {40, 16}, {72, 16}, {144, 16}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const snas_kernel_set *row = row_of(ROWS[i].channels);
        if (row != NULL) { /* AVX-512: vectors of 16 and of 8 */
            assert_int_equal(row->width, ROWS[i].width);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_has_every_fused_operation),
        cmocka_unit_test(channels_run_on_the_fewest_vectors),
        cmocka_unit_test(an_unknown_set_is_refused_with_the_names_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
