/* test_stop.c -- the rules that end a search before its last epoch, in whole runs. */
#include "arena_fixture.h"
#include "run_fixture.h"
#include "snas/search/search.h"

enum { EPOCHS = 5 };

/* Logits that hardly move: the genotype is that of the first logits throughout. */
static snas_config still_config(void)
{
    snas_config config = fixture_config();
    config.search.epochs = EPOCHS;
    config.search.adam.rate = 1e-9;
    config.search.train_images = 8;
    config.search.validation_images = 8;
    return config;
}

static int rows(const char *folder)
{
    const snas_bytes all = fixture_read(mem, folder, "metrics.jsonl");
    int count = 0;
    for (size_t i = 0; i < all.size; i++) {
        count += ((const char *)all.data)[i] == '\n';
    }
    return count;
}

/* The run that is done has so many rows, and says so. */
static void assert_ended(const char *folder, int epochs, const char *why)
{
    const char *log = fixture_read(mem, folder, "log.txt").data;
    const char *sentence = snas_format(mem, "%s: ended after epoch %d of %d", why, epochs, EPOCHS);
    assert_string_equal(fixture_read(mem, folder, "STATUS").data, "done\n");
    assert_int_equal(rows(folder), epochs);
    if (epochs < EPOCHS && strstr(log, sentence) == NULL) {
        fail_msg("'%s' is not in the log:\n%s", sentence, log);
    }
}

static const char *run(const snas_config *config)
{
    const char *folder = fixture_folder(mem);
    const snas_run_options options = fixture_options(folder);
    assert_ok(snas_search_start(config, &options));
    return folder;
}

static const char *const UNCHANGED = "the genotype has not changed for 2 epochs (search.stop.unchanged)";

static void a_genotype_that_stays_ends_the_search(void **state)
{
    (void)state;
    snas_config config = still_config();
    const char *folder = run(&config);
    assert_ended(folder, EPOCHS, "");
    fixture_remove(mem, folder);
    config.search.stop_unchanged = 2;
    folder = run(&config);
    assert_ended(folder, 3, UNCHANGED);
    fixture_remove(mem, folder);
    config.search.logit_warmup = 1; /* does not count */
    folder = run(&config);
    assert_ended(folder, 4, UNCHANGED);
    fixture_remove(mem, folder);
}

static void a_stopped_run_stops_where_it_would_have_and_can_be_let_go_on(void **state)
{
    (void)state;
    snas_config config = still_config();
    config.search.stop_unchanged = 2;
    const char *whole = run(&config), *folder = fixture_folder(mem);
    snas_run_options options = fixture_options(folder);
    options.stop_after_steps = 2; /* an epoch is one step */
    assert_fails(snas_search_start(&config, &options), SNAS_E_INTERRUPTED, "");
    options.stop_after_steps = 0;
    assert_ok(snas_search_resume(&config, &options));
    assert_ended(folder, 3, UNCHANGED);
    fixture_assert_same(mem, whole, folder, "metrics.jsonl");
    fixture_assert_same(mem, whole, folder, "checkpoints/step-00000003.safetensors");
    assert_ok(snas_search_resume(&config, &options)); /* the rule still holds */
    assert_ended(folder, 3, UNCHANGED);
    config.search.stop_unchanged = 0;
    assert_ok(snas_search_resume(&config, &options));
    assert_ended(folder, EPOCHS, "");
    config.search.stop_unchanged = 0;
    fixture_remove(mem, whole);
    fixture_remove(mem, folder);
}

static void a_low_entropy_ends_the_search(void **state)
{
    (void)state;
    snas_config config = still_config();
    config.search.stop_entropy = 1.0; /* fresh logits have nearly ln 8 = 2.08 */
    const char *folder = run(&config);
    assert_ended(folder, EPOCHS, "");
    fixture_remove(mem, folder);
    config.search.stop_entropy = 2.1;
    folder = run(&config);
    assert_ended(folder, 1, "the mean entropy of the edges is 2.079, below search.stop.entropy, 2.1");
    fixture_remove(mem, folder);
}

/* Skips of the normal cell that the first logits favour. */
static int skips_of(const snas_config *config)
{
    const snas_space *space = config->search.space;
    const int E = snas_space_edge_count(space), K = space->candidate_count;
    snas_logits logits;
    int skips = 0;
    assert_ok(snas_logits_create(mem, 2, E, K, &logits));
    snas_logits_init(&logits, config->seed, config->search.logit_mean, config->search.logit_std);
    for (int e = 0; e < E; e++) {
        int best = 0;
        for (int k = 1; k < K; k++) {
            best = logits.log_alpha[e * K + k] > logits.log_alpha[e * K + best] ? k : best;
        }
        skips += strcmp(space->candidates[best]->name, "skip_connect") == 0;
    }
    return skips;
}

static void too_many_skips_are_a_warning_or_the_end(void **state)
{
    (void)state;
    snas_config config = still_config();
    while (skips_of(&config) < 3) {
        config.seed++;
    }
    const int skips = skips_of(&config);
    const char *why =
        snas_format(mem, "the cell 'normal' has %d skips, more than search.stop.skips, %d", skips, skips - 1);
    config.search.stop_skips = skips - 1;
    for (int ends = 0; ends < 2; ends++) {
        config.search.stop_on_skips = ends ? SNAS_SKIPS_STOP : SNAS_SKIPS_WARN;
        const char *folder = run(&config);
        assert_ended(folder, ends ? 1 : EPOCHS, why);
        assert_true((strstr(fixture_read(mem, folder, "log.txt").data, snas_format(mem, "epoch 5: %s", why)) != NULL) ==
                    !ends);
        fixture_remove(mem, folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_genotype_that_stays_ends_the_search),
        cmocka_unit_test(a_stopped_run_stops_where_it_would_have_and_can_be_let_go_on),
        cmocka_unit_test(a_low_entropy_ends_the_search),
        cmocka_unit_test(too_many_skips_are_a_warning_or_the_end),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
