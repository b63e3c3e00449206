/* test_lock.c -- who looks at a lock does not take it from who works. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "scratch.h"
#include "snas/base/lock.h"

static int open_lock(void)
{
    const int fd = open(scratch_path("lock"), O_RDWR | O_CREAT, 0666);
    assert_true(fd >= 0);
    return fd;
}

static void a_lock_is_held_until_its_file_is_closed(void **state)
{
    (void)state;
    const int fd = open_lock();
    assert_false(snas_lock_is_held(scratch_path("lock")));
    assert_int_equal(snas_lock_take(fd), 0);
    assert_true(snas_lock_is_held(scratch_path("lock")));
    assert_true(snas_lock_is_held(scratch_path("lock"))); /* looking has not changed it */
    close(fd);
    assert_false(snas_lock_is_held(scratch_path("lock")));
    assert_true(snas_lock_is_held(scratch_path("no such file"))); /* cannot be told */
}

static void who_works_already_keeps_the_lock(void **state)
{
    (void)state;
    const int one = open_lock(), two = open_lock();
    assert_int_equal(snas_lock_take(one), 0);
    assert_int_equal(snas_lock_take(two), -1);
    assert_int_equal(errno, EWOULDBLOCK);
    close(one);
    assert_int_equal(snas_lock_take(two), 0);
    close(two);
}

static void a_lock_is_opened_once_and_never_through_a_link(void **state)
{
    (void)state;
    int one, two;
    assert_ok(snas_lock_open(scratch_path("opened"), &one));
    assert_true(one >= 0);
    assert_ok(snas_lock_open(scratch_path("opened"), &two));
    assert_int_equal(two, -1);
    close(one);
    assert_ok(snas_lock_open(scratch_path("opened"), &two));
    assert_true(two >= 0);
    close(two);
    assert_int_equal(symlink("opened", scratch_path("link")), 0);
    assert_fails(snas_lock_open(scratch_path("link"), &one), SNAS_E_IO, "cannot open '");
}

/* Somebody looks, for a hundredth of a second. */
static void *look(void *opaque)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    nanosleep(&pause, NULL);
    close(*(int *)opaque);
    return NULL;
}

static void who_only_looks_is_waited_for(void **state)
{
    (void)state;
    const int fd = open_lock();
    int looking = open_lock();
    pthread_t thread;
    assert_int_equal(flock(looking, LOCK_SH | LOCK_NB), 0);
    assert_int_equal(pthread_create(&thread, NULL, look, &looking), 0);
    assert_int_equal(snas_lock_take(fd), 0);
    pthread_join(thread, NULL);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lock_is_held_until_its_file_is_closed),
        cmocka_unit_test(who_works_already_keeps_the_lock),
        cmocka_unit_test(a_lock_is_opened_once_and_never_through_a_link),
        cmocka_unit_test(who_only_looks_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
