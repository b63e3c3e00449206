/* test_derive_save.c -- a picture of one cell never stands beside the genotype of another, whatever call fails. */
#include <errno.h>
#include <limits.h>

#include "arena_fixture.h"
#include "faults.h"
#include "run_fixture.h"
#include "snas/search/derive.h"

static const char *const PICTURES[] = {"cell_normal-darts.png", "cell_reduce-darts.png", "cell_normal-darts.svg",
                                       "cell_reduce-darts.svg"};
enum { PICTURE_COUNT = sizeof PICTURES / sizeof PICTURES[0] };
static const char *const NAMES[] = {"DARTS_V1", "DARTS_V2"};

/* What the files of each genotype hold. */
static snas_genotype genotypes[2];
static const char *texts[2];
static snas_bytes pictures[2][PICTURE_COUNT];

static snas_status save(int g, const char *folder)
{
    const char *path;
    return snas_derive_save(mem, &genotypes[g], SNAS_RULE_DARTS, folder, &path);
}

static void read_both(void)
{
    for (int g = 0; g < 2; g++) {
        const char *folder = fixture_folder(mem);
        assert_ok(snas_genotype_load(mem, NAMES[g], &genotypes[g]));
        assert_ok(save(g, folder));
        texts[g] = fixture_read(mem, folder, "genotype-darts.json").data;
        for (int p = 0; p < PICTURE_COUNT; p++) {
            pictures[g][p] = fixture_read(mem, folder, PICTURES[p]);
        }
        fixture_remove(mem, folder);
    }
    assert_string_not_equal(texts[0], texts[1]);
}

/* Which genotype the folder holds. Its pictures are of it, as far as they are there; *count: how many. */
static int assert_of_one_cell(const char *folder, int *count)
{
    const char *text = fixture_read(mem, folder, "genotype-darts.json").data;
    const int g = strcmp(text, texts[1]) == 0;
    assert_string_equal(text, texts[g]);
    *count = 0;
    for (int p = 0; p < PICTURE_COUNT; p++) {
        if (fixture_has(mem, folder, PICTURES[p])) {
            const snas_bytes found = fixture_read(mem, folder, PICTURES[p]);
            assert_int_equal(found.size, pictures[g][p].size);
            assert_memory_equal(found.data, pictures[g][p].data, found.size);
            ++*count;
        }
    }
    return g;
}

static void a_save_that_fails_at_any_call_mixes_no_cells(void **state)
{
    (void)state;
    int seen[2] = {0}, count;
    read_both();
    for (int killed = 0; killed < 2; killed++) {
        const char *folder = fixture_folder(mem);
        snas_status status = SNAS_E_IO;
        for (int call = 0; status != SNAS_OK; call++) {
            assert_ok(save(0, folder));
            faults_in_files(call, EIO, killed == 1);
            status = save(1, folder);
            faults_clear();
            seen[assert_of_one_cell(folder, &count)]++;
            assert_true(call < 200);
        }
        assert_int_equal(assert_of_one_cell(folder, &count), 1);
        assert_int_equal(count, PICTURE_COUNT);
        fixture_remove(mem, folder);
    }
    assert_true(seen[0] > 10 && seen[1] > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_save_that_fails_at_any_call_mixes_no_cells)};
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
