/* picture_walk.c -- every picture of a set once, by all threads: ranges of pictures are the units. */
#include "picture_walk.h"

enum { RANGES = 256 };

typedef struct {
    const snas_pictures *pictures;
    snas_arena **scratch; /* [threads] */
    survey_picture_visit visit;
    void *context;
} walk;

static void visit_range(void *context, int unit, int thread)
{
    const walk *w = context;
    const int64_t count = w->pictures->count;
    for (int64_t i = count * unit / RANGES; i < count * (unit + 1) / RANGES; i++) {
        snas_arena *scratch = w->scratch[thread];
        snas_picture picture = {0};
        const snas_mark mark = snas_arena_mark(scratch);
        const snas_status status = w->pictures->read(w->pictures, (int)i, scratch, &picture);
        if (status != SNAS_OK) {
            picture = (snas_picture){0};
        }
        w->visit(w->context, thread, (int)i, status, &picture);
        snas_arena_release(scratch, mark);
    }
}

snas_status survey_picture_walk(snas_arena *mem, snas_team team, const snas_pictures *pictures,
                                survey_picture_visit visit, void *context)
{
    walk w = {.pictures = pictures, .visit = visit, .context = context};
    snas_status status = SNAS_OK;
    SNAS_NEW(mem, w.scratch, team.threads);
    for (int i = 0; i < team.threads && status == SNAS_OK; i++) {
        status = snas_arena_create("the pictures", pictures->scratch_bytes, &w.scratch[i]);
    }
    if (status == SNAS_OK) {
        snas_team_run(&team, RANGES, visit_range, &w);
    }
    for (int i = 0; i < team.threads; i++) {
        snas_arena_destroy(w.scratch[i]);
    }
    return status;
}
