/* test_bilevel.c -- a step of two levels, held against the same gradients worked out from the network alone. */
#include "step_fixture.h"

static const double CLOSE = 1e-12;

/* The noise that a stream has for the fixture's step, and the draw that follows at its temperature. */
static void draw(step_fixture *f, snas_stream stream)
{
    snas_distribution *d = &f->searcher.distribution;
    snas_distribution_noise(d, 5, stream, 3);
    snas_distribution_draw(d, snas_distribution_temperature(d, 3));
}

/* d_log_alpha of L' + lambda R on the logits' batch, of a fresh fixture. */
static const double *logit_gradient(step_fixture *f)
{
    snas_distribution *d = &f->searcher.distribution;
    draw(f, SNAS_STREAM_GUMBEL_LOGITS);
    step_pass(f, 1, SNAS_MODE_TRAIN);
    double *gradient = snas_arena_take(mem, (size_t)f->count, sizeof *gradient);
    (void)snas_price_add(&f->searcher.price, &d->logits, &d->draw, f->config.search.lambda, d->dz, gradient);
    f->config.search.estimator->grad(&d->logits, &d->draw, d->dz, gradient);
    return gradient;
}

static void logits_move_by_their_own_batch_and_then_the_weights_by_theirs(void **state)
{
    (void)state;
    step_fixture explicit, f;
    snas_searched done;
    step_make(&explicit, "concrete", SNAS_LEVEL_BILEVEL);
    const double *wanted = logit_gradient(&explicit);

    step_make(&f, "concrete", SNAS_LEVEL_BILEVEL);
    snas_distribution *d = &f.searcher.distribution;
    const double *before = step_copy(d->logits.log_alpha, f.count);
    assert_ok(snas_search_step(&f.searcher, &f.input, &done));
    assert_true(step_gap(d->d_log_alpha, wanted, f.count) < CLOSE);
    assert_true(step_gap(d->logits.log_alpha, before, f.count) > 1e-3);

    /* the weights' pass: the moved logits, a draw of its own, the training batch */
    memcpy(explicit.searcher.distribution.logits.log_alpha, d->logits.log_alpha, (size_t)f.count * sizeof(double));
    draw(&explicit, SNAS_STREAM_GUMBEL);
    const double loss = step_pass(&explicit, 0, SNAS_MODE_TRAIN);
    assert_near(done.loss, loss, CLOSE);
    assert_true(step_gap(snas_network_gradients(f.network), snas_network_gradients(explicit.network),
                         snas_network_weight_count(f.network)) < CLOSE);
    /* both passes have moved the running statistics */
    assert_true(step_gap(snas_network_buffers(f.network), snas_network_buffers(explicit.network),
                         snas_network_buffer_values(f.network)) < CLOSE);
}

static void during_the_warm_up_no_batch_of_the_logits_is_wanted(void **state)
{
    (void)state;
    step_fixture f;
    snas_searched done;
    step_make(&f, "concrete", SNAS_LEVEL_BILEVEL);
    f.config.search.logit_warmup = 1;
    assert_false(snas_search_wants_logit_pictures(&f.config.search, 0));
    assert_true(snas_search_wants_logit_pictures(&f.config.search, 1));
    snas_distribution *d = &f.searcher.distribution;
    const double *before = step_copy(d->logits.log_alpha, f.count);
    f.input.logits = (snas_step_input){0};
    assert_ok(snas_search_step(&f.searcher, &f.input, &done));
    assert_memory_equal(before, d->logits.log_alpha, (size_t)f.count * sizeof *before);
    assert_true(done.penalty > 0.0);
}

static void both_levels_have_masks_of_their_own(void **state)
{
    (void)state;
    step_fixture f[2];
    snas_searched done;
    for (int i = 0; i < 2; i++) {
        step_make(&f[i], "concrete", SNAS_LEVEL_BILEVEL);
        f[i].config.search.drop_path = 0.5;
        f[i].searcher.adam.rate = 0.0; /* the weights' pass is the single level's */
        f[i].config.search.level = i == 0 ? SNAS_LEVEL_SINGLE : SNAS_LEVEL_BILEVEL;
        if (i == 1) {
            f[i].input.logits = f[i].input.train;
            f[i].input.logit_gumbel = f[0].searcher.distribution.draw.gumbel;
        }
        assert_ok(snas_search_step(&f[i].searcher, &f[i].input, &done));
    }
    /* the same batch, noise, weights and logits: only the masks differ */
    assert_true(step_gap(f[0].searcher.distribution.d_log_alpha, f[1].searcher.distribution.d_log_alpha, f[0].count) >
                1e-6);
    assert_true(step_gap(snas_network_gradients(f[0].network), snas_network_gradients(f[1].network),
                         snas_network_weight_count(f[0].network)) < CLOSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logits_move_by_their_own_batch_and_then_the_weights_by_theirs),
        cmocka_unit_test(during_the_warm_up_no_batch_of_the_logits_is_wanted),
        cmocka_unit_test(both_levels_have_masks_of_their_own),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
