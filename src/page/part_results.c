/* part_results.c -- what several runs have come to: means and errors a variant, bars, pairs of seeds, tests. */
#include <math.h>
#include <string.h>

#include "charts.h"
#include "comparison_parts.h"
#include "snas/base/text.h"

page_kind page_kind_of_result(int figure)
{
    static const page_kind kinds[] = {[SNAS_SHOWN_PERCENT] = PAGE_SHARE,
                                      [SNAS_SHOWN_RANK] = PAGE_COUNT,
                                      [SNAS_SHOWN_WHOLE] = PAGE_COUNT,
                                      [SNAS_SHOWN_HOURS] = PAGE_REAL,
                                      [SNAS_SHOWN_MIB] = PAGE_BYTES};
    return kinds[snas_result_rows[figure].shown];
}

static bool is_accuracy(int figure)
{
    return snas_result_rows[figure].shown == SNAS_SHOWN_PERCENT;
}

bool page_has_figure(const page_comparison *c, int figure)
{
    for (int v = 0; v < c->results.variant_count; v++) {
        if (c->results.variants[v].figures[figure].count > 0) {
            return true;
        }
    }
    return false;
}

/* Variants that have numbers of the figure; random cells together are none of their own. */
static int count_with(const page_comparison *c, int figure)
{
    int count = 0;
    for (int v = 0; v < c->results.study->variant_count; v++) {
        count += c->results.variants[v].figures[figure].count > 0;
    }
    return count;
}

int page_main_figure(const page_comparison *c)
{
    static const int order[] = {SNAS_RESULT_TRAINED, SNAS_RESULT_KNOWN, SNAS_RESULT_RECALIBRATED, SNAS_RESULT_CHILD,
                                SNAS_RESULT_SUPERNET};
    int best = order[0];
    for (size_t i = 1; i < sizeof order / sizeof order[0]; i++) {
        best = count_with(c, order[i]) > count_with(c, best) ? order[i] : best;
    }
    return best;
}

bool page_has_pairs(const page_comparison *c)
{
    return c->results.study->seed_count > 1 && count_with(c, page_main_figure(c)) > 1;
}

/* --- the table of variants ---------------------------------------------------------------------------------------- */

static void add_sample(page_writer *w, int figure, const snas_sample *sample)
{
    const page_kind kind = page_kind_of_result(figure);
    page_open(w, "td", "n");
    page_data(w, kind, sample->mean);
    if (isfinite(sample->error) && sample->error > 0 && is_accuracy(figure)) {
        page_form(w, "span", "error", " \xc2\xb1 %.2f", 100 * sample->error);
    }
    page_close(w);
}

static void add_variant(page_writer *w, const page_comparison *c, const snas_variant_result *variant,
                        const int *figures, int count)
{
    int most = 0;
    for (int i = 0; i < count; i++) {
        most = variant->figures[figures[i]].count > most ? variant->figures[figures[i]].count : most;
    }
    page_row(w, NULL);
    page_element(w, "th", NULL, variant->name);
    page_cell(w, variant->kind);
    page_cell_number(w, PAGE_COUNT, most);
    for (int i = 0; i < count; i++) {
        add_sample(w, figures[i], &variant->figures[figures[i]]);
    }
    if (c->is_study) {
        page_cell_number(w, PAGE_SHARE, variant->agreement.pairs > 0 ? variant->agreement.share : (double)NAN);
    }
    page_close(w);
}

snas_status page_results(page_writer *w, const page_comparison *c)
{
    const char *heads[SNAS_RESULTS_COUNT + 4] = {"variant", "kind", "#n"};
    int figures[SNAS_RESULTS_COUNT], count = 0;
    for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
        if (page_has_figure(c, f)) {
            heads[3 + count] = snas_format(w->mem, "#%s", snas_result_rows[f].title);
            SNAS_TRY(snas_taken(heads[3 + count]));
            figures[count++] = f;
        }
    }
    heads[3 + count] = "#equal edges";
    page_element(w, "p", "quiet", "Mean \xc2\xb1 standard error over n seeds.");
    page_table(w, heads, 3 + count + (c->is_study ? 1 : 0));
    for (int v = 0; v < c->results.variant_count; v++) {
        add_variant(w, c, &c->results.variants[v], figures, count);
    }
    page_table_end(w);
    page_open(w, "ul", "quiet");
    for (int i = 0; i < count; i++) {
        page_form(w, "li", NULL, "%s: %s", snas_result_rows[figures[i]].title, snas_result_rows[figures[i]].sentence);
    }
    if (c->is_study) {
        page_element(w, "li", NULL, "equal edges: what the cells of two seeds have in common, mean over the pairs");
    }
    page_close(w);
    return snas_text_done(w->text);
}

/* --- bars --------------------------------------------------------------------------------------------------------- */

static snas_status draw_bars(page_writer *w, const page_comparison *c, int figure)
{
    const snas_results *r = &c->results;
    const char **names;
    double *means, *errors;
    int count = 0, *colours;
    SNAS_NEW(w->mem, names, r->variant_count);
    SNAS_NEW(w->mem, colours, r->variant_count);
    SNAS_NEW(w->mem, means, r->variant_count);
    SNAS_NEW(w->mem, errors, r->variant_count);
    for (int v = 0; v < r->variant_count; v++) {
        const snas_sample *sample = &r->variants[v].figures[figure];
        if (sample->count > 0) {
            names[count] = r->variants[v].name;
            colours[count] = v;
            means[count] = sample->mean;
            errors[count++] = sample->error;
        }
    }
    const snas_result_row *row = &snas_result_rows[figure];
    const char *caption = snas_format(w->mem, "%s; mean and standard error.", row->sentence);
    SNAS_TRY(snas_taken(caption));
    const page_bars what = {.title = row->title,
                            .axis = "per cent",
                            .caption = caption,
                            .kind = PAGE_SHARE,
                            .names = names,
                            .means = means,
                            .errors = errors,
                            .colours = colours,
                            .count = count};
    return page_draw_bars(w, &what);
}

snas_status page_bars_of_results(page_writer *w, const page_comparison *c)
{
    page_open(w, "div", "charts");
    for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
        if (is_accuracy(f) && page_has_figure(c, f)) {
            SNAS_TRY(draw_bars(w, c, f));
        }
    }
    page_close(w);
    return snas_text_done(w->text);
}

/* --- pairs of seeds ----------------------------------------------------------------------------------------------- */

static double figure_of(const page_comparison *c, int variant, int seed, int figure)
{
    for (int i = 0; i < c->results.run_count; i++) {
        const snas_run_result *run = &c->results.runs[i];
        if (run->variant == variant && run->seed == seed) {
            return run->figures[figure];
        }
    }
    return (double)NAN;
}

/* The variants that have numbers of the figure. */
static snas_status take_variants(snas_arena *mem, const page_comparison *c, int figure, int **out, int *count)
{
    SNAS_NEW(mem, *out, c->results.study->variant_count + 1);
    *count = 0;
    for (int v = 0; v < c->results.study->variant_count; v++) {
        if (c->results.variants[v].figures[figure].count > 0) {
            (*out)[(*count)++] = v;
        }
    }
    return SNAS_OK;
}

static void add_seed(page_writer *w, const page_comparison *c, int seed, const int *variants, int count)
{
    const int figure = page_main_figure(c);
    const double first = figure_of(c, variants[0], seed, figure);
    page_row(w, NULL);
    page_form(w, "th", NULL, "seed %llu", (unsigned long long)c->results.study->seeds[seed]);
    for (int i = 0; i < count; i++) {
        const double value = figure_of(c, variants[i], seed, figure);
        page_open(w, "td", "n");
        page_data(w, PAGE_SHARE, value);
        if (i > 0 && isfinite(value - first)) {
            page_form(w, "span", value < first ? "error down" : "error up", " %+.2f", 100 * (value - first));
        }
        page_close(w);
    }
    page_close(w);
}

snas_status page_pairs(page_writer *w, const page_comparison *c)
{
    const snas_study *study = c->results.study;
    const int figure = page_main_figure(c);
    const char **heads;
    int *variants, count;
    SNAS_TRY(take_variants(w->mem, c, figure, &variants, &count));
    SNAS_NEW(w->mem, heads, count + 1);
    heads[0] = "";
    for (int i = 0; i < count; i++) {
        heads[1 + i] = snas_format(w->mem, "#%s", study->variants[variants[i]].name);
        SNAS_TRY(snas_taken(heads[1 + i]));
    }
    page_form(w, "p", "quiet", "%s: %s. A row a seed; beside it the difference to the first variant, in points.",
              snas_result_rows[figure].title, snas_result_rows[figure].sentence);
    page_table(w, heads, 1 + count);
    for (int s = 0; s < study->seed_count; s++) {
        add_seed(w, c, s, variants, count);
    }
    page_table_end(w);
    return snas_text_done(w->text);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void add_points(page_writer *w, double value, const char *form)
{
    if (isfinite(value)) {
        page_form(w, "td", "n", form, 100 * value);
    } else {
        page_element(w, "td", "n", "\xe2\x80\x93");
    }
}

static void add_comparison(page_writer *w, const snas_comparison *comparison)
{
    const snas_t_test *test = &comparison->test;
    page_row(w, isfinite(test->p) && test->p < 0.05 ? "clear" : NULL);
    page_cell(w, snas_result_rows[comparison->figure].title);
    page_cell(w, comparison->a);
    page_cell(w, comparison->b);
    add_points(w, test->difference, "%+.2f");
    if (isfinite(test->lowest) && isfinite(test->highest)) {
        page_form(w, "td", "n", "%+.2f to %+.2f", 100 * test->lowest, 100 * test->highest);
    } else {
        page_element(w, "td", "n", "\xe2\x80\x93");
    }
    page_cell_number(w, PAGE_REAL, test->p);
    page_form(w, "td", NULL, test->paired ? "%d pairs of seeds" : "%d and %d runs", test->count[0], test->count[1]);
    page_close(w);
}

snas_status page_differences(page_writer *w, const page_comparison *c)
{
    static const char *const heads[] = {"figure", "a", "b", "#a less b, points", "#95 % interval", "#p", "over"};
    page_element(
        w, "p", "quiet",
        "Two-sided t-tests: paired where two variants share two seeds or more, else Welch's. p is not corrected "
        "for the number of tests. Rows with p below 0.05 are marked.");
    page_table(w, heads, 7);
    for (int i = 0; i < c->results.comparison_count; i++) {
        add_comparison(w, &c->results.comparisons[i]);
    }
    page_table_end(w);
    return snas_text_done(w->text);
}

/* --- accuracy against cost ---------------------------------------------------------------------------------------- */

/* The point of a run; its group is the variant's place among those that are shown. */
static bool take_point(const snas_run_result *run, int cost, int figure, page_point *out)
{
    *out = (page_point){run->name, run->figures[cost], run->figures[figure], run->variant};
    return isfinite(out->x) && isfinite(out->y);
}

static snas_status draw_cost(page_writer *w, const page_comparison *c, int cost, int figure)
{
    const char **groups;
    page_point *points;
    int *variants, group_count, count = 0;
    SNAS_TRY(take_variants(w->mem, c, figure, &variants, &group_count));
    SNAS_NEW(w->mem, groups, group_count + 1);
    SNAS_NEW(w->mem, points, c->results.run_count + 1);
    for (int g = 0; g < group_count; g++) {
        groups[g] = c->results.study->variants[variants[g]].name;
        for (int i = 0; i < c->results.run_count; i++) {
            if (c->results.runs[i].variant == variants[g] &&
                take_point(&c->results.runs[i], cost, figure, &points[count])) {
                points[count++].group = g;
            }
        }
    }
    const snas_result_row *row = &snas_result_rows[cost];
    const char *y_axis = snas_format(w->mem, "%s, per cent", snas_result_rows[figure].title);
    SNAS_TRY(snas_taken(y_axis));
    const page_points what = {.title = row->title,
                              .x_axis = row->title,
                              .y_axis = y_axis,
                              .x_kind = page_kind_of_result(cost),
                              .y_kind = PAGE_SHARE,
                              .points = points,
                              .point_count = count,
                              .groups = groups,
                              .group_count = group_count};
    return count == 0 ? SNAS_OK : page_draw_points(w, &what);
}

snas_status page_costs(page_writer *w, const page_comparison *c)
{
    static const int costs[] = {SNAS_RESULT_PARAMETERS, SNAS_RESULT_MACS, SNAS_RESULT_HOURS};
    const int figure = page_main_figure(c);
    page_form(w, "p", "quiet", "A point a run; %s: %s.", snas_result_rows[figure].title,
              snas_result_rows[figure].sentence);
    page_open(w, "div", "charts");
    for (int i = 0; i < 3; i++) {
        SNAS_TRY(draw_cost(w, c, costs[i], figure));
    }
    page_close(w);
    return snas_text_done(w->text);
}
