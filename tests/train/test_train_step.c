/* test_train_step.c -- one step of a training: parts of a batch, the learning rate, decay, the running average. */
#include "arena_fixture.h"
#include "run_fixture.h"
#include "smaller.h"
#include "snas/learn/descent.h"
#include "snas/learn/run_network.h"
#include "snas/train/train.h"
#include "training.h"

static const double FLOAT_SUM = 1e-6; /* a few float roundings of numbers around 1 */

static snas_genotype genotype;
static const snas_team one = {.threads = 1};

/* A training made ready as the loop does it. */
static training_state *prepare(snas_loop *loop, const snas_config *config, const snas_run_options *options)
{
    *loop = (snas_loop){.task = &snas_train_task, .config = config, .options = options, .mem = mem, .scratch = mem};
    assert_ok(snas_train_task.prepare(loop, &genotype));
    return loop->context;
}

static void parts_of_a_batch_give_the_gradient_of_its_mean_loss(void **state)
{
    (void)state;
    enum { N = 7, FIRST = 3 }; /* 7 pictures in parts of at most 4: 3 and 4 */
    snas_config config = fixture_config();
    config.train.batch = N;
    config.train.micro_batch = 4;
    config.train.drop_path = 0.0;
    config.train.weights = (snas_weights_config){.rate = 1.0,
                                                 .rate_last = 1.0,
                                                 .schedule = snas_rate_schedule_find("constant"),
                                                 .pace_of_norms_and_biases = 1.0};
    const snas_run_options options = fixture_options(NULL);
    snas_loop loop, other;
    training_state *stepped = prepare(&loop, &config, &options);
    prepare(&other, &config, &options);
    assert_int_equal(snas_train_parts(&config.train, N), 2);
    assert_int_equal(snas_train_micro_batch(&config.train), 4);

    snas_loop_step step;
    assert_ok(snas_train_task.step(&loop, &step));

    const int64_t weights = stepped->trainer.descent.count;
    double *sum, loss = 0.0;
    sum = snas_arena_take(mem, (size_t)weights, sizeof *sum); /* zeros */
    assert_non_null(sum);
    snas_loaded loaded;
    assert_ok(snas_batch_stream_next(&other.train, &loaded));
    assert_int_equal(loaded.count, N);
    for (int p = 0; p < 2; p++) {
        const int first = p == 0 ? 0 : FIRST, count = p == 0 ? FIRST : N - FIRST;
        const snas_batch part = {.count = count,
                                 .images = loaded.images + first * FIXTURE_SIDE * FIXTURE_SIDE * 3,
                                 .labels = loaded.labels + first};
        snas_outcome outcome;
        snas_network_forward(other.network, &part, SNAS_MODE_TRAIN, &outcome);
        snas_network_backward(other.network, &part, NULL);
        const float *g = snas_network_gradients(other.network);
        for (int64_t i = 0; i < weights; i++) {
            sum[i] += (double)g[i] * count / N;
        }
        loss += outcome.loss * count / N;
    }
    assert_near(step.loss, loss, 1e-12);
    assert_int_equal(step.images, N);
    const float *before = snas_network_weights(other.network);
    const float *after = snas_network_weights(loop.network);
    double largest = 0.0;
    for (int64_t i = 0; i < weights; i++) {
        assert_near((double)after[i], (double)before[i] - sum[i], FLOAT_SUM);
        largest = fmax(largest, fabs(sum[i]));
    }
    assert_true(largest > 0.01); /* something was there to be compared */
}

static void the_rate_rises_to_the_schedule_and_then_follows_it(void **state)
{
    (void)state;
    const snas_config config = fixture_busy_config();
    const snas_run_options options = fixture_options(NULL);
    snas_loop loop;
    const snas_descent *d = &prepare(&loop, &config, &options)->trainer.descent;
    const double rate = config.train.weights.rate; /* warm-up: two epochs of four steps */
    assert_near(snas_descent_rate(d, 0, 0), rate / 8, 1e-15);
    assert_near(snas_descent_rate(d, 0, 3), rate * 4 / 8, 1e-15);
    assert_near(snas_descent_rate(d, 1, 3), rate, 1e-15);
    assert_near(snas_descent_rate(d, 2, 0), rate, 1e-15);
    assert_near(snas_descent_rate(d, 3, 1), rate, 1e-15);
    assert_near(snas_descent_rate(d, 4, 0), rate / 2, 1e-15);
}

static void norms_and_biases_are_spared_the_decay(void **state)
{
    (void)state;
    snas_config config = fixture_busy_config();
    config.train.weights.decay = 0.5;
    config.train.weights.nesterov = false;
    const snas_run_options options = fixture_options(NULL);
    for (int all = 0; all < 2; all++) {
        snas_loop loop;
        config.train.weights.decay_norms_and_biases = all == 1;
        const snas_descent *d = &prepare(&loop, &config, &options)->trainer.descent;
        float *w = snas_network_weights(loop.network);
        for (int64_t i = 0; i < d->count; i++) {
            w[i] = 1.0f;
        }
        snas_descent_step(d, &one, 0.1, 0.0); /* the gradient is zero: only decay moves */
        int spared = 0;
        for (int i = 0; i < snas_network_parameter_count(loop.network); i++) {
            const snas_parameter *p = snas_network_parameter(loop.network, i);
            const bool decays = all == 1 || (!p->is_norm && !snas_ends(p->name, ".bias"));
            spared += !decays;
            assert_near((double)w[p->first], decays ? 0.95 : 1.0, FLOAT_SUM);
            assert_near((double)w[p->first + p->count - 1], decays ? 0.95 : 1.0, FLOAT_SUM);
        }
        assert_true(all == 1 || spared > 10);
    }
}

static void the_average_follows_its_equation_and_changes_places(void **state)
{
    (void)state;
    snas_config config = fixture_busy_config();
    const snas_run_options options = fixture_options(NULL);
    snas_loop loop;
    snas_average *average = &prepare(&loop, &config, &options)->trainer.average;
    float *w = snas_network_weights(loop.network), *b = snas_network_buffers(loop.network);
    double want = (double)w[1], want_buffer = (double)b[1];
    for (int t = 0; t < 200; t++) {
        w[1] = (float)(t % 7) - 2.0f;
        b[1] = (float)(t % 5);
        snas_average_step(average, &one);
        const double keep = fmin(0.9, (1.0 + t) / (10.0 + t));
        want = keep * want + (1.0 - keep) * (double)w[1];
        want_buffer = keep * want_buffer + (1.0 - keep) * (double)b[1];
        assert_near((double)average->weights[1], want, 1e-5);
    }
    const float kept = w[1];
    snas_average_swap(average);
    assert_near((double)w[1], want, 1e-5);
    assert_near((double)b[1], want_buffer, 1e-5);
    snas_average_swap(average);
    assert_true(w[1] == kept);
}

static void a_step_moves_the_average(void **state)
{
    (void)state;
    const snas_config config = fixture_busy_config();
    const snas_run_options options = fixture_options(NULL);
    snas_loop loop;
    snas_loop_step step;
    const snas_average *average = &prepare(&loop, &config, &options)->trainer.average;
    const double keep = 1.0 / 10.0; /* of the ramp's first step */
    const double before = (double)average->weights[0];
    assert_ok(snas_train_task.step(&loop, &step));
    const double after = (double)((const float *)snas_network_weights(loop.network))[0];
    assert_true(after != before);
    assert_near((double)average->weights[0], keep * before + (1.0 - keep) * after, FLOAT_SUM);
}

static int begin(void **state)
{
    if (arena_setup(state) != 0) {
        return -1;
    }
    assert_ok(snas_genotype_load(mem, "DARTS_V2", &genotype));
    return 0;
}

/* A picture of 8 x 8 and one of 6 x 6 have a grid of 24 x 24 in common, on which a mean over an area is a sum. */
static void a_smaller_pixel_is_the_mean_over_its_area(void **state)
{
    (void)state;
    enum { SIDE = 8, SMALL = 6, FINE = 24, COLOURS = 3, COUNT = 2, WHOLE = FINE / SIDE, PART = FINE / SMALL };
    float x[COUNT][SIDE][SIDE][COLOURS], y[COUNT][SMALL][SMALL][COLOURS], shares[SMALL * SIDE];
    snas_rng rng = snas_rng_at(1, SNAS_STREAM_AUGMENT, 0);
    for (size_t i = 0; i < sizeof x / sizeof(float); i++) {
        (&x[0][0][0][0])[i] = (float)snas_rng_uniform(&rng);
    }
    train_shares(SIDE, SMALL, shares);
    train_shrink(&one, &(train_resizing){shares, SIDE, SMALL}, COUNT, &x[0][0][0][0], &y[0][0][0][0]);
    for (int n = 0; n < COUNT; n++) {
        for (int at = 0; at < SMALL * SMALL * COLOURS; at++) {
            const int i = at / COLOURS / SMALL, j = at / COLOURS % SMALL, c = at % COLOURS;
            double sum = 0.0;
            for (int fine = 0; fine < PART * PART; fine++) {
                sum += (double)x[n][(i * PART + fine / PART) / WHOLE][(j * PART + fine % PART) / WHOLE][c];
            }
            assert_near((double)y[n][i][j][c], sum / (PART * PART), 1e-6);
        }
    }
}

/* As a network for pictures of that side would take it, whose pictures were resized before. */
static void a_step_on_smaller_pictures_moves_the_same_weights(void **state)
{
    (void)state;
    enum { SIDE = 16, SMALL = 8, BATCH = 6 };
    snas_config config = fixture_config();
    config.data.synthetic_side = SIDE;
    config.train.batch = BATCH;
    config.train.micro_batch = BATCH / 2;
    config.train.epochs = 4;
    config.train.small_side = SMALL;
    config.train.small_share = 0.5;
    const snas_run_options options = fixture_options(NULL);
    snas_loop loop;
    training_state *whole = prepare(&loop, &config, &options);
    snas_network_spec spec = snas_train_spec(&config.train, &genotype, &whole->dataset);
    const snas_network_options how = snas_run_network_options(BATCH / 2, config.shards, false, NULL);
    snas_network *network;
    snas_trainer trainer;
    spec.side = SMALL;
    assert_int_equal(snas_train_small_epochs(&config.train), 2);
    assert_ok(snas_network_create(mem, &one, &spec, &how, &network));
    snas_network_init(network, config.seed);
    assert_ok(snas_trainer_create(mem, &config.train, &one, network, loop.steps_per_epoch, &trainer));
    const size_t weights = (size_t)trainer.descent.count * sizeof(float);
    const size_t buffers = (size_t)snas_network_buffer_values(network) * sizeof(float);
    for (int i = 0; i < 3; i++) {
        float resized[BATCH * SMALL * SMALL * 3];
        snas_trained plain, smaller;
        snas_loaded pictures;
        assert_ok(snas_batch_stream_next(&loop.train, &pictures));
        snas_step_input input = snas_loop_step_input(&loop, &pictures);
        input.epoch = 1;
        assert_ok(snas_train_step(&whole->trainer, &input, &smaller));
        const train_resizing resizing = {whole->trainer.small_shares, SIDE, SMALL};
        train_shrink(&one, &resizing, pictures.count, pictures.images, resized);
        input.images = resized;
        assert_ok(snas_train_step(&trainer, &input, &plain));
        assert_true(plain.loss == smaller.loss && plain.norm == smaller.norm);
        assert_memory_equal(snas_network_weights(loop.network), snas_network_weights(network), weights);
        assert_memory_equal(snas_network_buffers(loop.network), snas_network_buffers(network), buffers);
        loop.state.global_step++;
    }
    snas_loaded pictures;
    snas_trained after;
    assert_ok(snas_batch_stream_next(&loop.train, &pictures));
    snas_step_input input = snas_loop_step_input(&loop, &pictures);
    input.epoch = 2;
    assert_ok(snas_train_step(&whole->trainer, &input, &after));
    assert_true(memcmp(snas_network_weights(loop.network), snas_network_weights(network), weights) != 0);
}

static void smaller_pictures_that_are_none_are_refused(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    const snas_run_options options = fixture_options(NULL);
    config.train.small_side = FIXTURE_SIDE;
    config.train.small_share = 0.5;
    snas_loop loop = {.task = &snas_train_task, .config = &config, .options = &options, .mem = mem, .scratch = mem};
    assert_fails(snas_train_task.prepare(&loop, &genotype), SNAS_E_USAGE, "less than the pictures' side");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_a_batch_give_the_gradient_of_its_mean_loss),
        cmocka_unit_test(the_rate_rises_to_the_schedule_and_then_follows_it),
        cmocka_unit_test(norms_and_biases_are_spared_the_decay),
        cmocka_unit_test(a_step_moves_the_average),
        cmocka_unit_test(the_average_follows_its_equation_and_changes_places),
        cmocka_unit_test(a_smaller_pixel_is_the_mean_over_its_area),
        cmocka_unit_test(a_step_on_smaller_pictures_moves_the_same_weights),
        cmocka_unit_test(smaller_pictures_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, begin, arena_teardown);
}
