/* saved_logits.c -- the probabilities of a search's newest checkpoint. */
#include "snas/search/saved_logits.h"

#include "reading.h"
#include "saved.h"
#include "snas/loop/checkpoint.h"

/* The logits of the file; it is needed no longer when this returns. */
static snas_status read_logits(snas_arena *mem, const char *folder, snas_logits *logits, snas_saved_logits *out,
                               const snas_space *space)
{
    search_saved saved;
    SNAS_TRY(search_saved_open(mem, folder, SEARCH_NEWEST, &saved));
    SNAS_TRY(snas_saved_fault(search_logits_load(mem, space, saved.path, &saved.file, logits)));
    out->step = saved.step;
    out->unranked = search_is_unranked(&saved.file);
    return SNAS_OK;
}

snas_status snas_saved_logits_read(snas_arena *mem, const char *folder, const snas_space *space, snas_saved_logits *out)
{
    const int E = snas_space_edge_count(space), K = space->candidate_count;
    snas_logits logits;
    double *p;
    *out = (snas_saved_logits){0};
    SNAS_TRY(snas_logits_create(mem, space->cell_types, E, K, &logits));
    SNAS_NEW(mem, p, (size_t)space->cell_types * (size_t)E * (size_t)K);
    const snas_mark mark = snas_arena_mark(mem);
    const snas_status status = read_logits(mem, folder, &logits, out, space);
    snas_arena_release(mem, mark);
    SNAS_TRY(status);
    snas_logits_probabilities(&logits, p);
    out->probabilities = p;
    return SNAS_OK;
}
