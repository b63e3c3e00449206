/* cmd_watch.c -- `snas watch`: the epochs of a run that another process works on, as they end, until it ends.
 *
 * All that is shown is read from the run's folder, and nothing is written there. How far an epoch has come is told by
 * the clock: a folder knows of epochs only.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "frame.h"
#include "progress.h"
#include "signals.h"
#include "snas/base/text.h"
#include "snas/loop/run_folder.h"
#include "snas/loop/run_follow.h"
#include "snas/loop/run_read.h"

enum { PAST = 5, POLL_NANOSECONDS = 250000000 };

static const cli_signal_lines LINES = {
    .early = "stopped watching; the run is as it was",
    .stopping = "",
    .leaving = "",
};

typedef struct {
    const char *run;
    int past;
    bool json;
} values;

static const cli_option OPTIONS[] = {
    ARG("RUN", values, run, "run folder of `snas search` or `snas train`"),
    NUMBER("past", "N", 1, 1000000, values, past, "finished epochs to show first; else 5"),
    FLAG("json", 0, values, json, "the figures of every epoch as JSON on stdout, a line each"),
    OPTIONS_END,
};

/* What has been seen of the run. */
typedef struct {
    cli_session *session;
    const values *v;
    snas_arena *mem;        /* of the last reading */
    snas_run_record record; /* in it */
    snas_run_look look;
    bool is_read;
    int shown; /* epochs */
} watching;

static int epochs_of(const snas_run_record *record)
{
    const snas_config *config = &record->config;
    return strcmp(record->command, "search") == 0 ? config->search.epochs : config->train.epochs;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void show_rows(watching *w)
{
    const snas_run_record *record = &w->record;
    const int past = w->v->past == 0 ? PAST : w->v->past;
    if (!w->is_read) {
        w->shown = record->row_count > past ? record->row_count - past : 0;
        cli_say(w->session, "%s: %d of %d epochs done", record->command, record->row_count, epochs_of(record));
    }
    if (w->shown > record->row_count) {
        cli_say(w->session, "the run went back to the end of epoch %d", record->row_count);
        w->shown = record->row_count;
    }
    for (; w->shown < record->row_count; w->shown++) {
        (w->v->json ? cli_epoch_json : cli_epoch_line)(w->session, &record->rows[w->shown]);
    }
}

static snas_status read_run(watching *w)
{
    snas_arena_destroy(w->mem);
    w->mem = NULL;
    SNAS_TRY(snas_arena_create("the figures of the run", 0, &w->mem));
    SNAS_TRY(snas_run_read(w->mem, w->v->run, &w->record));
    show_rows(w);
    w->is_read = true;
    return SNAS_OK;
}

/* --- the line of progress ----------------------------------------------------------------------------------------- */

static void draw(const watching *w)
{
    const snas_run_record *record = &w->record;
    if (!w->is_read) {
        return;
    }
    const int epochs = epochs_of(record);
    const double mean = record->row_count > 0 ? record->usage.seconds / record->row_count : (double)NAN;
    if (record->row_count < epochs) {
        const cli_epoch_progress at = {.phase = record->command,
                                       .epoch = record->row_count,
                                       .epochs = epochs,
                                       .seconds = snas_run_epoch_seconds(w->v->run),
                                       .mean = mean};
        cli_progress_epoch(w->session, &at);
    }
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

/* What is left of a run that is not done, when no process works on it. */
static const struct {
    const char *status, *what;
} ENDS[] = {
    {"interrupted", "was stopped"},
    {"failed", "failed (its log.txt says why)"},
    {"running", "was killed, or its machine went down,"},
};

/* What has become of a run that no process works on. */
static snas_status say_end(const watching *w)
{
    const snas_run_record *record = &w->record;
    const char *word = snas_shell_word(w->session->mem, w->v->run), *status = record->status;
    if (strcmp(status, "done") == 0) {
        cli_say(w->session, "the run is done, after %d of %d epochs", record->row_count, epochs_of(record));
        cli_say_next(w->session, record->command, w->v->run);
        return SNAS_OK;
    }
    for (size_t i = 0; i < sizeof ENDS / sizeof ENDS[0]; i++) {
        if (strcmp(status, ENDS[i].status) == 0) {
            return snas_fail(SNAS_E_FAILED, "the run %s after %d of %d epochs\nto go on: snas %s --resume %s",
                             ENDS[i].what, record->row_count, epochs_of(record), record->command, word);
        }
    }
    return snas_fail(SNAS_E_IO, "'%s/STATUS' says '%s', which no run has written", w->v->run, status);
}

/* Whether a process works on the run is asked before the folder is read: when there is none, what is read is final. */
static snas_status follow(watching *w)
{
    const struct timespec pause = {.tv_nsec = POLL_NANOSECONDS};
    for (;;) {
        const bool goes_on = snas_run_goes_on(w->v->run);
        const bool begins = goes_on && snas_run_folder_takes(w->v->run); /* it is being made */
        if (!begins && (snas_run_has_changed(w->v->run, &w->look) || !goes_on)) {
            SNAS_TRY(read_run(w));
        }
        if (!goes_on) {
            return say_end(w);
        }
        if (w->session->print_fault != 0) {
            return SNAS_OK; /* nobody reads any more: the end of the command says so */
        }
        draw(w);
        (void)nanosleep(&pause, NULL);
    }
}

static snas_status watch(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    if (v->run == NULL) {
        return snas_fail(SNAS_E_USAGE, "no RUN given\nsee 'snas help watch'");
    }
    if (!snas_folder_is(v->run)) {
        return snas_fail(SNAS_E_IO, "no run folder '%s'", v->run);
    }
    cli_signals_install(session, LINES);
    watching w = {.session = session, .v = v};
    const snas_status status = follow(&w);
    snas_arena_destroy(w.mem);
    return status;
}

const cli_command cli_watch = {
    .name = "watch",
    .brief = "show how a run of another process goes",
    .examples = "  snas watch runs/first\n"
                "  snas watch runs/first --past 100\n"
                "  snas watch runs/first --json | tee figures.jsonl\n"
                "  snas watch runs/first -q && snas derive runs/first\n",
    .more = "Shows the epochs as they end, and how long the present one has taken. Ends when the run does, with 0\n"
            "when the run is done and with 1 when it was stopped, killed or failed. The folder is only read: Ctrl-C\n"
            "ends the watching, not the run.\n",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = watch,
};
