/* parts_table.c -- the sections of a page in their order, and when each has something to say. */
#include "comparison_parts.h"
#include "page_parts.h"

/* --- of a run ----------------------------------------------------------------------------------------------------- */

static bool always(const page_run *run)
{
    (void)run;
    return true;
}

static bool has_rows(const page_run *run)
{
    return run->record.row_count > 0;
}

static bool has_tests(const page_run *run)
{
    return run->test_count > 0;
}

static bool has_genotype(const page_run *run)
{
    return run->genotype != NULL;
}

static bool has_logits(const page_run *run)
{
    return run->logits != NULL;
}

static bool has_history(const page_run *run)
{
    return has_rows(run) && page_run_is_search(run);
}

static bool has_timing(const page_run *run)
{
    return run->record.timing_count > 0;
}

static bool has_log(const page_run *run)
{
    return run->log_tail[0] != '\0';
}

const page_part page_run_parts[] = {
    {"summary", "Summary", always, page_summary},
    {"curves", "Curves", has_rows, page_curves},
    {"classes", "Classes", has_tests, page_classes},
    {"cells", "Cells", has_genotype, page_cells},
    {"probabilities", "Probabilities", has_logits, page_probabilities},
    {"winners", "Leading candidates", has_history, page_winners},
    {"config", "Config", always, page_config},
    {"environment", "Environment", always, page_environment},
    {"time", "Time", has_timing, page_time},
    {"figures", "All figures", has_rows, page_figures},
    {"log", "Log", has_log, page_log},
    {NULL, NULL, NULL, NULL},
};

/* --- of several --------------------------------------------------------------------------------------------------- */

static bool has_runs(const page_comparison *c)
{
    return c->results.run_count > 0;
}

static bool has_results(const page_comparison *c)
{
    return page_has_figure(c, page_main_figure(c));
}

static bool has_comparisons(const page_comparison *c)
{
    return c->results.comparison_count > 0;
}

static bool has_courses(const page_comparison *c)
{
    return c->course_count > 0;
}

static bool has_choices(const page_comparison *c)
{
    return c->results.study->variant_count > 1;
}

const page_comparison_part page_comparison_parts[] = {
    {"results", "Results", has_results, page_results},
    {"bars", "Accuracies", has_results, page_bars_of_results},
    {"pairs", "Seeds", page_has_pairs, page_pairs},
    {"differences", "Differences", has_comparisons, page_differences},
    {"costs", "Accuracy against cost", has_results, page_costs},
    {"courses", "Curves", has_courses, page_courses},
    {"choices", "Config", has_choices, page_choices},
    {"runs", "Runs", has_runs, page_runs},
    {"gallery", "Cells", has_runs, page_gallery},
    {NULL, NULL, NULL, NULL},
};
