/* gradient_norm_body.h -- the loop of gradient_norm.c, compiled once a number type. `snas_real` and the names that
 * differ with it are macros, set by gradient_norm.c and unset here at the end.
 *
 *     |g| = sqrt( sum_u sum_l sum_i g[u,i,l]^2 ),   g [count] seen as units u of rows i of LANES lanes l
 */

typedef struct {
    const snas_real *g; /* [count] */
    int64_t count;
    double *sums; /* out: [units] */
} norm_job;

/* sums[unit] = the unit's squares, LANES sums side by side and then the lanes in order. */
static void sum_unit(void *context, int unit, int thread)
{
    (void)thread;
    const norm_job *job = context;
    const int64_t first = (int64_t)unit * UNIT;
    const int64_t n = first + UNIT < job->count ? UNIT : job->count - first;
    const snas_real *g = job->g + first;
    double lanes[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (int l = 0; l < LANES; l++) {
            lanes[l] += (double)g[i + l] * (double)g[i + l];
        }
    }
    for (int l = 0; i < n; i++, l++) {
        lanes[l] += (double)g[i] * (double)g[i];
    }
    double sum = 0.0;
    for (int l = 0; l < LANES; l++) {
        sum += lanes[l];
    }
    job->sums[unit] = sum;
}

double snas_norm(const snas_team *team, int64_t count, const snas_real *g)
{
    assert(count >= 0);
    double total = 0.0, sums[UNITS_AT_ONCE];
    for (int64_t first = 0; first < count; first += (int64_t)UNITS_AT_ONCE * UNIT) {
        const int64_t left = count - first;
        const int64_t n = left < (int64_t)UNITS_AT_ONCE * UNIT ? left : (int64_t)UNITS_AT_ONCE * UNIT;
        const int units = (int)((n + UNIT - 1) / UNIT);
        norm_job job = {.g = g + first, .count = n, .sums = sums};
        snas_team_run(team, units, sum_unit, &job);
        for (int u = 0; u < units; u++) {
            total += sums[u];
        }
    }
    return sqrt(total);
}

#undef snas_real
#undef norm_job
#undef sum_unit
#undef snas_norm
