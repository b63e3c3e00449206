/* test_comm.c -- what ranks tell each other, with processes and sockets in the place of MPI. */
#include <string.h>

#include "check.h"
#include "ranks_fixture.h"
#include "snas/base/file.h"
#include "snas/comm/share.h"

static void run_all(int count, int (*body)(int rank), int wanted)
{
    int codes[SNAS_RANKS_MAX];
    ranks_run(count, body, codes);
    for (int rank = 0; rank < count; rank++) {
        if (codes[rank] != wanted) {
            fail_msg("rank %d of %d ended with %d, wanted %d", rank, count, codes[rank], wanted);
        }
    }
}

static void every_count(int (*body)(int rank))
{
    for (int count = 1; count <= SNAS_RANKS_MAX; count *= 2) {
        run_all(count, body, 0);
    }
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

/* Rank r writes r bytes of value r + 1; rank 0 none. */
static int gather_body(int rank)
{
    char all[SNAS_RANKS_MAX * SNAS_RANKS_MAX] = {0}, wanted[sizeof all] = {0};
    size_t first[SNAS_RANKS_MAX + 1] = {0};
    const int ranks = snas_comm_ranks();
    for (int r = 0; r < ranks; r++) {
        first[r + 1] = first[r] + (size_t)r;
        memset(wanted + first[r], r + 1, (size_t)r);
    }
    memset(all + first[rank], rank + 1, (size_t)rank);
    snas_comm_gather(all, first);
    return memcmp(all, wanted, sizeof all) != 0;
}

static void all_have_the_parts_of_all(void **state)
{
    (void)state;
    every_count(gather_body);
}

static int spread_body(int rank)
{
    char text[8] = "";
    snprintf(text, sizeof text, "%d", rank);
    snas_comm_spread(text, sizeof text);
    return strcmp(text, "0") != 0;
}

static void all_have_what_rank_0_spreads(void **state)
{
    (void)state;
    every_count(spread_body);
}

static int most_body(int rank)
{
    int values[] = {rank, 7, -rank};
    snas_comm_most(values, 3);
    return values[0] != snas_comm_ranks() - 1 || values[1] != 7 || values[2] != 0;
}

static void all_have_the_largest_numbers(void **state)
{
    (void)state;
    every_count(most_body);
}

/* --- faults ------------------------------------------------------------------------------------------------------- */

static int agree_body(int rank)
{
    const snas_status mine = rank < 2 ? SNAS_OK : snas_fail(SNAS_E_DATA, "picture %d is broken", rank);
    const snas_status all = snas_comm_agree(mine);
    return all != SNAS_E_DATA || strcmp(snas_error(), "rank 2: picture 2 is broken") != 0 || !snas_comm_is_agreed(all);
}

static void a_fault_of_one_is_everybodys_with_its_sentence(void **state)
{
    (void)state;
    run_all(4, agree_body, 0);
    run_all(8, agree_body, 0);
}

static int agree_on_nothing_body(int rank)
{
    (void)rank;
    return snas_comm_agree(SNAS_OK) != SNAS_OK;
}

static void without_a_fault_nothing_is_wrong(void **state)
{
    (void)state;
    every_count(agree_on_nothing_body);
}

static int own_fault_body(int rank)
{
    (void)rank;
    return snas_comm_close(SNAS_E_IO, 4); /* not agreed on: abandons the others */
}

static void a_fault_of_its_own_takes_the_others_along(void **state)
{
    (void)state;
    run_all(2, own_fault_body, 4);
}

static int same_body(int rank)
{
    const bool alike = snas_comm_same(5, "a config") == SNAS_OK;
    const snas_status status = snas_comm_same(rank == 2 ? 0xbad : 0x900d, "weights");
    return !alike || status != SNAS_E_FAILED ||
           strcmp(snas_error(), "rank 2 has weights with the checksum 00000bad, where rank 0 has 0000900d") != 0;
}

static int first_differs_body(int rank)
{
    const snas_status status = snas_comm_same(rank == 0 ? 1 : 2, "weights");
    return status != SNAS_E_FAILED || strstr(snas_error(), "rank 0 has weights") == NULL;
}

static void the_rank_that_differs_is_named(void **state)
{
    (void)state;
    run_all(4, same_body, 0);
    run_all(8, same_body, 0);
    run_all(4, first_differs_body, 0);
}

static int lost_body(int rank)
{
    if (rank == 1) {
        return 7; /* gone before it answers */
    }
    int value = 0;
    snas_comm_most(&value, 1);
    return 0;
}

static void who_waits_for_a_lost_rank_leaves(void **state)
{
    (void)state;
    int codes[SNAS_RANKS_MAX];
    ranks_run(4, lost_body, codes);
    assert_int_equal(codes[1], 7);
    assert_int_equal(codes[0], 1);
    assert_int_equal(codes[3], 1);
}

static void three_processes_are_refused(void **state)
{
    (void)state;
    ranks_count = 3;
    ranks_self = 0;
    assert_fails(comm_use(&ranks_kind, ranks_lost, NULL), SNAS_E_USAGE,
                 "3 processes for one run, allowed are 1, 2, 4, 8 and 16");
    ranks_count = 4;
    assert_ok(comm_use(&ranks_kind, ranks_lost, NULL));
    assert_ok(snas_comm_fits("search.batch", 4));
    assert_fails(snas_comm_fits("search.batch", 3), SNAS_E_USAGE,
                 "'search.batch' is 3, allowed with 4 processes is 4 and more");
    ranks_count = 1;
    assert_ok(comm_use(&ranks_kind, ranks_lost, NULL));
}

/* --- shares ------------------------------------------------------------------------------------------------------- */

/* Each picture has one owner. */
static int shares_body(int rank)
{
    static const int cases[][3] = {{96, 0, 16}, {7, 0, 64}, {33, 10, 16}, {64, 64, 32}, {1, 0, 16}};
    int faults = 0;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        for (int i = 0; i < cases[c][0]; i++) {
            int owner = snas_share_owns(cases[c][0], cases[c][1], cases[c][2], i) ? rank + 1 : 0, total = owner;
            snas_comm_most(&owner, 1);
            faults += owner == 0 || (total != 0 && total != owner);
        }
    }
    return faults != 0;
}

static void every_picture_has_one_owner(void **state)
{
    (void)state;
    every_count(shares_body);
}

static int even_body(int rank)
{
    int own = 0;
    for (int i = 0; i < 64; i++) {
        own += snas_share_owns(64, 0, 16, i);
    }
    return own != 64 / snas_comm_ranks() || !snas_share_owns(64, 0, 16, 64 / snas_comm_ranks() * rank);
}

static void a_batch_is_shared_evenly(void **state)
{
    (void)state;
    every_count(even_body);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static int silent_body(int rank)
{
    (void)rank;
    const char *path = "silent-file-of-a-test";
    snas_comm_silence_files();
    const bool written =
        snas_file_replace_text(path, "text") == SNAS_OK && snas_folder_make("silent-folder") == SNAS_OK;
    return !written || snas_file_is(path) || snas_folder_is("silent-folder") || !snas_file_is("/proc/self/exe");
}

static void what_a_silent_process_writes_is_nowhere(void **state)
{
    (void)state;
    run_all(1, silent_body, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_have_the_parts_of_all),
        cmocka_unit_test(all_have_what_rank_0_spreads),
        cmocka_unit_test(all_have_the_largest_numbers),
        cmocka_unit_test(a_fault_of_one_is_everybodys_with_its_sentence),
        cmocka_unit_test(without_a_fault_nothing_is_wrong),
        cmocka_unit_test(a_fault_of_its_own_takes_the_others_along),
        cmocka_unit_test(the_rank_that_differs_is_named),
        cmocka_unit_test(who_waits_for_a_lost_rank_leaves),
        cmocka_unit_test(three_processes_are_refused),
        cmocka_unit_test(every_picture_has_one_owner),
        cmocka_unit_test(a_batch_is_shared_evenly),
        cmocka_unit_test(what_a_silent_process_writes_is_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
