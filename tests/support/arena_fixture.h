/* arena_fixture.h -- the arena of a test program: `mem`, made by arena_setup and gone after arena_teardown, which
 * stand around each test or around all of them. Included once, by the program's own file.
 */
#ifndef SNAS_TESTS_ARENA_FIXTURE_H
#define SNAS_TESTS_ARENA_FIXTURE_H

#include "snas/base/arena.h"

static snas_arena *mem;

static inline int arena_setup(void **state)
{
    (void)state;
    return snas_arena_create("test", 0, &mem) == SNAS_OK ? 0 : -1;
}

static inline int arena_teardown(void **state)
{
    (void)state;
    snas_arena_destroy(mem);
    return 0;
}

#endif
