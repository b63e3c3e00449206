/* sgd_body.h -- the loop of sgd.c, compiled once a number type. `snas_real` and the names that differ with it are
 * macros, set by sgd.c and unset here at the end.
 *
 *     d = scale*g + decay*w,    m <- momentum*m + d,    w <- w - pace*rate*(nesterov ? d + momentum*m : m)
 *
 * w, m, g [count]. Work is cut into units of UNIT elements; a unit is cut again where a range of the caller starts or
 * ends, so that the inner loop has one decay, one rate and no branch.
 */

typedef struct {
    const snas_sgd *sgd;
    const sgd_vectors *vectors;
    snas_real scale;
} sgd_job;

/** Of a stretch: d = scale*g + decay*w, and its learning rate. */
typedef struct {
    snas_real scale, decay, rate;
} sgd_factors;

/* One stretch; w, m, g: [n], apart from each other. */
static void sweep(const snas_sgd *sgd, sgd_factors f, int64_t n, snas_real *restrict w, snas_real *restrict m,
                  const snas_real *restrict g)
{
    const snas_real rate = f.rate, momentum = (snas_real)sgd->momentum;
    if (sgd->nesterov) {
        for (int64_t i = 0; i < n; i++) {
            const snas_real d = f.scale * g[i] + f.decay * w[i];
            m[i] = momentum * m[i] + d;
            w[i] -= rate * (d + momentum * m[i]);
        }
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        m[i] = momentum * m[i] + (f.scale * g[i] + f.decay * w[i]);
        w[i] -= rate * m[i];
    }
}

/* The elements [first, end) of a job, cut at its ranges (ascending, apart from each other). */
static void run_unit(void *context, int unit, int thread)
{
    (void)thread;
    const sgd_job *job = context;
    const snas_sgd *sgd = job->sgd;
    const sgd_vectors *v = job->vectors;
    const int range_count = sgd->ranges == NULL ? 0 : sgd->range_count;
    const int64_t first = (int64_t)unit * UNIT;
    const int64_t end = first + UNIT < v->count ? first + UNIT : v->count;
    int r = 0;
    for (int64_t at = first; at < end;) {
        while (r < range_count && sgd->ranges[r].first + sgd->ranges[r].count <= at) {
            r++;
        }
        const stretch s = stretch_at(sgd->ranges, range_count, r, at, end);
        const sgd_factors f = {job->scale, (snas_real)(s.decays ? sgd->decay : 0.0), (snas_real)(s.pace * sgd->rate)};
        if (!s.frozen) {
            sweep(sgd, f, s.end - at, v->w + at, v->m + at, v->g + at);
        }
        at = s.end;
    }
}

void snas_sgd_step(const snas_team *team, const snas_sgd *sgd, const sgd_vectors *vectors, double scale)
{
    assert(vectors->count >= 0 && vectors->count / UNIT < INT32_MAX);
    sgd_job job = {.sgd = sgd, .vectors = vectors, .scale = (snas_real)scale};
    snas_team_run(team, (int)((vectors->count + UNIT - 1) / UNIT), run_unit, &job);
}

#undef snas_real
#undef sgd_job
#undef sgd_vectors
#undef sgd_factors
#undef sweep
#undef run_unit
#undef snas_sgd_step
