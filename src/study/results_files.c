/* results_files.c -- the results of a study for programs: JSON with everything, CSV with a line a variant. */
#include <inttypes.h>

#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/study/results.h"

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void add_real(snas_text *to, const char *key, double value)
{
    snas_text_next(to, ", ");
    snas_text_add(to, "\"%s\": ", key);
    snas_text_add_real(to, value);
}

static void add_string(snas_text *to, const char *key, const char *value)
{
    snas_text_next(to, ", ");
    snas_text_add(to, "\"%s\": ", key);
    snas_text_add_json(to, value);
}

static void add_sample(snas_text *to, const char *key, const snas_sample *sample)
{
    if (sample->count == 0) {
        return;
    }
    snas_text_add(to, ",\n     \"%s\": {\"count\": %d", key, sample->count);
    add_real(to, "mean", sample->mean);
    add_real(to, "deviation", sample->deviation);
    add_real(to, "error", sample->error);
    add_real(to, "least", sample->least);
    add_real(to, "median", sample->median);
    add_real(to, "most", sample->most);
    snas_text_add(to, "}");
}

static void add_variant(snas_text *to, const snas_variant_result *variant)
{
    snas_text_next(to, ",");
    snas_text_add(to, "\n    {");
    add_string(to, "name", variant->name);
    add_string(to, "kind", variant->kind);
    for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
        add_sample(to, snas_result_rows[f].key, &variant->figures[f]);
    }
    if (variant->agreement.pairs > 0) {
        snas_text_add(to, ",\n     \"agreement\": {\"pairs\": %d", variant->agreement.pairs);
        add_real(to, "share", variant->agreement.share);
        add_real(to, "chance", variant->agreement.chance);
        add_real(to, "p", variant->agreement.p);
        snas_text_add(to, "}");
    }
    snas_text_add(to, "}");
}

static void add_comparison(snas_text *to, const snas_comparison *c)
{
    const snas_t_test *test = &c->test;
    snas_text_next(to, ",");
    snas_text_add(to, "\n    {");
    add_string(to, "figure", snas_result_rows[c->figure].key);
    add_string(to, "a", c->a);
    add_string(to, "b", c->b);
    add_string(to, "test", test->paired ? "paired" : "welch");
    snas_text_add(to, ", \"count\": [%d, %d]", test->count[0], test->count[1]);
    add_real(to, "difference", test->difference);
    add_real(to, "error", test->error);
    add_real(to, "freedom", test->freedom);
    add_real(to, "t", test->t);
    add_real(to, "p", test->p);
    add_real(to, "lowest", test->lowest);
    add_real(to, "highest", test->highest);
    snas_text_add(to, "}");
}

static snas_status add_run(snas_text *to, const snas_results *r, const snas_run_result *run)
{
    const char *genotype;
    snas_text_next(to, ",");
    snas_text_add(to, "\n    {");
    add_string(to, "name", run->name);
    add_string(to, "variant", r->study->variants[run->variant].name);
    if (run->seed >= 0) {
        const uint64_t seed = r->study->seeds[run->seed];
        const char *quote = seed > (uint64_t)SNAS_WHOLE_MAX ? "\"" : "";
        snas_text_add(to, ", \"seed\": %s%" PRIu64 "%s", quote, seed, quote);
    }
    add_string(to, "state", run->state);
    for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
        if (run->figures[f] >= 0) { /* NaN: there is none */
            add_real(to, snas_result_rows[f].key, run->figures[f]);
        }
    }
    if (run->genotype != NULL) {
        SNAS_TRY(snas_genotype_write(to->mem, run->genotype, SNAS_GENOTYPE_JSON, &genotype));
        snas_text_add(to, ",\n     \"genotype\": %s", genotype);
    }
    snas_text_add(to, "}");
    return SNAS_OK;
}

snas_status snas_results_json(snas_arena *mem, const snas_results *r, const char **out)
{
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "{");
    add_string(&text, "study", r->study->name);
    add_string(&text, "rule", snas_rule_names[r->study->rule]);
    snas_text_add(&text, ", \"runs_done\": %d, \"run_count\": %d,\n  \"variants\": [", r->done, r->run_count);
    for (int i = 0; i < r->variant_count; i++) {
        add_variant(&text, &r->variants[i]);
    }
    snas_text_add(&text, "],\n  \"comparisons\": [");
    for (int i = 0; i < r->comparison_count; i++) {
        add_comparison(&text, &r->comparisons[i]);
    }
    snas_text_add(&text, "],\n  \"runs\": [");
    for (int i = 0; i < r->run_count; i++) {
        SNAS_TRY(add_run(&text, r, &r->runs[i]));
    }
    snas_text_add(&text, "]\n}\n");
    *out = text.data;
    return snas_text_done(&text);
}

/* --- CSV ---------------------------------------------------------------------------------------------------------- */

/* Nothing where there is no number. */
static void add_value(snas_text *to, double value)
{
    snas_text_add(to, ",");
    if (value >= 0) {
        snas_text_add_real(to, value);
    }
}

snas_status snas_results_csv(snas_arena *mem, const snas_results *r, const char **out)
{
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "variant,kind");
    for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
        const char *key = snas_result_rows[f].key;
        snas_text_add(&text, ",%s_count,%s_mean,%s_deviation,%s_error,%s_median", key, key, key, key, key);
    }
    snas_text_add(&text, ",agreement_pairs,agreement_share,agreement_chance,agreement_p\n");
    for (int v = 0; v < r->variant_count; v++) {
        const snas_variant_result *variant = &r->variants[v];
        snas_text_add(&text, "\"%s\",%s", variant->name, variant->kind); /* names may hold commas, never quotes */
        for (int f = 0; f < SNAS_RESULTS_COUNT; f++) {
            const snas_sample *sample = &variant->figures[f];
            snas_text_add(&text, ",%d", sample->count);
            add_value(&text, sample->mean);
            add_value(&text, sample->deviation);
            add_value(&text, sample->error);
            add_value(&text, sample->median);
        }
        snas_text_add(&text, ",%d", variant->agreement.pairs);
        add_value(&text, variant->agreement.share);
        add_value(&text, variant->agreement.chance);
        add_value(&text, variant->agreement.p);
        snas_text_add(&text, "\n");
    }
    *out = text.data;
    return snas_text_done(&text);
}

/* --- the files ---------------------------------------------------------------------------------------------------- */

snas_status snas_results_save(snas_arena *mem, const snas_results *results, const char *folder)
{
    static const struct {
        const char *name;
        snas_status (*write)(snas_arena *, const snas_results *, const char **);
    } files[] = {
        {"study.md", snas_results_markdown}, {"study.json", snas_results_json}, {"study.csv", snas_results_csv}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const char *text, *path = snas_format(mem, "%s/%s", folder, files[i].name);
        SNAS_TRY(snas_taken(path));
        SNAS_TRY(files[i].write(mem, results, &text));
        SNAS_TRY(snas_file_replace_text(path, text));
    }
    return SNAS_OK;
}
