/* test_flush.c -- denormal numbers are zero in the thread that says so and in those that it starts, in no other. */
#include <float.h>
#include <stdbool.h>

#include "check.h"
#include "snas/base/flush.h"
#include "snas/base/thread.h"

#if defined __SSE__ || defined __aarch64__
static const bool HAS_SWITCH = true;
#else
static const bool HAS_SWITCH = false;
#endif

typedef struct {
    float result, operand; /* what a product gives that is denormal, and what a denormal gives as a factor */
    double wide;
    bool flush;
} numbers;

static void *compute(void *context)
{
    numbers *n = context;
    volatile float least = FLT_MIN, part = 0.5f, denormal = FLT_TRUE_MIN, many = 0x1p100f;
    volatile double wide = DBL_MIN;
    if (n->flush) {
        snas_flush_denormals();
    }
    n->result = least * part;
    n->operand = denormal * many;
    n->wide = wide * 0.5;
    return NULL;
}

static numbers in_a_thread(bool flush)
{
    numbers n = {.flush = flush};
    pthread_t thread;
    assert_true(snas_thread_start(compute, &n, &thread));
    assert_int_equal(pthread_join(thread, NULL), 0);
    return n;
}

static void assert_zero(const numbers *n)
{
    assert_true(!HAS_SWITCH || (n->result <= 0 && n->operand <= 0 && n->wide <= 0));
}

static void denormals_are_zero_where_it_is_said_alone(void **state)
{
    (void)state;
    const numbers flushed = in_a_thread(true), other = in_a_thread(false);
    assert_zero(&flushed);
    assert_true(other.result > 0 && other.operand > 0 && other.wide > 0);
}

static void *start_another(void *context)
{
    snas_flush_denormals();
    *(numbers *)context = in_a_thread(false);
    return NULL;
}

static void threads_take_it_over_from_who_starts_them(void **state)
{
    (void)state;
    numbers n;
    pthread_t thread;
    assert_true(snas_thread_start(start_another, &n, &thread));
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_zero(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(denormals_are_zero_where_it_is_said_alone),
        cmocka_unit_test(threads_take_it_over_from_who_starts_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
