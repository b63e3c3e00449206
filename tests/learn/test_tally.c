/* test_tally.c -- ranks and the confusion matrix of a few pictures, counted by hand. */
#include "arena_fixture.h"
#include "snas/learn/tally.h"

#include "check.h"

enum { CLASSES = 3 };

static void guesses_and_ranks_are_counted(void **state)
{
    (void)state;
    snas_tally *tally;
    assert_ok(snas_tally_create(mem, CLASSES, true, &tally));
    assert_true(snas_tally_top(tally, 1) == 0.0);
    const float logits[][CLASSES] = {{0.1f, 0.7f, 0.2f}, {0.5f, 0.1f, 0.4f}, {0.5f, 0.1f, 0.4f}, {2.0f, 1.0f, 9.0f}};
    const int labels[] = {1, 2, 1, 2}; /* ranks 0, 1, 2, 0 */
    snas_tally_add(tally, logits[0], labels, 3);
    snas_tally_add(tally, logits[3], labels + 3, 1); /* batches add up */
    const int64_t confusion[] = {0, 0, 0, 1, 1, 0, 1, 0, 1};
    for (int i = 0; i < CLASSES * CLASSES; i++) {
        assert_int_equal(tally->confusion[i], confusion[i]);
    }
    const int64_t of_class[] = {0, 2, 2}, correct[] = {0, 1, 1};
    for (int k = 0; k < CLASSES; k++) {
        assert_int_equal(tally->of_class[k], of_class[k]);
        assert_int_equal(tally->correct[k], correct[k]);
    }
    assert_true(snas_tally_top(tally, 1) == 0.5);
    assert_true(snas_tally_top(tally, 2) == 0.75);
    assert_true(snas_tally_top(tally, 3) == 1.0);
    assert_true(snas_tally_top(tally, 100) == 1.0); /* more guesses than classes */
}

static void what_is_not_asked_for_takes_no_memory(void **state)
{
    (void)state;
    enum { MANY = 50000 };
    static float logits[MANY];
    const int label = MANY - 1;
    snas_tally *tally;
    const size_t before = snas_arena_used(mem);
    assert_ok(snas_tally_create(mem, MANY, false, &tally));
    assert_true(snas_arena_used(mem) - before < 32 * MANY); /* and not 8 MANY^2 */
    logits[label] = 1.0f;
    snas_tally_add(tally, logits, &label, 1);
    assert_null(tally->confusion);
    assert_int_equal(tally->of_class[label], 1);
    assert_int_equal(tally->correct[label], 1);
    assert_true(snas_tally_top(tally, 1) == 1.0);
}

static void of_equal_logits_the_lower_index_wins(void **state)
{
    (void)state;
    snas_tally *tally;
    assert_ok(snas_tally_create(mem, CLASSES, true, &tally));
    const float logits[CLASSES] = {1.0f, 1.0f, 1.0f};
    for (int label = 0; label < CLASSES; label++) {
        snas_tally_add(tally, logits, &label, 1);
        assert_int_equal(tally->confusion[label * CLASSES], 1);
        assert_int_equal(tally->ranks[label], 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guesses_and_ranks_are_counted),
        cmocka_unit_test(what_is_not_asked_for_takes_no_memory),
        cmocka_unit_test(of_equal_logits_the_lower_index_wins),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
