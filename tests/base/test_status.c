/* test_status.c -- the recorded sentence: one a thread, forwarded once, never torn. */
#include <pthread.h>
#include <string.h>

#include "check.h"
#include "snas/base/clock.h"
#include "snas/base/log.h"

static void a_failure_records_its_sentence(void **state)
{
    (void)state;
    snas_error_clear();
    assert_string_equal(snas_error(), "");
    assert_int_equal(snas_fail(SNAS_E_DATA, "label %d in '%s'", 17, "a.bin"), SNAS_E_DATA);
    assert_string_equal(snas_error(), "label 17 in 'a.bin'");
}

static void a_sentence_may_quote_the_one_before(void **state)
{
    (void)state;
    snas_record("inner");
    snas_record("outer: %s", snas_error());
    assert_string_equal(snas_error(), "outer: inner");
}

static void a_long_sentence_is_cut_at_8191_bytes(void **state)
{
    (void)state;
    snas_record("%10000d", 7);
    assert_int_equal(strlen(snas_error()), 8191);
}

static int steps;
static snas_status third_step_fails(int step)
{
    steps++;
    return step == 2 ? snas_fail(SNAS_E_NUMERIC, "NaN") : SNAS_OK;
}
static snas_status run_steps(void)
{
    for (int i = 0; i < 5; i++) {
        SNAS_TRY(third_step_fails(i));
    }
    return SNAS_OK;
}
static void try_returns_at_the_first_failure(void **state)
{
    (void)state;
    assert_fails(run_steps(), SNAS_E_NUMERIC, "NaN");
    assert_int_equal(steps, 3);
}

static void *other_thread(void *unused)
{
    snas_record("of the other thread");
    return unused;
}
static void a_thread_keeps_its_own_sentence(void **state)
{
    (void)state;
    pthread_t thread;
    snas_record("of this thread");
    assert_int_equal(pthread_create(&thread, NULL, other_thread, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_string_equal(snas_error(), "of this thread");
}

static void keep(void *context, snas_log_level level, const char *message)
{
    assert_int_equal(level, SNAS_LOG_WARNING);
    assert_true(strlen(message) < 2048);
    strncpy(context, message, 31);
}
static void a_message_reaches_the_sink_and_no_other_place(void **state)
{
    (void)state;
    char kept[32] = "";
    snas_log(SNAS_LOG_WARNING, "dropped");
    snas_log_to(keep, kept);
    snas_log(SNAS_LOG_WARNING, "epoch %d", 3);
    assert_string_equal(kept, "epoch 3");
    snas_log(SNAS_LOG_WARNING, "%5000d", 1);
    snas_log_to(NULL, NULL);
    snas_log(SNAS_LOG_WARNING, "dropped");
    assert_string_not_equal(kept, "dropped");
}

static void the_clock_never_goes_back_and_writes_dates(void **state)
{
    (void)state;
    char text[21];
    const double before = snas_clock_seconds();
    snas_clock_text(text, sizeof text);
    assert_true(snas_clock_seconds() >= before);
    assert_int_equal(strlen(text), 20);
    assert_true(text[4] == '-' && text[10] == 'T' && text[19] == 'Z' && strncmp(text, "20", 2) == 0);
}

static void a_fault_put_aside_is_recorded_again(void **state)
{
    (void)state;
    snas_fault first = {.status = SNAS_OK}, none = {.status = SNAS_OK};
    snas_fault_keep(&first, snas_fail(SNAS_E_IO, "cannot read '%s'", "a"));
    (void)snas_fail(SNAS_E_DATA, "another");
    assert_int_equal(snas_fault_again(&none), SNAS_OK);
    assert_string_equal(snas_error(), "another");
    assert_int_equal(snas_fault_again(&first), SNAS_E_IO);
    assert_string_equal(snas_error(), "cannot read 'a'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_records_its_sentence),
        cmocka_unit_test(a_sentence_may_quote_the_one_before),
        cmocka_unit_test(a_long_sentence_is_cut_at_8191_bytes),
        cmocka_unit_test(try_returns_at_the_first_failure),
        cmocka_unit_test(a_fault_put_aside_is_recorded_again),
        cmocka_unit_test(a_thread_keeps_its_own_sentence),
        cmocka_unit_test(a_message_reaches_the_sink_and_no_other_place),
        cmocka_unit_test(the_clock_never_goes_back_and_writes_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
