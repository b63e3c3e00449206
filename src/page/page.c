/* page.c -- the page as a whole: its head, what stands at its top, its sections in their order.
 *
 * A policy in the head forbids whatever the page could load or run, should anything of the kind ever come into it.
 */
#include "snas/page/page.h"

#include <math.h>
#include <string.h>

#include "comparison.h"
#include "page_parts.h"
#include "snas/base/clock.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/base/version.h"
#include "style.h"

enum { RELOAD_LEAST = 5, RELOAD_MOST = 60, RUNS_IN_FULL = 12 };
static const char POLICY[] = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/* --- head and top ------------------------------------------------------------------------------------------------- */

/* What the frame of a page says. */
typedef struct {
    const char *title, *subtitle, *state, *state_note;
    bool going_on;
    double epoch_seconds; /* that the next change may take; NaN: not known */
} frame;

static void add_meta(page_writer *w, const char *key, const char *name, const char *content)
{
    page_open(w, "meta", NULL);
    snas_markup_attribute(&w->m, key, name);
    snas_markup_attribute(&w->m, "content", content);
    page_close(w);
}

/* Half an epoch later, within bounds. */
static void add_reload(page_writer *w, const frame *f)
{
    const double half = isfinite(f->epoch_seconds) ? f->epoch_seconds / 2 : RELOAD_LEAST;
    const char *seconds = snas_format(w->mem, "%.0f", fmin(fmax(half, RELOAD_LEAST), RELOAD_MOST));
    w->text->failed |= seconds == NULL;
    add_meta(w, "http-equiv", "refresh", seconds == NULL ? "" : seconds);
}

static void add_style(page_writer *w)
{
    page_open(w, "style", NULL);
    snas_markup_raw(&w->m, "");
    snas_text_add_bytes(w->text, page_style, page_style_size);
    snas_markup_raw(&w->m, snas_drawing_style);
    page_close(w);
}

static void add_head(page_writer *w, const frame *f)
{
    page_open(w, "head", NULL);
    page_open(w, "meta", NULL);
    snas_markup_attribute(&w->m, "charset", "utf-8");
    page_close(w);
    add_meta(w, "http-equiv", "Content-Security-Policy", POLICY);
    add_meta(w, "name", "viewport", "width=device-width, initial-scale=1");
    add_meta(w, "name", "color-scheme", "light dark");
    add_meta(w, "name", "generator", "snas " SNAS_VERSION);
    if (f->going_on) {
        add_reload(w, f);
    }
    page_element(w, "title", NULL, f->title);
    page_open(w, "link", NULL);
    snas_markup_attribute(&w->m, "rel", "icon");
    snas_markup_attribute(&w->m, "href", "data:,");
    page_close(w);
    add_style(w);
    page_close(w);
}

static void add_top(page_writer *w, const frame *f)
{
    page_open(w, "header", NULL);
    page_open(w, "h1", NULL);
    snas_markup_text(&w->m, f->title);
    page_form(w, "span", f->going_on ? "state on" : "state", "%s", f->state);
    page_close(w);
    page_element(w, "p", "quiet", f->subtitle);
    if (f->state_note != NULL) {
        page_element(w, "p", "quiet", f->state_note);
    }
    page_close(w);
}

/* Begin the page: all that stands before the sections but the links to them. */
static void begin(page_writer *w, const frame *f)
{
    snas_markup_raw(&w->m, "<!DOCTYPE html>\n");
    page_open(w, "html", NULL);
    snas_markup_attribute(&w->m, "lang", "en");
    add_head(w, f);
    page_open(w, "body", NULL);
    add_top(w, f);
}

static void end(page_writer *w)
{
    page_close(w);
    page_form(w, "footer", NULL, "snas %s", SNAS_VERSION);
    page_close(w);
    page_close(w);
    snas_markup_raw(&w->m, "\n");
}

static void add_link(page_writer *w, const char *id, const char *title)
{
    page_open(w, "a", NULL);
    snas_markup_form(&w->m, "href", "#%s%s", w->scope, id);
    snas_markup_text(&w->m, title);
    page_close(w);
}

/* --- a run -------------------------------------------------------------------------------------------------------- */

static const char *describe(snas_arena *mem, const page_run *run)
{
    const snas_config *config = &run->record.config;
    const bool search = page_run_is_search(run);
    const char *space = search ? config->search.space->name : run->genotype == NULL ? "" : run->genotype->space->name;
    return snas_format(mem, "%s in the space %s%s%s, data %s, seed %llu", search ? "Search" : "Training of a cell",
                       space, search ? ", method " : "", search ? config->search.method->name : "",
                       config->data.dataset->name, (unsigned long long)config->seed);
}

static const char *environment_of(const page_run *run, const char *key)
{
    for (int i = 0; i < run->environment_count; i++) {
        if (strcmp(run->environment[i].key, key) == 0) {
            return run->environment[i].value;
        }
    }
    return "?";
}

static snas_status frame_of_run(snas_arena *mem, const page_run *run, frame *out)
{
    char now[32];
    const double done = run->record.row_count;
    *out = (frame){.title = run->name,
                   .subtitle = describe(mem, run),
                   .state = run->state,
                   .going_on = run->going_on,
                   .epoch_seconds = done > 0 ? run->record.usage.seconds / done : (double)NAN};
    const char *started = environment_of(run, "started");
    out->state_note = run->going_on ? snas_format(mem, "Started %s; this page was written %s and loads itself anew.",
                                                  started, snas_clock_text(now, sizeof now))
                                    : snas_format(mem, "Started %s.", started);
    SNAS_TRY(snas_taken(out->subtitle));
    return snas_taken(out->state_note);
}

static void add_run_links(page_writer *w, const page_run *run)
{
    page_open(w, "nav", NULL);
    for (const page_part *part = page_run_parts; part->id != NULL; part++) {
        if (part->has(run)) {
            add_link(w, part->id, part->title);
        }
    }
    page_close(w);
}

static snas_status add_run_parts(page_writer *w, const page_run *run)
{
    for (const page_part *part = page_run_parts; part->id != NULL; part++) {
        if (part->has(run)) {
            page_section(w, part->id, part->title);
            SNAS_TRY(part->write(w, run));
            page_close(w);
        }
    }
    return SNAS_OK;
}

static snas_status write_run(page_writer *w, const page_run *run, snas_page *out)
{
    frame f;
    SNAS_TRY(frame_of_run(w->mem, run, &f));
    begin(w, &f);
    add_run_links(w, run);
    page_open(w, "main", NULL);
    SNAS_TRY(add_run_parts(w, run));
    end(w);
    out->going_on = run->going_on;
    out->state = snas_format(w->mem, "%s, epoch %d of %d", run->state, run->record.row_count, page_run_epochs(run));
    return snas_taken(out->state);
}

/* --- several ------------------------------------------------------------------------------------------------------ */

static void add_comparison_links(page_writer *w, const page_comparison *c)
{
    page_open(w, "nav", NULL);
    for (const page_comparison_part *part = page_comparison_parts; part->id != NULL; part++) {
        if (part->has(c)) {
            add_link(w, part->id, part->title);
        }
    }
    if (c->run_count > 0) {
        add_link(w, "each", "Each run");
    }
    page_close(w);
}

static snas_status add_each(page_writer *w, const page_comparison *c)
{
    page_section(w, "each", "Each run");
    for (int i = 0; i < c->run_count && i < RUNS_IN_FULL; i++) {
        const page_run *run = &c->runs[i];
        page_writer inner = *w;
        inner.scope = snas_format(w->mem, "run%d-", i + 1);
        inner.level = 3;
        SNAS_TRY(snas_taken(inner.scope));
        page_open(&inner, "details", "run");
        page_form(&inner, "summary", NULL, "%s (%s)", run->name, run->state);
        page_element(&inner, "p", "quiet", describe(w->mem, run));
        SNAS_TRY(add_run_parts(&inner, run));
        page_close(&inner);
        w->m = inner.m;
        w->pictures = inner.pictures;
    }
    if (c->run_count > RUNS_IN_FULL) {
        page_form(w, "p", "quiet", "The first %d of %d runs.", RUNS_IN_FULL, c->run_count);
    }
    page_close(w);
    return SNAS_OK;
}

/* The shortest mean epoch of the runs: the page changes that often. */
static double shortest_epoch(const page_comparison *c)
{
    double shortest = (double)NAN;
    for (int i = 0; i < c->course_count; i++) {
        const snas_run_record *record = &c->courses[i].record;
        shortest = fmin(shortest, record->row_count > 0 ? record->usage.seconds / record->row_count : (double)NAN);
    }
    return shortest;
}

static snas_status frame_of_comparison(snas_arena *mem, const page_comparison *c, frame *out)
{
    char now[32];
    *out = (frame){.title = c->name,
                   .state = c->state,
                   .going_on = c->going_on,
                   .subtitle = snas_format(mem, "%s: %d runs of %d variants", c->is_study ? "Study" : "Comparison",
                                           c->results.run_count, c->study.variant_count),
                   .epoch_seconds = shortest_epoch(c)};
    if (c->going_on) {
        out->state_note =
            snas_format(mem, "This page was written %s and loads itself anew.", snas_clock_text(now, sizeof now));
        SNAS_TRY(snas_taken(out->state_note));
    }
    return snas_taken(out->subtitle);
}

static snas_status write_comparison(page_writer *w, const page_comparison *c, snas_page *out)
{
    frame f;
    SNAS_TRY(frame_of_comparison(w->mem, c, &f));
    begin(w, &f);
    add_comparison_links(w, c);
    page_open(w, "main", NULL);
    for (const page_comparison_part *part = page_comparison_parts; part->id != NULL; part++) {
        if (part->has(c)) {
            page_section(w, part->id, part->title);
            SNAS_TRY(part->write(w, c));
            page_close(w);
        }
    }
    if (c->run_count > 0) {
        SNAS_TRY(add_each(w, c));
    }
    end(w);
    out->going_on = c->going_on;
    out->state = c->state;
    return SNAS_OK;
}

/* --- what there is ------------------------------------------------------------------------------------------------ */

static snas_status check_run(snas_arena *mem, const char *folder, int count)
{
    if (snas_study_is_in(folder)) {
        return count == 1
                   ? SNAS_OK
                   : snas_fail(SNAS_E_USAGE, "'%s' is a study, which has a page of its own: name it alone", folder);
    }
    const char *path = snas_format(mem, "%s/env.json", folder);
    SNAS_TRY(snas_taken(path));
    return snas_file_is(path)
               ? SNAS_OK
               : snas_fail(SNAS_E_IO, "'%s' is neither a run nor a study: it holds no env.json and no plan.json",
                           folder);
}

static snas_status write_page(page_writer *w, const char *const *folders, int count, snas_page *out)
{
    page_comparison comparison;
    page_run *runs;
    for (int i = 0; i < count; i++) {
        SNAS_TRY(check_run(w->mem, folders[i], count));
    }
    if (snas_study_is_in(folders[0])) {
        SNAS_TRY(page_comparison_of_study(w->mem, folders[0], &comparison));
        return write_comparison(w, &comparison, out);
    }
    SNAS_NEW(w->mem, runs, count);
    for (int i = 0; i < count; i++) {
        SNAS_TRY(page_run_read(w->mem, folders[i], &runs[i]));
    }
    if (count == 1) {
        return write_run(w, runs, out);
    }
    SNAS_TRY(page_comparison_of_runs(w->mem, runs, count, &comparison));
    return write_comparison(w, &comparison, out);
}

snas_status snas_page_make(snas_arena *mem, const char *const *folders, int count, snas_page *out)
{
    snas_text text = snas_text_make(mem);
    page_writer w = {.mem = mem, .text = &text, .m = snas_markup_make(&text, ""), .scope = "", .level = 2};
    *out = (snas_page){0};
    SNAS_TRY(write_page(&w, folders, count, out));
    out->html = text.data;
    return snas_text_done(&text);
}
