/* comparison_study.c -- the runs of a study, read from its folder as it stands. */
#include <string.h>

#include "comparison.h"
#include "snas/base/text.h"

/* A run's folder that is there already; one that a start has not finished is not. */
static snas_status add_course(snas_arena *mem, const char *folder, const char *name, int variant, page_comparison *out,
                              page_course *courses)
{
    page_course *course = &courses[out->course_count];
    if (folder == NULL) {
        return SNAS_OK;
    }
    const snas_status status = snas_run_read(mem, folder, &course->record);
    if (status == SNAS_E_IO) {
        snas_error_clear();
        return SNAS_OK;
    }
    SNAS_TRY(status);
    course->name = name;
    course->variant = variant;
    out->course_count++;
    return SNAS_OK;
}

static snas_status read_courses(snas_arena *mem, const snas_study_folder *folder, page_comparison *out)
{
    snas_study_run *runs;
    page_course *courses;
    int count;
    SNAS_TRY(snas_study_runs(mem, &out->study, &runs, &count));
    SNAS_NEW(mem, courses, 2 * count + 1);
    out->courses = courses;
    for (int i = 0; i < count; i++) {
        const int variant = (int)(runs[i].variant - out->study.variants);
        const char *search, *train;
        SNAS_TRY(snas_study_run_folders(mem, folder, &runs[i], &search, &train));
        SNAS_TRY(add_course(mem, search, runs[i].name, variant, out, courses));
        SNAS_TRY(add_course(mem, train, runs[i].name, variant, out, courses));
    }
    return SNAS_OK;
}

snas_status page_comparison_of_study(snas_arena *mem, const char *path, page_comparison *out)
{
    snas_study_folder folder;
    *out = (page_comparison){.is_study = true};
    SNAS_TRY(snas_study_reopen(mem, path, &out->study, &folder));
    SNAS_TRY(snas_results_gather(mem, &out->study, &folder, &out->results));
    SNAS_TRY(read_courses(mem, &folder, out));
    const bool complete = out->results.done == out->results.run_count;
    out->going_on = !complete && snas_study_is_worked_on(path);
    SNAS_TRY(page_folder_name(mem, path, &out->name));
    out->state = snas_format(mem, "%d of %d runs done", out->results.done, out->results.run_count);
    return snas_taken(out->state);
}
