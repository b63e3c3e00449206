/* test_study_execute.c -- how the processes of a study are started, watched and stopped, with a table of fake ones. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arena_fixture.h"
#include "check.h"
#include "faults.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/base/process.h"
#include "snas/base/text.h"
#include "snas/study/study_runs.h"

enum { STARTS_MAX = 64, FIRST_PID = 1000, LOOKS = 3 };

/* --- fake processes ----------------------------------------------------------------------------------------------- */

static struct {
    char words[STARTS_MAX][1024]; /* what each was told */
    int looks[STARTS_MAX];        /* left until it ends; below 0: it has ended */
    int started, running, most_running, signalled;
    bool endless;
    int how; /* as waitpid gives it */
} fake;
static volatile sig_atomic_t stop;

static pid_t fake_start(const snas_process_request *request)
{
    const int n = fake.started++;
    assert_true(n < STARTS_MAX);
    assert_string_equal(request->program, SNAS_PROCESS_SELF);
    assert_true(request->kept >= 0);
    for (int i = 0; request->arguments[i] != NULL; i++) {
        strcat(strcat(fake.words[n], i == 0 ? "" : " "), request->arguments[i]);
    }
    fake.looks[n] = LOOKS;
    fake.running++;
    fake.most_running = fake.running > fake.most_running ? fake.running : fake.most_running;
    return FIRST_PID + n;
}

static pid_t fake_wait(pid_t pid, int *how)
{
    const int n = pid - FIRST_PID;
    assert_true(n >= 0 && n < fake.started && fake.looks[n] >= 0);
    if (fake.endless && fake.looks[n] > 0) {
        stop = fake.running == 2 ? SIGTERM : stop;
        return 0;
    }
    if (fake.looks[n]-- > 0) {
        return 0;
    }
    fake.running--;
    *how = fake.how;
    return pid;
}

static int fake_signal(pid_t pid, int number)
{
    assert_int_equal(number, SIGTERM);
    fake.looks[pid - FIRST_PID] = 0;
    fake.signalled++;
    return 0;
}

static pid_t no_start(const snas_process_request *request)
{
    (void)request;
    errno = ENOMEM;
    return -1;
}

/* --- a study ------------------------------------------------------------------------------------------------------ */

static const char *const STUDY =
    "{\"config\": {\"data\": {\"dataset\": \"synthetic\", \"synthetic\": {\"side\": 8}}, \"search\": {\"channels\": 2, "
    "\"cells\": 3}, \"train\": {\"channels\": 2, \"cells\": 3}}, \"seeds\": [1, \"18446744073709551615\"], "
    "\"variants\": [{\"name\": \"a\"}, {\"name\": \"b\"}], \"cells\": [\"SNAS_mild\"], \"train\": true}";

static snas_study study;
static snas_study_folder folder;
static int folders;

static struct {
    int ended, failed;
    char fault[256], last[64];
} heard;

static void hear(void *context, const snas_study_event *event)
{
    (void)context;
    heard.ended++;
    heard.failed += event->fault != NULL;
    snprintf(heard.fault, sizeof heard.fault, "%s", event->fault == NULL ? "" : event->fault);
    snprintf(heard.last, sizeof heard.last, "%s", event->run);
}

static int begin(void **state)
{
    static char name[32];
    if (arena_setup(state) != 0) {
        return -1;
    }
    memset(&fake, 0, sizeof fake);
    memset(&heard, 0, sizeof heard);
    stop = 0;
    const char *file = scratch_path("study.json");
    scratch_put(file, STUDY, strlen(STUDY));
    assert_ok(snas_study_read(mem, file, &study));
    assert_ok(snas_study_draw(mem, &study, NULL, NULL));
    snprintf(name, sizeof name, "runs-%d", folders++);
    assert_ok(snas_study_open(mem, &study, snas_format(mem, "%s", scratch_path(name)), false, &folder));
    return 0;
}

static int end(void **state)
{
    snas_study_close(&folder);
    return arena_teardown(state);
}

static snas_status executed(int jobs, int threads, const snas_process_table *table, snas_study_outcome *out)
{
    const snas_process_table real = snas_processes;
    const snas_study_options options = {.jobs = jobs, .threads = threads, .stop = &stop, .ended = hear};
    snas_processes = *table;
    const snas_status status = snas_study_execute(mem, &study, &folder, &options, out);
    snas_processes = real;
    return status;
}

static const snas_process_table FAKE = {.start = fake_start, .wait = fake_wait, .signal = fake_signal};

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void every_run_is_started_once_with_its_share_of_the_threads(void **state)
{
    (void)state;
    snas_study_outcome outcome;
    fake.how = 3 << 8; /* exit code 3 */
    assert_ok(executed(2, 5, &FAKE, &outcome));
    assert_int_equal(fake.started, 6);
    assert_int_equal(fake.most_running, 2);
    const char *path = folder.path;
    assert_string_equal(fake.words[0], snas_format(mem,
                                                   "snas search %s/inputs/a.json --set seed=1 --out %s/a-seed1 "
                                                   "--threads 3 --quiet",
                                                   path, path));
    assert_string_equal(fake.words[1], snas_format(mem,
                                                   "snas search %s/inputs/b.json --set seed=1 --out %s/b-seed1 "
                                                   "--threads 2 --quiet",
                                                   path, path));
    const char *cell = snas_format(mem,
                                   "snas train %s/inputs/SNAS_mild.json --set seed=18446744073709551615 --out "
                                   "%s/SNAS_mild-seed18446744073709551615 --genotype %s/inputs/SNAS_mild.genotype "
                                   "--threads ",
                                   path, path, path);
    assert_true(snas_starts(fake.words[5], cell));
    assert_true(outcome.failed == 6 && outcome.done == 0 && outcome.all == 6);
    assert_string_equal(outcome.failures, "a-seed1, b-seed1, SNAS_mild-seed1, a-seed18446744073709551615, "
                                          "b-seed18446744073709551615, SNAS_mild-seed18446744073709551615");
    assert_true(heard.ended == 6 && heard.failed == 6);
    assert_string_equal(heard.fault, "its process ended with code 3");
    assert_true(snas_file_is(snas_format(mem, "%s/study.md", path)));
}

static void a_run_that_is_there_is_gone_on_with(void **state)
{
    (void)state;
    snas_study_outcome outcome;
    const char *run = snas_format(mem, "%s/a-seed1", folder.path);
    fake.how = SIGKILL;
    assert_ok(snas_folder_make(run));
    const char *env = snas_format(mem, "%s/env.json", run), *status = snas_format(mem, "%s/STATUS", run);
    scratch_put(env, "{}", 2);
    scratch_put(status, "running\n", 8);
    assert_ok(executed(1, 1, &FAKE, &outcome));
    assert_string_equal(fake.words[0], snas_format(mem, "snas search --resume %s --threads 1 --quiet", run));
    assert_int_equal(fake.most_running, 1);
    assert_string_equal(heard.fault, "its process was ended by signal 9 (Killed)");
}

static void a_request_to_stop_reaches_all_processes(void **state)
{
    (void)state;
    snas_study_outcome outcome;
    fake.endless = true;
    fake.how = 143 << 8;
    assert_fails(executed(2, 2, &FAKE, &outcome), SNAS_E_INTERRUPTED, "stopped, 0 of 6 runs are done");
    assert_int_equal(fake.signalled, 2);
    assert_int_equal(fake.started, 2);
    assert_int_equal(fake.running, 0);
    assert_int_equal(outcome.failed, 0);
    assert_int_equal(heard.ended, 0);
}

static void a_process_that_cannot_be_started_ends_the_study(void **state)
{
    (void)state;
    snas_study_outcome outcome;
    const snas_process_table table = {.start = no_start, .wait = fake_wait, .signal = fake_signal};
    assert_fails(executed(2, 2, &table, &outcome), SNAS_E_FAILED, "cannot start 'snas': Cannot allocate memory");
    assert_int_equal(outcome.failed, 0);
}

static void the_sentence_of_a_failed_run_is_the_last_of_its_log(void **state)
{
    (void)state;
    snas_study_outcome outcome;
    fake.how = 1 << 8;
    static const char said[] = "snas: an old fault\nwarning: something\nsnas: no more room\nsee elsewhere\n";
    const char *log = snas_format(mem, "%s/logs/SNAS_mild-seed18446744073709551615.log", folder.path);
    scratch_put(log, said, sizeof said - 1);
    assert_ok(executed(1, 1, &FAKE, &outcome));
    assert_string_equal(heard.fault, "no more room; see elsewhere");
    assert_string_equal(heard.last, "SNAS_mild-seed18446744073709551615");
}

static void a_folder_is_taken_by_one_process_at_a_time(void **state)
{
    (void)state;
    snas_study_folder other;
    assert_fails(snas_study_open(mem, &study, folder.path, false, &other), SNAS_E_USAGE, "already holds a study");
    assert_fails(snas_study_open(mem, &study, folder.path, true, &other), SNAS_E_FAILED,
                 "another process is working on the study");
    snas_study_close(&folder);
    assert_ok(snas_study_open(mem, &study, folder.path, true, &other));
    snas_study_close(&other);
}

static void what_a_start_left_that_ended_early_is_taken_anew(void **state)
{
    (void)state;
    snas_study_folder again;
    snas_study_close(&folder);
    assert_ok(snas_file_remove(snas_format(mem, "%s/plan.json", folder.path)));
    assert_fails(snas_study_open(mem, &study, folder.path, true, &again), SNAS_E_IO, "there is no study in");
    assert_ok(snas_study_open(mem, &study, folder.path, false, &again));
    snas_study_close(&again);
}

static void a_study_without_memory_fails_politely(void **state)
{
    (void)state;
    snas_study found;
    const char *path = scratch_path("study.json");
    const snas_mark mark = snas_arena_mark(mem);
    int failures = 0;
    for (int call = 0;; call++) {
        snas_arena *own;
        faults_in_heap(call, true);
        snas_status status = snas_arena_create("a study", 0, &own);
        if (status == SNAS_OK) {
            status = snas_study_read(own, path, &found);
            snas_arena_destroy(own);
        }
        faults_clear();
        if (status == SNAS_OK) {
            break;
        }
        assert_int_equal(status, SNAS_E_MEMORY);
        failures++;
    }
    assert_true(failures > 3);
    snas_arena_release(mem, mark);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_run_is_started_once_with_its_share_of_the_threads, begin, end),
        cmocka_unit_test_setup_teardown(a_run_that_is_there_is_gone_on_with, begin, end),
        cmocka_unit_test_setup_teardown(a_request_to_stop_reaches_all_processes, begin, end),
        cmocka_unit_test_setup_teardown(a_process_that_cannot_be_started_ends_the_study, begin, end),
        cmocka_unit_test_setup_teardown(the_sentence_of_a_failed_run_is_the_last_of_its_log, begin, end),
        cmocka_unit_test_setup_teardown(a_folder_is_taken_by_one_process_at_a_time, begin, end),
        cmocka_unit_test_setup_teardown(what_a_start_left_that_ended_early_is_taken_anew, begin, end),
        cmocka_unit_test_setup_teardown(a_study_without_memory_fails_politely, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
