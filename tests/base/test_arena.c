/* test_arena.c -- blocks are aligned, zero and apart; release goes back; a planned arena never asks the heap again. */
#include <string.h>

#include "check.h"
#include "faults.h"
#include "snas/base/arena.h"
#include "snas/base/checked.h"

static void blocks_are_aligned_zero_and_apart(void **state)
{
    (void)state;
    snas_arena *mem;
    unsigned char *blocks[500];
    assert_ok(snas_arena_create("test", 1000, &mem));
    for (size_t i = 0; i < 500; i++) {
        blocks[i] = snas_arena_take(mem, i, 3);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 64, 0);
        for (size_t b = 0; b < 3 * i; b++) {
            assert_int_equal(blocks[i][b], 0);
        }
        memset(blocks[i], (int)(i & 255), 3 * i);
    }
    for (size_t i = 0; i < 500; i++) {
        for (size_t b = 0; b < 3 * i; b++) {
            assert_int_equal(blocks[i][b], i & 255);
        }
    }
    snas_arena_destroy(mem);
}

static void memory_is_zero_again_after_a_release(void **state)
{
    (void)state;
    snas_arena *mem;
    assert_ok(snas_arena_create("test", 0, &mem));
    const snas_mark start = snas_arena_mark(mem);
    unsigned char *first = snas_arena_take(mem, 1000, 1);
    memset(first, 255, 1000);
    snas_arena_release(mem, start);
    unsigned char *again = snas_arena_take(mem, 1000, 1);
    assert_ptr_equal(first, again);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(again[i], 0);
    }
    snas_arena_destroy(mem);
}

static void used_counts_what_is_handed_out(void **state)
{
    (void)state;
    snas_arena *mem;
    assert_ok(snas_arena_create("test", 256, &mem));
    assert_int_equal(snas_arena_used(mem), 0);
    snas_arena_take(mem, 1, 100);
    assert_int_equal(snas_arena_used(mem), 128);
    const snas_mark mark = snas_arena_mark(mem);
    for (int i = 0; i < 100; i++) {
        snas_arena_take(mem, 1, 64);
    }
    assert_int_equal(snas_arena_used(mem), 128 + 6400);
    snas_arena_release(mem, mark);
    assert_int_equal(snas_arena_used(mem), 128);
    snas_arena_destroy(mem);
}

static void a_planned_arena_never_asks_the_heap(void **state)
{
    (void)state;
    snas_arena *mem;
    assert_ok(snas_arena_create("planned", 64 * 1000, &mem));
    const long before = snas_heap_allocations();
    const snas_mark start = snas_arena_mark(mem);
    for (int step = 0; step < 3; step++) {
        for (int i = 0; i < 1000; i++) {
            assert_non_null(snas_arena_take(mem, 64, 1));
        }
        snas_arena_release(mem, start);
    }
    assert_int_equal(snas_heap_allocations(), before);
    snas_arena_destroy(mem);
}

static void a_grown_arena_reuses_its_chunks(void **state)
{
    (void)state;
    snas_arena *mem;
    assert_ok(snas_arena_create("grown", 64, &mem));
    const snas_mark start = snas_arena_mark(mem);
    long after_first = 0;
    for (int step = 0; step < 3; step++) {
        for (size_t i = 1; i < 50; i++) {
            assert_non_null(snas_arena_take(mem, i, 1000));
        }
        snas_arena_release(mem, start);
        if (step == 0) {
            after_first = snas_heap_allocations();
        }
    }
    assert_int_equal(snas_heap_allocations(), after_first);
    snas_arena_destroy(mem);
}

static void nothing_taken_is_still_a_pointer(void **state)
{
    (void)state;
    snas_arena *mem;
    assert_ok(snas_arena_create("test", 64, &mem));
    assert_non_null(snas_arena_take(mem, 0, 8));
    assert_non_null(snas_arena_take(mem, 8, 8));
    assert_non_null(snas_arena_take(mem, 0, 8));
    snas_arena_destroy(mem);
    snas_arena_destroy(NULL);
}

static void an_overflowing_size_is_refused(void **state)
{
    (void)state;
    snas_arena *mem;
    assert_ok(snas_arena_create("test", 0, &mem));
    assert_null(snas_arena_take(mem, SIZE_MAX / 2, 3));
    assert_non_null(strstr(snas_error(), "for test"));
    assert_null(snas_arena_take(mem, SIZE_MAX, 1));
    assert_null(snas_arena_take(mem, SIZE_MAX - 127, 1));
    assert_non_null(snas_arena_take(mem, 1, 1));
    snas_arena_destroy(mem);
    assert_fails(snas_arena_create("huge", SIZE_MAX - 10, &mem), SNAS_E_MEMORY, "for huge");
    assert_null(mem);
}

/* What was closed, in order. */
static struct {
    int *closed[4];
    int count;
} closings;

static void close_one(void *what)
{
    int *number = what;
    *number += 100; /* its memory still stands */
    closings.closed[closings.count++] = number;
}

static void closers_are_called_newest_first_before_the_memory_goes(void **state)
{
    (void)state;
    snas_arena *mem;
    int kept = 1, lost = 2;
    memset(&closings, 0, sizeof closings);
    assert_ok(snas_arena_create("test", 0, &mem));
    assert_ok(snas_arena_close_with(mem, close_one, &kept));
    const snas_mark mark = snas_arena_mark(mem);
    int *inside = snas_arena_take(mem, 1, sizeof *inside);
    assert_ok(snas_arena_close_with(mem, close_one, &lost));
    assert_ok(snas_arena_close_with(mem, close_one, inside));
    snas_arena_release(mem, mark);
    assert_int_equal(closings.count, 2);
    assert_ptr_equal(closings.closed[0], inside);
    assert_ptr_equal(closings.closed[1], &lost);
    snas_arena_release(mem, mark);
    assert_int_equal(closings.count, 2);
    snas_arena_destroy(mem);
    assert_int_equal(closings.count, 3);
    assert_int_equal(kept, 101);
}

static snas_status grow_a_lot(void)
{
    snas_arena *mem;
    SNAS_TRY(snas_arena_create("test", 64, &mem));
    snas_status status = SNAS_OK;
    for (size_t i = 0; i < 10 && status == SNAS_OK; i++) {
        status = snas_arena_take(mem, (size_t)1000 << i, 1) != NULL ? SNAS_OK : SNAS_E_MEMORY;
    }
    snas_arena_destroy(mem);
    return status;
}
static void every_heap_failure_is_reported_and_leaks_nothing(void **state)
{
    (void)state;
    int n = 0;
    for (;; n++) {
        faults_in_heap(n, true);
        snas_error_clear();
        const snas_status status = grow_a_lot();
        faults_clear();
        assert_int_equal(faults_open_blocks(), 0);
        if (status == SNAS_OK) {
            break;
        }
        assert_int_equal(status, SNAS_E_MEMORY);
        assert_non_null(strstr(snas_error(), "out of memory"));
    }
    assert_true(n > 5);
}

static snas_status count_to(snas_arena *mem, int count, int **items, int *room)
{
    for (int i = 0; i < count; i++) {
        SNAS_GROW(mem, *items, i, *room);
        (*items)[i] = i;
    }
    return SNAS_OK;
}

static void a_growing_array_keeps_its_items_when_memory_is_out(void **state)
{
    (void)state;
    snas_arena *mem;
    int *items = NULL, room = 0;
    assert_ok(snas_arena_create("test", 0, &mem));
    assert_ok(count_to(mem, 5000, &items, &room));
    assert_in_range(room, 5000, 10000);
    int *const before = items;
    const int room_before = room;
    faults_in_heap(0, true);
    int more = room, *at = items;
    while (snas_arena_take(mem, 1024, 1) != NULL) {
        continue; /* what is left of the chunk */
    }
    assert_null(snas_arena_grow(mem, at, sizeof *at, room, &more));
    assert_int_equal(more, room_before);
    faults_clear();
    assert_ptr_equal(snas_arena_grow(mem, items, sizeof *items, room - 1, &room), before);
    for (int i = 0; i < 5000; i++) {
        assert_int_equal(items[i], i);
    }
    snas_arena_destroy(mem);
}

static void the_sentence_says_how_much_for_what(void **state)
{
    (void)state;
    snas_arena *mem, *none;
    assert_ok(snas_arena_create("the run", 64, &mem));
    faults_in_heap(0, true);
    assert_fails(snas_arena_create("a picture", (size_t)3 << 20, &none), SNAS_E_MEMORY,
                 "out of memory: 3.0 MiB for a picture");
    assert_non_null(snas_arena_take(mem, 64, 1));
    assert_null(snas_arena_take(mem, 1000, 1500));
    assert_string_equal(snas_error(), "out of memory: 1.4 MiB more for the run, which has 64 bytes");
    assert_null(snas_arena_take(mem, SIZE_MAX / 2, 3));
    assert_non_null(strstr(snas_error(), "items of 3 bytes for the run are beyond any memory"));
    faults_clear();
    snas_arena_destroy(mem);
}

static void checked_arithmetic_sees_overflow(void **state)
{
    (void)state;
    size_t s;
    int64_t i;
    assert_true(snas_size_add(SIZE_MAX - 1, 1, &s) && s == SIZE_MAX);
    assert_false(snas_size_add(SIZE_MAX, 1, &s));
    assert_false(snas_size_multiply((size_t)1 << 32, (size_t)1 << 32, &s));
    assert_true(snas_int64_multiply(-3, 5, &i) && i == -15);
    assert_false(snas_int64_multiply(INT64_MAX, 2, &i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned_zero_and_apart),
        cmocka_unit_test(memory_is_zero_again_after_a_release),
        cmocka_unit_test(used_counts_what_is_handed_out),
        cmocka_unit_test(a_planned_arena_never_asks_the_heap),
        cmocka_unit_test(a_grown_arena_reuses_its_chunks),
        cmocka_unit_test(nothing_taken_is_still_a_pointer),
        cmocka_unit_test(an_overflowing_size_is_refused),
        cmocka_unit_test(closers_are_called_newest_first_before_the_memory_goes),
        cmocka_unit_test(every_heap_failure_is_reported_and_leaks_nothing),
        cmocka_unit_test(a_growing_array_keeps_its_items_when_memory_is_out),
        cmocka_unit_test(the_sentence_says_how_much_for_what),
        cmocka_unit_test(checked_arithmetic_sees_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
