/* test_process.c -- processes started, looked at, stopped, and what is said when the system refuses. */
#include "snas/base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "arena_fixture.h"
#include "check.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/base/text.h"

static snas_process_state ended(pid_t pid)
{
    snas_process_state state;
    for (int i = 0; i < 10000; i++) {
        assert_ok(snas_process_look(pid, &state));
        if (state.ended) {
            return state;
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    fail_msg("the process %ld does not end", (long)pid);
    return state;
}

static const char *text_of(const char *path)
{
    snas_bytes bytes;
    assert_ok(snas_file_read(mem, path, 1 << 16, &bytes));
    return bytes.data;
}

static void output_and_log_go_to_their_files(void **state)
{
    (void)state;
    const char *output = scratch_path("output"), *log = scratch_path("log");
    assert_ok(snas_file_replace_text(output, "an old and longer text\n"));
    assert_ok(snas_file_replace_text(log, "before\n"));
    const char *const arguments[] = {"ls", "/proc/self/cmdline", "/no/such/file", NULL};
    const snas_process_request request = {
        .program = "/bin/ls", .arguments = arguments, .output = output, .log = log, .kept = -1};
    pid_t pid;
    assert_ok(snas_process_start(&request, &pid));
    const snas_process_state how = ended(pid);
    assert_true(how.code != 0 && how.signal == 0);
    assert_string_equal(text_of(output), "/proc/self/cmdline\n");
    assert_true(snas_starts(text_of(log), "before\n"));
    assert_non_null(strstr(text_of(log), "/no/such/file"));
}

static void one_that_says_something_says_it_where_its_parent_does(void **state)
{
    (void)state;
    const char *heard = scratch_path("heard");
    const char *const arguments[] = {"ls", "/proc/self/cmdline", "/no/such/file", NULL};
    const snas_process_request request = {.program = "/bin/ls", .arguments = arguments, .says = true, .kept = -1};
    const int ours = dup(STDERR_FILENO), fd = open(heard, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    pid_t pid;
    assert_true(ours >= 0 && fd >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    const snas_status status = snas_process_start(&request, &pid);
    assert_true(dup2(ours, STDERR_FILENO) >= 0);
    close(fd);
    close(ours);
    assert_ok(status);
    assert_true(ended(pid).code != 0);
    assert_non_null(strstr(text_of(heard), "/proc/self/cmdline\n"));
    assert_non_null(strstr(text_of(heard), "/no/such/file"));
}

static void a_process_that_is_asked_to_stop_ends_by_the_signal(void **state)
{
    (void)state;
    const char *const arguments[] = {"sleep", "100", NULL};
    const snas_process_request request = {.program = "/bin/sleep", .arguments = arguments, .kept = -1};
    pid_t pid;
    snas_process_state how;
    assert_ok(snas_process_start(&request, &pid));
    assert_ok(snas_process_look(pid, &how));
    assert_false(how.ended);
    assert_true(getpgid(pid) == pid); /* Ctrl-C of the terminal does not reach it */
    snas_process_stop(pid);
    assert_int_equal(ended(pid).signal, SIGTERM);
    assert_fails(snas_process_look(pid, &how), SNAS_E_FAILED, "cannot wait for process");
}

static void a_descriptor_is_kept_open_and_no_other(void **state)
{
    (void)state;
    const char *output = scratch_path("kept");
    const int kept = open("/dev/zero", O_RDONLY | O_CLOEXEC), other = open("/dev/full", O_RDONLY | O_CLOEXEC);
    const char *const arguments[] = {"ls", "-l", "/proc/self/fd/", NULL};
    const snas_process_request request = {.program = "/bin/ls", .arguments = arguments, .output = output, .kept = kept};
    pid_t pid;
    assert_ok(snas_process_start(&request, &pid));
    (void)ended(pid);
    assert_non_null(strstr(text_of(output), "/dev/zero"));
    assert_null(strstr(text_of(output), "/dev/full"));
    (void)close(kept);
    (void)close(other);
}

static void what_cannot_be_started_says_why(void **state)
{
    (void)state;
    const char *const arguments[] = {"nothing", NULL};
    const snas_process_request missing = {.program = "/no/such/program", .arguments = arguments, .kept = -1};
    const snas_process_request shut = {
        .program = "/bin/ls", .arguments = arguments, .output = "/no/such/folder/file", .kept = -1};
    pid_t pid;
    assert_fails(snas_process_start(&missing, &pid), SNAS_E_FAILED, "cannot start 'nothing': No such file");
    assert_fails(snas_process_start(&shut, &pid), SNAS_E_FAILED, "cannot start 'nothing': No such file");
}

static pid_t no_start(const snas_process_request *request)
{
    (void)request;
    errno = EAGAIN;
    return -1;
}

static void the_table_can_refuse(void **state)
{
    (void)state;
    const snas_process_table real = snas_processes;
    const char *const arguments[] = {"ls", NULL};
    const snas_process_request request = {.program = "/bin/ls", .arguments = arguments, .kept = -1};
    pid_t pid;
    snas_processes.start = no_start;
    const snas_status status = snas_process_start(&request, &pid);
    snas_processes = real;
    assert_int_equal(status, SNAS_E_FAILED);
    assert_non_null(strstr(snas_error(), "cannot start 'ls': Resource temporarily unavailable"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_and_log_go_to_their_files),
        cmocka_unit_test(one_that_says_something_says_it_where_its_parent_does),
        cmocka_unit_test(a_process_that_is_asked_to_stop_ends_by_the_signal),
        cmocka_unit_test(a_descriptor_is_kept_open_and_no_other),
        cmocka_unit_test(what_cannot_be_started_says_why),
        cmocka_unit_test(the_table_can_refuse),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
