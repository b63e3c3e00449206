/* test_layers.c -- values laid over each other: the later one counts, whichever way it comes. */
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "faults.h"
#include "snas/config/config.h"

static snas_config_layer object(const char *text)
{
    const snas_json *root;
    assert_ok(snas_json_parse(mem, "layer", (snas_bytes){text, strlen(text)}, &root));
    return (snas_config_layer){.object = root, .source = "layer"};
}

static void the_later_layer_counts_and_a_set_among_them(void **state)
{
    (void)state;
    snas_config config;
    const snas_config_layer layers[] = {object("{\"seed\": 2, \"search\": {\"cells\": 5, \"channels\": 4}}"),
                                        {.set = "seed=3"},
                                        {.set = "search.cells=6"},
                                        {.set = "seed=4"},
                                        object("{\"search\": {\"cells\": 7}}")};
    assert_ok(snas_config_load_layers(mem, layers, 5, &config));
    assert_int_equal(config.seed, 4);
    assert_int_equal(config.search.cells, 7);
    assert_int_equal(config.search.channels, 4);
    const snas_config_layer first[] = {{.set = "seed=3"}, object("{\"seed\": 5}")};
    assert_ok(snas_config_load_layers(mem, first, 2, &config));
    assert_int_equal(config.seed, 5);
}

static void a_default_of_a_space_gives_way_to_every_layer(void **state)
{
    (void)state;
    snas_config config;
    const snas_config_layer layers[] = {object("{\"search\": {\"drop_path\": 0.25}}"),
                                        {.set = "search.space=nas-bench-201"}};
    assert_ok(snas_config_load_layers(mem, layers, 2, &config));
    assert_near(config.search.drop_path, 0.25, 0);
    assert_ok(snas_config_load_layers(mem, layers + 1, 1, &config));
    assert_near(config.search.drop_path, 0, 0);
}

static void a_fault_names_its_layer(void **state)
{
    (void)state;
    snas_config config;
    const snas_config_layer layers[] = {object("{\"seed\": -1}"), {.set = "search.cells=x"}};
    assert_fails(snas_config_load_layers(mem, layers, 2, &config), SNAS_E_USAGE, "layer:1:10: seed: found -1");
    assert_fails(snas_config_load_layers(mem, layers, 2, &config), SNAS_E_USAGE, "--set: search.cells: found 'x'");
}

/* Without memory a value is neither refused nor passed over. */
static void without_memory_no_value_is_lost(void **state)
{
    (void)state;
    enum { CALLS_MOST = 5000 };
    static const char *const SETS[] = {"data.dataset=synthetic", "data.synthetic.side=8", "search.cells=6"};
    snas_status status = SNAS_E_MEMORY;
    for (int call = 0; status != SNAS_OK; call++) {
        snas_arena *own;
        snas_config config;
        assert_true(call < CALLS_MOST);
        faults_in_heap(call, call % 2 == 0);
        status = snas_arena_create("config", 0, &own);
        if (status == SNAS_OK) {
            status = snas_config_load(own, NULL, SETS, sizeof SETS / sizeof SETS[0], &config);
            faults_clear();
            assert_true(status == SNAS_E_MEMORY || (status == SNAS_OK && config.search.cells == 6));
            snas_arena_destroy(own);
        }
        faults_clear();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_later_layer_counts_and_a_set_among_them),
        cmocka_unit_test(a_default_of_a_space_gives_way_to_every_layer),
        cmocka_unit_test(a_fault_names_its_layer),
        cmocka_unit_test(without_memory_no_value_is_lost),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
