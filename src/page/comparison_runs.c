/* comparison_runs.c -- runs that were named, put together as a study: those that differ in nothing but the seed are
 * one variant. */
#include <math.h>
#include <string.h>

#include "comparison.h"
#include "settings.h"
#include "snas/base/text.h"

/* What is being put together. */
typedef struct {
    snas_arena *mem;
    const page_run *runs;
    int count;
    page_comparison *out;
    const char **signatures; /* [variants] */
    uint64_t *seeds;
    snas_run_result *results; /* [count] */
} gathering;

/* Equal for runs that may stand in one variant: command, cell of a training, config but for the seed. */
static snas_status sign(snas_arena *mem, const page_run *run, const char **out)
{
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "%s\n", run->record.command);
    if (!page_run_is_search(run) && run->genotype != NULL) {
        snas_genotype cell = *run->genotype;
        const char *json;
        cell.origin = NULL;
        cell.division = NULL;
        SNAS_TRY(snas_genotype_write(mem, &cell, SNAS_GENOTYPE_JSON, &json));
        snas_text_add_bytes(&text, json, strlen(json));
    }
    SNAS_TRY(page_settings_sign(&run->record.config, &text));
    *out = text.data;
    return snas_text_done(&text);
}

static int seed_index(gathering *g, uint64_t seed)
{
    snas_study *study = &g->out->study;
    for (int i = 0; i < study->seed_count; i++) {
        if (g->seeds[i] == seed) {
            return i;
        }
    }
    g->seeds[study->seed_count] = seed;
    return study->seed_count++;
}

static bool has_run(const gathering *g, int so_far, int variant, int seed)
{
    for (int i = 0; i < so_far; i++) {
        if (g->results[i].variant == variant && g->results[i].seed == seed) {
            return true;
        }
    }
    return false;
}

/* The run's name without "-seedN" at its end: what its variant is called when it has several. */
static const char *stem_of(snas_arena *mem, const char *name)
{
    static const char mark[] = "seed";
    size_t end = strlen(name);
    while (end > 0 && name[end - 1] >= '0' && name[end - 1] <= '9') {
        end--;
    }
    const size_t size = strlen(mark);
    const bool marked = end < strlen(name) && end > size + 1 && memcmp(name + end - size, mark, size) == 0;
    return marked ? snas_format(mem, "%.*s", (int)(end - size - 1), name) : name;
}

static bool is_named(const snas_study *study, const char *name)
{
    for (int i = 0; i < study->variant_count; i++) {
        if (strcmp(study->variants[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static snas_status add_variant(gathering *g, const page_run *run, const char *signature)
{
    snas_study *study = &g->out->study;
    const bool search = page_run_is_search(run);
    const char *name = stem_of(g->mem, run->name);
    SNAS_TRY(snas_taken(name));
    name = is_named(study, name) ? run->name : name;
    g->signatures[study->variant_count] = signature;
    study->variants[study->variant_count] = (snas_variant){.name = name,
                                                           .kind = search ? SNAS_VARIANT_SEARCH : SNAS_VARIANT_CELL,
                                                           .trains = !search,
                                                           .config = run->record.config};
    if (!search && run->genotype != NULL) {
        study->variants[study->variant_count].genotype = *run->genotype;
    }
    study->variant_count++;
    return SNAS_OK;
}

/* The variant that the run belongs to, a new one where none fits or that has this seed already. */
static snas_status place(gathering *g, int index)
{
    const page_run *run = &g->runs[index];
    const char *signature;
    SNAS_TRY(sign(g->mem, run, &signature));
    const int seed = seed_index(g, run->record.config.seed);
    int variant = 0;
    while (variant < g->out->study.variant_count &&
           (strcmp(g->signatures[variant], signature) != 0 || has_run(g, index, variant, seed))) {
        variant++;
    }
    if (variant == g->out->study.variant_count) {
        SNAS_TRY(add_variant(g, run, signature));
    }
    g->results[index] = (snas_run_result){
        .name = run->name, .variant = variant, .seed = seed, .state = run->state, .genotype = run->genotype};
    return SNAS_OK;
}

static void take_figures(const page_run *run, snas_run_result *out)
{
    static const struct {
        snas_result figure;
        const char *name;
    } rows[] = {{SNAS_RESULT_SUPERNET, "validation_accuracy"},
                {SNAS_RESULT_CHILD, "child_accuracy"},
                {SNAS_RESULT_KNOWN, "known_accuracy"},
                {SNAS_RESULT_RANK, "known_rank"},
                {SNAS_RESULT_TRAINED, "test_accuracy"},
                {SNAS_RESULT_PARAMETERS, "child_parameters"},
                {SNAS_RESULT_MACS, "child_macs"}};
    for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
        out->figures[f] = (double)NAN;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        out->figures[rows[i].figure] = page_run_newest(run, rows[i].name);
    }
    if (!page_run_is_search(run)) {
        out->figures[SNAS_RESULT_PARAMETERS] = run->parameters;
        out->figures[SNAS_RESULT_MACS] = run->macs;
    }
    out->figures[SNAS_RESULT_HOURS] = run->record.usage.processor_seconds / 3600;
    out->figures[SNAS_RESULT_PEAK] = run->record.usage.peak_bytes;
}

static snas_status gather(gathering *g)
{
    page_course *courses;
    SNAS_NEW(g->mem, courses, g->count);
    g->out->courses = courses;
    g->out->course_count = g->count;
    for (int i = 0; i < g->count; i++) {
        const page_run *run = &g->runs[i];
        SNAS_TRY(place(g, i));
        take_figures(run, &g->results[i]);
        courses[i] = (page_course){run->name, g->results[i].variant, run->record};
        g->out->going_on |= run->going_on;
        g->out->results.done += strcmp(run->state, "done") == 0;
    }
    return SNAS_OK;
}

snas_status page_comparison_of_runs(snas_arena *mem, const page_run *runs, int count, page_comparison *out)
{
    gathering g = {.mem = mem, .runs = runs, .count = count, .out = out};
    *out = (page_comparison){.runs = runs, .run_count = count};
    SNAS_NEW(mem, g.signatures, count);
    SNAS_NEW(mem, g.seeds, count);
    SNAS_NEW(mem, g.results, count);
    SNAS_NEW(mem, out->study.variants, count);
    out->study.rule = SNAS_RULE_EDGE;
    out->study.seeds = g.seeds;
    SNAS_TRY(gather(&g));
    out->name = snas_format(mem, "%s and %d more", runs[0].name, count - 1);
    out->state = snas_format(mem, "%d of %d done", out->results.done, count);
    SNAS_TRY(snas_taken(out->name));
    SNAS_TRY(snas_taken(out->state));
    out->results =
        (snas_results){.study = &out->study, .runs = g.results, .run_count = count, .done = out->results.done};
    return snas_results_compare(mem, &out->results);
}
