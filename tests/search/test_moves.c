/* test_moves.c -- what a step of each method moves: the weights that its last pass has run, their momentum, and the
 * logits unless they rest. */
#include "step_fixture.h"

static bool same(const void *a, const void *b, const snas_parameter *p)
{
    return memcmp((const double *)a + p->first, (const double *)b + p->first, (size_t)p->count * sizeof(double)) == 0;
}

/* Two steps, so that everything that will ever have a momentum has one. */
static void check(const snas_search_method *method, const char *estimator, snas_search_level level)
{
    step_fixture f;
    snas_searched done;
    step_make(&f, estimator, level);
    f.config.search.method = method;
    f.config.search.resource_gradient = SNAS_RESOURCE_DISCRETE;
    assert_ok(snas_search_step(&f.searcher, &f.input, &done));
    f.input.train.global_step = f.input.logits.global_step = 4; /* other draws */
    const int64_t n = f.searcher.descent.count;
    const double *W = step_copy(snas_network_weights(f.network), n), *m = step_copy(f.searcher.descent.momentum, n);
    const double *log_alpha = step_copy(f.searcher.distribution.logits.log_alpha, f.count);
    assert_ok(snas_search_step(&f.searcher, &f.input, &done));
    int moved = 0, stayed = 0;
    for (int i = 0; i < snas_network_parameter_count(f.network); i++) {
        const snas_parameter *p = snas_network_parameter(f.network, i);
        const bool ran = snas_network_parameter_ran(f.network, i);
        if (!ran && !(same(snas_network_weights(f.network), W, p) && same(f.searcher.descent.momentum, m, p))) {
            fail_msg("'%s' of %s, %s has moved and did not run", p->name, method->name, estimator);
        }
        moved += ran;
        stayed += !ran;
    }
    assert_true(moved > 10);
    assert_int_equal(stayed > moved, f.searcher.distribution.draw.sparse);
    assert_int_equal(step_gap(f.searcher.distribution.logits.log_alpha, log_alpha, f.count) > 0.0,
                     level != SNAS_LEVEL_WEIGHTS);
    assert_true(isfinite(done.loss) && isfinite(done.norm) && done.penalty > 0.0);
}

static void what_did_not_run_did_not_move_in_any_method(void **state)
{
    (void)state;
    for (const snas_search_method *m = snas_search_methods; m->name != NULL; m++) {
        for (int e = 0; m->estimators[e] != NULL; e++) {
            for (int l = 0; m->levels[l] != NULL; l++) {
                check(m, m->estimators[e], snas_search_level_find(m->levels[l]));
            }
        }
    }
}

/* Draws and gradients of the same noise and dL/dZ at two temperatures: they differ where the row says so. */
static void the_temperature_counts_where_the_row_says_so(void **state)
{
    (void)state;
    for (int i = 0; snas_estimators[i] != NULL; i++) {
        const snas_estimator *e = snas_estimators[i];
        double *seen[2];
        step_fixture f;
        step_make(&f, e->name, SNAS_LEVEL_SINGLE);
        snas_distribution *d = &f.searcher.distribution;
        snas_distribution_noise(d, 1, SNAS_STREAM_TEST, 0);
        for (int hot = 0; hot < 2; hot++) {
            snas_distribution_draw(d, hot ? 1.0 : 0.5);
            seen[hot] = step_copy(d->draw.z, f.count);
            for (int k = 0; k < f.count; k++) {
                d->dz[k] = k % 5;
            }
            if (e->grad != NULL) {
                e->grad(&d->logits, &d->draw, d->dz, seen[hot]);
            }
        }
        assert_int_equal(step_gap(seen[0], seen[1], f.count) > 0.0, e->tempered);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_did_not_run_did_not_move_in_any_method),
        cmocka_unit_test(the_temperature_counts_where_the_row_says_so),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
