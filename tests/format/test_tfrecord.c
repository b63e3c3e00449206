/* test_tfrecord.c -- records of event files: known ones to the byte, cut and damaged ones seen. */
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/format/tfrecord.h"

/* Events as TensorFlow writes them, at wall time 1: the version of the format; a scalar a = 0.5 of step 5; the start of
 * a session at step 5. */
static const unsigned char VERSION[] = {0x18, 0,   0,   0,   0,   0,    0,    0,    0xa3, 0x7f, 0x4b, 0x22, 0x09, 0,
                                        0,    0,   0,   0,   0,   0xf0, 0x3f, 0x1a, 0x0d, 'b',  'r',  'a',  'i',  'n',
                                        '.',  'E', 'v', 'e', 'n', 't',  ':',  '2',  0x86, 0xbf, 0x57, 0x7a};
static const unsigned char SCALAR[] = {0x17, 0,    0,    0,    0,    0, 0,    0,    0xe7, 0xce, 0xf8, 0x1e, 0x09,
                                       0,    0,    0,    0,    0,    0, 0xf0, 0x3f, 0x10, 0x05, 0x2a, 0x0a, 0x0a,
                                       0x08, 0x0a, 0x01, 0x61, 0x15, 0, 0,    0,    0x3f, 0xed, 0x25, 0x9a, 0xf8};
static const unsigned char START[] = {0x0f, 0,    0,    0,    0,    0,    0,    0,    0x6d, 0x53, 0x2b,
                                      0x09, 0x09, 0,    0,    0,    0,    0,    0,    0xf0, 0x3f, 0x10,
                                      0x05, 0x3a, 0x02, 0x08, 0x01, 0x84, 0x23, 0x6d, 0x36};

enum { WALL_TIME = 1, STEP = 2, FILE_VERSION = 3, SUMMARY = 5, SESSION_LOG = 7 };

static snas_protobuf event_at(int64_t step)
{
    snas_protobuf event = snas_protobuf_make(mem);
    snas_protobuf_double(&event, WALL_TIME, 1.0);
    if (step > 0) {
        snas_protobuf_int(&event, STEP, step);
    }
    return event;
}

/* All three of them. */
static snas_text events(void)
{
    snas_text file = snas_text_make(mem);
    snas_protobuf version = event_at(0), scalar = event_at(5), start = event_at(5);
    snas_protobuf_text(&version, FILE_VERSION, "brain.Event:2");
    const snas_protobuf_nested summary = snas_protobuf_open(&scalar, SUMMARY);
    const snas_protobuf_nested value = snas_protobuf_open(&scalar, 1);
    snas_protobuf_text(&scalar, 1, "a");
    snas_protobuf_float(&scalar, 2, 0.5f);
    snas_protobuf_close(&scalar, value);
    snas_protobuf_close(&scalar, summary);
    const snas_protobuf_nested session = snas_protobuf_open(&start, SESSION_LOG);
    snas_protobuf_int(&start, 1, 1);
    snas_protobuf_close(&start, session);
    snas_tfrecord_add(&file, &version);
    snas_tfrecord_add(&file, &scalar);
    snas_tfrecord_add(&file, &start);
    assert_ok(snas_text_done(&file));
    return file;
}

static void known_records_are_written_to_the_byte(void **state)
{
    (void)state;
    const snas_text file = events();
    assert_int_equal(file.size, sizeof VERSION + sizeof SCALAR + sizeof START);
    assert_memory_equal(file.data, VERSION, sizeof VERSION);
    assert_memory_equal(file.data + sizeof VERSION, SCALAR, sizeof SCALAR);
    assert_memory_equal(file.data + sizeof VERSION + sizeof SCALAR, START, sizeof START);
}

static void borrowed_bytes_are_in_the_record_and_its_checksum(void **state)
{
    (void)state;
    const snas_bytes fill = {.data = "a picture", .size = 9};
    snas_text one = snas_text_make(mem), other = snas_text_make(mem);
    snas_protobuf copied = event_at(1), borrowed = event_at(1);
    snas_protobuf_bytes(&copied, 4, fill);
    snas_protobuf_borrow(&borrowed, 4, fill);
    snas_tfrecord_add(&one, &copied);
    snas_tfrecord_add(&other, &borrowed);
    assert_int_equal(one.size, other.size);
    assert_memory_equal(one.data, other.data, one.size);
}

/* The record that begins at `at`; its size, 0 when there is none. */
static int64_t read_at(const void *file, size_t size, size_t at, snas_bytes *data)
{
    const char *record = (const char *)file + at;
    if (size - at < SNAS_TFRECORD_HEAD) {
        return 0;
    }
    const int64_t bytes = snas_tfrecord_size(record, (int64_t)(size - at));
    return bytes > 0 && snas_tfrecord_check(record, (size_t)bytes, data) ? bytes : 0;
}

static void records_are_read_one_after_the_other(void **state)
{
    (void)state;
    static const size_t SIZES[] = {sizeof VERSION, sizeof SCALAR, sizeof START};
    const snas_text file = events();
    size_t at = 0;
    for (int i = 0; i < 3; i++) {
        snas_bytes data;
        assert_int_equal(read_at(file.data, file.size, at, &data), SIZES[i]);
        assert_int_equal(data.size, SIZES[i] - 16);
        assert_ptr_equal(data.data, file.data + at + 12);
        at += SIZES[i];
    }
    assert_int_equal(at, file.size);
}

static void a_cut_or_damaged_record_is_none(void **state)
{
    (void)state;
    unsigned char record[sizeof SCALAR];
    snas_bytes data;
    for (size_t i = 0; i < sizeof record; i++) {
        memcpy(record, SCALAR, sizeof record);
        assert_int_equal(read_at(record, sizeof record, 0, &data), sizeof record);
        assert_int_equal(read_at(record, i, 0, &data), 0);
        record[i] ^= 1;
        assert_int_equal(read_at(record, sizeof record, 0, &data), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_records_are_written_to_the_byte),
        cmocka_unit_test(borrowed_bytes_are_in_the_record_and_its_checksum),
        cmocka_unit_test(records_are_read_one_after_the_other),
        cmocka_unit_test(a_cut_or_damaged_record_is_none),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
