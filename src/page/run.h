/* run.h -- all that a page shows of one run, read from its folder. */
#ifndef SNAS_PAGE_RUN_H
#define SNAS_PAGE_RUN_H

#include "snas/learn/tally.h"
#include "snas/loop/run_read.h"
#include "snas/search/saved_logits.h"

typedef struct {
    const char *key, *value;
} page_pair;

/** A key of the config: the run's value beside the default of its space and method. */
typedef struct {
    const char *key, *value, *fallback, *help;
    bool differs;
} page_setting;

/** What weights said of the test pictures, class by class. */
typedef struct {
    const char *title;              /* "after the last evaluation, epoch 4" */
    const snas_tally *tally;        /* never NULL */
    const char *const *class_names; /* [classes]; NULL: not known */
} page_tests;
enum { PAGE_TESTS_MAX = 2 };

typedef struct {
    const char *folder, *name; /* the name is the folder's last part */
    snas_run_record record;
    bool going_on;        /* a process works on it */
    const char *state;    /* "running", "done", "interrupted", "failed", "killed" */
    const char *log_tail; /* the last lines of log.txt; "" none */
    const page_pair *environment;
    int environment_count;
    const page_setting *settings; /* those that differ first */
    int setting_count, differing;
    const snas_genotype *genotype;   /* NULL: not there yet */
    const snas_saved_logits *logits; /* NULL: no checkpoint yet, or no search */
    page_tests tests[PAGE_TESTS_MAX];
    int test_count;
    double parameters, macs; /* of a training's network; NaN: not known yet */
} page_run;

/** Read it. Faults as of snas_run_read; what else is missing or broken is left out. */
SNAS_MUST_CHECK snas_status page_run_read(snas_arena *mem, const char *folder, page_run *out);

/** The last part of a path, of "." that of the folder which it means. */
SNAS_MUST_CHECK snas_status page_folder_name(snas_arena *mem, const char *path, const char **out);

/** Is it a search? */
bool page_run_is_search(const page_run *run);

/** The epochs that the config asks for. */
int page_run_epochs(const page_run *run);

/** The figure of that name in the row of an epoch (from 0; -1: the last one); NaN when it has none. */
double page_run_figure(const page_run *run, int row, const char *name);

/** The last number that the run has of a figure: evaluations may be some epochs apart. NaN: none. */
double page_run_newest(const page_run *run, const char *name);

/** The config's keys with their defaults, those that differ first (settings.c). */
SNAS_MUST_CHECK snas_status page_settings_read(snas_arena *mem, page_run *run);

#endif
