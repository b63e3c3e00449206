/* sgd_body.h -- the loop of sgd.c, compiled once a number type. `snas_real` and the names that differ with it are
 * macros, set by sgd.c and unset here at the end.
 *
 *     d = scale*g + decay*w,    m <- momentum*m + d,    w <- w - rate*(nesterov ? d + momentum*m : m)
 *
 * w, m, g [count]. Work is cut into units of UNIT elements; a unit is cut again where a range of the caller starts or
 * ends, so that the inner loop has one decay and no branch.
 */

typedef struct {
    const snas_sgd *sgd;
    int64_t count;
    snas_real *w, *m;
    const snas_real *g;
    snas_real scale;
    const snas_sgd_range *ranges;
    int range_count;
} sgd_job;

/* One stretch with one decay; w, m, g: [n], apart from each other. */
static void sweep(const snas_sgd *sgd, snas_real scale, snas_real decay, int64_t n, snas_real *restrict w,
                  snas_real *restrict m, const snas_real *restrict g)
{
    const snas_real rate = (snas_real)sgd->rate, momentum = (snas_real)sgd->momentum;
    if (sgd->nesterov) {
        for (int64_t i = 0; i < n; i++) {
            const snas_real d = scale * g[i] + decay * w[i];
            m[i] = momentum * m[i] + d;
            w[i] -= rate * (d + momentum * m[i]);
        }
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        m[i] = momentum * m[i] + (scale * g[i] + decay * w[i]);
        w[i] -= rate * m[i];
    }
}

/* The elements [first, end) of a job, cut at its ranges (ascending, apart from each other). */
static void run_unit(void *context, int unit, int thread)
{
    (void)thread;
    const sgd_job *job = context;
    const int64_t first = (int64_t)unit * UNIT;
    const int64_t end = first + UNIT < job->count ? first + UNIT : job->count;
    int r = 0;
    for (int64_t at = first; at < end;) {
        while (r < job->range_count && job->ranges[r].first + job->ranges[r].count <= at) {
            r++;
        }
        const stretch s = stretch_at(job->ranges, job->range_count, r, at, end);
        const double decay = s.decays ? job->sgd->decay : 0.0;
        sweep(job->sgd, job->scale, (snas_real)decay, s.end - at, job->w + at, job->m + at, job->g + at);
        at = s.end;
    }
}

void snas_sgd_step(const snas_team *team, const snas_sgd *sgd, int64_t count, snas_real *w, snas_real *m,
                   const snas_real *g, double scale, const snas_sgd_range *ranges, int range_count)
{
    assert(count >= 0 && count / UNIT < INT32_MAX);
    sgd_job job = {.sgd = sgd,
                   .count = count,
                   .w = w,
                   .m = m,
                   .g = g,
                   .scale = (snas_real)scale,
                   .ranges = ranges,
                   .range_count = ranges == NULL ? 0 : range_count};
    snas_team_run(team, (int)((count + UNIT - 1) / UNIT), run_unit, &job);
}

#undef snas_real
#undef sgd_job
#undef sweep
#undef run_unit
#undef snas_sgd_step
