/* test_study_read.c -- studies read from their files: variants, names, faults, what may change between two calls. */
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/study/study.h"

static const char *const BASE =
    "{\"data\": {\"dataset\": \"synthetic\", \"synthetic\": {\"side\": 8}}, "
    "\"search\": {\"channels\": 2, \"cells\": 3, \"epochs\": 2}, \"train\": {\"channels\": 2, \"cells\": 3}}";

/* The file of a study; config.json beside it. */
static const char *written(const char *text)
{
    const char *path = scratch_path("study.json"), *config = scratch_path("config.json");
    scratch_put(config, BASE, strlen(BASE));
    scratch_put(path, text, strlen(text));
    return path;
}

static snas_study study_of(const char *text)
{
    snas_study study;
    assert_ok(snas_study_read(mem, written(text), &study));
    return study;
}

/* --- variants ----------------------------------------------------------------------------------------------------- */

static void a_config_alone_is_one_search_with_seed_1(void **state)
{
    (void)state;
    const snas_study study = study_of("{\"config\": \"config.json\"}");
    assert_string_equal(study.name, "study");
    assert_int_equal(study.variant_count, 1);
    assert_string_equal(study.variants[0].name, "search");
    assert_int_equal(study.variants[0].kind, SNAS_VARIANT_SEARCH);
    assert_int_equal(study.variants[0].config.search.epochs, 2);
    assert_false(study.variants[0].trains);
    assert_true(study.seed_count == 1 && study.seeds[0] == 1);
    assert_int_equal(study.rule, SNAS_RULE_EDGE);
}

static void a_grid_gives_every_combination_with_its_name(void **state)
{
    (void)state;
    const snas_study study =
        study_of("{\"config\": {\"search\": {\"batch\": 8}}, \"seeds\": [3, \"18446744073709551615\"], \"grid\": "
                 "{\"search.validate\": [\"held-out\", \"test\"], \"search.logits.rate\": [0.01, 0.5, 1], "
                 "\"search.affine\": [true]}, \"variants\": [{\"name\": \"plain\"}, {\"name\": \"long\", \"set\": "
                 "{\"search\": {\"epochs\": 7}, \"search.batch\": 9}}], \"rule\": \"top2\", \"train\": true}");
    static const char *const names[] = {"held-out,rate=0.01,affine=true",
                                        "held-out,rate=0.5,affine=true",
                                        "held-out,rate=1,affine=true",
                                        "test,rate=0.01,affine=true",
                                        "test,rate=0.5,affine=true",
                                        "test,rate=1,affine=true",
                                        "plain",
                                        "long"};
    static const double rates[] = {0.01, 0.5, 1};
    assert_int_equal(study.variant_count, 8);
    for (int i = 0; i < 8; i++) {
        assert_string_equal(study.variants[i].name, names[i]);
        assert_true(study.variants[i].trains);
        assert_int_equal(study.variants[i].config.search.batch, i == 7 ? 9 : 8);
        if (i < 6) {
            assert_true(study.variants[i].config.search.adam.rate == rates[i % 3]);
            assert_int_equal(study.variants[i].config.search.validate, i / 3);
            assert_true(study.variants[i].config.search.affine);
        }
    }
    assert_int_equal(study.variants[7].config.search.epochs, 7);
    assert_true(study.seed_count == 2 && study.seeds[0] == 3 && study.seeds[1] == UINT64_MAX);
    assert_int_equal(study.rule, SNAS_RULE_TOP2);
}

static void cells_alone_are_trained_and_beside_searches_they_are_not(void **state)
{
    (void)state;
    const char *const cells = "\"cells\": [\"DARTS_V2\", {\"name\": \"mine\", \"genotype\": \"SNAS_mild\"}], "
                              "\"random_cells\": {\"count\": 2, \"like\": \"SNAS_mild\", \"within\": 0.5}";
    const snas_study alone = study_of(snas_format(mem, "{\"config\": \"config.json\", %s}", cells));
    assert_int_equal(alone.variant_count, 4);
    static const char *const names[] = {"DARTS_V2", "mine", "random-1", "random-2"};
    for (int i = 0; i < 4; i++) {
        assert_string_equal(alone.variants[i].name, names[i]);
        assert_int_equal(alone.variants[i].kind, i < 2 ? SNAS_VARIANT_CELL : SNAS_VARIANT_RANDOM);
        assert_true(alone.variants[i].trains);
    }
    assert_true(alone.random.like_given && alone.random.within == 0.5 && alone.random.seed == 1);
    const snas_study beside =
        study_of(snas_format(mem, "{\"config\": \"config.json\", \"variants\": [{\"name\": \"a\"}], %s}", cells));
    assert_int_equal(beside.variant_count, 5);
    assert_false(beside.variants[0].trains || beside.variants[1].trains);
}

/* --- faults ------------------------------------------------------------------------------------------------------- */

static void faults_are_told_all_at_once_with_their_places(void **state)
{
    (void)state;
    snas_study study;
    const char *path = written("{\"confg\": 1,\n \"config\": {\"serch\": {}},\n \"seeds\": [1, 1, \"x\"],\n"
                               " \"grid\": {\"search.logits.rate\": [0.01, \"a\"], \"search.cells\": 3},\n"
                               " \"variants\": [{\"name\": \"a/b\"}, {\"name\": \"b\", \"set\": {\"search.epoch\": 3}},"
                               " {\"name\": \"b\"}, 7],\n \"cells\": [\"DARTS_V22\"], \"rule\": \"x\", \"train\": 1}");
    static const char *const lines[] = {
        ":1:2: confg: found the unknown key 'confg'; did you mean 'config'? allowed config, seeds, ",
        ":2:13: serch: found the unknown key 'serch'; did you mean 'search'?",
        ":3:15: seeds: found 1 a second time, allowed once",
        ":3:18: seeds: found 'x', allowed a whole number from 0",
        ":4:62: grid: found 3, allowed an array of the key's values",
        ":5:24: variants: the name 'a/b' is not allowed: ",
        ":5:54: search.epoch: found the unknown key 'epoch'; did you mean 'search.epochs'?",
        ":5:84: variants: a second one with the name 'b', allowed once",
        ":5:90: variants: found 7, allowed {\"name\": a string, \"set\": {config keys}}",
        ":6:12: cells: no architecture 'DARTS_V22'",
        ":6:34: rule: found 'x', allowed 'edge', 'top2', 'darts'",
        ":6:48: train: found 1, allowed true or false",
    };
    assert_fails(snas_study_read(mem, path, &study), SNAS_E_USAGE, "12 faults in the study\n");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (strstr(snas_error(), lines[i]) == NULL) {
            fail_msg("no \"%s\" in \"%s\"", lines[i], snas_error());
        }
    }
}

static void a_wrong_value_of_a_grid_is_told_once_with_its_place(void **state)
{
    (void)state;
    snas_study study;
    const char *path = written("{\"config\": \"config.json\",\n \"grid\": {\"search.epochs\": [1, 2, 3],\n"
                               "  \"search.batch\": [8, -4]}}");
    assert_fails(snas_study_read(mem, path, &study), SNAS_E_USAGE, "1 fault in the study\n");
    assert_non_null(strstr(snas_error(), ":3:23: search.batch: found -4, allowed a whole number"));
}

static void other_faults_have_their_sentences(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sentence;
        snas_status status;
    } faults[] = {
        {"[]", ":1:1: found an array, allowed an object: a study", SNAS_E_USAGE},
        {"{\"config\": 3}", ":1:12: config: found 3, allowed the path of a config, or a config itself", SNAS_E_USAGE},
        {"{}", ":1:1: config: not found, wanted the path of a config", SNAS_E_USAGE},
        {"{\"config\": {},}", ":1:15: '}' stands where a key", SNAS_E_USAGE},
        {"{\"config\": \"nowhere.json\"}", "nowhere.json': No such file", SNAS_E_IO},
        {"{\"config\": {}, \"grid\": {}}", ":1:24: grid: found an empty one of an object, allowed", SNAS_E_USAGE},
        {"{\"config\": {}, \"grid\": {\"seed\": [1]}}", "grid: found 'seed', allowed every other key", SNAS_E_USAGE},
        {"{\"config\": {}, \"seeds\": []}", ":1:25: seeds: found an empty one of an array", SNAS_E_USAGE},
        {"{\"config\": {}, \"variants\": [{\"name\": \"a\", \"set\": {\"seed\": 3}}]}", "variants: found 'seed'",
         SNAS_E_USAGE},
        {"{\"config\": {}, \"random_cells\": {\"count\": 0, \"within\": 3, \"lik\": \"x\"}}", "3 faults in the study",
         SNAS_E_USAGE},
        {"{\"config\": {}, \"variants\": [{\"name\": \"random-1\"}], \"random_cells\": {\"count\": 1}}",
         "random_cells: a second one with the name 'random-1'", SNAS_E_USAGE},
        {"{\"config\": {}, \"grid\": {\"search.epochs\": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15], \"search.batch\": "
         "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]}}",
         "grid: found more than 200 combinations", SNAS_E_USAGE},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        snas_study study;
        assert_fails(snas_study_read(mem, written(faults[i].text), &study), faults[i].status, faults[i].sentence);
    }
}

/* --- going on ----------------------------------------------------------------------------------------------------- */

static const char *const BEFORE = "{\"config\": \"config.json\", \"seeds\": [1, 2], \"grid\": {\"search.logits.rate\": "
                                  "[0.1, 0.2]}, \"cells\": [\"SNAS_mild\"], \"train\": true}";

static snas_status goes_on(const char *text)
{
    snas_study before, now;
    const char *plan;
    assert_ok(snas_study_read(mem, written(BEFORE), &before));
    assert_ok(snas_study_write(mem, &before, &plan));
    assert_ok(snas_study_read(mem, written(text), &now));
    return snas_study_continues(mem, &now, "plan.json", (snas_bytes){plan, strlen(plan)});
}

static void a_study_goes_on_unchanged_or_grown(void **state)
{
    (void)state;
    assert_ok(goes_on(BEFORE));
    assert_ok(goes_on("{\"train\": true, \"cells\": [\"DARTS_V1\", \"SNAS_mild\"], \"grid\": {\"search.logits.rate\": "
                      "[0.3, 0.2, 0.1]}, \"seeds\": [3, 2, 1], \"config\": \"config.json\"}"));
}

static void what_has_changed_under_its_runs_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sentence;
    } changes[] = {
        {"{\"config\": \"config.json\", \"seeds\": [1], \"grid\": {\"search.logits.rate\": [0.1, 0.2]}, \"cells\": "
         "[\"SNAS_mild\"], \"train\": true}",
         "the seed '2', of which 'plan.json' has runs, is gone"},
        {"{\"config\": \"config.json\", \"seeds\": [1, 2], \"grid\": {\"search.logits.rate\": [0.1]}, \"cells\": "
         "[\"SNAS_mild\"], \"train\": true}",
         "the variant 'rate=0.2', of which 'plan.json' has runs, is gone"},
        {"{\"config\": {\"search\": {\"epochs\": 3}}, \"seeds\": [1, 2], \"grid\": {\"search.logits.rate\": [0.1, "
         "0.2]}, \"cells\": [\"SNAS_mild\"], \"train\": true}",
         "'rate=0.1' has 'cifar10' for data.dataset where the runs in 'plan.json' have 'synthetic'; put it back, or "
         "name another folder by --out"},
        {"{\"config\": \"config.json\", \"seeds\": [1, 2], \"grid\": {\"search.logits.rate\": [0.1, 0.2]}, \"cells\": "
         "[{\"name\": \"SNAS_mild\", \"genotype\": \"DARTS_V2\"}], \"train\": true}",
         "has changed: 'SNAS_mild' has "},
        {"{\"config\": \"config.json\", \"seeds\": [1, 2], \"grid\": {\"search.logits.rate\": [0.1, 0.2]}, \"cells\": "
         "[\"SNAS_mild\"]}",
         "'train' is false, the runs in 'plan.json' were trained"},
        {"{\"config\": \"config.json\", \"seeds\": [1, 2], \"grid\": {\"search.logits.rate\": [0.1, 0.2]}, \"cells\": "
         "[\"SNAS_mild\"], \"train\": true, \"rule\": \"darts\"}",
         "the rule is 'darts', that of 'plan.json' is 'edge'"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        assert_fails(goes_on(changes[i].text), SNAS_E_USAGE, changes[i].sentence);
    }
}

static void a_key_that_a_later_version_has_added_counts_as_its_default(void **state)
{
    (void)state;
    const snas_study study = study_of("{\"config\": {}}");
    const char *plan;
    assert_ok(snas_study_write(mem, &study, &plan));
    char *cut = strstr(plan, "\"keep_checkpoints\"");
    assert_non_null(cut);
    memset(cut, ' ', strcspn(cut, ",") + 1);
    assert_ok(snas_study_continues(mem, &study, "plan.json", (snas_bytes){plan, strlen(plan)}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_config_alone_is_one_search_with_seed_1),
        cmocka_unit_test(a_grid_gives_every_combination_with_its_name),
        cmocka_unit_test(cells_alone_are_trained_and_beside_searches_they_are_not),
        cmocka_unit_test(faults_are_told_all_at_once_with_their_places),
        cmocka_unit_test(a_wrong_value_of_a_grid_is_told_once_with_its_place),
        cmocka_unit_test(other_faults_have_their_sentences),
        cmocka_unit_test(a_study_goes_on_unchanged_or_grown),
        cmocka_unit_test(what_has_changed_under_its_runs_is_refused),
        cmocka_unit_test(a_key_that_a_later_version_has_added_counts_as_its_default),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
