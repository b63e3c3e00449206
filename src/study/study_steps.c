/* study_steps.c -- a run of a study as steps: search, derive, train; what each is told, and whether it is done.
 *
 * A step is done by what stands in the folder alone, so that a study that was killed anywhere goes on: a run folder
 * says it in STATUS, and what `derive` prints goes to a hidden file that takes its place when the process has ended
 * well.
 */
#include "study_steps.h"

#include <string.h>

#include "snas/base/file.h"
#include "snas/base/process.h"
#include "snas/base/text.h"
#include "snas/loop/run_folder.h"
#include "snas/loop/run_read.h"

enum { WORDS_MAX = 16 };
static const size_t figures_most = (size_t)1 << 28;

bool study_has_step(const snas_variant *variant, study_step step)
{
    return step == STUDY_TRAIN ? variant->trains : variant->kind == SNAS_VARIANT_SEARCH;
}

/* --- paths -------------------------------------------------------------------------------------------------------- */

const char *study_config_path(snas_arena *mem, const snas_study_folder *folder, const snas_variant *variant)
{
    return snas_format(mem, "%s/inputs/%s.json", folder->path, variant->name);
}

const char *study_run_path(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run, study_step step)
{
    const bool second = step == STUDY_TRAIN && run->variant->kind == SNAS_VARIANT_SEARCH;
    return snas_format(mem, "%s/%s%s", folder->path, run->name, second ? "-train" : "");
}

const char *study_derived_path(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run)
{
    return snas_format(mem, "%s/derived/%s.json", folder->path, run->name);
}

/* Where the process writes it first. */
static const char *unfinished_path(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run)
{
    return snas_format(mem, "%s/derived/.%s.tmp", folder->path, run->name);
}

const char *study_log_path(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run)
{
    return snas_format(mem, "%s/logs/%s.log", folder->path, run->name);
}

static const char *genotype_path(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run)
{
    return run->variant->kind == SNAS_VARIANT_SEARCH
               ? snas_format(mem, "%s/derived/%s.genotype", folder->path, run->name)
               : snas_format(mem, "%s/inputs/%s.genotype", folder->path, run->variant->name);
}

/* --- how far it is ------------------------------------------------------------------------------------------------ */

bool study_is_step_done(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run, study_step step)
{
    const snas_mark mark = snas_arena_mark(mem);
    bool done;
    if (step == STUDY_DERIVE) {
        const char *path = study_derived_path(mem, folder, run);
        done = path != NULL && snas_file_is(path);
    } else {
        const char *path = study_run_path(mem, folder, run, step);
        done = path != NULL && snas_run_is_done(mem, path);
    }
    snas_arena_release(mem, mark);
    return done;
}

study_step study_next_step(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run)
{
    for (int step = 0; step < STUDY_STEPS; step++) {
        if (study_has_step(run->variant, (study_step)step) && !study_is_step_done(mem, folder, run, (study_step)step)) {
            return (study_step)step;
        }
    }
    return STUDY_STEPS;
}

int study_step_epochs(const snas_study_run *run, study_step step)
{
    const snas_config *config = &run->variant->config;
    return step == STUDY_DERIVE ? 0 : step == STUDY_SEARCH ? config->search.epochs : config->train.epochs;
}

int study_step_epochs_done(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run, study_step step)
{
    const snas_mark mark = snas_arena_mark(mem);
    snas_bytes rows;
    int count = 0;
    const char *path = study_run_path(mem, folder, run, step);
    path = path == NULL ? NULL : snas_format(mem, "%s/metrics.jsonl", path);
    if (path != NULL && snas_file_is(path) && snas_file_read(mem, path, figures_most, &rows) == SNAS_OK) {
        for (const char *at = rows.data; (at = strchr(at, '\n')) != NULL; at++) {
            count++;
        }
    }
    snas_arena_release(mem, mark);
    return count;
}

/* --- what a process is told --------------------------------------------------------------------------------------- */

typedef struct {
    const char *at[WORDS_MAX];
    int count;
} words;

static void add(words *to, const char *one, const char *other)
{
    to->at[to->count++] = one;
    if (other != NULL) {
        to->at[to->count++] = other;
    }
}

/* A new run in the folder, or one that goes on. */
static snas_status add_loop(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run,
                            study_step step, words *to)
{
    const char *path = study_run_path(mem, folder, run, step), *config = study_config_path(mem, folder, run->variant);
    const char *seed = snas_format(mem, "seed=%llu", (unsigned long long)run->seed);
    SNAS_TRY(snas_taken(path));
    SNAS_TRY(snas_taken(config));
    SNAS_TRY(snas_taken(seed));
    add(to, step == STUDY_SEARCH ? "search" : "train", NULL);
    if (!snas_run_folder_takes(path)) {
        add(to, "--resume", path);
        return SNAS_OK;
    }
    add(to, config, NULL);
    add(to, "--set", seed);
    add(to, "--out", path);
    if (step == STUDY_TRAIN) {
        const char *genotype = genotype_path(mem, folder, run);
        SNAS_TRY(snas_taken(genotype));
        add(to, "--genotype", genotype);
    }
    return SNAS_OK;
}

static snas_status add_derive(snas_arena *mem, const snas_study *study, const snas_study_folder *folder,
                              const snas_study_run *run, words *to)
{
    const char *path = study_run_path(mem, folder, run, STUDY_SEARCH), *genotype = genotype_path(mem, folder, run);
    SNAS_TRY(snas_taken(path));
    SNAS_TRY(snas_taken(genotype));
    add(to, "derive", path);
    add(to, "--rule", snas_rule_names[study->rule]);
    add(to, "--evaluate", "--json");
    add(to, "--out", genotype);
    return SNAS_OK;
}

snas_status study_start_step(snas_arena *mem, const snas_study *study, const snas_study_folder *folder,
                             const study_task *task, long *pid)
{
    words to = {.at = {"snas"}, .count = 1};
    pid_t started;
    const snas_study_run *run = task->run;
    const char *log = study_log_path(mem, folder, run), *count = snas_format(mem, "%d", task->threads);
    const char *output = task->step == STUDY_DERIVE ? unfinished_path(mem, folder, run) : "/dev/null";
    SNAS_TRY(snas_taken(log));
    SNAS_TRY(snas_taken(count));
    SNAS_TRY(snas_taken(output));
    SNAS_TRY(task->step == STUDY_DERIVE ? add_derive(mem, study, folder, run, &to)
                                        : add_loop(mem, folder, run, task->step, &to));
    add(&to, "--threads", count);
    add(&to, "--quiet", NULL);
    const snas_process_request request = {
        .program = SNAS_PROCESS_SELF, .arguments = to.at, .output = output, .log = log, .kept = folder->lock};
    SNAS_TRY(snas_process_start(&request, &started));
    *pid = (long)started;
    return SNAS_OK;
}

snas_status study_end_step(snas_arena *mem, const snas_study_folder *folder, const snas_study_run *run, study_step step)
{
    const char *from = unfinished_path(mem, folder, run), *to = study_derived_path(mem, folder, run);
    if (step != STUDY_DERIVE) {
        return SNAS_OK;
    }
    SNAS_TRY(snas_taken(from));
    SNAS_TRY(snas_taken(to));
    return snas_file_settle(mem, from, to, SNAS_JSON_BYTES_MAX);
}
