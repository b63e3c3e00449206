/* test_random.c -- a search of random cells: the ranking at its end, worked out once more from its last checkpoint. */
#include "arena_fixture.h"
#include "run_fixture.h"
#include "snas/base/rng.h"
#include "snas/format/json.h"
#include "snas/format/safetensors.h"
#include "snas/learn/run_network.h"
#include "snas/learn/streams.h"
#include "snas/search/derive.h"
#include "snas/search/search.h"

enum { CELLS = 5 };

static snas_config random_config(void)
{
    snas_config config = fixture_config();
    config.search.method = snas_search_method_find("random");
    config.search.estimator = snas_estimator_find("uniform");
    config.search.level = SNAS_LEVEL_WEIGHTS;
    config.search.resource_gradient = SNAS_RESOURCE_DISCRETE;
    config.search.logit_images = 20;
    config.search.train_images = 28;
    config.search.random_cells = CELLS;
    config.search.random_batches = 0;
    return config;
}

static const char *checkpoint_of(const char *folder, int step)
{
    return snas_format(mem, "%s/checkpoints/step-%08d.safetensors", folder, step);
}

/* Line `i` of the ranking, from 0. */
static const snas_json *line_of(const char *folder, int i)
{
    const snas_bytes all = fixture_read(mem, folder, "ranking.jsonl");
    const char *text = all.data;
    for (; i > 0; i--) {
        text = strchr(text, '\n');
        assert_non_null(text);
        text++;
    }
    const snas_json *root;
    assert_true(*text == '{');
    assert_ok(snas_json_parse(mem, "ranking.jsonl", (snas_bytes){.data = text, .size = strcspn(text, "\n")}, &root));
    return root;
}

static double number(const snas_json *object, const char *key)
{
    const snas_json *value = snas_json_find(object, key);
    assert_non_null(value);
    return value->number;
}

/* Cell i as the search draws it: one-hot of the largest noise of every edge. */
static const double *cell(const snas_config *config, int i)
{
    const int E = 2 * snas_space_edge_count(config->search.space), K = config->search.space->candidate_count;
    double *z = snas_arena_take(mem, (size_t)(E * K), sizeof *z);
    snas_rng rng = snas_rng_at(config->seed, SNAS_STREAM_CELLS, (uint64_t)i);
    for (int e = 0; e < E; e++) {
        double largest = -HUGE_VAL;
        int best = 0;
        for (int k = 0; k < K; k++) {
            const double G = snas_rng_gumbel(&rng);
            best = G > largest ? k : best;
            largest = fmax(largest, G);
        }
        z[e * K + best] = 1.0;
    }
    return z;
}

/* Accuracy of z with the checkpoint's weights and batch statistics, on the logits' pictures in batches of 8. */
static double worth(const snas_config *config, const char *folder, const double *z)
{
    static const int row_of_cell[] = {0, 1, 1};
    snas_dataset dataset;
    snas_search_parts parts;
    snas_tensor_file file;
    snas_network *network;
    snas_loader *loader;
    const snas_team team = {.threads = 1};
    const snas_reader reader = {config, team, FIXTURE_BATCH, 0};
    const snas_network_options options = snas_run_network_options(FIXTURE_BATCH, 16, false, NULL);
    int correct = 0, images = 0;
    assert_ok(snas_streams_open(mem, config, 64, &dataset));
    assert_ok(snas_streams_search(mem, config, &dataset, &parts));
    const snas_network_spec spec = snas_search_spec(&config->search, &dataset);
    assert_ok(snas_streams_logits_loader(mem, &reader, &dataset, parts.logits, &loader));
    assert_ok(snas_network_create(mem, &team, &spec, &options, &network));
    assert_ok(snas_safetensors_load(mem, checkpoint_of(folder, 2 * FIXTURE_STEPS), &file));
    assert_ok(snas_network_load(network, &file, "model.", true));
    for (int b = 0; b < snas_loader_batches(loader); b++) {
        snas_loaded pictures;
        snas_outcome outcome;
        assert_ok(snas_loader_take(loader, 0, b, &pictures));
        const snas_batch batch = {.count = pictures.count,
                                  .images = pictures.images,
                                  .labels = pictures.labels,
                                  .z = z,
                                  .row_of_cell = row_of_cell,
                                  .sparse = true};
        snas_network_forward(network, &batch, SNAS_MODE_BATCH, &outcome);
        correct += outcome.correct;
        images += pictures.count;
    }
    assert_int_equal(images, parts.logits.count);
    return (double)correct / images;
}

static const char *whole; /* a run that was never stopped */

static void the_ranking_is_by_accuracy_on_the_logits_pictures(void **state)
{
    (void)state;
    const snas_config config = random_config();
    int seen[CELLS] = {0};
    double before = 1.0, spread = 0.0;
    for (int place = 0; place < CELLS; place++) {
        const snas_json *line = line_of(whole, place);
        const int i = (int)number(line, "cell");
        const double accuracy = number(line, "accuracy");
        assert_int_equal(number(line, "rank"), place + 1);
        assert_int_equal(seen[i]++, 0);
        assert_true(accuracy == worth(&config, whole, cell(&config, i)));
        assert_true(accuracy <= before);
        spread += before - accuracy;
        before = accuracy;
    }
    assert_true(spread > 0.0);
}

static void the_best_cell_is_the_genotype_of_the_run_and_of_derive(void **state)
{
    (void)state;
    const snas_config config = random_config();
    const snas_run_options options = fixture_options(whole);
    const double *z = cell(&config, (int)number(line_of(whole, 0), "cell"));
    const int E = snas_space_edge_count(config.search.space), K = config.search.space->candidate_count;
    for (int rule = 0; rule < 2; rule++) {
        snas_derived derived;
        const snas_derive_request request = {.rule = rule == 0 ? SNAS_RULE_EDGE : SNAS_RULE_TOP2, .evaluate = true};
        double *got = snas_arena_take(mem, (size_t)(2 * E * K), sizeof *got);
        assert_ok(snas_derive(mem, &config, &options, &request, &derived));
        snas_genotype_one_hot(&derived.genotype, got);
        for (int i = 0; i < 2 * E * K; i++) {
            assert_true(rule == 0 ? got[i] == z[i] : got[i] <= z[i]);
        }
        const char *json;
        assert_ok(snas_genotype_write(mem, &derived.genotype, SNAS_GENOTYPE_JSON, &json));
        assert_int_equal(strcmp(json, fixture_read(mem, whole, "genotype.json").data) == 0, rule == 0);
    }
}

static void logits_rest_until_the_end(void **state)
{
    (void)state;
    const snas_config config = random_config();
    snas_logits first;
    snas_tensor_file file;
    const int E = snas_space_edge_count(config.search.space), K = config.search.space->candidate_count;
    assert_ok(snas_logits_create(mem, 2, E, K, &first));
    snas_logits_init(&first, config.seed, config.search.logit_mean, config.search.logit_std);
    assert_ok(snas_safetensors_load(mem, checkpoint_of(whole, FIXTURE_STEPS), &file));
    assert_memory_equal(snas_tensor_find(&file, "normal_log_alpha")->data, first.log_alpha,
                        (size_t)(E * K) * sizeof(double));
    assert_ok(snas_safetensors_load(mem, checkpoint_of(whole, 2 * FIXTURE_STEPS), &file));
    const double *last = snas_tensor_find(&file, "normal_log_alpha")->data;
    for (int i = 0; i < E * K; i++) {
        assert_true(last[i] == 0.0 || last[i] == 20.0);
    }
}

typedef struct {
    volatile sig_atomic_t stop;
} stop_flag;

static void stop_in_ranking(void *context, const snas_progress *progress)
{
    stop_flag *flag = context;
    if (strcmp(progress->phase, "rank") == 0 && progress->step == 3) {
        flag->stop = 1;
    }
}

static void a_stop_while_cells_are_ranked_is_resumed(void **state)
{
    (void)state;
    const snas_config config = random_config();
    const char *folder = fixture_folder(mem);
    snas_run_options options = fixture_options(folder);
    stop_flag flag = {0};
    options.stop = &flag.stop;
    options.progress = stop_in_ranking;
    options.context = &flag;
    assert_fails(snas_search_start(&config, &options), SNAS_E_INTERRUPTED, "stopped at step 8");
    assert_false(fixture_has(mem, folder, "ranking.jsonl"));
    options = fixture_options(folder);
    assert_ok(snas_search_resume(&config, &options));
    static const char *const results[] = {"metrics.jsonl", "ranking.jsonl", "genotype.json",
                                          "checkpoints/step-00000008.safetensors"};
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        fixture_assert_same(mem, whole, folder, results[i]);
    }
    /* the file comes back from the checkpoint */
    assert_int_equal(unlink(snas_format(mem, "%s/ranking.jsonl", folder)), 0);
    assert_ok(snas_search_resume(&config, &options));
    fixture_assert_same(mem, whole, folder, "ranking.jsonl");
    fixture_remove(mem, folder);
}

static int begin(void **state)
{
    const snas_config config = random_config();
    if (arena_setup(state) != 0) {
        return -1;
    }
    whole = fixture_folder(mem);
    const snas_run_options options = fixture_options(whole);
    assert_ok(snas_search_start(&config, &options));
    return 0;
}

static int end(void **state)
{
    fixture_remove(mem, whole);
    return arena_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ranking_is_by_accuracy_on_the_logits_pictures),
        cmocka_unit_test(the_best_cell_is_the_genotype_of_the_run_and_of_derive),
        cmocka_unit_test(logits_rest_until_the_end),
        cmocka_unit_test(a_stop_while_cells_are_ranked_is_resumed),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
