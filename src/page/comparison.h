/* comparison.h -- several runs side by side: those that were named, or those of a study. */
#ifndef SNAS_PAGE_COMPARISON_H
#define SNAS_PAGE_COMPARISON_H

#include "html.h"
#include "run.h"
#include "snas/study/results.h"

/** A run's figures over its epochs. */
typedef struct {
    const char *name;
    int variant; /* index in the study */
    snas_run_record record;
} page_course;

typedef struct {
    const char *name, *state;
    bool going_on, is_study;
    snas_study study;     /* of runs that were named: those that differ in nothing but the seed are a variant */
    snas_results results; /* of that study */
    const page_course *courses;
    int course_count;
    const page_run *runs; /* those that were named; NULL: a study's */
    int run_count;
} page_comparison;

/** Runs that were named. `runs` is borrowed. */
SNAS_MUST_CHECK snas_status page_comparison_of_runs(snas_arena *mem, const page_run *runs, int count,
                                                    page_comparison *out);

/** The runs of a study, by its folder. */
SNAS_MUST_CHECK snas_status page_comparison_of_study(snas_arena *mem, const char *folder, page_comparison *out);

/** A section of their page. */
typedef struct {
    const char *id, *title;
    bool (*has)(const page_comparison *c);
    snas_status (*write)(page_writer *w, const page_comparison *c);
} page_comparison_part;
extern const page_comparison_part page_comparison_parts[]; /* ends with id NULL */

#endif
