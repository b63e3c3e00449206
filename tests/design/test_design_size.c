/* test_design_size.c -- C and L by the budgets: what is chosen, what is given, what nothing meets. */
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/design/design.h"

enum { SETS = 6 };

static snas_status choose(const char *const sets[SETS], snas_design_size *out)
{
    snas_design design;
    snas_design_request request = {.from = "synthetic", .sets = sets};
    while (request.set_count < SETS && sets[request.set_count] != NULL) {
        request.set_count++;
    }
    SNAS_TRY(snas_design_plan(mem, &request, "none", &design));
    return snas_design_choose(mem, &design, out);
}

static double quarter(const snas_design_bound *b)
{
    return b->least + 0.25 * (b->largest - b->least);
}

static void a_quarter_of_the_range_is_within_and_the_budget_can_be_used(void **state)
{
    (void)state;
    static const struct {
        const char *budget;
        int channels, cells;
    } cases[] = {{"search.budget.parameters=12000", 4, 5},   {"search.budget.parameters=300000", 16, 8},
                 {"search.budget.parameters=3.3e6", 36, 20}, {"search.budget.macs=5e7", 16, 8},
                 {"search.budget.macs=3e6", 4, 5},           {"search.budget.macs=6e8", 40, 20}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const sets[SETS] = {cases[i].budget};
        snas_design_size size;
        assert_ok(choose(sets, &size));
        assert_int_equal(size.channels, cases[i].channels);
        assert_int_equal(size.cells, cases[i].cells);
        assert_int_equal(size.bound_count, 1);
        const snas_design_bound *b = &size.bounds[0];
        assert_true(i == 0 || i == 4 || quarter(b) <= (double)b->term.most);
        assert_true(b->largest >= 0.85 * (double)b->term.most);
        assert_true(b->least < 0.85 * (double)b->term.most);
    }
}

static void every_budget_counts_and_the_tighter_one_decides(void **state)
{
    (void)state;
    snas_design_size both, one;
    const char *const two[SETS] = {"search.budget.parameters=300000", "search.budget.macs=1e7"};
    const char *const macs[SETS] = {"search.budget.macs=1e7"};
    assert_ok(choose(two, &both));
    assert_ok(choose(macs, &one));
    assert_int_equal(both.bound_count, 2);
    assert_int_equal(both.channels, one.channels);
    assert_int_equal(both.cells, one.cells);
}

static void what_is_given_is_not_chosen(void **state)
{
    (void)state;
    snas_design_size size;
    const char *const cells[SETS] = {"search.budget.parameters=300000", "train.cells=14"};
    assert_ok(choose(cells, &size));
    assert_int_equal(size.cells, 14);
    assert_true(quarter(&size.bounds[0]) <= 300000 && size.channels < 16);
    const char *const both[SETS] = {"search.budget.parameters=300000", "train.cells=5", "train.channels=6"};
    assert_ok(choose(both, &size));
    assert_int_equal(size.channels, 6);
    assert_int_equal(size.cells, 5);
    assert_non_null(strstr(size.reason, "C = 6 and L = 5, as given:"));
}

static void without_a_budget_the_size_is_the_configs(void **state)
{
    (void)state;
    snas_design_size size;
    const char *const none[SETS] = {NULL};
    assert_ok(choose(none, &size));
    assert_int_equal(size.channels, 16); /* configs/cifar10-hour.json */
    assert_int_equal(size.cells, 8);
    assert_string_equal(size.reason, "C = 16 and L = 8, of the config, without a budget");
}

static void what_nothing_or_everything_meets_is_said(void **state)
{
    (void)state;
    snas_design_size size;
    const char *const least[SETS] = {"search.budget.parameters=1000"};
    assert_fails(choose(least, &size), SNAS_E_USAGE,
                 "no network is within the budget, even of the smallest size, C = 4 and L = 5: parameters of 4470 to "
                 "62150 where 1000 is the budget");
    const char *const given[SETS] = {"search.budget.parameters=1000", "train.cells=8", "train.channels=16"};
    assert_fails(choose(given, &size), SNAS_E_USAGE, "no network is within the budget, with C = 16 and L = 8: ");
    const char *const all[SETS] = {"search.budget.macs=1e12"};
    assert_ok(choose(all, &size));
    assert_non_null(strstr(size.reason, "the largest size there is, with all its networks within the budget:"));
    const char *const small[SETS] = {"search.budget.parameters=5000"};
    assert_ok(choose(small, &size));
    assert_non_null(strstr(size.reason, "C = 4 and L = 5, the smallest size there is:"));
}

static void another_space_has_sizes_too(void **state)
{
    (void)state;
    snas_design_size size;
    const char *const sets[SETS] = {"search.space=nas-bench-201", "search.budget.parameters=300000"};
    assert_ok(choose(sets, &size));
    assert_true(quarter(&size.bounds[0]) <= 300000 && size.bounds[0].largest >= 0.85 * 300000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quarter_of_the_range_is_within_and_the_budget_can_be_used),
        cmocka_unit_test(every_budget_counts_and_the_tighter_one_decides),
        cmocka_unit_test(what_is_given_is_not_chosen),
        cmocka_unit_test(without_a_budget_the_size_is_the_configs),
        cmocka_unit_test(what_nothing_or_everything_meets_is_said),
        cmocka_unit_test(another_space_has_sizes_too),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
