/* test_cifar_check.c -- a check of CIFAR's files tells every fault that they have, not only the first. */
#include "cifar_fixture.h"

/* All that a check said, a line each. */
typedef struct {
    snas_text faults, notes;
    int fault_count, note_count;
} told;

static void hear_fault(void *context, const char *sentence)
{
    told *all = context;
    snas_text_add(&all->faults, "%s\n", sentence);
    all->fault_count++;
}

static void hear_note(void *context, const char *sentence)
{
    told *all = context;
    snas_text_add(&all->notes, "%s\n", sentence);
    all->note_count++;
}

static told check_set(place *at, const char *name, const char *path)
{
    told all = {.faults = snas_text_make(at->mem), .notes = snas_text_make(at->mem)};
    const snas_fault_sink sink = {.fault = hear_fault, .note = hear_note, .context = &all};
    const snas_dataset_request request = {.path = path};
    snas_text_add(&all.faults, "\n");
    snas_text_add(&all.notes, "\n");
    assert_ok(snas_dataset_find(name)->check(&request, &sink));
    return all;
}

static void a_check_tells_every_fault_and_goes_on(void **state)
{
    place *at = *state;
    static uint8_t bad[30 * RECORD];
    write_batches(at->folder);
    told all = check_set(at, "cifar10", at->folder);
    assert_int_equal(all.fault_count, 0);
    assert_int_equal(all.note_count, FILES); /* each is shorter than the published one */
    assert_non_null(strstr(all.notes.data, "test_batch.bin' has 6 pictures, the published file 10000"));

    assert_ok(snas_file_remove(join(at->folder, NAMES[0])));
    write_bytes(join(at->folder, NAMES[1]), bad, 3 * RECORD + 5);
    write_bytes(join(at->folder, NAMES[2]), bad, 2 * RECORD);
    write_bytes(join(at->folder, NAMES[3]), bad, 2 * RECORD);
    for (int i = 0; i < 30; i++) {
        bad[i * RECORD] = (uint8_t)(i < 3 ? 9 : 10 + i);
    }
    write_bytes(join(at->folder, NAMES[5]), bad, sizeof bad);
    write_bytes(join(at->folder, "batches.meta.txt"), "one\ntwo\n", 8);
    all = check_set(at, "cifar10", at->folder);
    static const char *const faults[] = {
        "data_batch_1.bin' is missing",
        "data_batch_2.bin' has 9224 bytes",
        "data_batch_3.bin' and 'data_batch_4.bin' hold the same",
        "test_batch.bin' has label 13 in record 3",
        "test_batch.bin' has label 22 in record 12",
        "test_batch.bin' has 17 more labels out of range",
        "batches.meta.txt' has 2 names",
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        assert_non_null(strstr(all.faults.data, faults[i]));
    }
    assert_int_equal(all.fault_count, 4 + 10 + 1);
}

static void a_check_of_a_hundred_holds_fine_against_coarse(void **state)
{
    place *at = *state;
    static uint8_t records[4 * RECORD_100];
    write_hundred(at->folder);
    assert_int_equal(check_set(at, "cifar100", at->folder).fault_count, 0);
    records[0 * RECORD_100 + 1] = 7; /* 7 belongs to 1 in train.bin */
    records[1 * RECORD_100 + 1] = 7;
    write_bytes(join(at->folder, "test.bin"), records, sizeof records);
    const told all = check_set(at, "cifar100", at->folder);
    assert_int_equal(all.fault_count, 1);
    assert_non_null(strstr(all.faults.data, "test.bin' has fine label 7 with coarse label 0 in "
                                            "record 0 (from 0), and with 1 before"));
}

static void a_check_tells_what_cannot_be_found_or_unpacked(void **state)
{
    place *at = *state;
    told all = check_set(at, "cifar100", at->folder);
    assert_int_equal(all.fault_count, 1);
    assert_non_null(strstr(all.faults.data, "no CIFAR-100 in"));
    write_hundred(join(at->folder, "h"));
    shell("cd %s && tar czf all.tar.gz h && head -c 3000 all.tar.gz > %s", at->folder, "cut.tar.gz");
    all = check_set(at, "cifar100", join(at->folder, "cut.tar.gz"));
    assert_true(all.fault_count >= 2);
    assert_non_null(strstr(all.faults.data, "holds no 'train.bin'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_check_tells_every_fault_and_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(a_check_of_a_hundred_holds_fine_against_coarse, setup, teardown),
        cmocka_unit_test_setup_teardown(a_check_tells_what_cannot_be_found_or_unpacked, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
