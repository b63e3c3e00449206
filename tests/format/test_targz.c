/* test_targz.c -- archives are walked in order; broken, tricky and swollen ones are refused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive.h"
#include "arena_fixture.h"
#include "check.h"
#include "faults.h"
#include "scratch.h"
#include "snas/format/targz.h"

static const char *path;

static int setup(void **state)
{
    path = scratch_path("test.tar.gz");
    return arena_setup(state);
}

/* What a walk has seen: "name:size;" for each file, and the sum of all bytes. */
typedef struct {
    char names[2000];
    unsigned sum;
    int stop_at;
} seen;

static snas_status look(void *context, const char *name, snas_bytes data)
{
    seen *s = context;
    const size_t used = strlen(s->names);
    snprintf(s->names + used, sizeof s->names - used, "%s:%zu;", name, data.size);
    for (size_t i = 0; i < data.size; i++) {
        s->sum += ((const unsigned char *)data.data)[i];
    }
    return s->stop_at > 0 && --s->stop_at == 0 ? snas_fail(SNAS_E_DATA, "seen enough") : SNAS_OK;
}

enum { FILE_LIMIT = 100000, TOTAL_LIMIT = 150000 };

static snas_status walk(seen *s)
{
    *s = (seen){.stop_at = s->stop_at};
    const snas_mark mark = snas_arena_mark(mem);
    const snas_status status = snas_targz_walk(mem, path, FILE_LIMIT, TOTAL_LIMIT, look, s);
    snas_arena_release(mem, mark);
    return status;
}

static void write_good(void)
{
    static unsigned char data[3000];
    memset(data, 1, sizeof data);
    archive a = archive_open(path);
    archive_add(&a, "", "set/", '5', "", 0);
    archive_add(&a, "", "pax", 'x', "30 mtime=1\n", 11);
    archive_add(&a, "", "./set/one.bin", '0', data, 3000);
    archive_add(&a, "", "set/link", '2', "", 0);
    archive_add(&a, "long/prefix", "two.bin", '\0', data, 512);
    archive_add(&a, "", "empty", '0', "", 0);
    archive_close(&a, 20);
}

static void files_are_visited_in_order(void **state)
{
    (void)state;
    seen s = {0};
    write_good();
    assert_ok(walk(&s));
    assert_string_equal(s.names, "set/one.bin:3000;long/prefix/two.bin:512;empty:0;");
    assert_int_equal(s.sum, 3512);
}

static void a_visitor_can_stop_the_walk(void **state)
{
    (void)state;
    seen s = {.stop_at = 1};
    write_good();
    assert_fails(walk(&s), SNAS_E_DATA, "seen enough");
    assert_string_equal(s.names, "set/one.bin:3000;");
}

static snas_bytes read_archive(void)
{
    snas_bytes bytes;
    assert_ok(snas_file_read(mem, path, 1 << 24, &bytes));
    return bytes;
}

static void an_archive_cut_anywhere_is_refused(void **state)
{
    (void)state;
    seen s = {0};
    write_good();
    const snas_bytes whole = read_archive();
    for (size_t size = 0; size < whole.size; size++) {
        scratch_put(path, whole.data, size);
        assert_int_equal(walk(&s), SNAS_E_DATA);
    }
}

static void a_flipped_bit_never_passes_as_other_data(void **state)
{
    (void)state;
    seen s = {0}, good = {0};
    write_good();
    assert_ok(walk(&good));
    const snas_bytes whole = read_archive();
    char *copy = snas_arena_take(mem, whole.size, 1);
    for (size_t bit = 0; bit < 8 * whole.size; bit++) {
        memcpy(copy, whole.data, whole.size);
        copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
        scratch_put(path, copy, whole.size);
        if (walk(&s) == SNAS_OK) { /* bits of gzip's own header that say nothing about the data */
            assert_string_equal(s.names, good.names);
            assert_int_equal(s.sum, good.sum);
        }
    }
}

static void several_gzip_members_are_one_archive(void **state)
{
    (void)state;
    seen s = {0};
    archive a = archive_open(path);
    archive_add(&a, "", "one", '0', "abc", 3);
    archive_close(&a, 0);
    a.gz = gzopen(path, "ab");
    archive_add(&a, "", "two", '0', "de", 2);
    archive_close(&a, 2);
    assert_ok(walk(&s));
    assert_string_equal(s.names, "one:3;two:2;");
}

static void something_that_is_no_archive_is_refused(void **state)
{
    (void)state;
    seen s = {0};
    assert_ok(snas_file_replace_text(path, "\x80\x02}q\x01 a pickle"));
    assert_fails(walk(&s), SNAS_E_DATA, "is no .tar.gz: it is a Python pickle");
    assert_ok(snas_file_replace_text(path, "version https://git-lfs.github.com/spec/v1\n"));
    assert_fails(walk(&s), SNAS_E_DATA, "is no .tar.gz: it is a Git LFS pointer");
    assert_ok(snas_file_replace_text(path, "neither this nor that"));
    assert_fails(walk(&s), SNAS_E_DATA, "not a good .tar.gz");
    assert_ok(snas_file_remove(path));
    assert_fails(walk(&s), SNAS_E_IO, "No such file");
    archive a = archive_open(path);
    archive_add(&a, "", "one", '0', "abc", 3);
    archive_close(&a, 0);
    assert_fails(walk(&s), SNAS_E_DATA, "end mark");
    a.gz = gzopen(path, "wb");
    for (int i = 0; i < 512; i++) {
        gzputc(a.gz, 'a');
    }
    gzclose(a.gz);
    assert_fails(walk(&s), SNAS_E_DATA, "checksum");
}

static void paths_that_lead_outside_are_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {"/etc/passwd", "../x", "a/../../x", "a/..", "..", ".//x", "././../x"};
    static const char *const GOOD[] = {"a..b", "..a", "a/..b/c", "a/b.."};
    seen s = {0};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        archive a = archive_open(path);
        archive_add(&a, "", BAD[i], '0', "x", 1);
        archive_close(&a, 2);
        assert_fails(walk(&s), SNAS_E_DATA, "leads outside");
        assert_string_equal(s.names, "");
    }
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        archive a = archive_open(path);
        archive_add(&a, "", GOOD[i], '0', "x", 1);
        archive_close(&a, 2);
        assert_ok(walk(&s));
    }
    archive a = archive_open(path);
    archive_add(&a, "..", "x", '0', "x", 1);
    archive_close(&a, 2);
    assert_fails(walk(&s), SNAS_E_DATA, "leads outside");
}

static void a_size_that_lies_is_refused(void **state)
{
    (void)state;
    static const struct {
        char field[13];
        const char *part;
    } CASES[] = {
        {"\x80\0\0\0\0\0\0\0\0\0\0\x01", "8 GiB"},                     /* base 256 */
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "8 GiB"}, /* a negative one */
        {"777777777777", "allowed are 100000"},
        {"00000303241", "allowed are 100000"}, /* 100001 */
        {"0000000008\0", "octal"},
        {"-0000000001", "octal"},
        {"\0\0\0\0\0\0\0\0\0\0\0", "octal"},
        {"00000000062", "within an entry"}, /* 50, of which nothing follows */
    };
    seen s = {0};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        archive a = archive_open(path);
        archive_header(&a, "", "file", '0', CASES[i].field);
        archive_close(&a, 0);
        assert_fails(walk(&s), SNAS_E_DATA, CASES[i].part);
    }
}

static void a_header_with_a_wrong_checksum_is_refused(void **state)
{
    (void)state;
    seen s = {0};
    char raw[4096];
    archive a = archive_open(path);
    archive_add(&a, "", "one", '0', "abc", 3);
    archive_close(&a, 2);
    a.gz = gzopen(path, "rb");
    const int size = gzread(a.gz, raw, sizeof raw);
    gzclose(a.gz);
    raw[0] = 'O'; /* another name; gzip's own checksum is made anew and right */
    a.gz = gzopen(path, "wb");
    gzwrite(a.gz, raw, (unsigned)size);
    gzclose(a.gz);
    assert_fails(walk(&s), SNAS_E_DATA, "a header's checksum is wrong");
    assert_string_equal(s.names, "");
}

static void the_sum_of_all_files_is_limited(void **state)
{
    (void)state;
    static char data[80000];
    seen s = {0};
    archive a = archive_open(path);
    archive_add(&a, "", "one", '0', data, sizeof data);
    archive_add(&a, "", "two", '0', data, sizeof data);
    archive_close(&a, 2);
    assert_fails(walk(&s), SNAS_E_DATA, "'two' has 80000 bytes, allowed are 100000 a file and 70000 more");
}

static void a_bomb_of_headers_or_of_zeros_is_refused(void **state)
{
    (void)state;
    seen s = {0};
    archive a = archive_open(path);
    for (int i = 0; i < 65537; i++) {
        archive_add(&a, "", "d/", '5', "", 0);
    }
    archive_close(&a, 2);
    assert_fails(walk(&s), SNAS_E_DATA, "65536 entries");
    a = archive_open(path);
    archive_close(&a, 40000); /* 20 MB of zeros in 20 kB */
    assert_fails(walk(&s), SNAS_E_DATA, "follows its end");
}

static void every_fault_of_files_and_memory_is_reported(void **state)
{
    (void)state;
    seen s = {0};
    write_good();
    for (int n = 0; n < 3; n++) { /* open, read, read */
        faults_in_files(n, EIO, false);
        assert_fails(walk(&s), SNAS_E_IO, "Input/output error");
        faults_clear();
        assert_int_equal(faults_open_files(), 0);
    }
    faults_in_files(0, 0, true); /* one byte a read */
    assert_ok(walk(&s));
    faults_clear();
    int n = 0;
    for (snas_status status = SNAS_E_MEMORY; status != SNAS_OK; n++) {
        snas_arena *small = NULL;
        faults_in_heap(n, true);
        status = snas_arena_create("small", 64, &small);
        s = (seen){0};
        status = status == SNAS_OK ? snas_targz_walk(small, path, FILE_LIMIT, TOTAL_LIMIT, look, &s) : status;
        snas_arena_destroy(small);
        faults_clear();
        assert_int_equal(faults_open_blocks(), 0);
        assert_true(status == SNAS_OK || status == SNAS_E_MEMORY);
    }
    assert_true(n >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_visited_in_order),
        cmocka_unit_test(a_visitor_can_stop_the_walk),
        cmocka_unit_test(an_archive_cut_anywhere_is_refused),
        cmocka_unit_test(a_flipped_bit_never_passes_as_other_data),
        cmocka_unit_test(several_gzip_members_are_one_archive),
        cmocka_unit_test(something_that_is_no_archive_is_refused),
        cmocka_unit_test(paths_that_lead_outside_are_refused),
        cmocka_unit_test(a_size_that_lies_is_refused),
        cmocka_unit_test(a_header_with_a_wrong_checksum_is_refused),
        cmocka_unit_test(the_sum_of_all_files_is_limited),
        cmocka_unit_test(a_bomb_of_headers_or_of_zeros_is_refused),
        cmocka_unit_test(every_fault_of_files_and_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, setup, arena_teardown);
}
