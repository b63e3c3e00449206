/* test_gzip.c -- whole files: plain ones as they are, packed ones unpacked, damaged and swollen ones refused. */
#include <stdio.h>
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "scratch.h"
#include "snas/base/text.h"
#include "snas/format/gzip.h"

enum { LIMIT = 200000, PADDED = 15 /* the byte of `packed` whose last bits say nothing */ };

/* What gzip -n makes of "one\n". */
static const unsigned char packed[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0xcf,
                                       0x4b, 0xe5, 0x02, 0x00, 0x9f, 0xa8, 0x17, 0xf8, 0x04, 0x00, 0x00, 0x00};

static snas_status read_of(const void *data, size_t size, snas_bytes *out)
{
    const char *path = scratch_path("file");
    scratch_put(path, data, size);
    return snas_gzip_read(mem, path, LIMIT, out);
}

static void assert_text(const snas_bytes *found, const char *wanted)
{
    assert_int_equal(found->size, strlen(wanted));
    assert_string_equal(found->data, wanted);
}

static void a_plain_file_is_read_as_it_is(void **state)
{
    (void)state;
    snas_bytes found;
    assert_ok(read_of("plain\n", 6, &found));
    assert_text(&found, "plain\n");
    assert_ok(read_of("", 0, &found));
    assert_text(&found, "");
}

static void members_are_unpacked_one_after_the_other(void **state)
{
    (void)state;
    snas_bytes found;
    unsigned char twice[2 * sizeof packed];
    memcpy(twice, packed, sizeof packed);
    memcpy(twice + sizeof packed, packed, sizeof packed);
    assert_ok(read_of(packed, sizeof packed, &found));
    assert_text(&found, "one\n");
    assert_ok(read_of(twice, sizeof twice, &found));
    assert_text(&found, "one\none\n");
}

static void every_cut_and_a_changed_byte_of_data_or_checksum_is_seen(void **state)
{
    (void)state;
    snas_bytes found;
    for (size_t size = 2; size < sizeof packed; size++) {
        assert_fails(read_of(packed, size, &found), SNAS_E_DATA, "file' is no good gzip file: it is cut off");
    }
    for (size_t i = 10; i < sizeof packed; i += i == PADDED - 1 ? 2 : 1) {
        unsigned char wrong[sizeof packed];
        memcpy(wrong, packed, sizeof packed);
        wrong[i] ^= 0x40;
        assert_fails(read_of(wrong, sizeof wrong, &found), SNAS_E_DATA, "file' is no good gzip file: ");
    }
    unsigned char longer[sizeof packed + 1] = {0};
    memcpy(longer, packed, sizeof packed);
    assert_fails(read_of(longer, sizeof longer, &found), SNAS_E_DATA, "no good gzip file");
}

/* A thousand zeros. */
static const unsigned char swollen[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
                                        0x63, 0x60, 0x18, 0x05, 0xa3, 0x60, 0x14, 0x0c, 0x77, 0x00,
                                        0x00, 0x80, 0x17, 0x0b, 0x06, 0xe8, 0x03, 0x00, 0x00};

static void what_unpacks_to_more_than_is_allowed_is_refused(void **state)
{
    (void)state;
    snas_bytes found;
    const char *path = scratch_path("file");
    scratch_put(path, swollen, sizeof swollen);
    assert_fails(snas_gzip_read(mem, path, 999, &found), SNAS_E_DATA, "file' unpacks to more than the 999 bytes");
    assert_ok(snas_gzip_read(mem, path, 1000, &found));
    assert_int_equal(found.size, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_file_is_read_as_it_is),
        cmocka_unit_test(members_are_unpacked_one_after_the_other),
        cmocka_unit_test(every_cut_and_a_changed_byte_of_data_or_checksum_is_seen),
        cmocka_unit_test(what_unpacks_to_more_than_is_allowed_is_refused),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
