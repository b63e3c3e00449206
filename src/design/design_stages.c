/* design_stages.c -- the stages of a design: what each makes, and the command that makes it.
 *
 *      size     config.json      chosen here, with tables of `snas latency` where a time is a budget
 *      search   search/          snas search
 *      derive   genotype.json    snas derive: the likeliest cell within the budgets and limits
 *      train    train/           snas train
 *      test     test.json        snas eval, of the last weights: none are chosen by their test accuracy
 *
 * A stage is done when what it makes stands there, of a run when its STATUS says so.
 */
#include "design_parts.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/loop/run_folder.h"
#include "snas/loop/run_read.h"

/* Of the hours. The search has 0.4 of them: it decides between eight candidates, the accuracy of the network grows with
 * every epoch of its training. */
static const double SEARCH_SHARE = 0.4;

typedef struct {
    const char *name;
    const char *command; /* of this program; NULL: no process */
    const char *made;    /* in the design's folder */
    bool is_run;         /* a run folder */
    /* Add the words after the command's name; `anew`: the run has not begun. */
    snas_status (*add)(snas_arena *mem, const snas_design *design, bool anew, snas_design_command *to);
} stage;

void design_add(snas_design_command *command, const char *one, const char *other)
{
    command->words[command->count++] = one;
    if (other != NULL) {
        command->words[command->count++] = other;
    }
}

snas_status design_path(snas_arena *mem, const snas_design *design, const char *name, const char **out)
{
    *out = snas_format(mem, "%s/%s", design->path, name);
    return snas_taken(*out);
}

/* --- what each is told -------------------------------------------------------------------------------------------- */

/* A run that begins in the folder `name`, or goes on there. */
static snas_status add_run(snas_arena *mem, const snas_design *design, bool anew, const char *name,
                           snas_design_command *to)
{
    const char *config, *run;
    SNAS_TRY(design_path(mem, design, "config.json", &config));
    SNAS_TRY(design_path(mem, design, name, &run));
    if (anew) {
        design_add(to, config, NULL);
        design_add(to, "--out", run);
    } else {
        design_add(to, "--resume", run);
    }
    return SNAS_OK;
}

static snas_status add_hours(snas_arena *mem, const snas_design *design, bool anew, double share,
                             snas_design_command *to)
{
    if (design->hours <= 0.0 || !anew) {
        return SNAS_OK;
    }
    const char *hours = snas_format(mem, "%.4g", share * design->hours);
    SNAS_TRY(snas_taken(hours));
    design_add(to, "--hours", hours);
    return SNAS_OK;
}

static snas_status add_search(snas_arena *mem, const snas_design *design, bool anew, snas_design_command *to)
{
    SNAS_TRY(add_run(mem, design, anew, "search", to));
    return add_hours(mem, design, anew, SEARCH_SHARE, to);
}

static snas_status add_derive(snas_arena *mem, const snas_design *design, bool anew, snas_design_command *to)
{
    const char *run, *genotype;
    (void)anew;
    SNAS_TRY(design_path(mem, design, "search", &run));
    SNAS_TRY(design_path(mem, design, "genotype.json", &genotype));
    design_add(to, run, NULL);
    design_add(to, "--out", genotype);
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        if (design->limit[i] > 0) {
            const char *limit = snas_format(mem, "%s=%lld", snas_derive_limit_names[i], (long long)design->limit[i]);
            SNAS_TRY(snas_taken(limit));
            design_add(to, "--limit", limit);
        }
    }
    return SNAS_OK;
}

static snas_status add_train(snas_arena *mem, const snas_design *design, bool anew, snas_design_command *to)
{
    const char *genotype;
    SNAS_TRY(add_run(mem, design, anew, "train", to));
    if (anew) {
        SNAS_TRY(design_path(mem, design, "genotype.json", &genotype));
        design_add(to, "--genotype", genotype);
    }
    return add_hours(mem, design, anew, 1.0 - SEARCH_SHARE, to);
}

static snas_status add_eval(snas_arena *mem, const snas_design *design, bool anew, snas_design_command *to)
{
    const char *run;
    (void)anew;
    SNAS_TRY(design_path(mem, design, "train", &run));
    SNAS_TRY(design_path(mem, design, "test.json", &to->output));
    design_add(to, run, "--last");
    design_add(to, "--json", design->config.train.average_decay > 0.0 ? "--average" : NULL);
    return SNAS_OK;
}

static const stage STAGES[] = {
    {"size", NULL, "config.json", false, NULL},
    {"search", "search", "search", true, add_search},
    {"derive", "derive", "genotype.json", false, add_derive},
    {"train", "train", "train", true, add_train},
    {"test", "eval", "test.json", false, add_eval},
};
enum { STAGE_COUNT = sizeof STAGES / sizeof STAGES[0] };

static snas_status command_of(snas_arena *mem, const snas_design *design, const stage *s, bool anew,
                              snas_design_command *out)
{
    *out = (snas_design_command){.stage = s->name, .words = {"snas", s->command}, .count = 2};
    return s->add(mem, design, anew, out);
}

snas_status design_measure_command(snas_arena *mem, const snas_design *design, int channels, int cells,
                                   snas_design_command *out, const char **table)
{
    const char *config, *name = snas_format(mem, "latency-C%d-L%d.json", channels, cells);
    const char *C = snas_format(mem, "train.channels=%d", channels), *L = snas_format(mem, "train.cells=%d", cells);
    SNAS_TRY(snas_taken(name));
    SNAS_TRY(snas_taken(C));
    SNAS_TRY(snas_taken(L));
    SNAS_TRY(design_path(mem, design, "start.json", &config));
    SNAS_TRY(design_path(mem, design, name, table));
    *out = (snas_design_command){.stage = STAGES[0].name, .words = {"snas", "latency"}, .count = 2};
    design_add(out, config, NULL);
    design_add(out, "--set", C);
    design_add(out, "--set", L);
    design_add(out, "--out", *table);
    return SNAS_OK;
}

snas_status snas_design_commands(snas_arena *mem, const snas_design *design, const snas_design_size *size,
                                 snas_design_command out[SNAS_DESIGN_COMMANDS_MAX], int *count)
{
    const char *table;
    *count = 0;
    if (design->latency_ms > 0.0) {
        SNAS_TRY(design_measure_command(mem, design, size->channels, size->cells, &out[(*count)++], &table));
    }
    for (int i = 0; i < STAGE_COUNT; i++) {
        if (STAGES[i].command != NULL) {
            SNAS_TRY(command_of(mem, design, &STAGES[i], true, &out[(*count)++]));
        }
    }
    return SNAS_OK;
}

const char *snas_design_line(snas_arena *mem, const snas_design_command *command)
{
    snas_text text = snas_text_make(mem);
    for (int i = 0; i < command->count; i++) {
        snas_text_add(&text, "%s%s", i == 0 ? "" : " ", snas_shell_word(mem, command->words[i]));
    }
    if (command->output != NULL) {
        snas_text_add(&text, " >%s", snas_shell_word(mem, command->output));
    }
    return text.failed ? NULL : text.data;
}

/* --- doing them --------------------------------------------------------------------------------------------------- */

/* The config with the size, and with the budget of time and its table where those were measured. */
static snas_status write_config(const design_work *work, const snas_design_size *size)
{
    snas_arena *mem = work->mem;
    const snas_design *design = work->design;
    const char *start, *path, *sets[4];
    int count = 0;
    snas_config config;
    SNAS_TRY(design_path(mem, design, "start.json", &start));
    SNAS_TRY(design_path(mem, design, "config.json", &path));
    sets[count++] = snas_format(mem, "train.channels=%d", size->channels);
    sets[count++] = snas_format(mem, "train.cells=%d", size->cells);
    if (design->latency_ms > 0.0) {
        sets[count++] = snas_format(mem, "search.budget.latency_ms=%.17g", design->latency_ms);
        sets[count++] = snas_format(mem, "search.resource.table=%s", size->table);
    }
    for (int i = 0; i < count; i++) {
        SNAS_TRY(snas_taken(sets[i]));
    }
    SNAS_TRY(snas_config_load(mem, start, sets, count, &config));
    return snas_file_replace_text(path, config.text);
}

static snas_status choose_size(const design_work *work)
{
    snas_design_size size;
    SNAS_TRY(design_choose(work, &size));
    SNAS_TRY(write_config(work, &size));
    if (work->options->chosen != NULL) {
        work->options->chosen(work->options->context, &size);
    }
    return SNAS_OK;
}

static snas_status do_stage(const design_work *work, const stage *s)
{
    const char *made, *threads = snas_format(work->mem, "%d", work->options->threads);
    snas_design_command command;
    SNAS_TRY(snas_taken(threads));
    SNAS_TRY(design_path(work->mem, work->design, s->made, &made));
    if (s->is_run ? snas_run_is_done(work->mem, made) : snas_file_is(made)) {
        if (work->options->done != NULL) {
            work->options->done(work->options->context, s->name, made);
        }
        return SNAS_OK;
    }
    if (design_is_stopped(work)) {
        return snas_fail(SNAS_E_INTERRUPTED, "stopped before the stage '%s'", s->name);
    }
    if (s->command == NULL) {
        return choose_size(work);
    }
    SNAS_TRY(command_of(work->mem, work->design, s, snas_run_folder_takes(made), &command));
    if (work->options->threads > 0) {
        design_add(&command, "--threads", threads);
    }
    return design_execute(work, &command);
}

snas_status snas_design_run(snas_arena *mem, const snas_design *design, const snas_design_options *options,
                            snas_design_outcome *outcome)
{
    const design_work work = {.mem = mem, .design = design, .options = options, .outcome = outcome};
    *outcome = (snas_design_outcome){0};
    if (options->listens != NULL) {
        *options->listens = 1;
    }
    for (int i = 0; i < STAGE_COUNT; i++) {
        SNAS_TRY(do_stage(&work, &STAGES[i]));
    }
    return SNAS_OK;
}
