/* saved_logits.h -- what the newest checkpoint of a search says of its architecture, read without its pictures. */
#ifndef SNAS_SEARCH_SAVED_LOGITS_H
#define SNAS_SEARCH_SAVED_LOGITS_H

#include "snas/space/genotype.h"

typedef struct {
    int64_t step;                /* of the checkpoint */
    const double *probabilities; /* [T][E][K] */
    bool unranked;               /* of a search of random cells that has not ranked them yet */
} snas_saved_logits;

/** Read them from the run's folder; everything in `mem`, which holds the checkpoint only meanwhile. SNAS_E_IO with a
 *  sentence when there is no checkpoint or it cannot be used. */
SNAS_MUST_CHECK snas_status snas_saved_logits_read(snas_arena *mem, const char *folder, const snas_space *space,
                                                   snas_saved_logits *out);

#endif
