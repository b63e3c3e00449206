/* test_bench.c -- what a benchmark of a tiny network says: figures that agree with each other, of every kind of step.
 * */
#include "snas/config/config.h"
#include "snas/judge/bench.h"
#include "snas/space/genotype.h"

#include <math.h>

#include "run_fixture.h"
#include "snas/kernel/sets.h"

enum { STEPS = 3 };
static const double share_most = 1.2;  /* a peak measured beside other work may be too low */
static const double tolerance = 1e-12; /* sums of a few doubles in another order */

static snas_arena *mem;
static snas_genotype genotype;

static snas_benched measure(const snas_genotype *child, bool evaluate, int threads)
{
    const snas_config config = fixture_config();
    const snas_bench_options options = {
        .team = {.threads = threads}, .genotype = child, .evaluate = evaluate, .steps = STEPS};
    snas_benched out;
    assert_ok(snas_bench(mem, &config, &options, &out));
    return out;
}

static const snas_bench_row *find(const snas_benched *b, const char *kernel)
{
    for (int i = 0; i < b->row_count; i++) {
        if (strcmp(b->rows[i].kernel, kernel) == 0) {
            return &b->rows[i];
        }
    }
    return NULL;
}

static void check_figures(const snas_benched *b)
{
    assert_true(0.0 < b->step_s_min && b->step_s_min <= b->step_s_median);
    assert_near(b->images_per_s * b->step_s_median, FIXTURE_BATCH, 1e-9);
    assert_true(b->peak_gflops > 0.0);
    assert_near(b->share_of_peak * b->peak_gflops, b->gflops, 1e-9);
    assert_true(0.0 < b->share_of_peak && b->share_of_peak < share_most);
    assert_true(b->allocations_per_step == 0.0); /* exactly */
    assert_true(0.0 < b->data_wait_share && b->data_wait_share < 1.0);
    assert_true(0.0 < b->planned_mib && b->planned_mib < b->peak_rss_mib);
    assert_true(b->start_s > 0.0);
    assert_true(b->parameters > 0 && b->macs > 0);
}

static void check_table(const snas_benched *b, bool trains)
{
    double sum = 0.0, shares = 0.0;
    for (int i = 0; i < b->row_count; i++) {
        const snas_bench_row *row = &b->rows[i];
        assert_true(row->forward_s >= 0.0 && row->backward_s >= 0.0);
        assert_true(trains || row->backward_calls == 0);
        sum += row->total_s;
        shares += row->share;
    }
    assert_near(sum, b->profiled_step_s, tolerance);
    assert_near(shares, 1.0, tolerance);
    const snas_bench_row *loss = find(b, "loss");
    assert_non_null(loss);
    assert_int_equal((int)loss->forward_calls, FIXTURE_BATCH);
    assert_int_equal((int)loss->backward_calls, trains ? FIXTURE_BATCH : 0);
    const snas_bench_row *rest = &b->rows[b->row_count - 1];
    assert_string_equal(rest->kernel, "rest");
    assert_true(rest->total_s > 0.0); /* nothing is counted twice */
}

static void a_search_step_is_measured(void **state)
{
    (void)state;
    const snas_benched b = measure(NULL, false, 1);
    assert_string_equal(b.step, "search");
    assert_int_equal(b.channels, 4);
    assert_int_equal(b.batch, FIXTURE_BATCH);
    check_figures(&b);
    check_table(&b, true);
}

static void a_training_step_is_measured(void **state)
{
    (void)state;
    const snas_benched b = measure(&genotype, false, 1);
    assert_string_equal(b.step, "train");
    assert_near(b.gflops, 6e-9 * (double)b.macs * b.images_per_s, tolerance);
    check_figures(&b);
    check_table(&b, true);
    assert_true(b.parameters < measure(NULL, false, 1).parameters);
}

static void an_evaluation_has_no_way_back(void **state)
{
    (void)state;
    const snas_genotype *const networks[] = {NULL, &genotype};
    for (int i = 0; i < 2; i++) {
        const snas_benched b = measure(networks[i], true, 1);
        assert_string_equal(b.step, "evaluate");
        check_figures(&b);
        check_table(&b, false);
        assert_near(b.gflops, 2e-9 * (double)b.macs * b.images_per_s, tolerance);
    }
}

/* More cores are never slower in the model, and never faster than Amdahl's law allows. */
static void one_thread_tells_what_more_cores_would_give(void **state)
{
    (void)state;
    const snas_benched b = measure(NULL, false, 1);
    const snas_bench_cores *cores = &b.cores;
    assert_true(cores->known && cores->loops > 0);
    assert_true(0.0 < cores->alone_s && cores->alone_s < cores->step_s[0]);
    assert_true(cores->step_s[0] <= b.profiled_step_s * (1.0 + 1e-9));
    for (int k = 1; k < SNAS_BENCH_CORES; k++) {
        assert_true(cores->step_s[k] <= cores->step_s[k - 1] * (1.0 + 1e-9));
        assert_true(cores->step_s[0] / cores->step_s[k] <= cores->most[k] * (1.0 + 1e-9));
    }
}

static void two_threads_share_the_calls_of_one(void **state)
{
    (void)state;
    const snas_benched one = measure(NULL, false, 1), two = measure(NULL, false, 2);
    assert_int_equal(two.threads, 2);
    assert_int_equal(one.row_count, two.row_count);
    for (int i = 0; i < one.row_count; i++) {
        const snas_bench_row *row = find(&two, one.rows[i].kernel);
        assert_non_null(row);
        if (strcmp(row->kernel, "close") != 0) { /* one thread takes all shards, and merges them as it goes */
            assert_int_equal((int)row->forward_calls, (int)one.rows[i].forward_calls);
            assert_int_equal((int)row->backward_calls, (int)one.rows[i].backward_calls);
        }
    }
    assert_false(two.cores.known);
}

static void a_batch_beyond_the_pictures_is_refused(void **state)
{
    (void)state;
    snas_config config = fixture_config();
    config.search.batch = 33;
    const snas_bench_options options = {.team = {.threads = 1}, .steps = 1};
    snas_benched out;
    assert_fails(snas_bench(mem, &config, &options, &out), SNAS_E_USAGE,
                 "a batch of 33 does not fit into the 32 pictures");
}

static void a_peak_counts_its_operations(void **state)
{
    (void)state;
    for (const snas_kernel_set *set = snas_kernel_sets; set->name != NULL; set++) {
        if (!set->runs()) {
            continue;
        }
        float keep = 1.0f;
        const int64_t one = set->peak(1, &keep), three = set->peak(3, &keep);
        assert_true(one > 0 && three == 3 * one);
        assert_int_equal((int)(one % (2 * set->width)), 0);
        assert_true(isfinite(keep));
        assert_true(snas_kernel_set_widest(set->name)->width >= set->width);
    }
    assert_ptr_equal(snas_kernel_set_widest("plain"), snas_kernel_set_widest(snas_kernel_set_name()));
}

int main(void)
{
    assert_ok(snas_arena_create("test", 0, &mem));
    assert_ok(snas_genotype_load(mem, "DARTS_V2", &genotype));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_step_is_measured),
        cmocka_unit_test(a_training_step_is_measured),
        cmocka_unit_test(an_evaluation_has_no_way_back),
        cmocka_unit_test(one_thread_tells_what_more_cores_would_give),
        cmocka_unit_test(two_threads_share_the_calls_of_one),
        cmocka_unit_test(a_batch_beyond_the_pictures_is_refused),
        cmocka_unit_test(a_peak_counts_its_operations),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    snas_arena_destroy(mem);
    return failed;
}
