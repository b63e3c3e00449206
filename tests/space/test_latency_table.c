/* test_latency_table.c -- a table of measured times: its file, its sums, and what it says of another child. */
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/space/latency_table.h"

enum { C = 16, L = 8 };

static snas_latency_child child_of(const char *space)
{
    return (snas_latency_child){
        .space = snas_space_find(space), .channels = C, .cells = L, .classes = 10, .side = 32, .stem = "cifar"};
}

/* Every time is its own, so that a wrong place is a wrong sum. */
static snas_latency table_of(const char *space)
{
    const snas_latency_child child = child_of(space);
    snas_latency t;
    assert_ok(snas_latency_create(mem, &child, &t));
    t.processor = "a processor";
    t.kernels = "avx2";
    t.batch = t.threads = 1;
    t.rounds = 3;
    t.stem = 7;
    t.classifier = 11;
    const int E = snas_space_edge_count(child.space), K = child.space->candidate_count;
    for (int cell = 0; cell < L; cell++) {
        t.cell_fixed[cell] = 100 * (cell + 1);
        for (int i = 0; i < E * K; i++) {
            t.cost[cell * E * K + i] = 1000 * (cell * E * K + i);
        }
    }
    return t;
}

static void a_file_reads_back_as_it_was(void **state)
{
    (void)state;
    const char *spaces[] = {"darts", "nas-bench-201"}, *path = "/tmp/snas-test-latency.json", *text, *again;
    for (int i = 0; i < 2; i++) {
        const snas_latency table = table_of(spaces[i]);
        snas_latency read;
        assert_ok(snas_latency_write(mem, &table, &text));
        assert_ok(snas_file_replace_text(path, text));
        assert_ok(snas_latency_load(mem, path, &read));
        assert_ok(snas_latency_write(mem, &read, &again));
        assert_string_equal(again, text);
        assert_int_equal(read.cost[13], 13000);
    }
}

static void a_prediction_is_the_sum_over_the_cells_of_a_type(void **state)
{
    (void)state;
    const snas_latency t = table_of("darts");
    const snas_space *space = t.child.space;
    const int E = snas_space_edge_count(space), K = space->candidate_count;
    snas_genotype g = {.space = space};
    assert_int_equal(snas_latency_predict(&t, &g), 7 + 11 + 3600);
    g.nodes[1][1] = (snas_genes){.count = 1, .genes = {{.candidate = 3, .source = 2}}}; /* edge 4 of cells 2 and 5 */
    assert_int_equal(snas_latency_predict(&t, &g), 3618 + 1000 * (7 * E * K + 2 * (4 * K + 3)));
}

static void sums_by_type_are_the_predictions(void **state)
{
    (void)state;
    const char *spaces[] = {"darts", "nas-bench-201"};
    for (int i = 0; i < 2; i++) {
        const snas_latency t = table_of(spaces[i]);
        const snas_space *space = t.child.space;
        const int E = snas_space_edge_count(space), K = space->candidate_count;
        int64_t *cost;
        assert_ok(snas_latency_by_type(mem, &t, &cost));
        for (int type = 0; type < space->cell_types; type++) {
            snas_genotype g = {.space = space};
            g.nodes[type][0] = (snas_genes){.count = 1, .genes = {{.candidate = 2, .source = 0}}};
            assert_int_equal(snas_latency_fixed(&t) + cost[type * E * K + 2], snas_latency_predict(&t, &g));
        }
    }
}

static void a_table_of_another_child_says_what_differs(void **state)
{
    (void)state;
    const snas_latency t = table_of("darts");
    snas_latency_child wanted = t.child;
    assert_ok(snas_latency_check(&t, "t.json", &wanted));
    wanted.cells = 20;
    assert_int_equal(snas_latency_check(&t, "t.json", &wanted), SNAS_E_USAGE);
    assert_string_equal(snas_error(), "the latency table 't.json' is of a child with cells 8, the config's has 20");
    wanted = child_of("nas-bench-201");
    assert_int_equal(snas_latency_check(&t, "t.json", &wanted), SNAS_E_USAGE);
    assert_non_null(strstr(snas_error(), "nas-bench-201"));
    snas_error_clear();
}

/* Replace the first `from` of a table's text, and read it. */
static void assert_refused(const char *from, const char *to, const char *sentence)
{
    const snas_latency t = table_of("darts");
    snas_latency read;
    const char *text, *path = "/tmp/snas-test-latency-fault.json";
    assert_ok(snas_latency_write(mem, &t, &text));
    const char *at = strstr(text, from);
    assert_non_null(at);
    const char *copy = snas_format(mem, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    assert_ok(snas_file_replace_text(path, copy));
    assert_int_equal(snas_latency_load(mem, path, &read), SNAS_E_DATA);
    assert_non_null(strstr(snas_error(), sentence));
    snas_error_clear();
}

static void a_broken_file_is_refused(void **state)
{
    (void)state;
    assert_refused("\"darts\"", "\"tarts\"", "'space' of a latency table has to be a search space");
    assert_refused("\"max_pool_3x3\"", "\"max_pool\"", "'candidates' of a latency table");
    assert_refused("\"source\": 1", "\"source\": 0", "'source' of a latency table");
    assert_refused("\"ns\": [0, 1000", "\"ns\": [-1, 1000", "'ns' of a latency table");
    assert_refused("\"ns\": [0, 1000", "\"ns\": [1000", "'ns' of a latency table");
    assert_refused("\"cells\": 8", "\"cells\": 9", "of a latency table");
    assert_refused("\"version\": 1", "\"version\": 2", "'version' of a latency table");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_reads_back_as_it_was),
        cmocka_unit_test(a_prediction_is_the_sum_over_the_cells_of_a_type),
        cmocka_unit_test(sums_by_type_are_the_predictions),
        cmocka_unit_test(a_table_of_another_child_says_what_differs),
        cmocka_unit_test(a_broken_file_is_refused),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
