/* saved.h -- a checkpoint of a search, opened to be read by something else than the search itself. */
#ifndef SNAS_SEARCH_SAVED_H
#define SNAS_SEARCH_SAVED_H

#include <stdbool.h>

#include "snas/base/arena.h"
#include "snas/format/safetensors.h"

enum { SEARCH_NEWEST = -1 };

typedef struct {
    const char *path;
    snas_tensor_file file;
    int64_t step; /* steps that had been taken */
} search_saved;

/** The checkpoint of `step`, or the one that the run would go on from. SNAS_E_IO or SNAS_E_USAGE with a sentence when
 *  the folder is no search or has no such checkpoint. */
SNAS_MUST_CHECK snas_status search_saved_open(snas_arena *mem, const char *folder, int64_t step, search_saved *out);

/** Is it a search of random cells whose end, where they are ranked, is still to come? */
bool search_is_unranked(const snas_tensor_file *file);

#endif
