/* test_streams.c -- which pictures a search trains on and is judged by. */
#include "arena_fixture.h"
#include "run_fixture.h"
#include "snas/learn/streams.h"

static snas_dataset dataset; /* 64 training and 24 test pictures */

typedef struct {
    int train, validation; /* what the config says */
    int n, m;              /* what comes of it */
} sizes;

static void held_out_sizes_follow_the_rule(void **state)
{
    (void)state;
    const sizes cases[] = {
        {0, 0, 32, 32}, {0, 10, 54, 10}, {20, 0, 20, 20}, {40, 0, 40, 24}, {30, 5, 30, 5}, {60, 4, 60, 4},
    };
    snas_config config = fixture_config();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snas_selection train, validation;
        config.search.train_images = cases[i].train;
        config.search.validation_images = cases[i].validation;
        assert_ok(snas_streams_search(mem, &config, &dataset, &train, &validation));
        assert_int_equal(train.count, cases[i].n);
        assert_int_equal(validation.count, cases[i].m);
    }
}

static void held_out_pictures_are_in_no_training_batch(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    snas_selection train, validation;
    bool seen[FIXTURE_TRAIN] = {false};
    config.search.train_images = config.search.validation_images = 0;
    assert_ok(snas_streams_search(mem, &config, &dataset, &train, &validation));
    assert_ptr_equal(validation.pictures, &dataset.train);
    for (int i = 0; i < train.count; i++) {
        seen[train.index[i]] = true;
    }
    for (int i = 0; i < validation.count; i++) {
        assert_false(seen[validation.index[i]]);
    }
}

/* 20 pictures in batches of 8: three batches an epoch. */
static snas_loader *loader_of(int stream)
{
    snas_loader *loader;
    snas_selection all, some;
    assert_ok(snas_selection_all(mem, &dataset.train, &all));
    some = all;
    some.count = 20;
    const snas_loader_request request = {.dataset = &dataset,
                                         .selection = some,
                                         .shuffle = true,
                                         .seed = 3,
                                         .stream = stream,
                                         .batch = 8,
                                         .team = {.threads = 1}};
    assert_ok(snas_loader_create(mem, &request, &loader));
    return loader;
}

static void a_stream_goes_on_over_the_ends_of_its_epochs(void **state)
{
    (void)state;
    snas_batch_stream stream = {.loader = loader_of(0)};
    snas_loader *same = loader_of(0);
    for (int n = 0; n < 8; n++) {
        snas_loaded got, want;
        assert_ok(snas_batch_stream_next(&stream, &got));
        assert_ok(snas_loader_take(same, n / 3, n % 3, &want));
        assert_int_equal(got.count, n % 3 < 2 ? 8 : 4);
        assert_memory_equal(got.labels, want.labels, (size_t)got.count * sizeof *got.labels);
    }
    assert_int_equal(stream.taken, 8);
}

static void every_stream_has_an_order_of_its_own(void **state)
{
    (void)state;
    snas_batch_stream first = {.loader = loader_of(0)}, second = {.loader = loader_of(1)};
    int differing = 0;
    for (int n = 0; n < 3; n++) {
        snas_loaded a, b;
        assert_ok(snas_batch_stream_next(&first, &a));
        assert_ok(snas_batch_stream_next(&second, &b));
        differing += memcmp(a.labels, b.labels, (size_t)a.count * sizeof *a.labels) != 0;
    }
    assert_true(differing > 0);
}

static void the_seed_of_a_run_does_not_divide_folders(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    config.data.split_seed = 11;
    for (config.seed = 1; config.seed < 4; config.seed++) {
        assert_int_equal(snas_streams_dataset_request(&config, 8).photo.split_seed, 11);
    }
}

static void sizes_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    const sizes cases[] = {
        {60, 5, 0, 0},
        {64, 0, 0, 0},
        {0, 64, 0, 0},
        {65, 0, 0, 0},
    };
    snas_config config = fixture_config();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snas_selection train, validation;
        config.search.train_images = cases[i].train;
        config.search.validation_images = cases[i].validation;
        assert_fails(snas_streams_search(mem, &config, &dataset, &train, &validation), SNAS_E_USAGE,
                     "of the training set");
    }
}

static void validation_on_the_test_set_leaves_all_training_pictures(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    snas_selection train, validation;
    config.search.validate = SNAS_VALIDATE_TEST;
    config.search.train_images = config.search.validation_images = 0;
    assert_ok(snas_streams_search(mem, &config, &dataset, &train, &validation));
    assert_int_equal(train.count, FIXTURE_TRAIN);
    assert_int_equal(validation.count, FIXTURE_TEST);
    assert_ptr_equal(validation.pictures, &dataset.test);
}

static int begin(void **state)
{
    const snas_config config = fixture_config();
    if (arena_setup(state) != 0) {
        return -1;
    }
    assert_ok(snas_streams_open(mem, &config, 0, &dataset));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held_out_sizes_follow_the_rule),
        cmocka_unit_test(held_out_pictures_are_in_no_training_batch),
        cmocka_unit_test(a_stream_goes_on_over_the_ends_of_its_epochs),
        cmocka_unit_test(every_stream_has_an_order_of_its_own),
        cmocka_unit_test(the_seed_of_a_run_does_not_divide_folders),
        cmocka_unit_test(sizes_that_do_not_fit_are_refused),
        cmocka_unit_test(validation_on_the_test_set_leaves_all_training_pictures),
    };
    return cmocka_run_group_tests(tests, begin, arena_teardown);
}
