/* results_markdown.c -- the results of a study as a document of tables, for people. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "markdown_table.h"
#include "snas/base/text.h"
#include "snas/study/results.h"

enum { CELL_BYTES = 96, RANDOM_SHOWN = 5 };

/* Room for a cell. */
typedef struct {
    char text[CELL_BYTES];
} cell;

/* --- numbers ------------------------------------------------------------------------------------------------------ */

/* 1234567 as "1,234,567". */
static cell grouped(double value)
{
    char digits[64];
    cell to = {""};
    const int length = snprintf(digits, sizeof digits, "%.0f", value);
    int size = 0;
    for (int i = 0; i < length && size + 2 < CELL_BYTES; i++) {
        if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-') {
            to.text[size++] = ',';
        }
        to.text[size++] = digits[i];
    }
    return to;
}

/* A number as its figure is shown; "-" without one. */
static cell number(snas_result figure, double value)
{
    cell to = {"-"};
    if (isnan(value)) {
        return to;
    }
    switch (snas_result_rows[figure].shown) {
    case SNAS_SHOWN_PERCENT:
        snprintf(to.text, sizeof to.text, "%.2f", 100 * value);
        return to;
    case SNAS_SHOWN_RANK:
    case SNAS_SHOWN_WHOLE:
        return grouped(value);
    case SNAS_SHOWN_HOURS:
        snprintf(to.text, sizeof to.text, "%.3g", value);
        return to;
    default:
        return grouped(value / (1024.0 * 1024.0));
    }
}

/* "45.20 ±0.37" */
static cell mean_and_error(snas_result figure, const snas_sample *sample)
{
    cell to = number(figure, sample->mean);
    if (!isnan(sample->error)) {
        const cell mean = to, error = number(figure, sample->error);
        snprintf(to.text, sizeof to.text, "%.40s ±%.40s", mean.text, error.text);
    }
    return to;
}

/* --- which columns ------------------------------------------------------------------------------------------------ */

/* Which kinds of figures. */
enum {
    ACCURACIES = 1 << SNAS_SHOWN_PERCENT,
    RANKS = 1 << SNAS_SHOWN_RANK,
    COSTS = 1 << SNAS_SHOWN_WHOLE | 1 << SNAS_SHOWN_HOURS | 1 << SNAS_SHOWN_MIB
};

/* Those of the kinds that some variant has. */
typedef struct {
    snas_result figures[SNAS_RESULTS_COUNT];
    int count;
} columns;

static columns choose(const snas_results *r, unsigned kinds)
{
    columns out = {.count = 0};
    for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
        bool found = false;
        for (int v = 0; v < r->variant_count; v++) {
            found |= r->variants[v].figures[f].count > 0;
        }
        if (found && (kinds & 1u << snas_result_rows[f].shown) != 0) {
            out.figures[out.count++] = (snas_result)f;
        }
    }
    return out;
}

static study_table begin(snas_arena *mem, const char *first, const char *second, const columns *c)
{
    const char *titles[STUDY_COLUMNS_MAX] = {first};
    int count = 1;
    if (second != NULL) {
        titles[count++] = second;
    }
    for (int i = 0; i < c->count; i++) {
        titles[count++] = snas_result_rows[c->figures[i]].title;
    }
    return study_table_make(mem, titles);
}

/* Single random cells only where they are few: what they come to together has a row. */
static bool is_shown(const snas_results *r, int variant)
{
    static const char *const random = "random";
    int count = 0;
    for (int v = 0; v < r->variant_count; v++) {
        count += strcmp(r->variants[v].kind, random) == 0;
    }
    return count <= RANDOM_SHOWN || strcmp(r->variants[variant].kind, random) != 0;
}

static int next_shown(const snas_results *r, int variant)
{
    do {
        variant++;
    } while (variant < r->variant_count && !is_shown(r, variant));
    return variant;
}

static int runs_of(const snas_variant_result *variant)
{
    int count = 0;
    for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
        count = variant->figures[f].count > count ? variant->figures[f].count : count;
    }
    return count;
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

static void add_accuracies(snas_text *to, const snas_results *r, const columns *c)
{
    study_table table = begin(to->mem, "variant", "n", c);
    for (int v = next_shown(r, -1); v < r->variant_count; v = next_shown(r, v)) {
        const snas_variant_result *variant = &r->variants[v];
        study_table_add(&table, "%s", variant->name);
        study_table_add(&table, "%d", runs_of(variant));
        for (int i = 0; i < c->count; i++) {
            study_table_add(&table, "%s", mean_and_error(c->figures[i], &variant->figures[c->figures[i]]).text);
        }
    }
    snas_text_add(to,
                  "## Accuracy in percent\n\nMean ± standard error over n seeds; of the 'random cells' together over "
                  "n cells.\n\n");
    study_table_write(&table, to);
    for (int i = 0; i < c->count; i++) {
        snas_text_add(to, "%s%s: %s", i == 0 ? "\n" : ";\n", snas_result_rows[c->figures[i]].title,
                      snas_result_rows[c->figures[i]].sentence);
    }
    snas_text_add(to, ".\n");
}

/* "93.70 (0.81)" */
static cell median_and_deviation(snas_result figure, const snas_sample *sample)
{
    cell to = number(figure, sample->median);
    if (!isnan(sample->deviation)) {
        const cell median = to, deviation = number(figure, sample->deviation);
        snprintf(to.text, sizeof to.text, "%.40s (%.40s)", median.text, deviation.text);
    }
    return to;
}

static void add_deviations(snas_text *to, const snas_results *r, const columns *c)
{
    study_table table = begin(to->mem, "variant", NULL, c);
    bool any = false;
    for (int v = next_shown(r, -1); v < r->variant_count; v = next_shown(r, v)) {
        study_table_add(&table, "%s", r->variants[v].name);
        for (int i = 0; i < c->count; i++) {
            const snas_sample *sample = &r->variants[v].figures[c->figures[i]];
            study_table_add(&table, "%s", median_and_deviation(c->figures[i], sample).text);
            any |= !isnan(sample->deviation);
        }
    }
    if (any) {
        snas_text_add(to, "\n## Median and standard deviation\n\n");
        study_table_write(&table, to);
    }
}

static void add_costs(snas_text *to, const snas_results *r)
{
    const columns c = choose(r, COSTS);
    study_table table = begin(to->mem, "variant", NULL, &c);
    for (int v = next_shown(r, -1); v < r->variant_count; v = next_shown(r, v)) {
        study_table_add(&table, "%s", r->variants[v].name);
        for (int i = 0; i < c.count; i++) {
            study_table_add(&table, "%s", number(c.figures[i], r->variants[v].figures[c.figures[i]].mean).text);
        }
    }
    if (c.count > 0) {
        snas_text_add(to, "\n## Size and cost, means\n\n");
        study_table_write(&table, to);
    }
}

static void add_agreements(snas_text *to, const snas_results *r)
{
    static const char *const titles[] = {"variant",      "pairs of seeds", "equal edges, %",
                                         "by chance, %", "p, shuffled",    NULL};
    study_table table = study_table_make(to->mem, titles);
    bool any = false;
    for (int v = 0; v < r->variant_count; v++) {
        const snas_agreement *a = &r->variants[v].agreement;
        if (a->pairs > 0) {
            study_table_add(&table, "%s", r->variants[v].name);
            study_table_add(&table, "%d", a->pairs);
            study_table_add(&table, "%.1f", 100 * a->share);
            study_table_add(&table, "%.1f", 100 * a->chance);
            study_table_add(&table, "%.4f", a->p);
            any = true;
        }
    }
    if (any) {
        snas_text_add(to, "\n## Cells of different seeds\n\nEdges that two of them have in common, and the p of as "
                          "many when each\ncell's edges are shuffled.\n\n");
        study_table_write(&table, to);
    }
}

/* --- differences -------------------------------------------------------------------------------------------------- */

static cell interval(const snas_t_test *test)
{
    cell to = {"-"};
    if (!isnan(test->lowest)) {
        snprintf(to.text, sizeof to.text, "%.2f to %.2f", 100 * test->lowest, 100 * test->highest);
    }
    return to;
}

static cell p_value(const snas_t_test *test)
{
    cell to = {"-"};
    if (!isnan(test->p)) {
        snprintf(to.text, sizeof to.text, test->p < 0.001 ? "%.1e" : "%.3f", test->p);
    }
    return to;
}

static cell kind_of(const snas_t_test *test)
{
    cell to;
    if (test->paired) {
        snprintf(to.text, sizeof to.text, "%d pairs", test->count[0]);
    } else {
        snprintf(to.text, sizeof to.text, "Welch, %d and %d", test->count[0], test->count[1]);
    }
    return to;
}

static void add_comparison(study_table *table, const snas_comparison *c)
{
    study_table_add(table, "%s - %s", c->a, c->b);
    study_table_add(table, "%.2f", 100 * c->test.difference);
    study_table_add(table, "%s", interval(&c->test).text);
    study_table_add(table, "%s", p_value(&c->test).text);
    study_table_add(table, "%s", kind_of(&c->test).text);
}

static void add_comparisons(snas_text *to, const snas_results *r)
{
    static const char *const titles[] = {"", "difference", "95 % interval", "p", "t-test", NULL};
    if (r->comparison_count > 0) {
        snas_text_add(to, "\n## Differences in percentage points\n\nTwo-sided t-tests, p not corrected for their "
                          "number: by pairs where two\nvariants share seeds, else Welch's. No p: the differences do "
                          "not spread.\n");
    }
    for (int i = 0; i < r->comparison_count;) {
        const snas_result figure = r->comparisons[i].figure;
        study_table table = study_table_make(to->mem, titles);
        for (; i < r->comparison_count && r->comparisons[i].figure == figure; i++) {
            add_comparison(&table, &r->comparisons[i]);
        }
        snas_text_add(to, "\n### %s\n\n", snas_result_rows[figure].title);
        study_table_write(&table, to);
    }
}

/* --- the document ------------------------------------------------------------------------------------------------- */

static void add_runs(snas_text *to, const snas_results *r)
{
    const columns chosen = choose(r, ACCURACIES | RANKS), *c = &chosen;
    study_table table = begin(to->mem, "run", "state", c);
    for (int i = 0; i < r->run_count; i++) {
        study_table_add(&table, "%s", r->runs[i].name);
        study_table_add(&table, "%s", r->runs[i].state);
        for (int f = 0; f < c->count; f++) {
            study_table_add(&table, "%s", number(c->figures[f], r->runs[i].figures[c->figures[f]]).text);
        }
    }
    snas_text_add(to, "\n## Runs\n\n");
    study_table_write(&table, to);
}

snas_status snas_results_markdown(snas_arena *mem, const snas_results *results, const char **out)
{
    snas_text text = snas_text_make(mem);
    const columns accuracies = choose(results, ACCURACIES);
    const bool cells = results->run_count > 0 && results->runs[results->run_count - 1].seed < 0;
    snas_text_add(&text, "# %s\n\n%d of %d runs%s are done.\n\n", results->study->name, results->done,
                  results->run_count, cells ? " and cells" : "");
    if (accuracies.count > 0) {
        add_accuracies(&text, results, &accuracies);
        add_deviations(&text, results, &accuracies);
    }
    add_costs(&text, results);
    add_agreements(&text, results);
    add_comparisons(&text, results);
    add_runs(&text, results);
    *out = text.data;
    return snas_text_done(&text);
}
