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
        snas_search_parts parts;
        config.search.train_images = cases[i].train;
        config.search.validation_images = cases[i].validation;
        assert_ok(snas_streams_search(mem, &config, &dataset, &parts));
        assert_int_equal(parts.train.count, cases[i].n);
        assert_int_equal(parts.validation.count, cases[i].m);
    }
}

static void held_out_pictures_are_in_no_training_batch(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    snas_search_parts parts;
    bool seen[FIXTURE_TRAIN] = {false};
    config.search.train_images = config.search.validation_images = 0;
    assert_ok(snas_streams_search(mem, &config, &dataset, &parts));
    assert_ptr_equal(parts.validation.pictures, &dataset.train);
    for (int i = 0; i < parts.train.count; i++) {
        seen[parts.train.index[i]] = true;
    }
    for (int i = 0; i < parts.validation.count; i++) {
        assert_false(seen[parts.validation.index[i]]);
    }
}

typedef struct {
    int train, logits, validation; /* what the config says */
    int n, h, m;                   /* what comes of it */
    snas_validate validate;
} thirds;

static void a_level_with_pictures_for_the_logits_has_three_parts(void **state)
{
    (void)state;
    const thirds cases[] = {
        {0, 0, 0, 32, 16, 16, SNAS_VALIDATE_HELD_OUT},       {20, 0, 0, 20, 20, 20, SNAS_VALIDATE_HELD_OUT},
        {40, 0, 0, 40, 12, 12, SNAS_VALIDATE_HELD_OUT},      {0, 10, 0, 36, 10, 18, SNAS_VALIDATE_HELD_OUT},
        {0, 0, 4, 40, 20, 4, SNAS_VALIDATE_HELD_OUT},        {30, 0, 4, 30, 30, 4, SNAS_VALIDATE_HELD_OUT},
        {30, 14, 0, 30, 14, 20, SNAS_VALIDATE_HELD_OUT},     {10, 20, 30, 10, 20, 30, SNAS_VALIDATE_HELD_OUT},
        {0, 0, 0, 32, 32, FIXTURE_TEST, SNAS_VALIDATE_TEST}, {0, 24, 5, 40, 24, 5, SNAS_VALIDATE_TEST},
    };
    snas_config config = fixture_config();
    config.search.level = SNAS_LEVEL_BILEVEL;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const thirds *c = &cases[i];
        snas_search_parts parts;
        config.search.train_images = c->train;
        config.search.logit_images = c->logits;
        config.search.validation_images = c->validation;
        config.search.validate = c->validate;
        assert_ok(snas_streams_search(mem, &config, &dataset, &parts));
        assert_int_equal(parts.train.count, c->n);
        assert_int_equal(parts.logits.count, c->h);
        assert_int_equal(parts.validation.count, c->m);
        int uses[FIXTURE_TRAIN] = {0};
        const snas_selection *all[] = {&parts.train, &parts.logits, &parts.validation};
        for (int part = 0; part < (c->validate == SNAS_VALIDATE_TEST ? 2 : 3); part++) {
            for (int k = 0; k < all[part]->count; k++) {
                assert_int_equal(uses[all[part]->index[k]]++, 0);
            }
        }
    }
}

static void three_parts_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    const thirds cases[] = {
        {62, 0, 0, 0, 0, 0, SNAS_VALIDATE_HELD_OUT}, /* leaves one each: taken */
        {64, 0, 0, 0, 0, 0, SNAS_VALIDATE_HELD_OUT}, {30, 30, 5, 0, 0, 0, SNAS_VALIDATE_HELD_OUT},
        {0, 64, 0, 0, 0, 0, SNAS_VALIDATE_HELD_OUT}, {0, 64, 0, 0, 0, 0, SNAS_VALIDATE_TEST},
    };
    snas_config config = fixture_config();
    config.search.level = SNAS_LEVEL_BILEVEL;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snas_search_parts parts;
        config.search.train_images = cases[i].train;
        config.search.logit_images = cases[i].logits;
        config.search.validation_images = cases[i].validation;
        config.search.validate = cases[i].validate;
        if (i > 0) {
            assert_fails(snas_streams_search(mem, &config, &dataset, &parts), SNAS_E_USAGE, "'search.logit_images'");
        } else {
            assert_ok(snas_streams_search(mem, &config, &dataset, &parts));
        }
    }
}

/* With one level the key says nothing, and the parts are what they were. */
static void a_level_without_such_pictures_has_two_parts(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    snas_search_parts plain, more;
    assert_ok(snas_streams_search(mem, &config, &dataset, &plain));
    config.search.logit_images = 7;
    assert_ok(snas_streams_search(mem, &config, &dataset, &more));
    assert_int_equal(more.logits.count, 0);
    assert_memory_equal(plain.train.index, more.train.index, (size_t)plain.train.count * sizeof(int));
    assert_memory_equal(plain.validation.index, more.validation.index, (size_t)plain.validation.count * sizeof(int));
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
        snas_search_parts parts;
        config.search.train_images = cases[i].train;
        config.search.validation_images = cases[i].validation;
        assert_fails(snas_streams_search(mem, &config, &dataset, &parts), SNAS_E_USAGE, "of the training set");
    }
}

static void validation_on_the_test_set_leaves_all_training_pictures(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    snas_search_parts parts;
    config.search.validate = SNAS_VALIDATE_TEST;
    config.search.train_images = config.search.validation_images = 0;
    assert_ok(snas_streams_search(mem, &config, &dataset, &parts));
    assert_int_equal(parts.train.count, FIXTURE_TRAIN);
    assert_int_equal(parts.validation.count, FIXTURE_TEST);
    assert_ptr_equal(parts.validation.pictures, &dataset.test);
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
        cmocka_unit_test(a_level_with_pictures_for_the_logits_has_three_parts),
        cmocka_unit_test(three_parts_that_do_not_fit_are_refused),
        cmocka_unit_test(a_level_without_such_pictures_has_two_parts),
        cmocka_unit_test(held_out_pictures_are_in_no_training_batch),
        cmocka_unit_test(a_stream_goes_on_over_the_ends_of_its_epochs),
        cmocka_unit_test(every_stream_has_an_order_of_its_own),
        cmocka_unit_test(the_seed_of_a_run_does_not_divide_folders),
        cmocka_unit_test(sizes_that_do_not_fit_are_refused),
        cmocka_unit_test(validation_on_the_test_set_leaves_all_training_pictures),
    };
    return cmocka_run_group_tests(tests, begin, arena_teardown);
}
