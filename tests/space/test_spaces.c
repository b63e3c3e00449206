/* test_spaces.c -- candidates, spaces, edges and places against what is published. */
#include <string.h>

#include "check.h"
#include "snas/space/space.h"

static void edges_count_node_by_node(void **state)
{
    (void)state;
    static const int DARTS[14][2] = {{0, 0}, {1, 0}, {0, 1}, {1, 1}, {2, 1}, {0, 2}, {1, 2},
                                     {2, 2}, {3, 2}, {0, 3}, {1, 3}, {2, 3}, {3, 3}, {4, 3}};
    const snas_space *space = snas_space_find("darts");
    assert_int_equal(snas_space_edge_count(space), 14);
    for (int e = 0; e < 14; e++) {
        int source, node;
        snas_space_edge(space, e, &source, &node);
        assert_int_equal(source, DARTS[e][0]);
        assert_int_equal(node, DARTS[e][1]);
        assert_int_equal(snas_space_edge_index(space, source, node), e);
    }
    assert_int_equal(snas_space_edge_count(snas_space_find("nas-bench-201")), 6);
}

static void candidates_stand_in_the_published_order(void **state)
{
    (void)state;
    static const char *const DARTS[8] = {"none",         "max_pool_3x3", "avg_pool_3x3", "skip_connect",
                                         "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"};
    static const char *const BENCH[5] = {"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"};
    for (int k = 0; k < 8; k++) {
        assert_int_equal(snas_space_candidate(snas_space_find("darts"), DARTS[k]), k);
    }
    for (int k = 0; k < 5; k++) {
        assert_int_equal(snas_space_candidate(snas_space_find("nas-bench-201"), BENCH[k]), k);
    }
    assert_int_equal(snas_space_candidate(snas_space_find("darts"), "nor_conv_3x3"), -1);
    assert_null(snas_space_find("dart"));
    assert_null(snas_candidate_find("sep_conv_3x4"));
    assert_ptr_equal(snas_candidate_find("sep_conv_3x3"), snas_space_find("darts")->candidates[4]);
}

/* The places of a program's steps of one kind, as a bit set. */
static unsigned places(const snas_candidate *candidate, int stride, snas_step_kind kind)
{
    unsigned set = 0;
    for (unsigned i = 0; candidate->steps[stride - 1][i].kind != SNAS_STEP_END; i++) {
        set |= candidate->steps[stride - 1][i].kind == kind ? 1u << i : 0;
    }
    return set;
}

static void steps_stand_where_pytorch_has_them(void **state)
{
    (void)state;
    const snas_candidate *sep = snas_candidate_find("sep_conv_5x5"), *dil = snas_candidate_find("dil_conv_3x3");
    assert_int_equal(places(sep, 1, SNAS_STEP_DEPTHWISE), 1u << 1 | 1u << 5);
    assert_int_equal(places(sep, 2, SNAS_STEP_CONV), 1u << 2 | 1u << 6);
    assert_int_equal(places(sep, 2, SNAS_STEP_NORM), 1u << 3 | 1u << 7);
    assert_int_equal(places(dil, 1, SNAS_STEP_DEPTHWISE), 1u << 1);
    assert_int_equal(dil->steps[0][1].dilation, 2);
    assert_int_equal(places(snas_candidate_find("max_pool_3x3"), 1, SNAS_STEP_POOL_NORM), 1u << 1);
    assert_int_equal(places(snas_space_find("nas-bench-201")->candidates[4], 1, SNAS_STEP_POOL_NORM), 0);
}

static void only_the_first_step_with_a_window_takes_the_stride(void **state)
{
    (void)state;
    for (int i = 0; snas_candidates[i] != NULL; i++) {
        int strided = 0;
        for (const snas_step *step = snas_candidates[i]->steps[1]; step->kind != SNAS_STEP_END; step++) {
            strided += step->strided;
        }
        assert_int_equal(strided, snas_candidates[i]->is_zero ? 0 : 1);
        assert_in_range(strlen(snas_candidates[i]->letters), 1, 8);
        assert_true(strlen(snas_candidates[i]->brief) > 0);
    }
}

static void candidates_of_a_space_look_different(void **state)
{
    (void)state;
    for (int s = 0; snas_spaces[s] != NULL; s++) {
        for (int k = 0; k < snas_spaces[s]->candidate_count; k++) {
            const snas_candidate *one = snas_spaces[s]->candidates[k];
            assert_true(one->color[0] + one->color[1] + one->color[2] > 0);
            for (int j = 0; j < k; j++) {
                const snas_candidate *other = snas_spaces[s]->candidates[j];
                assert_string_not_equal(one->letters, other->letters);
                assert_memory_not_equal(one->color, other->color, sizeof one->color);
            }
        }
    }
}

static void only_the_skip_of_stride_one_is_the_identity(void **state)
{
    (void)state;
    for (int i = 0; snas_candidates[i] != NULL; i++) {
        const bool skip = strcmp(snas_candidates[i]->name, "skip_connect") == 0;
        assert_int_equal(snas_candidate_is_identity(snas_candidates[i], 1), skip);
        assert_false(snas_candidate_is_identity(snas_candidates[i], 2));
    }
}

static void reductions_stand_at_a_third_and_two_thirds(void **state)
{
    (void)state;
    static const int CASES[][3] = {{8, 2, 5}, {20, 6, 13}, {14, 4, 9}, {5, 1, 3}, {3, 1, 2}, {2, 0, 1}, {1, 0, 0}};
    const snas_space *space = snas_space_find("darts");
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const int L = CASES[i][0];
        int channels = 16;
        for (int cell = 0; cell < L; cell++) {
            const snas_cell_place place = snas_space_place(space, cell, L, 16);
            const bool reduction = cell == CASES[i][1] || cell == CASES[i][2];
            channels *= reduction ? 2 : 1;
            assert_int_equal(place.reduction, reduction);
            assert_int_equal(place.type, reduction);
            assert_int_equal(place.channels, channels);
            assert_int_equal(place.reduction_before, cell > 0 && (cell - 1 == CASES[i][1] || cell - 1 == CASES[i][2]));
        }
    }
}

static void blocks_of_nas_bench_201_stand_between_three_stages_of_five(void **state)
{
    (void)state;
    const snas_space *space = snas_space_find("nas-bench-201");
    for (int cell = 0; cell < 17; cell++) {
        const snas_cell_place place = snas_space_place(space, cell, 17, 16);
        assert_int_equal(place.reduction, cell == 5 || cell == 11);
        assert_int_equal(place.type, 0);
        assert_int_equal(place.channels, cell < 5 ? 16 : cell < 11 ? 32 : 64);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_count_node_by_node),
        cmocka_unit_test(candidates_stand_in_the_published_order),
        cmocka_unit_test(steps_stand_where_pytorch_has_them),
        cmocka_unit_test(only_the_first_step_with_a_window_takes_the_stride),
        cmocka_unit_test(candidates_of_a_space_look_different),
        cmocka_unit_test(only_the_skip_of_stride_one_is_the_identity),
        cmocka_unit_test(reductions_stand_at_a_third_and_two_thirds),
        cmocka_unit_test(blocks_of_nas_bench_201_stand_between_three_stages_of_five),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
