/* test_estimators_toys.c -- the mean of every estimator's gradient against the exact one, on two toys of two edges.
 *
 *   x_e = sum_k z[e,k] O[e,k] in R^2,   candidate 0 is `none`: O = 0             u = (1, x_0),  v = (1, x_1)
 *   multilinear:  L = q,       q = u^T N v             linear in each edge's z
 *   curved:       L = q^2
 *
 * Exact, of E_{Z ~ Categorical(p)}[L]: by enumeration of the 9 architectures. Of the relaxed objective
 * E_G[L(softmax((log a + G)/tau))], which is what the concrete relaxation is unbiased for: edges are independent, so it
 * is made of their moments E[u], E[u u^T], and those are integrals over the K - 1 = 2 differences of the noise,
 *
 *   D_k = G_k - G_0  ~  (K-1)! exp(-sum_k D_k) / (1 + sum_k exp(-D_k))^K
 *
 * by the trapezoidal rule; the gradient by central differences. Nothing of src/arch is in it. Draws have fixed seeds: a
 * verdict never changes by itself.
 */
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/arch/estimator.h"

enum { EDGES = 2, K = 3, LOGITS = EDGES * K, WIDE = 3, DRAWS = 400000 };
enum { MULTILINEAR, CURVED, TOYS };
static const char *const TOY_NAMES[TOYS] = {"multilinear", "curved"};

static const double O[EDGES][K][WIDE - 1] = {{{0, 0}, {1.2, -0.4}, {-0.3, 0.9}}, {{0, 0}, {0.5, 1.1}, {0.8, -0.7}}};
static const double N[WIDE][WIDE] = {{0.6, -0.9, 0.4}, {1.1, 0.8, -1.3}, {-0.5, 1.4, 0.7}};
static double log_alpha[LOGITS] = {0.3, -0.2, 0.5, 0.1, 0.6, -0.4};
static const snas_logits logits = {.types = 1, .edges = EDGES, .candidates = K, .log_alpha = log_alpha};

/* (1, x) of an edge. */
static void output(int e, const double *z, double *u)
{
    u[0] = 1;
    u[1] = u[2] = 0;
    for (int k = 0; k < K; k++) {
        u[1] += z[k] * O[e][k][0];
        u[2] += z[k] * O[e][k][1];
    }
}

/* q and dL/dx of both edges at z. */
static double toy(int which, const double *z, double dx[EDGES][WIDE])
{
    double u[WIDE], v[WIDE], q = 0;
    output(0, z, u);
    output(1, z + K, v);
    memset(dx, 0, sizeof(double[EDGES][WIDE]));
    for (int i = 0; i < WIDE; i++) {
        for (int j = 0; j < WIDE; j++) {
            q += u[i] * N[i][j] * v[j];
            dx[0][i] += N[i][j] * v[j];
            dx[1][j] += u[i] * N[i][j];
        }
    }
    for (int i = 0; which == CURVED && i < EDGES * WIDE; i++) {
        dx[i / WIDE][i % WIDE] *= 2 * q;
    }
    return which == CURVED ? q * q : q;
}

/* L, and dL/dz as a network gives it: of what was not run 0, or as if its output were ones. */
static double loss_at(int which, const snas_draw *draw, double *dz)
{
    double dx[EDGES][WIDE];
    const double loss = toy(which, draw->z, dx);
    for (int i = 0; i < LOGITS; i++) {
        const double *g = dx[i / K], *o = O[i / K][i % K];
        const bool ran = !draw->sparse || draw->z[i] != 0;
        dz[i] = ran ? g[1] * o[0] + g[2] * o[1] : draw->skipped_as_ones ? g[1] + g[2] : 0;
    }
    return loss;
}

/* --- what is exact ------------------------------------------------------------------------------------------------ */

/* d E[L] / d log_alpha of the categorical objective, by enumeration: p_k (E[L | k] - E[L]). */
static void exact_gradient(int which, double *d)
{
    double p[LOGITS], mean = 0, given[LOGITS] = {0};
    snas_logits_probabilities(&logits, p);
    for (int a = 0; a < K; a++) {
        for (int b = 0; b < K; b++) {
            double z[LOGITS] = {0}, dx[EDGES][WIDE];
            z[a] = z[K + b] = 1;
            const double loss = toy(which, z, dx);
            mean += p[a] * p[K + b] * loss;
            given[a] += p[K + b] * loss;
            given[K + b] += p[a] * loss;
        }
    }
    for (int i = 0; i < LOGITS; i++) {
        d[i] = p[i] * (given[i] - mean);
    }
}

/* E[u u^T] of edge e under the relaxed sample; its first row is E[u]. */
static void moments(int e, const double *log_a, double tau, double m[WIDE][WIDE])
{
    const double REACH = 25, GAP = 0.25; /* density below 1e-10 beyond; the error falls as exp(-2 pi pi tau / GAP) */
    memset(m, 0, sizeof(double[WIDE][WIDE]));
    for (double d1 = -REACH; d1 <= REACH; d1 += GAP) {
        for (double d2 = -REACH; d2 <= REACH; d2 += GAP) {
            const double all = 1 + exp(-d1) + exp(-d2), density = 2 * exp(-d1 - d2) / (all * all * all);
            const double w[K] = {1, exp((log_a[1] + d1 - log_a[0]) / tau), exp((log_a[2] + d2 - log_a[0]) / tau)};
            const double sum = w[0] + w[1] + w[2], z[K] = {w[0] / sum, w[1] / sum, w[2] / sum};
            double u[WIDE];
            output(e, z, u);
            for (int i = 0; i < WIDE * WIDE; i++) {
                m[i / WIDE][i % WIDE] += density * GAP * GAP * u[i / WIDE] * u[i % WIDE];
            }
        }
    }
}

/* E[L] from the edges' moments: E[u]^T N E[v], or sum over E[u u^T] * N E[v v^T] N^T. */
static double expected(int which, double (*u)[WIDE], double (*v)[WIDE])
{
    double sum = 0;
    for (int i = 0; i < WIDE; i++) {
        for (int j = 0; j < WIDE; j++) {
            sum += which == MULTILINEAR ? u[0][i] * N[i][j] * v[0][j] : 0;
            for (int k = 0; which == CURVED && k < WIDE * WIDE; k++) {
                sum += u[i][j] * N[i][k / WIDE] * v[k / WIDE][k % WIDE] * N[j][k % WIDE];
            }
        }
    }
    return sum;
}

static void relaxed_gradient(double tau, double d[TOYS][LOGITS])
{
    const double STEP = 1e-3;
    double at[EDGES][WIDE][WIDE];
    for (int e = 0; e < EDGES; e++) {
        moments(e, log_alpha + e * K, tau, at[e]);
        assert_near(at[e][0][0], 1, 1e-8); /* the density integrates to 1 */
    }
    for (int i = 0; i < LOGITS; i++) {
        double moved[2][WIDE][WIDE], log_a[K];
        for (int s = 0; s < 2; s++) {
            memcpy(log_a, log_alpha + i / K * K, sizeof log_a);
            log_a[i % K] += s == 0 ? STEP : -STEP;
            moments(i / K, log_a, tau, moved[s]);
        }
        for (int which = 0; which < TOYS; which++) {
            const double up = i < K ? expected(which, moved[0], at[1]) : expected(which, at[0], moved[0]);
            const double down = i < K ? expected(which, moved[1], at[1]) : expected(which, at[0], moved[1]);
            d[which][i] = (up - down) / (2 * STEP);
        }
    }
}

/* --- what is drawn ------------------------------------------------------------------------------------------------ */

typedef struct {
    double mean[LOGITS], variance[LOGITS]; /* of one draw's gradient */
} estimate;

/* One draw's gradient; `memory`: the estimator's state. */
static void one_gradient(const snas_estimator *estimator, int which, const snas_draw *draw, double *memory, double *d)
{
    double dz[LOGITS];
    const double loss = loss_at(which, draw, dz);
    memset(d, 0, LOGITS * sizeof *d);
    if (estimator->grad != NULL) {
        estimator->grad(&logits, draw, dz, d);
    } else {
        const snas_reward reward = {.value = -loss, .decay = 0.9};
        estimator->observe(&logits, draw, &reward, memory, d);
    }
}

static void measure(const char *name, int which, double tau, estimate *out)
{
    static const int type;
    const snas_estimator *estimator = snas_estimator_find(name);
    double gumbel[LOGITS], z[LOGITS], d[LOGITS], memory[4] = {0}, sum[LOGITS] = {0}, squares[LOGITS] = {0};
    snas_draw draw = {.rows = 1, .type_of_row = &type, .temperature = tau, .gumbel = gumbel, .z = z};
    snas_rng rng = snas_rng_at(1, SNAS_STREAM_TEST, 9);
    assert_non_null(estimator);
    assert_true(estimator->state_count <= 4);
    for (int n = -10; n < DRAWS; n++) { /* the first ones start the baseline */
        snas_draw_noise(&logits, &draw, &rng);
        estimator->draw(&logits, &draw);
        one_gradient(estimator, which, &draw, memory, d);
        for (int i = 0; n >= 0 && i < LOGITS; i++) {
            sum[i] += d[i];
            squares[i] += d[i] * d[i];
        }
    }
    for (int i = 0; i < LOGITS; i++) {
        out->mean[i] = sum[i] / DRAWS;
        out->variance[i] = (squares[i] - sum[i] * sum[i] / DRAWS) / (DRAWS - 1);
    }
}

static double norm(const double *d)
{
    double sum = 0;
    for (int i = 0; i < LOGITS; i++) {
        sum += d[i] * d[i];
    }
    return sqrt(sum);
}

/* The largest distance of a mean from `truth`, in its standard errors; 1000 at most. */
static double errors_off(const estimate *e, const double *truth)
{
    double largest = 0;
    for (int i = 0; i < LOGITS; i++) {
        const double error = sqrt(e->variance[i] / DRAWS) + 1e-9;
        largest = fmax(largest, fabs(e->mean[i] - truth[i]) / error);
    }
    return fmin(largest, 1000);
}

/* |mean - truth| / |truth|. */
static double bias(const estimate *e, const double *truth)
{
    double off[LOGITS];
    for (int i = 0; i < LOGITS; i++) {
        off[i] = e->mean[i] - truth[i];
    }
    return norm(off) / norm(truth);
}

/* The deviation of one draw's gradient over |truth|. */
static double noise(const estimate *e, const double *truth)
{
    double sum = 0;
    for (int i = 0; i < LOGITS; i++) {
        sum += e->variance[i];
    }
    return sqrt(sum) / norm(truth);
}

static const double UNBIASED = 4.5; /* standard errors: of 6 entries one in 20,000 runs would be further off */

/* What an estimator must show on a toy: a bias between these parts of the exact gradient; `most` 0: none. */
typedef struct {
    const char *name;
    double tau;
    double least[TOYS], most[TOYS];
} expectation;

static void check_one(const expectation *e)
{
    for (int which = 0; which < TOYS; which++) {
        estimate got;
        double exact[LOGITS];
        exact_gradient(which, exact);
        measure(e->name, which, e->tau, &got);
        const double part = bias(&got, exact);
        print_message("| %-11s | %-16s | %4.1f | %7.4f | %6.1f | %7.3f |\n", TOY_NAMES[which], e->name, e->tau, part,
                      errors_off(&got, exact), noise(&got, exact));
        if (e->most[which] == 0) {
            assert_true(errors_off(&got, exact) < UNBIASED);
        } else {
            assert_true(errors_off(&got, exact) > UNBIASED);
            assert_true(part > e->least[which] && part < e->most[which]);
        }
    }
}

static void means_are_off_the_exact_gradient_by_as_much_as_they_shall(void **state)
{
    (void)state;
    static const expectation ROWS[] = {
        {"categorical", 1, {0}, {0}},
        {"single-path", 1, {0, 1.3}, {0, 1.43}},
        {"attention", 1, {0, 0.95}, {0, 1.06}},
        {"concrete", 1, {0.28, 0.7}, {0.33, 0.79}},
        {"concrete", 0.3, {0.04, 0.35}, {0.07, 0.45}},
        {"straight-through", 1, {0.22, 0.62}, {0.28, 0.74}},
        {"straight-through", 0.3, {0.02, 0.23}, {0.06, 0.33}},
        {"gdas", 1, {0.6, 0.74}, {0.7, 0.84}},
        {"gdas", 0.3, {0.48, 0.77}, {0.57, 0.89}},
    };
    print_message("| toy | estimator | tau | bias | standard errors | deviation |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        check_one(&ROWS[i]);
    }
}

static void concrete_is_unbiased_for_the_relaxed_objective(void **state)
{
    (void)state;
    static const double TAUS[] = {1, 0.5};
    for (int t = 0; t < 2; t++) {
        double relaxed[TOYS][LOGITS];
        relaxed_gradient(TAUS[t], relaxed);
        for (int which = 0; which < TOYS; which++) {
            estimate got;
            measure("concrete", which, TAUS[t], &got);
            print_message("concrete, %s, tau %.1f: %.4f of the relaxed gradient off, %.1f standard errors\n",
                          TOY_NAMES[which], TAUS[t], bias(&got, relaxed[which]), errors_off(&got, relaxed[which]));
            assert_true(errors_off(&got, relaxed[which]) < UNBIASED);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_are_off_the_exact_gradient_by_as_much_as_they_shall),
        cmocka_unit_test(concrete_is_unbiased_for_the_relaxed_objective),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
