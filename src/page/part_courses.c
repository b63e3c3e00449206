/* part_courses.c -- the runs themselves: their curves over each other, their cells, what was chosen for them, how they
 * stand. */
#include <math.h>
#include <string.h>

#include "charts.h"
#include "comparison_parts.h"
#include "settings.h"
#include "snas/base/text.h"
#include "snas/config/schema.h"

enum { LINES_MAX = 48, CELLS_MAX = 24, FIXED = 5 };

/* --- curves ------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *figure, *title, *axis;
} CURVES[] = {
    {"validation_accuracy", "Supernet, validation accuracy", "per cent"},
    {"child_accuracy", "Child, inherited weights", "per cent"},
    {"test_accuracy", "Test accuracy", "per cent"},
    {"train_loss", "Training loss", "cross entropy"},
    {"entropy_normal", "Entropy of the normal cell", "nats"},
    {"entropy_cell", "Entropy of the cell", "nats"},
    {"child_parameters", "Parameters of the child", "weights that are trained"},
};

static snas_status take_line(snas_arena *mem, const page_course *course, const char *figure, page_line *out)
{
    double *values;
    bool any = false;
    SNAS_NEW(mem, values, course->record.row_count + 1);
    for (int row = 0; row < course->record.row_count; row++) {
        const snas_metrics_figure *found = snas_metrics_row_find(&course->record.rows[row], figure);
        values[row] = found == NULL ? (double)NAN : found->value;
        any |= isfinite(values[row]);
    }
    *out = (page_line){course->name, values, any ? course->record.row_count : 0, course->variant};
    return SNAS_OK;
}

/* In the legend each variant stands once. */
static void name_variants(const page_comparison *c, page_line *lines, int count)
{
    for (int i = 0; i < count; i++) {
        bool first = true;
        for (int j = 0; j < i; j++) {
            first &= lines[j].colour != lines[i].colour;
        }
        lines[i].name = first ? c->results.study->variants[lines[i].colour].name : NULL;
    }
}

/* Searches and trainings have a loss each: they are drawn apart. */
static snas_status draw_curve(page_writer *w, const page_comparison *c, int curve, const char *command)
{
    page_line lines[LINES_MAX];
    int count = 0;
    for (int i = 0; i < c->course_count && count < LINES_MAX; i++) {
        if (strcmp(c->courses[i].record.command, command) == 0) {
            SNAS_TRY(take_line(w->mem, &c->courses[i], CURVES[curve].figure, &lines[count]));
            count += lines[count].count > 0;
        }
    }
    name_variants(c, lines, count);
    const char *title = snas_format(w->mem, strcmp(CURVES[curve].figure, "train_loss") == 0 ? "%s, %s" : "%s",
                                    CURVES[curve].title, command);
    SNAS_TRY(snas_taken(title));
    const page_lines what = {.title = title,
                             .axis = CURVES[curve].axis,
                             .kind = page_figure_find(CURVES[curve].figure)->kind,
                             .lines = lines,
                             .line_count = count};
    return count == 0 ? SNAS_OK : page_draw_lines(w, &what);
}

snas_status page_courses(page_writer *w, const page_comparison *c)
{
    static const char *const commands[] = {"search", "train"};
    page_element(w, "p", "quiet", "A line a run; runs of one variant have one colour.");
    page_open(w, "div", "charts");
    for (size_t i = 0; i < sizeof CURVES / sizeof CURVES[0]; i++) {
        for (int k = 0; k < 2; k++) {
            SNAS_TRY(draw_curve(w, c, (int)i, commands[k]));
        }
    }
    page_close(w);
    return snas_text_done(w->text);
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

/* Is it the first run with this cell? That of a named or random cell is the same for all seeds. */
static bool is_first_of_cell(const page_comparison *c, int index)
{
    const snas_run_result *run = &c->results.runs[index];
    for (int i = 0; i < index && run->genotype != NULL; i++) {
        if (c->results.runs[i].genotype == run->genotype) {
            return false;
        }
    }
    return run->genotype != NULL;
}

static snas_status draw_cells(page_writer *w, const page_comparison *c, const snas_run_result *run)
{
    const snas_variant *variant = &c->results.study->variants[run->variant];
    for (int type = 0; type < run->genotype->space->cell_types; type++) {
        const snas_cell_view view = {.genotype = run->genotype, .type = type};
        const char *caption = variant->kind == SNAS_VARIANT_SEARCH || c->runs != NULL ? run->name : variant->name;
        SNAS_TRY(page_picture(w, snas_cell_drawing(&view), caption, false));
    }
    return SNAS_OK;
}

snas_status page_gallery(page_writer *w, const page_comparison *c)
{
    int shown = 0, all = 0;
    page_open(w, "div", "gallery");
    for (int i = 0; i < c->results.run_count; i++) {
        if (!is_first_of_cell(c, i)) {
            continue;
        }
        all++;
        if (shown < CELLS_MAX) {
            shown++;
            SNAS_TRY(draw_cells(w, c, &c->results.runs[i]));
        }
    }
    page_close(w);
    if (all > shown) {
        page_form(w, "p", "quiet", "The first %d of %d.", shown, all);
    }
    return snas_text_done(w->text);
}

/* --- what was chosen ---------------------------------------------------------------------------------------------- */

/* The values of a key in `count` configs; *differs: not all are the same. */
static snas_status take_values(snas_arena *mem, const snas_json *const *configs, int count, const char *key,
                               const char **values, bool *differs)
{
    *differs = false;
    for (int v = 0; v < count; v++) {
        SNAS_TRY(page_settings_value(mem, configs[v], key, &values[v]));
        *differs |= strcmp(values[v], values[0]) != 0;
    }
    return SNAS_OK;
}

static void add_choice(page_writer *w, const char *key, const char *const *values, int count)
{
    page_row(w, NULL);
    page_open(w, "td", NULL);
    page_element(w, "code", NULL, key);
    page_close(w);
    for (int v = 0; v < count; v++) {
        page_cell(w, values[v]);
    }
    page_close(w);
}

static snas_status begin_choices(page_writer *w, const snas_study *study)
{
    const char **heads;
    SNAS_NEW(w->mem, heads, study->variant_count + 1);
    heads[0] = "key";
    for (int v = 0; v < study->variant_count; v++) {
        heads[1 + v] = study->variants[v].name;
    }
    page_element(w, "p", "quiet", "The keys whose values differ; the seed is left out.");
    page_table(w, heads, 1 + study->variant_count);
    return SNAS_OK;
}

/* The rows; *any: there is one. */
static snas_status add_choices(page_writer *w, const snas_study *study, const snas_json *const *configs, bool *any)
{
    const int count = study->variant_count;
    const char **values;
    SNAS_NEW(w->mem, values, count + 1);
    *any = false;
    for (int i = 0; i < snas_config_key_count; i++) {
        const snas_config_key *key = &snas_config_keys[i];
        bool differs;
        if (key->fallback == NULL || strcmp(key->path, "seed") == 0) {
            continue;
        }
        SNAS_TRY(take_values(w->mem, configs, count, key->path, values, &differs));
        if (differs && !*any) {
            SNAS_TRY(begin_choices(w, study));
        }
        if (differs) {
            add_choice(w, key->path, values, count);
        }
        *any |= differs;
    }
    return SNAS_OK;
}

snas_status page_choices(page_writer *w, const page_comparison *c)
{
    const snas_study *study = c->results.study;
    const snas_json **configs;
    bool any;
    SNAS_NEW(w->mem, configs, study->variant_count + 1);
    for (int v = 0; v < study->variant_count; v++) {
        SNAS_TRY(page_settings_tree(w->mem, &study->variants[v].config, &configs[v]));
    }
    SNAS_TRY(add_choices(w, study, configs, &any));
    if (any) {
        page_table_end(w);
    } else {
        page_element(w, "p", "quiet", "The configs differ in nothing but the seed.");
    }
    return snas_text_done(w->text);
}

/* --- how they stand ----------------------------------------------------------------------------------------------- */

/* How far the run's last step is: "train 3 of 4". */
static void add_progress(page_writer *w, const page_comparison *c, const char *name)
{
    const snas_run_record *record = NULL;
    for (int i = 0; i < c->course_count; i++) {
        record = strcmp(c->courses[i].name, name) == 0 ? &c->courses[i].record : record;
    }
    if (record == NULL) {
        page_cell(w, "");
        return;
    }
    const bool search = strcmp(record->command, "search") == 0;
    page_form(w, "td", NULL, "%s %d of %d", record->command, record->row_count,
              search ? record->config.search.epochs : record->config.train.epochs);
}

static void add_run(page_writer *w, const page_comparison *c, const snas_run_result *run, const int *figures, int count)
{
    page_row(w, NULL);
    page_element(w, "th", NULL, run->name);
    page_cell(w, c->results.study->variants[run->variant].name);
    if (run->seed >= 0) {
        page_form(w, "td", NULL, "%llu", (unsigned long long)c->results.study->seeds[run->seed]);
    } else {
        page_cell(w, "");
    }
    page_cell(w, run->state);
    add_progress(w, c, run->name);
    for (int f = 0; f < count; f++) {
        page_cell_number(w, page_kind_of_result(figures[f]), run->figures[figures[f]]);
    }
    page_close(w);
}

snas_status page_runs(page_writer *w, const page_comparison *c)
{
    const char *heads[SNAS_RESULTS_COUNT + FIXED] = {"run", "variant", "seed", "state", "epochs"};
    int figures[SNAS_RESULTS_COUNT], count = 0;
    for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
        if (page_has_figure(c, f)) {
            heads[FIXED + count] = snas_format(w->mem, "#%s", snas_result_rows[f].title);
            SNAS_TRY(snas_taken(heads[FIXED + count]));
            figures[count++] = f;
        }
    }
    page_table(w, heads, FIXED + count);
    for (int i = 0; i < c->results.run_count; i++) {
        add_run(w, c, &c->results.runs[i], figures, count);
    }
    page_table_end(w);
    return snas_text_done(w->text);
}
