/* test_benchmark.c -- known accuracies: the right values for the right cells, ranks, quantiles; wrong tables. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/space/benchmark.h"

#define ALL_3X3 "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
#define ALL_NONE "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"
#define ALL_SKIP "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_connect~1|skip_connect~2|"
#define BEST "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"

/* The nearest double of a decimal of four places is what the table has to give. */
static const double exact = 0;
static const double rounding = 1e-12; /* of a mean of 15,625 values */

static const snas_space *space(void)
{
    return snas_space_find("nas-bench-201");
}

static snas_genotype cell(const char *line)
{
    snas_genotype genotype;
    assert_ok(snas_genotype_load(mem, line, &genotype));
    return genotype;
}

static snas_benchmark published(void)
{
    snas_benchmark benchmark;
    assert_ok(snas_benchmark_load(mem, space(), NULL, &benchmark));
    return benchmark;
}

static void cells_have_the_published_accuracies(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        double accuracy[3];
        int rank[3];
    } KNOWN[] = {
        {"|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|",
         {0.8586, 0.5291, 0.2663},
         {13050, 13497, 12712}},
        {"|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|",
         {0.9158, 0.6761, 0.3017},
         {6090, 4458, 11541}},
        {"|skip_connect~0|+|skip_connect~0|skip_connect~1|+|none~0|nor_conv_1x1~1|none~2|",
         {0.8879, 0.6214, 0.3247},
         {10652, 10802, 10493}},
        {ALL_3X3, {0.9376, 0.7111, 0.4144}, {166, 163, 2833}},
        {BEST, {0.9437, 0.7322, 0.4671}, {1, 3, 8}},
    };
    const snas_benchmark benchmark = published();
    assert_int_equal(benchmark.cells, 15625);
    assert_int_equal(benchmark.rows, 15625);
    assert_int_equal(benchmark.column_count, 3);
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
        const snas_genotype genotype = cell(KNOWN[i].line);
        for (int column = 0; column < 3; column++) {
            const snas_known known = snas_benchmark_look_up(&benchmark, column, &genotype);
            assert_near(known.accuracy, KNOWN[i].accuracy[column], exact);
            assert_int_equal(known.rank, KNOWN[i].rank[column]);
        }
    }
}

static void quantiles_and_mean_sum_the_table_up(void **state)
{
    (void)state;
    static const double CIFAR10[][2] = {{0, 0.1},       {0.05, 0.73532}, {0.25, 0.8762},   {0.5, 0.9075},
                                        {0.75, 0.9219}, {0.95, 0.9328},  {0.99, 0.937776}, {1, 0.9437}};
    const snas_benchmark benchmark = published();
    for (size_t i = 0; i < sizeof CIFAR10 / sizeof CIFAR10[0]; i++) {
        assert_near(snas_benchmark_quantile(&benchmark, 0, CIFAR10[i][0]), CIFAR10[i][1], rounding);
    }
    assert_near(benchmark.columns[0].mean, 0.8706290304, rounding);
    assert_near(benchmark.columns[1].mean, 0.6140550208, rounding);
    assert_near(benchmark.columns[2].mean, 0.335863136, rounding);
}

static void the_best_cells_are_the_published_ones(void **state)
{
    (void)state;
    static const char *const LINES[] = {
        BEST "\n", "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|\n",
        "|nor_conv_1x1~0|+|nor_conv_1x1~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|\n"};
    static const double ACCURACY[] = {0.9437, 0.7351, 0.4731};
    const snas_benchmark benchmark = published();
    for (int column = 0; column < 3; column++) {
        int alike;
        const char *line;
        const snas_genotype best = snas_benchmark_best(&benchmark, column, &alike);
        assert_ok(snas_genotype_write(mem, &best, SNAS_GENOTYPE_NAS_BENCH_201, &line));
        assert_int_equal(alike, column == 0 ? 2 : 1);
        const snas_known known = snas_benchmark_look_up(&benchmark, column, &best);
        assert_near(known.accuracy, ACCURACY[column], exact);
        assert_int_equal(known.rank, 1);
        if (alike == 1) {
            assert_string_equal(line, LINES[column]);
        }
    }
}

static void the_column_follows_the_data_set(void **state)
{
    (void)state;
    const snas_benchmark benchmark = published();
    static const struct {
        const char *dataset, *title;
    } OF[] = {{"cifar10", "CIFAR-10 test"},   {"cifar100", "CIFAR-100 test"}, {"imagenet16_120", "ImageNet16-120 test"},
              {"synthetic", "CIFAR-10 test"}, {"cifar", "CIFAR-10 test"},     {"packed", "CIFAR-10 test"}};
    for (size_t i = 0; i < sizeof OF / sizeof OF[0]; i++) {
        const int column = snas_benchmark_column_of(&benchmark, OF[i].dataset);
        assert_string_equal(benchmark.columns[column].title, OF[i].title);
    }
}

/* --- tables of a user's own --------------------------------------------------------------------------------------- */

static const char *written(const char *text)
{
    const char *path = scratch_path("table.csv");
    scratch_put(path, text, strlen(text));
    return path;
}

static void a_table_may_be_plain_partial_and_have_columns_of_its_own(void **state)
{
    (void)state;
    snas_benchmark benchmark;
    const char *path =
        written("arch,mine,cifar100_test\r\n" ALL_NONE ",10,1.00\r\n\r\n" ALL_3X3 ",93.5,100\r\n" ALL_SKIP ",93.5,0");
    assert_ok(snas_benchmark_load(mem, space(), path, &benchmark));
    assert_int_equal(benchmark.rows, 3);
    assert_string_equal(benchmark.columns[0].title, "mine");
    assert_int_equal(snas_benchmark_column_of(&benchmark, "cifar100"), 1);
    assert_int_equal(snas_benchmark_column_of(&benchmark, "cifar10"), 0);
    const snas_genotype conv = cell(ALL_3X3), skip = cell(ALL_SKIP), none = cell(ALL_NONE), best = cell(BEST);
    assert_int_equal(snas_benchmark_look_up(&benchmark, 0, &conv).rank, 1);
    assert_int_equal(snas_benchmark_look_up(&benchmark, 0, &skip).rank, 1);
    assert_int_equal(snas_benchmark_look_up(&benchmark, 0, &none).rank, 3);
    assert_int_equal(snas_benchmark_look_up(&benchmark, 1, &skip).rank, 3);
    const snas_known unknown = snas_benchmark_look_up(&benchmark, 0, &best);
    assert_true(isnan(unknown.accuracy));
    assert_int_equal(unknown.rank, 0);
}

/* An edge that a genotype lacks is `none`; two operations on one edge, or another space, are in no table. */
static void a_genotype_that_is_no_line_is_looked_up_as_what_it_computes_or_not_at_all(void **state)
{
    (void)state;
    const snas_benchmark benchmark = published();
    const snas_genotype whole = cell("|skip_connect~0|+|none~0|none~1|+|none~0|nor_conv_3x3~1|none~2|");
    snas_genotype lacking = {.space = space()};
    lacking.nodes[0][0] = whole.nodes[0][0];
    lacking.nodes[0][2].count = 1;
    lacking.nodes[0][2].genes[0] = whole.nodes[0][2].genes[1];
    const snas_known known = snas_benchmark_look_up(&benchmark, 0, &whole);
    assert_true(known.rank > 0);
    assert_int_equal(snas_benchmark_look_up(&benchmark, 0, &lacking).rank, known.rank);
    lacking.nodes[0][2].count = 2;
    lacking.nodes[0][2].genes[1] = whole.nodes[0][2].genes[1];
    assert_int_equal(snas_benchmark_look_up(&benchmark, 0, &lacking).rank, 0);
    const snas_genotype other = cell("DARTS_V1");
    assert_int_equal(snas_benchmark_look_up(&benchmark, 0, &other).rank, 0);
}

static void a_wrong_table_is_answered_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sentence;
    } WRONG[] = {
        {"", "it is empty"},
        {"arch\n",
         "its first line has to be 'arch' and the names of at most 16 columns, with commas between them, found "
         "'arch'"},
        {"cell,cifar10_test\n", "found 'cell,cifar10_test'"},
        {"arch,a,\n", "found 'arch,a,'"},
        {"<!DOCTYPE html>\n", "is no table of accuracies: it is a web page"},
        {"arch,a\n", "has no cell"},
        {"arch,a\n" ALL_NONE "\n", "table.csv:2: 0 numbers after the cell, there have to be 1, one a column"},
        {"arch,a\n\n" ALL_NONE ",1,2\n", "table.csv:3: 2 numbers after the cell, there have to be 1"},
        {"arch,a\n" ALL_NONE ",nan\n", "table.csv:2: 'a' is 'nan', it has to be a percentage, 0 to 100"},
        {"arch,a\n" ALL_NONE ",100.01\n", "table.csv:2: 'a' is '100.01'"},
        {"arch,a\n" ALL_NONE ",-1\n", "table.csv:2: 'a' is '-1'"},
        {"arch,a\n" ALL_NONE ",\n", "table.csv:2: 'a' is ''"},
        {"arch,a\n" ALL_NONE ",1e1\n", "table.csv:2: 'a' is '1e1'"},
        {"arch,a\n" ALL_NONE ",1\n" ALL_SKIP ",1\n" ALL_NONE ",1\n", "table.csv:4: the cell of line 2 comes again"},
        {"arch,a\n" ALL_NONE ",1\n|none~0|+|nonne~0|none~1|+|none~0|none~1|none~2|,1\n",
         "table.csv:3:11: unknown operation 'nonne' in space 'nas-bench-201', did you mean 'none'?"},
        {"arch,a\n|none~0|\n", "table.csv:2:9: the cell has 1 node, a cell of space 'nas-bench-201' has 3"},
    };
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        snas_benchmark benchmark;
        assert_fails(snas_benchmark_load(mem, space(), written(WRONG[i].text), &benchmark), SNAS_E_DATA,
                     WRONG[i].sentence);
    }
}

/* A cut or a changed byte anywhere is told: the table is the published one, bit for bit, or none. */
static void a_damaged_archive_is_refused(void **state)
{
    (void)state;
    snas_bytes whole;
    snas_benchmark benchmark;
    char *bytes;
    const char *path = scratch_path("damaged.csv.gz");
    assert_ok(snas_file_read(mem, "data/nas-bench-201.csv.gz", 1 << 20, &whole));
    bytes = snas_arena_take(mem, whole.size, 1);
    assert_non_null(bytes);
    for (int i = 0; i < 8; i++) {
        memcpy(bytes, whole.data, whole.size);
        bytes[whole.size - 1 - (size_t)i * whole.size / 9] ^= 0x10;
        scratch_put(path, bytes, whole.size);
        assert_fails(snas_benchmark_load(mem, space(), path, &benchmark), SNAS_E_DATA,
                     "damaged.csv.gz' is no good gzip file: ");
        const size_t left = 18 + (size_t)i * (whole.size - 19) / 7;
        scratch_put(path, whole.data, left);
        assert_fails(snas_benchmark_load(mem, space(), path, &benchmark), SNAS_E_DATA,
                     "damaged.csv.gz' is no good gzip file: it is cut off");
    }
}

static void a_table_that_is_not_there_is_told(void **state)
{
    (void)state;
    snas_benchmark benchmark;
    assert_fails(snas_benchmark_load(mem, space(), "nowhere.csv", &benchmark), SNAS_E_IO, "nowhere.csv");
    assert_fails(snas_benchmark_load(mem, snas_space_find("darts"), NULL, &benchmark), SNAS_E_USAGE,
                 "there is no table of accuracies for the space 'darts'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_have_the_published_accuracies),
        cmocka_unit_test(quantiles_and_mean_sum_the_table_up),
        cmocka_unit_test(the_best_cells_are_the_published_ones),
        cmocka_unit_test(the_column_follows_the_data_set),
        cmocka_unit_test(a_table_may_be_plain_partial_and_have_columns_of_its_own),
        cmocka_unit_test(a_genotype_that_is_no_line_is_looked_up_as_what_it_computes_or_not_at_all),
        cmocka_unit_test(a_wrong_table_is_answered_with_its_place),
        cmocka_unit_test(a_damaged_archive_is_refused),
        cmocka_unit_test(a_table_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
