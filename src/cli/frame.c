/* frame.c -- the frame around a loop: config, folder, signals before it; where to go on after it. */
#include "frame.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "signals.h"
#include "snas/base/clock.h"
#include "snas/base/text.h"
#include "snas/comm/comm.h"
#include "snas/loop/run_folder.h"

static const cli_signal_lines LINES = {
    .early = "snas: stopped before the first step; there is nothing to save",
    .stopping = "stopping after this step, and saving\nCtrl-C again leaves without saving",
    .leaving = "snas: left without saving\nthe run goes on from its last checkpoint",
};

const char *const cli_loop_forms[] = {"CONFIG", "--resume RUN", NULL};

snas_run_options cli_run_options(cli_session *session, const char *folder, int threads)
{
    const char *kernels = getenv("SNAS_KERNELS");
    return (snas_run_options){.folder = folder,
                              .team = snas_team_make(threads),
                              .kernels = kernels != NULL && kernels[0] != 0 ? kernels : NULL,
                              .stop = cli_signal_stop(),
                              .save = cli_signal_save(),
                              .listens = cli_signal_listens(),
                              .progress = cli_progress,
                              .context = session};
}

void cli_tell_threads(cli_session *session, const snas_config *config, const snas_run_options *options)
{
    const int threads = options->team.threads, most = SNAS_SHARDS_MAX;
    if (threads > config->shards) {
        cli_say(session, "%d threads for the %d shards of a batch: more threads than shards do not help%s", threads,
                config->shards, config->shards < most ? "; 'shards' of a new run may be up to 64" : "");
    }
}

/* Path of a run folder's config. */
static snas_status find_config(snas_arena *mem, const char *folder, const char **out)
{
    const char *path = snas_format(mem, "%s/config.json", folder);
    SNAS_TRY(snas_taken(path));
    if (!snas_folder_is(folder)) {
        return snas_fail(SNAS_E_IO, "no run folder '%s'", folder);
    }
    if (!snas_file_is(path)) {
        return snas_fail(SNAS_E_IO, "'%s' is not a run folder: it has no config.json", folder);
    }
    *out = path;
    return SNAS_OK;
}

snas_status cli_run_settings(snas_arena *mem, const char *folder, snas_config *config)
{
    const char *path;
    SNAS_TRY(find_config(mem, folder, &path));
    return snas_config_load(mem, path, NULL, 0, config);
}

snas_status cli_default_folder(snas_arena *mem, const char *from, const char **out)
{
    char clock[32];
    snas_clock_text(clock, sizeof clock); /* 2026-01-31T23:59:59Z */
    const char *base = snas_path_name(mem, from);
    SNAS_TRY(snas_taken(base));
    const int length = (int)strlen(base) - (snas_ends(base, ".json") ? 5 : 0);
    const char *first = snas_format(mem, "runs/%.*s-%.4s%.2s%.2s-%.2s%.2s%.2s", length, base, clock, clock + 5,
                                    clock + 8, clock + 11, clock + 14, clock + 17);
    *out = first;
    for (int n = 2; *out != NULL && !snas_run_folder_takes(*out) && n < 1000; n++) {
        *out = snas_format(mem, "%s-%d", first, n);
    }
    return snas_taken(*out);
}

static snas_status open_new(cli_session *session, const char *command, const cli_loop *loop, snas_config *config,
                            const char **folder)
{
    if (loop->config == NULL) {
        return snas_fail(SNAS_E_USAGE, "no CONFIG given, and no --resume RUN\nsee 'snas help %s'", command);
    }
    SNAS_TRY(snas_config_load(session->mem, loop->config, loop->sets.items, loop->sets.count, config));
    *folder = loop->out;
    if (loop->out == NULL) {
        return cli_default_folder(session->mem, loop->config, folder);
    }
    return loop->dry_run ? SNAS_OK : snas_run_folder_vacant(session->mem, loop->out);
}

static snas_status open_old(cli_session *session, const char *command, const cli_loop *loop, snas_config *config)
{
    const struct {
        bool given;
        const char *name;
    } others[] = {{loop->config != NULL, "CONFIG"},
                  {loop->out != NULL, "--out"},
                  {loop->dry_run, "--dry-run"},
                  {loop->hours != NULL, "--hours"}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (others[i].given) {
            return snas_fail(SNAS_E_USAGE, "--resume goes by the run's own config, found %s beside it", others[i].name);
        }
    }
    const char *path;
    SNAS_TRY(snas_run_folder_complete(command, loop->resume));
    SNAS_TRY(find_config(session->mem, loop->resume, &path));
    return snas_config_resume(session->mem, path, loop->sets.items, loop->sets.count, config);
}

/* What several processes cannot do, or not with this config. */
static snas_status check_ranks(const char *command, const cli_loop *loop, const snas_config *config)
{
    const bool searches = strcmp(command, "search") == 0;
    if (snas_comm_ranks() > 1 && loop->hours != NULL) {
        return snas_fail(SNAS_E_USAGE,
                         "--hours measures one process, found %d: let 'snas %s --hours' with --dry-run say "
                         "what fits",
                         snas_comm_ranks(), command);
    }
    return searches ? snas_comm_fits("search.batch", config->search.batch)
                    : snas_comm_fits("train.batch", config->train.batch);
}

static snas_status open_any(cli_session *session, const char *command, const cli_loop *loop, snas_config *config,
                            const char **folder)
{
    *folder = loop->resume;
    SNAS_TRY(loop->resume != NULL ? open_old(session, command, loop, config)
                                  : open_new(session, command, loop, config, folder));
    return check_ranks(command, loop, config);
}

/* Rank 0's folder is everybody's: its name may tell the time. */
static snas_status share_folder(snas_arena *mem, const char **folder)
{
    char name[PATH_MAX] = "";
    if (snas_comm_ranks() == 1) {
        return SNAS_OK;
    }
    snprintf(name, sizeof name, "%s", *folder);
    snas_comm_spread(name, sizeof name);
    *folder = snas_format(mem, "%s", name);
    return snas_taken(*folder);
}

snas_status cli_loop_open(cli_session *session, const char *command, const cli_loop *loop, snas_config *config,
                          snas_run_options *options)
{
    const char *folder;
    SNAS_TRY(snas_comm_agree(open_any(session, command, loop, config, &folder)));
    SNAS_TRY(share_folder(session->mem, &folder));
    *options = cli_run_options(session, folder, loop->threads);
    options->stop_after_steps = loop->stop_after;
    session->losses = loop->losses;
    options->epoch = loop->json ? cli_epoch_json : cli_epoch_line;
    cli_tell_threads(session, config, options);
    if (!loop->dry_run) {
        cli_signals_install(session, LINES);
    }
    return SNAS_OK;
}

void cli_say_next(cli_session *session, const char *command, const char *folder)
{
    const char *next = strcmp(command, "search") == 0 ? "derive" : "eval";
    if (session->as_stage) {
        return;
    }
    cli_say(session, "next: snas %s %s", next, snas_shell_word(session->mem, folder));
}

snas_status cli_loop_close(cli_session *session, const char *command, const cli_loop *loop,
                           const snas_run_options *options, snas_status status)
{
    if (status == SNAS_E_INTERRUPTED && session->as_stage) {
        return snas_fail(status, "stopped, the state is saved");
    }
    if (status == SNAS_E_INTERRUPTED) {
        return snas_fail(status, "stopped, the state is saved\nto go on: snas %s --resume %s", command,
                         snas_shell_word(session->mem, options->folder));
    }
    SNAS_TRY(status);
    if (loop->json) {
        snas_text text = snas_text_make(session->mem);
        snas_text_add_json(&text, options->folder);
        SNAS_TRY(snas_text_done(&text));
        cli_print(session, "{\"run\": %s}\n", text.data);
    } else {
        cli_print(session, "%s\n", options->folder);
    }
    return SNAS_OK;
}

/* "579.3 MiB", or a whole number in groups of three digits. */
static const char *shown(cli_session *session, int64_t value, bool memory)
{
    const char *text = memory ? snas_format(session->mem, "%.1f MiB", (double)value / (1024.0 * 1024.0))
                              : cli_grouped(session->mem, value);
    return text == NULL ? "" : text;
}

snas_status cli_loop_estimate(cli_session *session, const cli_loop *loop, const snas_estimate *e, snas_text *text)
{
    const size_t memory = e->parameter_bytes + e->activation_bytes + e->data_bytes;
    const struct {
        const char *key, *label, *unit;
        int64_t value;
        bool memory;
    } rows[] = {
        {"parameters", "parameters", "", e->parameters, false},
        {"multiply_adds", "multiply-adds", " a picture", e->macs, false},
        {"memory_bytes", "memory", "", (int64_t)memory, true},
        {"parameter_bytes", "  of parameters", "", (int64_t)e->parameter_bytes, true},
        {"activation_bytes", "  of activations", "", (int64_t)e->activation_bytes, true},
        {"data_bytes", "  of pictures", "", (int64_t)e->data_bytes, true},
        {"train_images", "training pictures", "", e->train_images, false},
        {"logit_images", "logits' pictures", "", e->logit_images, false},
        {"validation_images", "validation", "", e->validation_images, false},
        {"test_images", "test", "", e->test_images, false},
        {"steps_per_epoch", "steps an epoch", "", e->steps_per_epoch, false},
        {"steps", "steps", "", e->steps, false},
    };
    snas_text_add(text, "%s", loop->json ? "{" : "");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].key, "logit_images") == 0 && e->logit_images == 0) {
            continue; /* of some searches only */
        }
        if (loop->json) {
            snas_text_next(text, ", ");
            snas_text_add(text, "\"%s\": %" PRId64, rows[i].key, rows[i].value);
        } else {
            snas_text_add(text, "%-18s %14s%s\n", rows[i].label, shown(session, rows[i].value, rows[i].memory),
                          rows[i].unit);
        }
    }
    return snas_text_done(text);
}
