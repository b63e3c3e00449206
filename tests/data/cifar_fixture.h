/* cifar_fixture.h -- CIFAR-10 and CIFAR-100 written in their layout, small, into a folder of the running test. */
#ifndef SNAS_TESTS_CIFAR_FIXTURE_H
#define SNAS_TESTS_CIFAR_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/data/dataset.h"

enum { PIXELS = 1024, RECORD = 3073, FILES = 6, PATH_ROOM = 512 };
static const char *const NAMES[FILES] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                         "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};

/* A folder of its own for each test, and an arena. */
typedef struct {
    char folder[64];
    snas_arena *mem;
    snas_dataset set;
} place;

static place here; /* of the running test */

static inline const char *join(const char *a, const char *b)
{
    return snas_format(here.mem, "%s/%s", a, b);
}

static inline void shell(const char *format, const char *a, const char *b)
{
    char command[2 * PATH_ROOM];
    snprintf(command, sizeof command, format, a, b);
    assert_int_equal(system(command), 0);
}

static inline void write_bytes(const char *path, const void *data, size_t size)
{
    const snas_bytes part = {data, size};
    assert_ok(snas_file_replace(path, &part, 1));
}

static inline uint8_t plane_byte(int file, int record, int c, int p)
{
    return (uint8_t)(file * 31 + record * 7 + c * 101 + p + p / 32);
}

/* File f holds f + 1 records; record r has label (f + r) % 10. */
static inline void write_batches(const char *folder)
{
    uint8_t data[FILES * RECORD];
    assert_ok(snas_folder_make(folder));
    for (int f = 0; f < FILES; f++) {
        for (int r = 0; r <= f; r++) {
            data[r * RECORD] = (uint8_t)((f + r) % 10);
            for (int i = 0; i < 3 * PIXELS; i++) {
                data[r * RECORD + 1 + i] = plane_byte(f, r, i / PIXELS, i % PIXELS);
            }
        }
        write_bytes(join(folder, NAMES[f]), data, (size_t)(f + 1) * RECORD);
    }
}

static inline int setup(void **state)
{
    strcpy(here.folder, "/tmp/snas-cifar10-XXXXXX");
    if (mkdtemp(here.folder) == NULL || snas_arena_create("test", 0, &here.mem) != SNAS_OK) {
        return -1;
    }
    unsetenv("SNAS_DATA");
    *state = &here;
    return 0;
}

static inline int teardown(void **state)
{
    place *at = *state;
    snas_arena_destroy(at->mem);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", at->folder);
    return system(command);
}

enum { RECORD_100 = 3074, TRAIN_100 = 120, TEST_100 = 7 };

static inline int fine_of(int file, int record)
{
    return (record * 37 + file) % 100;
}

/* train.bin and test.bin: coarse label, fine label, planes. */
static inline void write_hundred(const char *folder)
{
    static uint8_t data[TRAIN_100 * RECORD_100];
    static const char *const names[2] = {"train.bin", "test.bin"};
    static const int counts[2] = {TRAIN_100, TEST_100};
    assert_ok(snas_folder_make(folder));
    for (int f = 0; f < 2; f++) {
        for (int r = 0; r < counts[f]; r++) {
            uint8_t *record = data + (size_t)r * RECORD_100;
            record[0] = (uint8_t)(fine_of(f, r) / 5);
            record[1] = (uint8_t)fine_of(f, r);
            for (int i = 0; i < 3 * PIXELS; i++) {
                record[2 + i] = plane_byte(f, r, i / PIXELS, i % PIXELS);
            }
        }
        write_bytes(join(folder, names[f]), data, (size_t)counts[f] * RECORD_100);
    }
}

#endif
