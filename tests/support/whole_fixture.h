/* whole_fixture.h -- a run that was never stopped, made before the tests of a program; what they do is held against it.
 */
#ifndef SNAS_TESTS_WHOLE_FIXTURE_H
#define SNAS_TESTS_WHOLE_FIXTURE_H

#include "arena_fixture.h"
#include "run_fixture.h"
#include "snas/format/json.h"
#include "snas/search/search.h"
#include "snas/train/train.h"

static const char *whole; /* its folder */

/* The child of the trainings: DARTS_V2, with pools, skips and convolutions. */
static inline snas_genotype whole_genotype(void)
{
    snas_genotype genotype;
    assert_ok(snas_genotype_load(mem, "DARTS_V2", &genotype));
    return genotype;
}

static inline snas_status whole_train_start(const snas_config *config, const snas_run_options *options)
{
    const snas_genotype genotype = whole_genotype();
    return snas_train_start(config, &genotype, options);
}

/* Begin the tests of a program by the run that `start` makes of the config. */
static inline int whole_begin(void **state, const snas_config *config,
                              snas_status (*start)(const snas_config *config, const snas_run_options *options))
{
    if (arena_setup(state) != 0) {
        return -1;
    }
    whole = fixture_folder(mem);
    const snas_run_options options = fixture_options(whole);
    assert_ok(start(config, &options));
    return 0;
}

static inline int whole_end(void **state)
{
    fixture_remove(mem, whole);
    return arena_teardown(state);
}

static inline const char *in(const char *folder, const char *name)
{
    return snas_format(mem, "%s/%s", folder, name);
}

/* The files, NULL after the last, are the same in both folders, and the run in `folder` has come to its end. */
static inline void assert_same_run(const char *reference, const char *folder, const char *const *files)
{
    for (int i = 0; files[i] != NULL; i++) {
        fixture_assert_same(mem, reference, folder, files[i]);
    }
    assert_string_equal(fixture_read(mem, folder, "STATUS").data, "done\n");
}

/* The last row's figure of that name. */
static inline double last_figure(const char *folder, const char *name)
{
    const char *text = fixture_read(mem, folder, "metrics.jsonl").data, *row = text;
    for (const char *c = text; *c != '\0'; c++) {
        row = *c == '\n' && c[1] != '\0' ? c + 1 : row;
    }
    const snas_json *root;
    assert_ok(snas_json_parse(mem, "metrics.jsonl", (snas_bytes){.data = row, .size = strlen(row) - 1}, &root));
    const snas_json *figure = snas_json_find(root, name);
    assert_non_null(figure);
    return figure->number;
}

#endif
