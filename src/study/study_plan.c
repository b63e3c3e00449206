/* study_plan.c -- the resolved study as JSON, and whether a study goes on with what an earlier one has begun.
 *
 * The text holds what decides the bytes of every run: rule, seeds, and a variant's kind, config and genotype. A study
 * may grow: variants and seeds that the earlier one did not have, cells that are trained now. Nothing else may change.
 */
#include <stdio.h>
#include <string.h>

#include "snas/base/text.h"
#include "snas/format/json.h"
#include "snas/loop/checkpoint.h"
#include "snas/study/study.h"

enum { VALUE_BYTES = 96 };

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void add_seed(snas_text *text, uint64_t seed)
{
    const char *quote = seed > (uint64_t)SNAS_WHOLE_MAX ? "\"" : "";
    snas_text_add(text, "%s%llu%s", quote, (unsigned long long)seed, quote);
}

static snas_status add_variant(snas_text *text, const snas_variant *variant)
{
    const char *genotype;
    snas_text_add(text, "\n    {\"name\": ");
    snas_text_add_json(text, variant->name);
    snas_text_add(text, ", \"kind\": \"%s\", \"trains\": %s,\n     \"config\": %s",
                  snas_variant_kind_names[variant->kind], variant->trains ? "true" : "false", variant->config.text);
    if (variant->kind != SNAS_VARIANT_SEARCH) {
        SNAS_TRY(snas_genotype_write(text->mem, &variant->genotype, SNAS_GENOTYPE_JSON, &genotype));
        snas_text_add(text, ",\n     \"genotype\": %s", genotype);
    }
    snas_text_add(text, "}");
    return SNAS_OK;
}

snas_status snas_study_write(snas_arena *mem, const snas_study *study, const char **out)
{
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "{\n  \"rule\": \"%s\",\n  \"seeds\": [", snas_rule_names[study->rule]);
    for (int i = 0; i < study->seed_count; i++) {
        snas_text_next(&text, ", ");
        add_seed(&text, study->seeds[i]);
    }
    snas_text_add(&text, "],\n  \"variants\": [");
    for (int i = 0; i < study->variant_count; i++) {
        snas_text_next(&text, ",");
        SNAS_TRY(add_variant(&text, &study->variants[i]));
    }
    snas_text_add(&text, "]\n}\n");
    *out = text.data;
    return snas_text_done(&text);
}

/* --- what has changed --------------------------------------------------------------------------------------------- */

/* The first leaf in which two values differ: its path from them, and both as they are, NULL where it is missing. */
typedef struct {
    const char *path;
    const snas_json *before, *now;
} difference;

static bool is_leaf_same(const snas_json *a, const snas_json *b)
{
    if (a == NULL || b == NULL || a->kind != b->kind) {
        return false;
    }
    return a->kind == SNAS_JSON_STRING ? strcmp(a->string, b->string) == 0
                                       : !(a->number < b->number) && !(a->number > b->number);
}

static bool is_tree(const snas_json *value)
{
    return value != NULL && (value->kind == SNAS_JSON_OBJECT || value->kind == SNAS_JSON_ARRAY);
}

/* False when there is none. Where a cell comes from is no part of it. */
static bool find_difference(snas_arena *mem, const char *path, const snas_json *before, const snas_json *now,
                            difference *out)
{
    if (!is_tree(before) || !is_tree(now) || before->kind != now->kind || before->count != now->count) {
        *out = (difference){path, before, now};
        return is_tree(before) || is_tree(now) || !is_leaf_same(before, now);
    }
    const snas_json *other = now->first;
    for (const snas_json *m = before->first; m != NULL; m = m->next, other = other->next) {
        const bool named = m->key != NULL;
        const char *key = !named ? path : path[0] == 0 ? m->key : snas_format(mem, "%s.%s", path, m->key);
        if (named && strcmp(m->key, "origin") == 0) {
            continue;
        }
        if (find_difference(mem, key == NULL ? path : key, m, named ? snas_json_find(now, m->key) : other, out)) {
            return true;
        }
    }
    return false;
}

/* A leaf for a sentence. */
static const char *shown(snas_arena *mem, const snas_json *value)
{
    snas_text text = snas_text_make(mem);
    char safe[VALUE_BYTES];
    if (value == NULL) {
        return "nothing";
    }
    if (value->kind == SNAS_JSON_STRING) {
        snas_text_add(&text, "'%s'", snas_printable(safe, sizeof safe, value->string));
    } else if (value->kind == SNAS_JSON_NUMBER) {
        snas_text_add_real(&text, value->number);
    } else if (value->kind == SNAS_JSON_BOOL) {
        snas_text_add(&text, "%s", value->number != 0 ? "true" : "false");
    } else {
        snas_text_add(&text, "%s", snas_json_kind_name(value->kind));
    }
    return text.failed ? "" : text.data;
}

static snas_status parse(snas_arena *mem, const char *text, const snas_json **out)
{
    return snas_json_parse(mem, "study", (snas_bytes){text, strlen(text)}, out);
}

/* --- going on ----------------------------------------------------------------------------------------------------- */

static const char WAY_ON[] = "put it back, or name another folder by --out";

/* What is compared: the study as it is, and the text of the earlier one. */
typedef struct {
    snas_arena *mem;
    const snas_study *study;
    const char *name;
} going_on;

static snas_status check_tree(const going_on *g, const char *variant, const snas_json *before, const char *now)
{
    const snas_json *tree;
    difference found;
    SNAS_TRY(parse(g->mem, now, &tree));
    if (!find_difference(g->mem, "", before, tree, &found)) {
        return SNAS_OK;
    }
    return snas_fail(SNAS_E_USAGE, "the study '%s' has changed: '%s' has %s%s%s where the runs in '%s' have %s; %s",
                     g->study->path, variant, shown(g->mem, found.now), found.path[0] == 0 ? "" : " for ", found.path,
                     g->name, shown(g->mem, found.before), WAY_ON);
}

/* Keys that a later version of the program has added count as their defaults. */
static snas_status check_config(const going_on *g, const snas_variant *variant, const snas_json *before)
{
    const snas_config_layer layer = {.object = before, .source = g->name};
    snas_config config;
    const snas_json *tree;
    SNAS_TRY(snas_config_load_layers(g->mem, &layer, 1, &config));
    SNAS_TRY(parse(g->mem, config.text, &tree));
    return check_tree(g, variant->name, tree, variant->config.text);
}

static const snas_variant *find_variant(const snas_study *study, const snas_json *name)
{
    for (int i = 0; name != NULL && name->kind == SNAS_JSON_STRING && i < study->variant_count; i++) {
        if (strcmp(study->variants[i].name, name->string) == 0) {
            return &study->variants[i];
        }
    }
    return NULL;
}

static snas_status gone(const going_on *g, const char *what, const char *name)
{
    return snas_fail(SNAS_E_USAGE, "the study '%s' has changed: %s '%s', of which '%s' has runs, is gone; %s",
                     g->study->path, what, name, g->name, WAY_ON);
}

static snas_status check_variant(const going_on *g, const snas_json *before)
{
    const snas_json *name = snas_json_find(before, "name"), *kind = snas_json_find(before, "kind");
    const snas_json *config = snas_json_find(before, "config"), *genotype = snas_json_find(before, "genotype");
    const snas_json *trains = snas_json_find(before, "trains");
    const snas_variant *variant = find_variant(g->study, name);
    if (name == NULL || name->kind != SNAS_JSON_STRING || kind == NULL || config == NULL || trains == NULL) {
        return snas_fail(SNAS_E_IO, "'%s' does not hold a study: a variant lacks its name, kind or config", g->name);
    }
    if (variant == NULL) {
        return gone(g, "the variant", name->string);
    }
    if (kind->kind != SNAS_JSON_STRING || strcmp(kind->string, snas_variant_kind_names[variant->kind]) != 0) {
        return snas_fail(SNAS_E_USAGE, "the study '%s' has changed: '%s' is of another kind than in '%s'; %s",
                         g->study->path, variant->name, g->name, WAY_ON);
    }
    if (trains->number != 0 && !variant->trains) {
        return snas_fail(SNAS_E_USAGE,
                         "the study '%s' has changed: 'train' is false, the runs in '%s' were trained; %s",
                         g->study->path, g->name, WAY_ON);
    }
    SNAS_TRY(check_config(g, variant, config));
    if (genotype == NULL || variant->kind == SNAS_VARIANT_SEARCH) {
        return SNAS_OK;
    }
    const char *now;
    SNAS_TRY(snas_genotype_write(g->mem, &variant->genotype, SNAS_GENOTYPE_JSON, &now));
    return check_tree(g, variant->name, genotype, now);
}

static snas_status check_seed(const going_on *g, const snas_json *before)
{
    char digits[32];
    const char *wanted = before->kind == SNAS_JSON_STRING ? before->string : digits;
    snprintf(digits, sizeof digits, "%.0f", before->number);
    for (int i = 0; i < g->study->seed_count; i++) {
        char seed[32];
        snprintf(seed, sizeof seed, "%llu", (unsigned long long)g->study->seeds[i]);
        if (strcmp(seed, wanted) == 0) {
            return SNAS_OK;
        }
    }
    return gone(g, "the seed", wanted);
}

static snas_status check_rule(const going_on *g, const snas_json *before)
{
    const char *now = snas_rule_names[g->study->rule];
    if (before == NULL || before->kind != SNAS_JSON_STRING) {
        return snas_fail(SNAS_E_IO, "'%s' does not hold a study: it has no rule", g->name);
    }
    return strcmp(before->string, now) == 0
               ? SNAS_OK
               : snas_fail(SNAS_E_USAGE, "the study '%s' has changed: the rule is '%s', that of '%s' is '%s'; %s",
                           g->study->path, now, g->name, before->string, WAY_ON);
}

snas_status snas_study_continues(snas_arena *mem, const snas_study *study, const char *name, snas_bytes text)
{
    const going_on g = {mem, study, name};
    const snas_json *root;
    SNAS_TRY(snas_saved_fault(snas_json_parse(mem, name, text, &root)));
    SNAS_TRY(check_rule(&g, snas_json_find(root, "rule")));
    const snas_json *seeds = snas_json_find(root, "seeds"), *variants = snas_json_find(root, "variants");
    for (const snas_json *s = seeds == NULL ? NULL : seeds->first; s != NULL; s = s->next) {
        SNAS_TRY(check_seed(&g, s));
    }
    for (const snas_json *v = variants == NULL ? NULL : variants->first; v != NULL; v = v->next) {
        SNAS_TRY(check_variant(&g, v));
    }
    return SNAS_OK;
}
