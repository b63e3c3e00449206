/* study_reopen.c -- a study read back from its folder: plan.json, which holds all that decides its runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snas/base/lock.h"
#include "snas/base/text.h"
#include "snas/format/json.h"
#include "snas/loop/checkpoint.h"
#include "study_steps.h"

/* What is read, and from which file. */
typedef struct {
    snas_arena *mem;
    const char *path; /* of plan.json */
    snas_study *study;
} plan_reader;

static const char *plan_path(snas_arena *mem, const char *folder)
{
    return snas_format(mem, "%s/plan.json", folder);
}

static snas_status broken(const plan_reader *r, const char *what)
{
    return snas_fail(SNAS_E_IO, "'%s' does not hold a study: %s", r->path, what);
}

/* The index of a text in a list of names, -1 when it is not there. */
static int index_of(const snas_json *value, const char *const *names, int count)
{
    for (int i = 0; value != NULL && value->kind == SNAS_JSON_STRING && i < count; i++) {
        if (strcmp(value->string, names[i]) == 0) {
            return i;
        }
    }
    return -1;
}

static snas_status read_seeds(const plan_reader *r, const snas_json *list)
{
    uint64_t *seeds;
    if (list == NULL || list->kind != SNAS_JSON_ARRAY || list->count == 0) {
        return broken(r, "it has no seeds");
    }
    SNAS_NEW(r->mem, seeds, list->count);
    r->study->seeds = seeds;
    for (const snas_json *item = list->first; item != NULL; item = item->next) {
        *seeds++ = item->kind == SNAS_JSON_STRING ? strtoull(item->string, NULL, 10) : (uint64_t)item->number;
    }
    r->study->seed_count = list->count;
    return SNAS_OK;
}

static snas_status read_genotype(const plan_reader *r, snas_variant *out)
{
    const char *path = snas_format(r->mem, "%s/inputs/%s.genotype", r->study->path, out->name);
    SNAS_TRY(snas_taken(path));
    return snas_genotype_load(r->mem, path, &out->genotype);
}

static snas_status read_variant(const plan_reader *r, const snas_json *item, snas_variant *out)
{
    const snas_json *name = snas_json_find(item, "name"), *trains = snas_json_find(item, "trains");
    const snas_json *config = snas_json_find(item, "config");
    const int kind = index_of(snas_json_find(item, "kind"), snas_variant_kind_names, SNAS_VARIANT_KINDS);
    if (name == NULL || name->kind != SNAS_JSON_STRING || trains == NULL || kind < 0 || config == NULL ||
        config->kind != SNAS_JSON_OBJECT) {
        return broken(r, "a variant lacks its name, kind or config");
    }
    *out = (snas_variant){.name = name->string, .kind = (snas_variant_kind)kind, .trains = trains->number > 0};
    const snas_config_layer layer = {.object = config, .source = r->path};
    SNAS_TRY(snas_config_load_layers(r->mem, &layer, 1, &out->config));
    return out->kind == SNAS_VARIANT_SEARCH ? SNAS_OK : read_genotype(r, out);
}

static snas_status read_plan(const plan_reader *r, const snas_json *root)
{
    const snas_json *list = snas_json_find(root, "variants");
    const int rule = index_of(snas_json_find(root, "rule"), snas_rule_names, SNAS_RULE_COUNT);
    if (rule < 0 || list == NULL || list->kind != SNAS_JSON_ARRAY) {
        return broken(r, "it has no rule or no variants");
    }
    r->study->rule = (snas_rule)rule;
    SNAS_TRY(read_seeds(r, snas_json_find(root, "seeds")));
    SNAS_NEW(r->mem, r->study->variants, list->count + 1);
    for (const snas_json *item = list->first; item != NULL; item = item->next) {
        SNAS_TRY(read_variant(r, item, &r->study->variants[r->study->variant_count]));
        r->study->variant_count++;
    }
    return SNAS_OK;
}

snas_status snas_study_reopen(snas_arena *mem, const char *path, snas_study *study, snas_study_folder *out)
{
    const snas_json *root;
    *study = (snas_study){.path = path, .name = snas_path_name(mem, path)};
    *out = (snas_study_folder){.path = path, .lock = -1};
    const plan_reader r = {mem, plan_path(mem, path), study};
    SNAS_TRY(snas_taken(study->name));
    SNAS_TRY(snas_taken(r.path));
    SNAS_TRY(snas_saved_fault(snas_json_load(mem, r.path, &root)));
    return snas_saved_fault(read_plan(&r, root));
}

bool snas_study_is_in(const char *path)
{
    char plan[PATH_MAX];
    return (size_t)snprintf(plan, sizeof plan, "%s/plan.json", path) < sizeof plan && snas_file_is(plan);
}

bool snas_study_is_worked_on(const char *path)
{
    char name[PATH_MAX];
    return (size_t)snprintf(name, sizeof name, "%s/study.lock", path) >= sizeof name || snas_lock_is_held(name);
}

snas_status snas_study_run_folders(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run,
                                   const char **search, const char **train)
{
    const struct {
        study_step step;
        const char **to;
    } steps[] = {{STUDY_SEARCH, search}, {STUDY_TRAIN, train}};
    for (int i = 0; i < 2; i++) {
        *steps[i].to = NULL;
        if (study_has_step(run->variant, steps[i].step)) {
            *steps[i].to = study_run_path(mem, folder, run, steps[i].step);
            SNAS_TRY(snas_taken(*steps[i].to));
        }
    }
    return SNAS_OK;
}
