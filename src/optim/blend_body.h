/* blend_body.h -- one vector blended into another, for the number type snas_real. Read by blend.c, once a type. */
typedef struct {
    int64_t count;
    snas_real keep, share;
    snas_real *to;
    const snas_real *from;
} blend_job;

static void blend_unit(void *context, int unit, int thread)
{
    (void)thread;
    const blend_job *job = context;
    const int64_t first = (int64_t)unit * UNIT;
    const int64_t n = first + UNIT < job->count ? UNIT : job->count - first;
    snas_real *restrict to = job->to + first;
    const snas_real *restrict from = job->from + first;
    for (int64_t i = 0; i < n; i++) {
        to[i] = job->keep * to[i] + job->share * from[i];
    }
}

void snas_blend(const snas_team *team, int64_t count, double keep, snas_real *to, double share, const snas_real *from)
{
    assert(count >= 0 && count / UNIT < INT32_MAX);
    blend_job job = {.count = count, .keep = (snas_real)keep, .share = (snas_real)share, .to = to, .from = from};
    snas_team_run(team, (int)((count + UNIT - 1) / UNIT), blend_unit, &job);
}

#undef snas_real
#undef blend_job
#undef blend_unit
#undef snas_blend
