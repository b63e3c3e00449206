/* test_second_order.c -- the logits' gradient of DARTS' second order: the published formula, and the formula against a
 * central difference over the logits of the loss at the weights that a step would make. */
#include "step_fixture.h"

static const double RATE = 0.05, MU = 0.9, DECAY = 0.01;

/* A fixture with a momentum, so that the step ahead has all of its terms. */
static void make(step_fixture *f)
{
    step_make(f, "attention", SNAS_LEVEL_BILEVEL_SECOND_ORDER);
    snas_weights_config *w = &f->config.search.weights;
    *w = (snas_weights_config){.rate = RATE,
                               .rate_last = RATE,
                               .schedule = snas_rate_schedule_find("constant"),
                               .momentum = MU,
                               .decay = DECAY,
                               .decay_norms_and_biases = true,
                               .pace_of_norms_and_biases = 1.0,
                               .clip = 1e-3}; /* far below the gradient: the step ahead knows no clip */
    snas_rng rng = snas_rng_at(11, SNAS_STREAM_TEST, 0);
    double *m = f->searcher.descent.momentum;
    for (int64_t i = 0; i < f->searcher.descent.count; i++) {
        m[i] = 0.01 * snas_rng_normal(&rng);
    }
}

/* L' + lambda R at the weights that a step from W would make, as a function of the logits alone. */
static double objective(step_fixture *f)
{
    snas_distribution *d = &f->searcher.distribution;
    const int64_t n = f->searcher.descent.count;
    double *W = snas_network_weights(f->network);
    const double *kept = step_copy(W, n), *m = f->searcher.descent.momentum, *g = snas_network_gradients(f->network);
    double *unused = snas_arena_take(mem, (size_t)f->count, sizeof *unused);
    snas_distribution_draw(d, 1.0);
    step_pass(f, 0, SNAS_MODE_BATCH);
    for (int64_t i = 0; i < n; i++) {
        W[i] -= RATE * (MU * m[i] + g[i] + DECAY * W[i]);
    }
    const double loss = step_pass(f, 1, SNAS_MODE_BATCH);
    memcpy(W, kept, (size_t)n * sizeof *W);
    return loss +
           f->config.search.lambda * snas_price_add(&f->searcher.price, &d->logits, &d->draw, 0.0, d->dz, unused);
}

/* The slope of the objective along `direction`. */
static double central_difference(step_fixture *f, const double *direction, double step)
{
    double *log_alpha = f->searcher.distribution.logits.log_alpha, sides[2];
    const double *kept = step_copy(log_alpha, f->count);
    for (int s = 0; s < 2; s++) {
        for (int i = 0; i < f->count; i++) {
            log_alpha[i] = kept[i] + (s == 0 ? step : -step) * direction[i];
        }
        sides[s] = objective(f);
    }
    memcpy(log_alpha, kept, (size_t)f->count * sizeof *log_alpha);
    return (sides[0] - sides[1]) / (2 * step);
}

static double along(const double *gradient, const double *direction, int count)
{
    double slope = 0.0;
    for (int i = 0; i < count; i++) {
        slope += gradient[i] * direction[i];
    }
    return slope;
}

/* dL/d log_alpha on the training batch at W + eps v. */
static double *slope(step_fixture *f, const double *kept, const double *v, double eps)
{
    double *W = snas_network_weights(f->network), *out = snas_arena_take(mem, (size_t)f->count, sizeof *out);
    const snas_distribution *d = &f->searcher.distribution;
    for (int64_t i = 0; i < f->searcher.descent.count; i++) {
        W[i] = kept[i] + eps * v[i];
    }
    step_pass(f, 0, SNAS_MODE_BATCH);
    f->config.search.estimator->grad(&d->logits, &d->draw, d->dz, out);
    return out;
}

/* The method's formula with eps = `times` / |v|, worked out from the network alone. The weights stay as they were. */
static const double *formula(step_fixture *f, double times)
{
    snas_distribution *d = &f->searcher.distribution;
    const int64_t n = f->searcher.descent.count;
    double *W = snas_network_weights(f->network), *gradient = snas_arena_take(mem, (size_t)f->count, sizeof *gradient);
    const double *kept = step_copy(W, n), *m = f->searcher.descent.momentum, *g = snas_network_gradients(f->network);
    snas_distribution_draw(d, 1.0);
    step_pass(f, 0, SNAS_MODE_BATCH);
    for (int64_t i = 0; i < n; i++) {
        W[i] -= RATE * (MU * m[i] + g[i] + DECAY * W[i]);
    }
    step_pass(f, 1, SNAS_MODE_BATCH);
    (void)snas_price_add(&f->searcher.price, &d->logits, &d->draw, f->config.search.lambda, d->dz, gradient);
    f->config.search.estimator->grad(&d->logits, &d->draw, d->dz, gradient);
    const double *v = step_copy(g, n);
    double norm = 0.0;
    for (int64_t i = 0; i < n; i++) {
        norm += v[i] * v[i];
    }
    const double eps = times / sqrt(norm);
    const double *plus = slope(f, kept, v, eps), *minus = slope(f, kept, v, -eps);
    for (int i = 0; i < f->count; i++) {
        gradient[i] -= RATE * (plus[i] - minus[i]) / (2 * eps);
    }
    memcpy(W, kept, (size_t)n * sizeof *W);
    return gradient;
}

static void the_step_computes_the_published_formula(void **state)
{
    (void)state;
    static const double CLOSE = 1e-9; /* a difference of two gradients, over 2 eps */
    step_fixture f, explicit;
    snas_searched done;
    make(&f);
    make(&explicit);
    assert_ok(snas_search_step(&f.searcher, &f.input, &done));
    assert_true(step_gap(f.searcher.distribution.d_log_alpha, formula(&explicit, 0.01), f.count) < CLOSE);
}

/* With a small eps the formula is the derivative of L'(W'(log_alpha), log_alpha), where no relu changes sides. */
static void the_formula_is_the_total_derivative_at_the_weights_ahead(void **state)
{
    (void)state;
    static const double STEP = 1e-7, EPS = 1e-6, CLOSE = 1e-3;
    step_fixture f;
    make(&f);
    double *direction = snas_arena_take(mem, (size_t)f.count, sizeof *direction);
    snas_rng rng = snas_rng_at(12, SNAS_STREAM_TEST, 0);
    for (int i = 0; i < f.count; i++) {
        direction[i] = snas_rng_normal(&rng);
    }
    const double wanted = central_difference(&f, direction, STEP);
    const double got = along(formula(&f, EPS), direction, f.count);
    assert_near(got / wanted, 1.0, CLOSE);
}

static void the_step_ahead_leaves_weights_and_momentum_as_they_were(void **state)
{
    (void)state;
    step_fixture f[2];
    snas_searched done;
    for (int i = 0; i < 2; i++) {
        make(&f[i]);
        f[i].searcher.adam.rate = 0.0;
        f[i].config.search.level = i == 0 ? SNAS_LEVEL_SINGLE : SNAS_LEVEL_BILEVEL_SECOND_ORDER;
        assert_ok(snas_search_step(&f[i].searcher, &f[i].input, &done));
    }
    /* the logits rest, so both have taken the same step */
    const int64_t n = f[0].searcher.descent.count;
    assert_true(step_gap(snas_network_weights(f[1].network), snas_network_weights(f[0].network), n) == 0.0);
    assert_true(step_gap(f[1].searcher.descent.momentum, f[0].searcher.descent.momentum, n) == 0.0);
}

/* The training batch has moved the running statistics four times, the logits' batch never: as in the published code. */
static void running_statistics_see_the_training_batch_alone(void **state)
{
    (void)state;
    step_fixture f, other;
    snas_searched done;
    make(&f);
    make(&other);
    for (int i = 0; i < STEP_PIXELS; i++) {
        step_images[1][i] += 100.0; /* the logits' batch would be seen from far away */
    }
    assert_ok(snas_search_step(&f.searcher, &f.input, &done));
    const int64_t n = snas_network_buffer_values(f.network);
    const char *stem = snas_network_buffer(f.network, 0)->name; /* its mean is that of the pictures under the stem */
    assert_non_null(strstr(stem, "running_mean"));
    snas_distribution_draw(&other.searcher.distribution, 1.0);
    double *after = snas_network_buffers(f.network), *once = snas_network_buffers(other.network);
    step_pass(&other, 0, SNAS_MODE_TRAIN);
    /* r = 1 - 0.9^4 of the batch's mean after four passes that hardly move the stem, 0.1 after one */
    for (int64_t i = 0; i < snas_network_buffer(f.network, 0)->count; i++) {
        assert_near(after[i], (1 - pow(0.9, 4)) / 0.1 * once[i], 0.02);
    }
    assert_true(step_gap(after, once, n) > 1e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_step_computes_the_published_formula),
        cmocka_unit_test(the_formula_is_the_total_derivative_at_the_weights_ahead),
        cmocka_unit_test(the_step_ahead_leaves_weights_and_momentum_as_they_were),
        cmocka_unit_test(running_statistics_see_the_training_batch_alone),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
