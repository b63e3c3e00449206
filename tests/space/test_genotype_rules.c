/* test_genotype_rules.c -- the genotype that a rule takes from probabilities. */
#include "genotype_fixture.h"

enum { E = 14, K = 8 };

static void the_edge_rule_takes_the_argmax_of_every_edge(void **state)
{
    (void)state;
    double p[2 * E * K];
    const snas_space *space = snas_space_find("darts");
    random_probabilities(space, 99, p);
    p[0] = 2; /* edge 0 of the normal cell: none */
    const snas_genotype genotype = snas_genotype_derive(space, p, SNAS_RULE_EDGE);
    assert_gene(&genotype, 0, 0, 0, "none", 0);
    for (int type = 0; type < 2; type++) {
        for (int e = 0; e < E; e++) {
            int source, node;
            snas_space_edge(space, e, &source, &node);
            const snas_gene gene = genotype.nodes[type][node].genes[source];
            assert_int_equal(gene.source, source);
            for (int k = 0; k < K; k++) {
                assert_true(p[(type * E + e) * K + k] <= p[(type * E + e) * K + gene.candidate]);
            }
        }
    }
}

static void top2_and_darts_differ_in_none_alone(void **state)
{
    (void)state;
    double p[2 * E * K] = {0};
    const int first = 5; /* node 2 of the normal cell: edges 5..8 from states 0..3 */
    p[(first + 0) * K + 4] = 0.5;
    p[(first + 1) * K + 0] = 0.9; /* none */
    p[(first + 1) * K + 6] = 0.1;
    p[(first + 2) * K + 3] = 0.4;
    p[(first + 3) * K + 5] = 0.6;
    const snas_space *space = snas_space_find("darts");
    const snas_genotype top2 = snas_genotype_derive(space, p, SNAS_RULE_TOP2);
    const snas_genotype darts = snas_genotype_derive(space, p, SNAS_RULE_DARTS);
    assert_int_equal(top2.nodes[0][2].count, 2);
    assert_gene(&top2, 0, 2, 0, "none", 1);
    assert_gene(&top2, 0, 2, 1, "sep_conv_5x5", 3);
    assert_int_equal(darts.nodes[0][2].count, 2);
    assert_gene(&darts, 0, 2, 0, "sep_conv_3x3", 0);
    assert_gene(&darts, 0, 2, 1, "sep_conv_5x5", 3);
    /* ties: everything equal in the reduction cell */
    assert_gene(&darts, 1, 3, 0, "max_pool_3x3", 0);
    assert_gene(&darts, 1, 3, 1, "max_pool_3x3", 1);
    assert_gene(&top2, 1, 3, 1, "none", 1);
}

static void one_hot_and_the_edge_rule_are_inverse(void **state)
{
    (void)state;
    for (int s = 0; snas_spaces[s] != NULL; s++) {
        double p[ENTRIES_MAX], z[ENTRIES_MAX];
        const int count = snas_spaces[s]->cell_types * snas_space_edge_count(snas_spaces[s]);
        random_probabilities(snas_spaces[s], 7, p);
        const snas_genotype genotype = snas_genotype_derive(snas_spaces[s], p, SNAS_RULE_EDGE);
        snas_genotype_one_hot(&genotype, z);
        double sum = 0;
        for (int i = 0; i < count * snas_spaces[s]->candidate_count; i++) {
            sum += z[i];
        }
        assert_near(sum, count, 0);
        const snas_genotype again = snas_genotype_derive(snas_spaces[s], z, SNAS_RULE_EDGE);
        assert_same_cells(&genotype, &again);
    }
}

static void edges_without_a_part_in_the_output_are_not_used(void **state)
{
    (void)state;
    static const struct {
        const char *cell;
        const char *used; /* an edge a character */
    } CASES[] = {
        {"|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_1x1~1|+|skip_connect~0|nor_conv_3x3~1|avg_pool_3x3~2|", "111111"},
        {"|none~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_1x1~2|", "010101"},
        {"|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|none~1|none~2|", "000100"},
        {"|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|none~0|none~1|skip_connect~2|", "101001"},
        {"|none~0|+|none~0|nor_conv_3x3~1|+|none~0|none~1|nor_conv_3x3~2|", "000000"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        snas_genotype genotype;
        bool used[SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX];
        assert_ok(parse(CASES[i].cell, &genotype));
        snas_genotype_used(&genotype, used);
        for (int e = 0; e < 6; e++) {
            assert_int_equal(used[e], CASES[i].used[e] == '1');
        }
    }
}

static void the_edges_that_make_one_unused_do_so_whatever_the_others_are(void **state)
{
    (void)state;
    static const struct {
        const char *cell;
        int source, node;
        const char *because; /* an edge a character */
    } CASES[] = {
        {"|none~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_1x1~2|", 1, 1, "100000"},
        {"|none~0|+|none~0|nor_conv_3x3~1|+|nor_conv_1x1~0|none~1|nor_conv_3x3~2|", 2, 2, "110000"},
        {"|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|none~1|none~2|", 0, 0, "000011"},
        {"|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|none~1|none~2|", 1, 1, "000001"},
        {"|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|none~1|none~2|", 0, 2, "000000"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        snas_genotype genotype;
        bool because[SNAS_EDGES_MAX], used[SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX];
        int reasons = 0;
        assert_ok(parse(CASES[i].cell, &genotype));
        snas_genotype_why_unused(&genotype, 0, CASES[i].source, CASES[i].node, because);
        for (int e = 0; e < 6; e++) {
            assert_int_equal(because[e], CASES[i].because[e] == '1');
            reasons += because[e];
        }
        for (int code = 0; reasons > 0 && code < 15625; code++) { /* every cell with `none` on those edges */
            for (int e = 0, rest = code; e < 6; e++, rest /= 5) {
                int source, node;
                snas_space_edge(genotype.space, e, &source, &node);
                genotype.nodes[0][node].genes[source].candidate = because[e] ? 0 : rest % 5;
            }
            snas_genotype_used(&genotype, used);
            assert_false(used[snas_space_edge_index(genotype.space, CASES[i].source, CASES[i].node)]);
        }
    }
}

static void where_all_nodes_are_the_output_only_none_is_not_used(void **state)
{
    (void)state;
    snas_genotype genotype;
    double z[ENTRIES_MAX];
    bool used[SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX];
    assert_ok(parse(GENOTYPE(FOURTEEN, FOURTEEN), &genotype));
    snas_genotype_one_hot(&genotype, z);
    snas_genotype_used(&genotype, used);
    for (int e = 0; e < 2 * E; e++) {
        assert_int_equal(used[e], z[e * K] < 0.5); /* candidate 0 is none */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_edge_rule_takes_the_argmax_of_every_edge),
        cmocka_unit_test(top2_and_darts_differ_in_none_alone),
        cmocka_unit_test(one_hot_and_the_edge_rule_are_inverse),
        cmocka_unit_test(edges_without_a_part_in_the_output_are_not_used),
        cmocka_unit_test(the_edges_that_make_one_unused_do_so_whatever_the_others_are),
        cmocka_unit_test(where_all_nodes_are_the_output_only_none_is_not_used),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
