/* design_folder.c -- the folder of a design: taken or refused, locked, and given its plan.
 *
 * A start writes design.lock first, plan.json last: a folder with plan.json is a design.
 */
#include <math.h>

#include "design_parts.h"
#include "snas/base/file.h"
#include "snas/base/lock.h"
#include "snas/base/text.h"
#include "snas/base/version.h"
#include "snas/loop/checkpoint.h"

#include <unistd.h>

/* What a start leaves that ended before plan.json stood. */
static const char *const OF_A_START[] = {"design.lock", "start.json", NULL};

static snas_status lock(snas_arena *mem, snas_design *design)
{
    const char *path;
    SNAS_TRY(design_path(mem, design, "design.lock", &path));
    SNAS_TRY(snas_lock_open(path, &design->lock));
    return design->lock >= 0 ? SNAS_OK
                             : snas_fail(SNAS_E_FAILED,
                                         "another process is working on the design '%s', or a stage of it is still "
                                         "being saved",
                                         design->path);
}

void snas_design_close(snas_design *design)
{
    if (design->lock >= 0) {
        (void)snas_files.close(design->lock);
        design->lock = -1;
    }
}

snas_status snas_design_vacant(snas_arena *mem, const char *path)
{
    const char *plan = snas_format(mem, "%s/plan.json", path), *kind = snas_file_kind(path);
    SNAS_TRY(snas_taken(plan));
    if (kind != NULL && !snas_folder_is(path)) {
        return snas_fail(SNAS_E_USAGE, "'%s' is %s, where a folder for the design is wanted", path, kind);
    }
    if (snas_file_is(plan)) {
        return snas_fail(SNAS_E_USAGE,
                         "the folder '%s' already holds a design; go on with it by 'snas design --resume %s', or name "
                         "another one by --out",
                         path, path);
    }
    return snas_folder_has_only(path, OF_A_START)
               ? SNAS_OK
               : snas_fail(SNAS_E_USAGE, "the folder '%s' is not empty; a design wants a new or an empty one", path);
}

/* --- the plan ----------------------------------------------------------------------------------------------------- */

/* A number above 0, null for 0. */
static void add_member(snas_text *text, const char *key, double value)
{
    snas_text_add(text, ",\n  \"%s\": ", key);
    snas_text_add_real(text, value > 0.0 ? value : (double)NAN);
}

static snas_status write_plan(snas_arena *mem, const snas_design *design)
{
    const char *start, *plan;
    snas_text text = snas_text_make(mem);
    SNAS_TRY(design_path(mem, design, "start.json", &start));
    SNAS_TRY(design_path(mem, design, "plan.json", &plan));
    snas_text_add(&text, "{\n  \"snas\": \"%s\"", SNAS_VERSION);
    add_member(&text, "hours", design->hours);
    add_member(&text, "latency_ms", design->latency_ms);
    add_member(&text, "channels", design->channels);
    add_member(&text, "cells", design->cells);
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        add_member(&text, snas_derive_limit_names[i], (double)design->limit[i]);
    }
    snas_text_add(&text, "\n}\n");
    SNAS_TRY(snas_text_done(&text));
    SNAS_TRY(snas_file_replace_text(start, design->config.text));
    return snas_file_replace_text(plan, text.data);
}

static snas_status fill(snas_arena *mem, snas_design *design)
{
    SNAS_TRY(lock(mem, design));
    SNAS_TRY(snas_design_vacant(mem, design->path));
    return write_plan(mem, design);
}

/* Let go of the lock when what was done under it failed. */
static snas_status keep(snas_design *design, snas_status status)
{
    if (status != SNAS_OK) {
        snas_design_close(design);
    }
    return status;
}

snas_status snas_design_open(snas_arena *mem, snas_design *design)
{
    SNAS_TRY(snas_design_vacant(mem, design->path));
    SNAS_TRY(snas_folder_make(design->path));
    return keep(design, fill(mem, design));
}

/* --- going on ----------------------------------------------------------------------------------------------------- */

/* A number of the plan, 0 for null. */
static double member(const snas_json *plan, const char *key)
{
    const snas_json *found = snas_json_find(plan, key);
    return found != NULL && found->kind == SNAS_JSON_NUMBER ? found->number : 0.0;
}

static snas_status read_plan(snas_arena *mem, const char *plan, snas_design *out)
{
    const char *start;
    const snas_json *root;
    SNAS_TRY(design_path(mem, out, "start.json", &start));
    SNAS_TRY(snas_saved_fault(snas_json_load(mem, plan, &root)));
    SNAS_TRY(snas_saved_fault(snas_config_load(mem, start, NULL, 0, &out->config)));
    out->hours = member(root, "hours");
    out->latency_ms = member(root, "latency_ms");
    out->channels = (int)member(root, "channels");
    out->cells = (int)member(root, "cells");
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        out->limit[i] = (int64_t)member(root, snas_derive_limit_names[i]);
    }
    return SNAS_OK;
}

snas_status snas_design_reopen(snas_arena *mem, const char *path, snas_design *out)
{
    const char *plan;
    *out = (snas_design){.path = path, .lock = -1};
    SNAS_TRY(design_path(mem, out, "plan.json", &plan));
    if (!snas_file_is(plan)) {
        return snas_fail(SNAS_E_IO, "there is no design in '%s' to go on with: it has no plan.json", path);
    }
    SNAS_TRY(lock(mem, out));
    return keep(out, read_plan(mem, plan, out));
}
