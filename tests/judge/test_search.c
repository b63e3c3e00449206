/* test_search.c -- a whole search, small: what it leaves behind, and that stop, threads and damage do not change it. */
#include <errno.h>
#include <fcntl.h>

#include "snas/config/config.h"
#include "snas/format/json.h"
#include "snas/judge/estimate.h"
#include "snas/learn/run_options.h"
#include "snas/model/network.h"
#include "snas/search/derive.h"
#include "snas/search/search.h"
#include "snas/train/train.h"
#include "whole_fixture.h"

static const char *const results[] = {"metrics.jsonl",
                                      "metrics.csv",
                                      "genotype.json",
                                      "genotype.txt",
                                      "cell_normal.png",
                                      "logits_reduce.png",
                                      "checkpoints/LATEST",
                                      "checkpoints/step-00000008.safetensors",
                                      NULL};
enum { ALL_STEPS = 2 * FIXTURE_STEPS };

static void an_epoch_leaves_figures_genotype_and_pictures(void **state)
{
    (void)state;
    const char *const files[] = {"config.json",  "env.json",        "log.txt",
                                 "timing.jsonl", "cell_reduce.png", "logits_normal.png"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        assert_true(fixture_has(mem, whole, files[i]));
    }
    const char *const columns[] = {
        "epoch",          "temperature",         "learning_rate",       "train_loss",     "penalty",
        "lambda_penalty", "expected_penalty",    "validation_accuracy", "child_accuracy", "entropy_normal",
        "entropy_reduce", "expected_parameters", "child_parameters",    "child_macs",     "skips_normal",
        "nones_reduce"};
    const char *csv = fixture_read(mem, whole, "metrics.csv").data;
    const char *jsonl = fixture_read(mem, whole, "metrics.jsonl").data;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        assert_non_null(strstr(csv, columns[i]));
        assert_non_null(strstr(jsonl, columns[i]));
    }
    assert_non_null(strstr(jsonl, "\"genotype\": {"));
    assert_null(strstr(jsonl, "second"));
}

static void resume_is_bit_identical_from_every_step(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    for (int stop = 1; stop <= ALL_STEPS; stop++) {
        const char *folder = fixture_folder(mem);
        snas_run_options options = fixture_options(folder);
        options.stop_after_steps = stop;
        assert_fails(snas_search_start(&config, &options), SNAS_E_INTERRUPTED, "--resume");
        assert_string_equal(fixture_read(mem, folder, "STATUS").data, "interrupted\n");
        options.stop_after_steps = 0;
        assert_ok(snas_search_resume(&config, &options));
        assert_same_run(whole, folder, results);
        fixture_remove(mem, folder);
    }
}

static void many_stops_other_threads_and_workers_change_nothing(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    const char *folder = fixture_folder(mem);
    snas_run_options options = fixture_options(folder);
    options.stop_after_steps = 3;
    snas_status status = snas_search_start(&config, &options);
    static const int THREADS[] = {1, 8, 2};
    for (int i = 0; status == SNAS_E_INTERRUPTED; i++) {
        assert_true(i < ALL_STEPS);
        options.team.threads = THREADS[i % 3];
        config.data.workers = 2 - i % 3;
        config.data.queue = 1 + i % 2;
        status = snas_search_resume(&config, &options);
    }
    assert_ok(status);
    assert_same_run(whole, folder, results);
    fixture_remove(mem, folder);
}

typedef struct {
    volatile sig_atomic_t stop;
} stop_flag;

/* Sets the stop flag in the middle of the child's evaluation. */
static void stop_in_child(void *context, const snas_progress *progress)
{
    stop_flag *flag = context;
    if (strcmp(progress->phase, "child") == 0 && progress->step == 1) {
        flag->stop = 1;
    }
}

static void a_stop_while_an_epoch_is_judged_is_resumed(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const char *folder = fixture_folder(mem);
    snas_run_options options = fixture_options(folder);
    stop_flag flag = {0};
    options.stop = &flag.stop;
    options.progress = stop_in_child;
    options.context = &flag;
    assert_fails(snas_search_start(&config, &options), SNAS_E_INTERRUPTED, "stopped at step 4");
    assert_int_equal(fixture_read(mem, folder, "checkpoints/LATEST").size, 26);
    options = fixture_options(folder);
    assert_ok(snas_search_resume(&config, &options));
    assert_same_run(whole, folder, results);
    fixture_remove(mem, folder);
}

static void another_seed_gives_another_run(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    config.seed++;
    const char *folder = fixture_folder(mem);
    const snas_run_options options = fixture_options(folder);
    assert_ok(snas_search_start(&config, &options));
    const snas_bytes a = fixture_read(mem, whole, "metrics.csv"), b = fixture_read(mem, folder, "metrics.csv");
    assert_false(a.size == b.size && memcmp(a.data, b.data, a.size) == 0);
    fixture_remove(mem, folder);
}

static void the_save_flag_writes_a_checkpoint_and_goes_on(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    config.keep_checkpoints = 100;
    const char *folder = fixture_folder(mem);
    snas_run_options options = fixture_options(folder);
    volatile sig_atomic_t save = 1;
    options.save = &save;
    assert_ok(snas_search_start(&config, &options));
    assert_int_equal(save, 0);
    assert_true(fixture_has(mem, folder, "checkpoints/step-00000001.safetensors"));
    assert_false(fixture_has(mem, folder, "checkpoints/step-00000002.safetensors"));
    fixture_remove(mem, folder);
}

static void checkpoints_come_every_so_many_steps(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    config.keep_checkpoints = 100;
    config.checkpoint_steps = 3;
    const char *folder = fixture_folder(mem);
    const snas_run_options options = fixture_options(folder);
    assert_ok(snas_search_start(&config, &options));
    for (int step = 1; step <= ALL_STEPS; step++) {
        const char *name = snas_format(mem, "checkpoints/step-%08d.safetensors", step);
        assert_int_equal(fixture_has(mem, folder, name), step % 3 == 0 || step % FIXTURE_STEPS == 0);
    }
    fixture_remove(mem, folder);
}

static void a_folder_with_a_run_is_not_written_over(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const snas_run_options options = fixture_options(whole);
    assert_fails(snas_search_start(&config, &options), SNAS_E_USAGE, "already holds a run");
    assert_fails(snas_train_resume(&config, &options), SNAS_E_USAGE, "one of 'snas search'");
    const char *folder = fixture_folder(mem);
    const snas_run_options elsewhere = fixture_options(folder);
    assert_fails(snas_search_resume(&config, &elsewhere), SNAS_E_IO, "not a run");
    assert_same_run(whole, whole, results);
    fixture_remove(mem, folder);
}

static void a_finished_run_that_is_resumed_stays_as_it_is(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const snas_run_options options = fixture_options(whole);
    const snas_bytes before = fixture_read(mem, whole, "metrics.jsonl");
    assert_ok(snas_search_resume(&config, &options));
    const snas_bytes after = fixture_read(mem, whole, "metrics.jsonl");
    assert_int_equal(before.size, after.size);
    assert_memory_equal(before.data, after.data, before.size);
}

static void divergence_fails_with_a_sentence_and_keeps_the_checkpoint(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    config.search.weights.rate = 1e30;
    config.search.weights.rate_last = 1e30;
    config.search.weights.clip = 0.0;
    config.checkpoint_steps = 1;
    const char *folder = fixture_folder(mem);
    const snas_run_options options = fixture_options(folder);
    assert_fails(snas_search_start(&config, &options), SNAS_E_NUMERIC, "diverged at step");
    assert_string_equal(fixture_read(mem, folder, "STATUS").data, "failed\n");
    assert_true(fixture_has(mem, folder, "checkpoints/LATEST"));
    fixture_remove(mem, folder);
}

/* The number of heap allocations at the first and the last step of every epoch. */
typedef struct {
    long first[2], last[2];
} allocations;

static void count_allocations(void *context, const snas_progress *progress)
{
    allocations *a = context;
    if (strcmp(progress->phase, "search") == 0) {
        if (progress->step == 1) {
            a->first[progress->epoch] = snas_heap_allocations();
        }
        a->last[progress->epoch] = snas_heap_allocations();
    }
}

static void a_step_allocates_nothing(void **state)
{
    (void)state;
    for (int workers = 0; workers <= 2; workers += 2) {
        snas_config config = fixture_config();
        config.data.workers = workers;
        config.data.queue = 2;
        const char *folder = fixture_folder(mem);
        snas_run_options options = fixture_options(folder);
        allocations a = {0};
        options.progress = count_allocations;
        options.context = &a;
        assert_ok(snas_search_start(&config, &options));
        assert_true(a.first[0] > 0 && a.first[1] > 0);
        assert_int_equal(a.first[0], a.last[0]);
        assert_int_equal(a.first[1], a.last[1]);
        assert_same_run(whole, folder, results);
        fixture_remove(mem, folder);
    }
}

/* Largest distance of the derived probabilities from those of the first logits. */
static double moved(const snas_config *config)
{
    const char *folder = fixture_folder(mem);
    const snas_run_options options = fixture_options(folder);
    snas_derived derived;
    snas_logits first;
    const int E = snas_space_edge_count(config->search.space), K = config->search.space->candidate_count;
    double *p = snas_arena_take(mem, 2 * (size_t)E * (size_t)K, sizeof(double)), distance = 0.0;
    assert_ok(snas_search_start(config, &options));
    assert_ok(snas_derive(mem, config, &options, &(snas_derive_request){.rule = SNAS_RULE_EDGE, .evaluate = false},
                          &derived));
    assert_ok(snas_logits_create(mem, 2, E, K, &first));
    snas_logits_init(&first, config->seed, config->search.logit_mean, config->search.logit_std);
    snas_logits_probabilities(&first, p);
    for (int i = 0; i < 2 * E * K; i++) {
        distance = fmax(distance, fabs(p[i] - derived.probabilities[i]));
    }
    fixture_remove(mem, folder);
    return distance;
}

static void logits_rest_during_the_warm_up_and_move_after_it(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    config.search.logit_warmup = 2;
    assert_true(moved(&config) == 0.0);
    config.search.logit_warmup = 1;
    assert_true(moved(&config) > 1e-3);
}

static double expected_penalty(const snas_config *config)
{
    const char *folder = fixture_folder(mem);
    const snas_run_options options = fixture_options(folder);
    assert_ok(snas_search_start(config, &options));
    const double R = last_figure(folder, "expected_penalty");
    fixture_remove(mem, folder);
    return R;
}

static void a_price_lowers_the_expected_cost(void **state)
{
    (void)state;
    for (int method = 0; method < SNAS_RESOURCE_GRADIENT_COUNT; method++) {
        snas_config config = fixture_config();
        config.search.resource_gradient = (snas_resource_gradient)method;
        config.search.resource = false;
        const double without = expected_penalty(&config);
        config.search.resource = true;
        config.search.lambda = 1.0;
        assert_true(expected_penalty(&config) < without);
    }
}

static void a_draw_for_every_cell_is_another_search_that_resumes_too(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    config.search.draw_per_cell = true;
    const char *a = fixture_folder(mem), *b = fixture_folder(mem);
    const snas_run_options options = fixture_options(a);
    snas_run_options stopped = fixture_options(b);
    stopped.stop_after_steps = 6;
    assert_ok(snas_search_start(&config, &options));
    assert_fails(snas_search_start(&config, &stopped), SNAS_E_INTERRUPTED, "");
    stopped.stop_after_steps = 0;
    assert_ok(snas_search_resume(&config, &stopped));
    fixture_assert_same(mem, a, b, results[0]);
    fixture_assert_same(mem, a, b, "checkpoints/step-00000008.safetensors");
    const snas_bytes x = fixture_read(mem, whole, "metrics.csv"), y = fixture_read(mem, a, "metrics.csv");
    assert_false(x.size == y.size && memcmp(x.data, y.data, x.size) == 0);
    fixture_remove(mem, a);
    fixture_remove(mem, b);
}

/* --- a full disk -------------------------------------------------------------------------------------------------- */

static int refused_opens; /* how many more checkpoint writes fail */
static int (*real_open)(const char *path, int flags, mode_t mode);

static int full_disk(const char *path, int flags, mode_t mode)
{
    if (refused_opens > 0 && (flags & O_CREAT) != 0 && strstr(path, "/checkpoints/") != NULL) {
        refused_opens--;
        errno = ENOSPC;
        return -1;
    }
    return real_open(path, flags, mode);
}

static snas_status search_on_a_full_disk(const char *folder, int refused)
{
    snas_config config = fixture_config();
    config.checkpoint_steps = 1;
    const snas_run_options options = fixture_options(folder);
    refused_opens = refused;
    real_open = snas_files.open;
    snas_files.open = full_disk;
    const snas_status status = snas_search_start(&config, &options);
    snas_files.open = real_open;
    return status;
}

static void a_full_disk_is_survived_for_a_while(void **state)
{
    (void)state;
    const char *folder = fixture_folder(mem);
    assert_ok(search_on_a_full_disk(folder, 2));
    assert_same_run(whole, folder, results);
    fixture_remove(mem, folder);
}

static void a_disk_that_stays_full_ends_the_run(void **state)
{
    (void)state;
    const char *folder = fixture_folder(mem);
    assert_fails(search_on_a_full_disk(folder, 1000), SNAS_E_IO, "3 times in a row");
    fixture_remove(mem, folder);
}

/* --- derive, estimate --------------------------------------------------------------------------------------------- */

static void derive_reads_the_genotype_of_the_last_epoch(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const snas_run_options options = fixture_options(whole);
    snas_derived derived;
    const char *json;
    assert_ok(snas_derive(mem, &config, &options, &(snas_derive_request){.rule = SNAS_RULE_EDGE, .evaluate = true},
                          &derived));
    assert_ok(snas_genotype_write(mem, &derived.genotype, SNAS_GENOTYPE_JSON, &json));
    assert_string_equal(json, fixture_read(mem, whole, "genotype.json").data);
    assert_int_equal(derived.step, ALL_STEPS);
    assert_true(derived.evaluated && derived.recalibration_batches == 2);
    assert_true(derived.accuracy >= 0.0 && derived.accuracy <= 1.0);
    const char *macs = snas_format(mem, "\"child_macs\": %lld,", (long long)derived.macs);
    assert_non_null(strstr(fixture_read(mem, whole, "metrics.jsonl").data, macs));
}

static void derive_repeats_the_accuracy_of_the_child_of_the_last_epoch(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const double wanted = last_figure(whole, "child_accuracy");
    for (int threads = 1; threads <= 2; threads++) {
        snas_run_options options = fixture_options(whole);
        snas_derived derived;
        options.team.threads = threads;
        assert_ok(snas_derive(mem, &config, &options, &(snas_derive_request){.rule = SNAS_RULE_EDGE, .evaluate = true},
                              &derived));
        assert_true(derived.accuracy == wanted);
    }
}

static void every_rule_gives_a_child_of_its_counted_size(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const snas_run_options options = fixture_options(whole);
    for (int rule = 0; rule < SNAS_RULE_COUNT; rule++) {
        snas_derived derived;
        snas_count size, *none = NULL;
        assert_ok(snas_derive(mem, &config, &options,
                              &(snas_derive_request){.rule = (snas_rule)rule, .evaluate = false}, &derived));
        const snas_network_spec spec = {.space = config.search.space,
                                        .genotype = &derived.genotype,
                                        .channels = config.search.channels,
                                        .cells = config.search.cells,
                                        .classes = 10,
                                        .side = FIXTURE_SIDE};
        assert_ok(snas_network_count(mem, &spec, &size, &none));
        assert_int_equal(derived.parameters, size.parameters);
        assert_int_equal(derived.macs, size.macs);
    }
}

static void an_estimate_tells_pictures_and_steps(void **state)
{
    (void)state;
    const snas_config config = fixture_config();
    const snas_run_options options = fixture_options("nowhere");
    snas_estimate estimate;
    assert_ok(snas_search_estimate(&config, &options, &estimate));
    assert_int_equal(estimate.train_images, 32);
    assert_int_equal(estimate.validation_images, 16);
    assert_int_equal(estimate.test_images, FIXTURE_TEST);
    assert_int_equal(estimate.steps, ALL_STEPS);
    assert_true(estimate.parameters > 0 && estimate.macs > 0 && estimate.activation_bytes > 0);
    snas_estimate many;
    snas_run_options threads = options;
    threads.team = snas_team_make(8);
    assert_ok(snas_search_estimate(&config, &threads, &many)); /* each thread has scratch of its own */
    assert_true(many.activation_bytes > estimate.activation_bytes);
}

static void an_estimate_counts_what_workers_prepare_ahead(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    const snas_run_options options = fixture_options("nowhere");
    snas_estimate plain, ahead;
    assert_ok(snas_search_estimate(&config, &options, &plain));
    config.data.workers = 1;
    config.data.queue = 3;
    assert_ok(snas_search_estimate(&config, &options, &ahead));
    const size_t picture = FIXTURE_SIDE * FIXTURE_SIDE * 3 * sizeof(float);
    assert_true(ahead.data_bytes - plain.data_bytes > 2 * 3 * FIXTURE_BATCH * picture);
}

static int begin(void **state)
{
    const snas_config config = fixture_config();
    return whole_begin(state, &config, snas_search_start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_epoch_leaves_figures_genotype_and_pictures),
        cmocka_unit_test(resume_is_bit_identical_from_every_step),
        cmocka_unit_test(many_stops_other_threads_and_workers_change_nothing),
        cmocka_unit_test(a_stop_while_an_epoch_is_judged_is_resumed),
        cmocka_unit_test(another_seed_gives_another_run),
        cmocka_unit_test(the_save_flag_writes_a_checkpoint_and_goes_on),
        cmocka_unit_test(checkpoints_come_every_so_many_steps),
        cmocka_unit_test(a_folder_with_a_run_is_not_written_over),
        cmocka_unit_test(a_finished_run_that_is_resumed_stays_as_it_is),
        cmocka_unit_test(divergence_fails_with_a_sentence_and_keeps_the_checkpoint),
        cmocka_unit_test(a_step_allocates_nothing),
        cmocka_unit_test(logits_rest_during_the_warm_up_and_move_after_it),
        cmocka_unit_test(a_price_lowers_the_expected_cost),
        cmocka_unit_test(a_draw_for_every_cell_is_another_search_that_resumes_too),
        cmocka_unit_test(a_full_disk_is_survived_for_a_while),
        cmocka_unit_test(a_disk_that_stays_full_ends_the_run),
        cmocka_unit_test(derive_reads_the_genotype_of_the_last_epoch),
        cmocka_unit_test(derive_repeats_the_accuracy_of_the_child_of_the_last_epoch),
        cmocka_unit_test(every_rule_gives_a_child_of_its_counted_size),
        cmocka_unit_test(an_estimate_tells_pictures_and_steps),
        cmocka_unit_test(an_estimate_counts_what_workers_prepare_ahead),
    };
    return cmocka_run_group_tests(tests, begin, whole_end);
}
