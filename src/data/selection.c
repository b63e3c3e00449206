/* selection.c -- which pictures belong to which part: all of them, or two parts of a random permutation. */
#include "parts.h"

/* 0, 1, ..., count - 1 in the arena. */
static snas_status identity(snas_arena *mem, int count, int **out)
{
    SNAS_NEW(mem, *out, count);
    for (int i = 0; i < count; i++) {
        (*out)[i] = i;
    }
    return SNAS_OK;
}

snas_status snas_selection_all(snas_arena *mem, const snas_pictures *pictures, snas_selection *out)
{
    int *index;
    SNAS_TRY(identity(mem, pictures->count, &index));
    *out = (snas_selection){.pictures = pictures, .count = pictures->count, .index = index};
    return SNAS_OK;
}

snas_status snas_selection_split(snas_arena *mem, const snas_pictures *pictures, snas_split split,
                                 snas_selection *first, snas_selection *second)
{
    if (split.first < 0 || split.second < 0 || (int64_t)split.first + split.second > pictures->count) {
        return snas_fail(SNAS_E_USAGE, "cannot split %d pictures into parts of %d and %d", pictures->count, split.first,
                         split.second);
    }
    int *index;
    SNAS_TRY(identity(mem, pictures->count, &index));
    snas_rng rng = snas_rng_at(split.seed, SNAS_STREAM_SPLIT, 0);
    snas_rng_shuffle(&rng, index, pictures->count);
    *first = (snas_selection){.pictures = pictures, .count = split.first, .index = index};
    *second = (snas_selection){.pictures = pictures, .count = split.second, .index = index + split.first};
    return SNAS_OK;
}
