/* test_tally.c -- ranks and the confusion matrix of a few pictures, counted by hand. */
#include <string.h>

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

static const char *text_of(const snas_tally *tally)
{
    snas_text text = snas_text_make(mem);
    snas_tally_write(&text, tally);
    assert_ok(snas_text_done(&text));
    return text.data;
}

static void a_tally_is_written_and_read_back(void **state)
{
    (void)state;
    snas_tally *tally, *again;
    const float logits[][CLASSES] = {{0.1f, 0.7f, 0.2f}, {0.5f, 0.1f, 0.4f}, {0.5f, 0.1f, 0.4f}};
    const int labels[] = {1, 2, 1};
    assert_ok(snas_tally_create(mem, CLASSES, true, &tally));
    snas_tally_add(tally, logits[0], labels, 3);
    const char *text = text_of(tally);
    assert_string_equal(text, "{\"images\": [0, 2, 1], \"correct\": [0, 1, 0], "
                              "\"confusion\": [[0, 0, 0], [1, 1, 0], [1, 0, 0]]}");
    assert_ok(snas_tally_read(mem, "weights", text, &again));
    assert_string_equal(text_of(again), text);
    assert_true(again->images == 3 && snas_tally_top(again, 1) == snas_tally_top(tally, 1));
    snas_tally_clear(tally);
    assert_true(tally->images == 0 && snas_tally_top(tally, 3) == 0);
    assert_string_equal(text_of(tally), "{\"images\": [0, 0, 0], \"correct\": [0, 0, 0], "
                                        "\"confusion\": [[0, 0, 0], [0, 0, 0], [0, 0, 0]]}");
}

static void of_many_classes_the_matrix_is_left_out(void **state)
{
    (void)state;
    enum { MANY = SNAS_TALLY_CONFUSION_MAX + 1 };
    snas_tally *tally, *again;
    assert_ok(snas_tally_create(mem, MANY, true, &tally));
    const char *text = text_of(tally);
    assert_non_null(strstr(text, "\"confusion\": null}"));
    assert_ok(snas_tally_read(mem, "weights", text, &again));
    assert_int_equal(again->classes, MANY);
    assert_null(again->confusion);
}

static void a_text_that_is_no_tally_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"{}",
                                        "[1]",
                                        "{\"images\": []}",
                                        "{\"images\": [1, 2]}",
                                        "{\"images\": [1, 2], \"correct\": [1]}",
                                        "{\"images\": [1, 2], \"correct\": [1, 0.5]}",
                                        "{\"images\": [1, -2], \"correct\": [1, 0]}",
                                        "{\"images\": [1, 2], \"correct\": [1, 0], \"confusion\": [[1, 0]]}",
                                        "{\"images\": [1, 2], \"correct\": [1, 0], \"confusion\": [[1, 0], 7]}"};
    snas_tally *tally;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_fails(snas_tally_read(mem, "weights", texts[i], &tally), SNAS_E_DATA, "'weights'");
        assert_null(tally);
    }
    assert_ok(snas_tally_read(mem, "weights", NULL, &tally)); /* there is none */
    assert_null(tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guesses_and_ranks_are_counted),
        cmocka_unit_test(what_is_not_asked_for_takes_no_memory),
        cmocka_unit_test(of_equal_logits_the_lower_index_wins),
        cmocka_unit_test(a_tally_is_written_and_read_back),
        cmocka_unit_test(of_many_classes_the_matrix_is_left_out),
        cmocka_unit_test(a_text_that_is_no_tally_is_refused),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
