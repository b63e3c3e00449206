/* test_exit_code.c -- every status has the exit code that docs/usage.md promises. */
#include <signal.h>

#include "check.h"
#include "exit_code.h"

static void every_status_has_its_code(void **state)
{
    (void)state;
    static const struct {
        snas_status status;
        int code;
    } PROMISED[] = {
        {SNAS_OK, 0},     {SNAS_E_FAILED, 1}, {SNAS_E_MEMORY, 1},  {SNAS_E_USAGE, 2},
        {SNAS_E_DATA, 3}, {SNAS_E_IO, 4},     {SNAS_E_NUMERIC, 5}, {SNAS_E_INTERRUPTED, 130},
    };
    assert_int_equal(sizeof PROMISED / sizeof PROMISED[0], SNAS_STATUS_COUNT);
    for (int i = 0; i < SNAS_STATUS_COUNT; i++) {
        assert_int_equal(PROMISED[i].status, i);
        assert_int_equal(cli_exit_code(PROMISED[i].status, 0), PROMISED[i].code);
    }
}

static void an_interrupted_run_gives_its_signal(void **state)
{
    (void)state;
    assert_int_equal(cli_exit_code(SNAS_E_INTERRUPTED, SIGTERM), 143);
    assert_int_equal(cli_exit_code(SNAS_E_INTERRUPTED, SIGHUP), 129);
    assert_int_equal(cli_exit_code(SNAS_E_IO, SIGTERM), 4); /* what else went wrong is what counts */
    assert_int_equal(cli_exit_code(SNAS_OK, SIGTERM), 0);
}

static void a_code_tells_its_status(void **state)
{
    (void)state;
    for (int i = SNAS_E_FAILED; i < SNAS_STATUS_COUNT; i++) {
        const snas_status status = (snas_status)i;
        const snas_status told = cli_exit_status(cli_exit_code(status, 0));
        assert_int_equal(told, status == SNAS_E_MEMORY ? SNAS_E_FAILED : status); /* both are 1 */
    }
    assert_int_equal(cli_exit_status(99), SNAS_E_FAILED);
}

static void every_code_has_a_meaning(void **state)
{
    (void)state;
    for (int i = 0; i < SNAS_STATUS_COUNT; i++) {
        const int code = cli_exit_code((snas_status)i, 0);
        int m = 0;
        while (cli_exit_meanings[m].meaning != NULL && cli_exit_meanings[m].code != code) {
            m++;
        }
        assert_non_null(cli_exit_meanings[m].meaning);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_code),
        cmocka_unit_test(an_interrupted_run_gives_its_signal),
        cmocka_unit_test(a_code_tells_its_status),
        cmocka_unit_test(every_code_has_a_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
