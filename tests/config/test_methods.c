/* test_methods.c -- which method, estimator and level of a search go together: the table, its defaults, refusals. */
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "snas/base/text.h"
#include "snas/config/config.h"

static snas_status load(const char *a, const char *b, const char *c, snas_config *out)
{
    const char *sets[3];
    int count = 0;
    const char *const given[] = {a, b, c};
    for (int i = 0; i < 3; i++) {
        if (given[i] != NULL) {
            sets[count++] = given[i];
        }
    }
    return snas_config_load(mem, NULL, sets, count, out);
}

static const char *set(const char *key, const char *value)
{
    return snas_format(mem, "search.%s=%s", key, value);
}

static void every_name_of_the_table_exists(void **state)
{
    (void)state;
    for (const snas_search_method *m = snas_search_methods; m->name != NULL; m++) {
        assert_non_null(m->estimators[0]);
        assert_non_null(m->levels[0]);
        for (int i = 0; m->estimators[i] != NULL; i++) {
            assert_non_null(snas_estimator_find(m->estimators[i]));
        }
        for (int i = 0; m->levels[i] != NULL; i++) {
            assert_true(snas_search_level_find(m->levels[i]) != SNAS_LEVEL_UNSET);
        }
    }
}

/* A method by its name alone is a whole config, and the resolved one states what null stood for. */
static void a_method_alone_brings_its_estimator_and_level(void **state)
{
    (void)state;
    for (const snas_search_method *m = snas_search_methods; m->name != NULL; m++) {
        snas_config config;
        assert_ok(load(set("method", m->name), NULL, NULL, &config));
        assert_string_equal(config.search.estimator->name, m->estimators[0]);
        assert_string_equal(snas_search_levels[config.search.level].name, m->levels[0]);
        assert_non_null(strstr(config.text, snas_format(mem, "\"estimator\": \"%s\"", m->estimators[0])));
        assert_non_null(strstr(config.text, snas_format(mem, "\"level\": \"%s\"", m->levels[0])));
    }
}

/* Every pair is taken exactly where the table has it, and the sentence says what the table has. */
static void only_what_stands_in_the_row_goes_together(void **state)
{
    (void)state;
    for (const snas_search_method *m = snas_search_methods; m->name != NULL; m++) {
        snas_config config;
        for (int i = 0; snas_estimators[i] != NULL; i++) {
            const char *name = snas_estimators[i]->name;
            const snas_status status = load(set("method", m->name), set("estimator", name), NULL, &config);
            assert_int_equal(status == SNAS_OK, snas_search_method_takes(m->estimators, name));
            if (status != SNAS_OK) {
                assert_fails(status, SNAS_E_USAGE,
                             snas_format(mem, "search.estimator: found \"%s\", allowed with search.method '%s': '%s'",
                                         name, m->name, m->estimators[0]));
            }
        }
        for (int i = 0; i < SNAS_LEVEL_COUNT; i++) {
            const char *name = snas_search_levels[i].name;
            const snas_status status = load(set("method", m->name), set("level", name), NULL, &config);
            assert_int_equal(status == SNAS_OK, snas_search_method_takes(m->levels, name));
            if (status != SNAS_OK) {
                assert_fails(status, SNAS_E_USAGE,
                             snas_format(mem, "search.level: found \"%s\", allowed with search.method '%s': '%s'", name,
                                         m->name, m->levels[0]));
            }
        }
    }
}

/* A way of the resource term that the estimator lacks is refused when it is asked for, and otherwise replaced. */
static void the_resource_term_goes_a_way_that_the_estimator_has(void **state)
{
    (void)state;
    static const char *const ways[] = {"reparametrization", "policy_gradient"};
    for (const snas_search_method *m = snas_search_methods; m->name != NULL; m++) {
        for (int i = 0; m->estimators[i] != NULL; i++) {
            const snas_estimator *e = snas_estimator_find(m->estimators[i]);
            const bool has[] = {e->grad != NULL, e->score != NULL};
            snas_config config;
            assert_ok(load(set("method", m->name), set("estimator", e->name), NULL, &config));
            assert_int_equal(config.search.resource_gradient,
                             has[0] ? SNAS_RESOURCE_REPARAMETRIZATION : SNAS_RESOURCE_DISCRETE);
            for (int way = 0; way < 2; way++) {
                const snas_status status =
                    load(set("method", m->name), set("estimator", e->name), set("resource.method", ways[way]), &config);
                assert_int_equal(status == SNAS_OK, has[way]);
                if (!has[way]) {
                    assert_fails(status, SNAS_E_USAGE,
                                 snas_format(mem,
                                             "search.resource.method: found \"%s\", allowed with search.estimator "
                                             "'%s': %s'discrete'",
                                             ways[way], e->name, has[0] ? "'reparametrization', " : ""));
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_of_the_table_exists),
        cmocka_unit_test(a_method_alone_brings_its_estimator_and_level),
        cmocka_unit_test(only_what_stands_in_the_row_goes_together),
        cmocka_unit_test(the_resource_term_goes_a_way_that_the_estimator_has),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
