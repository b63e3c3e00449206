/* cmd_compare.c -- `snas compare`: the runs of a study, and what they say beside each other. */
#include <inttypes.h>
#include <math.h>

#include "frame.h"
#include "progress.h"
#include "signals.h"
#include "snas/base/clock.h"
#include "snas/base/text.h"
#include "snas/judge/estimate.h"
#include "snas/study/results.h"

typedef struct {
    const char *study, *out;
    int jobs, threads;
    bool resume, dry_run, json;
} values;

static const cli_option OPTIONS[] = {
    ARG("STUDY", values, study, "JSON file: a config, what varies in it, seeds"),
    TEXT("out", "DIR", values, out, "folder of the study and its runs; else runs/<study>"),
    NUMBER("jobs", "N", 1, 256, values, jobs, "runs at a time, else one; they share the threads"),
    NUMBER("threads", "N", 1, 1024, values, threads, "of all runs together, else one a processor; same results"),
    FLAG("resume", 0, values, resume, "go on with the study in DIR; it may have new variants and seeds"),
    FLAG("dry-run", 'n', values, dry_run, "list the runs and the memory that they need, and stop"),
    FLAG("json", 0, values, json, "the results as JSON"),
    OPTIONS_END,
};

static const cli_signal_lines LINES = {
    .early = "snas: stopped; no run has begun",
    .stopping = "stopping the runs after their step, and saving\nCtrl-C again leaves at once",
    .leaving = "snas: left at once\nthe runs go on from their last checkpoints",
};

/* --- before the first run ----------------------------------------------------------------------------------------- */

typedef struct {
    cli_session *session;
    double started;
} drawing;

static void tell_drawing(void *context, int found, int count, int tries)
{
    const drawing *d = context;
    (void)tries;
    cli_progress_count(d->session, "random cells", found, count, snas_clock_seconds() - d->started);
}

/* What the steps of a run need; 0 bytes: it has no such step, or its cell is not known yet. */
typedef struct {
    int64_t search_bytes, train_bytes;
} needs;

static int64_t bytes_of(const snas_estimate *e)
{
    return (int64_t)(e->parameter_bytes + e->activation_bytes + e->data_bytes);
}

static snas_status estimate(const snas_variant *variant, const snas_run_options *options, needs *out)
{
    snas_estimate found;
    *out = (needs){0};
    if (variant->kind == SNAS_VARIANT_SEARCH) {
        SNAS_TRY(snas_search_estimate(&variant->config, options, &found));
        out->search_bytes = bytes_of(&found);
    } else if (variant->trains) {
        SNAS_TRY(snas_train_estimate(&variant->config, &variant->genotype, options, &found));
        out->train_bytes = bytes_of(&found);
    }
    return SNAS_OK;
}

/* Every variant's memory; a network that cannot be built is a fault that names the variant. */
static snas_status estimate_all(cli_session *session, const values *v, const snas_study *study, needs **out)
{
    const int jobs = v->jobs > 0 ? v->jobs : 1;
    snas_run_options options = cli_run_options(session, NULL, v->threads);
    options.team.threads = options.team.threads > jobs ? options.team.threads / jobs : 1;
    SNAS_NEW(session->mem, *out, study->variant_count + 1);
    for (int i = 0; i < study->variant_count; i++) {
        const snas_status status = estimate(&study->variants[i], &options, &(*out)[i]);
        if (status != SNAS_OK) {
            return snas_fail(status, "'%s': %s", study->variants[i].name, snas_error());
        }
    }
    return SNAS_OK;
}

/* --- a dry run ---------------------------------------------------------------------------------------------------- */

static const char *memory(snas_arena *mem, int64_t bytes)
{
    const char *text = bytes == 0 ? "?" : snas_format(mem, "%.1f MiB", (double)bytes / (1024.0 * 1024.0));
    return text == NULL ? "" : text;
}

static void add_planned(snas_text *text, const snas_study_run *run, const needs *n)
{
    const snas_config *config = &run->variant->config;
    const char *gap = "  ";
    snas_text_add(text, "%s", run->name);
    if (run->variant->kind == SNAS_VARIANT_SEARCH) {
        snas_text_add(text, "%ssearch: %d epochs, %s", gap, config->search.epochs, memory(text->mem, n->search_bytes));
        gap = "; ";
    }
    if (run->variant->trains) {
        snas_text_add(text, "%strain: %d epochs, %s", gap, config->train.epochs, memory(text->mem, n->train_bytes));
    }
    snas_text_add(text, "\n");
}

static void add_planned_json(snas_text *text, const snas_study_run *run, const needs *n)
{
    snas_text_next(text, ", ");
    snas_text_add(text, "{\"name\": ");
    snas_text_add_json(text, run->name);
    if (run->variant->kind == SNAS_VARIANT_SEARCH) {
        snas_text_add(text, ", \"search_epochs\": %d, \"search_bytes\": %" PRId64, run->variant->config.search.epochs,
                      n->search_bytes);
    }
    if (run->variant->trains) {
        snas_text_add(text, ", \"train_epochs\": %d", run->variant->config.train.epochs);
        if (n->train_bytes > 0) {
            snas_text_add(text, ", \"train_bytes\": %" PRId64, n->train_bytes);
        }
    }
    snas_text_add(text, "}");
}

/* The most that so many runs at a time can need. */
static int64_t most_bytes(const snas_study *study, const needs *all, int jobs)
{
    int64_t most = 0;
    for (int i = 0; i < study->variant_count; i++) {
        most = all[i].search_bytes > most ? all[i].search_bytes : most;
        most = all[i].train_bytes > most ? all[i].train_bytes : most;
    }
    return most * jobs;
}

static bool trains_derived(const snas_study *study)
{
    bool found = false;
    for (int i = 0; i < study->variant_count; i++) {
        found |= study->variants[i].kind == SNAS_VARIANT_SEARCH && study->variants[i].trains;
    }
    return found;
}

static snas_status print_plan(cli_session *session, const values *v, const snas_study *study, const needs *all)
{
    snas_study_run *runs;
    int count;
    const int jobs = v->jobs > 0 ? v->jobs : 1;
    snas_text text = snas_text_make(session->mem);
    SNAS_TRY(snas_study_runs(session->mem, study, &runs, &count));
    const int64_t most = most_bytes(study, all, jobs < count ? jobs : count);
    snas_text_add(&text, "%s", v->json ? "{\"runs\": [" : "");
    for (int i = 0; i < count; i++) {
        const needs *n = &all[runs[i].variant - study->variants];
        if (v->json) {
            add_planned_json(&text, &runs[i], n);
        } else {
            add_planned(&text, &runs[i], n);
        }
    }
    if (v->json) {
        snas_text_add(&text, "], \"memory_bytes\": %" PRId64 "}\n", most);
    } else {
        snas_text_add(&text, "%d runs, %d at a time: up to %s%s\n", count, jobs, memory(session->mem, most),
                      trains_derived(study) ? ", without the training of derived cells" : "");
    }
    return cli_print_text(session, &text);
}

/* --- the runs ----------------------------------------------------------------------------------------------------- */

/* "12 s", "3.4 min", "2.1 h"; "?" for what is not known. */
static const char *duration(snas_arena *mem, double seconds)
{
    const char *text = isnan(seconds)   ? "?"
                       : seconds < 90   ? snas_format(mem, "%.0f s", seconds)
                       : seconds < 5400 ? snas_format(mem, "%.1f min", seconds / 60)
                                        : snas_format(mem, "%.1f h", seconds / 3600);
    return text == NULL ? "" : text;
}

static void tell_end(void *context, const snas_study_event *e)
{
    cli_session *session = context;
    const int ended = e->done + e->failed;
    if (e->fault != NULL) {
        snas_log(SNAS_LOG_WARNING, "%s failed: %s", e->run, e->fault);
    }
    cli_say(session, "%d of %d: %s %s after %s; %d left%s%s", ended, e->all, e->run,
            e->fault == NULL ? "is done" : "failed", duration(session->mem, e->seconds), e->all - ended,
            ended < e->all ? ", about " : "", ended < e->all ? duration(session->mem, e->left) : "");
}

static void tell_progress(void *context, const snas_study_event *e)
{
    cli_progress_left(context, e->run, e->done + e->failed, e->all, e->left);
}

/* How to call it again. */
static const char *again(cli_session *session, const values *v, const char *folder)
{
    const char *text = snas_format(session->mem, "snas compare %s --out %s --resume",
                                   snas_shell_word(session->mem, v->study), snas_shell_word(session->mem, folder));
    return text == NULL ? "" : text;
}

static snas_status print_results(cli_session *session, const values *v, const snas_study *study,
                                 const snas_study_folder *folder)
{
    snas_results results;
    const char *text;
    SNAS_TRY(snas_results_gather(session->mem, study, folder, &results));
    SNAS_TRY(snas_results_save(session->mem, &results, folder->path));
    SNAS_TRY(v->json ? snas_results_json(session->mem, &results, &text)
                     : snas_results_markdown(session->mem, &results, &text));
    cli_print(session, "%s", text);
    return SNAS_OK;
}

static snas_status run_all(cli_session *session, const values *v, const snas_study *study,
                           const snas_study_folder *folder)
{
    const snas_study_options options = {.jobs = v->jobs > 0 ? v->jobs : 1,
                                        .threads = snas_team_make(v->threads).threads,
                                        .stop = cli_signal_stop(),
                                        .listens = cli_signal_listens(),
                                        .ended = tell_end,
                                        .progress = tell_progress,
                                        .context = session};
    snas_study_outcome outcome;
    const snas_status status = snas_study_execute(session->mem, study, folder, &options, &outcome);
    if (status == SNAS_E_INTERRUPTED) {
        return snas_fail(status, "%s\nto go on: %s", snas_error(), again(session, v, folder->path));
    }
    SNAS_TRY(status);
    SNAS_TRY(print_results(session, v, study, folder));
    cli_say(session, "study.md, study.csv and study.json are in %s", folder->path);
    return outcome.failed == 0
               ? SNAS_OK
               : snas_fail(SNAS_E_FAILED, "%d of %d runs failed: %s; to try them again: %s", outcome.failed,
                           outcome.all, outcome.failures, again(session, v, folder->path));
}

static snas_status run_study(cli_session *session, const values *v, snas_study *study)
{
    snas_study_folder folder;
    const char *path = v->out != NULL ? v->out : snas_format(session->mem, "runs/%s", study->name);
    SNAS_TRY(snas_taken(path));
    SNAS_TRY(snas_study_open(session->mem, study, path, v->resume, &folder));
    const snas_status status = run_all(session, v, study, &folder);
    snas_study_close(&folder);
    return status;
}

static snas_status compare(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    snas_study study;
    needs *all = NULL;
    if (v->study == NULL) {
        return snas_fail(SNAS_E_USAGE, "no STUDY given\nsee 'snas help compare'");
    }
    SNAS_TRY(snas_study_read(session->mem, v->study, &study));
    if (!v->dry_run) {
        cli_signals_install(session, LINES);
    }
    drawing d = {session, snas_clock_seconds()};
    SNAS_TRY(snas_study_draw(session->mem, &study, tell_drawing, &d));
    if (v->dry_run || !v->resume) {
        SNAS_TRY(estimate_all(session, v, &study, &all));
    }
    return v->dry_run ? print_plan(session, v, &study, all) : run_study(session, v, &study);
}

const cli_command cli_compare = {
    .name = "compare",
    .brief = "run variants with several seeds, and compare them",
    .examples = "  snas compare configs/study-quick.json\n"
                "  snas compare study.json --out runs/study --jobs 2\n"
                "  snas compare study.json --out runs/study --resume\n"
                "  snas compare study.json --dry-run\n",
    .more =
        "A study varies keys of a config, or trains cells that it names beside random ones of their size;\n"
        "docs/compare.md has its keys. Every run is what snas search, derive and train do, in a folder of its own.\n"
        "\n"
        "Ctrl-C and SIGTERM save all runs; --resume goes on, and runs that are done are not run again. A run that\n"
        "fails is named, the others go on, and the exit code is 1. The tables go to stdout and to DIR/study.md,\n"
        "study.csv and study.json.\n",
    .less_memory = "less memory is needed with fewer --jobs and fewer --threads",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = compare,
};
