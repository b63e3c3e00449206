/* test_results.c -- random cells, agreement of cells, and tables. */
#include <math.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "markdown_table.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/base/rng.h"
#include "snas/base/text.h"
#include "snas/study/results.h"

static snas_study drawn(const char *more)
{
    snas_study study;
    const char *path = scratch_path("study.json");
    const char *text = snas_format(
        mem,
        "{\"config\": {\"data\": {\"dataset\": \"synthetic\", \"synthetic\": {\"side\": 8}}, "
        "\"search\": {\"channels\": 2, \"cells\": 3%s}, \"train\": {\"channels\": 2, "
        "\"cells\": 3}}, \"cells\": [\"SNAS_mild\"], \"random_cells\": {%s}}",
        strstr(more, "|") != NULL ? ", \"space\": \"nas-bench-201\"" : "", more + (strstr(more, "|") != NULL));
    scratch_put(path, text, strlen(text));
    assert_ok(snas_study_read(mem, path, &study));
    assert_ok(snas_study_draw(mem, &study, NULL, NULL));
    return study;
}

static int inputs(const snas_genotype *genotype, int type, int node)
{
    int count = 0;
    const snas_genes *genes = &genotype->nodes[type][node];
    for (int g = 0; g < genes->count; g++) {
        assert_true(g == 0 || genes->genes[g].source > genes->genes[g - 1].source);
        count += !genotype->space->candidates[genes->genes[g].candidate]->is_zero;
    }
    return count;
}

/* What plan.json was made of comes back of it, while the study is worked on and after. */
static void a_study_is_read_back_from_its_folder(void **state)
{
    (void)state;
    snas_study study = drawn("\"count\": 2"), again;
    snas_study_folder folder, reader;
    snas_study_run *runs;
    const char *plan, *plan_again, *path = scratch_path("folder"), *search, *train;
    int count;
    assert_false(snas_study_is_in(path));
    assert_ok(snas_study_open(mem, &study, path, false, &folder));
    assert_true(snas_study_is_in(path) && snas_study_is_worked_on(path));
    assert_ok(snas_study_reopen(mem, path, &again, &reader));
    assert_ok(snas_study_write(mem, &study, &plan));
    assert_ok(snas_study_write(mem, &again, &plan_again));
    assert_string_equal(plan_again, plan);
    assert_string_equal(again.name, "folder");
    assert_ok(snas_study_runs(mem, &again, &runs, &count));
    assert_int_equal(count, 3);
    assert_ok(snas_study_run_folders(mem, &reader, &runs[0], &search, &train));
    assert_null(search);
    assert_string_equal(train + strlen(train) - strlen("/SNAS_mild-seed1"), "/SNAS_mild-seed1");
    snas_study_close(&folder);
    assert_false(snas_study_is_worked_on(path));
}

static void a_folder_without_a_whole_plan_is_no_study(void **state)
{
    (void)state;
    static const char *const plans[] = {"{",
                                        "{}",
                                        "{\"rule\": \"edge\", \"seeds\": [1]}",
                                        "{\"rule\": \"best\", \"seeds\": [1], \"variants\": []}",
                                        "{\"rule\": \"edge\", \"seeds\": [], \"variants\": []}",
                                        "{\"rule\": \"edge\", \"seeds\": [1], \"variants\": [{\"name\": \"a\"}]}"};
    snas_study study;
    snas_study_folder folder;
    assert_ok(snas_folder_make(scratch_path("broken")));
    assert_fails(snas_study_reopen(mem, scratch_path("broken"), &study, &folder), SNAS_E_IO, "plan.json");
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        scratch_put(scratch_path("broken/plan.json"), plans[i], strlen(plans[i]));
        assert_fails(snas_study_reopen(mem, scratch_path("broken"), &study, &folder), SNAS_E_IO, "plan.json");
    }
}

/* --- random cells ------------------------------------------------------------------------------------------------- */

static void random_cells_have_the_inputs_and_the_size_of_the_one_they_resemble(void **state)
{
    (void)state;
    const snas_study study = drawn("\"count\": 3, \"like\": \"SNAS_mild\", \"within\": 0.2"),
                     again = drawn("\"count\": 3, \"like\": \"SNAS_mild\", \"within\": 0.2");
    const snas_variant *like = &study.variants[0];
    assert_int_equal(study.variant_count, 4);
    assert_true(like->parameters > 0 && like->macs > 0);
    for (int i = 1; i < 4; i++) {
        const snas_variant *cell = &study.variants[i];
        assert_true(fabs((double)(cell->parameters - like->parameters)) <= 0.2 * (double)like->parameters);
        assert_true(fabs((double)(cell->macs - like->macs)) <= 0.2 * (double)like->macs);
        for (int type = 0; type < 2; type++) {
            for (int node = 0; node < 4; node++) {
                assert_int_equal(inputs(&cell->genotype, type, node), inputs(&like->genotype, type, node));
            }
        }
        assert_true(snas_genotype_agreement(&cell->genotype, &again.variants[i].genotype) == 1);
        assert_true(snas_genotype_agreement(&cell->genotype, &study.variants[i % 3 + 1].genotype) < 1);
    }
}

static void random_cells_of_nas_bench_201_are_drawn_from_its_whole_space(void **state)
{
    (void)state;
    const snas_study study = drawn("|\"count\": 100, \"seed\": 5");
    int counts[5] = {0};
    for (int i = 1; i <= 100; i++) {
        const snas_genotype *genotype = &study.variants[i].genotype;
        assert_string_equal(genotype->space->name, "nas-bench-201");
        for (int node = 0; node < 3; node++) {
            assert_int_equal(genotype->nodes[0][node].count, node + 1);
            for (int g = 0; g <= node; g++) {
                counts[genotype->nodes[0][node].genes[g].candidate]++;
            }
        }
    }
    for (int k = 0; k < 5; k++) { /* 600 draws of five: 120 +- 10 each */
        assert_true(counts[k] > 80 && counts[k] < 160);
    }
}

static void it_is_said_when_too_few_random_cells_fit(void **state)
{
    (void)state;
    snas_study study;
    const char *path = scratch_path("study.json");
    const char *text = "{\"config\": {\"data\": {\"dataset\": \"synthetic\", \"synthetic\": {\"side\": 8}}, \"train\": "
                       "{\"channels\": 2, \"cells\": 3}},\n \"random_cells\": {\"count\": 2, \"like\": \"SNAS_mild\", "
                       "\"within\": 0}}";
    scratch_put(path, text, strlen(text));
    assert_ok(snas_study_read(mem, path, &study));
    assert_fails(snas_study_draw(mem, &study, NULL, NULL), SNAS_E_USAGE,
                 ":2:18: random_cells: of 5000 random cells 0 are within 0 % of the 1538 parameters and ");
    assert_non_null(strstr(snas_error(), "2 fewer than 'count'; they have "));
    assert_non_null(strstr(snas_error(), "A larger 'within' finds more"));
}

/* --- agreement ---------------------------------------------------------------------------------------------------- */

static snas_genotype random_genotype(const snas_space *space, snas_rule rule, uint64_t step)
{
    double p[SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX];
    snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, step);
    for (size_t i = 0; i < sizeof p / sizeof p[0]; i++) {
        p[i] = snas_rng_uniform(&rng);
    }
    return snas_genotype_derive(space, p, rule);
}

static void agreement_counts_equal_edges(void **state)
{
    (void)state;
    const snas_genotype a = random_genotype(snas_space_find("nas-bench-201"), SNAS_RULE_EDGE, 0);
    snas_genotype b = a;
    assert_true(snas_genotype_agreement(&a, &b) == 1);
    b.nodes[0][2].genes[1].candidate = (b.nodes[0][2].genes[1].candidate + 1) % 5;
    assert_near(snas_genotype_agreement(&a, &b), 5.0 / 6, 1e-15);
    b.nodes[0][1].count = 1; /* an edge that b does not keep */
    assert_near(snas_genotype_agreement(&a, &b), 4.0 / 6, 1e-15);
}

static void agreement_by_chance_is_that_of_random_cells(void **state)
{
    (void)state;
    enum { PAIRS = 4000 };
    for (int s = 0; snas_spaces[s] != NULL; s++) {
        for (int rule = 0; rule < SNAS_RULE_COUNT; rule++) {
            double sum = 0;
            for (uint64_t i = 0; i < PAIRS; i++) {
                const snas_genotype a = random_genotype(snas_spaces[s], (snas_rule)rule, 2 * i);
                const snas_genotype b = random_genotype(snas_spaces[s], (snas_rule)rule, 2 * i + 1);
                sum += snas_genotype_agreement(&a, &b);
            }
            /* a share of at least six edges: its standard error is below 0.2 / sqrt(PAIRS) */
            assert_near(sum / PAIRS, snas_agreement_by_chance(snas_spaces[s], (snas_rule)rule), 0.012);
        }
    }
    assert_near(snas_agreement_by_chance(snas_space_find("darts"), SNAS_RULE_EDGE), 1.0 / 8, 1e-15);
}

static double permuted(const snas_genotype *cells, int count)
{
    const snas_genotype *list[3];
    double p = 0;
    for (int i = 0; i < count; i++) {
        list[i] = &cells[i];
    }
    assert_ok(snas_agreement_permuted(mem, list, count, &p));
    return p;
}

static void shuffled_edges_tell_agreement_of_places_from_that_of_preferences(void **state)
{
    (void)state;
    enum { TRIALS = 60 };
    const snas_space *space = snas_space_find("nas-bench-201");
    snas_genotype cells[3];
    int small = 0;
    /* 0 1 2 3 4 0 on the six edges: 6! / 2 = 360 orders, of which one agrees in all of them */
    cells[0] = random_genotype(space, SNAS_RULE_EDGE, 0);
    for (int node = 0, edge = 0; node < 3; node++) {
        for (int g = 0; g <= node; g++) {
            cells[0].nodes[0][node].genes[g].candidate = edge++ % 5;
        }
    }
    cells[1] = cells[0];
    assert_near(permuted(cells, 2), 1.0 / 360, 4 * sqrt(1.0 / 360 / 9999));
    cells[2] = cells[0];
    assert_near(permuted(cells, 3), 1e-4, 2e-4);
    for (int node = 0; node < 3; node++) { /* one candidate everywhere says nothing about places */
        for (int g = 0; g <= node; g++) {
            cells[0].nodes[0][node].genes[g].candidate = 2;
        }
    }
    cells[1] = cells[0];
    assert_true(permuted(cells, 2) == 1);
    for (int i = 0; i < TRIALS;
         i++) { /* random cells: p below 0.2 in a fifth of the trials at most, 3 deviations more */
        for (int j = 0; j < 3; j++) {
            cells[j] = random_genotype(snas_space_find("darts"), SNAS_RULE_EDGE, (uint64_t)(3 * i + j));
        }
        small += permuted(cells, 3) < 0.2;
    }
    assert_true(small >= 1 && small <= 22);
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

static void a_table_is_aligned(void **state)
{
    (void)state;
    static const char *const titles[] = {"name", "n", "accuracy", NULL};
    study_table table = study_table_make(mem, titles);
    snas_text text = snas_text_make(mem);
    study_table_add(&table, "%s", "a");
    study_table_add(&table, "%d", 3);
    study_table_add(&table, "%s", "1.00 ± 0.10");
    study_table_write(&table, &text);
    assert_string_equal(text.data, "| name |   n |    accuracy |\n"
                                   "|:-----|----:|------------:|\n"
                                   "| a    |   3 | 1.00 ± 0.10 |\n");
}

static void a_wide_table_is_cut_between_its_columns(void **state)
{
    (void)state;
    static const char *const titles[] = {"name", "one", "two", "three", NULL};
    static const char *const wide = "123456789012345678901234567890123";
    study_table table = study_table_make(mem, titles);
    snas_text text = snas_text_make(mem);
    study_table_add(&table, "row");
    for (int i = 0; i < 3; i++) {
        study_table_add(&table, "%s", wide);
    }
    study_table_write(&table, &text);
    int lines = 0;
    for (const char *at = text.data; *at != 0; at += strcspn(at, "\n") + 1, lines++) {
        assert_true(strcspn(at, "\n") <= 80);
        assert_true(*at == '\n' || snas_starts(at, "| name |") || snas_starts(at, "|:-----|") ||
                    snas_starts(at, "| row  |"));
    }
    assert_int_equal(lines, 3 + 1 + 3);
    assert_non_null(strstr(text.data, "three"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_cells_have_the_inputs_and_the_size_of_the_one_they_resemble),
        cmocka_unit_test(random_cells_of_nas_bench_201_are_drawn_from_its_whole_space),
        cmocka_unit_test(a_study_is_read_back_from_its_folder),
        cmocka_unit_test(a_folder_without_a_whole_plan_is_no_study),
        cmocka_unit_test(it_is_said_when_too_few_random_cells_fit),
        cmocka_unit_test(agreement_counts_equal_edges),
        cmocka_unit_test(agreement_by_chance_is_that_of_random_cells),
        cmocka_unit_test(shuffled_edges_tell_agreement_of_places_from_that_of_preferences),
        cmocka_unit_test(a_table_is_aligned),
        cmocka_unit_test(a_wide_table_is_cut_between_its_columns),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
