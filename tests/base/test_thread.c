/* test_thread.c -- a thread that is started for work leaves signals to the one that started it. */
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "snas/base/thread.h"

static volatile sig_atomic_t handled;

static void on_signal(int number)
{
    (void)number;
    handled++;
}

static void *work_until(void *ended)
{
    while (atomic_load((atomic_bool *)ended) == false) {
    }
    return NULL;
}

static void a_signal_waits_for_the_thread_that_takes_it(void **state)
{
    (void)state;
    atomic_bool ended = false;
    pthread_t thread;
    sigset_t usr1, pending;
    (void)signal(SIGUSR1, on_signal);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    assert_true(snas_thread_start(work_until, &ended, &thread));
    pthread_sigmask(SIG_BLOCK, &usr1, NULL); /* now no thread would take it but the new one */
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    assert_int_equal(sigpending(&pending), 0);
    assert_true(sigismember(&pending, SIGUSR1));
    assert_int_equal(handled, 0);
    pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
    assert_int_equal(handled, 1);
    atomic_store(&ended, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void *mask_of(void *out)
{
    pthread_sigmask(SIG_SETMASK, NULL, out);
    return NULL;
}

static void the_thread_s_own_faults_reach_it(void **state)
{
    (void)state;
    sigset_t mask, mine;
    pthread_t thread;
    assert_true(snas_thread_start(mask_of, &mask, &thread));
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(sigismember(&mask, SIGTERM) && sigismember(&mask, SIGINT) && sigismember(&mask, SIGHUP));
    assert_false(sigismember(&mask, SIGSEGV) || sigismember(&mask, SIGBUS) || sigismember(&mask, SIGFPE));
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    assert_false(sigismember(&mine, SIGTERM)); /* the starting thread is as it was */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_waits_for_the_thread_that_takes_it),
        cmocka_unit_test(the_thread_s_own_faults_reach_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
