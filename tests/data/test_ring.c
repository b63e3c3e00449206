/* test_ring.c -- the ring hands out batches in order, prepares ahead and never what it has, and ends cleanly. */
#include "ring.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "check.h"

enum { SLOTS = 4, UNITS = 7, ROUNDS = 300 };

/* A unit writes 1000 * batch + unit into its place. */
static struct {
    snas_arena *mem;
    data_ring *ring;
    int64_t number[SLOTS];
    int64_t value[SLOTS][UNITS];
    int opened;
    atomic_int worked, at_work, most_at_work;
    int64_t bad_number; /* this batch's units fail from bad_unit on; -1 none */
    int bad_unit;
    long nap_ns; /* a unit's length */
} here;

static int units_of(int64_t number)
{
    return 1 + (int)(number % UNITS);
}

static int open_slot(void *context, int slot, int64_t number)
{
    assert_ptr_equal(context, &here);
    here.number[slot] = number;
    here.opened++;
    return units_of(number);
}

static snas_status work(void *context, int thread, int slot, int unit)
{
    assert_ptr_equal(context, &here);
    assert_true(thread >= 0);
    const int at_work = atomic_fetch_add(&here.at_work, 1) + 1;
    int most = atomic_load(&here.most_at_work);
    while (at_work > most && !atomic_compare_exchange_weak(&here.most_at_work, &most, at_work)) {
    }
    if (here.nap_ns > 0) {
        const struct timespec nap = {.tv_nsec = here.nap_ns};
        nanosleep(&nap, NULL);
    }
    here.value[slot][unit] = 1000 * here.number[slot] + unit;
    atomic_fetch_add(&here.worked, 1);
    atomic_fetch_sub(&here.at_work, 1);
    return here.number[slot] == here.bad_number && unit >= here.bad_unit
               ? snas_fail(SNAS_E_DATA, "unit %d is bad", unit)
               : SNAS_OK;
}

static void start(int workers, int slots)
{
    memset(&here, 0, sizeof here);
    here.bad_number = -1;
    assert_ok(snas_arena_create("test", 0, &here.mem));
    const data_ring_plan plan = {
        .workers = workers, .slots = slots, .team = {.threads = 2}, .open = open_slot, .work = work, .context = &here};
    assert_ok(data_ring_create(here.mem, &plan, &here.ring));
}

static void end(void)
{
    snas_arena_destroy(here.mem);
    assert_int_equal(atomic_load(&here.at_work), 0);
}

static void take(int64_t number)
{
    int slot;
    assert_ok(data_ring_take(here.ring, number, &slot));
    assert_int_equal(here.number[slot], number);
    for (int unit = 0; unit < units_of(number); unit++) {
        assert_int_equal(here.value[slot][unit], 1000 * number + unit);
    }
}

static void batches_come_in_order_and_whole(void **state)
{
    (void)state;
    static const struct {
        int workers, slots;
    } rows[] = {{0, 1}, {1, 2}, {2, 4}, {4, 3}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start(rows[i].workers, rows[i].slots);
        for (int64_t number = 0; number < ROUNDS; number++) {
            take(number);
        }
        assert_int_equal(here.opened, ROUNDS + rows[i].slots - 1);
        end();
    }
}

static void the_batch_at_hand_and_the_next_are_not_made_again(void **state)
{
    (void)state;
    start(0, 1);
    take(5);
    take(5);
    assert_int_equal(atomic_load(&here.worked), units_of(5));
    take(6);
    take(6);
    assert_int_equal(atomic_load(&here.worked), units_of(5) + units_of(6));
    end();
}

static void a_jump_in_the_middle_of_work_begins_anew(void **state)
{
    (void)state;
    start(3, SLOTS);
    here.nap_ns = 20000;
    static const int64_t numbers[] = {0, 1, 40, 41, 3, 2, 2, 3, 5, 4, 1000, 0, 1};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        take(numbers[i]);
    }
    end();
}

static void workers_go_ahead_by_the_queue_and_no_further(void **state)
{
    (void)state;
    start(2, SLOTS);
    take(10);
    const int all = units_of(10) + units_of(11) + units_of(12) + units_of(13);
    for (int i = 0; i < 5000 && atomic_load(&here.worked) < all; i++) {
        const struct timespec nap = {.tv_nsec = 1000000};
        nanosleep(&nap, NULL);
    }
    assert_int_equal(atomic_load(&here.worked), all);
    const struct timespec nap = {.tv_nsec = 20000000};
    nanosleep(&nap, NULL);
    assert_int_equal(atomic_load(&here.worked), all);
    take(10); /* still the caller's */
    end();
}

static void several_workers_share_one_batch(void **state)
{
    (void)state;
    start(3, 2);
    here.nap_ns = 5000000;
    take(UNITS - 1);
    assert_true(atomic_load(&here.most_at_work) > 1);
    end();
}

static void the_lowest_bad_unit_speaks_for_its_batch(void **state)
{
    (void)state;
    for (int workers = 0; workers <= 4; workers += 2) {
        start(workers, workers > 0 ? SLOTS : 1);
        here.bad_number = 13;
        here.bad_unit = 3;
        int slot;
        take(12);
        assert_fails(data_ring_take(here.ring, 13, &slot), SNAS_E_DATA, "unit 3 is bad");
        assert_fails(data_ring_take(here.ring, 13, &slot), SNAS_E_DATA, "unit 3 is bad");
        take(14);
        end();
    }
}

static void a_ring_ends_whatever_it_is_at(void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++) {
        start(1 + i % 4, 2 + i % 3);
        here.nap_ns = 30000;
        if (i % 3 > 0) {
            take(i);
        }
        end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_come_in_order_and_whole),
        cmocka_unit_test(the_batch_at_hand_and_the_next_are_not_made_again),
        cmocka_unit_test(a_jump_in_the_middle_of_work_begins_anew),
        cmocka_unit_test(workers_go_ahead_by_the_queue_and_no_further),
        cmocka_unit_test(several_workers_share_one_batch),
        cmocka_unit_test(the_lowest_bad_unit_speaks_for_its_batch),
        cmocka_unit_test(a_ring_ends_whatever_it_is_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
