/* study_folder.c -- the folder of a study: taken or refused, locked, and filled with what its runs begin with. */
#include "snas/base/file.h"
#include "snas/base/lock.h"
#include "snas/base/text.h"
#include "study_steps.h"

static const size_t plan_most = (size_t)1 << 20;

/* --- the lock ----------------------------------------------------------------------------------------------------- */

static snas_status lock(snas_arena *mem, snas_study_folder *folder)
{
    const char *path = snas_format(mem, "%s/study.lock", folder->path);
    SNAS_TRY(snas_taken(path));
    SNAS_TRY(snas_lock_open(path, &folder->lock));
    return folder->lock >= 0 ? SNAS_OK
                             : snas_fail(SNAS_E_FAILED,
                                         "another process is working on the study '%s', or a run of it is still being "
                                         "saved",
                                         folder->path);
}

void snas_study_close(snas_study_folder *folder)
{
    if (folder->lock >= 0) {
        (void)snas_files.close(folder->lock);
        folder->lock = -1;
    }
}

/* --- what stands there -------------------------------------------------------------------------------------------- */

/* What a start leaves that ended before plan.json stood. */
static const char *const OF_A_START[] = {"study.lock", "inputs", "derived", "logs", NULL};

static snas_status check_vacant(snas_arena *mem, const char *path)
{
    const char *plan = snas_format(mem, "%s/plan.json", path);
    SNAS_TRY(snas_taken(plan));
    const char *kind = snas_file_kind(path);
    if (kind != NULL && !snas_folder_is(path)) {
        return snas_fail(SNAS_E_USAGE, "'%s' is %s, where a folder for the study is wanted", path, kind);
    }
    if (snas_file_is(plan)) {
        return snas_fail(SNAS_E_USAGE,
                         "the folder '%s' already holds a study; go on with it by --resume, or name "
                         "another one by --out",
                         path);
    }
    return snas_folder_has_only(path, OF_A_START)
               ? SNAS_OK
               : snas_fail(SNAS_E_USAGE, "the folder '%s' is not empty; a study wants a new or an empty one", path);
}

static snas_status check_old(snas_arena *mem, const snas_study *study, const char *path)
{
    snas_bytes text;
    const char *plan = snas_format(mem, "%s/plan.json", path);
    SNAS_TRY(snas_taken(plan));
    if (!snas_file_is(plan)) {
        return snas_fail(SNAS_E_IO, "there is no study in '%s' to go on with: it has no plan.json", path);
    }
    SNAS_TRY(snas_file_read(mem, plan, plan_most, &text));
    return snas_study_continues(mem, study, plan, text);
}

/* --- filling it --------------------------------------------------------------------------------------------------- */

static snas_status write_input(snas_arena *mem, const snas_study_folder *folder, const snas_variant *variant)
{
    const char *genotype, *config_path = study_config_path(mem, folder, variant);
    SNAS_TRY(snas_taken(config_path));
    SNAS_TRY(snas_file_replace_text(config_path, variant->config.text));
    if (variant->kind == SNAS_VARIANT_SEARCH) {
        return SNAS_OK;
    }
    const char *path = snas_format(mem, "%s/inputs/%s.genotype", folder->path, variant->name);
    SNAS_TRY(snas_taken(path));
    SNAS_TRY(snas_genotype_write(mem, &variant->genotype, SNAS_GENOTYPE_JSON, &genotype));
    return snas_file_replace_text(path, genotype);
}

static snas_status fill(snas_arena *mem, const snas_study *study, const snas_study_folder *folder)
{
    static const char *const parts[] = {"inputs", "derived", "logs"};
    const char *plan, *plan_path = snas_format(mem, "%s/plan.json", folder->path);
    SNAS_TRY(snas_taken(plan_path));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char *path = snas_format(mem, "%s/%s", folder->path, parts[i]);
        SNAS_TRY(snas_taken(path));
        SNAS_TRY(snas_folder_make(path));
    }
    for (int i = 0; i < study->variant_count; i++) {
        SNAS_TRY(write_input(mem, folder, &study->variants[i]));
    }
    SNAS_TRY(snas_study_write(mem, study, &plan));
    return snas_file_replace_text(plan_path, plan);
}

static snas_status take(snas_arena *mem, const snas_study *study, bool resume, snas_study_folder *folder)
{
    SNAS_TRY(lock(mem, folder));
    SNAS_TRY(resume ? check_old(mem, study, folder->path) : check_vacant(mem, folder->path));
    return fill(mem, study, folder);
}

snas_status snas_study_open(snas_arena *mem, const snas_study *study, const char *path, bool resume,
                            snas_study_folder *out)
{
    *out = (snas_study_folder){.path = path, .lock = -1};
    SNAS_TRY(resume ? check_old(mem, study, path) : check_vacant(mem, path));
    SNAS_TRY(snas_folder_make(path));
    const snas_status status = take(mem, study, resume, out);
    if (status != SNAS_OK) {
        snas_study_close(out);
    }
    return status;
}
