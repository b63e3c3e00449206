/* test_genotype_foreign.c -- architectures of other spaces are refused by what the space lacks. */
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "genotype_fixture.h"
#include "snas/base/text.h"
#include "snas/space/genotype.h"

/* The two of the published file that are not of this space. */
#define NASNET                                                                                                         \
    "NASNet = Genotype(\n"                                                                                             \
    "  normal = [('sep_conv_5x5', 1), ('sep_conv_3x3', 0), ('sep_conv_5x5', 0), ('sep_conv_3x3', 0),\n"                \
    "    ('avg_pool_3x3', 1), ('skip_connect', 0), ('avg_pool_3x3', 0), ('avg_pool_3x3', 0),\n"                        \
    "    ('sep_conv_3x3', 1), ('skip_connect', 1)],\n"                                                                 \
    "  normal_concat = [2, 3, 4, 5, 6],\n"                                                                             \
    "  reduce = [('sep_conv_5x5', 1), ('sep_conv_7x7', 0), ('max_pool_3x3', 1), ('sep_conv_7x7', 0),\n"                \
    "    ('avg_pool_3x3', 1), ('sep_conv_5x5', 0), ('skip_connect', 3), ('avg_pool_3x3', 2),\n"                        \
    "    ('sep_conv_3x3', 2), ('max_pool_3x3', 1)],\n"                                                                 \
    "  reduce_concat = [4, 5, 6])"
#define AMOEBANET                                                                                                      \
    "AmoebaNet = Genotype(\n"                                                                                          \
    "  normal = [('avg_pool_3x3', 0), ('max_pool_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_5x5', 2),\n"                \
    "    ('sep_conv_3x3', 0), ('avg_pool_3x3', 3), ('sep_conv_3x3', 1), ('skip_connect', 1),\n"                        \
    "    ('skip_connect', 0), ('avg_pool_3x3', 1)], normal_concat = [4, 5, 6],\n"                                      \
    "  reduce = [('avg_pool_3x3', 0), ('sep_conv_3x3', 1), ('max_pool_3x3', 0), ('sep_conv_7x7', 2),\n"                \
    "    ('sep_conv_7x7', 0), ('avg_pool_3x3', 1), ('max_pool_3x3', 0), ('max_pool_3x3', 1),\n"                        \
    "    ('conv_7x1_1x7', 0), ('sep_conv_3x3', 5)],\n"                                                                 \
    "  reduce_concat = [3, 4, 6])"
#define CONCAT(normal, reduce)                                                                                         \
    "Genotype(normal=" EIGHT ", normal_concat=" normal ", reduce=" EIGHT ", reduce_concat=" reduce ")"
#define HOLDS_NOT "space 'darts' cannot hold this architecture: "
#define TWENTY "[" FIRST_PAIRS ", " LAST_PAIRS ", " FIRST_PAIRS ", " LAST_PAIRS ", " FIRST_PAIRS "]"
#define NINE "[" FIRST_PAIRS ", " LAST_PAIRS ", ('none', 0)]"

static const struct {
    const char *text, *sentence;
} OTHERS[] = {
    {NASNET,
     "cell.txt:2:12: " HOLDS_NOT
     "'normal' has 10 operations, 5 nodes of two, where the space has 4; 'normal_concat' is "
     "[2, 3, 4, 5, 6], where the space has all its nodes in order, 2 to 5; 'reduce' has 10 operations, 5 nodes of two, "
     "where the space has 4; the space lacks the operation 'sep_conv_7x7'; 'reduce_concat' is [4, 5, 6], where the "
     "space has all its nodes in order, 2 to 5"},
    {AMOEBANET,
     "cell.txt:2:12: " HOLDS_NOT
     "'normal' has 10 operations, 5 nodes of two, where the space has 4; 'normal_concat' is "
     "[4, 5, 6], where the space has all its nodes in order, 2 to 5; 'reduce' has 10 operations, 5 nodes of two, where "
     "the space has 4; the space lacks the operation 'sep_conv_7x7'; the space lacks the operation 'conv_7x1_1x7'; "
     "'reduce_concat' is [3, 4, 6], where the space has all its nodes in order, 2 to 5"},
    {GENOTYPE("[('sep_conv_7x7', 0), ('none', 1), ('none', 1), ('none', 1), " LAST_PAIRS "]", EIGHT),
     "cell.txt:1:20: " HOLDS_NOT "the space lacks the operation 'sep_conv_7x7'"},
    {GENOTYPE("[('nor_conv_3x3', 0), ('none', 1), ('none', 1), ('none', 1), " LAST_PAIRS "]", EIGHT),
     HOLDS_NOT "the space lacks the operation 'nor_conv_3x3'"},
    {GENOTYPE(EIGHT, TWENTY),
     HOLDS_NOT "'reduce' has 20 operations, 10 nodes of two or 5 nodes with one an edge, where the space has 4"},
    {GENOTYPE(NINE, EIGHT), HOLDS_NOT "'normal' has 9 operations, 3 nodes with one an edge, where the space has 4"},
    {GENOTYPE("[('none', 0), ('none', 1)]", EIGHT),
     HOLDS_NOT "'normal' has 2 operations, 1 node of two, where the space has 4"},
    {CONCAT("[2, 3]", "range(2, 6)"),
     HOLDS_NOT "'normal_concat' is [2, 3], where the space has all its nodes in order, 2 to 5"},
    {CONCAT("[2, 3, 4, 5]", "[5, 4, 3, 2]"), HOLDS_NOT "'reduce_concat' is [5, 4, 3, 2], where"},
    {CONCAT("range(2, 5)", "range(2, 6)"), HOLDS_NOT "'normal_concat' is [2, 3, 4], where"},
    {CONCAT("range(9, 6)", "range(2, 6)"), HOLDS_NOT "'normal_concat' is [], where"},
    {CONCAT("range(0, 9999)", "range(2, 6)"), "12, 13, 14, 15, ...], where"},
    {"Genotype(recurrent=[('relu', 0)], concat=range(1, 9))",
     "cell.txt:1:10: field 'recurrent' is of a recurrent cell, the spaces here have none"},
    {"{\"normal\": [[[\"sep_conv_7x7\", 0]], [], [], []]}",
     "cell.txt:1:15: space 'darts' lacks the operation 'sep_conv_7x7', allowed 'none', 'max_pool_3x3', "},
    {"{\"normal\": [[[\"conv3x3-bn-relu\", 0]], [], [], []]}", "space 'darts' lacks the operation 'conv3x3-bn-relu'"},
    {"{\"normal\": [[], [], [], [], []]}", "cell.txt:1:12: 'normal' has 5 nodes, a cell of space 'darts' has 4"},
    {"{\"normal\": [[\"sep_conv_3x3\", 1], [\"none\", 0]]}",
     "cell.txt:1:13: a node has to be a list of pairs [\"operation\", source], found a pair without a list"},
    {"{\"normal\": [], \"normal_concat\": [4, 5, 6]}",
     "cell.txt:1:16: unknown key 'normal_concat', the output of a cell of space 'darts' is all its nodes"},
    {"|none~0|+|none~0|sep_conv_3x3~1|",
     "cell.txt:1:18: space 'nas-bench-201' lacks the operation 'sep_conv_3x3', allowed 'none', 'skip_connect', "
     "'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'"},
    {"|nor_conv_7x7~0|", "space 'nas-bench-201' lacks the operation 'nor_conv_7x7'"},
    {"|none~0|+|none~0|none~1|\n", "the cell has 2 nodes, a cell of space 'nas-bench-201' has 3"},
    {"|none~0|+|none~0|none~1|+|none~0|none~1|none~2|+|none~0|none~1|none~2|none~3|",
     "cell.txt:1:48: the cell has 4 nodes, a cell of space 'nas-bench-201' has 3"},
};

static void architectures_of_other_spaces_are_refused_by_what_the_space_lacks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
        snas_genotype genotype;
        assert_fails(parse(OTHERS[i].text, &genotype), SNAS_E_DATA, OTHERS[i].sentence);
        assert_null(strstr(snas_error(), "did you mean"));
    }
}

/* An operation that no space here has is not taken for a misspelt one, whatever its window; a misspelt one is. */
static void a_misspelt_operation_is_no_operation_of_another_space(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool lacks;
    } NAMES[] = {{"sep_conv_7x7", true}, {"max_pool_5x5", true}, {"dil_conv_9x9", true},   {"conv_7x1_1x7", true},
                 {"dil_sepc_3x3", true}, {"nor_conv_7x7", true}, {"sep_conv_11x11", true}, {"sep_conv3x3", false},
                 {"sepconv_5x5", false}, {"skip_conect", false}, {"sep_conv_3x", false}};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        snas_genotype genotype;
        const char *text = snas_format(mem, "{\"normal\": [[[\"%s\", 0]], [], [], []]}", NAMES[i].name);
        assert_non_null(text);
        assert_fails(parse(text, &genotype), SNAS_E_DATA, NAMES[i].lacks ? "lacks the operation" : "did you mean");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(architectures_of_other_spaces_are_refused_by_what_the_space_lacks),
        cmocka_unit_test(a_misspelt_operation_is_no_operation_of_another_space),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
