/* blend.c -- one vector blended into another: to <- keep * to + share * from, element by element.
 *
 * Every element is computed alone, so no cut of the work changes a byte.
 */
#include <assert.h>

#include "snas/optim/optim.h"

enum { UNIT = 65536 }; /* elements a unit of work: two vectors of it fit a second-level cache */

typedef struct {
    int64_t count;
    float keep, share;
    float *to;
    const float *from;
} blend_job;

static void blend_unit(void *context, int unit, int thread)
{
    (void)thread;
    const blend_job *job = context;
    const int64_t first = (int64_t)unit * UNIT;
    const int64_t n = first + UNIT < job->count ? UNIT : job->count - first;
    float *restrict to = job->to + first;
    const float *restrict from = job->from + first;
    for (int64_t i = 0; i < n; i++) {
        to[i] = job->keep * to[i] + job->share * from[i];
    }
}

void snas_blend_f32(const snas_team *team, int64_t count, double keep, float *to, double share, const float *from)
{
    assert(count >= 0 && count / UNIT < INT32_MAX);
    blend_job job = {.count = count, .keep = (float)keep, .share = (float)share, .to = to, .from = from};
    snas_team_run(team, (int)((count + UNIT - 1) / UNIT), blend_unit, &job);
}
