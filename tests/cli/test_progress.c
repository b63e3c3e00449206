/* test_progress.c -- lines of progress where there is no terminal: few at first, fewer later. */
#include <math.h>

#include "arena_fixture.h"
#include "check.h"
#include "progress.h"
#include "snas/base/clock.h"

/* Whether a line is written so many seconds after the last one. */
static bool writes_after(cli_session *session, double seconds)
{
    const double last = snas_clock_seconds() - seconds;
    session->last_line = last;
    cli_progress_count(session, "test", 1, 4, 1.0);
    return session->last_line != last;
}

static void plain_lines_become_rarer_up_to_ten_minutes(void **state)
{
    (void)state;
    static const double GAPS[] = {30, 60, 120, 240, 480, 600, 600};
    cli_session session = {.mem = mem};
    for (size_t i = 0; i < sizeof GAPS / sizeof GAPS[0]; i++) {
        assert_false(writes_after(&session, GAPS[i] - 5));
        assert_true(writes_after(&session, GAPS[i] + 1));
    }
    session.quiet = true;
    assert_false(writes_after(&session, 10000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_lines_become_rarer_up_to_ten_minutes),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
