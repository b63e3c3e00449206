/* two_arenas_fixture.h -- the arena of a test program beside a small one, `scratch`, for what a call needs while it
 * runs. */
#ifndef SNAS_TESTS_TWO_ARENAS_FIXTURE_H
#define SNAS_TESTS_TWO_ARENAS_FIXTURE_H

#include "arena_fixture.h"

enum { SCRATCH_BYTES = 1 << 20 };

static snas_arena *scratch;

static inline int arenas_setup(void **state)
{
    const bool made = arena_setup(state) == 0 && snas_arena_create("scratch", SCRATCH_BYTES, &scratch) == SNAS_OK;
    return made ? 0 : -1;
}

static inline int arenas_teardown(void **state)
{
    snas_arena_destroy(scratch);
    return arena_teardown(state);
}

#endif
