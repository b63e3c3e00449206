/* test_genotype.c -- genotypes read, refused with their place, and written in every form and back. */
#include <stdio.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "genotype_fixture.h"
#include "scratch.h"
#include "snas/base/rng.h"
#include "snas/base/text.h"
#include "snas/space/genotype.h"

/* --- forms -------------------------------------------------------------------------------------------------------- */

static void darts_text_feeds_node_i_with_pairs_2i_and_2i_plus_1(void **state)
{
    (void)state;
    snas_genotype genotype;
    assert_ok(parse(GENOTYPE(EIGHT, EIGHT), &genotype));
    assert_false(genotype.pool_bn);
    assert_gene(&genotype, 0, 0, 0, "sep_conv_3x3", 1);
    assert_gene(&genotype, 0, 0, 1, "sep_conv_3x3", 0);
    assert_gene(&genotype, 1, 3, 0, "sep_conv_3x3", 0);
    assert_gene(&genotype, 1, 3, 1, "skip_connect", 2);
}

static void darts_text_may_be_spelled_as_python_allows(void **state)
{
    (void)state;
    snas_genotype plain, loose;
    assert_ok(parse(GENOTYPE(EIGHT, EIGHT), &plain));
    assert_ok(parse("\n  DARTS_V9 = Genotype (\n reduce_concat = [2,3,4,5,],\n"
                    "normal=[(\"sep_conv_3x3\",1,),('sep_conv_3x3'\t, 0), "
                    "('skip_connect',0),('sep_conv_3x3',1)," LAST_PAIRS ",], normal_concat=range( 2 ,6), reduce=" EIGHT
                    ",\n)\n",
                    &loose));
    assert_same_cells(&plain, &loose);
}

static void fourteen_pairs_feed_nodes_by_their_place(void **state)
{
    (void)state;
    snas_genotype genotype;
    assert_ok(parse(GENOTYPE(FOURTEEN, FOURTEEN), &genotype));
    assert_true(genotype.pool_bn);
    for (int node = 0; node < 4; node++) {
        assert_int_equal(genotype.nodes[0][node].count, node + 2);
    }
    assert_gene(&genotype, 0, 1, 2, "none", 2);
    assert_gene(&genotype, 0, 2, 2, "none", 3);
    assert_gene(&genotype, 1, 3, 4, "none", 2);
}

static void json_has_defaults_for_what_is_missing(void **state)
{
    (void)state;
    snas_genotype genotype;
    assert_ok(parse("{\"normal\": [[[\"skip_connect\", 1]], [], [], []], \"reduce\": " EMPTY_JSON_CELL "}", &genotype));
    assert_string_equal(genotype.space->name, "darts");
    assert_true(genotype.pool_bn);
    assert_null(genotype.origin);
    assert_int_equal(genotype.nodes[0][0].count, 1);
    assert_gene(&genotype, 0, 0, 0, "skip_connect", 1);
    assert_int_equal(genotype.nodes[1][3].count, 0);
}

static void a_space_with_one_cell_type_has_the_key_cell(void **state)
{
    (void)state;
    snas_genotype json, text;
    assert_ok(parse("{\"space\": \"nas-bench-201\", \"cell\": [[[\"avg_pool_3x3\", 0]],"
                    "[[\"nor_conv_1x1\", 0], [\"skip_connect\", 1]],"
                    "[[\"nor_conv_1x1\", 0], [\"skip_connect\", 1], [\"skip_connect\", 2]]]}",
                    &json));
    assert_ok(parse("|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~"
                    "1|skip_connect~2|\n",
                    &text));
    assert_same_cells(&json, &text);
}

static const struct {
    const char *text, *part;
} FAULTS[] = {
    {"", "empty"},
    {" \n", "empty"},
    {"[]", "cell.txt:1:1: expected '{', 'Genotype(' or '|', found '['"},
    {"{\"normal\": 1}", "cell.txt:1:12: a cell is a number"},
    {"{\n \"norml\": []}", "cell.txt:2:2: unknown key 'norml' in a genotype of space 'darts', "
                           "did you mean 'normal'?"},
    {"{\"normal\": " EMPTY_JSON_CELL "}", "missing key 'reduce'"},
    {"{\"space\": \"dart\", \"normal\": []}", "cell.txt:1:11: unknown space 'dart', did you mean 'darts'?"},
    {"{\"space\": 3}", "'space' is a number"},
    {"{\"pool_bn\": 1}", "'pool_bn' is a number"},
    {"{\"origin\": []}", "'origin' is an array"},
    {"{\"normal\": [[]], \"reduce\": []}", "cell.txt:1:12: 'normal' has 1 nodes, a cell of space 'darts' has 4"},
    {"{\"normal\": [[[\"skip_connect\"]], [], [], []]}", "cell.txt:1:14: an operation has to be a pair"},
    {"{\"normal\": [[[\"skip_connect\", 0.5]], [], [], []]}", "cell.txt:1:14: an operation has to be a pair"},
    {"{\"normal\": [[[\"skip_connect\", \"0\"]], [], [], []]}", "an operation has to be a pair"},
    {"{\"normal\": [[\"skip_connect\"], [], [], []]}", "cell.txt:1:14: an operation has to be a pair"},
    {"{\"normal\": [[[\"sep_conv_3\", 0]], [], [], []]}",
     "cell.txt:1:15: unknown operation 'sep_conv_3' in space 'darts', did you mean "
     "'sep_conv_3x3'?"},
    {"{\"normal\": [[[\"pool\", 0]], [], [], []]}",
     "cell.txt:1:15: unknown operation 'pool' in space 'darts', allowed 'none', 'max_pool_3x3', 'avg_pool_3x3', "
     "'skip_connect', 'sep_conv_3x3', 'sep_conv_5x5', 'dil_conv_3x3', 'dil_conv_5x5'"},
    {"{\"normal\": [[[\"none\", 2]], [], [], []]}",
     "source 2 of normal node 2 does not come before it, allowed are 0 to 1"},
    {"{\"normal\": [[[\"none\", -1]], [], [], []]}", "source -1"},
    {"{\"normal\": ", "cell.txt:1:"},
    {"Genotypes(", "cell.txt:1:1: expected 'Genotype(', found 'Genotypes'"},
    {"X = Y = Genotype(", "expected 'Genotype('"},
    {"Genotype(norml=[])", "cell.txt:1:10: unknown field 'norml', did you mean 'normal'?"},
    {"Genotype(normal=[], normal=[])", "cell.txt:1:21: field 'normal' comes twice"},
    {"Genotype(normal=[])", "field 'normal_concat' is missing"},
    {"Genotype(normal=[('sep_conv_3x3, 1)])", "the closing quote"},
    {"Genotype(normal=[('sep_conv_3x3' 1)])", "',' between an operation and its source"},
    {"Genotype(normal=[('none', -1)])", "expected a number, found '-'"},
    {"Genotype(normal=[('none', 01)])", "leading zero"},
    {"Genotype(normal=[('none', 99999)])", "too large"},
    {"Genotype(normal=[('none', 0) ('none', 1)])", "',' or ']' after an operation, found '('"},
    {"Genotype(normal=['none'])", "'(' before an operation"},
    {"Genotype(normal=[('none', 0)", "found the end of the text"},
    {"Genotype(normal_concat=list(2, 5))", "expected '[' or 'range(', found 'list'"},
    {GENOTYPE(EIGHT, EIGHT) " x", "expected nothing after the genotype, found 'x'"},
    {GENOTYPE("[('none', 0)]", EIGHT), "'normal' has 1 operations, it has to have 8 (two a node) or 14 (one an edge)"},
    {GENOTYPE(EIGHT, FOURTEEN), "'reduce' has 14 operations, but 'normal' has another number"},
    {GENOTYPE("[('none', 2), ('none', 1), ('none', 1), ('none', 1), " LAST_PAIRS "]", EIGHT),
     "cell.txt:1:20: source 2 of normal node 2"},
    {GENOTYPE("[('sepconv_3x3', 0), ('none', 1), ('none', 1), ('none', 1), " LAST_PAIRS "]", EIGHT),
     "cell.txt:1:20: unknown operation 'sepconv_3x3' in space 'darts', did you mean "
     "'sep_conv_3x3'?"},
    {"|none~0|none~1|", "expected '+' between two nodes, found 'n'"},
    {"|none~0|+|none~0|none~2|", "source 2 of node 2 has to be 1"},
    {"|none~0|+|none~0|nor_conv_3~1|",
     "cell.txt:1:18: unknown operation 'nor_conv_3' in space 'nas-bench-201', did you mean 'nor_conv_3x3'?"},
};

static void faults_are_refused_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FAULTS / sizeof FAULTS[0]; i++) {
        snas_genotype genotype;
        assert_fails(parse(FAULTS[i].text, &genotype), SNAS_E_DATA, FAULTS[i].part);
    }
}

static void a_source_may_not_come_twice_among_fourteen(void **state)
{
    (void)state;
    snas_genotype genotype;
    char text[2048];
    snprintf(text, sizeof text, "%s", GENOTYPE(FOURTEEN, FOURTEEN));
    char *last = strstr(text, "('none', 4), ('none', 3)");
    last[9] = '3';
    assert_fails(parse(text, &genotype), SNAS_E_DATA, "source 3 comes twice in 'normal' node 5");
}

static void every_prefix_of_a_text_is_refused_or_whole(void **state)
{
    (void)state;
    const char *text = GENOTYPE(EIGHT, EIGHT);
    for (size_t size = 0; size < strlen(text); size++) {
        snas_genotype genotype;
        const snas_bytes bytes = {.data = text, .size = size};
        assert_int_equal(snas_genotype_parse(mem, "cell.txt", bytes, &genotype), SNAS_E_DATA);
    }
    static const char ZERO[] = "Genotype(\0normal";
    snas_genotype genotype;
    assert_fails(snas_genotype_parse(mem, "zero", (snas_bytes){.data = ZERO, .size = sizeof ZERO}, &genotype),
                 SNAS_E_DATA, "zero:1:10");
}

/* --- known ones and round trips ----------------------------------------------------------------------------------- */

static void round_trip(const snas_genotype *genotype, snas_genotype_format format)
{
    const char *text, *again;
    snas_genotype read;
    assert_ok(snas_genotype_write(mem, genotype, format, &text));
    assert_int_equal(text[strlen(text) - 1], '\n');
    assert_ok(parse(text, &read));
    assert_same_cells(genotype, &read);
    assert_ok(snas_genotype_write(mem, &read, format, &again));
    assert_string_equal(text, again);
    if (format == SNAS_GENOTYPE_JSON) {
        assert_int_equal(read.pool_bn, genotype->pool_bn);
        assert_int_equal(read.origin == NULL, genotype->origin == NULL);
        assert_true(read.origin == NULL || strcmp(read.origin, genotype->origin) == 0);
    }
}

static void every_known_architecture_survives_json_and_darts_text(void **state)
{
    (void)state;
    int count = 0;
    for (const snas_known_genotype *known = snas_known_genotypes; known->name != NULL; known++, count++) {
        snas_genotype genotype;
        assert_ok(snas_genotype_load(mem, known->name, &genotype));
        assert_string_equal(genotype.origin, known->origin);
        assert_int_equal(genotype.pool_bn, strncmp(known->name, "SNAS_", 5) == 0);
        round_trip(&genotype, SNAS_GENOTYPE_JSON);
        round_trip(&genotype, SNAS_GENOTYPE_DARTS);
    }
    assert_int_equal(count, 7);
}

/* Weights of the convolutions of one cell's operations, C = 1: 2 (k*k + 1) for sep, k*k + 1 for dil. */
static void known_architectures_have_the_published_operations(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int size[2];
    } SIZES[] = {{"DARTS_V1", {5 * 20, 0}},
                 {"DARTS_V2", {5 * 20 + 10, 0}},
                 {"SNAS_mild", {3 * 20 + 10, 26}},
                 {"SNAS_moderate", {2 * 20 + 2 * 26, 5 * 52 + 26}},
                 {"SNAS_aggressive", {52 + 2 * 26, 2 * 52}},
                 {"PC_DARTS_cifar", {3 * 20 + 52 + 2 * 10, 3 * 52 + 4 * 20}},
                 {"PC_DARTS_image", {5 * 20 + 26, 4 * 20 + 26 + 52}}};
    for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
        snas_genotype genotype;
        assert_ok(snas_genotype_load(mem, SIZES[i].name, &genotype));
        for (int type = 0; type < 2; type++) {
            int64_t size = 0;
            for (int node = 0; node < 4; node++) {
                assert_int_equal(genotype.nodes[type][node].count, 2);
                for (int g = 0; g < 2; g++) {
                    const int k = genotype.nodes[type][node].genes[g].candidate;
                    size += snas_candidate_size(genotype.space->candidates[k], 1, 1);
                }
            }
            assert_int_equal(size, SIZES[i].size[type]);
        }
    }
}

static void derived_genotypes_survive_the_forms_that_hold_them(void **state)
{
    (void)state;
    for (int s = 0; snas_spaces[s] != NULL; s++) {
        for (uint64_t seed = 0; seed < 50; seed++) {
            double p[ENTRIES_MAX];
            random_probabilities(snas_spaces[s], seed, p);
            for (int rule = 0; rule < SNAS_RULE_COUNT; rule++) {
                snas_genotype genotype = snas_genotype_derive(snas_spaces[s], p, (snas_rule)rule);
                assert_true(genotype.pool_bn);
                genotype.origin = "a \"test\" \\ of\ttext";
                round_trip(&genotype, SNAS_GENOTYPE_JSON);
                if (strcmp(snas_spaces[s]->name, "darts") == 0) {
                    round_trip(&genotype, rule == SNAS_RULE_EDGE ? SNAS_GENOTYPE_EDGE_ALL : SNAS_GENOTYPE_DARTS);
                } else if (rule == SNAS_RULE_EDGE) {
                    round_trip(&genotype, SNAS_GENOTYPE_NAS_BENCH_201);
                }
            }
        }
    }
}

static void a_form_that_cannot_hold_a_genotype_says_why(void **state)
{
    (void)state;
    double p[ENTRIES_MAX] = {0};
    const char *text;
    const snas_space *darts = snas_space_find("darts");
    const snas_genotype edge = snas_genotype_derive(darts, p, SNAS_RULE_EDGE);
    const snas_genotype top2 = snas_genotype_derive(darts, p, SNAS_RULE_TOP2);
    const snas_genotype cell = snas_genotype_derive(snas_space_find("nas-bench-201"), p, SNAS_RULE_EDGE);
    assert_fails(snas_genotype_write(mem, &edge, SNAS_GENOTYPE_DARTS, &text), SNAS_E_USAGE,
                 "normal node 3 has 3 operations, the form 'darts' needs 2 a node");
    assert_fails(snas_genotype_write(mem, &top2, SNAS_GENOTYPE_EDGE_ALL, &text), SNAS_E_USAGE,
                 "normal node 3 has 0 operations from source 2");
    assert_fails(snas_genotype_write(mem, &cell, SNAS_GENOTYPE_DARTS, &text), SNAS_E_USAGE,
                 "a genotype of space 'nas-bench-201' has no form 'darts', which is for space 'darts' only");
    assert_fails(snas_genotype_write(mem, &edge, SNAS_GENOTYPE_NAS_BENCH_201, &text), SNAS_E_USAGE,
                 "a genotype of space 'darts' has no form 'nas-bench-201', which is for space 'nas-bench-201' only");
    snas_genotype twice = cell;
    twice.nodes[0][1].genes[1].source = 0;
    assert_fails(snas_genotype_write(mem, &twice, SNAS_GENOTYPE_NAS_BENCH_201, &text), SNAS_E_USAGE,
                 "cell node 2 has several operations from source 0, the form 'nas-bench-201' has one");
}

#define ARCH_11 "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|"

static void a_line_of_nas_bench_201_names_its_genotype(void **state)
{
    (void)state;
    snas_genotype genotype;
    const char *text;
    assert_ok(snas_genotype_load(mem, ARCH_11, &genotype));
    assert_string_equal(genotype.space->name, "nas-bench-201");
    assert_gene(&genotype, 0, 2, 1, "nor_conv_3x3", 1);
    assert_ok(snas_genotype_write(mem, &genotype, SNAS_GENOTYPE_NAS_BENCH_201, &text));
    assert_string_equal(text, ARCH_11 "\n");
}

static void an_edge_that_a_cell_lacks_is_none_in_its_line(void **state)
{
    (void)state;
    snas_genotype genotype;
    const char *text;
    assert_ok(parse("{\"space\": \"nas-bench-201\", \"cell\": [[], [[\"skip_connect\", 1]], [[\"nor_conv_1x1\", 0]]]}",
                    &genotype));
    assert_ok(snas_genotype_write(mem, &genotype, SNAS_GENOTYPE_NAS_BENCH_201, &text));
    assert_string_equal(text, "|none~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|none~1|none~2|\n");
}

/* What was typed is a fault of usage, where that of a file is one of its format. */
static void a_wrong_line_is_answered_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *line, *sentence;
    } WRONG[] = {
        {"|", "genotype:1:2: expected an operation, found the end of the text"},
        {"none~0|+|none~0|none~1|+|none~0|none~1|none~2|", "genotype:1:1: expected '|' before a node, found 'n'"},
        {"|nor_conv_3~0|+|none~0|none~1|+|none~0|none~1|none~2|",
         "genotype:1:2: unknown operation 'nor_conv_3' in space 'nas-bench-201', did you mean 'nor_conv_3x3'?"},
        {"|none~0|+|none~1|none~0|+|none~0|none~1|none~2|",
         "genotype:1:11: source 1 of node 2 has to be 0, sources come in order"},
        {"|none~0|+|none~0|none~1|", "the cell has 2 nodes, a cell of space 'nas-bench-201' has 3"},
        {"|none~0|+|none~0|+|none~0|none~1|none~2|", "genotype:1:18: expected an operation, found '+'"},
        {"|none~0|+|none~0|none~1|+|none~0|none~1|none|",
         "expected '~' between an operation and its source, found '|'"},
        {"|none~0|+|none~0|none~1|+|none~0|none~1|none~2", "expected '|' after a source, found the end of the text"},
        {"|none~0|+|none~0|none~1|+|none~0|none~1|none~2|,94.37", "expected nothing after the genotype, found ','"},
    };
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        snas_genotype genotype;
        assert_fails(snas_genotype_load(mem, WRONG[i].line, &genotype), SNAS_E_USAGE, WRONG[i].sentence);
    }
}

static void an_unknown_name_is_answered_with_the_nearest(void **state)
{
    (void)state;
    snas_genotype genotype;
    assert_fails(snas_genotype_load(mem, "DARTS_V3", &genotype), SNAS_E_USAGE,
                 "no architecture 'DARTS_V3': neither built in nor a file, did you mean 'DARTS_V");
    assert_fails(snas_genotype_load(mem, "missing/cell.json", &genotype), SNAS_E_IO, "missing/cell.json");
    assert_fails(snas_genotype_load(mem, "configs", &genotype), SNAS_E_USAGE,
                 "'configs' is a folder, and no genotype is in it");
    const char *run = scratch_path(""), *file = scratch_path("genotype.json");
    scratch_put(file, "{}", 2);
    assert_fails(snas_genotype_load(mem, run, &genotype), SNAS_E_USAGE, "/genotype.json'");
    assert_fails(snas_genotype_load(mem, "NASNet", &genotype), SNAS_E_USAGE,
                 "no space here holds the architecture 'NASNet': 5 nodes a cell, operation 'sep_conv_7x7'");
    assert_fails(snas_genotype_load(mem, "AmoebaNet", &genotype), SNAS_E_USAGE, "'conv_7x1_1x7'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(darts_text_feeds_node_i_with_pairs_2i_and_2i_plus_1),
        cmocka_unit_test(darts_text_may_be_spelled_as_python_allows),
        cmocka_unit_test(fourteen_pairs_feed_nodes_by_their_place),
        cmocka_unit_test(json_has_defaults_for_what_is_missing),
        cmocka_unit_test(a_space_with_one_cell_type_has_the_key_cell),
        cmocka_unit_test(faults_are_refused_with_their_place),
        cmocka_unit_test(a_source_may_not_come_twice_among_fourteen),
        cmocka_unit_test(every_prefix_of_a_text_is_refused_or_whole),
        cmocka_unit_test(every_known_architecture_survives_json_and_darts_text),
        cmocka_unit_test(known_architectures_have_the_published_operations),
        cmocka_unit_test(derived_genotypes_survive_the_forms_that_hold_them),
        cmocka_unit_test(a_form_that_cannot_hold_a_genotype_says_why),
        cmocka_unit_test(a_line_of_nas_bench_201_names_its_genotype),
        cmocka_unit_test(an_edge_that_a_cell_lacks_is_none_in_its_line),
        cmocka_unit_test(a_wrong_line_is_answered_with_its_place),
        cmocka_unit_test(an_unknown_name_is_answered_with_the_nearest),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
